-- Whether an approval at some time takes an operator whom the database vouches for: the policy of that business date says so, or else
-- that some operator at work has a login role.
CREATE FUNCTION demands_proven_identity(decided_at timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT coalesce(
      (SELECT p.proven_identity FROM policies p WHERE p.effective_from <= (decided_at AT TIME ZONE f.time_zone)::date
       ORDER BY p.effective_from DESC, p.revision DESC LIMIT 1),
      EXISTS (SELECT FROM operators WHERE login_role IS NOT NULL AND state = 'active'))
    FROM platform f);
END $$;
--> statement-breakpoint
-- Why this session cannot approve at some time, or null when it can; null for no time at all.
CREATE FUNCTION identity_problem(decided_at timestamptz) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN CASE WHEN decided_at IS NOT NULL AND session_identity() = 'asserted' AND demands_proven_identity(decided_at)
    THEN format('the login role %s is no operator''s, and the policy lets nobody approve whom the database does not vouch for', session_user) END;
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
    WHERE n.status <> 'paying' AND (n.status <> o.status OR n.first_approved_by IS DISTINCT FROM o.first_approved_by)
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
-- Which roles decide about proposals of a kind. The subjects of the program say it; a test holds this to them.
CREATE FUNCTION roles_deciding(subject_kind text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN CASE
  WHEN subject_kind IN ('points_adjustment', 'member_name') THEN ARRAY['approver', 'finance', 'admin']
  WHEN subject_kind IN ('order_void', 'order_correction', 'import_undo') THEN ARRAY['approver', 'admin']
  WHEN subject_kind = 'operator_role' THEN ARRAY['admin']
  ELSE ARRAY['finance', 'admin']
END;
--> statement-breakpoint
CREATE FUNCTION refuse_decision_on_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  problem text := coalesce(operator_problem(coalesce(NEW.checker, 'nobody'), roles_deciding(NEW.subject_kind)),
    CASE NEW.state WHEN 'approved' THEN identity_problem(NEW.decided_at) END);
BEGIN
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem USING ERRCODE = 'ACC02';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
DROP TRIGGER proposals_decided_by_role ON proposals;
--> statement-breakpoint
CREATE TRIGGER proposals_decided_by_role BEFORE UPDATE ON proposals
  FOR EACH ROW WHEN (NEW.state IN ('approved', 'rejected')) EXECUTE FUNCTION refuse_decision_on_proposal();
--> statement-breakpoint
-- What was set before it said of which proposal: those that were approved in the same moment. Both tables are append-only.
DO $$
BEGIN
  EXECUTE format('GRANT UPDATE ON policies, contribution_rates TO %I', current_user);
  ALTER TABLE policies DISABLE TRIGGER USER;
  ALTER TABLE contribution_rates DISABLE TRIGGER USER;
  UPDATE policies x SET proposal_no = p.proposal_no
  FROM (
    SELECT DISTINCT ON (p.proposal_no) p.proposal_no, x.effective_from, x.revision
    FROM proposals p JOIN policies x ON x.effective_from::text = p.document->>'effective_from' AND x.set_by = p.checker
      AND x.set_at BETWEEN p.decided_at - interval '1 minute' AND p.decided_at
    WHERE p.state = 'approved' AND p.subject_kind = 'policy' ORDER BY p.proposal_no, x.set_at DESC
  ) p WHERE (x.effective_from, x.revision) = (p.effective_from, p.revision);
  UPDATE contribution_rates x SET proposal_no = p.proposal_no
  FROM (
    SELECT DISTINCT ON (p.proposal_no) p.proposal_no, x.merchant_id, x.effective_from, x.revision
    FROM proposals p JOIN merchants m ON m.merchant_code = p.document->>'merchant_code'
    JOIN contribution_rates x ON x.merchant_id = m.merchant_id AND x.effective_from::text = p.document->>'effective_from'
      AND x.set_by = p.checker AND x.set_at BETWEEN p.decided_at - interval '1 minute' AND p.decided_at
    WHERE p.state = 'approved' AND p.subject_kind = 'merchant_rate' ORDER BY p.proposal_no, x.set_at DESC
  ) p WHERE (x.merchant_id, x.effective_from, x.revision) = (p.merchant_id, p.effective_from, p.revision);
  ALTER TABLE policies ENABLE TRIGGER USER;
  ALTER TABLE contribution_rates ENABLE TRIGGER USER;
  EXECUTE format('REVOKE UPDATE ON policies, contribution_rates FROM %I', current_user);
END $$;
--> statement-breakpoint
-- Whether a row is what an approved proposal says: a policy has the terms that it changes, and those that it rests on.
CREATE FUNCTION is_proposed(one policies) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM proposals p
    WHERE p.proposal_no = one.proposal_no AND p.subject_kind = 'policy' AND p.state = 'approved' AND p.checker = one.set_by
      AND p.document->>'effective_from' = one.effective_from::text
      AND NOT EXISTS (SELECT FROM jsonb_each_text(p.basis - 'until' || (p.document->'terms')) t
        WHERE to_jsonb(one)->>t.key IS DISTINCT FROM t.value));
END $$;
--> statement-breakpoint
CREATE FUNCTION is_proposed(one contribution_rates) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM proposals p JOIN merchants m ON m.merchant_code = p.document->>'merchant_code'
    WHERE p.proposal_no = one.proposal_no AND p.subject_kind = 'merchant_rate' AND p.state = 'approved'
      AND p.checker = one.set_by AND m.merchant_id = one.merchant_id
      AND p.document->>'effective_from' = one.effective_from::text
      AND p.document->>'contribution_bps' IS NOT DISTINCT FROM one.contribution_bps::text);
