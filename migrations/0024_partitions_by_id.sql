-- Orders and points entries grow for ever, and their keys begin with the member: in one table each, a night's rows would touch
-- every page of the keys of all the years before. Ids are given in the order of time, so cut by id a night writes to the keys
-- of one partition, however many lie behind it. The tables as they are become the first one; the last is open at its end. Few
-- and large, because whoever looks something up by member alone looks in all of them.
DO $$
DECLARE
  width constant bigint := 16000000;
  partitions constant integer := 8;
  first_end constant bigint := (SELECT greatest(width, last_value + 1) FROM id_seq);
  one record;
  part text;
BEGIN
  FOR one IN SELECT * FROM (VALUES
      ('orders', 'order_id', 'member_id, order_id'),
      ('points_entries', 'ref_id', 'member_id, ref_id, entry_no')) t (name, id, key)
  LOOP
    part := one.name || '_01';
    EXECUTE format('ALTER TABLE %I RENAME TO %I', one.name, part);
    EXECUTE format('ALTER INDEX %I RENAME TO %I', one.name || '_pkey', part || '_pkey');
    EXECUTE format('ALTER INDEX %I RENAME TO %I', one.name || '_business_date', part || '_business_date_idx');
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (%I)', one.name, part, one.id);
    EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I PRIMARY KEY (%s)', one.name, one.name || '_pkey', one.key);
    EXECUTE format('CREATE INDEX %I ON %I USING brin (business_date)', one.name || '_business_date', one.name);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%s)', one.name, part, first_end);
    FOR number IN 2 .. partitions LOOP
      EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%s) TO (%s)', one.name || '_' || lpad(number::text, 2, '0'), one.name,
        first_end + (number - 2) * width, CASE WHEN number = partitions THEN 'MAXVALUE' ELSE (first_end + (number - 1) * width)::text END);
    END LOOP;
  END LOOP;
END $$;
--> statement-breakpoint
-- A trigger for statements is none of its partitions', who can be named too: each has the guards of the whole. The first has them already.
DO $$
DECLARE
  part regclass;
BEGIN
  FOR part IN SELECT relid FROM pg_partition_tree('orders') WHERE relid <> 'orders_01'::regclass LOOP
    EXECUTE format('CREATE TRIGGER orders_never_deleted BEFORE DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse_delete()', part);
  END LOOP;
  FOR part IN SELECT relid FROM pg_partition_tree('points_entries') WHERE relid <> 'points_entries_01'::regclass LOOP
    EXECUTE format('CREATE TRIGGER points_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', part);
    EXECUTE format('CREATE TRIGGER points_entries_open_date AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_date()', part);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM PUBLIC', part);
    EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM %I', part, current_user);
  END LOOP;
END $$;
