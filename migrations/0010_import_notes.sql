CREATE TABLE "import_rejects" (
	"import_id" bigint NOT NULL,
	"record" integer NOT NULL,
	"line" integer NOT NULL,
	"heading" text,
	"code" text NOT NULL,
	"message" text NOT NULL,
	"cells" json NOT NULL,
	CONSTRAINT "import_rejects_pkey" PRIMARY KEY("import_id","record")
);
--> statement-breakpoint
ALTER TABLE "imports" ADD COLUMN "notes" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "imports" ADD COLUMN "header" json;--> statement-breakpoint
ALTER TABLE "imports" ADD COLUMN "rejects_sha256" text;--> statement-breakpoint
ALTER TABLE "import_rejects" ADD CONSTRAINT "import_rejects_import_id_imports_import_id_fk" FOREIGN KEY ("import_id") REFERENCES "public"."imports"("import_id") ON DELETE no action ON UPDATE no action;