-- A date is closed once a settlement closed it; so is every date before the first that a settlement came to.
-- The lock is held until the writer's transaction ends: who closes a date waits for the entries that are on their way to it.
CREATE FUNCTION refuse_closed_date() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  one date;
BEGIN
  FOR one IN SELECT DISTINCT business_date FROM new_rows ORDER BY 1 LOOP
    PERFORM pg_advisory_xact_lock_shared(hashtext('accrue business date'), one - date '2000-01-01');
    IF EXISTS (SELECT FROM business_dates WHERE business_date = one AND state = 'closed')
       OR one < (SELECT min(business_date) FROM business_dates) THEN
      RAISE EXCEPTION 'business date % is closed: it takes no further entries', one USING ERRCODE = 'ACC01';
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER points_entries_open_date AFTER INSERT ON points_entries REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_date();
--> statement-breakpoint
CREATE TRIGGER journal_transactions_open_date AFTER INSERT ON journal_transactions REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_date();
--> statement-breakpoint
CREATE FUNCTION refuse_date_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.business_date <> OLD.business_date THEN
    RAISE EXCEPTION 'business date % stays what it is', OLD.business_date USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.state <> 'closed' THEN
    RETURN NEW;
  END IF;
  IF NEW.state <> 'open' OR NEW.reopened_at IS NOT DISTINCT FROM OLD.reopened_at THEN
    RAISE EXCEPTION 'business date % is closed: all that can happen to it is that it is reopened', OLD.business_date
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF lower(btrim(NEW.reopened_by)) = lower(btrim(OLD.operator)) THEN
    RAISE EXCEPTION 'business date % was closed by %, who cannot reopen it too', OLD.business_date, OLD.operator
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER business_dates_frozen BEFORE UPDATE ON business_dates
  FOR EACH ROW EXECUTE FUNCTION refuse_date_rewrite();
--> statement-breakpoint
CREATE TRIGGER business_dates_never_deleted BEFORE DELETE OR TRUNCATE ON business_dates
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
CREATE TRIGGER settlement_runs_never_deleted BEFORE DELETE OR TRUNCATE ON settlement_runs
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
CREATE TRIGGER settlement_steps_never_deleted BEFORE DELETE OR TRUNCATE ON settlement_steps
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
INSERT INTO run_slots (name) VALUES ('settle');
