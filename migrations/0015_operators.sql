CREATE TABLE "operators" (
	"name" text PRIMARY KEY NOT NULL,
	"skeleton" text NOT NULL,
	"role" text NOT NULL,
	"login_role" text,
	"state" text NOT NULL,
	"added_by" text NOT NULL,
	"added_at" timestamp with time zone NOT NULL,
	"changed_by" text,
	"changed_at" timestamp with time zone,
	CONSTRAINT "operators_skeleton" UNIQUE("skeleton"),
	CONSTRAINT "operators_login_role" UNIQUE("login_role"),
	CONSTRAINT "operators_name" CHECK (char_length("operators"."name") between 1 and 64 and "operators"."skeleton" <> ''),
	CONSTRAINT "operators_role" CHECK ("operators"."role" in ('clerk', 'approver', 'finance', 'admin', 'auditor', 'batch')),
	CONSTRAINT "operators_state" CHECK ("operators"."state" in ('active', 'suspended')),
	CONSTRAINT "operators_changed" CHECK (("operators"."changed_by" is null) = ("operators"."changed_at" is null)),
	CONSTRAINT "operators_suspended" CHECK ("operators"."state" = 'active' or "operators"."changed_by" <> "operators"."name")
);
--> statement-breakpoint
-- What was recorded before nobody vouched for.
ALTER TABLE "operator_actions" ADD COLUMN "login_role" text;--> statement-breakpoint
ALTER TABLE "operator_actions" ADD COLUMN "identity" text DEFAULT 'asserted' NOT NULL;--> statement-breakpoint
ALTER TABLE "operator_actions" ADD CONSTRAINT "operator_actions_identity" CHECK ("operator_actions"."identity" in ('proven', 'asserted'));--> statement-breakpoint
-- Whether an operator's login role is the session's: then the database vouches for who is at work.
CREATE FUNCTION session_identity() RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN CASE WHEN EXISTS (SELECT FROM operators WHERE login_role = session_user) THEN 'proven' ELSE 'asserted' END;
END $$;
--> statement-breakpoint
ALTER TABLE "operator_actions" ALTER COLUMN "login_role" SET DEFAULT session_user;--> statement-breakpoint
ALTER TABLE "operator_actions" ALTER COLUMN "identity" SET DEFAULT session_identity();
