CREATE TABLE "withdrawal_request_keys" (
	"request_no" text PRIMARY KEY NOT NULL,
	"member_id" bigint NOT NULL,
	"withdrawal_id" bigint NOT NULL,
	"import_id" bigint NOT NULL,
	"line" integer NOT NULL
);
--> statement-breakpoint
ALTER TABLE "imports" DROP CONSTRAINT "imports_kind";--> statement-breakpoint
ALTER TABLE "withdrawals" ADD COLUMN "request_no" text;--> statement-breakpoint
ALTER TABLE "withdrawals" ADD COLUMN "approvals_needed" smallint DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "withdrawals" ADD COLUMN "first_approved_by" text;--> statement-breakpoint
ALTER TABLE "withdrawals" ADD COLUMN "first_approved_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "withdrawals" ADD COLUMN "first_approval_risks" text[];--> statement-breakpoint
ALTER TABLE "withdrawals" ADD COLUMN "approval_risks" text[];--> statement-breakpoint
CREATE INDEX "withdrawals_business_date" ON "withdrawals" USING btree ("business_date","withdrawal_no");--> statement-breakpoint
CREATE INDEX "withdrawals_requested_by" ON "withdrawals" USING btree (lower("requested_by"),"status","withdrawal_no");--> statement-breakpoint
ALTER TABLE "imports" ADD CONSTRAINT "imports_kind" CHECK ("imports"."kind" in ('members', 'merchants', 'products', 'orders', 'withdrawals'));--> statement-breakpoint
ALTER TABLE "withdrawals" ADD CONSTRAINT "withdrawals_approvals_needed" CHECK ("withdrawals"."approvals_needed" in (1, 2));--> statement-breakpoint
ALTER TABLE "withdrawals" ADD CONSTRAINT "withdrawals_two_approvers" CHECK (num_nulls("withdrawals"."first_approved_by", "withdrawals"."first_approved_at", "withdrawals"."first_approval_risks") in (0, 3)
        and ("withdrawals"."first_approved_by" is null or "withdrawals"."approvals_needed" = 2)
        and ("withdrawals"."approved_by" is null or "withdrawals"."approvals_needed" = 1 or "withdrawals"."first_approved_by" is not null)
        and lower("withdrawals"."first_approved_by") <> lower("withdrawals"."approved_by"));--> statement-breakpoint
ALTER TABLE "withdrawals" ADD CONSTRAINT "withdrawals_maker_is_not_first_checker" CHECK (lower("withdrawals"."first_approved_by") <> lower("withdrawals"."requested_by"));