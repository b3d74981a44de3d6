CREATE TABLE "business_dates" (
	"business_date" date PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"step" text,
	"run_id" bigint NOT NULL,
	"since" timestamp with time zone NOT NULL,
	"operator" text NOT NULL,
	"host" text NOT NULL,
	"error" text,
	"closed_at" timestamp with time zone,
	"reopened_by" text,
	"reopened_at" timestamp with time zone,
	"reopen_reason" text,
	CONSTRAINT "business_dates_state" CHECK ("business_dates"."state" in ('open', 'running', 'failed', 'closed')),
	CONSTRAINT "business_dates_closed_at" CHECK (("business_dates"."state" = 'closed') = ("business_dates"."closed_at" is not null)),
	CONSTRAINT "business_dates_reopened" CHECK (num_nulls("business_dates"."reopened_by", "business_dates"."reopened_at", "business_dates"."reopen_reason") in (0, 3))
);
--> statement-breakpoint
CREATE TABLE "settlement_runs" (
	"run_id" bigint PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"operator" text NOT NULL,
	"host" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"summary" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "settlement_runs_state" CHECK ("settlement_runs"."state" in ('running', 'complete', 'failed', 'interrupted')),
	CONSTRAINT "settlement_runs_ended_at" CHECK (("settlement_runs"."state" = 'running') = ("settlement_runs"."ended_at" is null))
);
--> statement-breakpoint
CREATE TABLE "settlement_steps" (
	"run_id" bigint NOT NULL,
	"step_no" smallint NOT NULL,
	"business_date" date,
	"step" text NOT NULL,
	"state" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"counts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "settlement_steps_pkey" PRIMARY KEY("run_id","step_no"),
	CONSTRAINT "settlement_steps_step" CHECK ("settlement_steps"."step" in ('import', 'grant', 'expire', 'verify', 'close')),
	CONSTRAINT "settlement_steps_state" CHECK ("settlement_steps"."state" in ('running', 'done', 'failed', 'interrupted')),
	CONSTRAINT "settlement_steps_business_date" CHECK (("settlement_steps"."step" = 'import') = ("settlement_steps"."business_date" is null)),
	CONSTRAINT "settlement_steps_ended_at" CHECK (("settlement_steps"."state" = 'running') = ("settlement_steps"."ended_at" is null))
);
--> statement-breakpoint
ALTER TABLE "settlement_steps" ADD CONSTRAINT "settlement_steps_run_id_settlement_runs_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."settlement_runs"("run_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "journal_transactions_business_date" ON "journal_transactions" USING brin ("business_date");--> statement-breakpoint
CREATE INDEX "points_entries_business_date" ON "points_entries" USING brin ("business_date");