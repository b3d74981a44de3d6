CREATE TRIGGER account_closings_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON account_closings
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
REVOKE UPDATE, DELETE, TRUNCATE ON account_closings FROM PUBLIC;
--> statement-breakpoint
DO $$
BEGIN
  EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON account_closings FROM %I', current_user);
END $$;
