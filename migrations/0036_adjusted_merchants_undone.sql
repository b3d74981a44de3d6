-- Merchants whose import is undone are deleted, and the lock of the foreign key of what adjusts what they owe is taken in the owner's name,
-- as that of their rates is; the triggers refuse updates.
DO $$
BEGIN
  EXECUTE format('GRANT UPDATE (merchant_id) ON merchant_adjustments TO %I', current_user);
END $$;
