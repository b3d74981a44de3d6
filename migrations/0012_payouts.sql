CREATE SEQUENCE "public"."payout_batch_no_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "public"."payout_detail_no_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
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
	CONSTRAINT "payout_batches_channel" CHECK ("payout_batches"."channel" in ('alipay', 'wechat', 'bank', 'csv')),
	CONSTRAINT "payout_batches_appid" CHECK (("payout_batches"."channel" = 'wechat') = ("payout_batches"."appid" is not null)),
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
ALTER TABLE "imports" DROP CONSTRAINT "imports_kind";--> statement-breakpoint
ALTER TABLE "payout_files" ADD CONSTRAINT "payout_files_batch_no_payout_batches_batch_no_fk" FOREIGN KEY ("batch_no") REFERENCES "public"."payout_batches"("batch_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "payout_batches_channel_no" ON "payout_batches" USING btree ("channel","batch_no");--> statement-breakpoint
CREATE INDEX "payout_batches_not_handed_over" ON "payout_batches" USING btree ("channel","batch_no") WHERE "payout_batches"."handed_over_at" is null;--> statement-breakpoint
CREATE INDEX "payout_details_batch" ON "payout_details" USING btree ("batch_no","row_no");--> statement-breakpoint
CREATE INDEX "payout_details_open" ON "payout_details" USING btree ("batch_no","net_fen") WHERE "payout_details"."state" in ('sent', 'processing', 'unknown');--> statement-breakpoint
ALTER TABLE "imports" ADD CONSTRAINT "imports_kind" CHECK ("imports"."kind" in ('members', 'merchants', 'products', 'orders', 'withdrawals', 'payout_results', 'member_aliases', 'merchant_aliases'));