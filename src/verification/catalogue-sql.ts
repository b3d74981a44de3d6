import type { Fragment, Sql } from "../db/database.ts";

/** One fact of the catalogue, in the same words for every version of PostgreSQL, owner and schema. */
export interface CatalogueFact {
  /** `table orders`, `function refuse_change()`, `sequence id_seq`. */
  readonly object: string;
  /**
   * Its part: `column amount_fen`, `trigger orders_frozen`, `body`. Some parts are listed only where they differ from
   * the default.
   */
  readonly part: string;
  readonly value: string;
}

/**
 * Reads the schema: tables and views with their columns, constraints, unique indexes, triggers, rules, row security,
 * partitions, owners and privileges; functions; sequences. Other indexes may be added freely. Of a partition only facts
 * that its table does not decide.
 *
 * Privileges of other roles: a role may have at most what the owner has, for a session of least privilege works with
 * grants; TRUNCATE, TRIGGER and REFERENCES are the owner's alone, and PUBLIC has nothing.
 */
export async function readCatalogue(sql: Sql): Promise<readonly CatalogueFact[]> {
  return sql<CatalogueFact[]>`
    WITH home AS (
      SELECT n.oid AS schema, quote_ident(n.nspname) AS name,
        (SELECT relowner FROM pg_class WHERE relnamespace = n.oid AND relname = 'schema_migrations') AS owner
      FROM pg_namespace n WHERE n.nspname = current_schema()
    ), tables AS MATERIALIZED (
      SELECT c.*, CASE c.relkind WHEN 'v' THEN 'view ' ELSE 'table ' END || c.relname AS object, h.name AS home,
        h.owner AS home_owner
      FROM pg_class c JOIN home h ON c.relnamespace = h.schema WHERE c.relkind IN ('r', 'p', 'v')
    ), granted AS MATERIALIZED (
      SELECT t.oid, t.object, t.relowner, NULL::text AS attname, a.grantee, a.privilege_type AS privilege
      FROM tables t CROSS JOIN LATERAL aclexplode(coalesce(t.relacl, acldefault('r', t.relowner))) a
      WHERE a.privilege_type <> 'MAINTAIN'
      UNION ALL
      SELECT t.oid, t.object, t.relowner, c.attname::text, a.grantee, a.privilege_type
      FROM tables t JOIN pg_attribute c ON c.attrelid = t.oid CROSS JOIN LATERAL aclexplode(c.attacl) a
    ), facts (object, part, value) AS (
      SELECT * FROM (${tableFacts(sql)}) t UNION ALL SELECT * FROM (${privilegeFacts(sql)}) p
      UNION ALL SELECT * FROM (${functionFacts(sql)}) f UNION ALL SELECT * FROM (${sequenceFacts(sql)}) s
    )
    SELECT object, part, value FROM facts ORDER BY object COLLATE "C", part COLLATE "C"`;
}

/** Facts of tables and their parts. */
const tableFacts = (sql: Sql): Fragment => sql`
  SELECT object, 'kind', concat_ws(' ', relkind, relpersistence, pg_get_partkeydef(oid), pg_get_expr(relpartbound, oid))
  FROM tables
  UNION ALL SELECT object, 'owner', pg_get_userbyid(relowner) FROM tables WHERE relowner <> home_owner
  UNION ALL SELECT object, 'row security', CASE WHEN relforcerowsecurity THEN 'on, for its owner too' ELSE 'on' END
    FROM tables WHERE relrowsecurity OR relforcerowsecurity
  UNION ALL SELECT t.object, 'part ' || c.relname, CASE WHEN c.relispartition THEN 'partition' ELSE 'heir' END
    FROM tables t JOIN pg_inherits i ON i.inhparent = t.oid JOIN pg_class c ON c.oid = i.inhrelid
  UNION ALL SELECT t.object, 'column ' || a.attname, concat_ws(' ',
      format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END, nullif(a.attidentity::text, ''),
      CASE WHEN a.attgenerated <> '' THEN 'generated' END, 'default ' || pg_get_expr(d.adbin, d.adrelid))
    FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE NOT t.relispartition
  UNION ALL SELECT t.object, 'constraint ' || k.conname, replace(pg_get_constraintdef(k.oid), t.home || '.', '')
    FROM tables t JOIN pg_constraint k ON k.conrelid = t.oid AND (k.conislocal OR NOT t.relispartition)
    WHERE k.contype IN ('p', 'u', 'c', 'f', 'x') -- newer servers also list NOT NULL here; the columns say that already
  UNION ALL SELECT t.object, 'unique index ' || c.relname, replace(pg_get_indexdef(i.indexrelid), t.home || '.', '')
      || CASE WHEN i.indisvalid AND i.indisready THEN '' ELSE ', not valid' END
    FROM tables t JOIN pg_index i ON i.indrelid = t.oid AND i.indisunique
    JOIN pg_class c ON c.oid = i.indexrelid AND NOT c.relispartition
    WHERE NOT i.indisvalid OR NOT EXISTS (SELECT 1 FROM pg_constraint k
      WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid)
  UNION ALL SELECT t.object, 'trigger ' || g.tgname, replace(pg_get_triggerdef(g.oid), t.home || '.', '')
      || CASE g.tgenabled WHEN 'D' THEN ', switched off' WHEN 'R' THEN ', on a replica only' ELSE '' END
    FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
  UNION ALL SELECT t.object, 'foreign keys', 'switched off'
    FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid AND g.tgisinternal AND g.tgenabled IN ('D', 'R')
    GROUP BY t.object
  -- Which table a column is of, newer servers leave out where there is one alone.
  UNION ALL SELECT t.object, 'rule ' || r.rulename,
      regexp_replace(regexp_replace(pg_get_ruledef(r.oid), '\\m[a-z_]+[.]', '', 'g'), '\\s+', ' ', 'g')
    FROM tables t JOIN pg_rewrite r ON r.ev_class = t.oid
  UNION ALL SELECT t.object, 'policy ' || p.polname,
      concat_ws(' ', p.polcmd, pg_get_expr(p.polqual, t.oid), pg_get_expr(p.polwithcheck, t.oid))
    FROM tables t JOIN pg_policy p ON p.polrelid = t.oid`;

