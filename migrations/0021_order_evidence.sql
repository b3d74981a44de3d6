CREATE TABLE "order_evidence" (
	"payment_no" text NOT NULL,
	"channel" text NOT NULL,
	"order_no" text NOT NULL,
	"source" text NOT NULL,
	"amount_fen" bigint NOT NULL,
	"paid_at" timestamp with time zone NOT NULL,
	"import_id" bigint NOT NULL,
	"line" integer NOT NULL,
	CONSTRAINT "order_evidence_pkey" PRIMARY KEY("payment_no","channel"),
	CONSTRAINT "order_evidence_amount_fen" CHECK ("order_evidence"."amount_fen" between 0 and 10000000000)
);
--> statement-breakpoint
CREATE TABLE "unevidenced_orders" (
	"member_id" bigint NOT NULL,
	"order_id" bigint NOT NULL,
	"import_id" bigint NOT NULL,
	"merchant_id" bigint NOT NULL,
	"net_fen" bigint NOT NULL,
	"business_date" date NOT NULL,
	"is_first" boolean NOT NULL,
	CONSTRAINT "unevidenced_orders_pkey" PRIMARY KEY("member_id","order_id","import_id")
);
--> statement-breakpoint
ALTER TABLE "imports" DROP CONSTRAINT "imports_kind";--> statement-breakpoint
ALTER TABLE "grant_runs" ADD COLUMN "unevidenced_orders" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "grant_evidence" text DEFAULT 'none' NOT NULL;--> statement-breakpoint
CREATE INDEX "order_evidence_order" ON "order_evidence" USING btree ("order_no","source");--> statement-breakpoint
CREATE INDEX "order_evidence_import_id" ON "order_evidence" USING brin ("import_id");--> statement-breakpoint
ALTER TABLE "imports" ADD CONSTRAINT "imports_kind" CHECK ("imports"."kind" in ('members', 'merchants', 'products', 'orders', 'withdrawals', 'payout_results', 'member_aliases', 'merchant_aliases', 'accounts', 'statements', 'order_evidence'));--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_grant_evidence" CHECK ("policies"."grant_evidence" in ('none', 'required'));