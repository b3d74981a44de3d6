DO $$
DECLARE
  whole text;
BEGIN
  FOREACH whole IN ARRAY ARRAY['statements', 'statement_lines'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
      whole || '_append_only', whole);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM PUBLIC, %I', whole, current_user);
  END LOOP;
END $$;
--> statement-breakpoint
INSERT INTO number_counters (kind) VALUES ('statement_line');