END $$;
--> statement-breakpoint
-- A date may be reopened several times, each time by a proposal of its own: it is reopened before that one is decided.
CREATE FUNCTION is_proposed(one business_dates) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM proposals p
    WHERE p.subject_kind = 'settle_reopen' AND p.state = 'approved' AND p.checker = one.reopened_by
      AND p.document->>'business_date' = one.business_date::text AND p.decided_at >= one.reopened_at);
END $$;
--> statement-breakpoint
-- At the end of the transaction: approving is the last thing that it does.
CREATE FUNCTION refuse_unproposed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT is_proposed(NEW) THEN
    RAISE EXCEPTION '% has a row that nobody proposed and approved as it is', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- Without a proposal a rate comes with its merchant alone: an import that is not recorded yet brings both.
CREATE FUNCTION refuse_rate_of_nobody() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM new_rows n LEFT JOIN merchants m ON m.merchant_id = n.merchant_id
      WHERE n.proposal_no IS NULL AND (n.effective_from, n.revision, n.set_at) IS DISTINCT FROM ('0001-01-01', 1, m.registered_at)
        OR n.proposal_no IS NULL AND EXISTS (SELECT FROM imports i WHERE i.import_id = m.import_id)) THEN
    RAISE EXCEPTION 'the rate of a known merchant is changed by a proposal' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- The bounds are those of the rate's date, or of the day on which it is set where that is later.
CREATE FUNCTION refuse_rate_out_of_bounds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM new_rows n CROSS JOIN platform f CROSS JOIN LATERAL (
        SELECT coalesce(p.min_contribution_bps, 0) AS least, coalesce(p.max_contribution_bps, 10000) AS most FROM policies p
        WHERE p.effective_from <= greatest(n.effective_from, (n.set_at AT TIME ZONE f.time_zone)::date)
        ORDER BY p.effective_from DESC, p.revision DESC LIMIT 1) p
      WHERE n.contribution_bps NOT BETWEEN p.least AND p.most) THEN
    RAISE EXCEPTION 'a rate is out of the bounds of the policy' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
DO $$
DECLARE
  guard text;
BEGIN
  FOREACH guard IN ARRAY ARRAY['demands_proven_identity(timestamptz)', 'identity_problem(timestamptz)', 'refuse_decision_of_other_role()',
    'refuse_decision_on_proposal()', 'is_proposed(policies)', 'is_proposed(contribution_rates)', 'is_proposed(business_dates)',
    'refuse_unproposed()', 'refuse_rate_of_nobody()', 'refuse_rate_out_of_bounds()']
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', guard, current_schema());
  END LOOP;
END $$;
--> statement-breakpoint
-- The first policy is the platform's, from the beginning of time.
CREATE CONSTRAINT TRIGGER policies_proposed AFTER INSERT ON policies DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.effective_from > '0001-01-01' OR NEW.revision > 1) EXECUTE FUNCTION refuse_unproposed();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER contribution_rates_proposed AFTER INSERT ON contribution_rates DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.proposal_no IS NOT NULL) EXECUTE FUNCTION refuse_unproposed();
--> statement-breakpoint
CREATE TRIGGER contribution_rates_begin AFTER INSERT ON contribution_rates REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rate_of_nobody();
--> statement-breakpoint
CREATE TRIGGER contribution_rates_bounded AFTER INSERT ON contribution_rates REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_rate_out_of_bounds();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER business_dates_reopened_as_proposed AFTER UPDATE ON business_dates DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.reopened_at IS DISTINCT FROM OLD.reopened_at) EXECUTE FUNCTION refuse_unproposed();
--> statement-breakpoint
-- What a merchant began as stays: which import brought it says whose its first rate is.
CREATE TRIGGER merchants_began BEFORE UPDATE ON merchants FOR EACH ROW
  WHEN ((NEW.merchant_id, NEW.merchant_code, NEW.import_id, NEW.registered_by, NEW.registered_at)
    IS DISTINCT FROM (OLD.merchant_id, OLD.merchant_code, OLD.import_id, OLD.registered_by, OLD.registered_at))
  EXECUTE FUNCTION refuse_because('which import brought a merchant, under which code and when, stays as it is');
--> statement-breakpoint
-- At the end of the transaction: whoever works through the login role of an operator gives a role that approves or moves money, or its
-- login role, by the proposal that this very transaction approves, where there is another admin who can.
CREATE FUNCTION refuse_role_of_one() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  giver text := coalesce(NEW.changed_by, NEW.added_by);
BEGIN
  IF session_role() IS NOT NULL
    AND EXISTS (SELECT FROM operators WHERE role = 'admin' AND state = 'active' AND name NOT IN (giver, NEW.name)
      AND (login_role IS NOT NULL OR NOT demands_proven_identity(now())))
    AND NOT EXISTS (SELECT FROM proposals p
      WHERE p.subject_kind = 'operator_role' AND p.state = 'approved' AND p.checker = giver AND p.xmin = pg_current_xact_id()::xid
        AND p.document->>'operator' = NEW.name AND p.document->>'role' = NEW.role
        AND p.document->>'login_role' IS NOT DISTINCT FROM NEW.login_role) THEN
    RAISE EXCEPTION 'that % is % takes another admin, who approves it', NEW.name, NEW.role USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION refuse_role_of_one() SET search_path = pg_catalog, %I, pg_temp', current_schema());
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER operators_added_by_two AFTER INSERT ON operators DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.role IN ('approver', 'finance', 'admin')) EXECUTE FUNCTION refuse_role_of_one();
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER operators_set_by_two AFTER UPDATE ON operators DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.role IN ('approver', 'finance', 'admin') AND (NEW.role, NEW.login_role) IS DISTINCT FROM (OLD.role, OLD.login_role))
  EXECUTE FUNCTION refuse_role_of_one();
