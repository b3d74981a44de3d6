ALTER TABLE "policies" ADD COLUMN "max_platform_daily_points" bigint;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "two_approvers_above_fen" bigint;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "cooling_off_hours" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "request_expiry_days" integer;--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_max_platform_daily_points" CHECK ("policies"."max_platform_daily_points" >= "policies"."max_daily_points");--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_two_approvers_above_fen" CHECK ("policies"."two_approvers_above_fen" >= 0);--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_cooling_off_hours" CHECK ("policies"."cooling_off_hours" between 0 and 8760);--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_request_expiry_days" CHECK ("policies"."request_expiry_days" between 1 and 365);