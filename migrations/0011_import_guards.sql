-- What an import rejected is kept as it was rejected.
CREATE TRIGGER import_rejects_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON import_rejects
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
REVOKE UPDATE, DELETE, TRUNCATE ON import_rejects FROM PUBLIC;
--> statement-breakpoint
DO $$
BEGIN
  EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON import_rejects FROM %I', current_user);
END $$;
