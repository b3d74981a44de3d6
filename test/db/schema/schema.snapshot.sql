-- sequences

CREATE SEQUENCE action_id_seq AS bigint START 1 CACHE 1;
CREATE SEQUENCE id_seq AS bigint START 1 CACHE 1000;
CREATE SEQUENCE journal_id_seq AS bigint START 1 CACHE 1;

-- functions

CREATE OR REPLACE FUNCTION public.demands_proven_identity(decided_at timestamp with time zone)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN (SELECT coalesce(
      (SELECT p.proven_identity FROM policies p WHERE p.effective_from <= (decided_at AT TIME ZONE f.time_zone)::date
       ORDER BY p.effective_from DESC, p.revision DESC LIMIT 1),
      EXISTS (SELECT FROM operators WHERE login_role IS NOT NULL AND state = 'active'))
    FROM platform f);
END $function$;

CREATE OR REPLACE FUNCTION public.follow_group_roles()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.guard_operator()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  problem text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.added_at := now();
    IF NEW.state <> 'active' OR NEW.changed_by IS NOT NULL THEN
      problem := 'an operator begins active';
    ELSIF EXISTS (SELECT FROM operators) THEN
      problem := operator_problem(NEW.added_by, '{admin}');
    ELSIF NEW.role <> 'admin' OR NEW.added_by <> NEW.name THEN
      problem := 'the first operator is an admin';
    END IF;
  ELSE
    NEW.changed_at := now();
    IF (NEW.name, NEW.skeleton, NEW.added_by, NEW.added_at) IS DISTINCT FROM (OLD.name, OLD.skeleton, OLD.added_by, OLD.added_at) THEN
      problem := 'an operator''s name stays whose it is';
    ELSE
      problem := operator_problem(coalesce(NEW.changed_by, 'nobody'), '{admin}');
    END IF;
  END IF;
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem USING ERRCODE = 'ACC02';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.identity_problem(decided_at timestamp with time zone)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN CASE WHEN decided_at IS NOT NULL AND session_identity() = 'asserted' AND demands_proven_identity(decided_at)
    THEN format('the login role %s is no operator''s, and the policy lets nobody approve whom the database does not vouch for', session_user) END;
END $function$;

CREATE OR REPLACE FUNCTION public.import_being_undone()
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN (SELECT min(c.import_id) FROM corrections c JOIN proposals p ON p.proposal_no = c.proposal_no AND p.state = 'proposed');
END $function$;

CREATE OR REPLACE FUNCTION public.is_proposed(one policies)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN EXISTS (SELECT FROM masked_proposals p
    WHERE p.proposal_no = one.proposal_no AND p.subject_kind = 'policy' AND p.state = 'approved'
      AND p.checker = one.set_by AND p.document->>'effective_from' = one.effective_from::text
      AND NOT EXISTS (SELECT FROM jsonb_each_text(p.basis - 'until' || (p.document->'terms')) t
        WHERE to_jsonb(one)->>t.key IS DISTINCT FROM t.value));
END $function$;

CREATE OR REPLACE FUNCTION public.is_proposed(one contribution_rates)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN EXISTS (SELECT FROM masked_proposals p JOIN merchants m ON m.merchant_code = p.document->>'merchant_code'
    WHERE p.proposal_no = one.proposal_no AND p.subject_kind = 'merchant_rate' AND p.state = 'approved'
      AND p.checker = one.set_by AND m.merchant_id = one.merchant_id
      AND p.document->>'effective_from' = one.effective_from::text
      AND p.document->>'contribution_bps' IS NOT DISTINCT FROM one.contribution_bps::text);
END $function$;

CREATE OR REPLACE FUNCTION public.is_proposed(one business_dates)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN EXISTS (SELECT FROM masked_proposals p
    WHERE p.subject_kind = 'settle_reopen' AND p.state = 'approved' AND p.checker = one.reopened_by
      AND p.document->>'business_date' = one.business_date::text AND p.decided_at >= one.reopened_at);
END $function$;

