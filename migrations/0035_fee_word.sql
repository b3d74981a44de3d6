-- Stripe calls what it keeps for itself fee, and so do lines that are made of a column of fees. What operators set since stays.
INSERT INTO recon_rules (rule, effective_from, revision, place, is_on, words, set_by, set_at)
SELECT rule, effective_from, revision + 1, place, is_on, words || '{fee}'::text[], 'accrue', now() FROM recon_rules
WHERE rule = 'channel_fee' AND effective_from = '0001-01-01' ORDER BY revision DESC LIMIT 1;
