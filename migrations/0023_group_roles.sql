-- Operators' login roles are members of the group role of their role (accrue_clerk ...), where the server has them: whoever
-- changes the registry changes that with it. Where the owner may not grant, it is left to a DBA.
CREATE FUNCTION follow_group_roles() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  wanted text := CASE WHEN NEW.state = 'active' THEN 'accrue_' || NEW.role END;
  other record;
BEGIN
  FOR other IN
    SELECT g.rolname AS group_role, m.rolname AS login_role
    FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
    WHERE g.rolname IN ('accrue_clerk', 'accrue_approver', 'accrue_finance', 'accrue_admin', 'accrue_auditor', 'accrue_batch')
      AND m.rolname IN (NEW.login_role, CASE WHEN TG_OP = 'UPDATE' THEN OLD.login_role END)
      AND (m.rolname, g.rolname) IS DISTINCT FROM (NEW.login_role, wanted)
  LOOP
    EXECUTE format('REVOKE %I FROM %I', other.group_role, other.login_role);
  END LOOP;
  IF NOT pg_has_role(to_regrole(quote_ident(NEW.login_role)), to_regrole(quote_ident(wanted)), 'MEMBER') THEN
    EXECUTE format('GRANT %I TO %I', wanted, NEW.login_role);
  END IF;
  RETURN NULL;
EXCEPTION WHEN insufficient_privilege OR invalid_grant_operation THEN
  RETURN NULL;
END $$;
--> statement-breakpoint
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION follow_group_roles() SET search_path = pg_catalog, %I, pg_temp', current_schema());
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION follow_group_roles() FROM PUBLIC;
--> statement-breakpoint
CREATE TRIGGER operators_grouped AFTER INSERT OR UPDATE ON operators
  FOR EACH ROW EXECUTE FUNCTION follow_group_roles();
--> statement-breakpoint
-- The role that this session is held to: that of the operator whose login role it is. Null where it is no one operator's: the
-- owner, and a login role that is an admin's and shared. Nobody is whoever is in a group and unknown to the registry, or suspended.
CREATE FUNCTION session_role() RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  own operators;
BEGIN
  SELECT * INTO own FROM operators WHERE login_role = session_user;
  IF FOUND THEN
    RETURN CASE own.state WHEN 'active' THEN own.role ELSE 'nobody' END;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname IN ('accrue_clerk', 'accrue_approver', 'accrue_finance', 'accrue_auditor', 'accrue_batch')
               AND pg_has_role(session_user, oid, 'MEMBER'))
     AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'accrue_admin' AND pg_has_role(session_user, oid, 'MEMBER')) THEN
    RETURN 'nobody';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION operator_problem(named text, roles text[] DEFAULT NULL) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  found operators;
  own text;
BEGIN
  SELECT name INTO own FROM operators WHERE login_role = session_user;
  SELECT * INTO found FROM operators WHERE name = named;
  RETURN CASE
    WHEN own <> named THEN format('the login role %s is operator %s''s, and nobody else''s', session_user, own)
    WHEN own IS NULL AND session_role() = 'nobody' THEN format('the login role %s is no operator''s', session_user)
    WHEN found.name IS NULL THEN format('%s is no registered operator', named)
    WHEN found.login_role <> session_user THEN format('%s works through the login role %s alone', named, found.login_role)
    WHEN found.state <> 'active' THEN format('operator %s is suspended', named)
    WHEN found.role <> ALL (roles) THEN format('operator %s is %s, and it takes %s', named, found.role, array_to_string(roles, ' or '))
  END;