CREATE OR REPLACE FUNCTION public.kinds_of_role(role text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE role WHEN 'clerk'::text THEN ARRAY['hold'::text, 'release'::text, 'adjust'::text] WHEN 'approver'::text THEN ARRAY['release'::text, 'adjust'::text] WHEN 'finance'::text THEN ARRAY['hold'::text, 'release'::text, 'burn'::text, 'collection'::text, 'statement'::text, 'write_off'::text, 'adjust'::text] WHEN 'batch'::text THEN ARRAY['grant'::text, 'clawback'::text, 'contribution'::text, 'hold'::text, 'release'::text, 'burn'::text, 'collection'::text, 'statement'::text] WHEN 'auditor'::text THEN ARRAY[]::text[] WHEN 'nobody'::text THEN ARRAY[]::text[] ELSE NULL::text[] END;

CREATE OR REPLACE FUNCTION public.make_partitions()
 RETURNS SETOF text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET lock_timeout TO '2s'
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  width CONSTANT bigint := 16000000;
  given bigint := (SELECT last_value FROM id_seq);
  home text := (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = 'orders'::regclass);
  whole text;
  newest text;
  begins bigint;
  ends bigint := (given / width + 1) * width;
  made text;
  guard text;
BEGIN
  FOREACH whole IN ARRAY ARRAY['orders', 'points_entries'] LOOP
    SELECT c.relname, substring(pg_get_expr(c.relpartbound, c.oid) FROM '\d+')::bigint INTO STRICT newest, begins
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = whole::regclass AND pg_get_expr(c.relpartbound, c.oid) LIKE '%TO (MAXVALUE)';
    CONTINUE WHEN given < begins + width / 2;
    made := whole || to_char(substring(newest FROM '\d+$')::integer + 1, 'FM_9900');
    BEGIN
      EXECUTE format('ALTER TABLE %1$s.%2$I DETACH PARTITION %1$s.%3$I', home, whole, newest);
      EXECUTE format('ALTER TABLE %1$s.%2$I ATTACH PARTITION %1$s.%3$I FOR VALUES FROM (%4$s) TO (%5$s)',
        home, whole, newest, begins, ends);
      EXECUTE format('CREATE TABLE %1$s.%2$I PARTITION OF %1$s.%3$I FOR VALUES FROM (%4$s) TO (MAXVALUE)',
        home, made, whole, ends);
      -- Guards of statements are not inherited; those of rows are.
      FOR guard IN SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = newest::regclass AND NOT tgisinternal AND tgparentid = 0 LOOP
        EXECUTE replace(guard, format(' %s.%I ', home, newest), format(' %s.%I ', home, made));
      END LOOP;
      IF whole = 'points_entries' THEN
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s.%I FROM %I', home, made, current_user);
      END IF;
      RETURN NEXT made;
    EXCEPTION WHEN lock_not_available THEN
      CONTINUE;
    END;
  END LOOP;
END $function$;

CREATE OR REPLACE FUNCTION public.mask_document(kind text, document jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE kind WHEN 'member_name'::text THEN (document || COALESCE((SELECT jsonb_object_agg(jsonb_each_text.key, mask_name(jsonb_each_text.value)) AS jsonb_object_agg FROM jsonb_each_text(mask_document.document) jsonb_each_text(key, value) WHERE (jsonb_each_text.key = ANY (ARRAY['name'::text, 'was'::text]))), '{}'::jsonb)) ELSE document END;

CREATE OR REPLACE FUNCTION public.mask_email(email text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN (("left"(email, 1) || '***'::text) || COALESCE("substring"(email, '@[^@]*$'::text), ''::text));

CREATE OR REPLACE FUNCTION public.mask_name(name text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN ("left"(name, 1) || '*'::text);

CREATE OR REPLACE FUNCTION public.mask_phone(phone text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (length(phone) >= 11) THEN (("left"(phone, 3) || '****'::text) || "right"(phone, 4)) ELSE ('****'::text || "right"(phone, 2)) END;

CREATE OR REPLACE FUNCTION public.operator_problem(named text, roles text[] DEFAULT NULL::text[])
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.order_status_rank(status text)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (status = 'pending'::text) THEN 0 WHEN (status = 'paid'::text) THEN 1 WHEN (status = 'closed'::text) THEN 2 WHEN (status = 'void'::text) THEN 3 ELSE NULL::integer END;

CREATE OR REPLACE FUNCTION public.proposal_digest(subject_kind text, document jsonb, basis jsonb)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN encode(sha256(convert_to((jsonb_build_array(subject_kind, document, basis))::text, 'UTF8'::name)), 'hex'::text);

CREATE OR REPLACE FUNCTION public.refuse_account_rewrite()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF (NEW.member_id, NEW.account_id, NEW.channel, NEW.number_masked, NEW.bank_name, NEW.branch_code, NEW.added_by, NEW.added_at)
     IS DISTINCT FROM
     (OLD.member_id, OLD.account_id, OLD.channel, OLD.number_masked, OLD.bank_name, OLD.branch_code, OLD.added_by, OLD.added_at) THEN
    RAISE EXCEPTION 'payout account % is never rewritten', OLD.account_id
      USING ERRCODE = 'integrity_constraint_violation', HINT = 'close it and add another one';
  END IF;
  -- The same text may be sealed again, under another key only: a new number under the old key would be a rewrite.
  IF NEW.key_id = OLD.key_id
     AND (NEW.number_sealed, NEW.holder_sealed, NEW.number_digest) IS DISTINCT FROM (OLD.number_sealed, OLD.holder_sealed, OLD.number_digest) THEN
    RAISE EXCEPTION 'payout account % is sealed anew under another key only', OLD.account_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.closed_at IS NOT NULL
     AND (NEW.closed_by, NEW.closed_at, NEW.default_at) IS DISTINCT FROM (OLD.closed_by, OLD.closed_at, OLD.default_at) THEN
    RAISE EXCEPTION 'payout account % is closed, and closed is final', OLD.account_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_act_of_others()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  problem text := operator_problem(coalesce(to_jsonb(NEW) ->> TG_ARGV[0], 'nobody'), nullif(TG_ARGV[1:TG_NARGS - 1], '{}'));
BEGIN
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem USING ERRCODE = 'ACC02';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_adjustment_of_other_role()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF session_role() NOT IN ('approver', 'finance', 'admin') THEN
    RAISE EXCEPTION 'the login role % is %''s, who may propose an adjustment and not post it', session_user, session_role() USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_archive_rewrite()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF OLD.attached_at IS NOT NULL
    OR to_jsonb(NEW) - 'attached_by' - 'attached_at' <> to_jsonb(OLD) - 'attached_by' - 'attached_at' THEN
    RAISE EXCEPTION 'archive % stays as it was written', OLD.archive_no USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_baseless_collection()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_batch_rewrite()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  -- The one thing that comes to a batch later is that it was handed over, and that it was stays.
  IF OLD.handed_over_at IS NULL AND to_jsonb(NEW) - 'handed_over_at' = to_jsonb(OLD) - 'handed_over_at' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'payout batch % is frozen', OLD.batch_no
    USING ERRCODE = 'integrity_constraint_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_because()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RAISE EXCEPTION '% of % is refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0]
    USING ERRCODE = 'integrity_constraint_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_billed_reopening()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF EXISTS (SELECT FROM billing_periods WHERE period_to >= NEW.business_date) THEN
    RAISE EXCEPTION 'business date % is billed: what comes to it later is billed with a later date', NEW.business_date
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'integrity_constraint_violation', HINT = 'correct it with a new entry';
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_closed_date()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_date_rewrite()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF NEW.business_date <> OLD.business_date THEN
    RAISE EXCEPTION 'business date % stays what it is', OLD.business_date USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.state = 'closed' AND OLD.state NOT IN ('running', 'closed') THEN
    RAISE EXCEPTION 'business date % is not being settled, and cannot be closed', OLD.business_date
      USING ERRCODE = 'integrity_constraint_violation';
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_decision_of_other_role()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET enable_hashjoin TO 'on'
 SET enable_nestloop TO 'off'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_decision_on_proposal()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  problem text := coalesce(operator_problem(coalesce(NEW.checker, 'nobody'), roles_deciding(NEW.subject_kind)),
    CASE NEW.state WHEN 'approved' THEN identity_problem(NEW.decided_at) END);
BEGIN
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem USING ERRCODE = 'ACC02';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_delete()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RAISE EXCEPTION 'rows of % are never deleted: other tables refer to them without foreign keys', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_delete_of_carried()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF EXISTS (SELECT FROM history_archives a WHERE a.attached_at IS NULL
      AND a.archive_no IN (SELECT archive_no FROM old_rows)) THEN
    RAISE EXCEPTION 'a row of % is of an archive that is not attached', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_delete_of_member_part()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF EXISTS (SELECT FROM old_rows o WHERE EXISTS (SELECT FROM members m WHERE m.member_id = o.member_id)
      OR EXISTS (SELECT FROM points_entries e WHERE e.member_id = o.member_id)
      OR EXISTS (SELECT FROM carried_points c WHERE c.member_id = o.member_id)) THEN
    RAISE EXCEPTION 'a row of % is of a member who stays', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_delete_of_other_import()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF EXISTS (SELECT FROM old_rows WHERE import_id IS DISTINCT FROM import_being_undone()) THEN
    RAISE EXCEPTION 'a row of % is not of the import that is undone', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_delete_of_settled()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF EXISTS (SELECT FROM old_rows o WHERE EXISTS (SELECT FROM points_entries e WHERE e.member_id = o.member_id AND e.ref_id = o.order_id)
      OR EXISTS (SELECT FROM order_keys k WHERE k.order_no = o.order_no AND k.source = o.source AND k.order_id = o.order_id)) THEN
    RAISE EXCEPTION 'an order was settled, or is not of the import that is undone' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_delete_unless_undone()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF TG_OP = 'TRUNCATE' OR import_being_undone() IS NULL THEN
    RAISE EXCEPTION 'rows of % are deleted only where their import is undone', TG_TABLE_NAME
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_groundless_adjust()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF EXISTS (
    SELECT FROM new_rows e WHERE e.kind = 'adjust' AND NOT EXISTS (
      SELECT FROM adjustments a WHERE a.adjustment_id = e.ref_id AND a.member_id = e.member_id AND a.points = e.available_points)) THEN
    RAISE EXCEPTION 'an entry adjusts points, and nobody proposed it' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_groundless_balance()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
 SET enable_hashjoin TO 'on'
 SET enable_nestloop TO 'off'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_groundless_payout()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  groundless record;
BEGIN
  SELECT d.detail_no, d.withdrawal_id INTO groundless
  FROM new_details d
  WHERE (SELECT w.status = 'paying' AND w.net_fen = d.net_fen AND w.account_id = d.account_id
         FROM withdrawals w WHERE w.member_id = d.member_id AND w.withdrawal_id = d.withdrawal_id) IS NOT TRUE
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'payout % is no payment of withdrawal_id % as it was approved', groundless.detail_no, groundless.withdrawal_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_groundless_void()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF OLD.status = 'void' OR NOT EXISTS (SELECT FROM order_voids v
      WHERE v.order_no = OLD.order_no AND v.source = OLD.source AND v.order_id = OLD.order_id AND v.status = OLD.status)
     OR (NEW.refunded_fen, NEW.paid_at, NEW.business_date, NEW.skus) IS DISTINCT FROM (OLD.refunded_fen, OLD.paid_at, OLD.business_date, OLD.skus) THEN
    RAISE EXCEPTION 'order % becomes void by a proposal, and stays as it was then', OLD.order_no USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_groundless_voided_payout()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF NOT EXISTS (SELECT FROM reconciliations r WHERE r.recon_no = NEW.recon_no AND r.kind = 'void') THEN
    RAISE EXCEPTION 'payout % is void by no act that says so', NEW.detail_no USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_journal_of_others()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  problem text;
BEGIN
  SELECT operator_problem(n.operator) INTO problem FROM (SELECT DISTINCT operator FROM new_rows OFFSET 0) n
  WHERE operator_problem(n.operator) IS NOT NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%', problem USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_kind_of_other_role()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_late_bill()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_late_payout()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  late record;
BEGIN
  SELECT d.detail_no, d.batch_no INTO late
  FROM new_details d WHERE EXISTS (SELECT FROM payout_batches b WHERE b.batch_no = d.batch_no) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'payout % comes too late for batch %, which is closed', late.detail_no, late.batch_no
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_late_proposed_row()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_lines_of_other_role()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_no_admin()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF NOT EXISTS (SELECT FROM operators WHERE role = 'admin' AND state = 'active') THEN
    RAISE EXCEPTION 'the last admin stays one' USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_other_operator()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_other_order()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF (NEW.order_no, NEW.source, NEW.import_id, NEW.line) IS DISTINCT FROM (OLD.order_no, OLD.source, OLD.import_id, OLD.line)
     OR NOT EXISTS (SELECT FROM order_voids v WHERE v.order_no = OLD.order_no AND v.source = OLD.source AND v.order_id = OLD.order_id
       AND (v.new_order_id, v.new_member_id) = (NEW.order_id, NEW.member_id)) THEN
    RAISE EXCEPTION 'number % leads to one order for good, or to what was put in its place', OLD.order_no
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_overmatched_line()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_payee_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF (OLD.status <> 'requested' OR OLD.first_approved_by IS NOT NULL) AND NEW.account_id IS DISTINCT FROM OLD.account_id THEN
    RAISE EXCEPTION 'the payout account of withdrawal % is frozen since it was approved or decided', OLD.withdrawal_no
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_payout_rewrite()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF (NEW.member_id, NEW.detail_no, NEW.withdrawal_id, NEW.batch_no, NEW.file_no, NEW.row_no, NEW.account_id, NEW.net_fen, NEW.previous_detail_no)
     IS DISTINCT FROM
     (OLD.member_id, OLD.detail_no, OLD.withdrawal_id, OLD.batch_no, OLD.file_no, OLD.row_no, OLD.account_id, OLD.net_fen, OLD.previous_detail_no) THEN
    RAISE EXCEPTION 'what was sent as payout % is frozen', OLD.detail_no
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.state IN ('paid', 'failed') OR NEW.state = 'sent' THEN
    RAISE EXCEPTION 'payout % cannot go from % to %', OLD.detail_no, OLD.state, NEW.state
      USING ERRCODE = 'integrity_constraint_violation', HINT = 'what a channel said last is final';
  END IF;
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_rate_of_nobody()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF EXISTS (SELECT FROM new_rows n LEFT JOIN merchants m ON m.merchant_id = n.merchant_id
      WHERE n.proposal_no IS NULL AND (n.effective_from, n.revision, n.set_at) IS DISTINCT FROM ('0001-01-01', 1, m.registered_at)
        OR n.proposal_no IS NULL AND EXISTS (SELECT FROM imports i WHERE i.import_id = m.import_id)) THEN
    RAISE EXCEPTION 'the rate of a known merchant is changed by a proposal' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_rate_out_of_bounds()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF EXISTS (SELECT FROM new_rows n CROSS JOIN platform f CROSS JOIN LATERAL (
        SELECT coalesce(p.min_contribution_bps, 0) AS least, coalesce(p.max_contribution_bps, 10000) AS most FROM policies p
        WHERE p.effective_from <= greatest(n.effective_from, (n.set_at AT TIME ZONE f.time_zone)::date)
        ORDER BY p.effective_from DESC, p.revision DESC LIMIT 1) p
      WHERE n.contribution_bps NOT BETWEEN p.least AND p.most) THEN
    RAISE EXCEPTION 'a rate is out of the bounds of the policy' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_request_of_others()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  problem text;
BEGIN
  SELECT operator_problem(n.requested_by) INTO problem FROM (SELECT DISTINCT requested_by FROM new_rows OFFSET 0) n
  WHERE operator_problem(n.requested_by) IS NOT NULL LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%', problem USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_role_of_one()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_unapproved_posting()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF NOT EXISTS (SELECT FROM proposals p WHERE p.proposal_no = NEW.proposal_no AND p.state = 'approved' AND p.checker = NEW.applied_by) THEN
    RAISE EXCEPTION 'proposal % was applied, and nobody approved it', NEW.proposal_no USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_unapproved_reconciliation()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF NOT EXISTS (SELECT FROM proposals p WHERE p.proposal_no = NEW.proposal_no AND p.state = 'approved' AND p.checker = NEW.operator
    AND p.subject_kind = CASE NEW.kind WHEN 'forced' THEN 'forced_match' ELSE 'recon_void' END) THEN
    RAISE EXCEPTION 'proposal % was applied as %, and nobody approved it', NEW.proposal_no, NEW.recon_no USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_unbalanced_journal()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  unbalanced record;
BEGIN
  -- All lines of a transaction come in one statement; a line added to a posted transaction would unbalance it too.
  SELECT n.journal_id, l.unit, l.difference INTO unbalanced
  FROM (SELECT DISTINCT journal_id FROM new_lines) n
  CROSS JOIN LATERAL (
    SELECT t.unit, sum(t.amount) AS difference FROM journal_lines t WHERE t.journal_id = n.journal_id GROUP BY t.unit HAVING sum(t.amount) <> 0
  ) l
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal transaction % does not balance: % differs by %', unbalanced.journal_id, unbalanced.unit, unbalanced.difference
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_unequal_batch()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
DECLARE
  unequal record;
BEGIN
  SELECT b.batch_no, b.details, b.total_fen, count(d.detail_no) AS rows, coalesce(sum(d.net_fen), 0) AS fen INTO unequal
  FROM new_batches b LEFT JOIN payout_details d ON d.batch_no = b.batch_no
  GROUP BY b.batch_no, b.details, b.total_fen
  HAVING (b.details, b.total_fen) IS DISTINCT FROM (count(d.detail_no), coalesce(sum(d.net_fen), 0))
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'payout batch % says % details of % fen, and has % of %',
      unequal.batch_no, unequal.details, unequal.total_fen, unequal.rows, unequal.fen
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_unproposed()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF NOT is_proposed(NEW) THEN
    RAISE EXCEPTION '% has a row that nobody proposed and approved as it is', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_unproposed_adjustment()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_unproposed_content()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_unproposed_correction()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF NOT EXISTS (
    SELECT FROM proposals p WHERE p.proposal_no = NEW.proposal_no AND p.state = 'proposed'
      AND CASE p.subject_kind WHEN 'import_undo' THEN p.document->>'import_id' = NEW.import_id::text
        WHEN 'order_void' THEN NEW.import_id IS NULL WHEN 'order_correction' THEN NEW.import_id IS NULL ELSE false END) THEN
    RAISE EXCEPTION 'proposal % does not wait for this correction', NEW.proposal_no USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_unproposed_void()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_unsound_billing()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_withdrawal_rewrite()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  IF (NEW.member_id, NEW.withdrawal_id, NEW.withdrawal_no, NEW.points, NEW.point_value_fen, NEW.fee_bps, NEW.requested_by, NEW.requested_at,
      NEW.request_no, NEW.approvals_needed, NEW.business_date)
     IS DISTINCT FROM
     (OLD.member_id, OLD.withdrawal_id, OLD.withdrawal_no, OLD.points, OLD.point_value_fen, OLD.fee_bps, OLD.requested_by, OLD.requested_at,
      OLD.request_no, OLD.approvals_needed, OLD.business_date) THEN
    RAISE EXCEPTION 'what was requested in withdrawal % is frozen', OLD.withdrawal_no
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  -- A first approval and the last go in by two changes: two operators, one after the other, and neither takes back what the other said.
  IF OLD.first_approved_by IS NOT NULL AND (NEW.first_approved_by, NEW.first_approved_at, NEW.first_approval_risks)
       IS DISTINCT FROM (OLD.first_approved_by, OLD.first_approved_at, OLD.first_approval_risks)
     OR OLD.approved_by IS NOT NULL AND (NEW.approved_by, NEW.approval_risks) IS DISTINCT FROM (OLD.approved_by, OLD.approval_risks)
     OR OLD.first_approved_by IS NULL AND NEW.first_approved_by IS NOT NULL AND (OLD.status <> 'requested' OR NEW.status <> 'requested')
     OR OLD.approved_by IS NULL AND NEW.approved_by IS NOT NULL AND NEW.status <> 'approved' THEN
    RAISE EXCEPTION 'who approved withdrawal %, and on what, is frozen', OLD.withdrawal_no
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.status = NEW.status AND (NEW.decided_by, NEW.decided_at, NEW.reason) IS DISTINCT FROM (OLD.decided_by, OLD.decided_at, OLD.reason) THEN
    RAISE EXCEPTION 'who decided withdrawal %, when and why, is frozen', OLD.withdrawal_no
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.status = NEW.status
     OR (OLD.status = 'requested' AND NEW.status IN ('approved', 'rejected', 'cancelled', 'expired'))
     OR (OLD.status = 'approved' AND NEW.status IN ('paying', 'rejected', 'cancelled', 'expired'))
     OR (OLD.status = 'paying' AND NEW.status IN ('paid', 'failed')) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'withdrawal % cannot go from % to %', OLD.withdrawal_no, OLD.status, NEW.status
    USING ERRCODE = 'integrity_constraint_violation';
END $function$;

CREATE OR REPLACE FUNCTION public.roles_deciding(subject_kind text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN (subject_kind = ANY (ARRAY['points_adjustment'::text, 'member_name'::text])) THEN ARRAY['approver'::text, 'finance'::text, 'admin'::text] WHEN (subject_kind = ANY (ARRAY['order_void'::text, 'order_correction'::text, 'import_undo'::text])) THEN ARRAY['approver'::text, 'admin'::text] WHEN (subject_kind = 'operator_role'::text) THEN ARRAY['admin'::text] ELSE ARRAY['finance'::text, 'admin'::text] END;

CREATE OR REPLACE FUNCTION public.round_half_up(numerator bigint, denominator bigint)
 RETURNS bigint
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
RETURN (((2 * numerator) + denominator) / (2 * denominator));

CREATE OR REPLACE FUNCTION public.seal_proposal()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  NEW.digest := proposal_digest(NEW.subject_kind, NEW.document, NEW.basis);
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.session_identity()
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  RETURN CASE WHEN EXISTS (SELECT FROM operators WHERE login_role = session_user) THEN 'proven' ELSE 'asserted' END;
END $function$;

CREATE OR REPLACE FUNCTION public.session_role()
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.set_action_time()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  NEW.at := pg_catalog.now();
  RETURN NEW;
END $function$;

CREATE OR REPLACE FUNCTION public.summarize_dates()
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
BEGIN
  PERFORM brin_summarize_new_values(index) FROM (
    SELECT relid AS index FROM pg_partition_tree('orders_business_date') WHERE isleaf
    UNION ALL SELECT relid FROM pg_partition_tree('points_entries_business_date') WHERE isleaf
    UNION ALL SELECT 'journal_transactions_business_date'
  ) i;
END $function$;


-- tables

CREATE TABLE account_closings (
  business_date date NOT NULL,
  run_id bigint NOT NULL,
  account text NOT NULL,
  amount bigint NOT NULL,
  CONSTRAINT account_closings_pkey PRIMARY KEY (business_date, run_id, account)
);
CREATE TRIGGER account_closings_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.account_closings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE, UPDATE ON account_closings FROM its owner;

CREATE TABLE adjustment_postings (
  proposal_no text NOT NULL,
  business_date date NOT NULL,
  rows integer NOT NULL,
  points bigint NOT NULL,
  fund_fen bigint NOT NULL,
  counter text NOT NULL,
  applied_by text NOT NULL,
  applied_at timestamp with time zone NOT NULL,
  CONSTRAINT adjustment_postings_pkey PRIMARY KEY (proposal_no),
  CONSTRAINT adjustment_postings_counter CHECK ((counter = ANY (ARRAY['platform_share'::text, 'suspense'::text]))),
  CONSTRAINT adjustment_postings_fund_fen CHECK (
CASE counter
    WHEN 'suspense'::text THEN (fund_fen >= 0)
    ELSE (fund_fen = (points * 100))
END),
  CONSTRAINT adjustment_postings_proposal_no_proposals_proposal_no_fk FOREIGN KEY (proposal_no) REFERENCES proposals(proposal_no),
  CONSTRAINT adjustment_postings_rows CHECK ((rows > 0))
);
CREATE INDEX adjustment_postings_business_date ON public.adjustment_postings USING btree (business_date);
CREATE TRIGGER adjustment_postings_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.adjustment_postings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE CONSTRAINT TRIGGER adjustment_postings_approved AFTER INSERT ON public.adjustment_postings DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unapproved_posting();
REVOKE DELETE, TRUNCATE, UPDATE ON adjustment_postings FROM its owner;

CREATE TABLE adjustments (
  adjustment_id bigint NOT NULL,
  member_id bigint NOT NULL,
  proposal_no text NOT NULL,
  row_no integer NOT NULL,
  points bigint NOT NULL,
  reason_class text NOT NULL,
  reference text,
  CONSTRAINT adjustments_pkey PRIMARY KEY (adjustment_id),
  CONSTRAINT adjustments_reference UNIQUE (reference),
  CONSTRAINT adjustments_row UNIQUE (proposal_no, row_no)
);
CREATE TRIGGER adjustments_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.adjustments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER adjustments_proposed AFTER INSERT ON public.adjustments REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_unproposed_adjustment();
REVOKE DELETE, TRUNCATE, UPDATE ON adjustments FROM its owner;

CREATE TABLE balances (
  member_id bigint NOT NULL,
  available_points bigint NOT NULL DEFAULT 0,
  held_points bigint NOT NULL DEFAULT 0,
  clawed_back_points bigint NOT NULL DEFAULT 0,
  in_debt boolean NOT NULL GENERATED ALWAYS AS (available_points < 0),
  CONSTRAINT balances_pkey PRIMARY KEY (member_id),
  CONSTRAINT balances_available CHECK (((available_points + clawed_back_points) >= 0)),
  CONSTRAINT balances_held CHECK ((held_points >= 0))
) WITH (fillfactor=70);
CREATE INDEX balances_in_debt ON public.balances USING btree (member_id) WHERE in_debt;
CREATE TRIGGER balances_begin AFTER INSERT ON public.balances REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_groundless_balance();
CREATE TRIGGER balances_never_deleted BEFORE DELETE OR TRUNCATE ON public.balances FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE TRIGGER balances_of_entries AFTER UPDATE ON public.balances REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_groundless_balance();
CREATE TRIGGER balances_undone AFTER DELETE ON public.balances REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_member_part();

CREATE TABLE billing_periods (
  period_from date NOT NULL,
  period_to date NOT NULL,
  due_on date NOT NULL,
  bills bigint NOT NULL,
  opening_fen bigint NOT NULL,
  contributed_fen bigint NOT NULL,
  clawed_back_fen bigint NOT NULL,
  collected_fen bigint NOT NULL,
  adjusted_fen bigint NOT NULL,
  closing_fen bigint NOT NULL,
  issued_by text NOT NULL,
  issued_at timestamp with time zone NOT NULL,
  CONSTRAINT billing_periods_pkey PRIMARY KEY (period_from),
  CONSTRAINT billing_periods_adds_up CHECK (((contributed_fen >= 0) AND (clawed_back_fen <= 0) AND (closing_fen = ((((opening_fen + contributed_fen) + clawed_back_fen) - collected_fen) + adjusted_fen)))),
  CONSTRAINT billing_periods_apart EXCLUDE USING gist (daterange(period_from, period_to, '[]'::text) WITH &&),
  CONSTRAINT billing_periods_dates CHECK (((period_from <= period_to) AND (period_to <= due_on)))
);
CREATE TRIGGER billing_periods_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.billing_periods FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER billing_periods_sound AFTER INSERT ON public.billing_periods REFERENCING NEW TABLE AS new_periods FOR EACH STATEMENT EXECUTE FUNCTION refuse_unsound_billing();
REVOKE DELETE, TRUNCATE, UPDATE ON billing_periods FROM its owner;

CREATE TABLE business_dates (
  business_date date NOT NULL,
  state text NOT NULL,
  step text,
  run_id bigint NOT NULL,
  since timestamp with time zone NOT NULL,
  operator text NOT NULL,
  host text NOT NULL,
  error text,
  closed_at timestamp with time zone,
  reopened_by text,
  reopened_at timestamp with time zone,
  reopen_reason text,
  CONSTRAINT business_dates_pkey PRIMARY KEY (business_date),
  CONSTRAINT business_dates_closed_at CHECK (((state = 'closed'::text) = (closed_at IS NOT NULL))),
  CONSTRAINT business_dates_reopened CHECK ((num_nulls(reopened_by, reopened_at, reopen_reason) = ANY (ARRAY[0, 3]))),
  CONSTRAINT business_dates_state CHECK ((state = ANY (ARRAY['open'::text, 'running'::text, 'failed'::text, 'closed'::text])))
);
CREATE TRIGGER business_dates_begin BEFORE INSERT ON public.business_dates FOR EACH ROW WHEN (((new.state <> 'running'::text) OR (new.reopened_at IS NOT NULL))) EXECUTE FUNCTION refuse_because('a business date is settled before it is closed');
CREATE TRIGGER business_dates_frozen BEFORE UPDATE ON public.business_dates FOR EACH ROW EXECUTE FUNCTION refuse_date_rewrite();
CREATE TRIGGER business_dates_never_deleted BEFORE DELETE OR TRUNCATE ON public.business_dates FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER business_dates_not_billed BEFORE UPDATE ON public.business_dates FOR EACH ROW WHEN (((old.state = 'closed'::text) AND (new.state <> 'closed'::text))) EXECUTE FUNCTION refuse_billed_reopening();
CREATE CONSTRAINT TRIGGER business_dates_reopened_as_proposed AFTER UPDATE ON public.business_dates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.reopened_at IS DISTINCT FROM old.reopened_at)) EXECUTE FUNCTION refuse_unproposed();
CREATE TRIGGER business_dates_reopened_by_role BEFORE UPDATE ON public.business_dates FOR EACH ROW WHEN ((new.reopened_at IS DISTINCT FROM old.reopened_at)) EXECUTE FUNCTION refuse_act_of_others('reopened_by', 'approver', 'finance', 'admin');

CREATE TABLE carried_entries (
  archive_no integer NOT NULL,
  business_date date NOT NULL,
  merchant_id bigint NOT NULL,
  run_id bigint NOT NULL,
  contribution_bps integer NOT NULL,
  kind text NOT NULL,
  entries bigint NOT NULL,
  first_entries bigint NOT NULL,
  available_points bigint NOT NULL,
  contributed_fen bigint NOT NULL,
  clawed_back_fen bigint NOT NULL,
  CONSTRAINT carried_entries_pkey PRIMARY KEY (archive_no, business_date, merchant_id, run_id, contribution_bps, kind),
  CONSTRAINT carried_entries_archive_no_history_archives_archive_no_fk FOREIGN KEY (archive_no) REFERENCES history_archives(archive_no),
  CONSTRAINT carried_entries_kind CHECK ((kind = ANY (ARRAY['grant'::text, 'clawback'::text, 'contribution'::text])))
);
CREATE TRIGGER carried_entries_attached AFTER DELETE ON public.carried_entries REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_carried();
CREATE TRIGGER carried_entries_frozen BEFORE UPDATE OR TRUNCATE ON public.carried_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE TRUNCATE, UPDATE ON carried_entries FROM its owner;

CREATE TABLE carried_points (
  member_id bigint NOT NULL,
  archive_no integer NOT NULL,
  orders bigint NOT NULL,
  available_points bigint NOT NULL,
  clawed_back_points bigint NOT NULL,
  CONSTRAINT carried_points_pkey PRIMARY KEY (member_id, archive_no),
  CONSTRAINT carried_points_archive_no_history_archives_archive_no_fk FOREIGN KEY (archive_no) REFERENCES history_archives(archive_no)
);
CREATE TRIGGER carried_points_attached AFTER DELETE ON public.carried_points REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_carried();
CREATE TRIGGER carried_points_frozen BEFORE UPDATE OR TRUNCATE ON public.carried_points FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE TRUNCATE, UPDATE ON carried_points FROM its owner;

CREATE TABLE collections (
  collection_no text NOT NULL,
  merchant_id bigint NOT NULL,
  money_account text NOT NULL,
  amount_fen bigint NOT NULL,
  received_on date NOT NULL,
  reference text NOT NULL,
  proof text NOT NULL,
  is_opening boolean NOT NULL,
  state text NOT NULL,
  recorded_by text NOT NULL,
  recorded_at timestamp with time zone NOT NULL,
  decided_by text,
  decided_at timestamp with time zone,
  reason text,
  business_date date,
  line_id bigint,
  reverses text,
  CONSTRAINT collections_pkey PRIMARY KEY (collection_no),
  CONSTRAINT collections_amount_fen CHECK (((
CASE
    WHEN (reverses IS NULL) THEN amount_fen
    ELSE (- amount_fen)
END >= 1) AND (
CASE
    WHEN (reverses IS NULL) THEN amount_fen
    ELSE (- amount_fen)
END <= '10000000000'::bigint))),
  CONSTRAINT collections_business_date CHECK (((state = 'confirmed'::text) = (business_date IS NOT NULL))),
  CONSTRAINT collections_collection_no CHECK ((collection_no ~ '^C[0-9]{8,}$'::text)),
  CONSTRAINT collections_decided CHECK ((((state = 'recorded'::text) = (decided_by IS NULL)) AND ((decided_by IS NULL) = (decided_at IS NULL)))),
  CONSTRAINT collections_maker_is_not_checker CHECK (((state <> 'confirmed'::text) OR (line_id IS NOT NULL) OR (reverses IS NOT NULL) OR (lower(btrim(decided_by)) <> lower(btrim(recorded_by))))),
  CONSTRAINT collections_merchant_id_merchants_merchant_id_fk FOREIGN KEY (merchant_id) REFERENCES merchants(merchant_id),
  CONSTRAINT collections_money_account_money_accounts_money_account_fk FOREIGN KEY (money_account) REFERENCES money_accounts(money_account),
  CONSTRAINT collections_of_lines CHECK (((line_id IS NULL) OR ((state = 'confirmed'::text) AND (NOT is_opening)))),
  CONSTRAINT collections_reason CHECK (((state = 'rejected'::text) = (reason IS NOT NULL))),
  CONSTRAINT collections_state CHECK ((state = ANY (ARRAY['recorded'::text, 'confirmed'::text, 'rejected'::text])))
);
CREATE INDEX collections_confirmed ON public.collections USING btree (business_date, merchant_id, amount_fen) WHERE (state = 'confirmed'::text);
CREATE INDEX collections_merchant_id ON public.collections USING btree (merchant_id);
CREATE UNIQUE INDEX collections_reference ON public.collections USING btree (reference) WHERE ((state <> 'rejected'::text) AND (line_id IS NULL) AND (reverses IS NULL));
CREATE UNIQUE INDEX collections_reverses ON public.collections USING btree (reverses) WHERE (reverses IS NOT NULL);
CREATE TRIGGER collections_begin BEFORE INSERT ON public.collections FOR EACH ROW WHEN (((new.state <> 'recorded'::text) AND (new.line_id IS NULL) AND (new.reverses IS NULL))) EXECUTE FUNCTION refuse_because('a collection is recorded before anybody confirms it');
CREATE TRIGGER collections_frozen BEFORE UPDATE ON public.collections FOR EACH ROW WHEN (((old.state <> 'recorded'::text) OR (new.state = 'recorded'::text) OR ((((((((((((new.collection_no IS DISTINCT FROM old.collection_no) OR (new.merchant_id IS DISTINCT FROM old.merchant_id)) OR (new.money_account IS DISTINCT FROM old.money_account)) OR (new.amount_fen IS DISTINCT FROM old.amount_fen)) OR (new.received_on IS DISTINCT FROM old.received_on)) OR (new.reference IS DISTINCT FROM old.reference)) OR (new.proof IS DISTINCT FROM old.proof)) OR (new.is_opening IS DISTINCT FROM old.is_opening)) OR (new.line_id IS DISTINCT FROM old.line_id)) OR (new.reverses IS DISTINCT FROM old.reverses)) OR (new.recorded_by IS DISTINCT FROM old.recorded_by)) OR (new.recorded_at IS DISTINCT FROM old.recorded_at)))) EXECUTE FUNCTION refuse_because('what was recorded of a collection is frozen, and so is what was decided');
CREATE TRIGGER collections_never_deleted BEFORE DELETE OR TRUNCATE ON public.collections FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
CREATE CONSTRAINT TRIGGER collections_of_lines_matched AFTER INSERT ON public.collections DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((new.line_id IS NOT NULL) OR (new.reverses IS NOT NULL))) EXECUTE FUNCTION refuse_baseless_collection();

CREATE TABLE contribution_rates (
  merchant_id bigint NOT NULL,
  effective_from date NOT NULL,
  contribution_bps integer,
  set_by text NOT NULL,
  set_at timestamp with time zone NOT NULL,
  revision integer NOT NULL DEFAULT 1,
  proposal_no text,
  CONSTRAINT contribution_rates_pkey PRIMARY KEY (merchant_id, effective_from, revision),
  CONSTRAINT contribution_rates_bps CHECK (((contribution_bps >= 0) AND (contribution_bps <= 10000))),
  CONSTRAINT contribution_rates_merchant_id_merchants_merchant_id_fk FOREIGN KEY (merchant_id) REFERENCES merchants(merchant_id),
  CONSTRAINT contribution_rates_proposal_no_proposals_proposal_no_fk FOREIGN KEY (proposal_no) REFERENCES proposals(proposal_no)
);
CREATE UNIQUE INDEX contribution_rates_proposal_no ON public.contribution_rates USING btree (proposal_no) WHERE (proposal_no IS NOT NULL);
CREATE TRIGGER contribution_rates_append_only BEFORE UPDATE OR TRUNCATE ON public.contribution_rates FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contribution_rates_begin AFTER INSERT ON public.contribution_rates REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_rate_of_nobody();
CREATE TRIGGER contribution_rates_bounded AFTER INSERT ON public.contribution_rates REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_rate_out_of_bounds();
CREATE TRIGGER contribution_rates_never_deleted BEFORE DELETE ON public.contribution_rates FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE CONSTRAINT TRIGGER contribution_rates_proposed AFTER INSERT ON public.contribution_rates DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.proposal_no IS NOT NULL)) EXECUTE FUNCTION refuse_unproposed();
REVOKE TRUNCATE, UPDATE ON contribution_rates FROM its owner;
GRANT UPDATE (merchant_id) ON contribution_rates TO its owner;

