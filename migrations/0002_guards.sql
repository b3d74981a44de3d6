-- What must never happen, refused by the database whoever asks. Triggers for statements cost nothing per row. They are not
-- inherited by partitions, which can be named too: each partition has the guards of the whole.

-- What a guard looks up lies in this schema, whatever a session's search_path says: its temporary tables come last.
DO $$
DECLARE
  guard regprocedure;
BEGIN
  FOR guard IN
    SELECT p.oid FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace AND p.prorettype = 'trigger'::regtype
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', guard, current_schema());
  END LOOP;
END $$;
--> statement-breakpoint
-- Append-only: a row stays as it was written.
DO $$
DECLARE
  whole text;
  part regclass;
  key text;
BEGIN
  FOREACH whole IN ARRAY ARRAY[
      'points_entries', 'journal_transactions', 'journal_lines', 'operator_actions', 'grant_skips', 'imports',
      'order_refunds', 'import_rejects', 'payout_files', 'payout_detail_keys', 'payout_retries',
      'account_closings', 'policies', 'contribution_rates', 'platform', 'member_numbers', 'withdrawal_keys',
      'withdrawal_request_keys']
  LOOP
    FOR part IN SELECT whole::regclass UNION SELECT relid FROM pg_partition_tree(whole) LOOP
      EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
        whole || '_append_only', part);
      EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM PUBLIC, %I', part, current_user);
      -- A foreign key locks the row that it refers to in the name of that table's owner, who needs UPDATE on some column for it. What
      -- is given back for that is the key, and the trigger refuses its update like any other.
      SELECT string_agg(DISTINCT quote_ident(a.attname), ', ') INTO key
      FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = ANY (c.confkey)
      WHERE c.contype = 'f' AND c.confrelid = part;
      IF key IS NOT NULL THEN
        EXECUTE format('GRANT UPDATE (%s) ON %s TO %I', key, part, current_user);
      END IF;
    END LOOP;
  END LOOP;
END $$;
--> statement-breakpoint
-- Rows that others refer to without a foreign key: they may change, and stay.
DO $$
DECLARE
  whole text;
  part regclass;
BEGIN
  FOREACH whole IN ARRAY ARRAY[
      'members', 'merchants', 'orders', 'order_keys', 'balances', 'withdrawals', 'payout_accounts', 'payout_batches',
      'payout_details', 'business_dates', 'grant_runs', 'settlement_runs', 'settlement_steps', 'number_counters']
  LOOP
    FOR part IN SELECT whole::regclass UNION SELECT relid FROM pg_partition_tree(whole) LOOP
      EXECUTE format('CREATE TRIGGER %I BEFORE DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete()',
        whole || '_never_deleted', part);
    END LOOP;
  END LOOP;
END $$;
--> statement-breakpoint
DO $$
DECLARE
  part regclass;
BEGIN
  FOR part IN SELECT relid FROM pg_partition_tree('points_entries') LOOP
    EXECUTE format('CREATE TRIGGER points_entries_open_date AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows '
      'FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_date()', part);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE TRIGGER journal_lines_balanced AFTER INSERT ON journal_lines REFERENCING NEW TABLE AS new_lines
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced_journal();
--> statement-breakpoint
CREATE TRIGGER withdrawals_frozen BEFORE UPDATE ON withdrawals
  FOR EACH ROW EXECUTE FUNCTION refuse_withdrawal_rewrite();
--> statement-breakpoint
CREATE TRIGGER payout_accounts_frozen BEFORE UPDATE ON payout_accounts
  FOR EACH ROW EXECUTE FUNCTION refuse_account_rewrite();
--> statement-breakpoint
CREATE TRIGGER withdrawals_payee_frozen BEFORE UPDATE OF account_id ON withdrawals
  FOR EACH ROW EXECUTE FUNCTION refuse_payee_change();
--> statement-breakpoint
CREATE TRIGGER payout_batches_frozen BEFORE UPDATE ON payout_batches
  FOR EACH ROW EXECUTE FUNCTION refuse_batch_rewrite();
--> statement-breakpoint
CREATE TRIGGER payout_details_frozen BEFORE UPDATE ON payout_details
  FOR EACH ROW EXECUTE FUNCTION refuse_payout_rewrite();
