-- Void is the end of an order: it counts as never been.
CREATE OR REPLACE FUNCTION order_status_rank(status text) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN status = 'pending' THEN 0 WHEN status = 'paid' THEN 1 WHEN status = 'closed' THEN 2 WHEN status = 'void' THEN 3 END;
--> statement-breakpoint
-- The import that this transaction undoes, or null. A correction whose proposal still waits is one of this transaction: it is
-- committed with an approval, or not at all.
CREATE FUNCTION import_being_undone() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT min(c.import_id) FROM corrections c JOIN proposals p ON p.proposal_no = c.proposal_no AND p.state = 'proposed');
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_unproposed_correction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM proposals p WHERE p.proposal_no = NEW.proposal_no AND p.state = 'proposed'
      AND CASE p.subject_kind WHEN 'import_undo' THEN p.document->>'import_id' = NEW.import_id::text
        WHEN 'order_void' THEN NEW.import_id IS NULL WHEN 'order_correction' THEN NEW.import_id IS NULL ELSE false END) THEN
    RAISE EXCEPTION 'proposal % does not wait for this correction', NEW.proposal_no USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- An order becomes void by a proposal that is of it, or of the import that brought or changed it.
CREATE FUNCTION refuse_unproposed_void() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong text;
BEGIN
  SELECT n.order_no INTO wrong FROM new_rows n
  LEFT JOIN corrections c ON c.proposal_no = n.proposal_no
  LEFT JOIN proposals p ON p.proposal_no = c.proposal_no AND p.state = 'proposed'
  WHERE CASE p.subject_kind
    WHEN 'import_undo' THEN true
    WHEN 'order_void' THEN n.new_order_id IS NULL AND (p.document->>'order_no', p.document->>'source') = (n.order_no, n.source)
    WHEN 'order_correction' THEN n.new_order_id IS NOT NULL
      AND (p.document->>'order_no', p.document->>'source') = (n.order_no, n.source)
    END IS NOT TRUE LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'nobody proposed that order % is void', wrong USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_groundless_void() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'void' OR NOT EXISTS (SELECT FROM order_voids v
      WHERE v.order_no = OLD.order_no AND v.source = OLD.source AND v.order_id = OLD.order_id AND v.status = OLD.status)
     OR (NEW.refunded_fen, NEW.paid_at, NEW.business_date, NEW.skus) IS DISTINCT FROM (OLD.refunded_fen, OLD.paid_at, OLD.business_date, OLD.skus) THEN
    RAISE EXCEPTION 'order % becomes void by a proposal, and stays as it was then', OLD.order_no USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_other_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.order_no, NEW.source, NEW.import_id, NEW.line) IS DISTINCT FROM (OLD.order_no, OLD.source, OLD.import_id, OLD.line)
     OR NOT EXISTS (SELECT FROM order_voids v WHERE v.order_no = OLD.order_no AND v.source = OLD.source AND v.order_id = OLD.order_id
       AND (v.new_order_id, v.new_member_id) = (NEW.order_id, NEW.member_id)) THEN
    RAISE EXCEPTION 'number % leads to one order for good, or to what was put in its place', OLD.order_no
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
-- Rows are deleted by a transaction that undoes the import which brought them, and by no other.
CREATE FUNCTION refuse_delete_unless_undone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' OR import_being_undone() IS NULL THEN
    RAISE EXCEPTION 'rows of % are deleted only where their import is undone', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_delete_of_other_import() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM old_rows WHERE import_id IS DISTINCT FROM import_being_undone()) THEN
    RAISE EXCEPTION 'a row of % is not of the import that is undone', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- An order that a run has settled, or that its number leads to, stays.
CREATE FUNCTION refuse_delete_of_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM old_rows o WHERE EXISTS (SELECT FROM points_entries e WHERE e.member_id = o.member_id AND e.ref_id = o.order_id)
      OR EXISTS (SELECT FROM order_keys k WHERE k.order_no = o.order_no AND k.source = o.source AND k.order_id = o.order_id)) THEN
    RAISE EXCEPTION 'an order was settled, or is not of the import that is undone' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- What belongs to members goes with them, and they without points.
