-- A collection that a line of a statement brought stands on a match with it; one that takes it back, on that match being taken back.
CREATE FUNCTION refuse_baseless_collection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT (CASE WHEN NEW.reverses IS NULL THEN
      EXISTS (SELECT FROM line_matches m WHERE m.thing = 'collection' AND m.thing_no = NEW.collection_no AND m.line_id = NEW.line_id AND m.amount_fen = NEW.amount_fen)
    ELSE
      EXISTS (SELECT FROM collections c WHERE c.collection_no = NEW.reverses
        AND (c.merchant_id, c.money_account, c.line_id, c.amount_fen) = (NEW.merchant_id, NEW.money_account, NEW.line_id, -NEW.amount_fen))
      AND NOT EXISTS (SELECT FROM line_matches m WHERE m.thing = 'collection' AND m.thing_no = NEW.reverses AND m.undone_by IS NULL)
    END) THEN
    RAISE EXCEPTION 'collection % is said to be of line %, which was not matched with it', NEW.collection_no, NEW.line_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION refuse_baseless_collection() SET search_path = pg_catalog, %I, pg_temp', current_schema());
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER collections_of_lines_matched AFTER INSERT ON collections DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.line_id IS NOT NULL) EXECUTE FUNCTION refuse_baseless_collection();
--> statement-breakpoint
DROP TRIGGER collections_begin ON collections;
--> statement-breakpoint
CREATE TRIGGER collections_begin BEFORE INSERT ON collections FOR EACH ROW WHEN (NEW.state <> 'recorded' AND NEW.line_id IS NULL)
  EXECUTE FUNCTION refuse_because('a collection is recorded before anybody confirms it');
--> statement-breakpoint
DROP TRIGGER collections_frozen ON collections;
--> statement-breakpoint
CREATE TRIGGER collections_frozen BEFORE UPDATE ON collections FOR EACH ROW
  WHEN (OLD.state <> 'recorded' OR NEW.state = 'recorded'
    OR (NEW.collection_no, NEW.merchant_id, NEW.money_account, NEW.amount_fen, NEW.received_on, NEW.reference, NEW.proof, NEW.is_opening,
        NEW.line_id, NEW.reverses, NEW.recorded_by, NEW.recorded_at)
      IS DISTINCT FROM (OLD.collection_no, OLD.merchant_id, OLD.money_account, OLD.amount_fen, OLD.received_on, OLD.reference, OLD.proof, OLD.is_opening,
        OLD.line_id, OLD.reverses, OLD.recorded_by, OLD.recorded_at))
  EXECUTE FUNCTION refuse_because('what was recorded of a collection is frozen, and so is what was decided');
--> statement-breakpoint
INSERT INTO recon_rules (rule, effective_from, place, is_on, words, set_by, set_at) VALUES
  ('bill_no', '0001-01-01', 6, true, '{}', 'accrue', now()),
  ('payer_account', '0001-01-01', 7, true, '{}', 'accrue', now());
