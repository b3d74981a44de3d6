-- Where half of the ids of the last partition are given, gives it an end and puts a new last one after it, for orders and for their
-- entries alike. Only the owner may make tables, and a night may be run by somebody else. Whoever holds the tables is waited for two
-- seconds: half a partition of nights is left to try again. Returns the names of what it made.
CREATE FUNCTION make_partitions() RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '2s' AS $$
DECLARE
  width CONSTANT bigint := 16000000;
  given bigint := (SELECT last_value FROM id_seq);
  home text := (SELECT relnamespace::regnamespace FROM pg_class WHERE oid = 'orders'::regclass);
  whole text;
  newest text;
  begins bigint;
  ends bigint := (given / width + 1) * width;
  made text;
  guard text;
BEGIN
  FOREACH whole IN ARRAY ARRAY['orders', 'points_entries'] LOOP
    SELECT c.relname, substring(pg_get_expr(c.relpartbound, c.oid) FROM '\d+')::bigint INTO STRICT newest, begins
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = whole::regclass AND pg_get_expr(c.relpartbound, c.oid) LIKE '%TO (MAXVALUE)';
    CONTINUE WHEN given < begins + width / 2;
    made := whole || to_char(substring(newest FROM '\d+$')::integer + 1, 'FM_9900');
    BEGIN
      EXECUTE format('ALTER TABLE %1$s.%2$I DETACH PARTITION %1$s.%3$I', home, whole, newest);
      EXECUTE format('ALTER TABLE %1$s.%2$I ATTACH PARTITION %1$s.%3$I FOR VALUES FROM (%4$s) TO (%5$s)',
        home, whole, newest, begins, ends);
      EXECUTE format('CREATE TABLE %1$s.%2$I PARTITION OF %1$s.%3$I FOR VALUES FROM (%4$s) TO (MAXVALUE)',
        home, made, whole, ends);
      -- Guards of statements are not inherited; those of rows are.
      FOR guard IN SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = newest::regclass AND NOT tgisinternal AND tgparentid = 0 LOOP
        EXECUTE replace(guard, format(' %s.%I ', home, newest), format(' %s.%I ', home, made));
      END LOOP;
      IF whole = 'points_entries' THEN
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s.%I FROM %I', home, made, current_user);
      END IF;
      RETURN NEXT made;
    EXCEPTION WHEN lock_not_available THEN
      CONTINUE;
    END;
  END LOOP;
END $$;
--> statement-breakpoint
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION make_partitions() SET search_path = pg_catalog, %I, pg_temp', current_schema());
END $$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION make_partitions() FROM PUBLIC;
