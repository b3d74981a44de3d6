-- Why this session cannot act as an operator, or null when it can.
CREATE FUNCTION operator_problem(named text, roles text[] DEFAULT NULL) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  found operators;
  own text;
BEGIN
  SELECT name INTO own FROM operators WHERE login_role = session_user;
  SELECT * INTO found FROM operators WHERE name = named;
  RETURN CASE
    WHEN own <> named THEN format('the login role %s is operator %s''s, and nobody else''s', session_user, own)
    WHEN found.name IS NULL THEN format('%s is no registered operator', named)
    WHEN found.login_role <> session_user THEN format('%s works through the login role %s alone', named, found.login_role)
    WHEN found.state <> 'active' THEN format('operator %s is suspended', named)
    WHEN found.role <> ALL (roles) THEN format('operator %s is %s, and it takes %s', named, found.role, array_to_string(roles, ' or '))
  END;
END $$;
--> statement-breakpoint
-- Once a statement: who acted must be who they say, and how far the database vouches for it is the database's to say.
CREATE FUNCTION refuse_other_operator() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  problem text;
BEGIN
  SELECT coalesce(operator_problem(n.operator), 'the identity of ' || n.operator || ' is recorded by the database itself') INTO problem
  FROM (SELECT DISTINCT operator, login_role, identity FROM new_rows) n
  WHERE operator_problem(n.operator) IS NOT NULL OR n.login_role IS DISTINCT FROM session_user OR n.identity <> session_identity()
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%', problem USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- The first operator adds themselves, as admin.
CREATE FUNCTION guard_operator() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  problem text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.added_at := now();
    IF NEW.state <> 'active' OR NEW.changed_by IS NOT NULL THEN
      problem := 'an operator begins active';
    ELSIF EXISTS (SELECT FROM operators) THEN
      problem := operator_problem(NEW.added_by, '{admin}');
    ELSIF NEW.role <> 'admin' OR NEW.added_by <> NEW.name THEN
      problem := 'the first operator is an admin';
    END IF;
  ELSE
    NEW.changed_at := now();
    IF (NEW.name, NEW.skeleton, NEW.added_by, NEW.added_at) IS DISTINCT FROM (OLD.name, OLD.skeleton, OLD.added_by, OLD.added_at) THEN
      problem := 'an operator''s name stays whose it is';
    ELSE
      problem := operator_problem(coalesce(NEW.changed_by, 'nobody'), '{admin}');
    END IF;
  END IF;
  IF problem IS NOT NULL THEN
    RAISE EXCEPTION '%', problem USING ERRCODE = 'ACC02';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE FUNCTION refuse_no_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM operators WHERE role = 'admin' AND state = 'active') THEN
    RAISE EXCEPTION 'the last admin stays one' USING ERRCODE = 'ACC02';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
DO $$
DECLARE
  guard text;
BEGIN
  FOREACH guard IN ARRAY ARRAY['session_identity()', 'operator_problem(text, text[])', 'refuse_other_operator()', 'guard_operator()', 'refuse_no_admin()'] LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, %I, pg_temp', guard, current_schema());
  END LOOP;
END $$;
--> statement-breakpoint
CREATE TRIGGER operators_never_deleted BEFORE DELETE OR TRUNCATE ON operators
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete();
--> statement-breakpoint
CREATE TRIGGER operators_guarded BEFORE INSERT OR UPDATE ON operators
  FOR EACH ROW EXECUTE FUNCTION guard_operator();
--> statement-breakpoint
CREATE TRIGGER operators_administered AFTER UPDATE ON operators
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_no_admin();
--> statement-breakpoint
CREATE TRIGGER operator_actions_own AFTER INSERT ON operator_actions REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_other_operator();
