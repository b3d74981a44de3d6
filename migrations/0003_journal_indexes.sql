DROP INDEX "journal_lines_account";--> statement-breakpoint
CREATE INDEX "journal_transactions_withdrawal_no" ON "journal_transactions" USING btree ("withdrawal_no") WHERE "journal_transactions"."withdrawal_no" is not null;--> statement-breakpoint
CREATE INDEX "journal_lines_account" ON "journal_lines" USING btree ("account","amount");