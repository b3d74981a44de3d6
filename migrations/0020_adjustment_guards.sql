-- Points move by adjustment as it was proposed and approved, and in no other way. Rows belong to a proposal that waits:
-- none can be added later, and the digest in its document holds those that are there.
CREATE FUNCTION refuse_late_proposed_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT proposal_no FROM new_rows) n
    LEFT JOIN proposals p ON p.proposal_no = n.proposal_no AND p.state = 'proposed'
      AND p.subject_kind IN ('points_adjustment', 'opening_balances')
    WHERE p.proposal_no IS NULL OR EXISTS (SELECT FROM operator_actions a
      WHERE a.subject_kind = 'proposal' AND a.subject = n.proposal_no AND a.action = 'approval.propose')) THEN
    RAISE EXCEPTION 'what was proposed is frozen: rows come with their proposal' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_unproposed_adjustment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong bigint;
BEGIN
  SELECT n.adjustment_id INTO wrong FROM new_rows n
  LEFT JOIN adjustment_postings h ON h.proposal_no = n.proposal_no
  LEFT JOIN proposed_adjustments r ON r.proposal_no = n.proposal_no AND r.row_no = n.row_no
  LEFT JOIN member_numbers m ON m.member_no = r.member_no
  WHERE h.proposal_no IS NULL OR (m.member_id, r.points, r.reason_class) IS DISTINCT FROM (n.member_id, n.points, n.reason_class)
    OR r.reference IS DISTINCT FROM n.reference LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'adjustment % is not what was proposed', wrong USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- At the end of the transaction: approving is the last thing that it does.
CREATE FUNCTION refuse_unapproved_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM proposals p WHERE p.proposal_no = NEW.proposal_no AND p.state = 'approved' AND p.checker = NEW.applied_by) THEN
    RAISE EXCEPTION 'proposal % was applied, and nobody approved it', NEW.proposal_no USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_groundless_adjust() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM new_rows e WHERE e.kind = 'adjust' AND NOT EXISTS (
      SELECT FROM adjustments a WHERE a.adjustment_id = e.ref_id AND a.member_id = e.member_id AND a.points = e.available_points)) THEN
    RAISE EXCEPTION 'an entry adjusts points, and nobody proposed it' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
DO $$
DECLARE
  guard text;
  whole text;
  part regclass;
BEGIN
  FOREACH guard IN ARRAY ARRAY['refuse_late_proposed_row()', 'refuse_unproposed_adjustment()', 'refuse_unapproved_posting()', 'refuse_groundless_adjust()'] LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', guard, current_schema());
  END LOOP;
  FOREACH whole IN ARRAY ARRAY['proposed_adjustments', 'adjustment_postings', 'adjustments'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
      whole || '_append_only', whole);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM PUBLIC, %I', whole, current_user);
  END LOOP;
  -- After the guard of closed dates, which says more: triggers fire in the order of their names.
  FOR part IN SELECT relid FROM pg_partition_tree('points_entries') LOOP
    EXECUTE format('CREATE TRIGGER points_entries_proposed AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows '
      'FOR EACH STATEMENT EXECUTE FUNCTION refuse_groundless_adjust()', part);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE TRIGGER proposed_adjustments_in_time AFTER INSERT ON proposed_adjustments REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_proposed_row();
--> statement-breakpoint
CREATE TRIGGER adjustments_proposed AFTER INSERT ON adjustments REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_unproposed_adjustment();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER adjustment_postings_approved AFTER INSERT ON adjustment_postings DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION refuse_unapproved_posting();
