ALTER TABLE "billing_periods" DROP CONSTRAINT "billing_periods_adds_up";--> statement-breakpoint
ALTER TABLE "collections" DROP CONSTRAINT "collections_amount_fen";--> statement-breakpoint
ALTER TABLE "collections" DROP CONSTRAINT "collections_maker_is_not_checker";--> statement-breakpoint
ALTER TABLE "merchant_bills" DROP CONSTRAINT "merchant_bills_adds_up";--> statement-breakpoint
ALTER TABLE "recon_rules" DROP CONSTRAINT "recon_rules_rule";--> statement-breakpoint
DROP INDEX "collections_reference";--> statement-breakpoint
ALTER TABLE "collections" ADD COLUMN "line_id" bigint;--> statement-breakpoint
ALTER TABLE "collections" ADD COLUMN "reverses" text;--> statement-breakpoint
CREATE UNIQUE INDEX "collections_reverses" ON "collections" USING btree ("reverses") WHERE "collections"."reverses" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "collections_reference" ON "collections" USING btree ("reference") WHERE "collections"."state" <> 'rejected' and "collections"."line_id" is null and "collections"."reverses" is null;--> statement-breakpoint
ALTER TABLE "billing_periods" ADD CONSTRAINT "billing_periods_adds_up" CHECK (contributed_fen >= 0 and clawed_back_fen <= 0
  and closing_fen = opening_fen + contributed_fen + clawed_back_fen - collected_fen + adjusted_fen);--> statement-breakpoint
ALTER TABLE "collections" ADD CONSTRAINT "collections_of_lines" CHECK ("collections"."line_id" is null or "collections"."state" = 'confirmed' and not "collections"."is_opening");--> statement-breakpoint
ALTER TABLE "collections" ADD CONSTRAINT "collections_amount_fen" CHECK (case when "collections"."reverses" is null then "collections"."amount_fen" else -"collections"."amount_fen" end between 1 and 10000000000);--> statement-breakpoint
ALTER TABLE "collections" ADD CONSTRAINT "collections_maker_is_not_checker" CHECK ("collections"."state" <> 'confirmed' or "collections"."line_id" is not null or lower(btrim("collections"."decided_by")) <> lower(btrim("collections"."recorded_by")));--> statement-breakpoint
ALTER TABLE "merchant_bills" ADD CONSTRAINT "merchant_bills_adds_up" CHECK (contributed_fen >= 0 and clawed_back_fen <= 0
  and closing_fen = opening_fen + contributed_fen + clawed_back_fen - collected_fen + adjusted_fen);--> statement-breakpoint
ALTER TABLE "recon_rules" ADD CONSTRAINT "recon_rules_rule" CHECK ("recon_rules"."rule" in ('payout_no', 'channel_ref', 'batch_no', 'collection', 'channel_fee', 'bill_no', 'payer_account'));