CREATE TABLE corrections (
  proposal_no text NOT NULL,
  import_id bigint,
  applied_by text NOT NULL,
  applied_at timestamp with time zone NOT NULL,
  CONSTRAINT corrections_pkey PRIMARY KEY (proposal_no),
  CONSTRAINT corrections_proposal_no_proposals_proposal_no_fk FOREIGN KEY (proposal_no) REFERENCES proposals(proposal_no)
);
CREATE INDEX corrections_import_id ON public.corrections USING btree (import_id) WHERE (import_id IS NOT NULL);
CREATE TRIGGER corrections_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.corrections FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE CONSTRAINT TRIGGER corrections_approved AFTER INSERT ON public.corrections DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unapproved_posting();
CREATE TRIGGER corrections_proposed AFTER INSERT ON public.corrections FOR EACH ROW EXECUTE FUNCTION refuse_unproposed_correction();
REVOKE DELETE, TRUNCATE, UPDATE ON corrections FROM its owner;

CREATE TABLE coverage_exceptions (
  proposal_no text NOT NULL,
  business_date date NOT NULL,
  max_payouts_fen bigint NOT NULL,
  applied_by text NOT NULL,
  applied_at timestamp with time zone NOT NULL,
  CONSTRAINT coverage_exceptions_pkey PRIMARY KEY (proposal_no),
  CONSTRAINT coverage_exceptions_max_payouts_fen CHECK ((max_payouts_fen > 0)),
  CONSTRAINT coverage_exceptions_proposal_no_proposals_proposal_no_fk FOREIGN KEY (proposal_no) REFERENCES proposals(proposal_no)
);
CREATE INDEX coverage_exceptions_business_date ON public.coverage_exceptions USING btree (business_date);
CREATE TRIGGER coverage_exceptions_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.coverage_exceptions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE CONSTRAINT TRIGGER coverage_exceptions_approved AFTER INSERT ON public.coverage_exceptions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unapproved_posting();
CREATE TRIGGER coverage_exceptions_proposed BEFORE INSERT ON public.coverage_exceptions FOR EACH ROW EXECUTE FUNCTION refuse_unproposed_content('business_date', 'max_payouts_fen');
REVOKE DELETE, TRUNCATE, UPDATE ON coverage_exceptions FROM its owner;

CREATE TABLE expected_payouts (
  detail_no text NOT NULL,
  batch_no text NOT NULL,
  net_fen bigint NOT NULL,
  channel_ref text,
  paid_on date NOT NULL,
  CONSTRAINT expected_payouts_pkey PRIMARY KEY (detail_no)
);
CREATE INDEX expected_payouts_batch ON public.expected_payouts USING btree (batch_no);
CREATE INDEX expected_payouts_channel_ref ON public.expected_payouts USING btree (channel_ref);

CREATE TABLE grant_runs (
  run_id bigint NOT NULL,
  business_date date NOT NULL,
  status text NOT NULL,
  operator text NOT NULL,
  host text NOT NULL,
  started_at timestamp with time zone NOT NULL,
  finished_at timestamp with time zone,
  orders bigint NOT NULL DEFAULT 0,
  members bigint NOT NULL DEFAULT 0,
  points_granted bigint NOT NULL DEFAULT 0,
  points_clawed_back bigint NOT NULL DEFAULT 0,
  contribution_fen bigint NOT NULL DEFAULT 0,
  skipped_orders bigint NOT NULL DEFAULT 0,
  skipped_points bigint NOT NULL DEFAULT 0,
  waiting_orders bigint NOT NULL DEFAULT 0,
  unevidenced_orders bigint NOT NULL DEFAULT 0,
  CONSTRAINT grant_runs_pkey PRIMARY KEY (run_id),
  CONSTRAINT grant_runs_status CHECK ((status = ANY (ARRAY['running'::text, 'complete'::text, 'interrupted'::text])))
);
CREATE INDEX grant_runs_business_date ON public.grant_runs USING btree (business_date);
CREATE TRIGGER grant_runs_begin BEFORE INSERT ON public.grant_runs FOR EACH ROW WHEN (((new.status <> 'running'::text) OR ((new.orders <> 0) OR (new.points_granted <> 0) OR (new.points_clawed_back <> 0) OR (new.contribution_fen <> 0)))) EXECUTE FUNCTION refuse_because('a grant run begins with nothing granted');
CREATE TRIGGER grant_runs_frozen BEFORE UPDATE ON public.grant_runs FOR EACH ROW WHEN (((old.status <> 'running'::text) OR (((((new.run_id IS DISTINCT FROM old.run_id) OR (new.business_date IS DISTINCT FROM old.business_date)) OR (new.operator IS DISTINCT FROM old.operator)) OR (new.host IS DISTINCT FROM old.host)) OR (new.started_at IS DISTINCT FROM old.started_at)))) EXECUTE FUNCTION refuse_because('the record of a grant run that has ended is frozen');
CREATE TRIGGER grant_runs_never_deleted BEFORE DELETE OR TRUNCATE ON public.grant_runs FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();

CREATE TABLE grant_skips (
  member_id bigint NOT NULL,
  order_id bigint NOT NULL,
  run_id bigint NOT NULL,
  points bigint NOT NULL,
  net_fen bigint NOT NULL,
  reason text NOT NULL,
  CONSTRAINT grant_skips_pkey PRIMARY KEY (member_id, order_id)
);
CREATE TRIGGER grant_skips_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.grant_skips FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE, UPDATE ON grant_skips FROM its owner;

CREATE TABLE history_archives (
  archive_no integer NOT NULL,
  first_id bigint NOT NULL,
  end_id bigint NOT NULL,
  before_date date NOT NULL,
  until_date date NOT NULL,
  orders bigint NOT NULL,
  entries bigint NOT NULL,
  available_points bigint NOT NULL,
  contribution_fen bigint NOT NULL,
  keys_seed bigint NOT NULL,
  keys_weight numeric NOT NULL,
  directory text NOT NULL,
  manifest_sha256 text NOT NULL,
  host text NOT NULL,
  archived_by text NOT NULL,
  archived_at timestamp with time zone NOT NULL,
  attached_by text,
  attached_at timestamp with time zone,
  CONSTRAINT history_archives_pkey PRIMARY KEY (archive_no),
  CONSTRAINT history_archives_attached CHECK (((attached_by IS NULL) = (attached_at IS NULL))),
  CONSTRAINT history_archives_ids CHECK ((first_id < end_id)),
  CONSTRAINT history_archives_orders CHECK (((orders > 0) AND (entries >= orders))),
  CONSTRAINT history_archives_until_date CHECK ((until_date < before_date))
);
CREATE TRIGGER history_archives_frozen BEFORE UPDATE ON public.history_archives FOR EACH ROW EXECUTE FUNCTION refuse_archive_rewrite();
CREATE TRIGGER history_archives_never_deleted BEFORE DELETE OR TRUNCATE ON public.history_archives FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();

CREATE TABLE import_rejects (
  import_id bigint NOT NULL,
  record integer NOT NULL,
  line integer NOT NULL,
  heading text,
  code text NOT NULL,
  message text NOT NULL,
  cells json NOT NULL,
  CONSTRAINT import_rejects_pkey PRIMARY KEY (import_id, record),
  CONSTRAINT import_rejects_import_id_imports_import_id_fk FOREIGN KEY (import_id) REFERENCES imports(import_id)
);
CREATE TRIGGER import_rejects_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.import_rejects FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE, UPDATE ON import_rejects FROM its owner;

CREATE TABLE imports (
  import_id bigint NOT NULL,
  kind text NOT NULL,
  file text NOT NULL,
  sha256 text NOT NULL,
  byte_size bigint NOT NULL,
  encoding text NOT NULL,
  profile text NOT NULL,
  operator text NOT NULL,
  host text NOT NULL,
  started_at timestamp with time zone NOT NULL,
  finished_at timestamp with time zone NOT NULL,
  read integer NOT NULL,
  inserted integer NOT NULL,
  updated integer NOT NULL,
  duplicate integer NOT NULL,
  rejected integer NOT NULL,
  reasons jsonb NOT NULL DEFAULT '{}'::jsonb,
  rejects_file text,
  notes jsonb NOT NULL DEFAULT '{}'::jsonb,
  header json,
  rejects_sha256 text,
  reading jsonb,
  changes_kept boolean NOT NULL DEFAULT true,
  CONSTRAINT imports_pkey PRIMARY KEY (import_id),
  CONSTRAINT imports_balanced CHECK ((read = (((inserted + updated) + duplicate) + rejected))),
  CONSTRAINT imports_kind CHECK ((kind = ANY (ARRAY['members'::text, 'merchants'::text, 'products'::text, 'orders'::text, 'withdrawals'::text, 'payout_results'::text, 'member_aliases'::text, 'merchant_aliases'::text, 'accounts'::text, 'statements'::text, 'order_evidence'::text])))
);
CREATE INDEX imports_sha256 ON public.imports USING btree (kind, sha256);
CREATE TRIGGER imports_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.imports FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE, UPDATE ON imports FROM its owner;
GRANT UPDATE (import_id) ON imports TO its owner;

CREATE TABLE journal_lines (
  journal_id bigint NOT NULL,
  line_no smallint NOT NULL,
  account text NOT NULL,
  unit text NOT NULL,
  amount bigint NOT NULL,
  money_account text,
  CONSTRAINT journal_lines_pkey PRIMARY KEY (journal_id, line_no),
  CONSTRAINT journal_lines_account_unit CHECK ((((unit = 'fen'::text) AND (account = ANY (ARRAY['contributions_receivable'::text, 'points_fund'::text, 'platform_share'::text, 'payouts_payable'::text, 'fee_income'::text, 'bank'::text, 'suspense'::text, 'channel_fees'::text, 'tax_payable'::text, 'write_offs'::text]))) OR ((unit = 'points'::text) AND (account = ANY (ARRAY['points_issued'::text, 'points_redeemed'::text, 'points_available'::text, 'points_held'::text]))))),
  CONSTRAINT journal_lines_amount CHECK ((amount <> 0)),
  CONSTRAINT journal_lines_journal_id_journal_transactions_journal_id_fk FOREIGN KEY (journal_id) REFERENCES journal_transactions(journal_id),
  CONSTRAINT journal_lines_money_account CHECK (((account = 'bank'::text) = (money_account IS NOT NULL))),
  CONSTRAINT journal_lines_money_account_money_accounts_money_account_fk FOREIGN KEY (money_account) REFERENCES money_accounts(money_account)
);
CREATE INDEX journal_lines_account ON public.journal_lines USING btree (account, amount);
CREATE TRIGGER journal_lines_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.journal_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_lines_balanced AFTER INSERT ON public.journal_lines REFERENCING NEW TABLE AS new_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced_journal();
CREATE TRIGGER journal_lines_of_role AFTER INSERT ON public.journal_lines REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_lines_of_other_role();
REVOKE DELETE, TRUNCATE, UPDATE ON journal_lines FROM its owner;

