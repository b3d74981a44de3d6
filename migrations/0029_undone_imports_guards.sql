-- For the locks of foreign keys to what may be deleted, which are taken in the owner's name; the triggers refuse the updates themselves.
DO $$
BEGIN
  EXECUTE format('GRANT UPDATE (merchant_id) ON contribution_rates TO %I', current_user);
  EXECUTE format('GRANT UPDATE (merchant_id) ON merchant_bills TO %I', current_user);
END $$;
