import type { Database } from "../db/database.ts";
import type { OperatorRole } from "../shared/operator-roles.ts";

/** The session's role. */
export interface SessionRole {
  readonly role: string;
  readonly isSuperuser: boolean;
  /** Whether it owns all tables, itself or through a role that it is a member of. */
  readonly isOwner: boolean;
  /** The owner of the tables. */
  readonly owner: string;
  /** The role of the operator whose login role it is; null where it is nobody's own. */
  readonly operatorRole: OperatorRole | null;
}

/** Reads what this session's role is. */
export async function sessionRole({ sql }: Pick<Database, "sql">): Promise<SessionRole> {
  const [role] = await sql<SessionRole[]>`
    SELECT current_user AS role, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_superuser,
      bool_and(pg_has_role(c.relowner, 'USAGE')) AS is_owner,
      string_agg(DISTINCT pg_get_userbyid(c.relowner), ', ') AS owner,
      (SELECT role FROM operators WHERE login_role = session_user) AS operator_role
    FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')`;
  return role!;
}

/**
 * The tables whose owner cannot lock a row that a foreign key refers to. FOR KEY SHARE needs UPDATE on some column, and
 * foreign keys are checked with the owner's privileges, whoever writes.
 */
export async function uncheckableReferences({ sql }: Pick<Database, "sql">): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`
    SELECT DISTINCT t.relname::text AS name FROM pg_constraint c JOIN pg_class t ON t.oid = c.confrelid
    WHERE c.contype = 'f' AND t.relnamespace = current_schema()::regnamespace
      AND NOT (has_table_privilege(t.relowner, t.oid, 'SELECT')
        AND has_any_column_privilege(t.relowner, t.oid, 'UPDATE'))
    ORDER BY 1`;
  return rows.map(({ name }) => name);
}
