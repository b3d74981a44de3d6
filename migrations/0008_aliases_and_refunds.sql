CREATE TABLE "member_aliases" (
	"alias" text NOT NULL,
	"source" text NOT NULL,
	"import_id" bigint,
	"added_by" text NOT NULL,
	"added_at" timestamp with time zone NOT NULL,
	"member_id" bigint NOT NULL,
	CONSTRAINT "member_aliases_pkey" PRIMARY KEY("alias","source")
);
--> statement-breakpoint
CREATE TABLE "merchant_aliases" (
	"alias" text NOT NULL,
	"source" text NOT NULL,
	"import_id" bigint,
	"added_by" text NOT NULL,
	"added_at" timestamp with time zone NOT NULL,
	"merchant_id" bigint NOT NULL,
	CONSTRAINT "merchant_aliases_pkey" PRIMARY KEY("alias","source")
);
--> statement-breakpoint
CREATE TABLE "order_refunds" (
	"member_id" bigint NOT NULL,
	"order_id" bigint NOT NULL,
	"refund_no" text NOT NULL,
	"refunded_fen" bigint NOT NULL,
	"import_id" bigint NOT NULL,
	CONSTRAINT "order_refunds_pkey" PRIMARY KEY("member_id","order_id","refund_no"),
	CONSTRAINT "order_refunds_refunded_fen" CHECK ("order_refunds"."refunded_fen" between 0 and 10000000000)
);
--> statement-breakpoint
ALTER TABLE "imports" DROP CONSTRAINT "imports_kind";--> statement-breakpoint
ALTER TABLE "merchant_aliases" ADD CONSTRAINT "merchant_aliases_merchant_id_merchants_merchant_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("merchant_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "member_aliases_member_id" ON "member_aliases" USING btree ("member_id");--> statement-breakpoint
ALTER TABLE "imports" ADD CONSTRAINT "imports_kind" CHECK ("imports"."kind" in ('members', 'merchants', 'products', 'orders', 'withdrawals', 'member_aliases', 'merchant_aliases'));