-- The one rounding rule, half up, as src/shared/rounding.ts has it. Inlined by the planner; integers only.
CREATE FUNCTION round_half_up(numerator bigint, denominator bigint) RETURNS bigint
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN (2 * numerator + denominator) / (2 * denominator);
--> statement-breakpoint
-- An order's status only moves forward: pending, paid, closed.
CREATE FUNCTION order_status_rank(status text) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN status = 'pending' THEN 0 WHEN status = 'paid' THEN 1 WHEN status = 'closed' THEN 2 END;
--> statement-breakpoint
-- The functions that refuse are what the triggers of 0002_guards.sql call.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'integrity_constraint_violation', HINT = 'correct it with a new entry';
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are never deleted: other tables refer to them without foreign keys', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
-- For a trigger that says in its WHEN what no use case does, and in its argument why not.
CREATE FUNCTION refuse_because() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[0]
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
-- Looked up transaction by transaction: in one join the planner may read the whole journal to check a few new lines.
CREATE FUNCTION refuse_unbalanced_journal() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_withdrawal_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_account_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_payee_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.status <> 'requested' OR OLD.first_approved_by IS NOT NULL) AND NEW.account_id IS DISTINCT FROM OLD.account_id THEN
    RAISE EXCEPTION 'the payout account of withdrawal % is frozen since it was approved or decided', OLD.withdrawal_no
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_batch_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- The one thing that comes to a batch later is that it was handed over, and that it was stays.
  IF OLD.handed_over_at IS NULL AND to_jsonb(NEW) - 'handed_over_at' = to_jsonb(OLD) - 'handed_over_at' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'payout batch % is frozen', OLD.batch_no
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_payout_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
--> statement-breakpoint
-- A batch is written after its details, and closes it: its figures are theirs, and none is added later.
CREATE FUNCTION refuse_unequal_batch() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_late_payout() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
--> statement-breakpoint
-- What is sent is a withdrawal that was approved and is being paid: all of it, to its own account. Each is looked up by its key.
CREATE FUNCTION refuse_groundless_payout() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
--> statement-breakpoint
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
CREATE FUNCTION refuse_date_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
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
END $$;
--> statement-breakpoint
-- When something was done is the server's to say, whatever the one who records it believes.
CREATE FUNCTION set_action_time() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.at := pg_catalog.now();
  RETURN NEW;
END $$;
--> statement-breakpoint
-- Lets the indexes of dates know the rows that came since. Only their owner may, and a night may be run by somebody else.
CREATE FUNCTION summarize_dates() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
  PERFORM brin_summarize_new_values(index) FROM (
    SELECT relid AS index FROM pg_partition_tree('orders_business_date') WHERE isleaf
    UNION ALL SELECT relid FROM pg_partition_tree('points_entries_business_date') WHERE isleaf
    UNION ALL SELECT 'journal_transactions_business_date'
  ) i;
END $$;
--> statement-breakpoint
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION summarize_dates() SET search_path = pg_catalog, %I, pg_temp', current_schema());
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION summarize_dates() FROM PUBLIC;
