import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import type { OperatorRole } from "../../shared/operator-roles.ts";
import { membershipsLeft } from "./group-roles.ts";
import { lastAdmin, nothingToSet, operatorUnknown, ownState } from "./refusals.ts";
import { requireLoginRole, requireNobodyElse, type RegisteredOperator } from "./register.ts";
import { lockOperator, operatorNames, updateOperator, type OperatorRow } from "./sql.ts";

/** What is to be another one; what is not given stays. */
export interface OperatorChange {
  readonly role?: OperatorRole | undefined;
  readonly loginRole?: string | null | undefined;
}

/**
 * Gives an operator another role or login role. Repeating it changes nothing.
 *
 * @throws a usage error `nothing_to_set`; refused `operator_unknown`, `last_admin`, `login_role_unfit`,
 *   `role_needs_approval`
 */
export const setOperator = (context: Context, name: string, wanted: OperatorChange): Promise<RegisteredOperator> =>
  inTransaction(
    context.db,
    async (tx) => {
      const set = await setOperatorIn(tx, context, name, wanted);
      if (set.isChanged) await requireNobodyElse(tx, context, set.operator);
      return set;
    },
    context.ending,
  );

/** The same in a transaction of the caller, whoever else could approve it. */
export async function setOperatorIn(
  tx: Transaction,
  context: Context,
  name: string,
  { role, loginRole }: OperatorChange,
): Promise<RegisteredOperator> {
  if (role === undefined && loginRole === undefined) throw nothingToSet();
  return change(tx, context, name, "operator.set", async (present) => {
    const changed = { role: role ?? present.role, loginRole: loginRole === undefined ? present.loginRole : loginRole };
    if (changed.loginRole !== present.loginRole) await requireLoginRole(tx, changed.loginRole);
    return changed;
  });
}

/**
 * Lets an operator work no more, or again. Repeating it changes nothing.
 *
 * @throws refused `operator_unknown`, `operator_is_self`, `last_admin`
 */
export function setOperatorState(context: Context, name: string, state: OperatorRow["state"]) {
  if (state === "suspended" && name === context.operator.name) throw ownState();
  const action = state === "suspended" ? "operator.suspend" : "operator.resume";
  return inTransaction(context.db, (tx) => change(tx, context, name, action, async () => ({ state })), context.ending);
}

type Changed = Partial<Pick<OperatorRow, "role" | "loginRole" | "state">>;

async function change(
  tx: Transaction,
  context: Context,
  name: string,
  action: string,
  changeOf: (present: OperatorRow) => Promise<Changed>,
): Promise<RegisteredOperator> {
  const { present, admins } = await lockOperator(tx, name);
  if (present === undefined) throw operatorUnknown(name, await operatorNames(tx));
  const changed = { ...present, ...(await changeOf(present)) };
  const { role, loginRole, state } = changed;
  if (role === present.role && loginRole === present.loginRole && state === present.state)
    return { operator: present, isChanged: false, left: await membershipsLeft(tx) };
  const staysAdmin = role === "admin" && state === "active";
  if (!staysAdmin && admins.every((admin) => admin === name)) throw lastAdmin(present);
  const operator = await updateOperator(tx, { ...changed, changedBy: context.operator.name });
  await recordAction(tx, context, {
    action,
    subjectKind: "operator",
    subject: name,
    details: { role, login_role: loginRole, state },
  });
  return { operator, isChanged: true, left: await membershipsLeft(tx) };
}
