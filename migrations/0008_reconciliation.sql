CREATE TABLE "expected_payouts" (
	"detail_no" text PRIMARY KEY NOT NULL,
	"batch_no" text NOT NULL,
	"net_fen" bigint NOT NULL,
	"channel_ref" text,
	"paid_on" date NOT NULL
);
--> statement-breakpoint
CREATE TABLE "line_matches" (
	"match_id" bigint PRIMARY KEY NOT NULL,
	"line_id" bigint NOT NULL,
	"thing" text NOT NULL,
	"thing_no" text,
	"amount_fen" bigint NOT NULL,
	"rule" text,
	"recon_no" text NOT NULL,
	"undone_by" text,
	CONSTRAINT "line_matches_thing_known" CHECK ("line_matches"."thing" in ('payout', 'collection', 'fee') and ("line_matches"."thing" = 'fee') = ("line_matches"."thing_no" is null)),
	CONSTRAINT "line_matches_amount_fen" CHECK ("line_matches"."amount_fen" <> 0 and ("line_matches"."thing" <> 'payout' or "line_matches"."amount_fen" < 0) and ("line_matches"."thing" <> 'collection' or "line_matches"."amount_fen" > 0))
);
--> statement-breakpoint
CREATE TABLE "open_lines" (
	"line_id" bigint PRIMARY KEY NOT NULL,
	"open_fen" bigint NOT NULL,
	"differs" text[],
	CONSTRAINT "open_lines_open_fen" CHECK ("open_lines"."open_fen" <> 0)
);
--> statement-breakpoint
CREATE TABLE "recon_rules" (
	"rule" text NOT NULL,
	"effective_from" date NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	"place" integer NOT NULL,
	"is_on" boolean NOT NULL,
	"words" text[] NOT NULL,
	"set_by" text NOT NULL,
	"set_at" timestamp with time zone NOT NULL,
	CONSTRAINT "recon_rules_pkey" PRIMARY KEY("rule","effective_from","revision"),
	CONSTRAINT "recon_rules_rule" CHECK ("recon_rules"."rule" in ('payout_no', 'channel_ref', 'batch_no', 'collection', 'channel_fee')),
	CONSTRAINT "recon_rules_words" CHECK ("recon_rules"."place" between 1 and 100 and ("recon_rules"."rule" = 'channel_fee' or cardinality("recon_rules"."words") = 0))
);
--> statement-breakpoint
CREATE TABLE "reconciliations" (
	"recon_no" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"operator" text NOT NULL,
	"host" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"business_date" date NOT NULL,
	"reason" text,
	CONSTRAINT "reconciliations_recon_no" CHECK ("reconciliations"."recon_no" ~ '^R[0-9]{8,}$'),
	CONSTRAINT "reconciliations_kind" CHECK ("reconciliations"."kind" in ('run', 'match', 'unmatch')),
	CONSTRAINT "reconciliations_reason" CHECK (("reconciliations"."kind" = 'run') = ("reconciliations"."reason" is null))
);
--> statement-breakpoint
ALTER TABLE "number_counters" DROP CONSTRAINT "number_counters_kind";--> statement-breakpoint
CREATE INDEX "expected_payouts_batch" ON "expected_payouts" USING btree ("batch_no");--> statement-breakpoint
CREATE INDEX "expected_payouts_channel_ref" ON "expected_payouts" USING btree ("channel_ref");--> statement-breakpoint
CREATE UNIQUE INDEX "line_matches_thing" ON "line_matches" USING btree ("thing_no","thing") WHERE "line_matches"."undone_by" is null and "line_matches"."thing_no" is not null;--> statement-breakpoint
CREATE INDEX "line_matches_line_id" ON "line_matches" USING btree ("line_id");--> statement-breakpoint
CREATE INDEX "line_matches_recon_no" ON "line_matches" USING btree ("recon_no");--> statement-breakpoint
CREATE INDEX "line_matches_undone_by" ON "line_matches" USING btree ("undone_by") WHERE "line_matches"."undone_by" is not null;--> statement-breakpoint
CREATE INDEX "reconciliations_business_date" ON "reconciliations" USING brin ("business_date");--> statement-breakpoint
ALTER TABLE "number_counters" ADD CONSTRAINT "number_counters_kind" CHECK ("number_counters"."kind" in ('member', 'withdrawal', 'payout_batch', 'payout_detail', 'run', 'bill', 'collection', 'statement_line', 'reconciliation'));