CREATE FUNCTION proposal_digest(subject_kind text, document jsonb, basis jsonb) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN encode(sha256(convert_to(jsonb_build_array(subject_kind, document, basis)::text, 'UTF8')), 'hex');
--> statement-breakpoint
CREATE FUNCTION seal_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.digest := proposal_digest(NEW.subject_kind, NEW.document, NEW.basis);
  RETURN NEW;
END $$;
--> statement-breakpoint
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION seal_proposal() SET search_path = pg_catalog, %I, pg_temp', current_schema());
END $$;
--> statement-breakpoint
CREATE TRIGGER proposals_sealed BEFORE INSERT ON proposals FOR EACH ROW EXECUTE FUNCTION seal_proposal();
--> statement-breakpoint
CREATE TRIGGER proposals_begin BEFORE INSERT ON proposals FOR EACH ROW WHEN (NEW.state <> 'proposed')
  EXECUTE FUNCTION refuse_because('a proposal is made before anybody decides about it');
--> statement-breakpoint
CREATE TRIGGER proposals_frozen BEFORE UPDATE ON proposals FOR EACH ROW
  WHEN (OLD.state <> 'proposed' OR NEW.state = 'proposed'
    OR (NEW.proposal_no, NEW.subject_kind, NEW.document, NEW.basis, NEW.digest, NEW.reason, NEW.maker, NEW.made_at, NEW.expires_at)
      IS DISTINCT FROM (OLD.proposal_no, OLD.subject_kind, OLD.document, OLD.basis, OLD.digest, OLD.reason, OLD.maker, OLD.made_at, OLD.expires_at))
  EXECUTE FUNCTION refuse_because('what was proposed is frozen, and so is what was decided');
--> statement-breakpoint
CREATE TRIGGER proposals_never_deleted BEFORE DELETE OR TRUNCATE ON proposals
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
INSERT INTO number_counters (kind) VALUES ('proposal');