--> statement-breakpoint
CREATE TRIGGER payout_batches_equal_details AFTER INSERT ON payout_batches REFERENCING NEW TABLE AS new_batches
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_unequal_batch();
--> statement-breakpoint
CREATE TRIGGER payout_details_in_time AFTER INSERT ON payout_details REFERENCING NEW TABLE AS new_details
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_payout();
--> statement-breakpoint
CREATE TRIGGER journal_transactions_open_date AFTER INSERT ON journal_transactions REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_date();
--> statement-breakpoint
CREATE TRIGGER business_dates_frozen BEFORE UPDATE ON business_dates
  FOR EACH ROW EXECUTE FUNCTION refuse_date_rewrite();
--> statement-breakpoint
CREATE TRIGGER operator_actions_timed BEFORE INSERT ON operator_actions
  FOR EACH ROW EXECUTE FUNCTION set_action_time();
--> statement-breakpoint
CREATE TRIGGER payout_details_of_paying AFTER INSERT ON payout_details REFERENCING NEW TABLE AS new_details
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_groundless_payout();
--> statement-breakpoint
-- Where things begin: a row that is born further on was never decided, sent or settled by anybody.
CREATE TRIGGER withdrawals_begin BEFORE INSERT ON withdrawals FOR EACH ROW
  WHEN (NEW.status <> 'requested' OR num_nonnulls(NEW.first_approved_by, NEW.approved_by, NEW.approval_risks, NEW.reason) > 0)
  EXECUTE FUNCTION refuse_because('a withdrawal begins as a request');
--> statement-breakpoint
CREATE TRIGGER payout_details_begin BEFORE INSERT ON payout_details FOR EACH ROW
  WHEN (NEW.state <> 'sent' OR num_nonnulls(NEW.answer_import_id, NEW.reason, NEW.channel_ref) > 0)
  EXECUTE FUNCTION refuse_because('a payout begins as sent, without an answer');
--> statement-breakpoint
CREATE TRIGGER payout_batches_begin BEFORE INSERT ON payout_batches FOR EACH ROW WHEN (NEW.handed_over_at IS NOT NULL)
  EXECUTE FUNCTION refuse_because('a batch is handed over after it was recorded');
--> statement-breakpoint
CREATE TRIGGER payout_accounts_begin BEFORE INSERT ON payout_accounts FOR EACH ROW WHEN (NEW.closed_at IS NOT NULL)
  EXECUTE FUNCTION refuse_because('a payout account begins open');
--> statement-breakpoint
CREATE TRIGGER business_dates_begin BEFORE INSERT ON business_dates FOR EACH ROW
  WHEN (NEW.state <> 'running' OR NEW.reopened_at IS NOT NULL)
  EXECUTE FUNCTION refuse_because('a business date is settled before it is closed');
--> statement-breakpoint
CREATE TRIGGER grant_runs_begin BEFORE INSERT ON grant_runs FOR EACH ROW
  WHEN (NEW.status <> 'running' OR (NEW.orders, NEW.points_granted, NEW.points_clawed_back, NEW.contribution_fen) <> (0, 0, 0, 0))
  EXECUTE FUNCTION refuse_because('a grant run begins with nothing granted');
--> statement-breakpoint
CREATE TRIGGER settlement_runs_begin BEFORE INSERT ON settlement_runs FOR EACH ROW WHEN (NEW.state <> 'running')
  EXECUTE FUNCTION refuse_because('a settlement begins before it ends');
--> statement-breakpoint
CREATE TRIGGER settlement_steps_begin BEFORE INSERT ON settlement_steps FOR EACH ROW WHEN (NEW.state <> 'running')
  EXECUTE FUNCTION refuse_because('a step begins before it ends');