CREATE TABLE journal_transactions (
  journal_id bigint NOT NULL,
  kind text NOT NULL,
  run_id bigint,
  withdrawal_no text,
  business_date date NOT NULL,
  operator text NOT NULL,
  posted_at timestamp with time zone NOT NULL,
  document_no text,
  CONSTRAINT journal_transactions_pkey PRIMARY KEY (journal_id),
  CONSTRAINT journal_transactions_kind CHECK ((kind = ANY (ARRAY['grant'::text, 'hold'::text, 'release'::text, 'burn'::text, 'adjust'::text, 'collection'::text, 'statement'::text, 'write_off'::text])))
);
CREATE INDEX journal_transactions_business_date ON public.journal_transactions USING brin (business_date);
CREATE INDEX journal_transactions_document_no ON public.journal_transactions USING btree (document_no) WHERE (document_no IS NOT NULL);
CREATE INDEX journal_transactions_run_id ON public.journal_transactions USING btree (run_id);
CREATE INDEX journal_transactions_withdrawal_no ON public.journal_transactions USING btree (withdrawal_no) WHERE (withdrawal_no IS NOT NULL);
CREATE CONSTRAINT TRIGGER journal_transactions_adjusted AFTER INSERT ON public.journal_transactions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.kind = 'adjust'::text)) EXECUTE FUNCTION refuse_adjustment_of_other_role();
CREATE TRIGGER journal_transactions_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.journal_transactions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER journal_transactions_of_role AFTER INSERT ON public.journal_transactions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_kind_of_other_role();
CREATE TRIGGER journal_transactions_open_date AFTER INSERT ON public.journal_transactions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_date();
CREATE TRIGGER journal_transactions_own AFTER INSERT ON public.journal_transactions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_journal_of_others();
REVOKE DELETE, TRUNCATE, UPDATE ON journal_transactions FROM its owner;
GRANT UPDATE (journal_id) ON journal_transactions TO its owner;

CREATE TABLE line_matches (
  match_id bigint NOT NULL,
  line_id bigint NOT NULL,
  thing text NOT NULL,
  thing_no text,
  amount_fen bigint NOT NULL,
  rule text,
  recon_no text NOT NULL,
  undone_by text,
  CONSTRAINT line_matches_pkey PRIMARY KEY (match_id),
  CONSTRAINT line_matches_amount_fen CHECK (((amount_fen <> 0) AND ((thing <> 'payout'::text) OR (amount_fen < 0)) AND ((thing <> 'collection'::text) OR (amount_fen > 0)))),
  CONSTRAINT line_matches_thing_known CHECK (((thing = ANY (ARRAY['payout'::text, 'collection'::text, 'fee'::text, 'write_off'::text])) AND ((thing = ANY (ARRAY['fee'::text, 'write_off'::text])) = (thing_no IS NULL))))
);
CREATE INDEX line_matches_line_id ON public.line_matches USING btree (line_id);
CREATE INDEX line_matches_recon_no ON public.line_matches USING btree (recon_no);
CREATE UNIQUE INDEX line_matches_thing ON public.line_matches USING btree (thing_no, thing) WHERE ((undone_by IS NULL) AND (thing_no IS NOT NULL));
CREATE INDEX line_matches_undone_by ON public.line_matches USING btree (undone_by) WHERE (undone_by IS NOT NULL);
CREATE TRIGGER line_matches_begin BEFORE INSERT ON public.line_matches FOR EACH ROW WHEN ((new.undone_by IS NOT NULL)) EXECUTE FUNCTION refuse_because('a match is made before anybody takes it back');
CREATE TRIGGER line_matches_frozen BEFORE UPDATE ON public.line_matches FOR EACH ROW WHEN (((old.undone_by IS NOT NULL) OR (new.undone_by IS NULL) OR (((((((new.match_id IS DISTINCT FROM old.match_id) OR (new.line_id IS DISTINCT FROM old.line_id)) OR (new.thing IS DISTINCT FROM old.thing)) OR (new.thing_no IS DISTINCT FROM old.thing_no)) OR (new.amount_fen IS DISTINCT FROM old.amount_fen)) OR (new.rule IS DISTINCT FROM old.rule)) OR (new.recon_no IS DISTINCT FROM old.recon_no)))) EXECUTE FUNCTION refuse_because('a match is taken back, and never changed');
CREATE TRIGGER line_matches_never_deleted BEFORE DELETE OR TRUNCATE ON public.line_matches FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER line_matches_within_line AFTER INSERT ON public.line_matches REFERENCING NEW TABLE AS new_matches FOR EACH STATEMENT EXECUTE FUNCTION refuse_overmatched_line();

CREATE TABLE member_aliases (
  alias text NOT NULL,
  source text NOT NULL,
  import_id bigint,
  added_by text NOT NULL,
  added_at timestamp with time zone NOT NULL,
  member_id bigint NOT NULL,
  CONSTRAINT member_aliases_pkey PRIMARY KEY (alias, source)
);
CREATE INDEX member_aliases_member_id ON public.member_aliases USING btree (member_id);
CREATE TRIGGER member_aliases_frozen BEFORE UPDATE OR TRUNCATE ON public.member_aliases FOR EACH STATEMENT EXECUTE FUNCTION refuse_because('an alias is taken away and given anew');

CREATE TABLE member_contacts (
  value text NOT NULL,
  kind text NOT NULL,
  member_id bigint NOT NULL,
  CONSTRAINT member_contacts_pkey PRIMARY KEY (value, kind),
  CONSTRAINT member_contacts_kind CHECK ((kind = ANY (ARRAY['phone'::text, 'email'::text])))
);

CREATE TABLE member_numbers (
  member_no text NOT NULL,
  member_id bigint NOT NULL,
  CONSTRAINT member_numbers_pkey PRIMARY KEY (member_no) INCLUDE (member_id)
);
CREATE TRIGGER member_numbers_append_only BEFORE UPDATE OR TRUNCATE ON public.member_numbers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER member_numbers_never_deleted BEFORE DELETE ON public.member_numbers FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE TRIGGER member_numbers_undone AFTER DELETE ON public.member_numbers REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_member_part();
REVOKE TRUNCATE, UPDATE ON member_numbers FROM its owner;

CREATE TABLE members (
  member_id bigint NOT NULL,
  member_no text NOT NULL,
  name text NOT NULL,
  email text,
  phone text,
  password_hash text,
  status text NOT NULL,
  identity_verified_at timestamp with time zone,
  import_id bigint,
  registered_by text NOT NULL,
  registered_at timestamp with time zone NOT NULL,
  CONSTRAINT members_pkey PRIMARY KEY (member_id),
  CONSTRAINT members_status CHECK ((status = ANY (ARRAY['active'::text, 'frozen'::text, 'closed'::text])))
);
CREATE INDEX members_closed ON public.members USING btree (member_id) WHERE (status = 'closed'::text);
CREATE TRIGGER members_frozen BEFORE UPDATE ON public.members FOR EACH ROW WHEN ((((new.member_id IS DISTINCT FROM old.member_id) OR (new.member_no IS DISTINCT FROM old.member_no)) OR ((old.status = 'closed'::text) AND (new.status <> 'closed'::text)))) EXECUTE FUNCTION refuse_because('a member keeps their number, and closed is final');
CREATE TRIGGER members_never_deleted BEFORE DELETE OR TRUNCATE ON public.members FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE TRIGGER members_undone AFTER DELETE ON public.members REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_other_import();

CREATE TABLE merchant_adjustments (
  proposal_no text NOT NULL,
  merchant_id bigint NOT NULL,
  kind text NOT NULL,
  bill_no text,
  amount_fen bigint NOT NULL,
  business_date date NOT NULL,
  applied_by text NOT NULL,
  applied_at timestamp with time zone NOT NULL,
  CONSTRAINT merchant_adjustments_pkey PRIMARY KEY (proposal_no),
  CONSTRAINT merchant_adjustments_amount_fen CHECK (((amount_fen <> 0) AND ((kind = 'correction'::text) OR (amount_fen < 0)))),
  CONSTRAINT merchant_adjustments_bill_no CHECK (((kind = 'correction'::text) = (bill_no IS NOT NULL))),
  CONSTRAINT merchant_adjustments_kind CHECK ((kind = ANY (ARRAY['write_off'::text, 'correction'::text]))),
  CONSTRAINT merchant_adjustments_merchant_id_merchants_merchant_id_fk FOREIGN KEY (merchant_id) REFERENCES merchants(merchant_id),
  CONSTRAINT merchant_adjustments_proposal_no_proposals_proposal_no_fk FOREIGN KEY (proposal_no) REFERENCES proposals(proposal_no)
);
CREATE INDEX merchant_adjustments_business_date ON public.merchant_adjustments USING btree (business_date);
CREATE TRIGGER merchant_adjustments_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.merchant_adjustments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE CONSTRAINT TRIGGER merchant_adjustments_approved AFTER INSERT ON public.merchant_adjustments DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_unapproved_posting();
CREATE TRIGGER merchant_adjustments_proposed BEFORE INSERT ON public.merchant_adjustments FOR EACH ROW EXECUTE FUNCTION refuse_unproposed_content('kind', 'amount_fen', 'bill_no');
REVOKE DELETE, TRUNCATE, UPDATE ON merchant_adjustments FROM its owner;
GRANT UPDATE (merchant_id) ON merchant_adjustments TO its owner;

CREATE TABLE merchant_aliases (
  alias text NOT NULL,
  source text NOT NULL,
  import_id bigint,
  added_by text NOT NULL,
  added_at timestamp with time zone NOT NULL,
  merchant_id bigint NOT NULL,
  CONSTRAINT merchant_aliases_pkey PRIMARY KEY (alias, source),
  CONSTRAINT merchant_aliases_merchant_id_merchants_merchant_id_fk FOREIGN KEY (merchant_id) REFERENCES merchants(merchant_id)
);
CREATE TRIGGER merchant_aliases_frozen BEFORE UPDATE OR TRUNCATE ON public.merchant_aliases FOR EACH STATEMENT EXECUTE FUNCTION refuse_because('an alias is taken away and given anew');

CREATE TABLE merchant_bills (
  bill_no text NOT NULL,
  merchant_id bigint NOT NULL,
  period_from date NOT NULL,
  period_to date NOT NULL,
  due_on date NOT NULL,
  opening_fen bigint NOT NULL,
  contributed_fen bigint NOT NULL,
  clawed_back_fen bigint NOT NULL,
  collected_fen bigint NOT NULL,
  adjusted_fen bigint NOT NULL,
  closing_fen bigint NOT NULL,
  CONSTRAINT merchant_bills_pkey PRIMARY KEY (bill_no),
  CONSTRAINT merchant_bills_adds_up CHECK (((contributed_fen >= 0) AND (clawed_back_fen <= 0) AND (closing_fen = ((((opening_fen + contributed_fen) + clawed_back_fen) - collected_fen) + adjusted_fen)))),
  CONSTRAINT merchant_bills_bill_no CHECK ((bill_no ~ '^B[0-9]{8,}$'::text)),
  CONSTRAINT merchant_bills_dates CHECK (((period_from <= period_to) AND (period_to <= due_on))),
  CONSTRAINT merchant_bills_merchant_id_merchants_merchant_id_fk FOREIGN KEY (merchant_id) REFERENCES merchants(merchant_id)
);
CREATE UNIQUE INDEX merchant_bills_period ON public.merchant_bills USING btree (merchant_id, period_from);
CREATE INDEX merchant_bills_period_from ON public.merchant_bills USING btree (period_from);
CREATE TRIGGER merchant_bills_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.merchant_bills FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER merchant_bills_in_time AFTER INSERT ON public.merchant_bills REFERENCING NEW TABLE AS new_bills FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_bill();
REVOKE DELETE, TRUNCATE, UPDATE ON merchant_bills FROM its owner;
GRANT UPDATE (merchant_id) ON merchant_bills TO its owner;

CREATE TABLE merchant_contributions (
  business_date date NOT NULL,
  merchant_id bigint NOT NULL,
  contribution_bps integer NOT NULL,
  run_id bigint NOT NULL,
  orders bigint NOT NULL,
  contributed_fen bigint NOT NULL,
  clawed_back_fen bigint NOT NULL,
  unevidenced_orders bigint,
  CONSTRAINT merchant_contributions_pkey PRIMARY KEY (business_date, merchant_id, contribution_bps, run_id),
  CONSTRAINT merchant_contributions_signs CHECK (((orders >= 0) AND (contributed_fen >= 0) AND (clawed_back_fen <= 0)))
);
CREATE TRIGGER merchant_contributions_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.merchant_contributions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE, UPDATE ON merchant_contributions FROM its owner;

CREATE TABLE merchants (
  merchant_id bigint NOT NULL,
  merchant_code text NOT NULL,
  name text NOT NULL,
  contact text,
  status text NOT NULL,
  suspended_at timestamp with time zone,
  import_id bigint,
  registered_by text NOT NULL,
  registered_at timestamp with time zone NOT NULL,
  CONSTRAINT merchants_pkey PRIMARY KEY (merchant_id),
  CONSTRAINT merchants_status CHECK ((status = ANY (ARRAY['pending'::text, 'active'::text, 'suspended'::text]))),
  CONSTRAINT merchants_suspended_at CHECK (((status = 'suspended'::text) = (suspended_at IS NOT NULL)))
);
CREATE UNIQUE INDEX merchants_merchant_code ON public.merchants USING btree (merchant_code);
CREATE TRIGGER merchants_began BEFORE UPDATE ON public.merchants FOR EACH ROW WHEN ((((((new.merchant_id IS DISTINCT FROM old.merchant_id) OR (new.merchant_code IS DISTINCT FROM old.merchant_code)) OR (new.import_id IS DISTINCT FROM old.import_id)) OR (new.registered_by IS DISTINCT FROM old.registered_by)) OR (new.registered_at IS DISTINCT FROM old.registered_at))) EXECUTE FUNCTION refuse_because('which import brought a merchant, under which code and when, stays as it is');
CREATE TRIGGER merchants_never_deleted BEFORE DELETE OR TRUNCATE ON public.merchants FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE TRIGGER merchants_undone AFTER DELETE ON public.merchants REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_other_import();

CREATE TABLE money_accounts (
  money_account text NOT NULL,
  channel text NOT NULL,
  added_by text NOT NULL,
  added_at timestamp with time zone NOT NULL,
  CONSTRAINT money_accounts_pkey PRIMARY KEY (money_account),
  CONSTRAINT money_accounts_channel CHECK ((channel = ANY (ARRAY['alipay'::text, 'wechat'::text, 'bank'::text, 'stripe'::text]))),
  CONSTRAINT money_accounts_money_account CHECK ((money_account ~ '^[a-z0-9][a-z0-9-]{0,39}$'::text))
);
CREATE TRIGGER money_accounts_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.money_accounts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE, UPDATE ON money_accounts FROM its owner;
GRANT UPDATE (money_account) ON money_accounts TO its owner;

CREATE TABLE number_counters (
  kind text NOT NULL,
  last bigint NOT NULL DEFAULT 0,
  CONSTRAINT number_counters_pkey PRIMARY KEY (kind),
  CONSTRAINT number_counters_kind CHECK ((kind = ANY (ARRAY['member'::text, 'withdrawal'::text, 'payout_batch'::text, 'payout_detail'::text, 'run'::text, 'bill'::text, 'collection'::text, 'statement_line'::text, 'reconciliation'::text, 'proposal'::text]))),
  CONSTRAINT number_counters_last CHECK ((last >= 0))
);
CREATE TRIGGER number_counters_forward BEFORE UPDATE ON public.number_counters FOR EACH ROW WHEN (((new.kind <> old.kind) OR (new.last < old.last))) EXECUTE FUNCTION refuse_because('numbers only go forward');
CREATE TRIGGER number_counters_never_deleted BEFORE DELETE OR TRUNCATE ON public.number_counters FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();

CREATE TABLE open_lines (
  line_id bigint NOT NULL,
  open_fen bigint NOT NULL,
  differs text[],
  CONSTRAINT open_lines_pkey PRIMARY KEY (line_id),
  CONSTRAINT open_lines_open_fen CHECK ((open_fen <> 0))
);

