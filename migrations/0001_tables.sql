CREATE SEQUENCE "public"."action_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "public"."id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1000;--> statement-breakpoint
CREATE SEQUENCE "public"."import_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "public"."journal_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "public"."member_no_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "public"."run_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "public"."withdrawal_no_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "grant_runs" (
	"run_id" bigint PRIMARY KEY NOT NULL,
	"business_date" date NOT NULL,
	"status" text NOT NULL,
	"operator" text NOT NULL,
	"host" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	"orders" bigint DEFAULT 0 NOT NULL,
	"members" bigint DEFAULT 0 NOT NULL,
	"points_granted" bigint DEFAULT 0 NOT NULL,
	"points_clawed_back" bigint DEFAULT 0 NOT NULL,
	"contribution_fen" bigint DEFAULT 0 NOT NULL,
	"fund_fen" bigint DEFAULT 0 NOT NULL,
	"skipped_orders" bigint DEFAULT 0 NOT NULL,
	"skipped_points" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "grant_runs_status" CHECK ("grant_runs"."status" in ('running', 'complete', 'interrupted'))
);
--> statement-breakpoint
CREATE TABLE "grant_skips" (
	"member_id" bigint NOT NULL,
	"order_id" bigint NOT NULL,
	"run_id" bigint NOT NULL,
	"points" bigint NOT NULL,
	"net_fen" bigint NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "grant_skips_pkey" PRIMARY KEY("member_id","order_id","run_id")
);
--> statement-breakpoint
CREATE TABLE "journal_lines" (
	"journal_id" bigint NOT NULL,
	"line_no" smallint NOT NULL,
	"account" text NOT NULL,
	"unit" text NOT NULL,
	"amount" bigint NOT NULL,
	CONSTRAINT "journal_lines_pkey" PRIMARY KEY("journal_id","line_no"),
	CONSTRAINT "journal_lines_account_unit" CHECK (("journal_lines"."unit" = 'fen' and "journal_lines"."account" in ('contributions_receivable', 'points_fund', 'platform_share', 'payouts_payable', 'fee_income'))
        or ("journal_lines"."unit" = 'points' and "journal_lines"."account" in ('points_issued', 'points_redeemed', 'points_available', 'points_held'))),
	CONSTRAINT "journal_lines_amount" CHECK ("journal_lines"."amount" <> 0)
);
--> statement-breakpoint
CREATE TABLE "journal_transactions" (
	"journal_id" bigint PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"run_id" bigint,
	"withdrawal_no" text,
	"business_date" date NOT NULL,
	"operator" text NOT NULL,
	"posted_at" timestamp with time zone NOT NULL,
	CONSTRAINT "journal_transactions_kind" CHECK ("journal_transactions"."kind" in ('grant', 'hold', 'release', 'burn', 'adjust'))
);
--> statement-breakpoint
CREATE TABLE "points_entries" (
	"member_id" bigint NOT NULL,
	"ref_id" bigint NOT NULL,
	"available_points" bigint NOT NULL,
	"held_points" bigint NOT NULL,
	"run_id" bigint,
	"net_fen" bigint,
	"contribution_fen" bigint,
	"fund_fen" bigint,
	"created_at" timestamp with time zone NOT NULL,
	"contribution_bps" integer,
	"points_bps" integer,
	"business_date" date NOT NULL,
	"entry_no" smallint NOT NULL,
	"kind" text NOT NULL,
	CONSTRAINT "points_entries_pkey" PRIMARY KEY("member_id","ref_id","entry_no"),
	CONSTRAINT "points_entries_kind" CHECK (case
        when "points_entries"."kind" = 'grant' then "points_entries"."available_points" > 0 and "points_entries"."held_points" = 0
        when "points_entries"."kind" = 'clawback' then "points_entries"."available_points" < 0 and "points_entries"."held_points" = 0
        when "points_entries"."kind" = 'contribution' then "points_entries"."available_points" = 0 and "points_entries"."held_points" = 0
        when "points_entries"."kind" = 'hold' then "points_entries"."held_points" > 0 and "points_entries"."available_points" = -"points_entries"."held_points"
        when "points_entries"."kind" = 'release' then "points_entries"."available_points" > 0 and "points_entries"."held_points" = -"points_entries"."available_points"
        when "points_entries"."kind" = 'burn' then "points_entries"."available_points" = 0 and "points_entries"."held_points" < 0
        when "points_entries"."kind" = 'adjust' then "points_entries"."available_points" <> 0 and "points_entries"."held_points" = 0
        else false end),
	CONSTRAINT "points_entries_order_facts" CHECK (("points_entries"."kind" in ('grant', 'clawback', 'contribution')) = ("points_entries"."run_id" is not null)
        and num_nulls("points_entries"."run_id", "points_entries"."net_fen", "points_entries"."contribution_fen", "points_entries"."fund_fen", "points_entries"."contribution_bps", "points_entries"."points_bps") in (0, 6))
);
--> statement-breakpoint
CREATE TABLE "balances" (
	"member_id" bigint PRIMARY KEY NOT NULL,
	"available_points" bigint DEFAULT 0 NOT NULL,
	"held_points" bigint DEFAULT 0 NOT NULL,
	"clawed_back_points" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "balances_held" CHECK ("balances"."held_points" >= 0),
	CONSTRAINT "balances_available" CHECK ("balances"."available_points" + "balances"."clawed_back_points" >= 0)
);
--> statement-breakpoint
CREATE TABLE "member_contacts" (
	"value" text NOT NULL,
	"kind" text NOT NULL,
	"member_id" bigint NOT NULL,
	CONSTRAINT "member_contacts_pkey" PRIMARY KEY("value","kind"),
	CONSTRAINT "member_contacts_kind" CHECK ("member_contacts"."kind" in ('phone', 'email'))
);
--> statement-breakpoint
CREATE TABLE "member_numbers" (
	"member_no" text PRIMARY KEY NOT NULL,
	"member_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "members" (
	"member_id" bigint PRIMARY KEY NOT NULL,
	"member_no" text NOT NULL,
	"name" text NOT NULL,
	"email" text,
	"phone" text,
	"password_hash" text,
	"status" text NOT NULL,
	"identity_verified_at" timestamp with time zone,
	"import_id" bigint,
	"registered_by" text NOT NULL,
	"registered_at" timestamp with time zone NOT NULL,
	CONSTRAINT "members_status" CHECK ("members"."status" in ('active', 'frozen', 'closed'))
);
--> statement-breakpoint
CREATE TABLE "contribution_rates" (
	"merchant_id" bigint NOT NULL,
	"effective_from" date NOT NULL,
	"contribution_bps" integer NOT NULL,
	"set_by" text NOT NULL,
	"set_at" timestamp with time zone NOT NULL,
	CONSTRAINT "contribution_rates_pkey" PRIMARY KEY("merchant_id","effective_from"),
	CONSTRAINT "contribution_rates_bps" CHECK ("contribution_rates"."contribution_bps" between 0 and 10000)
);
--> statement-breakpoint
CREATE TABLE "merchants" (
	"merchant_id" bigint PRIMARY KEY NOT NULL,
	"merchant_code" text NOT NULL,
	"name" text NOT NULL,
	"contact" text,
	"status" text NOT NULL,
	"suspended_at" timestamp with time zone,
	"import_id" bigint,
	"registered_by" text NOT NULL,
	"registered_at" timestamp with time zone NOT NULL,
	CONSTRAINT "merchants_status" CHECK ("merchants"."status" in ('pending', 'active', 'suspended')),
	CONSTRAINT "merchants_suspended_at" CHECK (("merchants"."status" = 'suspended') = ("merchants"."suspended_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "products" (
	"merchant_id" bigint NOT NULL,
	"sku" text NOT NULL,
	"name" text NOT NULL,
	"price_fen" bigint NOT NULL,
	"import_id" bigint,
	CONSTRAINT "products_pkey" PRIMARY KEY("merchant_id","sku"),
	CONSTRAINT "products_price_fen" CHECK ("products"."price_fen" between 0 and 10000000000)
);
--> statement-breakpoint
CREATE TABLE "imports" (
	"import_id" bigint PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"file" text NOT NULL,
	"sha256" text NOT NULL,
	"byte_size" bigint NOT NULL,
	"encoding" text NOT NULL,
	"profile" text NOT NULL,
	"operator" text NOT NULL,
	"host" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone NOT NULL,
	"read" integer NOT NULL,
	"inserted" integer NOT NULL,
	"updated" integer NOT NULL,
	"duplicate" integer NOT NULL,
	"rejected" integer NOT NULL,
	"reasons" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"rejects_file" text,
	CONSTRAINT "imports_kind" CHECK ("imports"."kind" in ('members', 'merchants', 'products', 'orders')),
	CONSTRAINT "imports_balanced" CHECK ("imports"."read" = "imports"."inserted" + "imports"."updated" + "imports"."duplicate" + "imports"."rejected")
);
--> statement-breakpoint
CREATE TABLE "order_changes" (
	"member_id" bigint NOT NULL,
	"order_id" bigint NOT NULL,
	"import_id" bigint NOT NULL,
	"merchant_id" bigint NOT NULL,
	"net_fen" bigint NOT NULL,
	"business_date" date NOT NULL,
	"is_first" boolean NOT NULL,
	CONSTRAINT "order_changes_pkey" PRIMARY KEY("member_id","order_id","import_id")
);
--> statement-breakpoint
CREATE TABLE "order_keys" (
	"order_no" text NOT NULL,
	"source" text NOT NULL,
	"member_id" bigint NOT NULL,
	"order_id" bigint NOT NULL,
	"import_id" bigint NOT NULL,
	"line" integer NOT NULL,
	"row_hash" bigint NOT NULL,
	CONSTRAINT "order_keys_pkey" PRIMARY KEY("order_no","source")
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"member_id" bigint NOT NULL,
	"order_id" bigint NOT NULL,
	"merchant_id" bigint NOT NULL,
	"amount_fen" bigint NOT NULL,
	"refunded_fen" bigint NOT NULL,
	"paid_at" timestamp with time zone,
	"business_date" date,
	"status" text NOT NULL,
	"source" text NOT NULL,
	"order_no" text NOT NULL,
	"skus" text[],
	CONSTRAINT "orders_pkey" PRIMARY KEY("member_id","order_id"),
	CONSTRAINT "orders_amount_fen" CHECK ("orders"."amount_fen" between 0 and 10000000000),
	CONSTRAINT "orders_refunded_fen" CHECK ("orders"."refunded_fen" between 0 and "orders"."amount_fen"),
	CONSTRAINT "orders_status" CHECK ("orders"."status" in ('pending', 'paid', 'closed')),
	CONSTRAINT "orders_paid_at" CHECK ("orders"."status" <> 'paid' or "orders"."paid_at" is not null),
	CONSTRAINT "orders_business_date" CHECK (("orders"."paid_at" is null) = ("orders"."business_date" is null))
);
--> statement-breakpoint
CREATE TABLE "operator_actions" (
	"action_id" bigint PRIMARY KEY NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"operator" text NOT NULL,
	"host" text NOT NULL,
	"action" text NOT NULL,
	"subject_kind" text NOT NULL,
	"subject" text NOT NULL,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "platform" (
	"platform_id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"time_zone" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "platform_is_one_row" CHECK ("platform"."platform_id" = 1)
);
--> statement-breakpoint
CREATE TABLE "policies" (
	"effective_from" date PRIMARY KEY NOT NULL,
	"contribution_bps" integer NOT NULL,
	"points_bps" integer NOT NULL,
	"grant_delay_days" integer NOT NULL,
	"point_value_fen" bigint NOT NULL,
	"fee_bps" integer NOT NULL,
	"min_withdrawal_points" bigint NOT NULL,
	"max_withdrawal_points" bigint NOT NULL,
	"max_daily_points" bigint NOT NULL,
	"set_by" text NOT NULL,
	"set_at" timestamp with time zone NOT NULL,
	CONSTRAINT "policies_contribution_bps" CHECK ("policies"."contribution_bps" between 0 and 10000),
	CONSTRAINT "policies_points_bps" CHECK ("policies"."points_bps" between 0 and 10000),
	CONSTRAINT "policies_fee_bps" CHECK ("policies"."fee_bps" between 0 and 9999),
	CONSTRAINT "policies_grant_delay_days" CHECK ("policies"."grant_delay_days" between 0 and 365),
	CONSTRAINT "policies_point_value_fen" CHECK ("policies"."point_value_fen" between 1 and 1000000),
	CONSTRAINT "policies_withdrawal_limits" CHECK ("policies"."min_withdrawal_points" >= 1 and "policies"."max_withdrawal_points" >= "policies"."min_withdrawal_points" and "policies"."max_daily_points" >= "policies"."max_withdrawal_points")
);
--> statement-breakpoint
CREATE TABLE "run_slots" (
	"name" text PRIMARY KEY NOT NULL,
	"run_id" bigint,
	"backend_pid" integer,
	"backend_started_at" timestamp with time zone,
	"operator" text,
	"host" text,
	"taken_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "withdrawal_keys" (
	"withdrawal_no" text PRIMARY KEY NOT NULL,
	"member_id" bigint NOT NULL,
	"withdrawal_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "withdrawals" (
	"member_id" bigint NOT NULL,
	"withdrawal_id" bigint NOT NULL,
	"withdrawal_no" text NOT NULL,
	"status" text NOT NULL,
	"points" bigint NOT NULL,
	"point_value_fen" bigint NOT NULL,
	"fee_bps" integer NOT NULL,
	"gross_fen" bigint NOT NULL,
	"fee_fen" bigint NOT NULL,
	"net_fen" bigint NOT NULL,
	"business_date" date NOT NULL,
	"requested_by" text NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"approved_by" text,
	"decided_by" text,
	"decided_at" timestamp with time zone,
	"reason" text,
	CONSTRAINT "withdrawals_pkey" PRIMARY KEY("member_id","withdrawal_id"),
	CONSTRAINT "withdrawals_status" CHECK ("withdrawals"."status" in ('requested', 'approved', 'rejected', 'cancelled', 'expired', 'paying', 'paid', 'failed')),
	CONSTRAINT "withdrawals_points" CHECK ("withdrawals"."points" > 0),
	CONSTRAINT "withdrawals_gross_fen" CHECK ("withdrawals"."gross_fen" = "withdrawals"."points" * "withdrawals"."point_value_fen"),
	CONSTRAINT "withdrawals_fee_fen" CHECK ("withdrawals"."fee_fen" = round_half_up("withdrawals"."gross_fen" * "withdrawals"."fee_bps", 10000)),
	CONSTRAINT "withdrawals_net_fen" CHECK ("withdrawals"."net_fen" = "withdrawals"."gross_fen" - "withdrawals"."fee_fen" and "withdrawals"."net_fen" > 0),
	CONSTRAINT "withdrawals_maker_is_not_checker" CHECK (lower("withdrawals"."approved_by") <> lower("withdrawals"."requested_by")),
	CONSTRAINT "withdrawals_approved_by" CHECK ("withdrawals"."status" not in ('approved', 'paying', 'paid', 'failed') or "withdrawals"."approved_by" is not null),
	CONSTRAINT "withdrawals_decided" CHECK (("withdrawals"."status" = 'requested') = ("withdrawals"."decided_by" is null) and ("withdrawals"."decided_by" is null) = ("withdrawals"."decided_at" is null))
);
--> statement-breakpoint
ALTER TABLE "journal_lines" ADD CONSTRAINT "journal_lines_journal_id_journal_transactions_journal_id_fk" FOREIGN KEY ("journal_id") REFERENCES "public"."journal_transactions"("journal_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contribution_rates" ADD CONSTRAINT "contribution_rates_merchant_id_merchants_merchant_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("merchant_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "products" ADD CONSTRAINT "products_merchant_id_merchants_merchant_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("merchant_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "grant_runs_business_date" ON "grant_runs" USING btree ("business_date");--> statement-breakpoint
CREATE INDEX "journal_lines_account" ON "journal_lines" USING btree ("account","amount");--> statement-breakpoint
CREATE INDEX "journal_transactions_run_id" ON "journal_transactions" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "journal_transactions_withdrawal_no" ON "journal_transactions" USING btree ("withdrawal_no") WHERE "journal_transactions"."withdrawal_no" is not null;--> statement-breakpoint
CREATE INDEX "members_closed" ON "members" USING btree ("member_id") WHERE "members"."status" = 'closed';--> statement-breakpoint
CREATE UNIQUE INDEX "merchants_merchant_code" ON "merchants" USING btree ("merchant_code");--> statement-breakpoint
CREATE INDEX "imports_sha256" ON "imports" USING btree ("kind","sha256");--> statement-breakpoint
CREATE INDEX "orders_business_date" ON "orders" USING brin ("business_date");--> statement-breakpoint
CREATE INDEX "operator_actions_subject" ON "operator_actions" USING btree ("subject_kind","subject","action_id");--> statement-breakpoint
CREATE INDEX "withdrawals_status" ON "withdrawals" USING btree ("status","withdrawal_no");