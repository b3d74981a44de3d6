ALTER TABLE "proposals" DROP CONSTRAINT "proposals_subject_kind";--> statement-breakpoint
ALTER TABLE "contribution_rates" ADD COLUMN "proposal_no" text;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "min_contribution_bps" integer;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "max_contribution_bps" integer;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "proven_identity" boolean;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "proposal_no" text;--> statement-breakpoint
ALTER TABLE "contribution_rates" ADD CONSTRAINT "contribution_rates_proposal_no_proposals_proposal_no_fk" FOREIGN KEY ("proposal_no") REFERENCES "public"."proposals"("proposal_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_proposal_no_proposals_proposal_no_fk" FOREIGN KEY ("proposal_no") REFERENCES "public"."proposals"("proposal_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "contribution_rates_proposal_no" ON "contribution_rates" USING btree ("proposal_no") WHERE "contribution_rates"."proposal_no" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "policies_proposal_no" ON "policies" USING btree ("proposal_no");--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_contribution_bounds" CHECK ("policies"."contribution_bps" between coalesce("policies"."min_contribution_bps", 0) and coalesce("policies"."max_contribution_bps", 10000));--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_min_contribution_bps" CHECK ("policies"."min_contribution_bps" between 0 and 10000);--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_max_contribution_bps" CHECK ("policies"."max_contribution_bps" between 0 and 10000);--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_subject_kind" CHECK ("proposals"."subject_kind" in ('policy', 'merchant_rate', 'settle_reopen', 'points_adjustment', 'opening_balances', 'order_void', 'order_correction', 'import_undo', 'member_name', 'operator_role'));