-- Guards over all rows of a statement ask about each operator once: OFFSET keeps the planner from asking about each row before it
-- looks which operators there are.
CREATE OR REPLACE FUNCTION refuse_other_operator() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  problem text;
BEGIN
  SELECT coalesce(operator_problem(n.operator), 'the identity of ' || n.operator || ' is recorded by the database itself') INTO problem
  FROM (SELECT DISTINCT operator, login_role, identity FROM new_rows OFFSET 0) n
  WHERE operator_problem(n.operator) IS NOT NULL OR n.login_role IS DISTINCT FROM session_user OR n.identity <> session_identity()
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%', problem USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION refuse_journal_of_others() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  problem text;
BEGIN
  SELECT operator_problem(n.operator) INTO problem FROM (SELECT DISTINCT operator FROM new_rows OFFSET 0) n
  WHERE operator_problem(n.operator) IS NOT NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%', problem USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION refuse_request_of_others() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  problem text;
BEGIN
  SELECT operator_problem(n.requested_by) INTO problem FROM (SELECT DISTINCT requested_by FROM new_rows OFFSET 0) n
  WHERE operator_problem(n.requested_by) IS NOT NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%', problem USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION refuse_decision_of_other_role() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  problem text;
BEGIN
  SELECT operator_problem(d.operator, d.roles) INTO problem FROM (
    SELECT DISTINCT CASE WHEN n.status = o.status THEN n.first_approved_by ELSE n.decided_by END AS operator,
      CASE n.status
        WHEN 'cancelled' THEN ARRAY['clerk', 'admin']
        WHEN 'expired' THEN ARRAY['clerk', 'batch', 'admin']
        WHEN 'paid' THEN ARRAY['finance', 'batch', 'admin']
        WHEN 'failed' THEN ARRAY['finance', 'batch', 'admin']
        ELSE ARRAY['approver', 'admin']
      END AS roles
    FROM new_rows n JOIN old_rows o ON o.member_id = n.member_id AND o.withdrawal_id = n.withdrawal_id
    WHERE n.status <> 'paying' AND (n.status <> o.status OR n.first_approved_by IS DISTINCT FROM o.first_approved_by) OFFSET 0
  ) d WHERE operator_problem(d.operator, d.roles) IS NOT NULL LIMIT 1;
  IF problem IS NULL THEN
    SELECT identity_problem(max(coalesce(n.decided_at, n.first_approved_at))) INTO problem
    FROM new_rows n JOIN old_rows o ON o.member_id = n.member_id AND o.withdrawal_id = n.withdrawal_id
    WHERE n.status = 'approved' AND o.status <> 'approved' OR n.first_approved_by IS DISTINCT FROM o.first_approved_by;
  END IF;
  IF problem IS NULL AND session_role() IN ('clerk', 'approver', 'auditor', 'nobody') AND EXISTS (
    SELECT FROM new_rows n JOIN old_rows o ON o.member_id = n.member_id AND o.withdrawal_id = n.withdrawal_id
    WHERE n.status = 'paying' AND o.status <> 'paying') THEN
    problem := format('the login role %s is %s''s, who sends no payouts', session_user, session_role());
  END IF;
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- A statement that finds rows by their keys alone forbids hash joins, and its guards run under the same settings: they joined each row's
-- new form to the old forms of all.
DO $$
DECLARE
  guard text;
BEGIN
  FOREACH guard IN ARRAY ARRAY['refuse_other_operator()', 'refuse_journal_of_others()', 'refuse_request_of_others()',
    'refuse_decision_of_other_role()']
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', guard, current_schema());
  END LOOP;
  FOREACH guard IN ARRAY ARRAY['refuse_decision_of_other_role()', 'refuse_groundless_balance()']
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET enable_hashjoin = on', guard);
    EXECUTE format('ALTER FUNCTION %s SET enable_nestloop = off', guard);
  END LOOP;
END $$;
