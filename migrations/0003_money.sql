CREATE TABLE "billing_periods" (
	"period_from" date PRIMARY KEY NOT NULL,
	"period_to" date NOT NULL,
	"due_on" date NOT NULL,
	"bills" bigint NOT NULL,
	"opening_fen" bigint NOT NULL,
	"contributed_fen" bigint NOT NULL,
	"clawed_back_fen" bigint NOT NULL,
	"collected_fen" bigint NOT NULL,
	"adjusted_fen" bigint NOT NULL,
	"closing_fen" bigint NOT NULL,
	"issued_by" text NOT NULL,
	"issued_at" timestamp with time zone NOT NULL,
	CONSTRAINT "billing_periods_dates" CHECK ("billing_periods"."period_from" <= "billing_periods"."period_to" and "billing_periods"."period_to" <= "billing_periods"."due_on"),
	CONSTRAINT "billing_periods_adds_up" CHECK (contributed_fen >= 0 and clawed_back_fen <= 0 and collected_fen >= 0
  and closing_fen = opening_fen + contributed_fen + clawed_back_fen - collected_fen + adjusted_fen)
);
--> statement-breakpoint
CREATE TABLE "collections" (
	"collection_no" text PRIMARY KEY NOT NULL,
	"merchant_id" bigint NOT NULL,
	"money_account" text NOT NULL,
	"amount_fen" bigint NOT NULL,
	"received_on" date NOT NULL,
	"reference" text NOT NULL,
	"proof" text NOT NULL,
	"is_opening" boolean NOT NULL,
	"state" text NOT NULL,
	"recorded_by" text NOT NULL,
	"recorded_at" timestamp with time zone NOT NULL,
	"decided_by" text,
	"decided_at" timestamp with time zone,
	"reason" text,
	"business_date" date,
	CONSTRAINT "collections_collection_no" CHECK ("collections"."collection_no" ~ '^C[0-9]{8,}$'),
	CONSTRAINT "collections_amount_fen" CHECK ("collections"."amount_fen" between 1 and 10000000000),
	CONSTRAINT "collections_state" CHECK ("collections"."state" in ('recorded', 'confirmed', 'rejected')),
	CONSTRAINT "collections_decided" CHECK (("collections"."state" = 'recorded') = ("collections"."decided_by" is null) and ("collections"."decided_by" is null) = ("collections"."decided_at" is null)),
	CONSTRAINT "collections_business_date" CHECK (("collections"."state" = 'confirmed') = ("collections"."business_date" is not null)),
	CONSTRAINT "collections_reason" CHECK (("collections"."state" = 'rejected') = ("collections"."reason" is not null)),
	CONSTRAINT "collections_maker_is_not_checker" CHECK ("collections"."state" <> 'confirmed' or lower(btrim("collections"."decided_by")) <> lower(btrim("collections"."recorded_by")))
);
--> statement-breakpoint
CREATE TABLE "merchant_bills" (
	"bill_no" text PRIMARY KEY NOT NULL,
	"merchant_id" bigint NOT NULL,
	"period_from" date NOT NULL,
	"period_to" date NOT NULL,
	"due_on" date NOT NULL,
	"opening_fen" bigint NOT NULL,
	"contributed_fen" bigint NOT NULL,
	"clawed_back_fen" bigint NOT NULL,
	"collected_fen" bigint NOT NULL,
	"adjusted_fen" bigint NOT NULL,
	"closing_fen" bigint NOT NULL,
	CONSTRAINT "merchant_bills_bill_no" CHECK ("merchant_bills"."bill_no" ~ '^B[0-9]{8,}$'),
	CONSTRAINT "merchant_bills_dates" CHECK ("merchant_bills"."period_from" <= "merchant_bills"."period_to" and "merchant_bills"."period_to" <= "merchant_bills"."due_on"),
	CONSTRAINT "merchant_bills_adds_up" CHECK (contributed_fen >= 0 and clawed_back_fen <= 0 and collected_fen >= 0
  and closing_fen = opening_fen + contributed_fen + clawed_back_fen - collected_fen + adjusted_fen)
);
--> statement-breakpoint
CREATE TABLE "merchant_contributions" (
	"business_date" date NOT NULL,
	"merchant_id" bigint NOT NULL,
	"contribution_bps" integer NOT NULL,
	"run_id" bigint NOT NULL,
	"orders" bigint NOT NULL,
	"contributed_fen" bigint NOT NULL,
	"clawed_back_fen" bigint NOT NULL,
	CONSTRAINT "merchant_contributions_pkey" PRIMARY KEY("business_date","merchant_id","contribution_bps","run_id"),
	CONSTRAINT "merchant_contributions_signs" CHECK ("merchant_contributions"."orders" >= 0 and "merchant_contributions"."contributed_fen" >= 0 and "merchant_contributions"."clawed_back_fen" <= 0)
);
--> statement-breakpoint
CREATE TABLE "money_accounts" (
	"money_account" text PRIMARY KEY NOT NULL,
	"channel" text NOT NULL,
	"added_by" text NOT NULL,
	"added_at" timestamp with time zone NOT NULL,
	CONSTRAINT "money_accounts_money_account" CHECK ("money_accounts"."money_account" ~ '^[a-z0-9][a-z0-9-]{0,39}$'),
	CONSTRAINT "money_accounts_channel" CHECK ("money_accounts"."channel" in ('alipay', 'wechat', 'bank', 'stripe'))
);
--> statement-breakpoint
ALTER TABLE "journal_lines" DROP CONSTRAINT "journal_lines_account_unit";--> statement-breakpoint
ALTER TABLE "journal_transactions" DROP CONSTRAINT "journal_transactions_kind";--> statement-breakpoint
ALTER TABLE "number_counters" DROP CONSTRAINT "number_counters_kind";--> statement-breakpoint
ALTER TABLE "journal_lines" ADD COLUMN "money_account" text;--> statement-breakpoint
ALTER TABLE "journal_transactions" ADD COLUMN "document_no" text;--> statement-breakpoint
ALTER TABLE "collections" ADD CONSTRAINT "collections_merchant_id_merchants_merchant_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("merchant_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collections" ADD CONSTRAINT "collections_money_account_money_accounts_money_account_fk" FOREIGN KEY ("money_account") REFERENCES "public"."money_accounts"("money_account") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "merchant_bills" ADD CONSTRAINT "merchant_bills_merchant_id_merchants_merchant_id_fk" FOREIGN KEY ("merchant_id") REFERENCES "public"."merchants"("merchant_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "collections_reference" ON "collections" USING btree ("reference") WHERE "collections"."state" <> 'rejected';--> statement-breakpoint
CREATE INDEX "collections_confirmed" ON "collections" USING btree ("business_date","merchant_id","amount_fen") WHERE "collections"."state" = 'confirmed';--> statement-breakpoint
CREATE INDEX "collections_merchant_id" ON "collections" USING btree ("merchant_id");--> statement-breakpoint
CREATE UNIQUE INDEX "merchant_bills_period" ON "merchant_bills" USING btree ("merchant_id","period_from");--> statement-breakpoint
CREATE INDEX "merchant_bills_period_from" ON "merchant_bills" USING btree ("period_from");--> statement-breakpoint
ALTER TABLE "journal_lines" ADD CONSTRAINT "journal_lines_money_account_money_accounts_money_account_fk" FOREIGN KEY ("money_account") REFERENCES "public"."money_accounts"("money_account") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "journal_transactions_document_no" ON "journal_transactions" USING btree ("document_no") WHERE "journal_transactions"."document_no" is not null;--> statement-breakpoint
ALTER TABLE "journal_lines" ADD CONSTRAINT "journal_lines_money_account" CHECK (("journal_lines"."account" = 'bank') = ("journal_lines"."money_account" is not null));--> statement-breakpoint
ALTER TABLE "journal_lines" ADD CONSTRAINT "journal_lines_account_unit" CHECK (("journal_lines"."unit" = 'fen' and "journal_lines"."account" in ('contributions_receivable', 'points_fund', 'platform_share', 'payouts_payable', 'fee_income',
          'bank', 'suspense', 'channel_fees', 'tax_payable', 'write_offs'))
        or ("journal_lines"."unit" = 'points' and "journal_lines"."account" in ('points_issued', 'points_redeemed', 'points_available', 'points_held')));--> statement-breakpoint
ALTER TABLE "journal_transactions" ADD CONSTRAINT "journal_transactions_kind" CHECK ("journal_transactions"."kind" in ('grant', 'hold', 'release', 'burn', 'adjust', 'collection', 'statement', 'write_off'));--> statement-breakpoint
ALTER TABLE "number_counters" ADD CONSTRAINT "number_counters_kind" CHECK ("number_counters"."kind" in ('member', 'withdrawal', 'payout_batch', 'payout_detail', 'run', 'bill', 'collection'));