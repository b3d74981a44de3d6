-- An archive stays as it was written, but that it is attached again, once.
CREATE FUNCTION refuse_archive_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.attached_at IS NOT NULL
    OR to_jsonb(NEW) - 'attached_by' - 'attached_at' <> to_jsonb(OLD) - 'attached_by' - 'attached_at' THEN
    RAISE EXCEPTION 'archive % stays as it was written', OLD.archive_no USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
-- What an archive carries goes when its rows are back, and not before.
CREATE FUNCTION refuse_delete_of_carried() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM history_archives a WHERE a.attached_at IS NULL
      AND a.archive_no IN (SELECT archive_no FROM old_rows)) THEN
    RAISE EXCEPTION 'a row of % is of an archive that is not attached', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- The entries of a member are those that are there, and what is carried of those that are archived.
CREATE OR REPLACE FUNCTION refuse_groundless_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  broken bigint;
BEGIN
  IF session_role() NOT IN ('clerk', 'approver', 'finance', 'nobody') OR session_role() IS NULL THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    SELECT min(member_id) INTO broken FROM new_rows WHERE (available_points, held_points, clawed_back_points) <> (0, 0, 0);
  ELSE
    SELECT min(n.member_id) INTO broken FROM new_rows n JOIN old_rows o ON o.member_id = n.member_id
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(e.available_points), 0) AS available_points, coalesce(sum(e.held_points), 0) AS held_points,
        coalesce(sum(e.clawed_back_points), 0) AS clawed_back_points
      FROM (
        SELECT available_points, held_points, CASE kind WHEN 'clawback' THEN -available_points END AS clawed_back_points
        FROM points_entries WHERE member_id = n.member_id
        UNION ALL
        SELECT available_points, 0, clawed_back_points FROM carried_points WHERE member_id = n.member_id
      ) e) e
    WHERE (n.available_points, n.held_points, n.clawed_back_points) IS DISTINCT FROM (o.available_points, o.held_points, o.clawed_back_points)
      AND (n.available_points, n.held_points, n.clawed_back_points) <> (e.available_points, e.held_points, e.clawed_back_points);
  END IF;
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION 'the balance of member_id % is not what its entries come to', broken USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- What belongs to members goes with them, and they without points.
CREATE OR REPLACE FUNCTION refuse_delete_of_member_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM old_rows o WHERE EXISTS (SELECT FROM members m WHERE m.member_id = o.member_id)
      OR EXISTS (SELECT FROM points_entries e WHERE e.member_id = o.member_id)
      OR EXISTS (SELECT FROM carried_points c WHERE c.member_id = o.member_id)) THEN
    RAISE EXCEPTION 'a row of % is of a member who stays', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
DO $$
DECLARE
  guard text;
  whole text;
BEGIN
  FOREACH guard IN ARRAY ARRAY['refuse_archive_rewrite()', 'refuse_delete_of_carried()', 'refuse_groundless_balance()',
    'refuse_delete_of_member_part()']
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', guard, current_schema());
  END LOOP;
  -- As before: the guard runs under the settings of the statement that it guards.
  ALTER FUNCTION refuse_groundless_balance() SET enable_hashjoin = on;
  ALTER FUNCTION refuse_groundless_balance() SET enable_nestloop = off;
  FOREACH whole IN ARRAY ARRAY['carried_points', 'carried_entries'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
      whole || '_frozen', whole);
    EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows '
      'FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_carried()', whole || '_attached', whole);
    EXECUTE format('REVOKE UPDATE, TRUNCATE ON %I FROM PUBLIC, %I', whole, current_user);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE TRIGGER history_archives_frozen BEFORE UPDATE ON history_archives
  FOR EACH ROW EXECUTE FUNCTION refuse_archive_rewrite();
--> statement-breakpoint
CREATE TRIGGER history_archives_never_deleted BEFORE DELETE OR TRUNCATE ON history_archives
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