CREATE TABLE operator_actions (
  action_id bigint NOT NULL,
  at timestamp with time zone NOT NULL,
  operator text NOT NULL,
  host text NOT NULL,
  action text NOT NULL,
  subject_kind text NOT NULL,
  subject text NOT NULL,
  details jsonb NOT NULL DEFAULT '{}'::jsonb,
  login_role text DEFAULT SESSION_USER,
  identity text NOT NULL DEFAULT session_identity(),
  CONSTRAINT operator_actions_pkey PRIMARY KEY (action_id),
  CONSTRAINT operator_actions_identity CHECK ((identity = ANY (ARRAY['proven'::text, 'asserted'::text])))
);
CREATE INDEX operator_actions_operator ON public.operator_actions USING btree (operator, action_id);
CREATE INDEX operator_actions_subject ON public.operator_actions USING btree (subject_kind, subject, action_id);
CREATE INDEX operator_actions_watched ON public.operator_actions USING btree (action_id) WHERE ((action ~~ '%.reveal'::text) OR (action ~~ '%.refuse'::text));
CREATE TRIGGER operator_actions_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.operator_actions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER operator_actions_own AFTER INSERT ON public.operator_actions REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_operator();
CREATE TRIGGER operator_actions_timed BEFORE INSERT ON public.operator_actions FOR EACH ROW EXECUTE FUNCTION set_action_time();
REVOKE DELETE, TRUNCATE, UPDATE ON operator_actions FROM its owner;

CREATE TABLE operators (
  name text NOT NULL,
  skeleton text NOT NULL,
  role text NOT NULL,
  login_role text,
  state text NOT NULL,
  added_by text NOT NULL,
  added_at timestamp with time zone NOT NULL,
  changed_by text,
  changed_at timestamp with time zone,
  CONSTRAINT operators_pkey PRIMARY KEY (name),
  CONSTRAINT operators_changed CHECK (((changed_by IS NULL) = (changed_at IS NULL))),
  CONSTRAINT operators_login_role UNIQUE (login_role),
  CONSTRAINT operators_name CHECK ((((char_length(name) >= 1) AND (char_length(name) <= 64)) AND (skeleton <> ''::text))),
  CONSTRAINT operators_role CHECK ((role = ANY (ARRAY['clerk'::text, 'approver'::text, 'finance'::text, 'admin'::text, 'auditor'::text, 'batch'::text]))),
  CONSTRAINT operators_skeleton UNIQUE (skeleton),
  CONSTRAINT operators_state CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text]))),
  CONSTRAINT operators_suspended CHECK (((state = 'active'::text) OR (changed_by <> name)))
);
CREATE CONSTRAINT TRIGGER operators_added_by_two AFTER INSERT ON public.operators DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.role = ANY (ARRAY['approver'::text, 'finance'::text, 'admin'::text]))) EXECUTE FUNCTION refuse_role_of_one();
CREATE TRIGGER operators_administered AFTER UPDATE ON public.operators FOR EACH STATEMENT EXECUTE FUNCTION refuse_no_admin();
CREATE TRIGGER operators_grouped AFTER INSERT OR UPDATE ON public.operators FOR EACH ROW EXECUTE FUNCTION follow_group_roles();
CREATE TRIGGER operators_guarded BEFORE INSERT OR UPDATE ON public.operators FOR EACH ROW EXECUTE FUNCTION guard_operator();
CREATE TRIGGER operators_never_deleted BEFORE DELETE OR TRUNCATE ON public.operators FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
CREATE CONSTRAINT TRIGGER operators_set_by_two AFTER UPDATE ON public.operators DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((new.role = ANY (ARRAY['approver'::text, 'finance'::text, 'admin'::text])) AND ((new.role IS DISTINCT FROM old.role) OR (new.login_role IS DISTINCT FROM old.login_role)))) EXECUTE FUNCTION refuse_role_of_one();

CREATE TABLE order_changes (
  member_id bigint NOT NULL,
  order_id bigint NOT NULL,
  import_id bigint NOT NULL,
  merchant_id bigint NOT NULL,
  net_fen bigint NOT NULL,
  business_date date NOT NULL,
  is_first boolean NOT NULL,
  CONSTRAINT order_changes_pkey PRIMARY KEY (member_id, order_id, import_id)
);

CREATE TABLE order_evidence (
  payment_no text NOT NULL,
  channel text NOT NULL,
  order_no text NOT NULL,
  source text NOT NULL,
  amount_fen bigint NOT NULL,
  paid_at timestamp with time zone NOT NULL,
  import_id bigint NOT NULL,
  line integer NOT NULL,
  CONSTRAINT order_evidence_pkey PRIMARY KEY (payment_no, channel),
  CONSTRAINT order_evidence_amount_fen CHECK (((amount_fen >= 0) AND (amount_fen <= '10000000000'::bigint)))
);
CREATE INDEX order_evidence_import_id ON public.order_evidence USING brin (import_id);
CREATE INDEX order_evidence_order ON public.order_evidence USING btree (order_no, source);
CREATE TRIGGER order_evidence_append_only BEFORE UPDATE OR TRUNCATE ON public.order_evidence FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_evidence_never_deleted BEFORE DELETE ON public.order_evidence FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE TRIGGER order_evidence_undone AFTER DELETE ON public.order_evidence REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_other_import();
REVOKE TRUNCATE, UPDATE ON order_evidence FROM its owner;

CREATE TABLE order_keys (
  order_no text NOT NULL,
  source text NOT NULL,
  member_id bigint NOT NULL,
  order_id bigint NOT NULL,
  import_id bigint NOT NULL,
  line integer NOT NULL,
  row_hash bigint NOT NULL,
  CONSTRAINT order_keys_pkey PRIMARY KEY (order_no, source)
);
CREATE INDEX order_keys_import_id ON public.order_keys USING brin (import_id);
CREATE TRIGGER order_keys_frozen BEFORE UPDATE ON public.order_keys FOR EACH ROW WHEN (((((((new.order_no IS DISTINCT FROM old.order_no) OR (new.source IS DISTINCT FROM old.source)) OR (new.member_id IS DISTINCT FROM old.member_id)) OR (new.order_id IS DISTINCT FROM old.order_id)) OR (new.import_id IS DISTINCT FROM old.import_id)) OR (new.line IS DISTINCT FROM old.line))) EXECUTE FUNCTION refuse_other_order();
CREATE TRIGGER order_keys_never_deleted BEFORE DELETE OR TRUNCATE ON public.order_keys FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE TRIGGER order_keys_undone AFTER DELETE ON public.order_keys REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_other_import();

CREATE TABLE order_refunds (
  member_id bigint NOT NULL,
  order_id bigint NOT NULL,
  refund_no text NOT NULL,
  refunded_fen bigint NOT NULL,
  import_id bigint NOT NULL,
  CONSTRAINT order_refunds_pkey PRIMARY KEY (member_id, order_id, refund_no),
  CONSTRAINT order_refunds_refunded_fen CHECK (((refunded_fen >= 0) AND (refunded_fen <= '10000000000'::bigint)))
);
CREATE TRIGGER order_refunds_append_only BEFORE UPDATE OR TRUNCATE ON public.order_refunds FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_refunds_never_deleted BEFORE DELETE ON public.order_refunds FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE TRIGGER order_refunds_undone AFTER DELETE ON public.order_refunds REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_other_import();
REVOKE TRUNCATE, UPDATE ON order_refunds FROM its owner;

CREATE TABLE order_updates (
  member_id bigint NOT NULL,
  order_id bigint NOT NULL,
  import_id bigint NOT NULL,
  refunded_fen bigint NOT NULL,
  paid_at timestamp with time zone,
  business_date date,
  status text NOT NULL,
  skus text[],
  CONSTRAINT order_updates_pkey PRIMARY KEY (member_id, order_id, import_id),
  CONSTRAINT order_updates_status CHECK ((status = ANY (ARRAY['pending'::text, 'paid'::text, 'closed'::text])))
);
CREATE INDEX order_updates_import_id ON public.order_updates USING brin (import_id);
CREATE TRIGGER order_updates_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.order_updates FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE, UPDATE ON order_updates FROM its owner;

CREATE TABLE order_voids (
  order_no text NOT NULL,
  source text NOT NULL,
  order_id bigint NOT NULL,
  member_id bigint NOT NULL,
  proposal_no text NOT NULL,
  status text NOT NULL,
  new_order_id bigint,
  new_member_id bigint,
  CONSTRAINT order_voids_pkey PRIMARY KEY (order_no, source, order_id),
  CONSTRAINT order_voids_new CHECK (((new_order_id IS NULL) = (new_member_id IS NULL))),
  CONSTRAINT order_voids_status CHECK ((status = ANY (ARRAY['pending'::text, 'paid'::text, 'closed'::text])))
);
CREATE TRIGGER order_voids_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.order_voids FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER order_voids_proposed AFTER INSERT ON public.order_voids REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_unproposed_void();
REVOKE DELETE, TRUNCATE, UPDATE ON order_voids FROM its owner;

CREATE TABLE orders (
  member_id bigint NOT NULL,
  order_id bigint NOT NULL,
  merchant_id bigint NOT NULL,
  amount_fen bigint NOT NULL,
  refunded_fen bigint NOT NULL,
  paid_at timestamp with time zone,
  business_date date,
  status text NOT NULL,
  source text NOT NULL,
  order_no text NOT NULL,
  skus text[],
  CONSTRAINT orders_pkey PRIMARY KEY (member_id, order_id),
  CONSTRAINT orders_amount_fen CHECK (((amount_fen >= 0) AND (amount_fen <= '10000000000'::bigint))),
  CONSTRAINT orders_business_date CHECK (((paid_at IS NULL) = (business_date IS NULL))),
  CONSTRAINT orders_paid_at CHECK (((status <> 'paid'::text) OR (paid_at IS NOT NULL))),
  CONSTRAINT orders_refunded_fen CHECK (((refunded_fen >= 0) AND (refunded_fen <= amount_fen))),
  CONSTRAINT orders_refunded_when_paid CHECK (((refunded_fen = 0) OR (paid_at IS NOT NULL))),
  CONSTRAINT orders_status CHECK ((status = ANY (ARRAY['pending'::text, 'paid'::text, 'closed'::text, 'void'::text])))
) PARTITION BY RANGE (order_id);
CREATE INDEX orders_business_date ON ONLY public.orders USING brin (business_date);
CREATE TRIGGER orders_frozen BEFORE UPDATE ON public.orders FOR EACH ROW WHEN ((((((((new.member_id IS DISTINCT FROM old.member_id) OR (new.order_id IS DISTINCT FROM old.order_id)) OR (new.merchant_id IS DISTINCT FROM old.merchant_id)) OR (new.amount_fen IS DISTINCT FROM old.amount_fen)) OR (new.source IS DISTINCT FROM old.source)) OR (new.order_no IS DISTINCT FROM old.order_no)) OR ((new.paid_at IS DISTINCT FROM old.paid_at) AND (old.paid_at IS NOT NULL)) OR ((new.business_date IS DISTINCT FROM old.business_date) AND (old.business_date IS NOT NULL)) OR (new.refunded_fen < old.refunded_fen) OR (order_status_rank(new.status) < order_status_rank(old.status)))) EXECUTE FUNCTION refuse_because('an order only moves forward, and nobody else''s, nor another amount, becomes of it');
CREATE TRIGGER orders_never_deleted BEFORE DELETE OR TRUNCATE ON public.orders FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE TRIGGER orders_undone AFTER DELETE ON public.orders REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_settled();
CREATE TRIGGER orders_void BEFORE UPDATE ON public.orders FOR EACH ROW WHEN (((new.status = 'void'::text) OR (old.status = 'void'::text))) EXECUTE FUNCTION refuse_groundless_void();

CREATE TABLE orders_01 PARTITION OF orders FOR VALUES FROM (MINVALUE) TO ('16000000');
CREATE INDEX orders_01_business_date_idx ON public.orders_01 USING brin (business_date);
CREATE TRIGGER orders_frozen BEFORE UPDATE ON public.orders_01 FOR EACH ROW WHEN ((((((((new.member_id IS DISTINCT FROM old.member_id) OR (new.order_id IS DISTINCT FROM old.order_id)) OR (new.merchant_id IS DISTINCT FROM old.merchant_id)) OR (new.amount_fen IS DISTINCT FROM old.amount_fen)) OR (new.source IS DISTINCT FROM old.source)) OR (new.order_no IS DISTINCT FROM old.order_no)) OR ((new.paid_at IS DISTINCT FROM old.paid_at) AND (old.paid_at IS NOT NULL)) OR ((new.business_date IS DISTINCT FROM old.business_date) AND (old.business_date IS NOT NULL)) OR (new.refunded_fen < old.refunded_fen) OR (order_status_rank(new.status) < order_status_rank(old.status)))) EXECUTE FUNCTION refuse_because('an order only moves forward, and nobody else''s, nor another amount, becomes of it');
CREATE TRIGGER orders_never_deleted BEFORE DELETE OR TRUNCATE ON public.orders_01 FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE TRIGGER orders_undone AFTER DELETE ON public.orders_01 REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_settled();
CREATE TRIGGER orders_void BEFORE UPDATE ON public.orders_01 FOR EACH ROW WHEN (((new.status = 'void'::text) OR (old.status = 'void'::text))) EXECUTE FUNCTION refuse_groundless_void();

CREATE TABLE orders_02 PARTITION OF orders FOR VALUES FROM ('16000000') TO ('32000000');
CREATE INDEX orders_02_business_date_idx ON public.orders_02 USING brin (business_date);
CREATE TRIGGER orders_frozen BEFORE UPDATE ON public.orders_02 FOR EACH ROW WHEN ((((((((new.member_id IS DISTINCT FROM old.member_id) OR (new.order_id IS DISTINCT FROM old.order_id)) OR (new.merchant_id IS DISTINCT FROM old.merchant_id)) OR (new.amount_fen IS DISTINCT FROM old.amount_fen)) OR (new.source IS DISTINCT FROM old.source)) OR (new.order_no IS DISTINCT FROM old.order_no)) OR ((new.paid_at IS DISTINCT FROM old.paid_at) AND (old.paid_at IS NOT NULL)) OR ((new.business_date IS DISTINCT FROM old.business_date) AND (old.business_date IS NOT NULL)) OR (new.refunded_fen < old.refunded_fen) OR (order_status_rank(new.status) < order_status_rank(old.status)))) EXECUTE FUNCTION refuse_because('an order only moves forward, and nobody else''s, nor another amount, becomes of it');
CREATE TRIGGER orders_never_deleted BEFORE DELETE OR TRUNCATE ON public.orders_02 FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE TRIGGER orders_undone AFTER DELETE ON public.orders_02 REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_settled();
CREATE TRIGGER orders_void BEFORE UPDATE ON public.orders_02 FOR EACH ROW WHEN (((new.status = 'void'::text) OR (old.status = 'void'::text))) EXECUTE FUNCTION refuse_groundless_void();

CREATE TABLE orders_03 PARTITION OF orders FOR VALUES FROM ('32000000') TO ('48000000');
CREATE INDEX orders_03_business_date_idx ON public.orders_03 USING brin (business_date);
CREATE TRIGGER orders_frozen BEFORE UPDATE ON public.orders_03 FOR EACH ROW WHEN ((((((((new.member_id IS DISTINCT FROM old.member_id) OR (new.order_id IS DISTINCT FROM old.order_id)) OR (new.merchant_id IS DISTINCT FROM old.merchant_id)) OR (new.amount_fen IS DISTINCT FROM old.amount_fen)) OR (new.source IS DISTINCT FROM old.source)) OR (new.order_no IS DISTINCT FROM old.order_no)) OR ((new.paid_at IS DISTINCT FROM old.paid_at) AND (old.paid_at IS NOT NULL)) OR ((new.business_date IS DISTINCT FROM old.business_date) AND (old.business_date IS NOT NULL)) OR (new.refunded_fen < old.refunded_fen) OR (order_status_rank(new.status) < order_status_rank(old.status)))) EXECUTE FUNCTION refuse_because('an order only moves forward, and nobody else''s, nor another amount, becomes of it');
CREATE TRIGGER orders_never_deleted BEFORE DELETE OR TRUNCATE ON public.orders_03 FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE TRIGGER orders_undone AFTER DELETE ON public.orders_03 REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_settled();
CREATE TRIGGER orders_void BEFORE UPDATE ON public.orders_03 FOR EACH ROW WHEN (((new.status = 'void'::text) OR (old.status = 'void'::text))) EXECUTE FUNCTION refuse_groundless_void();

CREATE TABLE orders_04 PARTITION OF orders FOR VALUES FROM ('48000000') TO ('64000000');
CREATE INDEX orders_04_business_date_idx ON public.orders_04 USING brin (business_date);
CREATE TRIGGER orders_frozen BEFORE UPDATE ON public.orders_04 FOR EACH ROW WHEN ((((((((new.member_id IS DISTINCT FROM old.member_id) OR (new.order_id IS DISTINCT FROM old.order_id)) OR (new.merchant_id IS DISTINCT FROM old.merchant_id)) OR (new.amount_fen IS DISTINCT FROM old.amount_fen)) OR (new.source IS DISTINCT FROM old.source)) OR (new.order_no IS DISTINCT FROM old.order_no)) OR ((new.paid_at IS DISTINCT FROM old.paid_at) AND (old.paid_at IS NOT NULL)) OR ((new.business_date IS DISTINCT FROM old.business_date) AND (old.business_date IS NOT NULL)) OR (new.refunded_fen < old.refunded_fen) OR (order_status_rank(new.status) < order_status_rank(old.status)))) EXECUTE FUNCTION refuse_because('an order only moves forward, and nobody else''s, nor another amount, becomes of it');
CREATE TRIGGER orders_never_deleted BEFORE DELETE OR TRUNCATE ON public.orders_04 FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE TRIGGER orders_undone AFTER DELETE ON public.orders_04 REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_settled();
CREATE TRIGGER orders_void BEFORE UPDATE ON public.orders_04 FOR EACH ROW WHEN (((new.status = 'void'::text) OR (old.status = 'void'::text))) EXECUTE FUNCTION refuse_groundless_void();

