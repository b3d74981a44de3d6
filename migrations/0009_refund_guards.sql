CREATE TRIGGER order_refunds_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_refunds
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
REVOKE UPDATE, DELETE, TRUNCATE ON order_refunds FROM PUBLIC;
--> statement-breakpoint
DO $$
BEGIN
  EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON order_refunds FROM %I', current_user);
END $$;
