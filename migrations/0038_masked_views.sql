-- What is private of members as it is shown to whoever does not ask to see it in full: enough to recognise them by.
-- The views are what auditors read, and what every list and page is read from; they read with their owner's rights.
CREATE FUNCTION mask_name(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN left(name, 1) || '*';
--> statement-breakpoint
CREATE FUNCTION mask_phone(phone text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN length(phone) >= 11 THEN left(phone, 3) || '****' || right(phone, 4)
    ELSE '****' || right(phone, 2) END;
--> statement-breakpoint
CREATE FUNCTION mask_email(email text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN left(email, 1) || '***' || coalesce(substring(email FROM '@[^@]*$'), '');
--> statement-breakpoint
CREATE FUNCTION mask_document(kind text, document jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE kind WHEN 'member_name' THEN document || coalesce((SELECT jsonb_object_agg(key, mask_name(value))
    FROM jsonb_each_text(document) WHERE key IN ('name', 'was')), '{}') ELSE document END;
--> statement-breakpoint
CREATE VIEW masked_members AS
  SELECT member_id, member_no, mask_name(name) AS name, mask_email(email) AS email, mask_phone(phone) AS phone,
    password_hash IS NOT NULL AS has_password, status, identity_verified_at, import_id, registered_by, registered_at
  FROM members;
--> statement-breakpoint
CREATE VIEW masked_proposals AS
  SELECT proposal_no, subject_kind, mask_document(subject_kind, document) AS document,
    mask_document(subject_kind, basis) AS basis, digest,
    digest = proposal_digest(subject_kind, document, basis) AS is_sealed,
    reason, maker, made_at, expires_at, state, checker, decided_at, decision_reason, result
  FROM proposals;
--> statement-breakpoint
-- The phones and addresses that are kept unique without being their member's, and those of members that are not.
CREATE VIEW stray_contacts AS
  SELECT kind, CASE kind WHEN 'phone' THEN mask_phone(k.value) ELSE mask_email(k.value) END AS kept,
    CASE kind WHEN 'phone' THEN mask_phone(c.value) ELSE mask_email(c.value) END AS own
  FROM member_contacts k
  FULL JOIN (
    SELECT member_id, x.kind, x.value FROM members
    CROSS JOIN LATERAL (VALUES ('phone', phone), ('email', lower(email COLLATE "C"))) x (kind, value)
    WHERE x.value IS NOT NULL
  ) c USING (member_id, kind)
  WHERE k.value IS DISTINCT FROM c.value;
--> statement-breakpoint
DROP FUNCTION member_has_password(bigint);
--> statement-breakpoint
-- `verify` asks these, also for auditors. Names, which alone are masked, are in no document that they compare.
CREATE OR REPLACE FUNCTION is_proposed(one policies) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM masked_proposals p
    WHERE p.proposal_no = one.proposal_no AND p.subject_kind = 'policy' AND p.state = 'approved'
      AND p.checker = one.set_by AND p.document->>'effective_from' = one.effective_from::text
      AND NOT EXISTS (SELECT FROM jsonb_each_text(p.basis - 'until' || (p.document->'terms')) t
        WHERE to_jsonb(one)->>t.key IS DISTINCT FROM t.value));
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION is_proposed(one contribution_rates) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM masked_proposals p JOIN merchants m ON m.merchant_code = p.document->>'merchant_code'
    WHERE p.proposal_no = one.proposal_no AND p.subject_kind = 'merchant_rate' AND p.state = 'approved'
      AND p.checker = one.set_by AND m.merchant_id = one.merchant_id
      AND p.document->>'effective_from' = one.effective_from::text
      AND p.document->>'contribution_bps' IS NOT DISTINCT FROM one.contribution_bps::text);
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION is_proposed(one business_dates) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN EXISTS (SELECT FROM masked_proposals p
    WHERE p.subject_kind = 'settle_reopen' AND p.state = 'approved' AND p.checker = one.reopened_by
      AND p.document->>'business_date' = one.business_date::text AND p.decided_at >= one.reopened_at);
END $$;
--> statement-breakpoint
DO $$
DECLARE
  changed text;
BEGIN
  FOREACH changed IN ARRAY ARRAY['policies', 'contribution_rates', 'business_dates'] LOOP
    EXECUTE format('ALTER FUNCTION is_proposed(%I) SET search_path = pg_catalog, %I, pg_temp', changed,
      current_schema());
  END LOOP;
END $$;
--> statement-breakpoint
-- `merchants_began` says it, too, of more columns, and before it.
DROP TRIGGER merchants_frozen ON merchants;