CREATE FUNCTION refuse_delete_of_member_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM old_rows o WHERE EXISTS (SELECT FROM members m WHERE m.member_id = o.member_id)
      OR EXISTS (SELECT FROM points_entries e WHERE e.member_id = o.member_id)) THEN
    RAISE EXCEPTION 'a row of % is of a member who stays', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
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
  FOREACH guard IN ARRAY ARRAY['import_being_undone()', 'refuse_unproposed_correction()', 'refuse_unproposed_void()', 'refuse_groundless_void()',
    'refuse_other_order()', 'refuse_delete_unless_undone()', 'refuse_delete_of_other_import()', 'refuse_delete_of_settled()',
    'refuse_delete_of_member_part()']
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', guard, current_schema());
  END LOOP;
  FOREACH whole IN ARRAY ARRAY['corrections', 'order_voids', 'order_updates'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
      whole || '_append_only', whole);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM PUBLIC, %I', whole, current_user);
  END LOOP;
  FOREACH whole IN ARRAY ARRAY['orders', 'order_keys', 'members', 'balances', 'merchants'] LOOP
    FOR part IN SELECT whole::regclass UNION SELECT relid FROM pg_partition_tree(whole) LOOP
      EXECUTE format('DROP TRIGGER %I ON %s', whole || '_never_deleted', part);
      EXECUTE format('CREATE TRIGGER %I BEFORE DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone()',
        whole || '_never_deleted', part);
    END LOOP;
  END LOOP;
  -- What is append-only is, too, but for that.
  FOREACH whole IN ARRAY ARRAY['order_refunds', 'order_evidence', 'member_numbers', 'contribution_rates'] LOOP
    EXECUTE format('DROP TRIGGER %I ON %I', whole || '_append_only', whole);
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
      whole || '_append_only', whole);
    EXECUTE format('CREATE TRIGGER %I BEFORE DELETE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone()',
      whole || '_never_deleted', whole);
    EXECUTE format('GRANT DELETE ON %I TO %I', whole, current_user);
  END LOOP;
  FOREACH whole IN ARRAY ARRAY['order_keys', 'order_refunds', 'order_evidence', 'members', 'merchants'] LOOP
    EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
      'FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_other_import()', whole || '_undone', whole);
  END LOOP;
  FOREACH whole IN ARRAY ARRAY['member_numbers', 'balances'] LOOP
    EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
      'FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_member_part()', whole || '_undone', whole);
  END LOOP;
  FOR part IN SELECT relid FROM pg_partition_tree('orders') LOOP
    EXECUTE format('CREATE TRIGGER orders_undone AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows '
      'FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_settled()', part);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE TRIGGER corrections_proposed AFTER INSERT ON corrections
  FOR EACH ROW EXECUTE FUNCTION refuse_unproposed_correction();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER corrections_approved AFTER INSERT ON corrections DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION refuse_unapproved_posting();
--> statement-breakpoint
CREATE TRIGGER order_voids_proposed AFTER INSERT ON order_voids REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_unproposed_void();
--> statement-breakpoint
CREATE TRIGGER orders_void BEFORE UPDATE ON orders FOR EACH ROW WHEN (NEW.status = 'void' OR OLD.status = 'void')
  EXECUTE FUNCTION refuse_groundless_void();
--> statement-breakpoint
DROP TRIGGER order_keys_frozen ON order_keys;
--> statement-breakpoint
CREATE TRIGGER order_keys_frozen BEFORE UPDATE ON order_keys FOR EACH ROW
  WHEN ((NEW.order_no, NEW.source, NEW.member_id, NEW.order_id, NEW.import_id, NEW.line)
    IS DISTINCT FROM (OLD.order_no, OLD.source, OLD.member_id, OLD.order_id, OLD.import_id, OLD.line))
  EXECUTE FUNCTION refuse_other_order();
