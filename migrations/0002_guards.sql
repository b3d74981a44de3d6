-- What must never happen, refused by the database whoever asks. Triggers for statements cost nothing per row. They are not
-- inherited by partitions, which can be named too: each partition has the guards of the whole.

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
      'account_closings']
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
      'members', 'member_numbers', 'merchants', 'orders', 'order_keys', 'balances', 'withdrawals',
      'withdrawal_keys', 'withdrawal_request_keys', 'policies', 'payout_accounts', 'payout_batches',
      'payout_details', 'business_dates', 'settlement_runs', 'settlement_steps']
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
INSERT INTO run_slots (name) VALUES ('grant'), ('settle');
--> statement-breakpoint
INSERT INTO number_counters (kind) VALUES ('member'), ('withdrawal'), ('payout_batch'), ('payout_detail'), ('run');
