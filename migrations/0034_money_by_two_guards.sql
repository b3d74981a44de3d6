-- What two operators agreed on is written as it was proposed: the columns that are named say what its document says.
CREATE FUNCTION refuse_unproposed_content() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  proposed jsonb := (SELECT p.document FROM proposals p WHERE p.proposal_no = NEW.proposal_no);
  name text;
BEGIN
  FOREACH name IN ARRAY TG_ARGV LOOP
    IF proposed ->> name IS DISTINCT FROM to_jsonb(NEW) ->> name THEN
      RAISE EXCEPTION 'proposal % says % of %, and not %', NEW.proposal_no, proposed ->> name, name, to_jsonb(NEW) ->> name
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END LOOP;
  RETURN NEW;
END $$;
--> statement-breakpoint
-- At the end of the transaction, as for adjustments of points.
CREATE FUNCTION refuse_unapproved_reconciliation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM proposals p WHERE p.proposal_no = NEW.proposal_no AND p.state = 'approved' AND p.checker = NEW.operator
    AND p.subject_kind = CASE NEW.kind WHEN 'forced' THEN 'forced_match' ELSE 'recon_void' END) THEN
    RAISE EXCEPTION 'proposal % was applied as %, and nobody approved it', NEW.proposal_no, NEW.recon_no USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_groundless_voided_payout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM reconciliations r WHERE r.recon_no = NEW.recon_no AND r.kind = 'void') THEN
    RAISE EXCEPTION 'payout % is void by no act that says so', NEW.detail_no USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
-- No line is matched beyond its amount, nor with what went the other way. What is written off of it may go either way: by that
-- much it differs from the rest, by an act of two operators.
CREATE OR REPLACE FUNCTION refuse_overmatched_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  over record;
BEGIN
  SELECT l.line_id, l.amount_fen, m.matched_fen INTO over
  FROM (SELECT DISTINCT line_id FROM new_matches) n
  LEFT JOIN statement_lines l ON l.line_id = n.line_id
  CROSS JOIN LATERAL (
    SELECT sum(m.amount_fen) AS matched_fen, bool_or(CASE m.thing
      WHEN 'write_off' THEN NOT EXISTS (SELECT FROM reconciliations r WHERE r.recon_no = m.recon_no AND r.kind IN ('forced', 'void'))
      ELSE sign(m.amount_fen) <> sign(l.amount_fen) END) AS is_wrong
    FROM line_matches m WHERE m.line_id = n.line_id AND m.undone_by IS NULL
  ) m
  WHERE l.line_id IS NULL OR m.is_wrong OR sign(m.matched_fen) <> sign(l.amount_fen) OR abs(m.matched_fen) > abs(l.amount_fen) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'line % of % fen cannot be matched with %', over.line_id, over.amount_fen, over.matched_fen
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- A collection that a line of a statement brought stands on a match with it; one that takes such a one back, on that match being
-- taken back; and one that takes back what was recorded by hand, on an act that says it is void.
CREATE OR REPLACE FUNCTION refuse_baseless_collection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (CASE WHEN NEW.reverses IS NULL THEN
      EXISTS (SELECT FROM line_matches m WHERE m.thing = 'collection' AND m.thing_no = NEW.collection_no AND m.line_id = NEW.line_id AND m.amount_fen = NEW.amount_fen)
    ELSE
      EXISTS (SELECT FROM collections c WHERE c.collection_no = NEW.reverses AND c.state = 'confirmed'
        AND (c.merchant_id, c.money_account, c.line_id, c.amount_fen) IS NOT DISTINCT FROM (NEW.merchant_id, NEW.money_account, NEW.line_id, -NEW.amount_fen))
      AND NOT EXISTS (SELECT FROM line_matches m WHERE m.thing = 'collection' AND m.thing_no = NEW.reverses AND m.undone_by IS NULL)
      AND (NEW.line_id IS NOT NULL OR EXISTS (SELECT FROM reconciliations r WHERE r.recon_no = NEW.proof AND r.kind = 'void' AND r.operator = NEW.decided_by))
    END) THEN
    RAISE EXCEPTION 'collection % is said to be of line %, which was not matched with it', NEW.collection_no, NEW.line_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
DO $$
DECLARE
  guard text;
  whole text;
BEGIN
  FOREACH guard IN ARRAY ARRAY['refuse_unproposed_content()', 'refuse_unapproved_reconciliation()', 'refuse_groundless_voided_payout()',
    'refuse_overmatched_line()', 'refuse_baseless_collection()'] LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', guard, current_schema());
  END LOOP;
  FOREACH whole IN ARRAY ARRAY['merchant_adjustments', 'coverage_exceptions', 'voided_payouts'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
      whole || '_append_only', whole);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM PUBLIC, %I', whole, current_user);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE TRIGGER merchant_adjustments_proposed BEFORE INSERT ON merchant_adjustments
  FOR EACH ROW EXECUTE FUNCTION refuse_unproposed_content('kind', 'amount_fen', 'bill_no');
--> statement-breakpoint
CREATE TRIGGER coverage_exceptions_proposed BEFORE INSERT ON coverage_exceptions
  FOR EACH ROW EXECUTE FUNCTION refuse_unproposed_content('business_date', 'max_payouts_fen');
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER merchant_adjustments_approved AFTER INSERT ON merchant_adjustments DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION refuse_unapproved_posting();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER coverage_exceptions_approved AFTER INSERT ON coverage_exceptions DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION refuse_unapproved_posting();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER reconciliations_approved AFTER INSERT ON reconciliations DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.proposal_no IS NOT NULL) EXECUTE FUNCTION refuse_unapproved_reconciliation();
--> statement-breakpoint
CREATE TRIGGER voided_payouts_by_act BEFORE INSERT ON voided_payouts
  FOR EACH ROW EXECUTE FUNCTION refuse_groundless_voided_payout();
--> statement-breakpoint
DROP TRIGGER collections_of_lines_matched ON collections;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER collections_of_lines_matched AFTER INSERT ON collections DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.line_id IS NOT NULL OR NEW.reverses IS NOT NULL) EXECUTE FUNCTION refuse_baseless_collection();
--> statement-breakpoint
DROP TRIGGER collections_begin ON collections;
--> statement-breakpoint
CREATE TRIGGER collections_begin BEFORE INSERT ON collections
  FOR EACH ROW WHEN (NEW.state <> 'recorded' AND NEW.line_id IS NULL AND NEW.reverses IS NULL)
  EXECUTE FUNCTION refuse_because('a collection is recorded before anybody confirms it');
