CREATE TABLE "adjustment_postings" (
	"proposal_no" text PRIMARY KEY NOT NULL,
	"business_date" date NOT NULL,
	"rows" integer NOT NULL,
	"points" bigint NOT NULL,
	"fund_fen" bigint NOT NULL,
	"counter" text NOT NULL,
	"applied_by" text NOT NULL,
	"applied_at" timestamp with time zone NOT NULL,
	CONSTRAINT "adjustment_postings_counter" CHECK ("adjustment_postings"."counter" in ('platform_share', 'suspense')),
	CONSTRAINT "adjustment_postings_rows" CHECK ("adjustment_postings"."rows" > 0),
	CONSTRAINT "adjustment_postings_fund_fen" CHECK (case "adjustment_postings"."counter" when 'suspense' then "adjustment_postings"."fund_fen" >= 0 else "adjustment_postings"."fund_fen" = "adjustment_postings"."points" * 100 end)
);
--> statement-breakpoint
CREATE TABLE "adjustments" (
	"adjustment_id" bigint PRIMARY KEY NOT NULL,
	"member_id" bigint NOT NULL,
	"proposal_no" text NOT NULL,
	"row_no" integer NOT NULL,
	"points" bigint NOT NULL,
	"reason_class" text NOT NULL,
	"reference" text,
	CONSTRAINT "adjustments_reference" UNIQUE("reference"),
	CONSTRAINT "adjustments_row" UNIQUE("proposal_no","row_no")
);
--> statement-breakpoint
CREATE TABLE "proposed_adjustments" (
	"proposal_no" text NOT NULL,
	"row_no" integer NOT NULL,
	"member_no" text NOT NULL,
	"points" bigint NOT NULL,
	"reason_class" text NOT NULL,
	"reference" text,
	"reason" text NOT NULL,
	CONSTRAINT "proposed_adjustments_pkey" PRIMARY KEY("proposal_no","row_no"),
	CONSTRAINT "proposed_adjustments_reason_class" CHECK ("proposed_adjustments"."reason_class" in ('goodwill', 'correction', 'campaign', 'write_off', 'forfeit', 'opening')),
	CONSTRAINT "proposed_adjustments_reference" CHECK (("proposed_adjustments"."reason_class" = 'opening') = ("proposed_adjustments"."reference" is null)),
	CONSTRAINT "proposed_adjustments_points" CHECK (case when "proposed_adjustments"."reason_class" = 'correction' then "proposed_adjustments"."points" <> 0 when "proposed_adjustments"."reason_class" = 'forfeit' then "proposed_adjustments"."points" < 0 else "proposed_adjustments"."points" > 0 end)
);
--> statement-breakpoint
ALTER TABLE "proposals" DROP CONSTRAINT "proposals_subject_kind";--> statement-breakpoint
ALTER TABLE "adjustment_postings" ADD CONSTRAINT "adjustment_postings_proposal_no_proposals_proposal_no_fk" FOREIGN KEY ("proposal_no") REFERENCES "public"."proposals"("proposal_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "adjustment_postings_business_date" ON "adjustment_postings" USING btree ("business_date");--> statement-breakpoint
CREATE INDEX "proposed_adjustments_member_no" ON "proposed_adjustments" USING btree ("member_no");--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_subject_kind" CHECK ("proposals"."subject_kind" in ('policy', 'points_adjustment', 'opening_balances'));