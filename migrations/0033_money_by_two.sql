CREATE TABLE "coverage_exceptions" (
	"proposal_no" text PRIMARY KEY NOT NULL,
	"business_date" date NOT NULL,
	"max_payouts_fen" bigint NOT NULL,
	"applied_by" text NOT NULL,
	"applied_at" timestamp with time zone NOT NULL,
	CONSTRAINT "coverage_exceptions_max_payouts_fen" CHECK ("coverage_exceptions"."max_payouts_fen" > 0)
);
--> statement-breakpoint
CREATE TABLE "merchant_adjustments" (
	"proposal_no" text PRIMARY KEY NOT NULL,
	"merchant_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"bill_no" text,
	"amount_fen" bigint NOT NULL,
	"business_date" date NOT NULL,
	"applied_by" text NOT NULL,
	"applied_at" timestamp with time zone NOT NULL,
	CONSTRAINT "merchant_adjustments_kind" CHECK ("merchant_adjustments"."kind" in ('write_off', 'correction')),
	CONSTRAINT "merchant_adjustments_bill_no" CHECK (("merchant_adjustments"."kind" = 'correction') = ("merchant_adjustments"."bill_no" is not null)),
	CONSTRAINT "merchant_adjustments_amount_fen" CHECK ("merchant_adjustments"."amount_fen" <> 0 and ("merchant_adjustments"."kind" = 'correction' or "merchant_adjustments"."amount_fen" < 0))
);
--> statement-breakpoint
CREATE TABLE "voided_payouts" (
	"detail_no" text PRIMARY KEY NOT NULL,
	"net_fen" bigint NOT NULL,
	"recon_no" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "collections" DROP CONSTRAINT "collections_maker_is_not_checker";--> statement-breakpoint
ALTER TABLE "proposals" DROP CONSTRAINT "proposals_subject_kind";--> statement-breakpoint
ALTER TABLE "line_matches" DROP CONSTRAINT "line_matches_thing_known";--> statement-breakpoint
ALTER TABLE "reconciliations" DROP CONSTRAINT "reconciliations_kind";--> statement-breakpoint
ALTER TABLE "settlement_steps" DROP CONSTRAINT "settlement_steps_step";--> statement-breakpoint
ALTER TABLE "settlement_steps" DROP CONSTRAINT "settlement_steps_business_date";--> statement-breakpoint
ALTER TABLE "merchant_contributions" ADD COLUMN "unevidenced_orders" bigint;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "suspend_overdue_days" integer;--> statement-breakpoint
ALTER TABLE "reconciliations" ADD COLUMN "proposal_no" text;--> statement-breakpoint
ALTER TABLE "coverage_exceptions" ADD CONSTRAINT "coverage_exceptions_proposal_no_proposals_proposal_no_fk" FOREIGN KEY ("proposal_no") REFERENCES "public"."proposals"("proposal_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "merchant_adjustments" ADD CONSTRAINT "merchant_adjustments_proposal_no_proposals_proposal_no_fk" FOREIGN KEY ("proposal_no") REFERENCES "public"."proposals"("proposal_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "merchant_adjustments" ADD CONSTRAINT "merchant_adjustments_merchant_id_merchants_merchant_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("merchant_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "coverage_exceptions_business_date" ON "coverage_exceptions" USING btree ("business_date");--> statement-breakpoint
CREATE INDEX "merchant_adjustments_business_date" ON "merchant_adjustments" USING btree ("business_date");--> statement-breakpoint
CREATE INDEX "voided_payouts_recon_no" ON "voided_payouts" USING btree ("recon_no");--> statement-breakpoint
ALTER TABLE "reconciliations" ADD CONSTRAINT "reconciliations_proposal_no_proposals_proposal_no_fk" FOREIGN KEY ("proposal_no") REFERENCES "public"."proposals"("proposal_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collections" ADD CONSTRAINT "collections_maker_is_not_checker" CHECK ("collections"."state" <> 'confirmed' or "collections"."line_id" is not null or "collections"."reverses" is not null or lower(btrim("collections"."decided_by")) <> lower(btrim("collections"."recorded_by")));--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_suspend_overdue_days" CHECK ("policies"."suspend_overdue_days" between 1 and 365);--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_subject_kind" CHECK ("proposals"."subject_kind" in ('policy', 'merchant_rate', 'settle_reopen', 'points_adjustment', 'opening_balances', 'order_void', 'order_correction', 'import_undo', 'member_name', 'operator_role', 'forced_match', 'recon_void', 'merchant_write_off', 'bill_correction', 'payout_answer', 'coverage_exception'));--> statement-breakpoint
ALTER TABLE "line_matches" ADD CONSTRAINT "line_matches_thing_known" CHECK ("line_matches"."thing" in ('payout', 'collection', 'fee', 'write_off') and ("line_matches"."thing" in ('fee', 'write_off')) = ("line_matches"."thing_no" is null));--> statement-breakpoint
ALTER TABLE "reconciliations" ADD CONSTRAINT "reconciliations_proposal_no" CHECK (("reconciliations"."kind" in ('forced', 'void')) = ("reconciliations"."proposal_no" is not null));--> statement-breakpoint
ALTER TABLE "reconciliations" ADD CONSTRAINT "reconciliations_kind" CHECK ("reconciliations"."kind" in ('run', 'match', 'unmatch', 'forced', 'void'));--> statement-breakpoint
ALTER TABLE "settlement_steps" ADD CONSTRAINT "settlement_steps_step" CHECK ("settlement_steps"."step" in ('import', 'grant', 'expire', 'verify', 'close', 'bill', 'suspend'));--> statement-breakpoint
ALTER TABLE "settlement_steps" ADD CONSTRAINT "settlement_steps_business_date" CHECK (("settlement_steps"."step" in ('import', 'bill', 'suspend')) = ("settlement_steps"."business_date" is null));