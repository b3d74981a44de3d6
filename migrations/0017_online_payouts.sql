ALTER TABLE "payout_accounts" DROP CONSTRAINT "payout_accounts_channel";--> statement-breakpoint
ALTER TABLE "payout_batches" DROP CONSTRAINT "payout_batches_channel";--> statement-breakpoint
ALTER TABLE "payout_batches" ADD COLUMN "payer" text;--> statement-breakpoint
ALTER TABLE "payout_accounts" ADD CONSTRAINT "payout_accounts_channel" CHECK ("payout_accounts"."channel" in ('alipay', 'wechat', 'bank', 'stripe'));--> statement-breakpoint
ALTER TABLE "payout_batches" ADD CONSTRAINT "payout_batches_payer" CHECK (("payout_batches"."channel" = 'stripe') = ("payout_batches"."payer" is not null));--> statement-breakpoint
ALTER TABLE "payout_batches" ADD CONSTRAINT "payout_batches_channel" CHECK ("payout_batches"."channel" in ('alipay', 'wechat', 'bank', 'csv', 'stripe'));