END $$;
--> statement-breakpoint
-- The kinds of entries and journal transactions that a role posts; null: all. Adjustments are tried, and taken back, by whoever
-- proposes them: a trigger at the end of the transaction says who may keep one.
CREATE FUNCTION kinds_of_role(role text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE role
  WHEN 'clerk' THEN ARRAY['hold', 'release', 'adjust']
  WHEN 'approver' THEN ARRAY['release', 'adjust']
  WHEN 'finance' THEN ARRAY['hold', 'release', 'burn', 'collection', 'statement', 'write_off', 'adjust']
  WHEN 'batch' THEN ARRAY['grant', 'clawback', 'contribution', 'hold', 'release', 'burn', 'collection', 'statement']
  WHEN 'auditor' THEN ARRAY[]::text[]
  WHEN 'nobody' THEN ARRAY[]::text[]
END;
--> statement-breakpoint
CREATE FUNCTION refuse_kind_of_other_role() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  held_to text := session_role();
  beyond text;
BEGIN
  IF kinds_of_role(held_to) IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT min(kind) INTO beyond FROM new_rows WHERE kind <> ALL (kinds_of_role(held_to));
  IF beyond IS NOT NULL THEN
    RAISE EXCEPTION 'the login role % is held to what the role % posts, and % is none of that', session_user, held_to, beyond USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- The journal names who posted, and takes all lines of a transaction at once. Holding and releasing points moves no money.
CREATE FUNCTION refuse_journal_of_others() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  problem text;
BEGIN
  SELECT operator_problem(n.operator) INTO problem FROM (SELECT DISTINCT operator FROM new_rows) n
  WHERE operator_problem(n.operator) IS NOT NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%', problem USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_lines_of_other_role() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  held_to text := session_role();
  broken bigint;
BEGIN
  IF kinds_of_role(held_to) IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT min(n.journal_id) INTO broken FROM new_rows n JOIN journal_transactions t ON t.journal_id = n.journal_id
  WHERE t.kind <> ALL (kinds_of_role(held_to)) OR t.kind IN ('hold', 'release') AND n.unit <> 'points';
  IF broken IS NULL THEN
    SELECT min(l.journal_id) INTO broken FROM journal_lines l
    WHERE l.journal_id IN (SELECT journal_id FROM new_rows) AND (l.journal_id, l.line_no) NOT IN (SELECT journal_id, line_no FROM new_rows);
  END IF;
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION 'the login role % cannot add these lines to journal transaction % as %', session_user, broken, held_to USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- At the end of the transaction: what the journal keeps of adjustments was approved by whoever keeps it.
CREATE FUNCTION refuse_adjustment_of_other_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF session_role() NOT IN ('approver', 'finance', 'admin') THEN
    RAISE EXCEPTION 'the login role % is %''s, who may propose an adjustment and not post it', session_user, session_role() USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- Points come from entries: whoever is held to a role changes a balance by what its entries say. Nights post theirs by the million,
-- and `verify` adds them up.
CREATE FUNCTION refuse_groundless_balance() RETURNS trigger LANGUAGE plpgsql AS $$
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
        -coalesce(sum(e.available_points) FILTER (WHERE e.kind = 'clawback'), 0) AS clawed_back_points
      FROM points_entries e WHERE e.member_id = n.member_id) e
    WHERE (n.available_points, n.held_points, n.clawed_back_points) IS DISTINCT FROM (o.available_points, o.held_points, o.clawed_back_points)
      AND (n.available_points, n.held_points, n.clawed_back_points) <> (e.available_points, e.held_points, e.clawed_back_points);
  END IF;
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION 'the balance of member_id % is not what its entries come to', broken USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- Who asks for a withdrawal is who says so; and who decides about one has a role for that.
CREATE FUNCTION refuse_request_of_others() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  problem text;
BEGIN
  SELECT operator_problem(n.requested_by) INTO problem FROM (SELECT DISTINCT requested_by FROM new_rows) n
  WHERE operator_problem(n.requested_by) IS NOT NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%', problem USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_decision_of_other_role() RETURNS trigger LANGUAGE plpgsql AS $$
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
    WHERE n.status <> 'paying' AND (n.status <> o.status OR n.first_approved_by IS DISTINCT FROM o.first_approved_by)
  ) d WHERE operator_problem(d.operator, d.roles) IS NOT NULL LIMIT 1;
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
-- Arguments: the column that says who, and the roles that may; all of them where none is named.
CREATE FUNCTION refuse_act_of_others() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  problem text := operator_problem(coalesce(to_jsonb(NEW) ->> TG_ARGV[0], 'nobody'), nullif(TG_ARGV[1:TG_NARGS - 1], '{}'));
BEGIN
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem USING ERRCODE = 'ACC02';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
DO $$
DECLARE
  guard text;
