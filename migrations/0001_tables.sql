CREATE SEQUENCE "public"."action_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "public"."id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1000;--> statement-breakpoint
CREATE SEQUENCE "public"."journal_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "payout_accounts" (
	"member_id" bigint NOT NULL,
	"account_id" bigint NOT NULL,
	"channel" text NOT NULL,
	"number_masked" text NOT NULL,
	"bank_name" text,
	"branch_code" text,
	"key_id" text NOT NULL,
	"number_sealed" "bytea" NOT NULL,
	"holder_sealed" "bytea" NOT NULL,
	"number_digest" "bytea" NOT NULL,
	"is_default" boolean NOT NULL,
	"default_at" timestamp with time zone,
	"added_by" text NOT NULL,
	"added_at" timestamp with time zone NOT NULL,
	"closed_by" text,
	"closed_at" timestamp with time zone,
	CONSTRAINT "payout_accounts_pkey" PRIMARY KEY("member_id","account_id"),
	CONSTRAINT "payout_accounts_channel_of" UNIQUE("member_id","account_id","channel"),
	CONSTRAINT "payout_accounts_channel" CHECK ("payout_accounts"."channel" in ('alipay', 'wechat', 'bank', 'stripe')),
	CONSTRAINT "payout_accounts_bank" CHECK (("payout_accounts"."channel" = 'bank') = ("payout_accounts"."bank_name" is not null) and ("payout_accounts"."branch_code" is null or ("payout_accounts"."channel" = 'bank' and "payout_accounts"."branch_code" ~ '^[0-9]{12}$'))),
	CONSTRAINT "payout_accounts_key_id" CHECK ("payout_accounts"."key_id" ~ '^[0-9a-f]{16}$'),
	CONSTRAINT "payout_accounts_sealed" CHECK (octet_length("payout_accounts"."number_sealed") > 28 and octet_length("payout_accounts"."holder_sealed") > 28 and octet_length("payout_accounts"."number_digest") = 32),
	CONSTRAINT "payout_accounts_default" CHECK (not "payout_accounts"."is_default" or ("payout_accounts"."default_at" is not null and "payout_accounts"."closed_at" is null)),
	CONSTRAINT "payout_accounts_closed" CHECK (("payout_accounts"."closed_by" is null) = ("payout_accounts"."closed_at" is null))
);
--> statement-breakpoint
CREATE TABLE "member_aliases" (
	"alias" text NOT NULL,
	"source" text NOT NULL,
	"import_id" bigint,
	"added_by" text NOT NULL,
	"added_at" timestamp with time zone NOT NULL,
	"member_id" bigint NOT NULL,
	CONSTRAINT "member_aliases_pkey" PRIMARY KEY("alias","source")
);
--> statement-breakpoint
CREATE TABLE "merchant_aliases" (
	"alias" text NOT NULL,
	"source" text NOT NULL,
	"import_id" bigint,
	"added_by" text NOT NULL,
	"added_at" timestamp with time zone NOT NULL,
	"merchant_id" bigint NOT NULL,
	CONSTRAINT "merchant_aliases_pkey" PRIMARY KEY("alias","source")
);
--> statement-breakpoint
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
	CONSTRAINT "grant_skips_pkey" PRIMARY KEY("member_id","order_id")
);
--> statement-breakpoint
CREATE TABLE "account_closings" (
	"business_date" date NOT NULL,
	"run_id" bigint NOT NULL,
	"account" text NOT NULL,
	"amount" bigint NOT NULL,
	CONSTRAINT "account_closings_pkey" PRIMARY KEY("business_date","run_id","account")
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
-- Cut by id for the same reason as the orders.
CREATE TABLE "points_entries" (
	"member_id" bigint NOT NULL,
	"ref_id" bigint NOT NULL,
	"available_points" bigint NOT NULL,
	"held_points" bigint NOT NULL,
	"run_id" bigint,
	"net_fen" bigint,
	"contribution_fen" bigint,
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
        and num_nulls("points_entries"."run_id", "points_entries"."net_fen", "points_entries"."contribution_fen", "points_entries"."contribution_bps", "points_entries"."points_bps") in (0, 5))
) PARTITION BY RANGE ("ref_id");
--> statement-breakpoint
CREATE TABLE "points_entries_01" PARTITION OF "points_entries" FOR VALUES FROM (MINVALUE) TO (16000000);--> statement-breakpoint
CREATE TABLE "points_entries_02" PARTITION OF "points_entries" FOR VALUES FROM (16000000) TO (32000000);--> statement-breakpoint
CREATE TABLE "points_entries_03" PARTITION OF "points_entries" FOR VALUES FROM (32000000) TO (48000000);--> statement-breakpoint
CREATE TABLE "points_entries_04" PARTITION OF "points_entries" FOR VALUES FROM (48000000) TO (64000000);--> statement-breakpoint
CREATE TABLE "points_entries_05" PARTITION OF "points_entries" FOR VALUES FROM (64000000) TO (80000000);--> statement-breakpoint
CREATE TABLE "points_entries_06" PARTITION OF "points_entries" FOR VALUES FROM (80000000) TO (96000000);--> statement-breakpoint
CREATE TABLE "points_entries_07" PARTITION OF "points_entries" FOR VALUES FROM (96000000) TO (112000000);--> statement-breakpoint
CREATE TABLE "points_entries_08" PARTITION OF "points_entries" FOR VALUES FROM (112000000) TO (MAXVALUE);--> statement-breakpoint
-- A balance is rewritten by nearly every grant run: room on the page keeps that a local (HOT) update.
CREATE TABLE "balances" (
	"member_id" bigint PRIMARY KEY NOT NULL,
	"available_points" bigint DEFAULT 0 NOT NULL,
	"held_points" bigint DEFAULT 0 NOT NULL,
	"clawed_back_points" bigint DEFAULT 0 NOT NULL,
	"in_debt" boolean GENERATED ALWAYS AS (available_points < 0) STORED NOT NULL,
	CONSTRAINT "balances_held" CHECK ("balances"."held_points" >= 0),
	CONSTRAINT "balances_available" CHECK ("balances"."available_points" + "balances"."clawed_back_points" >= 0)
) WITH (fillfactor = 70);
--> statement-breakpoint
CREATE TABLE "member_contacts" (
	"value" text NOT NULL,
	"kind" text NOT NULL,
	"member_id" bigint NOT NULL,
	CONSTRAINT "member_contacts_pkey" PRIMARY KEY("value","kind"),
	CONSTRAINT "member_contacts_kind" CHECK ("member_contacts"."kind" in ('phone', 'email'))
);
--> statement-breakpoint
-- The key carries the id it leads to: an import looks a member up for each order, and need not open the table for it.
-- Drizzle knows no INCLUDE; the columns of the key stay what its schema says.
CREATE TABLE "member_numbers" (
	"member_no" text NOT NULL,
	"member_id" bigint NOT NULL,
	CONSTRAINT "member_numbers_pkey" PRIMARY KEY ("member_no") INCLUDE ("member_id")
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
	"contribution_bps" integer,
	"set_by" text NOT NULL,
	"set_at" timestamp with time zone NOT NULL,
	"revision" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "contribution_rates_pkey" PRIMARY KEY("merchant_id","effective_from","revision"),
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
CREATE TABLE "import_rejects" (
	"import_id" bigint NOT NULL,
	"record" integer NOT NULL,
	"line" integer NOT NULL,
	"heading" text,
	"code" text NOT NULL,
	"message" text NOT NULL,
	"cells" json NOT NULL,
	CONSTRAINT "import_rejects_pkey" PRIMARY KEY("import_id","record")
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
	"notes" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"header" json,
	"rejects_sha256" text,
	CONSTRAINT "imports_kind" CHECK ("imports"."kind" in ('members', 'merchants', 'products', 'orders', 'withdrawals', 'payout_results', 'member_aliases', 'merchant_aliases', 'accounts')),
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
CREATE TABLE "order_refunds" (
	"member_id" bigint NOT NULL,
	"order_id" bigint NOT NULL,
	"refund_no" text NOT NULL,
	"refunded_fen" bigint NOT NULL,
	"import_id" bigint NOT NULL,
	CONSTRAINT "order_refunds_pkey" PRIMARY KEY("member_id","order_id","refund_no"),
	CONSTRAINT "order_refunds_refunded_fen" CHECK ("order_refunds"."refunded_fen" between 0 and 10000000000)
);
--> statement-breakpoint
-- Orders and points entries grow for ever, and their keys begin with the member: in one table each, a night's rows would touch
-- every page of the keys of all the years before. Ids are given in the order of time, so cut by id a night writes to the keys
-- of one partition, however many are filled already. The last is open at its end. Few and large, because a look-up by member
-- alone looks in all of them. Drizzle knows no partitions; its schema describes the whole.
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
	CONSTRAINT "orders_refunded_when_paid" CHECK ("orders"."refunded_fen" = 0 or "orders"."paid_at" is not null),
	CONSTRAINT "orders_paid_at" CHECK ("orders"."status" <> 'paid' or "orders"."paid_at" is not null),
	CONSTRAINT "orders_business_date" CHECK (("orders"."paid_at" is null) = ("orders"."business_date" is null))
) PARTITION BY RANGE ("order_id");
--> statement-breakpoint
CREATE TABLE "orders_01" PARTITION OF "orders" FOR VALUES FROM (MINVALUE) TO (16000000);--> statement-breakpoint
CREATE TABLE "orders_02" PARTITION OF "orders" FOR VALUES FROM (16000000) TO (32000000);--> statement-breakpoint
CREATE TABLE "orders_03" PARTITION OF "orders" FOR VALUES FROM (32000000) TO (48000000);--> statement-breakpoint
CREATE TABLE "orders_04" PARTITION OF "orders" FOR VALUES FROM (48000000) TO (64000000);--> statement-breakpoint
CREATE TABLE "orders_05" PARTITION OF "orders" FOR VALUES FROM (64000000) TO (80000000);--> statement-breakpoint
CREATE TABLE "orders_06" PARTITION OF "orders" FOR VALUES FROM (80000000) TO (96000000);--> statement-breakpoint
CREATE TABLE "orders_07" PARTITION OF "orders" FOR VALUES FROM (96000000) TO (112000000);--> statement-breakpoint
CREATE TABLE "orders_08" PARTITION OF "orders" FOR VALUES FROM (112000000) TO (MAXVALUE);--> statement-breakpoint
CREATE TABLE "payout_batches" (
	"batch_no" text PRIMARY KEY NOT NULL,
	"channel" text NOT NULL,
	"template" text NOT NULL,
	"appid" text,
	"business_date" date NOT NULL,
	"details" integer NOT NULL,
	"total_fen" bigint NOT NULL,
	"digest" text NOT NULL,
	"operator" text NOT NULL,
	"host" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"handed_over_at" timestamp with time zone,
	"payer" text,
	CONSTRAINT "payout_batches_channel" CHECK ("payout_batches"."channel" in ('alipay', 'wechat', 'bank', 'csv', 'stripe')),
	CONSTRAINT "payout_batches_appid" CHECK (("payout_batches"."channel" = 'wechat') = ("payout_batches"."appid" is not null)),
	CONSTRAINT "payout_batches_payer" CHECK (("payout_batches"."channel" = 'stripe') = ("payout_batches"."payer" is not null)),
	CONSTRAINT "payout_batches_details" CHECK ("payout_batches"."details" > 0 and "payout_batches"."total_fen" > 0),
	CONSTRAINT "payout_batches_digest" CHECK ("payout_batches"."digest" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "payout_detail_keys" (
	"detail_no" text PRIMARY KEY NOT NULL,
	"member_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "payout_details" (
	"member_id" bigint NOT NULL,
	"detail_no" text NOT NULL,
	"withdrawal_id" bigint NOT NULL,
	"batch_no" text NOT NULL,
	"file_no" integer NOT NULL,
	"row_no" integer NOT NULL,
	"account_id" bigint NOT NULL,
	"net_fen" bigint NOT NULL,
	"previous_detail_no" text,
	"state" text NOT NULL,
	"answered_at" timestamp with time zone,
	"answered_by" text,
	"answer_import_id" bigint,
	"reason" text,
	"channel_ref" text,
	CONSTRAINT "payout_details_pkey" PRIMARY KEY("member_id","detail_no"),
	CONSTRAINT "payout_details_withdrawal" UNIQUE("member_id","withdrawal_id"),
	CONSTRAINT "payout_details_state" CHECK ("payout_details"."state" in ('sent', 'processing', 'unknown', 'paid', 'failed')),
	CONSTRAINT "payout_details_net_fen" CHECK ("payout_details"."net_fen" > 0),
	CONSTRAINT "payout_details_row_no" CHECK ("payout_details"."row_no" >= 1 and "payout_details"."file_no" >= 1),
	CONSTRAINT "payout_details_answered" CHECK (("payout_details"."state" = 'sent') = ("payout_details"."answered_at" is null) and ("payout_details"."answered_at" is null) = ("payout_details"."answered_by" is null))
);
--> statement-breakpoint
CREATE TABLE "payout_files" (
	"batch_no" text NOT NULL,
	"file_no" integer NOT NULL,
	"name" text NOT NULL,
	"rows" integer NOT NULL,
	"total_fen" bigint NOT NULL,
	"sha256" text NOT NULL,
	"byte_size" integer NOT NULL,
	CONSTRAINT "payout_files_pkey" PRIMARY KEY("batch_no","file_no"),
	CONSTRAINT "payout_files_rows" CHECK ("payout_files"."file_no" >= 1 and "payout_files"."rows" > 0 and "payout_files"."total_fen" > 0 and "payout_files"."byte_size" > 0),
	CONSTRAINT "payout_files_sha256" CHECK ("payout_files"."sha256" ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "payout_retries" (
	"member_id" bigint NOT NULL,
	"withdrawal_id" bigint NOT NULL,
	"failed_withdrawal_id" bigint NOT NULL,
	"failed_detail_no" text NOT NULL,
	CONSTRAINT "payout_retries_pkey" PRIMARY KEY("member_id","withdrawal_id"),
	CONSTRAINT "payout_retries_failed" UNIQUE("member_id","failed_withdrawal_id")
);
--> statement-breakpoint
CREATE TABLE "number_counters" (
	"kind" text PRIMARY KEY NOT NULL,
	"last" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "number_counters_kind" CHECK ("number_counters"."kind" in ('member', 'withdrawal', 'payout_batch', 'payout_detail', 'run')),
	CONSTRAINT "number_counters_last" CHECK ("number_counters"."last" >= 0)
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
	"effective_from" date NOT NULL,
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
	"max_platform_daily_points" bigint,
	"two_approvers_above_fen" bigint,
	"cooling_off_hours" integer DEFAULT 0 NOT NULL,
	"request_expiry_days" integer,
	"revision" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "policies_pkey" PRIMARY KEY("effective_from","revision"),
	CONSTRAINT "policies_contribution_bps" CHECK ("policies"."contribution_bps" between 0 and 10000),
	CONSTRAINT "policies_points_bps" CHECK ("policies"."points_bps" between 0 and 10000),
	CONSTRAINT "policies_fee_bps" CHECK ("policies"."fee_bps" between 0 and 9999),
	CONSTRAINT "policies_grant_delay_days" CHECK ("policies"."grant_delay_days" between 0 and 365),
	CONSTRAINT "policies_point_value_fen" CHECK ("policies"."point_value_fen" between 1 and 1000000),
	CONSTRAINT "policies_withdrawal_limits" CHECK ("policies"."min_withdrawal_points" >= 1 and "policies"."max_withdrawal_points" >= "policies"."min_withdrawal_points" and "policies"."max_daily_points" >= "policies"."max_withdrawal_points"),
	CONSTRAINT "policies_max_platform_daily_points" CHECK ("policies"."max_platform_daily_points" >= "policies"."max_daily_points"),
	CONSTRAINT "policies_two_approvers_above_fen" CHECK ("policies"."two_approvers_above_fen" >= 0),
	CONSTRAINT "policies_cooling_off_hours" CHECK ("policies"."cooling_off_hours" between 0 and 8760),
	CONSTRAINT "policies_request_expiry_days" CHECK ("policies"."request_expiry_days" between 1 and 365)
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
CREATE TABLE "withdrawal_keys" (
	"withdrawal_no" text PRIMARY KEY NOT NULL,
	"member_id" bigint NOT NULL,
	"withdrawal_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "withdrawal_request_keys" (
	"request_no" text PRIMARY KEY NOT NULL,
	"member_id" bigint NOT NULL,
	"withdrawal_id" bigint NOT NULL,
	"import_id" bigint NOT NULL,
	"line" integer NOT NULL
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
	"request_no" text,
	"approvals_needed" smallint DEFAULT 1 NOT NULL,
	"first_approved_by" text,
	"first_approved_at" timestamp with time zone,
	"first_approval_risks" text[],
	"approval_risks" text[],
	"account_id" bigint,
	"account_channel" text,
	CONSTRAINT "withdrawals_pkey" PRIMARY KEY("member_id","withdrawal_id"),
	CONSTRAINT "withdrawals_status" CHECK ("withdrawals"."status" in ('requested', 'approved', 'rejected', 'cancelled', 'expired', 'paying', 'paid', 'failed')),
	CONSTRAINT "withdrawals_account_channel" CHECK (("withdrawals"."account_id" is null) = ("withdrawals"."account_channel" is null)),
	CONSTRAINT "withdrawals_points" CHECK ("withdrawals"."points" > 0),
	CONSTRAINT "withdrawals_gross_fen" CHECK ("withdrawals"."gross_fen" = "withdrawals"."points" * "withdrawals"."point_value_fen"),
	CONSTRAINT "withdrawals_fee_fen" CHECK ("withdrawals"."fee_fen" = round_half_up("withdrawals"."gross_fen" * "withdrawals"."fee_bps", 10000)),
	CONSTRAINT "withdrawals_net_fen" CHECK ("withdrawals"."net_fen" = "withdrawals"."gross_fen" - "withdrawals"."fee_fen" and "withdrawals"."net_fen" > 0),
	CONSTRAINT "withdrawals_maker_is_not_checker" CHECK (lower("withdrawals"."approved_by") <> lower("withdrawals"."requested_by")),
	CONSTRAINT "withdrawals_approved_by" CHECK ("withdrawals"."status" not in ('approved', 'paying', 'paid', 'failed') or "withdrawals"."approved_by" is not null),
	CONSTRAINT "withdrawals_approvals_needed" CHECK ("withdrawals"."approvals_needed" in (1, 2)),
	CONSTRAINT "withdrawals_two_approvers" CHECK (num_nulls("withdrawals"."first_approved_by", "withdrawals"."first_approved_at", "withdrawals"."first_approval_risks") in (0, 3)
        and ("withdrawals"."first_approved_by" is null or "withdrawals"."approvals_needed" = 2)
        and ("withdrawals"."approved_by" is null or "withdrawals"."approvals_needed" = 1 or "withdrawals"."first_approved_by" is not null)
        and lower("withdrawals"."first_approved_by") <> lower("withdrawals"."approved_by")),
	CONSTRAINT "withdrawals_maker_is_not_first_checker" CHECK (lower("withdrawals"."first_approved_by") <> lower("withdrawals"."requested_by")),
	CONSTRAINT "withdrawals_decided" CHECK (("withdrawals"."status" = 'requested') = ("withdrawals"."decided_by" is null) and ("withdrawals"."decided_by" is null) = ("withdrawals"."decided_at" is null))
);
--> statement-breakpoint
ALTER TABLE "payout_accounts" ADD CONSTRAINT "payout_accounts_member_id_members_member_id_fk" FOREIGN KEY ("member_id") REFERENCES "public"."members"("member_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "merchant_aliases" ADD CONSTRAINT "merchant_aliases_merchant_id_merchants_merchant_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("merchant_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "journal_lines" ADD CONSTRAINT "journal_lines_journal_id_journal_transactions_journal_id_fk" FOREIGN KEY ("journal_id") REFERENCES "public"."journal_transactions"("journal_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contribution_rates" ADD CONSTRAINT "contribution_rates_merchant_id_merchants_merchant_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("merchant_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "products" ADD CONSTRAINT "products_merchant_id_merchants_merchant_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("merchant_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "import_rejects" ADD CONSTRAINT "import_rejects_import_id_imports_import_id_fk" FOREIGN KEY ("import_id") REFERENCES "public"."imports"("import_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payout_files" ADD CONSTRAINT "payout_files_batch_no_payout_batches_batch_no_fk" FOREIGN KEY ("batch_no") REFERENCES "public"."payout_batches"("batch_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "settlement_steps" ADD CONSTRAINT "settlement_steps_run_id_settlement_runs_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."settlement_runs"("run_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "withdrawals" ADD CONSTRAINT "withdrawals_account_of_channel" FOREIGN KEY ("member_id","account_id","account_channel") REFERENCES "public"."payout_accounts"("member_id","account_id","channel") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "payout_accounts_default" ON "payout_accounts" USING btree ("member_id") WHERE "payout_accounts"."is_default";--> statement-breakpoint
CREATE UNIQUE INDEX "payout_accounts_number" ON "payout_accounts" USING btree ("member_id","number_digest") WHERE "payout_accounts"."closed_at" is null;--> statement-breakpoint
CREATE INDEX "payout_accounts_number_digest" ON "payout_accounts" USING btree ("number_digest");--> statement-breakpoint
CREATE INDEX "payout_accounts_key_id" ON "payout_accounts" USING btree ("key_id","member_id","account_id");--> statement-breakpoint
CREATE INDEX "member_aliases_member_id" ON "member_aliases" USING btree ("member_id");--> statement-breakpoint
CREATE INDEX "grant_runs_business_date" ON "grant_runs" USING btree ("business_date");--> statement-breakpoint
CREATE INDEX "journal_lines_account" ON "journal_lines" USING btree ("account","amount");--> statement-breakpoint
CREATE INDEX "journal_transactions_run_id" ON "journal_transactions" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "journal_transactions_business_date" ON "journal_transactions" USING brin ("business_date");--> statement-breakpoint
CREATE INDEX "journal_transactions_withdrawal_no" ON "journal_transactions" USING btree ("withdrawal_no") WHERE "journal_transactions"."withdrawal_no" is not null;--> statement-breakpoint
CREATE INDEX "points_entries_business_date" ON "points_entries" USING brin ("business_date");--> statement-breakpoint
CREATE INDEX "balances_in_debt" ON "balances" USING btree ("member_id") WHERE "balances"."in_debt";--> statement-breakpoint
CREATE INDEX "members_closed" ON "members" USING btree ("member_id") WHERE "members"."status" = 'closed';--> statement-breakpoint
CREATE UNIQUE INDEX "merchants_merchant_code" ON "merchants" USING btree ("merchant_code");--> statement-breakpoint
CREATE INDEX "imports_sha256" ON "imports" USING btree ("kind","sha256");--> statement-breakpoint
CREATE INDEX "orders_business_date" ON "orders" USING brin ("business_date");--> statement-breakpoint
CREATE INDEX "payout_batches_channel_no" ON "payout_batches" USING btree ("channel","batch_no");--> statement-breakpoint
CREATE INDEX "payout_batches_not_handed_over" ON "payout_batches" USING btree ("channel","batch_no") WHERE "payout_batches"."handed_over_at" is null;--> statement-breakpoint
CREATE INDEX "payout_details_batch" ON "payout_details" USING btree ("batch_no","row_no");--> statement-breakpoint
CREATE INDEX "payout_details_open" ON "payout_details" USING btree ("batch_no","net_fen") WHERE "payout_details"."state" in ('sent', 'processing', 'unknown');--> statement-breakpoint
CREATE INDEX "operator_actions_subject" ON "operator_actions" USING btree ("subject_kind","subject","action_id");--> statement-breakpoint
CREATE INDEX "withdrawals_status" ON "withdrawals" USING btree ("status","withdrawal_no");--> statement-breakpoint
CREATE INDEX "withdrawals_gross" ON "withdrawals" USING btree ("status","gross_fen");--> statement-breakpoint
CREATE INDEX "withdrawals_channel" ON "withdrawals" USING btree ("account_channel","status","withdrawal_no");--> statement-breakpoint
CREATE INDEX "withdrawals_business_date" ON "withdrawals" USING btree ("business_date","withdrawal_no");--> statement-breakpoint
CREATE INDEX "withdrawals_half_approved" ON "withdrawals" USING btree ("gross_fen") WHERE "withdrawals"."status" = 'requested' and "withdrawals"."first_approved_by" is not null;--> statement-breakpoint
CREATE INDEX "withdrawals_requested_by" ON "withdrawals" USING btree (lower("requested_by"),"status","withdrawal_no");