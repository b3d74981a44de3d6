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
	CONSTRAINT "payout_accounts_channel" CHECK ("payout_accounts"."channel" in ('alipay', 'wechat', 'bank')),
	CONSTRAINT "payout_accounts_bank" CHECK (("payout_accounts"."channel" = 'bank') = ("payout_accounts"."bank_name" is not null) and ("payout_accounts"."branch_code" is null or ("payout_accounts"."channel" = 'bank' and "payout_accounts"."branch_code" ~ '^[0-9]{12}$'))),
	CONSTRAINT "payout_accounts_key_id" CHECK ("payout_accounts"."key_id" ~ '^[0-9a-f]{16}$'),
	CONSTRAINT "payout_accounts_sealed" CHECK (octet_length("payout_accounts"."number_sealed") > 28 and octet_length("payout_accounts"."holder_sealed") > 28 and octet_length("payout_accounts"."number_digest") = 32),
	CONSTRAINT "payout_accounts_default" CHECK (not "payout_accounts"."is_default" or ("payout_accounts"."default_at" is not null and "payout_accounts"."closed_at" is null)),
	CONSTRAINT "payout_accounts_closed" CHECK (("payout_accounts"."closed_by" is null) = ("payout_accounts"."closed_at" is null))
);
--> statement-breakpoint
ALTER TABLE "withdrawals" ADD COLUMN "account_id" bigint;--> statement-breakpoint
ALTER TABLE "payout_accounts" ADD CONSTRAINT "payout_accounts_member_id_members_member_id_fk" FOREIGN KEY ("member_id") REFERENCES "public"."members"("member_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "payout_accounts_default" ON "payout_accounts" USING btree ("member_id") WHERE "payout_accounts"."is_default";--> statement-breakpoint
CREATE UNIQUE INDEX "payout_accounts_number" ON "payout_accounts" USING btree ("member_id","number_digest") WHERE "payout_accounts"."closed_at" is null;--> statement-breakpoint
CREATE INDEX "payout_accounts_number_digest" ON "payout_accounts" USING btree ("number_digest");--> statement-breakpoint
CREATE INDEX "payout_accounts_key_id" ON "payout_accounts" USING btree ("key_id","member_id","account_id");--> statement-breakpoint
ALTER TABLE "withdrawals" ADD CONSTRAINT "withdrawals_account" FOREIGN KEY ("member_id","account_id") REFERENCES "public"."payout_accounts"("member_id","account_id") ON DELETE no action ON UPDATE no action;