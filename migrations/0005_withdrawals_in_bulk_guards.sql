CREATE TRIGGER withdrawal_request_keys_never_deleted BEFORE DELETE OR TRUNCATE ON withdrawal_request_keys
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
CREATE OR REPLACE FUNCTION refuse_withdrawal_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.member_id, NEW.withdrawal_id, NEW.withdrawal_no, NEW.points, NEW.point_value_fen, NEW.fee_bps, NEW.requested_by, NEW.requested_at,
      NEW.request_no, NEW.approvals_needed)
     IS DISTINCT FROM
     (OLD.member_id, OLD.withdrawal_id, OLD.withdrawal_no, OLD.points, OLD.point_value_fen, OLD.fee_bps, OLD.requested_by, OLD.requested_at,
      OLD.request_no, OLD.approvals_needed) THEN
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
  IF OLD.status = NEW.status
     OR (OLD.status = 'requested' AND NEW.status IN ('approved', 'rejected', 'cancelled', 'expired'))
     OR (OLD.status = 'approved' AND NEW.status IN ('paying', 'rejected', 'cancelled', 'expired'))
     OR (OLD.status = 'paying' AND NEW.status IN ('paid', 'failed')) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'withdrawal % cannot go from % to %', OLD.withdrawal_no, OLD.status, NEW.status
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
