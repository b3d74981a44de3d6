CREATE TRIGGER policies_never_deleted BEFORE DELETE OR TRUNCATE ON policies
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
CREATE TRIGGER payout_accounts_never_deleted BEFORE DELETE OR TRUNCATE ON payout_accounts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
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
CREATE TRIGGER payout_accounts_frozen BEFORE UPDATE ON payout_accounts
  FOR EACH ROW EXECUTE FUNCTION refuse_account_rewrite();
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
CREATE TRIGGER withdrawals_payee_frozen BEFORE UPDATE OF account_id ON withdrawals
  FOR EACH ROW EXECUTE FUNCTION refuse_payee_change();
