CREATE TABLE "proposals" (
	"proposal_no" text PRIMARY KEY NOT NULL,
	"subject_kind" text NOT NULL,
	"document" jsonb NOT NULL,
	"basis" jsonb NOT NULL,
	"digest" text NOT NULL,
	"reason" text NOT NULL,
	"maker" text NOT NULL,
	"made_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"state" text NOT NULL,
	"checker" text,
	"decided_at" timestamp with time zone,
	"decision_reason" text,
	"result" jsonb,
	CONSTRAINT "proposals_proposal_no" CHECK ("proposals"."proposal_no" ~ '^A[0-9]{8,}$'),
	CONSTRAINT "proposals_subject_kind" CHECK ("proposals"."subject_kind" in ('policy')),
	CONSTRAINT "proposals_state" CHECK ("proposals"."state" in ('proposed', 'approved', 'rejected', 'expired', 'withdrawn')),
	CONSTRAINT "proposals_expires_at" CHECK ("proposals"."expires_at" > "proposals"."made_at"),
	CONSTRAINT "proposals_decided" CHECK (("proposals"."state" = 'proposed') = ("proposals"."decided_at" is null)),
	CONSTRAINT "proposals_checker" CHECK (("proposals"."state" in ('proposed', 'expired')) = ("proposals"."checker" is null)),
	CONSTRAINT "proposals_maker_is_not_checker" CHECK ((lower(btrim(normalize("proposals"."checker", NFKC))) = lower(btrim(normalize("proposals"."maker", NFKC)))) = ("proposals"."state" = 'withdrawn')),
	CONSTRAINT "proposals_in_time" CHECK ("proposals"."state" <> 'approved' or "proposals"."decided_at" < "proposals"."expires_at"),
	CONSTRAINT "proposals_expired" CHECK ("proposals"."state" <> 'expired' or "proposals"."decided_at" >= "proposals"."expires_at"),
	CONSTRAINT "proposals_decision_reason" CHECK ("proposals"."state" <> 'rejected' or "proposals"."decision_reason" is not null),
	CONSTRAINT "proposals_result" CHECK (("proposals"."state" = 'approved') = ("proposals"."result" is not null))
);
--> statement-breakpoint
ALTER TABLE "number_counters" DROP CONSTRAINT "number_counters_kind";--> statement-breakpoint
CREATE UNIQUE INDEX "proposals_waiting" ON "proposals" USING btree ("digest") WHERE "proposals"."state" = 'proposed';--> statement-breakpoint
CREATE INDEX "proposals_expires_at" ON "proposals" USING btree ("expires_at") WHERE "proposals"."state" = 'proposed';--> statement-breakpoint
ALTER TABLE "number_counters" ADD CONSTRAINT "number_counters_kind" CHECK ("number_counters"."kind" in ('member', 'withdrawal', 'payout_batch', 'payout_detail', 'run', 'bill', 'collection', 'statement_line', 'reconciliation', 'proposal'));