import type { Database } from "../db/database.ts";

/**
 * The privileges on tables that daily work needs, beside SELECT and INSERT on all of them. Migrating needs the owner.
 */
const alsoNeeded = {
  UPDATE: [
    "balances",
    "business_dates",
    "collections",
    "grant_runs",
    "line_matches",
    "members",
    "merchants",
    "number_counters",
    "open_lines",
    "operators",
    "order_changes",
    "order_keys",
    "orders",
    "payout_accounts",
    "payout_batches",
    "payout_details",
    "products",
    "proposals",
    "run_slots",
    "settlement_runs",
    "settlement_steps",
    "uncollected_orders",
    "withdrawals",
  ],
  DELETE: [
    "expected_payouts",
    "member_aliases",
    "member_contacts",
    "merchant_aliases",
    "open_lines",
    "order_changes",
    "uncollected_orders",
    "unevidenced_orders",
  ],
} as const;

/** Written by migrations only. */
const onlyRead = ["schema_migrations"];

/** The privileges of the session's role. */
export interface RoleFacts {
  readonly role: string;
  readonly isSuperuser: boolean;
  /** Whether it owns all tables, itself or through a role that it is a member of. */
  readonly isOwner: boolean;
  /** The owner of the tables. */
  readonly owner: string;
  /** Each privilege that daily work needs and this role lacks. */
  readonly missing: readonly { readonly privilege: string; readonly objects: readonly string[] }[];
}

/** Reads the privileges of this session's role on the tables, sequences and functions of the schema. */
export async function roleFacts({ sql }: Pick<Database, "sql">): Promise<RoleFacts> {
  const [role] = await sql<Omit<RoleFacts, "missing">[]>`
    SELECT current_user AS role, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_superuser,
      bool_and(pg_has_role(c.relowner, 'USAGE')) AS is_owner, string_agg(DISTINCT pg_get_userbyid(c.relowner), ', ') AS owner
    FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')`;
  const missing = await sql<{ privilege: string; objects: string[] }[]>`
    WITH tables AS (
      SELECT oid, relname AS name FROM pg_class
      WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
    ), sequences AS MATERIALIZED ( -- first what is one: asking a table for a sequence's privileges is an error
      SELECT oid, relname AS name FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'S'
    )
    SELECT privilege, array_agg(name ORDER BY name) AS objects FROM (
      SELECT 'SELECT' AS privilege, name::text FROM tables WHERE NOT has_table_privilege(oid, 'SELECT')
      UNION ALL SELECT 'INSERT', name FROM tables WHERE name <> ALL (${onlyRead}::text[]) AND NOT has_table_privilege(oid, 'INSERT')
      UNION ALL SELECT 'UPDATE', name FROM tables WHERE name = ANY (${[...alsoNeeded.UPDATE]}::text[]) AND NOT has_table_privilege(oid, 'UPDATE')
      UNION ALL SELECT 'DELETE', name FROM tables WHERE name = ANY (${[...alsoNeeded.DELETE]}::text[]) AND NOT has_table_privilege(oid, 'DELETE')
      UNION ALL SELECT 'USAGE', name FROM sequences WHERE NOT has_sequence_privilege(oid, 'USAGE')
      UNION ALL SELECT 'EXECUTE', oid::regprocedure::text FROM pg_proc
        WHERE pronamespace = current_schema()::regnamespace AND prosecdef AND NOT has_function_privilege(oid, 'EXECUTE')
      UNION ALL SELECT 'TEMPORARY', current_database() WHERE NOT has_database_privilege(current_database(), 'TEMPORARY')
    ) lacking (privilege, name)
    GROUP BY privilege ORDER BY privilege`;
  return { ...role!, missing };
}

/**
 * The tables whose owner cannot lock a row that a foreign key refers to. FOR KEY SHARE needs UPDATE on some column, and
 * foreign keys are checked with the owner's privileges, whoever writes.
 */
export async function uncheckableReferences({ sql }: Pick<Database, "sql">): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`
    SELECT DISTINCT t.relname::text AS name FROM pg_constraint c JOIN pg_class t ON t.oid = c.confrelid
    WHERE c.contype = 'f' AND t.relnamespace = current_schema()::regnamespace
      AND NOT (has_table_privilege(t.relowner, t.oid, 'SELECT') AND has_any_column_privilege(t.relowner, t.oid, 'UPDATE'))
    ORDER BY 1`;
  return rows.map(({ name }) => name);
}