CREATE TABLE orders_05 PARTITION OF orders FOR VALUES FROM ('64000000') TO ('80000000');
CREATE INDEX orders_05_business_date_idx ON public.orders_05 USING brin (business_date);
CREATE TRIGGER orders_frozen BEFORE UPDATE ON public.orders_05 FOR EACH ROW WHEN ((((((((new.member_id IS DISTINCT FROM old.member_id) OR (new.order_id IS DISTINCT FROM old.order_id)) OR (new.merchant_id IS DISTINCT FROM old.merchant_id)) OR (new.amount_fen IS DISTINCT FROM old.amount_fen)) OR (new.source IS DISTINCT FROM old.source)) OR (new.order_no IS DISTINCT FROM old.order_no)) OR ((new.paid_at IS DISTINCT FROM old.paid_at) AND (old.paid_at IS NOT NULL)) OR ((new.business_date IS DISTINCT FROM old.business_date) AND (old.business_date IS NOT NULL)) OR (new.refunded_fen < old.refunded_fen) OR (order_status_rank(new.status) < order_status_rank(old.status)))) EXECUTE FUNCTION refuse_because('an order only moves forward, and nobody else''s, nor another amount, becomes of it');
CREATE TRIGGER orders_never_deleted BEFORE DELETE OR TRUNCATE ON public.orders_05 FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE TRIGGER orders_undone AFTER DELETE ON public.orders_05 REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_settled();
CREATE TRIGGER orders_void BEFORE UPDATE ON public.orders_05 FOR EACH ROW WHEN (((new.status = 'void'::text) OR (old.status = 'void'::text))) EXECUTE FUNCTION refuse_groundless_void();

CREATE TABLE orders_06 PARTITION OF orders FOR VALUES FROM ('80000000') TO ('96000000');
CREATE INDEX orders_06_business_date_idx ON public.orders_06 USING brin (business_date);
CREATE TRIGGER orders_frozen BEFORE UPDATE ON public.orders_06 FOR EACH ROW WHEN ((((((((new.member_id IS DISTINCT FROM old.member_id) OR (new.order_id IS DISTINCT FROM old.order_id)) OR (new.merchant_id IS DISTINCT FROM old.merchant_id)) OR (new.amount_fen IS DISTINCT FROM old.amount_fen)) OR (new.source IS DISTINCT FROM old.source)) OR (new.order_no IS DISTINCT FROM old.order_no)) OR ((new.paid_at IS DISTINCT FROM old.paid_at) AND (old.paid_at IS NOT NULL)) OR ((new.business_date IS DISTINCT FROM old.business_date) AND (old.business_date IS NOT NULL)) OR (new.refunded_fen < old.refunded_fen) OR (order_status_rank(new.status) < order_status_rank(old.status)))) EXECUTE FUNCTION refuse_because('an order only moves forward, and nobody else''s, nor another amount, becomes of it');
CREATE TRIGGER orders_never_deleted BEFORE DELETE OR TRUNCATE ON public.orders_06 FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE TRIGGER orders_undone AFTER DELETE ON public.orders_06 REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_settled();
CREATE TRIGGER orders_void BEFORE UPDATE ON public.orders_06 FOR EACH ROW WHEN (((new.status = 'void'::text) OR (old.status = 'void'::text))) EXECUTE FUNCTION refuse_groundless_void();

CREATE TABLE orders_07 PARTITION OF orders FOR VALUES FROM ('96000000') TO ('112000000');
CREATE INDEX orders_07_business_date_idx ON public.orders_07 USING brin (business_date);
CREATE TRIGGER orders_frozen BEFORE UPDATE ON public.orders_07 FOR EACH ROW WHEN ((((((((new.member_id IS DISTINCT FROM old.member_id) OR (new.order_id IS DISTINCT FROM old.order_id)) OR (new.merchant_id IS DISTINCT FROM old.merchant_id)) OR (new.amount_fen IS DISTINCT FROM old.amount_fen)) OR (new.source IS DISTINCT FROM old.source)) OR (new.order_no IS DISTINCT FROM old.order_no)) OR ((new.paid_at IS DISTINCT FROM old.paid_at) AND (old.paid_at IS NOT NULL)) OR ((new.business_date IS DISTINCT FROM old.business_date) AND (old.business_date IS NOT NULL)) OR (new.refunded_fen < old.refunded_fen) OR (order_status_rank(new.status) < order_status_rank(old.status)))) EXECUTE FUNCTION refuse_because('an order only moves forward, and nobody else''s, nor another amount, becomes of it');
CREATE TRIGGER orders_never_deleted BEFORE DELETE OR TRUNCATE ON public.orders_07 FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE TRIGGER orders_undone AFTER DELETE ON public.orders_07 REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_settled();
CREATE TRIGGER orders_void BEFORE UPDATE ON public.orders_07 FOR EACH ROW WHEN (((new.status = 'void'::text) OR (old.status = 'void'::text))) EXECUTE FUNCTION refuse_groundless_void();

CREATE TABLE orders_08 PARTITION OF orders FOR VALUES FROM ('112000000') TO (MAXVALUE);
CREATE INDEX orders_08_business_date_idx ON public.orders_08 USING brin (business_date);
CREATE TRIGGER orders_frozen BEFORE UPDATE ON public.orders_08 FOR EACH ROW WHEN ((((((((new.member_id IS DISTINCT FROM old.member_id) OR (new.order_id IS DISTINCT FROM old.order_id)) OR (new.merchant_id IS DISTINCT FROM old.merchant_id)) OR (new.amount_fen IS DISTINCT FROM old.amount_fen)) OR (new.source IS DISTINCT FROM old.source)) OR (new.order_no IS DISTINCT FROM old.order_no)) OR ((new.paid_at IS DISTINCT FROM old.paid_at) AND (old.paid_at IS NOT NULL)) OR ((new.business_date IS DISTINCT FROM old.business_date) AND (old.business_date IS NOT NULL)) OR (new.refunded_fen < old.refunded_fen) OR (order_status_rank(new.status) < order_status_rank(old.status)))) EXECUTE FUNCTION refuse_because('an order only moves forward, and nobody else''s, nor another amount, becomes of it');
CREATE TRIGGER orders_never_deleted BEFORE DELETE OR TRUNCATE ON public.orders_08 FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_unless_undone();
CREATE TRIGGER orders_undone AFTER DELETE ON public.orders_08 REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete_of_settled();
CREATE TRIGGER orders_void BEFORE UPDATE ON public.orders_08 FOR EACH ROW WHEN (((new.status = 'void'::text) OR (old.status = 'void'::text))) EXECUTE FUNCTION refuse_groundless_void();

CREATE TABLE payout_accounts (
  member_id bigint NOT NULL,
  account_id bigint NOT NULL,
  channel text NOT NULL,
  number_masked text NOT NULL,
  bank_name text,
  branch_code text,
  key_id text NOT NULL,
  number_sealed bytea NOT NULL,
  holder_sealed bytea NOT NULL,
  number_digest bytea NOT NULL,
  is_default boolean NOT NULL,
  default_at timestamp with time zone,
  added_by text NOT NULL,
  added_at timestamp with time zone NOT NULL,
  closed_by text,
  closed_at timestamp with time zone,
  CONSTRAINT payout_accounts_pkey PRIMARY KEY (member_id, account_id),
  CONSTRAINT payout_accounts_bank CHECK ((((channel = 'bank'::text) = (bank_name IS NOT NULL)) AND ((branch_code IS NULL) OR ((channel = 'bank'::text) AND (branch_code ~ '^[0-9]{12}$'::text))))),
  CONSTRAINT payout_accounts_channel CHECK ((channel = ANY (ARRAY['alipay'::text, 'wechat'::text, 'bank'::text, 'stripe'::text]))),
  CONSTRAINT payout_accounts_channel_of UNIQUE (member_id, account_id, channel),
  CONSTRAINT payout_accounts_closed CHECK (((closed_by IS NULL) = (closed_at IS NULL))),
  CONSTRAINT payout_accounts_default CHECK (((NOT is_default) OR ((default_at IS NOT NULL) AND (closed_at IS NULL)))),
  CONSTRAINT payout_accounts_key_id CHECK ((key_id ~ '^[0-9a-f]{16}$'::text)),
  CONSTRAINT payout_accounts_member_id_members_member_id_fk FOREIGN KEY (member_id) REFERENCES members(member_id),
  CONSTRAINT payout_accounts_sealed CHECK (((octet_length(number_sealed) > 28) AND (octet_length(holder_sealed) > 28) AND (octet_length(number_digest) = 32)))
);
CREATE UNIQUE INDEX payout_accounts_default ON public.payout_accounts USING btree (member_id) WHERE is_default;
CREATE INDEX payout_accounts_key_id ON public.payout_accounts USING btree (key_id, member_id, account_id);
CREATE UNIQUE INDEX payout_accounts_number ON public.payout_accounts USING btree (member_id, number_digest) WHERE (closed_at IS NULL);
CREATE INDEX payout_accounts_number_digest ON public.payout_accounts USING btree (number_digest);
CREATE TRIGGER payout_accounts_begin BEFORE INSERT ON public.payout_accounts FOR EACH ROW WHEN ((new.closed_at IS NOT NULL)) EXECUTE FUNCTION refuse_because('a payout account begins open');
CREATE TRIGGER payout_accounts_frozen BEFORE UPDATE ON public.payout_accounts FOR EACH ROW EXECUTE FUNCTION refuse_account_rewrite();
CREATE TRIGGER payout_accounts_never_deleted BEFORE DELETE OR TRUNCATE ON public.payout_accounts FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();

CREATE TABLE payout_batches (
  batch_no text NOT NULL,
  channel text NOT NULL,
  template text NOT NULL,
  appid text,
  business_date date NOT NULL,
  details integer NOT NULL,
  total_fen bigint NOT NULL,
  digest text NOT NULL,
  operator text NOT NULL,
  host text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  handed_over_at timestamp with time zone,
  payer text,
  CONSTRAINT payout_batches_pkey PRIMARY KEY (batch_no),
  CONSTRAINT payout_batches_appid CHECK (((channel = 'wechat'::text) = (appid IS NOT NULL))),
  CONSTRAINT payout_batches_channel CHECK ((channel = ANY (ARRAY['alipay'::text, 'wechat'::text, 'bank'::text, 'csv'::text, 'stripe'::text]))),
  CONSTRAINT payout_batches_details CHECK (((details > 0) AND (total_fen > 0))),
  CONSTRAINT payout_batches_digest CHECK ((digest ~ '^[0-9a-f]{64}$'::text)),
  CONSTRAINT payout_batches_payer CHECK (((channel = 'stripe'::text) = (payer IS NOT NULL)))
);
CREATE INDEX payout_batches_channel_no ON public.payout_batches USING btree (channel, batch_no);
CREATE INDEX payout_batches_not_handed_over ON public.payout_batches USING btree (channel, batch_no) WHERE (handed_over_at IS NULL);
CREATE TRIGGER payout_batches_begin BEFORE INSERT ON public.payout_batches FOR EACH ROW WHEN ((new.handed_over_at IS NOT NULL)) EXECUTE FUNCTION refuse_because('a batch is handed over after it was recorded');
CREATE TRIGGER payout_batches_equal_details AFTER INSERT ON public.payout_batches REFERENCING NEW TABLE AS new_batches FOR EACH STATEMENT EXECUTE FUNCTION refuse_unequal_batch();
CREATE TRIGGER payout_batches_frozen BEFORE UPDATE ON public.payout_batches FOR EACH ROW EXECUTE FUNCTION refuse_batch_rewrite();
CREATE TRIGGER payout_batches_never_deleted BEFORE DELETE OR TRUNCATE ON public.payout_batches FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();

CREATE TABLE payout_detail_keys (
  detail_no text NOT NULL,
  member_id bigint NOT NULL,
  CONSTRAINT payout_detail_keys_pkey PRIMARY KEY (detail_no)
);
CREATE TRIGGER payout_detail_keys_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.payout_detail_keys FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE, UPDATE ON payout_detail_keys FROM its owner;

CREATE TABLE payout_details (
  member_id bigint NOT NULL,
  detail_no text NOT NULL,
  withdrawal_id bigint NOT NULL,
  batch_no text NOT NULL,
  file_no integer NOT NULL,
  row_no integer NOT NULL,
  account_id bigint NOT NULL,
  net_fen bigint NOT NULL,
  previous_detail_no text,
  state text NOT NULL,
  answered_at timestamp with time zone,
  answered_by text,
  answer_import_id bigint,
  reason text,
  channel_ref text,
  CONSTRAINT payout_details_pkey PRIMARY KEY (member_id, detail_no),
  CONSTRAINT payout_details_answered CHECK ((((state = 'sent'::text) = (answered_at IS NULL)) AND ((answered_at IS NULL) = (answered_by IS NULL)))),
  CONSTRAINT payout_details_net_fen CHECK ((net_fen > 0)),
  CONSTRAINT payout_details_row_no CHECK (((row_no >= 1) AND (file_no >= 1))),
  CONSTRAINT payout_details_state CHECK ((state = ANY (ARRAY['sent'::text, 'processing'::text, 'unknown'::text, 'paid'::text, 'failed'::text]))),
  CONSTRAINT payout_details_withdrawal UNIQUE (member_id, withdrawal_id)
);
CREATE INDEX payout_details_batch ON public.payout_details USING btree (batch_no, row_no);
CREATE INDEX payout_details_open ON public.payout_details USING btree (batch_no, net_fen) WHERE (state = ANY (ARRAY['sent'::text, 'processing'::text, 'unknown'::text]));
CREATE TRIGGER payout_details_begin BEFORE INSERT ON public.payout_details FOR EACH ROW WHEN (((new.state <> 'sent'::text) OR (num_nonnulls(new.answer_import_id, new.reason, new.channel_ref) > 0))) EXECUTE FUNCTION refuse_because('a payout begins as sent, without an answer');
CREATE TRIGGER payout_details_frozen BEFORE UPDATE ON public.payout_details FOR EACH ROW EXECUTE FUNCTION refuse_payout_rewrite();
CREATE TRIGGER payout_details_in_time AFTER INSERT ON public.payout_details REFERENCING NEW TABLE AS new_details FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_payout();
CREATE TRIGGER payout_details_never_deleted BEFORE DELETE OR TRUNCATE ON public.payout_details FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER payout_details_of_paying AFTER INSERT ON public.payout_details REFERENCING NEW TABLE AS new_details FOR EACH STATEMENT EXECUTE FUNCTION refuse_groundless_payout();

CREATE TABLE payout_files (
  batch_no text NOT NULL,
  file_no integer NOT NULL,
  name text NOT NULL,
  rows integer NOT NULL,
  total_fen bigint NOT NULL,
  sha256 text NOT NULL,
  byte_size integer NOT NULL,
  CONSTRAINT payout_files_pkey PRIMARY KEY (batch_no, file_no),
  CONSTRAINT payout_files_batch_no_payout_batches_batch_no_fk FOREIGN KEY (batch_no) REFERENCES payout_batches(batch_no),
  CONSTRAINT payout_files_rows CHECK (((file_no >= 1) AND (rows > 0) AND (total_fen > 0) AND (byte_size > 0))),
  CONSTRAINT payout_files_sha256 CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);
CREATE TRIGGER payout_files_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.payout_files FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE, UPDATE ON payout_files FROM its owner;

CREATE TABLE payout_retries (
  member_id bigint NOT NULL,
  withdrawal_id bigint NOT NULL,
  failed_withdrawal_id bigint NOT NULL,
  failed_detail_no text NOT NULL,
  CONSTRAINT payout_retries_pkey PRIMARY KEY (member_id, withdrawal_id),
  CONSTRAINT payout_retries_failed UNIQUE (member_id, failed_withdrawal_id)
);
CREATE TRIGGER payout_retries_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.payout_retries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE, UPDATE ON payout_retries FROM its owner;

CREATE TABLE platform (
  platform_id smallint NOT NULL DEFAULT 1,
  time_zone text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT platform_pkey PRIMARY KEY (platform_id),
  CONSTRAINT platform_is_one_row CHECK ((platform_id = 1))
);
CREATE TRIGGER platform_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.platform FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE, UPDATE ON platform FROM its owner;

CREATE TABLE points_entries (
  member_id bigint NOT NULL,
  ref_id bigint NOT NULL,
  available_points bigint NOT NULL,
  held_points bigint NOT NULL,
  run_id bigint,
  net_fen bigint,
  contribution_fen bigint,
  created_at timestamp with time zone NOT NULL,
  contribution_bps integer,
  points_bps integer,
  business_date date NOT NULL,
  entry_no smallint NOT NULL,
  kind text NOT NULL,
  CONSTRAINT points_entries_pkey PRIMARY KEY (member_id, ref_id, entry_no),
  CONSTRAINT points_entries_kind CHECK (
CASE
    WHEN (kind = 'grant'::text) THEN ((available_points > 0) AND (held_points = 0))
    WHEN (kind = 'clawback'::text) THEN ((available_points < 0) AND (held_points = 0))
    WHEN (kind = 'contribution'::text) THEN ((available_points = 0) AND (held_points = 0))
    WHEN (kind = 'hold'::text) THEN ((held_points > 0) AND (available_points = (- held_points)))
    WHEN (kind = 'release'::text) THEN ((available_points > 0) AND (held_points = (- available_points)))
    WHEN (kind = 'burn'::text) THEN ((available_points = 0) AND (held_points < 0))
    WHEN (kind = 'adjust'::text) THEN ((available_points <> 0) AND (held_points = 0))
    ELSE false
END),
  CONSTRAINT points_entries_order_facts CHECK ((((kind = ANY (ARRAY['grant'::text, 'clawback'::text, 'contribution'::text])) = (run_id IS NOT NULL)) AND (num_nulls(run_id, net_fen, contribution_fen, contribution_bps, points_bps) = ANY (ARRAY[0, 5]))))
) PARTITION BY RANGE (ref_id);
CREATE INDEX points_entries_business_date ON ONLY public.points_entries USING brin (business_date);
CREATE TRIGGER points_entries_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.points_entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER points_entries_of_role AFTER INSERT ON public.points_entries REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_kind_of_other_role();
CREATE TRIGGER points_entries_open_date AFTER INSERT ON public.points_entries REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_date();
CREATE TRIGGER points_entries_proposed AFTER INSERT ON public.points_entries REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_groundless_adjust();
REVOKE DELETE, TRUNCATE, UPDATE ON points_entries FROM its owner;

