import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import type { OperatorRole } from "../../shared/operator-roles.ts";
import { membershipsLeft } from "./group-roles.ts";
import { lastAdmin, nothingToSet, operatorUnknown, ownState } from "./refusals.ts";
import { requireLoginRole, type RegisteredOperator } from "./register.ts";
import { lockOperator, operatorNames, updateOperator, type OperatorRow } from "./sql.ts";

/** What is to be another one; what is not given stays. */
export interface OperatorChange {
  readonly role?: OperatorRole | undefined;
  readonly loginRole?: string | null | undefined;
}

/**
 * Gives an operator another role or login role. Repeating it changes nothing.
 *
 * @throws a usage error `nothing_to_set`; refused `operator_unknown`, `last_admin`, `login_role_unfit`
 */
export function setOperator(context: Context, name: string, { role, loginRole }: OperatorChange) {
  if (role === undefined && loginRole === undefined) throw nothingToSet();
  return change(context, name, "operator.set", async (tx, present) => {
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
  return change(context, name, state === "suspended" ? "operator.suspend" : "operator.resume", async () => ({ state }));
}

type Changed = Partial<Pick<OperatorRow, "role" | "loginRole" | "state">>;

function change(
  context: Context,
  name: string,
  action: string,
  changeOf: (tx: Transaction, present: OperatorRow) => Promise<Changed>,
): Promise<RegisteredOperator> {
  return inTransaction(
    context.db,
    async (tx) => {
      const { present, admins } = await lockOperator(tx, name);
      if (present === undefined) throw operatorUnknown(name, await operatorNames(tx));
      const changed = { ...present, ...(await changeOf(tx, present)) };
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
    },
    context.ending,
  );
}
