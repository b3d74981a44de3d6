-- As before, but looked up transaction by transaction: in one join the planner may read the whole journal to check a few new lines.
CREATE OR REPLACE FUNCTION refuse_unbalanced_journal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  unbalanced record;
BEGIN
  -- All lines of a transaction come in one statement; a line added to a posted transaction would unbalance it too.
  SELECT n.journal_id, l.unit, l.difference INTO unbalanced
  FROM (SELECT DISTINCT journal_id FROM new_lines) n
  CROSS JOIN LATERAL (
    SELECT t.unit, sum(t.amount) AS difference FROM journal_lines t WHERE t.journal_id = n.journal_id GROUP BY t.unit HAVING sum(t.amount) <> 0
  ) l
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'journal transaction % does not balance: % differs by %', unbalanced.journal_id, unbalanced.unit, unbalanced.difference
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
