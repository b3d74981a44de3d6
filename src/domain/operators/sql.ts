import type { Sql, Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import type { PageQuery } from "../../shared/page.ts";

/** A registered operator. */
export type OperatorRow = Row<"operators">;

/** Whoever has a name, and whoever this session's login role is. */
export async function claimants(
  sql: Sql,
  name: string,
): Promise<{
  readonly sessionUser: string;
  readonly named?: OperatorRow | undefined;
  readonly own?: OperatorRow | undefined;
}> {
  const rows = await sql<(OperatorRow & { readonly sessionUser: string })[]>`
    SELECT s.session_user, o.* FROM (SELECT session_user::text) s
    LEFT JOIN operators o ON o.name = ${name} OR o.login_role = s.session_user`;
  const { sessionUser } = rows[0]!;
  return {
    sessionUser,
    named: rows.find((row) => row.name === name),
    own: rows.find(({ loginRole }) => loginRole === sessionUser),
  };
}

/** Every operator's name. */
export async function operatorNames(sql: Sql): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`SELECT name FROM operators ORDER BY name`;
  return rows.map(({ name }) => name);
}

/** Whether anybody is registered in a database, which may be one from before there was a registry. */
export async function hasOperators(sql: Sql): Promise<boolean> {
  const [found] = await sql<{ hasTable: boolean }[]>`SELECT to_regclass('operators') IS NOT NULL AS has_table`;
  return found!.hasTable && (await operatorNames(sql)).length > 0;
}

/** One page of operators by name. */
export const selectOperators = (sql: Sql, page: PageQuery): Promise<readonly OperatorRow[]> =>
  sql<OperatorRow[]>`
    SELECT * FROM operators WHERE ${page.after === undefined ? sql`true` : sql`name > ${page.after}`} ORDER BY name
    LIMIT ${page.limit}`;

/** The operator of a name, or of one with the same skeleton; undefined without one. */
export async function findOperator(
  sql: Sql,
  { name, skeleton }: { readonly name: string; readonly skeleton?: string },
): Promise<OperatorRow | undefined> {
  const [row] = await sql<OperatorRow[]>`
    SELECT * FROM operators WHERE name = ${name} OR skeleton = ${skeleton ?? ""} ORDER BY name <> ${name} LIMIT 1`;
  return row;
}

/** Registers an operator; the database sets the time. */
export async function insertOperator(
  tx: Transaction,
  one: Pick<OperatorRow, "name" | "skeleton" | "role" | "loginRole" | "addedBy">,
): Promise<OperatorRow> {
  const [row] = await tx<OperatorRow[]>`
    INSERT INTO operators (name, skeleton, role, login_role, state, added_by, added_at)
    VALUES (${one.name}, ${one.skeleton}, ${one.role}, ${one.loginRole}, 'active', ${one.addedBy}, now())
    RETURNING *`;
  return row!;
}

/** The admins at work who may approve at some time: all of them, or those whom the database vouches for. */
export async function approvingAdmins(sql: Sql, at: Date): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`
    SELECT name FROM operators WHERE role = 'admin' AND state = 'active'
      AND (login_role IS NOT NULL OR NOT demands_proven_identity(${at})) ORDER BY name`;
  return rows.map(({ name }) => name);
}

/** Locks an operator and all admins at work, so that of two who suspend each other one is last. */
export async function lockOperator(
  tx: Transaction,
  name: string,
): Promise<{ readonly present: OperatorRow | undefined; readonly admins: readonly string[] }> {
  const rows = await tx<OperatorRow[]>`
    SELECT * FROM operators WHERE name = ${name} OR role = 'admin' ORDER BY name FOR UPDATE`;
  const admins = rows.filter(({ role, state }) => role === "admin" && state === "active").map((row) => row.name);
  return { present: rows.find((row) => row.name === name), admins };
}

/** Changes an operator who is locked; the database sets the time. */
export async function updateOperator(
  tx: Transaction,
  one: Pick<OperatorRow, "name" | "role" | "loginRole" | "state" | "changedBy">,
): Promise<OperatorRow> {
  const [row] = await tx<OperatorRow[]>`
    UPDATE operators SET role = ${one.role}, login_role = ${one.loginRole}, state = ${one.state},
      changed_by = ${one.changedBy}, changed_at = now()
    WHERE name = ${one.name} RETURNING *`;
  return row!;
}

/** A role of the server: whether it may log in, and whose it is; undefined when there is none of that name. */
export async function loginRoleState(
  sql: Sql,
  role: string,
): Promise<{ readonly canLogIn: boolean; readonly holder: string | null } | undefined> {
  const [found] = await sql<{ canLogIn: boolean; holder: string | null }[]>`
    SELECT r.rolcanlogin AS can_log_in, o.name AS holder FROM pg_roles r LEFT JOIN operators o ON o.login_role = r.rolname WHERE r.rolname = ${role}`;
  return found;
}

/** Makes this transaction the only one that registers the first operator. */
export async function lockFirstOperator(tx: Transaction): Promise<void> {
  await tx`SELECT pg_advisory_xact_lock(hashtext('accrue operators'), 0)`;
}