CREATE TABLE points_entries_01 PARTITION OF points_entries FOR VALUES FROM (MINVALUE) TO ('16000000');
CREATE INDEX points_entries_01_business_date_idx ON public.points_entries_01 USING brin (business_date);
CREATE TRIGGER points_entries_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.points_entries_01 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER points_entries_open_date AFTER INSERT ON public.points_entries_01 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_date();
CREATE TRIGGER points_entries_proposed AFTER INSERT ON public.points_entries_01 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_groundless_adjust();
REVOKE DELETE, TRUNCATE, UPDATE ON points_entries_01 FROM its owner;

CREATE TABLE points_entries_02 PARTITION OF points_entries FOR VALUES FROM ('16000000') TO ('32000000');
CREATE INDEX points_entries_02_business_date_idx ON public.points_entries_02 USING brin (business_date);
CREATE TRIGGER points_entries_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.points_entries_02 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER points_entries_open_date AFTER INSERT ON public.points_entries_02 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_date();
CREATE TRIGGER points_entries_proposed AFTER INSERT ON public.points_entries_02 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_groundless_adjust();
REVOKE DELETE, TRUNCATE, UPDATE ON points_entries_02 FROM its owner;

CREATE TABLE points_entries_03 PARTITION OF points_entries FOR VALUES FROM ('32000000') TO ('48000000');
CREATE INDEX points_entries_03_business_date_idx ON public.points_entries_03 USING brin (business_date);
CREATE TRIGGER points_entries_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.points_entries_03 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER points_entries_open_date AFTER INSERT ON public.points_entries_03 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_date();
CREATE TRIGGER points_entries_proposed AFTER INSERT ON public.points_entries_03 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_groundless_adjust();
REVOKE DELETE, TRUNCATE, UPDATE ON points_entries_03 FROM its owner;

CREATE TABLE points_entries_04 PARTITION OF points_entries FOR VALUES FROM ('48000000') TO ('64000000');
CREATE INDEX points_entries_04_business_date_idx ON public.points_entries_04 USING brin (business_date);
CREATE TRIGGER points_entries_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.points_entries_04 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER points_entries_open_date AFTER INSERT ON public.points_entries_04 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_date();
CREATE TRIGGER points_entries_proposed AFTER INSERT ON public.points_entries_04 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_groundless_adjust();
REVOKE DELETE, TRUNCATE, UPDATE ON points_entries_04 FROM its owner;

CREATE TABLE points_entries_05 PARTITION OF points_entries FOR VALUES FROM ('64000000') TO ('80000000');
CREATE INDEX points_entries_05_business_date_idx ON public.points_entries_05 USING brin (business_date);
CREATE TRIGGER points_entries_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.points_entries_05 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER points_entries_open_date AFTER INSERT ON public.points_entries_05 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_date();
CREATE TRIGGER points_entries_proposed AFTER INSERT ON public.points_entries_05 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_groundless_adjust();
REVOKE DELETE, TRUNCATE, UPDATE ON points_entries_05 FROM its owner;

CREATE TABLE points_entries_06 PARTITION OF points_entries FOR VALUES FROM ('80000000') TO ('96000000');
CREATE INDEX points_entries_06_business_date_idx ON public.points_entries_06 USING brin (business_date);
CREATE TRIGGER points_entries_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.points_entries_06 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER points_entries_open_date AFTER INSERT ON public.points_entries_06 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_date();
CREATE TRIGGER points_entries_proposed AFTER INSERT ON public.points_entries_06 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_groundless_adjust();
REVOKE DELETE, TRUNCATE, UPDATE ON points_entries_06 FROM its owner;

CREATE TABLE points_entries_07 PARTITION OF points_entries FOR VALUES FROM ('96000000') TO ('112000000');
CREATE INDEX points_entries_07_business_date_idx ON public.points_entries_07 USING brin (business_date);
CREATE TRIGGER points_entries_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.points_entries_07 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER points_entries_open_date AFTER INSERT ON public.points_entries_07 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_date();
CREATE TRIGGER points_entries_proposed AFTER INSERT ON public.points_entries_07 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_groundless_adjust();
REVOKE DELETE, TRUNCATE, UPDATE ON points_entries_07 FROM its owner;

CREATE TABLE points_entries_08 PARTITION OF points_entries FOR VALUES FROM ('112000000') TO (MAXVALUE);
CREATE INDEX points_entries_08_business_date_idx ON public.points_entries_08 USING brin (business_date);
CREATE TRIGGER points_entries_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.points_entries_08 FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER points_entries_open_date AFTER INSERT ON public.points_entries_08 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_date();
CREATE TRIGGER points_entries_proposed AFTER INSERT ON public.points_entries_08 REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_groundless_adjust();
REVOKE DELETE, TRUNCATE, UPDATE ON points_entries_08 FROM its owner;

CREATE TABLE policies (
  effective_from date NOT NULL,
  contribution_bps integer NOT NULL,
  points_bps integer NOT NULL,
  grant_delay_days integer NOT NULL,
  point_value_fen bigint NOT NULL,
  fee_bps integer NOT NULL,
  min_withdrawal_points bigint NOT NULL,
  max_withdrawal_points bigint NOT NULL,
  max_daily_points bigint NOT NULL,
  set_by text NOT NULL,
  set_at timestamp with time zone NOT NULL,
  max_platform_daily_points bigint,
  two_approvers_above_fen bigint,
  cooling_off_hours integer NOT NULL DEFAULT 0,
  request_expiry_days integer,
  revision integer NOT NULL DEFAULT 1,
  payment_term_days integer NOT NULL DEFAULT 15,
  billing text NOT NULL DEFAULT 'by_hand'::text,
  grant_on text NOT NULL DEFAULT 'paid_order'::text,
  min_cash_coverage_bps integer,
  grant_evidence text NOT NULL DEFAULT 'none'::text,
  min_contribution_bps integer,
  max_contribution_bps integer,
  proven_identity boolean,
  proposal_no text,
  suspend_overdue_days integer,
  CONSTRAINT policies_pkey PRIMARY KEY (effective_from, revision),
  CONSTRAINT policies_billing CHECK ((billing = ANY (ARRAY['by_hand'::text, 'monthly'::text]))),
  CONSTRAINT policies_contribution_bounds CHECK (((contribution_bps >= COALESCE(min_contribution_bps, 0)) AND (contribution_bps <= COALESCE(max_contribution_bps, 10000)))),
  CONSTRAINT policies_contribution_bps CHECK (((contribution_bps >= 0) AND (contribution_bps <= 10000))),
  CONSTRAINT policies_cooling_off_hours CHECK (((cooling_off_hours >= 0) AND (cooling_off_hours <= 8760))),
  CONSTRAINT policies_fee_bps CHECK (((fee_bps >= 0) AND (fee_bps <= 9999))),
  CONSTRAINT policies_grant_delay_days CHECK (((grant_delay_days >= 0) AND (grant_delay_days <= 365))),
  CONSTRAINT policies_grant_evidence CHECK ((grant_evidence = ANY (ARRAY['none'::text, 'required'::text]))),
  CONSTRAINT policies_grant_on CHECK ((grant_on = ANY (ARRAY['paid_order'::text, 'collection'::text]))),
  CONSTRAINT policies_max_contribution_bps CHECK (((max_contribution_bps >= 0) AND (max_contribution_bps <= 10000))),
  CONSTRAINT policies_max_platform_daily_points CHECK ((max_platform_daily_points >= max_daily_points)),
  CONSTRAINT policies_min_cash_coverage_bps CHECK (((min_cash_coverage_bps >= 1) AND (min_cash_coverage_bps <= 10000))),
  CONSTRAINT policies_min_contribution_bps CHECK (((min_contribution_bps >= 0) AND (min_contribution_bps <= 10000))),
  CONSTRAINT policies_payment_term_days CHECK (((payment_term_days >= 0) AND (payment_term_days <= 365))),
  CONSTRAINT policies_point_value_fen CHECK (((point_value_fen >= 1) AND (point_value_fen <= 1000000))),
  CONSTRAINT policies_points_bps CHECK (((points_bps >= 0) AND (points_bps <= 10000))),
  CONSTRAINT policies_proposal_no_proposals_proposal_no_fk FOREIGN KEY (proposal_no) REFERENCES proposals(proposal_no),
  CONSTRAINT policies_request_expiry_days CHECK (((request_expiry_days >= 1) AND (request_expiry_days <= 365))),
  CONSTRAINT policies_suspend_overdue_days CHECK (((suspend_overdue_days >= 1) AND (suspend_overdue_days <= 365))),
  CONSTRAINT policies_two_approvers_above_fen CHECK ((two_approvers_above_fen >= 0)),
  CONSTRAINT policies_withdrawal_limits CHECK (((min_withdrawal_points >= 1) AND (max_withdrawal_points >= min_withdrawal_points) AND (max_daily_points >= max_withdrawal_points)))
);
CREATE UNIQUE INDEX policies_proposal_no ON public.policies USING btree (proposal_no);
CREATE TRIGGER policies_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.policies FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE CONSTRAINT TRIGGER policies_proposed AFTER INSERT ON public.policies DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (((new.effective_from > '0001-01-01'::date) OR (new.revision > 1))) EXECUTE FUNCTION refuse_unproposed();
CREATE TRIGGER policies_set_by_role BEFORE INSERT ON public.policies FOR EACH ROW EXECUTE FUNCTION refuse_act_of_others('set_by', 'finance', 'admin');
REVOKE DELETE, TRUNCATE, UPDATE ON policies FROM its owner;

CREATE TABLE products (
  merchant_id bigint NOT NULL,
  sku text NOT NULL,
  name text NOT NULL,
  price_fen bigint NOT NULL,
  import_id bigint,
  CONSTRAINT products_pkey PRIMARY KEY (merchant_id, sku),
  CONSTRAINT products_merchant_id_merchants_merchant_id_fk FOREIGN KEY (merchant_id) REFERENCES merchants(merchant_id),
  CONSTRAINT products_price_fen CHECK (((price_fen >= 0) AND (price_fen <= '10000000000'::bigint)))
);

CREATE TABLE proposals (
  proposal_no text NOT NULL,
  subject_kind text NOT NULL,
  document jsonb NOT NULL,
  basis jsonb NOT NULL,
  digest text NOT NULL,
  reason text NOT NULL,
  maker text NOT NULL,
  made_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  state text NOT NULL,
  checker text,
  decided_at timestamp with time zone,
  decision_reason text,
  result jsonb,
  CONSTRAINT proposals_pkey PRIMARY KEY (proposal_no),
  CONSTRAINT proposals_checker CHECK (((state = ANY (ARRAY['proposed'::text, 'expired'::text])) = (checker IS NULL))),
  CONSTRAINT proposals_decided CHECK (((state = 'proposed'::text) = (decided_at IS NULL))),
  CONSTRAINT proposals_decision_reason CHECK (((state <> 'rejected'::text) OR (decision_reason IS NOT NULL))),
  CONSTRAINT proposals_expired CHECK (((state <> 'expired'::text) OR (decided_at >= expires_at))),
  CONSTRAINT proposals_expires_at CHECK ((expires_at > made_at)),
  CONSTRAINT proposals_in_time CHECK (((state <> 'approved'::text) OR (decided_at < expires_at))),
  CONSTRAINT proposals_maker_is_not_checker CHECK (((lower(btrim(NORMALIZE(checker, NFKC))) = lower(btrim(NORMALIZE(maker, NFKC)))) = (state = 'withdrawn'::text))),
  CONSTRAINT proposals_proposal_no CHECK ((proposal_no ~ '^A[0-9]{8,}$'::text)),
  CONSTRAINT proposals_result CHECK (((state = 'approved'::text) = (result IS NOT NULL))),
  CONSTRAINT proposals_state CHECK ((state = ANY (ARRAY['proposed'::text, 'approved'::text, 'rejected'::text, 'expired'::text, 'withdrawn'::text]))),
  CONSTRAINT proposals_subject_kind CHECK ((subject_kind = ANY (ARRAY['policy'::text, 'merchant_rate'::text, 'settle_reopen'::text, 'points_adjustment'::text, 'opening_balances'::text, 'order_void'::text, 'order_correction'::text, 'import_undo'::text, 'member_name'::text, 'operator_role'::text, 'forced_match'::text, 'recon_void'::text, 'merchant_write_off'::text, 'bill_correction'::text, 'payout_answer'::text, 'coverage_exception'::text])))
);
CREATE INDEX proposals_expires_at ON public.proposals USING btree (expires_at) WHERE (state = 'proposed'::text);
CREATE UNIQUE INDEX proposals_waiting ON public.proposals USING btree (digest) WHERE (state = 'proposed'::text);
CREATE TRIGGER proposals_begin BEFORE INSERT ON public.proposals FOR EACH ROW WHEN ((new.state <> 'proposed'::text)) EXECUTE FUNCTION refuse_because('a proposal is made before anybody decides about it');
CREATE TRIGGER proposals_decided_by_role BEFORE UPDATE ON public.proposals FOR EACH ROW WHEN ((new.state = ANY (ARRAY['approved'::text, 'rejected'::text]))) EXECUTE FUNCTION refuse_decision_on_proposal();
CREATE TRIGGER proposals_frozen BEFORE UPDATE ON public.proposals FOR EACH ROW WHEN (((old.state <> 'proposed'::text) OR (new.state = 'proposed'::text) OR (((((((((new.proposal_no IS DISTINCT FROM old.proposal_no) OR (new.subject_kind IS DISTINCT FROM old.subject_kind)) OR (new.document IS DISTINCT FROM old.document)) OR (new.basis IS DISTINCT FROM old.basis)) OR (new.digest IS DISTINCT FROM old.digest)) OR (new.reason IS DISTINCT FROM old.reason)) OR (new.maker IS DISTINCT FROM old.maker)) OR (new.made_at IS DISTINCT FROM old.made_at)) OR (new.expires_at IS DISTINCT FROM old.expires_at)))) EXECUTE FUNCTION refuse_because('what was proposed is frozen, and so is what was decided');
CREATE TRIGGER proposals_never_deleted BEFORE DELETE OR TRUNCATE ON public.proposals FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER proposals_own BEFORE INSERT ON public.proposals FOR EACH ROW EXECUTE FUNCTION refuse_act_of_others('maker', 'clerk', 'approver', 'finance', 'admin');
CREATE TRIGGER proposals_sealed BEFORE INSERT ON public.proposals FOR EACH ROW EXECUTE FUNCTION seal_proposal();
CREATE TRIGGER proposals_taken_back BEFORE UPDATE ON public.proposals FOR EACH ROW WHEN ((new.state = 'withdrawn'::text)) EXECUTE FUNCTION refuse_act_of_others('checker');

CREATE TABLE proposed_adjustments (
  proposal_no text NOT NULL,
  row_no integer NOT NULL,
  member_no text NOT NULL,
  points bigint NOT NULL,
  reason_class text NOT NULL,
  reference text,
  reason text NOT NULL,
  CONSTRAINT proposed_adjustments_pkey PRIMARY KEY (proposal_no, row_no),
  CONSTRAINT proposed_adjustments_points CHECK (
CASE
    WHEN (reason_class = 'correction'::text) THEN (points <> 0)
    WHEN (reason_class = 'forfeit'::text) THEN (points < 0)
    ELSE (points > 0)
END),
  CONSTRAINT proposed_adjustments_reason_class CHECK ((reason_class = ANY (ARRAY['goodwill'::text, 'correction'::text, 'campaign'::text, 'write_off'::text, 'forfeit'::text, 'opening'::text]))),
  CONSTRAINT proposed_adjustments_reference CHECK (((reason_class = 'opening'::text) = (reference IS NULL)))
);
CREATE INDEX proposed_adjustments_member_no ON public.proposed_adjustments USING btree (member_no);
CREATE TRIGGER proposed_adjustments_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.proposed_adjustments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proposed_adjustments_in_time AFTER INSERT ON public.proposed_adjustments REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_proposed_row();
REVOKE DELETE, TRUNCATE, UPDATE ON proposed_adjustments FROM its owner;

CREATE TABLE recon_rules (
  rule text NOT NULL,
  effective_from date NOT NULL,
  revision integer NOT NULL DEFAULT 1,
  place integer NOT NULL,
  is_on boolean NOT NULL,
  words text[] NOT NULL,
  set_by text NOT NULL,
  set_at timestamp with time zone NOT NULL,
  CONSTRAINT recon_rules_pkey PRIMARY KEY (rule, effective_from, revision),
  CONSTRAINT recon_rules_rule CHECK ((rule = ANY (ARRAY['payout_no'::text, 'channel_ref'::text, 'batch_no'::text, 'collection'::text, 'channel_fee'::text, 'bill_no'::text, 'payer_account'::text]))),
  CONSTRAINT recon_rules_words CHECK ((((place >= 1) AND (place <= 100)) AND ((rule = 'channel_fee'::text) OR (cardinality(words) = 0))))
);
CREATE TRIGGER recon_rules_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.recon_rules FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE, UPDATE ON recon_rules FROM its owner;

