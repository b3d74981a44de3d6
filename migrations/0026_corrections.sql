CREATE TABLE "corrections" (
	"proposal_no" text PRIMARY KEY NOT NULL,
	"import_id" bigint,
	"applied_by" text NOT NULL,
	"applied_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "order_voids" (
	"order_no" text NOT NULL,
	"source" text NOT NULL,
	"order_id" bigint NOT NULL,
	"member_id" bigint NOT NULL,
	"proposal_no" text NOT NULL,
	"status" text NOT NULL,
	"new_order_id" bigint,
	"new_member_id" bigint,
	CONSTRAINT "order_voids_pkey" PRIMARY KEY("order_no","source","order_id"),
	CONSTRAINT "order_voids_status" CHECK ("order_voids"."status" in ('pending', 'paid', 'closed')),
	CONSTRAINT "order_voids_new" CHECK (("order_voids"."new_order_id" is null) = ("order_voids"."new_member_id" is null))
);
--> statement-breakpoint
CREATE TABLE "order_updates" (
	"member_id" bigint NOT NULL,
	"order_id" bigint NOT NULL,
	"import_id" bigint NOT NULL,
	"refunded_fen" bigint NOT NULL,
	"paid_at" timestamp with time zone,
	"business_date" date,
	"status" text NOT NULL,
	"skus" text[],
	CONSTRAINT "order_updates_pkey" PRIMARY KEY("member_id","order_id","import_id"),
	CONSTRAINT "order_updates_status" CHECK ("order_updates"."status" in ('pending', 'paid', 'closed'))
);
--> statement-breakpoint
ALTER TABLE "orders" DROP CONSTRAINT "orders_status";--> statement-breakpoint
ALTER TABLE "proposals" DROP CONSTRAINT "proposals_subject_kind";--> statement-breakpoint
ALTER TABLE "corrections" ADD CONSTRAINT "corrections_proposal_no_proposals_proposal_no_fk" FOREIGN KEY ("proposal_no") REFERENCES "public"."proposals"("proposal_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "corrections_import_id" ON "corrections" USING btree ("import_id") WHERE "corrections"."import_id" is not null;--> statement-breakpoint
CREATE INDEX "order_updates_import_id" ON "order_updates" USING brin ("import_id");--> statement-breakpoint
CREATE INDEX "order_keys_import_id" ON "order_keys" USING brin ("import_id");--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_status" CHECK ("status" in ('pending', 'paid', 'closed', 'void'));--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_subject_kind" CHECK ("proposals"."subject_kind" in ('policy', 'merchant_rate', 'settle_reopen', 'points_adjustment', 'opening_balances', 'order_void', 'order_correction'));