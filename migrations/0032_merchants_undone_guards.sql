-- Merchants whose import is undone are deleted, and the lock of the foreign key of their rates is taken in the owner's name. The grant for
-- it was taken back with that of the whole table.
DO $$
BEGIN
  EXECUTE format('GRANT UPDATE (merchant_id) ON contribution_rates TO %I', current_user);
END $$;
