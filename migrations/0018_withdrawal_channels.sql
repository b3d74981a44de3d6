ALTER TABLE "payout_accounts" ADD CONSTRAINT "payout_accounts_channel_of" UNIQUE("member_id","account_id","channel");--> statement-breakpoint
ALTER TABLE "withdrawals" DROP CONSTRAINT "withdrawals_account";--> statement-breakpoint
ALTER TABLE "withdrawals" ADD COLUMN "account_channel" text;--> statement-breakpoint
UPDATE "withdrawals" w SET "account_channel" = a."channel" FROM "payout_accounts" a WHERE a."member_id" = w."member_id" AND a."account_id" = w."account_id";--> statement-breakpoint
ALTER TABLE "withdrawals" ADD CONSTRAINT "withdrawals_account_of_channel" FOREIGN KEY ("member_id","account_id","account_channel") REFERENCES "public"."payout_accounts"("member_id","account_id","channel") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "withdrawals_channel" ON "withdrawals" USING btree ("account_channel","status","withdrawal_no");--> statement-breakpoint
ALTER TABLE "withdrawals" ADD CONSTRAINT "withdrawals_account_channel" CHECK (("withdrawals"."account_id" is null) = ("withdrawals"."account_channel" is null));
