-- What must never happen, refused by the database whoever asks. Statement-level triggers cost nothing per row.
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
CREATE TRIGGER points_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON points_entries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER journal_transactions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_transactions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER journal_lines_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_lines
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER operator_actions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_actions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER grant_skips_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON grant_skips
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER imports_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON imports
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
REVOKE UPDATE, DELETE, TRUNCATE ON points_entries, journal_transactions, journal_lines, operator_actions, grant_skips, imports FROM PUBLIC;
--> statement-breakpoint
DO $$
BEGIN
  EXECUTE format(
    'REVOKE UPDATE, DELETE, TRUNCATE ON points_entries, journal_transactions, journal_lines, operator_actions, grant_skips, imports FROM %I',
    current_user);
END $$;
--> statement-breakpoint
CREATE TRIGGER members_never_deleted BEFORE DELETE OR TRUNCATE ON members
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
CREATE TRIGGER member_numbers_never_deleted BEFORE DELETE OR TRUNCATE ON member_numbers
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
CREATE TRIGGER merchants_never_deleted BEFORE DELETE OR TRUNCATE ON merchants
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
CREATE TRIGGER orders_never_deleted BEFORE DELETE OR TRUNCATE ON orders
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
CREATE TRIGGER order_keys_never_deleted BEFORE DELETE OR TRUNCATE ON order_keys
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
CREATE TRIGGER balances_never_deleted BEFORE DELETE OR TRUNCATE ON balances
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
CREATE TRIGGER withdrawals_never_deleted BEFORE DELETE OR TRUNCATE ON withdrawals
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
CREATE TRIGGER withdrawal_keys_never_deleted BEFORE DELETE OR TRUNCATE ON withdrawal_keys
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
CREATE FUNCTION refuse_unbalanced_journal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  unbalanced record;
BEGIN
  -- All lines of a transaction come in one statement; a line added to a posted transaction would unbalance it too.
  SELECT l.journal_id, l.unit, sum(l.amount) AS difference INTO unbalanced
  FROM journal_lines l
  WHERE l.journal_id IN (SELECT journal_id FROM new_lines)
  GROUP BY l.journal_id, l.unit
  HAVING sum(l.amount) <> 0
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal transaction % does not balance: % differs by %', unbalanced.journal_id, unbalanced.unit, unbalanced.difference
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER journal_lines_balanced AFTER INSERT ON journal_lines REFERENCING NEW TABLE AS new_lines
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced_journal();
--> statement-breakpoint
CREATE FUNCTION refuse_withdrawal_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.member_id, NEW.withdrawal_id, NEW.withdrawal_no, NEW.points, NEW.point_value_fen, NEW.fee_bps, NEW.requested_by, NEW.requested_at)
     IS DISTINCT FROM
     (OLD.member_id, OLD.withdrawal_id, OLD.withdrawal_no, OLD.points, OLD.point_value_fen, OLD.fee_bps, OLD.requested_by, OLD.requested_at) THEN
    RAISE EXCEPTION 'what was requested in withdrawal % is frozen', OLD.withdrawal_no
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
CREATE TRIGGER withdrawals_frozen BEFORE UPDATE ON withdrawals
  FOR EACH ROW EXECUTE FUNCTION refuse_withdrawal_rewrite();
--> statement-breakpoint
-- A balance is rewritten by nearly every grant run: room on the page keeps that a local (HOT) update.
ALTER TABLE balances SET (fillfactor = 70);
--> statement-breakpoint
INSERT INTO run_slots (name) VALUES ('grant');
