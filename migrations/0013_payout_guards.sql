CREATE TRIGGER payout_files_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_files
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER payout_detail_keys_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_detail_keys
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
CREATE TRIGGER payout_retries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payout_retries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--> statement-breakpoint
REVOKE UPDATE, DELETE, TRUNCATE ON payout_files, payout_detail_keys, payout_retries FROM PUBLIC;
--> statement-breakpoint
DO $$
BEGIN
  EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON payout_files, payout_detail_keys, payout_retries FROM %I', current_user);
END $$;
--> statement-breakpoint
CREATE TRIGGER payout_batches_never_deleted BEFORE DELETE OR TRUNCATE ON payout_batches
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
CREATE TRIGGER payout_details_never_deleted BEFORE DELETE OR TRUNCATE ON payout_details
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
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
CREATE TRIGGER payout_batches_frozen BEFORE UPDATE ON payout_batches
  FOR EACH ROW EXECUTE FUNCTION refuse_batch_rewrite();
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
CREATE TRIGGER payout_details_frozen BEFORE UPDATE ON payout_details
  FOR EACH ROW EXECUTE FUNCTION refuse_payout_rewrite();
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
CREATE TRIGGER payout_batches_equal_details AFTER INSERT ON payout_batches REFERENCING NEW TABLE AS new_batches
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_unequal_batch();
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
CREATE TRIGGER payout_details_in_time AFTER INSERT ON payout_details REFERENCING NEW TABLE AS new_details
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_late_payout();