BEGIN
  FOREACH guard IN ARRAY ARRAY['session_role()', 'operator_problem(text, text[])', 'refuse_kind_of_other_role()', 'refuse_journal_of_others()',
    'refuse_lines_of_other_role()', 'refuse_adjustment_of_other_role()', 'refuse_groundless_balance()', 'refuse_request_of_others()',
    'refuse_decision_of_other_role()', 'refuse_act_of_others()']
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', guard, current_schema());
  END LOOP;
END $$;
--> statement-breakpoint
-- Partitions need none of these: no role has a privilege on them.
CREATE TRIGGER points_entries_of_role AFTER INSERT ON points_entries REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_kind_of_other_role();
--> statement-breakpoint
CREATE TRIGGER journal_transactions_of_role AFTER INSERT ON journal_transactions REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_kind_of_other_role();
--> statement-breakpoint
CREATE TRIGGER journal_transactions_own AFTER INSERT ON journal_transactions REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_journal_of_others();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER journal_transactions_adjusted AFTER INSERT ON journal_transactions DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.kind = 'adjust') EXECUTE FUNCTION refuse_adjustment_of_other_role();
--> statement-breakpoint
CREATE TRIGGER journal_lines_of_role AFTER INSERT ON journal_lines REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_lines_of_other_role();
--> statement-breakpoint
CREATE TRIGGER balances_begin AFTER INSERT ON balances REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_groundless_balance();
--> statement-breakpoint
CREATE TRIGGER balances_of_entries AFTER UPDATE ON balances REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_groundless_balance();
--> statement-breakpoint
CREATE TRIGGER withdrawals_own AFTER INSERT ON withdrawals REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_request_of_others();
--> statement-breakpoint
CREATE TRIGGER withdrawals_decided_by_role AFTER UPDATE ON withdrawals REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_decision_of_other_role();
--> statement-breakpoint
CREATE TRIGGER proposals_own BEFORE INSERT ON proposals
  FOR EACH ROW EXECUTE FUNCTION refuse_act_of_others('maker', 'clerk', 'approver', 'finance', 'admin');
--> statement-breakpoint
CREATE TRIGGER proposals_decided_by_role BEFORE UPDATE ON proposals
  FOR EACH ROW WHEN (NEW.state IN ('approved', 'rejected')) EXECUTE FUNCTION refuse_act_of_others('checker', 'approver', 'finance', 'admin');
--> statement-breakpoint
CREATE TRIGGER proposals_taken_back BEFORE UPDATE ON proposals
  FOR EACH ROW WHEN (NEW.state = 'withdrawn') EXECUTE FUNCTION refuse_act_of_others('checker');
--> statement-breakpoint
CREATE TRIGGER policies_set_by_role BEFORE INSERT ON policies
  FOR EACH ROW EXECUTE FUNCTION refuse_act_of_others('set_by', 'finance', 'admin');
--> statement-breakpoint
-- Lets whoever may not read the hashes of passwords know whether there is one.
CREATE FUNCTION member_has_password(member bigint) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER AS $$
BEGIN
  RETURN EXISTS (SELECT FROM members WHERE member_id = member AND password_hash IS NOT NULL);
END $$;
--> statement-breakpoint
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION member_has_password(bigint) SET search_path = pg_catalog, %I, pg_temp', current_schema());
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION member_has_password(bigint) FROM PUBLIC;
--> statement-breakpoint
CREATE TRIGGER business_dates_reopened_by_role BEFORE UPDATE ON business_dates
  FOR EACH ROW WHEN (NEW.reopened_at IS DISTINCT FROM OLD.reopened_at)
  EXECUTE FUNCTION refuse_act_of_others('reopened_by', 'approver', 'finance', 'admin');
