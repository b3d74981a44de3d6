ALTER TABLE "proposals" DROP CONSTRAINT "proposals_subject_kind";--> statement-breakpoint
ALTER TABLE "imports" ADD COLUMN "changes_kept" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "imports" ALTER COLUMN "changes_kept" SET DEFAULT true;--> statement-breakpoint
ALTER TABLE "proposals" ADD CONSTRAINT "proposals_subject_kind" CHECK ("proposals"."subject_kind" in ('policy', 'merchant_rate', 'settle_reopen', 'points_adjustment', 'opening_balances', 'order_void', 'order_correction', 'import_undo'));