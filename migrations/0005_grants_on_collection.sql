CREATE TABLE "uncollected_orders" (
	"member_id" bigint NOT NULL,
	"order_id" bigint NOT NULL,
	"import_id" bigint NOT NULL,
	"merchant_id" bigint NOT NULL,
	"net_fen" bigint NOT NULL,
	"business_date" date NOT NULL,
	"booked_on" date NOT NULL,
	CONSTRAINT "uncollected_orders_pkey" PRIMARY KEY("member_id","order_id")
);
--> statement-breakpoint
ALTER TABLE "settlement_steps" DROP CONSTRAINT "settlement_steps_step";--> statement-breakpoint
ALTER TABLE "settlement_steps" DROP CONSTRAINT "settlement_steps_business_date";--> statement-breakpoint
ALTER TABLE "grant_runs" ADD COLUMN "waiting_orders" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "payment_term_days" integer DEFAULT 15 NOT NULL;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "billing" text DEFAULT 'by_hand' NOT NULL;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "grant_on" text DEFAULT 'paid_order' NOT NULL;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "min_cash_coverage_bps" integer;--> statement-breakpoint
CREATE INDEX "uncollected_orders_merchant_id" ON "uncollected_orders" USING btree ("merchant_id","booked_on");--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_payment_term_days" CHECK ("policies"."payment_term_days" between 0 and 365);--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_billing" CHECK ("policies"."billing" in ('by_hand', 'monthly'));--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_grant_on" CHECK ("policies"."grant_on" in ('paid_order', 'collection'));--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_min_cash_coverage_bps" CHECK ("policies"."min_cash_coverage_bps" between 1 and 10000);--> statement-breakpoint
ALTER TABLE "settlement_steps" ADD CONSTRAINT "settlement_steps_step" CHECK ("settlement_steps"."step" in ('import', 'grant', 'expire', 'verify', 'close', 'bill'));--> statement-breakpoint
ALTER TABLE "settlement_steps" ADD CONSTRAINT "settlement_steps_business_date" CHECK (("settlement_steps"."step" in ('import', 'bill')) = ("settlement_steps"."business_date" is null));