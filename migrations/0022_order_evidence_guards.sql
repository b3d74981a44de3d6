DO $$
BEGIN
  CREATE TRIGGER order_evidence_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_evidence FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
  EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON order_evidence FROM PUBLIC, %I', current_user);
END $$;
