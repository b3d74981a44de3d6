CREATE TABLE "carried_entries" (
	"archive_no" integer NOT NULL,
	"business_date" date NOT NULL,
	"merchant_id" bigint NOT NULL,
	"run_id" bigint NOT NULL,
	"contribution_bps" integer NOT NULL,
	"kind" text NOT NULL,
	"entries" bigint NOT NULL,
	"first_entries" bigint NOT NULL,
	"available_points" bigint NOT NULL,
	"contributed_fen" bigint NOT NULL,
	"clawed_back_fen" bigint NOT NULL,
	CONSTRAINT "carried_entries_pkey" PRIMARY KEY("archive_no","business_date","merchant_id","run_id","contribution_bps","kind"),
	CONSTRAINT "carried_entries_kind" CHECK ("carried_entries"."kind" in ('grant', 'clawback', 'contribution'))
);
--> statement-breakpoint
CREATE TABLE "carried_points" (
	"member_id" bigint NOT NULL,
	"archive_no" integer NOT NULL,
	"orders" bigint NOT NULL,
	"available_points" bigint NOT NULL,
	"clawed_back_points" bigint NOT NULL,
	CONSTRAINT "carried_points_pkey" PRIMARY KEY("member_id","archive_no")
);
--> statement-breakpoint
CREATE TABLE "history_archives" (
	"archive_no" integer PRIMARY KEY NOT NULL,
	"first_id" bigint NOT NULL,
	"end_id" bigint NOT NULL,
	"before_date" date NOT NULL,
	"until_date" date NOT NULL,
	"orders" bigint NOT NULL,
	"entries" bigint NOT NULL,
	"available_points" bigint NOT NULL,
	"contribution_fen" bigint NOT NULL,
	"keys_seed" bigint NOT NULL,
	"keys_weight" numeric NOT NULL,
	"directory" text NOT NULL,
	"manifest_sha256" text NOT NULL,
	"host" text NOT NULL,
	"archived_by" text NOT NULL,
	"archived_at" timestamp with time zone NOT NULL,
	"attached_by" text,
	"attached_at" timestamp with time zone,
	CONSTRAINT "history_archives_ids" CHECK ("history_archives"."first_id" < "history_archives"."end_id"),
	CONSTRAINT "history_archives_until_date" CHECK ("history_archives"."until_date" < "history_archives"."before_date"),
	CONSTRAINT "history_archives_orders" CHECK ("history_archives"."orders" > 0 and "history_archives"."entries" >= "history_archives"."orders"),
	CONSTRAINT "history_archives_attached" CHECK (("history_archives"."attached_by" is null) = ("history_archives"."attached_at" is null))
);
--> statement-breakpoint
ALTER TABLE "carried_entries" ADD CONSTRAINT "carried_entries_archive_no_history_archives_archive_no_fk" FOREIGN KEY ("archive_no") REFERENCES "public"."history_archives"("archive_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "carried_points" ADD CONSTRAINT "carried_points_archive_no_history_archives_archive_no_fk" FOREIGN KEY ("archive_no") REFERENCES "public"."history_archives"("archive_no") ON DELETE no action ON UPDATE no action;