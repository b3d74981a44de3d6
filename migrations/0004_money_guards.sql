-- A period is written after its bills and closes them: its figures are theirs, its dates take no further entries, and it follows the one before.
CREATE FUNCTION refuse_unsound_billing() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  period record;
  billed record;
  previous date;
  first date := (SELECT min(business_date) FROM business_dates);
BEGIN
  FOR period IN SELECT * FROM new_periods ORDER BY period_from LOOP
    SELECT count(*) AS bills, coalesce(sum(opening_fen), 0) AS opening_fen, coalesce(sum(contributed_fen), 0) AS contributed_fen,
      coalesce(sum(clawed_back_fen), 0) AS clawed_back_fen, coalesce(sum(collected_fen), 0) AS collected_fen,
      coalesce(sum(adjusted_fen), 0) AS adjusted_fen, coalesce(sum(closing_fen), 0) AS closing_fen
    INTO billed FROM merchant_bills b
    WHERE b.period_from = period.period_from AND (b.period_to, b.due_on) = (period.period_to, period.due_on);
    IF (period.bills, period.opening_fen, period.contributed_fen, period.clawed_back_fen, period.collected_fen, period.adjusted_fen, period.closing_fen)
       IS DISTINCT FROM (billed.bills, billed.opening_fen, billed.contributed_fen, billed.clawed_back_fen, billed.collected_fen, billed.adjusted_fen, billed.closing_fen) THEN
      RAISE EXCEPTION 'the period from % says % bills of % fen, and has % of %',
        period.period_from, period.bills, period.closing_fen, billed.bills, billed.closing_fen USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF first IS NULL OR (SELECT count(*) FROM business_dates WHERE state = 'closed' AND business_date BETWEEN period.period_from AND period.period_to)
       <> greatest(0, period.period_to - greatest(period.period_from, first) + 1) THEN
      RAISE EXCEPTION 'the period from % to % has a date that is not closed', period.period_from, period.period_to
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    previous := (SELECT max(period_to) FROM billing_periods WHERE period_from < period.period_from);
    IF previous + 1 <> period.period_from THEN
      RAISE EXCEPTION 'the period from % leaves a gap behind %', period.period_from, previous USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END LOOP;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_late_bill() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  late record;
BEGIN
  SELECT b.bill_no, b.period_from INTO late
  FROM new_bills b WHERE EXISTS (SELECT FROM billing_periods p WHERE p.period_from = b.period_from) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'bill % comes too late for the period from %, which is billed', late.bill_no, late.period_from
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_billed_reopening() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM billing_periods WHERE period_to >= NEW.business_date) THEN
    RAISE EXCEPTION 'business date % is billed: what comes to it later is billed with a later date', NEW.business_date
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
DO $$
DECLARE
  guard text;
BEGIN
  FOREACH guard IN ARRAY ARRAY['refuse_unsound_billing', 'refuse_late_bill', 'refuse_billed_reopening'] LOOP
    EXECUTE format('ALTER FUNCTION %I() SET search_path = pg_catalog, %I, pg_temp', guard, current_schema());
  END LOOP;
END $$;
--> statement-breakpoint
DO $$
DECLARE
  whole text;
BEGIN
  FOREACH whole IN ARRAY ARRAY['money_accounts', 'merchant_contributions', 'billing_periods', 'merchant_bills'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
      whole || '_append_only', whole);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM PUBLIC, %I', whole, current_user);
  END LOOP;
  -- For the locks of foreign keys, which are taken in the owner's name; the trigger refuses the update itself.
  EXECUTE format('GRANT UPDATE (money_account) ON money_accounts TO %I', current_user);
END $$;
--> statement-breakpoint
CREATE TRIGGER collections_never_deleted BEFORE DELETE OR TRUNCATE ON collections
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
CREATE TRIGGER collections_begin BEFORE INSERT ON collections FOR EACH ROW WHEN (NEW.state <> 'recorded')
  EXECUTE FUNCTION refuse_because('a collection is recorded before anybody confirms it');
--> statement-breakpoint
CREATE TRIGGER collections_frozen BEFORE UPDATE ON collections FOR EACH ROW
  WHEN (OLD.state <> 'recorded' OR NEW.state = 'recorded'
    OR (NEW.collection_no, NEW.merchant_id, NEW.money_account, NEW.amount_fen, NEW.received_on, NEW.reference, NEW.proof, NEW.is_opening,
        NEW.recorded_by, NEW.recorded_at)
      IS DISTINCT FROM (OLD.collection_no, OLD.merchant_id, OLD.money_account, OLD.amount_fen, OLD.received_on, OLD.reference, OLD.proof, OLD.is_opening,
        OLD.recorded_by, OLD.recorded_at))
  EXECUTE FUNCTION refuse_because('what was recorded of a collection is frozen, and so is what was decided');
--> statement-breakpoint
ALTER TABLE billing_periods ADD CONSTRAINT billing_periods_apart EXCLUDE USING gist (daterange(period_from, period_to, '[]') WITH &&);
--> statement-breakpoint
CREATE TRIGGER billing_periods_sound AFTER INSERT ON billing_periods REFERENCING NEW TABLE AS new_periods
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_unsound_billing();
--> statement-breakpoint
CREATE TRIGGER merchant_bills_in_time AFTER INSERT ON merchant_bills REFERENCING NEW TABLE AS new_bills
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_bill();
--> statement-breakpoint
CREATE TRIGGER business_dates_not_billed BEFORE UPDATE ON business_dates FOR EACH ROW WHEN (OLD.state = 'closed' AND NEW.state <> 'closed')
  EXECUTE FUNCTION refuse_billed_reopening();
--> statement-breakpoint
INSERT INTO number_counters (kind) VALUES ('bill'), ('collection');
--> statement-breakpoint
-- What merchants contributed on the dates that are closed by now.
INSERT INTO merchant_contributions (business_date, merchant_id, contribution_bps, run_id, orders, contributed_fen, clawed_back_fen)
SELECT e.business_date, o.merchant_id, e.contribution_bps,
  (SELECT d.run_id FROM business_dates d WHERE d.business_date >= e.business_date ORDER BY d.business_date LIMIT 1),
  count(*) FILTER (WHERE e.entry_no = 1), coalesce(sum(e.contribution_fen) FILTER (WHERE e.contribution_fen > 0), 0),
  coalesce(sum(e.contribution_fen) FILTER (WHERE e.contribution_fen < 0), 0)
FROM points_entries e JOIN orders o ON o.member_id = e.member_id AND o.order_id = e.ref_id
WHERE e.run_id IS NOT NULL AND e.business_date <= (SELECT max(business_date) FROM business_dates WHERE state = 'closed')
GROUP BY e.business_date, o.merchant_id, e.contribution_bps;