/** Privileges on tables, where they are not just all for the owner. */
const privilegeFacts = (sql: Sql): Fragment => sql`
  SELECT t.object, 'its owner may not', string_agg(d.privilege_type, ', ' ORDER BY d.privilege_type)
    FROM tables t CROSS JOIN LATERAL aclexplode(acldefault('r', t.relowner)) d
    WHERE d.privilege_type <> 'MAINTAIN' AND NOT EXISTS (
      SELECT 1 FROM granted g
      WHERE g.oid = t.oid AND g.grantee = t.relowner AND g.attname IS NULL AND g.privilege = d.privilege_type)
    GROUP BY t.object
  UNION ALL SELECT object, 'its owner may', string_agg(privilege || ' of ' || attname, ', ' ORDER BY privilege, attname)
    FROM granted WHERE grantee = relowner AND attname IS NOT NULL GROUP BY object
  UNION ALL SELECT g.object, 'others may', string_agg(
      concat_ws(' ', CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END, g.privilege,
      'of ' || g.attname), ', ' ORDER BY g.grantee, g.privilege, g.attname)
    FROM granted g
    WHERE g.grantee <> g.relowner AND (g.grantee = 0 OR g.privilege IN ('TRUNCATE', 'TRIGGER', 'REFERENCES')
      -- Two questions, not one with an OR: each is answered from a hash, and not by reading all of them for each.
      OR NOT EXISTS (
        SELECT 1 FROM granted o
        WHERE o.oid = g.oid AND o.privilege = g.privilege AND o.grantee = o.relowner AND o.attname IS NULL)
      AND NOT EXISTS (
        SELECT 1 FROM granted o
        WHERE o.oid = g.oid AND o.privilege = g.privilege AND o.attname = g.attname AND o.grantee = o.relowner))
    GROUP BY g.object`;

/** Facts of functions, except those of extensions. */
const functionFacts = (sql: Sql): Fragment => sql`
  SELECT 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', f.part, f.value
    FROM home h JOIN pg_proc p ON p.pronamespace = h.schema JOIN pg_language l ON l.oid = p.prolang
    CROSS JOIN LATERAL (VALUES
      ('kind', concat_ws(' ', pg_get_function_result(p.oid), l.lanname, p.prokind, p.provolatile, p.proparallel,
        CASE WHEN p.proisstrict THEN 'strict' END, CASE WHEN p.prosecdef THEN 'security definer' END,
        CASE WHEN p.proleakproof THEN 'leakproof' END)),
      ('body', left(encode(sha256(convert_to(concat(p.prosrc, pg_get_function_sqlbody(p.oid)), 'UTF8')), 'hex'), 32)),
      ('settings', replace(array_to_string(p.proconfig, '; '), ', ' || h.name || ',', ', its schema,')),
      ('owner', CASE WHEN p.proowner <> h.owner THEN pg_get_userbyid(p.proowner) END),
      ('others may', CASE WHEN p.prosecdef AND EXISTS (
        SELECT 1 FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a WHERE a.grantee = 0
      ) THEN 'PUBLIC EXECUTE as its owner' END)
    ) f (part, value)
    WHERE f.value IS NOT NULL AND NOT EXISTS (
      SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')`;

/** Facts of sequences. */
const sequenceFacts = (sql: Sql): Fragment => sql`
  SELECT 'sequence ' || c.relname, f.part, f.value
    FROM home h JOIN pg_class c ON c.relnamespace = h.schema JOIN pg_sequence s ON s.seqrelid = c.oid
    CROSS JOIN LATERAL (VALUES
      ('kind', concat_ws(' ', format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
      s.seqcycle)), ('owner', CASE WHEN c.relowner <> h.owner THEN pg_get_userbyid(c.relowner) END),
      ('others may', (
        SELECT string_agg('PUBLIC ' || a.privilege_type, ', ' ORDER BY a.privilege_type) FROM aclexplode(c.relacl) a
        WHERE a.grantee = 0))
    ) f (part, value) WHERE f.value IS NOT NULL`;