--> statement-breakpoint
-- What stays as it was written in a row that moves on.
CREATE TRIGGER orders_frozen BEFORE UPDATE ON orders FOR EACH ROW
  WHEN ((NEW.member_id, NEW.order_id, NEW.merchant_id, NEW.amount_fen, NEW.source, NEW.order_no)
    IS DISTINCT FROM (OLD.member_id, OLD.order_id, OLD.merchant_id, OLD.amount_fen, OLD.source, OLD.order_no)
    OR NEW.paid_at IS DISTINCT FROM OLD.paid_at AND OLD.paid_at IS NOT NULL
    OR NEW.business_date IS DISTINCT FROM OLD.business_date AND OLD.business_date IS NOT NULL
    OR NEW.refunded_fen < OLD.refunded_fen OR order_status_rank(NEW.status) < order_status_rank(OLD.status))
  EXECUTE FUNCTION refuse_because('an order only moves forward, and nobody else''s, nor another amount, becomes of it');
--> statement-breakpoint
CREATE TRIGGER order_keys_frozen BEFORE UPDATE ON order_keys FOR EACH ROW
  WHEN ((NEW.order_no, NEW.source, NEW.member_id, NEW.order_id, NEW.import_id, NEW.line)
    IS DISTINCT FROM (OLD.order_no, OLD.source, OLD.member_id, OLD.order_id, OLD.import_id, OLD.line))
  EXECUTE FUNCTION refuse_because('an order number leads to one order for good');
--> statement-breakpoint
CREATE TRIGGER members_frozen BEFORE UPDATE ON members FOR EACH ROW
  WHEN ((NEW.member_id, NEW.member_no) IS DISTINCT FROM (OLD.member_id, OLD.member_no) OR OLD.status = 'closed' AND NEW.status <> 'closed')
  EXECUTE FUNCTION refuse_because('a member keeps their number, and closed is final');
--> statement-breakpoint
CREATE TRIGGER merchants_frozen BEFORE UPDATE ON merchants FOR EACH ROW
  WHEN ((NEW.merchant_id, NEW.merchant_code) IS DISTINCT FROM (OLD.merchant_id, OLD.merchant_code))
  EXECUTE FUNCTION refuse_because('a merchant keeps its code');
--> statement-breakpoint
CREATE TRIGGER grant_runs_frozen BEFORE UPDATE ON grant_runs FOR EACH ROW
  WHEN (OLD.status <> 'running' OR (NEW.run_id, NEW.business_date, NEW.operator, NEW.host, NEW.started_at)
    IS DISTINCT FROM (OLD.run_id, OLD.business_date, OLD.operator, OLD.host, OLD.started_at))
  EXECUTE FUNCTION refuse_because('the record of a grant run that has ended is frozen');
--> statement-breakpoint
CREATE TRIGGER settlement_runs_frozen BEFORE UPDATE ON settlement_runs FOR EACH ROW
  WHEN (OLD.state <> 'running' OR (NEW.run_id, NEW.operator, NEW.host, NEW.started_at)
    IS DISTINCT FROM (OLD.run_id, OLD.operator, OLD.host, OLD.started_at))
  EXECUTE FUNCTION refuse_because('the record of a settlement that has ended is frozen');
--> statement-breakpoint
CREATE TRIGGER settlement_steps_frozen BEFORE UPDATE ON settlement_steps FOR EACH ROW
  WHEN (OLD.state <> 'running' OR (NEW.run_id, NEW.step_no, NEW.business_date, NEW.step, NEW.started_at)
    IS DISTINCT FROM (OLD.run_id, OLD.step_no, OLD.business_date, OLD.step, OLD.started_at))
  EXECUTE FUNCTION refuse_because('the record of a step that has ended is frozen');
--> statement-breakpoint
CREATE TRIGGER number_counters_forward BEFORE UPDATE ON number_counters FOR EACH ROW
  WHEN (NEW.kind <> OLD.kind OR NEW.last < OLD.last)
  EXECUTE FUNCTION refuse_because('numbers only go forward');
--> statement-breakpoint
CREATE TRIGGER member_aliases_frozen BEFORE UPDATE OR TRUNCATE ON member_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_because('an alias is taken away and given anew');
--> statement-breakpoint
CREATE TRIGGER merchant_aliases_frozen BEFORE UPDATE OR TRUNCATE ON merchant_aliases
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_because('an alias is taken away and given anew');
--> statement-breakpoint
INSERT INTO run_slots (name) VALUES ('grant'), ('settle');
--> statement-breakpoint
INSERT INTO number_counters (kind) VALUES ('member'), ('withdrawal'), ('payout_batch'), ('payout_detail'), ('run');
