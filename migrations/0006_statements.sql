CREATE TABLE "statement_lines" (
	"line_id" bigint PRIMARY KEY NOT NULL,
	"money_account" text NOT NULL,
	"line_key" text NOT NULL,
	"import_id" bigint NOT NULL,
	"occurred_at" timestamp with time zone NOT NULL,
	"business_date" date NOT NULL,
	"amount_fen" bigint NOT NULL,
	"balance_fen" bigint NOT NULL,
	"kind" text,
	"counterparty" text,
	"counterparty_name" text,
	"reference" text,
	"channel_ref" text,
	"remark" text,
	CONSTRAINT "statement_lines_amount_fen" CHECK ("statement_lines"."amount_fen" <> 0)
);
--> statement-breakpoint
CREATE TABLE "statements" (
	"import_id" bigint PRIMARY KEY NOT NULL,
	"money_account" text NOT NULL,
	"own_account" text,
	"first_at" timestamp with time zone NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	"opening_fen" bigint NOT NULL,
	"total_fen" bigint NOT NULL,
	"closing_fen" bigint NOT NULL,
	"lines" integer NOT NULL,
	"new_lines" integer NOT NULL,
	"lines_at_end" integer NOT NULL,
	"digest" text NOT NULL,
	"booked_fen" bigint NOT NULL,
	"business_date" date NOT NULL,
	"operator" text NOT NULL,
	"taken_at" timestamp with time zone NOT NULL,
	CONSTRAINT "statements_add_up" CHECK ("statements"."closing_fen" = "statements"."opening_fen" + "statements"."total_fen"),
	CONSTRAINT "statements_lines" CHECK ("statements"."new_lines" between 0 and "statements"."lines" and "statements"."lines_at_end" between 1 and "statements"."lines" and "statements"."first_at" <= "statements"."last_at")
);
--> statement-breakpoint
ALTER TABLE "imports" DROP CONSTRAINT "imports_kind";--> statement-breakpoint
ALTER TABLE "number_counters" DROP CONSTRAINT "number_counters_kind";--> statement-breakpoint
ALTER TABLE "statements" ADD CONSTRAINT "statements_money_account_money_accounts_money_account_fk" FOREIGN KEY ("money_account") REFERENCES "public"."money_accounts"("money_account") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "statement_lines_key" ON "statement_lines" USING btree ("line_key","money_account");--> statement-breakpoint
CREATE INDEX "statement_lines_account" ON "statement_lines" USING btree ("money_account","occurred_at");--> statement-breakpoint
CREATE INDEX "statement_lines_import_id" ON "statement_lines" USING brin ("import_id");--> statement-breakpoint
CREATE INDEX "statements_account" ON "statements" USING btree ("money_account","last_at");--> statement-breakpoint
CREATE INDEX "statements_business_date" ON "statements" USING brin ("business_date");--> statement-breakpoint
ALTER TABLE "imports" ADD CONSTRAINT "imports_kind" CHECK ("imports"."kind" in ('members', 'merchants', 'products', 'orders', 'withdrawals', 'payout_results', 'member_aliases', 'merchant_aliases', 'accounts', 'statements'));--> statement-breakpoint
ALTER TABLE "number_counters" ADD CONSTRAINT "number_counters_kind" CHECK ("number_counters"."kind" in ('member', 'withdrawal', 'payout_batch', 'payout_detail', 'run', 'bill', 'collection', 'statement_line'));