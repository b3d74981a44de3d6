-- No line is matched beyond its amount, nor with what went the other way.
CREATE FUNCTION refuse_overmatched_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  over record;
BEGIN
  SELECT l.line_id, l.amount_fen, m.matched_fen INTO over
  FROM (SELECT DISTINCT line_id FROM new_matches) n
  LEFT JOIN statement_lines l ON l.line_id = n.line_id
  CROSS JOIN LATERAL (
    SELECT sum(m.amount_fen) AS matched_fen, bool_or(sign(m.amount_fen) <> sign(l.amount_fen)) AS is_other_way
    FROM line_matches m WHERE m.line_id = n.line_id AND m.undone_by IS NULL
  ) m
  WHERE l.line_id IS NULL OR m.is_other_way OR abs(m.matched_fen) > abs(l.amount_fen) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'line % of % fen cannot be matched with %', over.line_id, over.amount_fen, over.matched_fen
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
DO $$
DECLARE
  whole text;
BEGIN
  EXECUTE format('ALTER FUNCTION refuse_overmatched_line() SET search_path = pg_catalog, %I, pg_temp', current_schema());
  FOREACH whole IN ARRAY ARRAY['reconciliations', 'recon_rules'] LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
      whole || '_append_only', whole);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM PUBLIC, %I', whole, current_user);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE TRIGGER line_matches_within_line AFTER INSERT ON line_matches REFERENCING NEW TABLE AS new_matches
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_overmatched_line();
--> statement-breakpoint
CREATE TRIGGER line_matches_never_deleted BEFORE DELETE OR TRUNCATE ON line_matches
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
CREATE TRIGGER line_matches_begin BEFORE INSERT ON line_matches FOR EACH ROW WHEN (NEW.undone_by IS NOT NULL)
  EXECUTE FUNCTION refuse_because('a match is made before anybody takes it back');
--> statement-breakpoint
CREATE TRIGGER line_matches_frozen BEFORE UPDATE ON line_matches FOR EACH ROW
  WHEN (OLD.undone_by IS NOT NULL OR NEW.undone_by IS NULL
    OR (NEW.match_id, NEW.line_id, NEW.thing, NEW.thing_no, NEW.amount_fen, NEW.rule, NEW.recon_no)
      IS DISTINCT FROM (OLD.match_id, OLD.line_id, OLD.thing, OLD.thing_no, OLD.amount_fen, OLD.rule, OLD.recon_no))
  EXECUTE FUNCTION refuse_because('a match is taken back, and never changed');
--> statement-breakpoint
INSERT INTO number_counters (kind) VALUES ('reconciliation');
--> statement-breakpoint
INSERT INTO recon_rules (rule, effective_from, place, is_on, words, set_by, set_at) VALUES
  ('payout_no', '0001-01-01', 1, true, '{}', 'accrue', now()),
  ('channel_ref', '0001-01-01', 2, true, '{}', 'accrue', now()),
  ('batch_no', '0001-01-01', 3, true, '{}', 'accrue', now()),
  ('collection', '0001-01-01', 4, true, '{}', 'accrue', now()),
  ('channel_fee', '0001-01-01', 5, true, '{收费,服务费,手续费,扣除交易手续费}', 'accrue', now());
--> statement-breakpoint
-- What was paid so far has been seen by no statement.
INSERT INTO expected_payouts (detail_no, batch_no, net_fen, channel_ref, paid_on)
SELECT detail_no, batch_no, net_fen, channel_ref, (answered_at AT TIME ZONE (SELECT time_zone FROM platform))::date FROM payout_details WHERE state = 'paid';
