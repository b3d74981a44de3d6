import type { Sql, Transaction } from "../../db/database.ts";
import { groupRoles, type Privilege, type SchemaThings } from "./privileges-model.ts";

/** The columns of every table and view, and the sequences, of this version's schema. */
export async function schemaThings(sql: Sql): Promise<SchemaThings> {
  const tables = await sql<{ name: string; columns: string[] }[]>`
    SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
    GROUP BY c.relname ORDER BY c.relname`;
  const sequences = await sql<{ name: string }[]>`
    SELECT relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'S'
    ORDER BY 1`;
  return {
    tables: new Map(tables.map(({ name, columns }) => [name, columns])),
    sequences: sequences.map(({ name }) => name),
  };
}

/** Where the schema is, and what this session's role may do about roles. */
export interface GroupPlace {
  readonly database: string;
  readonly schema: string;
  readonly owner: string;
  /** Whether this session may grant on the tables. */
  readonly isOwner: boolean;
  readonly mayCreateRoles: boolean;
  /** The group roles that the server has, and those of them that the owner may make others members of. */
  readonly present: readonly string[];
  readonly administered: readonly string[];
}

/** Reads where the schema is, and what this session may do about it. */
export async function groupPlace(sql: Sql): Promise<GroupPlace> {
  const [place] = await sql<GroupPlace[]>`
    WITH groups AS (SELECT oid, rolname::text AS name FROM pg_roles
      WHERE rolname = ANY (${groupRoles.map(({ group }) => group)}::text[]))
    SELECT current_database() AS database, current_schema() AS schema, pg_get_userbyid(t.relowner) AS owner,
      pg_has_role(t.relowner, 'USAGE') AS is_owner,
      (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) AS may_create_roles,
      ARRAY(SELECT name FROM groups ORDER BY 1) AS present,
      ARRAY(SELECT name FROM groups WHERE pg_has_role(t.relowner, oid, 'MEMBER WITH ADMIN OPTION')
        ORDER BY 1) AS administered
    FROM pg_class t WHERE t.oid = 'operators'::regclass`;
  return place!;
}

/** Every privilege that a role of the server was granted by name on the schema's tables, sequences and functions. */
export async function grantedTo(sql: Sql, group: string): Promise<readonly Privilege[]> {
  return sql<Privilege[]>`
    WITH home AS (SELECT current_schema()::regnamespace AS schema,
      (SELECT oid FROM pg_roles WHERE rolname = ${group}) AS grantee)
    SELECT a.privilege_type AS privilege, CASE c.relkind WHEN 'S' THEN 'sequence' ELSE 'table' END AS "on",
      c.relname AS name, NULL AS "column"
    FROM home h JOIN pg_class c ON c.relnamespace = h.schema CROSS JOIN LATERAL aclexplode(c.relacl) a
    WHERE a.grantee = h.grantee
    UNION ALL
    SELECT a.privilege_type, 'table', c.relname, t.attname
    FROM home h JOIN pg_class c ON c.relnamespace = h.schema JOIN pg_attribute t ON t.attrelid = c.oid
    CROSS JOIN LATERAL aclexplode(t.attacl) a WHERE a.grantee = h.grantee
    UNION ALL
    SELECT a.privilege_type, 'function', p.oid::regprocedure::text, NULL
    FROM home h JOIN pg_proc p ON p.pronamespace = h.schema CROSS JOIN LATERAL aclexplode(p.proacl) a
    WHERE a.grantee = h.grantee`;
}

/** What this session's role has not got of some privileges, each with the things that it has not got it on. */
export interface Lack {
  readonly privilege: string;
  readonly objects: readonly string[];
}

/** Compares some privileges, and that of temporary tables, with what this session's role has, by whatever way. */
export async function lackedOf(sql: Sql, needed: readonly Privilege[]): Promise<readonly Lack[]> {
  return sql<Lack[]>`
    SELECT privilege, array_agg(DISTINCT name ORDER BY name) AS objects FROM (
      SELECT privilege, name FROM unnest(
        ${needed.map(({ privilege }) => privilege)}::text[], ${needed.map(({ on }) => on)}::text[],
        ${needed.map(({ name }) => name)}::text[], ${needed.map(({ column }) => column ?? null)}::text[]) n (privilege,
        kind, name, part)
      WHERE NOT CASE
        WHEN kind = 'sequence' THEN has_sequence_privilege(quote_ident(name), privilege)
        WHEN kind = 'function' THEN has_function_privilege(name, privilege)
        WHEN part IS NOT NULL THEN has_column_privilege(quote_ident(name), part, privilege)
        ELSE has_table_privilege(quote_ident(name), privilege) END
      UNION ALL SELECT 'TEMPORARY', current_database() WHERE NOT has_database_privilege(current_database(), 'TEMPORARY')
    ) lacking (privilege, name)
    GROUP BY privilege ORDER BY privilege`;
}

/** A login role, and the group that it should be in, or should not be in any more. */
export interface Membership {
  readonly loginRole: string;
  readonly group: string;
  readonly isWanted: boolean;
}

/**
 * Where the members of the group roles are not those that the registry says: operators at work are members of their
 * role's, and nobody whom the registry has is one of another's.
 */
export async function membershipsToMend(sql: Sql): Promise<readonly Membership[]> {
  return sql<Membership[]>`
    WITH groups AS (
      SELECT g.oid, g.rolname::text AS name, w.role
      FROM unnest(${groupRoles.map(({ role }) => role)}::text[],
        ${groupRoles.map(({ group }) => group)}::text[]) w (role, name)
      JOIN pg_roles g ON g.rolname = w.name
    ), members AS (
      SELECT g.name, m.rolname::text AS login_role FROM groups g JOIN pg_auth_members a ON a.roleid = g.oid
      JOIN pg_roles m ON m.oid = a.member
    )
    SELECT o.login_role, g.name AS "group", true AS is_wanted FROM operators o JOIN groups g ON g.role = o.role
    WHERE o.state = 'active' AND NOT pg_has_role(to_regrole(quote_ident(o.login_role)), g.oid, 'MEMBER')
    UNION
    SELECT m.login_role, m.name, false FROM members m JOIN groups g ON g.name = m.name
    JOIN operators o ON o.login_role = m.login_role
    WHERE o.state <> 'active' OR o.role <> g.role
    ORDER BY 1, 3, 2`;
}

/** Carries out statements that grant, one after the other; only one session at a time does. */
export async function carryOut(tx: Transaction, statements: readonly string[]): Promise<void> {
  await tx`SELECT pg_advisory_xact_lock(hashtext('accrue group roles'), 0)`;
  for (const statement of statements) await tx.unsafe(statement);
}