CREATE TABLE reconciliations (
  recon_no text NOT NULL,
  kind text NOT NULL,
  operator text NOT NULL,
  host text NOT NULL,
  at timestamp with time zone NOT NULL,
  business_date date NOT NULL,
  reason text,
  proposal_no text,
  CONSTRAINT reconciliations_pkey PRIMARY KEY (recon_no),
  CONSTRAINT reconciliations_kind CHECK ((kind = ANY (ARRAY['run'::text, 'match'::text, 'unmatch'::text, 'forced'::text, 'void'::text]))),
  CONSTRAINT reconciliations_proposal_no CHECK (((kind = ANY (ARRAY['forced'::text, 'void'::text])) = (proposal_no IS NOT NULL))),
  CONSTRAINT reconciliations_proposal_no_proposals_proposal_no_fk FOREIGN KEY (proposal_no) REFERENCES proposals(proposal_no),
  CONSTRAINT reconciliations_reason CHECK (((kind = 'run'::text) = (reason IS NULL))),
  CONSTRAINT reconciliations_recon_no CHECK ((recon_no ~ '^R[0-9]{8,}$'::text))
);
CREATE INDEX reconciliations_business_date ON public.reconciliations USING brin (business_date);
CREATE TRIGGER reconciliations_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.reconciliations FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE CONSTRAINT TRIGGER reconciliations_approved AFTER INSERT ON public.reconciliations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((new.proposal_no IS NOT NULL)) EXECUTE FUNCTION refuse_unapproved_reconciliation();
REVOKE DELETE, TRUNCATE, UPDATE ON reconciliations FROM its owner;

CREATE TABLE run_slots (
  name text NOT NULL,
  run_id bigint,
  backend_pid integer,
  backend_started_at timestamp with time zone,
  operator text,
  host text,
  taken_at timestamp with time zone,
  CONSTRAINT run_slots_pkey PRIMARY KEY (name)
);

CREATE TABLE schema_migrations (
  no integer NOT NULL,
  tag text NOT NULL,
  hash text NOT NULL,
  applied_at timestamp with time zone NOT NULL,
  CONSTRAINT schema_migrations_pkey PRIMARY KEY (no)
);

CREATE TABLE settlement_runs (
  run_id bigint NOT NULL,
  state text NOT NULL,
  operator text NOT NULL,
  host text NOT NULL,
  started_at timestamp with time zone NOT NULL,
  ended_at timestamp with time zone,
  summary jsonb NOT NULL DEFAULT '{}'::jsonb,
  CONSTRAINT settlement_runs_pkey PRIMARY KEY (run_id),
  CONSTRAINT settlement_runs_ended_at CHECK (((state = 'running'::text) = (ended_at IS NULL))),
  CONSTRAINT settlement_runs_state CHECK ((state = ANY (ARRAY['running'::text, 'complete'::text, 'failed'::text, 'interrupted'::text])))
);
CREATE TRIGGER settlement_runs_begin BEFORE INSERT ON public.settlement_runs FOR EACH ROW WHEN ((new.state <> 'running'::text)) EXECUTE FUNCTION refuse_because('a settlement begins before it ends');
CREATE TRIGGER settlement_runs_frozen BEFORE UPDATE ON public.settlement_runs FOR EACH ROW WHEN (((old.state <> 'running'::text) OR ((((new.run_id IS DISTINCT FROM old.run_id) OR (new.operator IS DISTINCT FROM old.operator)) OR (new.host IS DISTINCT FROM old.host)) OR (new.started_at IS DISTINCT FROM old.started_at)))) EXECUTE FUNCTION refuse_because('the record of a settlement that has ended is frozen');
CREATE TRIGGER settlement_runs_never_deleted BEFORE DELETE OR TRUNCATE ON public.settlement_runs FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();

CREATE TABLE settlement_steps (
  run_id bigint NOT NULL,
  step_no smallint NOT NULL,
  business_date date,
  step text NOT NULL,
  state text NOT NULL,
  started_at timestamp with time zone NOT NULL,
  ended_at timestamp with time zone,
  counts jsonb NOT NULL DEFAULT '{}'::jsonb,
  CONSTRAINT settlement_steps_pkey PRIMARY KEY (run_id, step_no),
  CONSTRAINT settlement_steps_business_date CHECK (((step = ANY (ARRAY['import'::text, 'bill'::text, 'suspend'::text])) = (business_date IS NULL))),
  CONSTRAINT settlement_steps_ended_at CHECK (((state = 'running'::text) = (ended_at IS NULL))),
  CONSTRAINT settlement_steps_run_id_settlement_runs_run_id_fk FOREIGN KEY (run_id) REFERENCES settlement_runs(run_id),
  CONSTRAINT settlement_steps_state CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text, 'interrupted'::text]))),
  CONSTRAINT settlement_steps_step CHECK ((step = ANY (ARRAY['import'::text, 'grant'::text, 'expire'::text, 'verify'::text, 'close'::text, 'bill'::text, 'suspend'::text])))
);
CREATE TRIGGER settlement_steps_begin BEFORE INSERT ON public.settlement_steps FOR EACH ROW WHEN ((new.state <> 'running'::text)) EXECUTE FUNCTION refuse_because('a step begins before it ends');
CREATE TRIGGER settlement_steps_frozen BEFORE UPDATE ON public.settlement_steps FOR EACH ROW WHEN (((old.state <> 'running'::text) OR (((((new.run_id IS DISTINCT FROM old.run_id) OR (new.step_no IS DISTINCT FROM old.step_no)) OR (new.business_date IS DISTINCT FROM old.business_date)) OR (new.step IS DISTINCT FROM old.step)) OR (new.started_at IS DISTINCT FROM old.started_at)))) EXECUTE FUNCTION refuse_because('the record of a step that has ended is frozen');
CREATE TRIGGER settlement_steps_never_deleted BEFORE DELETE OR TRUNCATE ON public.settlement_steps FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();

CREATE TABLE statement_lines (
  line_id bigint NOT NULL,
  money_account text NOT NULL,
  line_key text NOT NULL,
  import_id bigint NOT NULL,
  occurred_at timestamp with time zone NOT NULL,
  business_date date NOT NULL,
  amount_fen bigint NOT NULL,
  balance_fen bigint NOT NULL,
  kind text,
  counterparty text,
  counterparty_name text,
  reference text,
  channel_ref text,
  remark text,
  CONSTRAINT statement_lines_pkey PRIMARY KEY (line_id),
  CONSTRAINT statement_lines_amount_fen CHECK ((amount_fen <> 0))
);
CREATE INDEX statement_lines_account ON public.statement_lines USING btree (money_account, occurred_at);
CREATE INDEX statement_lines_import_id ON public.statement_lines USING brin (import_id);
CREATE UNIQUE INDEX statement_lines_key ON public.statement_lines USING btree (line_key, money_account);
CREATE TRIGGER statement_lines_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.statement_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE, UPDATE ON statement_lines FROM its owner;

CREATE TABLE statements (
  import_id bigint NOT NULL,
  money_account text NOT NULL,
  own_account text,
  first_at timestamp with time zone NOT NULL,
  last_at timestamp with time zone NOT NULL,
  opening_fen bigint NOT NULL,
  total_fen bigint NOT NULL,
  closing_fen bigint NOT NULL,
  lines integer NOT NULL,
  new_lines integer NOT NULL,
  lines_at_end integer NOT NULL,
  digest text NOT NULL,
  booked_fen bigint NOT NULL,
  business_date date NOT NULL,
  operator text NOT NULL,
  taken_at timestamp with time zone NOT NULL,
  CONSTRAINT statements_pkey PRIMARY KEY (import_id),
  CONSTRAINT statements_add_up CHECK ((closing_fen = (opening_fen + total_fen))),
  CONSTRAINT statements_lines CHECK ((((new_lines >= 0) AND (new_lines <= lines)) AND ((lines_at_end >= 1) AND (lines_at_end <= lines)) AND (first_at <= last_at))),
  CONSTRAINT statements_money_account_money_accounts_money_account_fk FOREIGN KEY (money_account) REFERENCES money_accounts(money_account)
);
CREATE INDEX statements_account ON public.statements USING btree (money_account, last_at);
CREATE INDEX statements_business_date ON public.statements USING brin (business_date);
CREATE TRIGGER statements_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.statements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE, UPDATE ON statements FROM its owner;

CREATE TABLE uncollected_orders (
  member_id bigint NOT NULL,
  order_id bigint NOT NULL,
  import_id bigint NOT NULL,
  merchant_id bigint NOT NULL,
  net_fen bigint NOT NULL,
  business_date date NOT NULL,
  booked_on date NOT NULL,
  CONSTRAINT uncollected_orders_pkey PRIMARY KEY (member_id, order_id)
);
CREATE INDEX uncollected_orders_merchant_id ON public.uncollected_orders USING btree (merchant_id, booked_on);

CREATE TABLE unevidenced_orders (
  member_id bigint NOT NULL,
  order_id bigint NOT NULL,
  import_id bigint NOT NULL,
  merchant_id bigint NOT NULL,
  net_fen bigint NOT NULL,
  business_date date NOT NULL,
  is_first boolean NOT NULL,
  CONSTRAINT unevidenced_orders_pkey PRIMARY KEY (member_id, order_id, import_id)
);

CREATE TABLE voided_payouts (
  detail_no text NOT NULL,
  net_fen bigint NOT NULL,
  recon_no text NOT NULL,
  CONSTRAINT voided_payouts_pkey PRIMARY KEY (detail_no)
);
CREATE INDEX voided_payouts_recon_no ON public.voided_payouts USING btree (recon_no);
CREATE TRIGGER voided_payouts_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.voided_payouts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER voided_payouts_by_act BEFORE INSERT ON public.voided_payouts FOR EACH ROW EXECUTE FUNCTION refuse_groundless_voided_payout();
REVOKE DELETE, TRUNCATE, UPDATE ON voided_payouts FROM its owner;

CREATE TABLE withdrawal_keys (
  withdrawal_no text NOT NULL,
  member_id bigint NOT NULL,
  withdrawal_id bigint NOT NULL,
  CONSTRAINT withdrawal_keys_pkey PRIMARY KEY (withdrawal_no)
);
CREATE TRIGGER withdrawal_keys_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.withdrawal_keys FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE, UPDATE ON withdrawal_keys FROM its owner;

CREATE TABLE withdrawal_request_keys (
  request_no text NOT NULL,
  member_id bigint NOT NULL,
  withdrawal_id bigint NOT NULL,
  import_id bigint,
  line integer,
  CONSTRAINT withdrawal_request_keys_pkey PRIMARY KEY (request_no),
  CONSTRAINT withdrawal_request_keys_origin CHECK (((import_id IS NULL) = (line IS NULL)))
);
CREATE TRIGGER withdrawal_request_keys_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.withdrawal_request_keys FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
REVOKE DELETE, TRUNCATE, UPDATE ON withdrawal_request_keys FROM its owner;

CREATE TABLE withdrawals (
  member_id bigint NOT NULL,
  withdrawal_id bigint NOT NULL,
  withdrawal_no text NOT NULL,
  status text NOT NULL,
  points bigint NOT NULL,
  point_value_fen bigint NOT NULL,
  fee_bps integer NOT NULL,
  gross_fen bigint NOT NULL,
  fee_fen bigint NOT NULL,
  net_fen bigint NOT NULL,
  business_date date NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamp with time zone NOT NULL,
  approved_by text,
  decided_by text,
  decided_at timestamp with time zone,
  reason text,
  request_no text,
  approvals_needed smallint NOT NULL DEFAULT 1,
  first_approved_by text,
  first_approved_at timestamp with time zone,
  first_approval_risks text[],
  approval_risks text[],
  account_id bigint,
  account_channel text,
  CONSTRAINT withdrawals_pkey PRIMARY KEY (member_id, withdrawal_id),
  CONSTRAINT withdrawals_account_channel CHECK (((account_id IS NULL) = (account_channel IS NULL))),
  CONSTRAINT withdrawals_account_of_channel FOREIGN KEY (member_id, account_id, account_channel) REFERENCES payout_accounts(member_id, account_id, channel),
  CONSTRAINT withdrawals_approvals_needed CHECK ((approvals_needed = ANY (ARRAY[1, 2]))),
  CONSTRAINT withdrawals_approved_by CHECK (((status <> ALL (ARRAY['approved'::text, 'paying'::text, 'paid'::text, 'failed'::text])) OR (approved_by IS NOT NULL))),
  CONSTRAINT withdrawals_decided CHECK ((((status = 'requested'::text) = (decided_by IS NULL)) AND ((decided_by IS NULL) = (decided_at IS NULL)))),
  CONSTRAINT withdrawals_fee_fen CHECK ((fee_fen = round_half_up((gross_fen * fee_bps), (10000)::bigint))),
  CONSTRAINT withdrawals_gross_fen CHECK ((gross_fen = (points * point_value_fen))),
  CONSTRAINT withdrawals_maker_is_not_checker CHECK ((lower(approved_by) <> lower(requested_by))),
  CONSTRAINT withdrawals_maker_is_not_first_checker CHECK ((lower(first_approved_by) <> lower(requested_by))),
  CONSTRAINT withdrawals_net_fen CHECK (((net_fen = (gross_fen - fee_fen)) AND (net_fen > 0))),
  CONSTRAINT withdrawals_points CHECK ((points > 0)),
  CONSTRAINT withdrawals_status CHECK ((status = ANY (ARRAY['requested'::text, 'approved'::text, 'rejected'::text, 'cancelled'::text, 'expired'::text, 'paying'::text, 'paid'::text, 'failed'::text]))),
  CONSTRAINT withdrawals_two_approvers CHECK (((num_nulls(first_approved_by, first_approved_at, first_approval_risks) = ANY (ARRAY[0, 3])) AND ((first_approved_by IS NULL) OR (approvals_needed = 2)) AND ((approved_by IS NULL) OR (approvals_needed = 1) OR (first_approved_by IS NOT NULL)) AND (lower(first_approved_by) <> lower(approved_by))))
);
CREATE INDEX withdrawals_business_date ON public.withdrawals USING btree (business_date, withdrawal_no);
CREATE INDEX withdrawals_channel ON public.withdrawals USING btree (account_channel, status, withdrawal_no);
CREATE INDEX withdrawals_gross ON public.withdrawals USING btree (status, gross_fen);
CREATE INDEX withdrawals_half_approved ON public.withdrawals USING btree (gross_fen) WHERE ((status = 'requested'::text) AND (first_approved_by IS NOT NULL));
CREATE INDEX withdrawals_requested_by ON public.withdrawals USING btree (lower(requested_by), status, withdrawal_no);
CREATE INDEX withdrawals_status ON public.withdrawals USING btree (status, withdrawal_no);
CREATE TRIGGER withdrawals_begin BEFORE INSERT ON public.withdrawals FOR EACH ROW WHEN (((new.status <> 'requested'::text) OR (num_nonnulls(new.first_approved_by, new.approved_by, new.approval_risks, new.reason) > 0))) EXECUTE FUNCTION refuse_because('a withdrawal begins as a request');
CREATE TRIGGER withdrawals_decided_by_role AFTER UPDATE ON public.withdrawals REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_decision_of_other_role();
CREATE TRIGGER withdrawals_frozen BEFORE UPDATE ON public.withdrawals FOR EACH ROW EXECUTE FUNCTION refuse_withdrawal_rewrite();
CREATE TRIGGER withdrawals_never_deleted BEFORE DELETE OR TRUNCATE ON public.withdrawals FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
CREATE TRIGGER withdrawals_own AFTER INSERT ON public.withdrawals REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_request_of_others();
CREATE TRIGGER withdrawals_payee_frozen BEFORE UPDATE OF account_id ON public.withdrawals FOR EACH ROW EXECUTE FUNCTION refuse_payee_change();


-- views

CREATE VIEW masked_members AS
 SELECT member_id,
    member_no,
    mask_name(name) AS name,
    mask_email(email) AS email,
    mask_phone(phone) AS phone,
    (password_hash IS NOT NULL) AS has_password,
    status,
    identity_verified_at,
    import_id,
    registered_by,
    registered_at
   FROM members;

CREATE VIEW masked_proposals AS
 SELECT proposal_no,
    subject_kind,
    mask_document(subject_kind, document) AS document,
    mask_document(subject_kind, basis) AS basis,
    digest,
    (digest = proposal_digest(subject_kind, document, basis)) AS is_sealed,
    reason,
    maker,
    made_at,
    expires_at,
    state,
    checker,
    decided_at,
    decision_reason,
    result
   FROM proposals;

CREATE VIEW stray_contacts AS
 SELECT kind,
        CASE kind
            WHEN 'phone'::text THEN mask_phone(value)
            ELSE mask_email(value)
        END AS kept,
        CASE kind
            WHEN 'phone'::text THEN mask_phone(value)
            ELSE mask_email(value)
        END AS own
   FROM (member_contacts k
     FULL JOIN ( SELECT member_id,
            kind,
            value
           FROM (members
             CROSS JOIN LATERAL ( VALUES ('phone'::text,phone), ('email'::text,lower((email COLLATE "C")))) x(kind, value))
          WHERE (value IS NOT NULL)) c USING (member_id, kind))
  WHERE (value IS DISTINCT FROM value);

