import { recordAction } from "../../db/audit.ts";
import type { Context, Operator } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import type { OperatorRole } from "../../shared/operator-roles.ts";
import { skeletonOf } from "../../shared/text.ts";
import { membershipsLeft } from "./group-roles.ts";
import { readOperatorName } from "./model.ts";
import { roleApprovers } from "./read.ts";
import { loginRoleUnfit, operatorExists, roleNeedsApproval } from "./refusals.ts";
import {
  findOperator,
  insertOperator,
  loginRoleState,
  lockFirstOperator,
  operatorNames,
  type OperatorRow,
} from "./sql.ts";

/** Who is to be registered, as what. */
export interface NewOperator {
  readonly name: string;
  readonly role: OperatorRole;
  /** The login role on the database server that they alone work through; null: none. */
  readonly loginRole: string | null;
}

/** An operator, and whether this call registered or changed them. */
export interface RegisteredOperator {
  readonly operator: OperatorRow;
  readonly isChanged: boolean;
  /** SQL for a DBA: what the database may not do itself for the login role to be in the group of the role. */
  readonly left: readonly string[];
}

/**
 * Registers an operator. Repeating it changes nothing.
 *
 * @throws a usage error `invalid_operator`; refused `operator_exists`, `operator_look_alike`, `login_role_unfit`,
 *   `role_needs_approval`
 */
export const addOperator = (context: Context, wanted: NewOperator): Promise<RegisteredOperator> =>
  inTransaction(
    context.db,
    async (tx) => {
      const added = await addOperatorIn(tx, context, wanted);
      if (added.isChanged) await requireNobodyElse(tx, context, added.operator);
      return added;
    },
    context.ending,
  );

/** The same in a transaction of the caller, whoever else could approve it. */
export async function addOperatorIn(
  tx: Transaction,
  context: Context,
  wanted: NewOperator,
): Promise<RegisteredOperator> {
  const name = readOperatorName(wanted.name);
  const skeleton = skeletonOf(name);
  const present = await findOperator(tx, { name, skeleton });
  if (present?.name === name && present.role === wanted.role && present.loginRole === wanted.loginRole)
    return { operator: present, isChanged: false, left: await membershipsLeft(tx) };
  if (present !== undefined) throw operatorExists(name, present);
  await requireLoginRole(tx, wanted.loginRole);
  const operator = await insertOperator(tx, { ...wanted, name, skeleton, addedBy: context.operator.name });
  await recordAction(tx, context, {
    action: "operator.add",
    subjectKind: "operator",
    subject: name,
    details: { role: wanted.role, login_role: wanted.loginRole, state: "active" },
  });
  return { operator, isChanged: true, left: await membershipsLeft(tx) };
}

/**
 * Refuses to give a role alone that another admin could approve.
 *
 * @throws refused `role_needs_approval`
 */
export async function requireNobodyElse(
  tx: Transaction,
  context: Context,
  one: Pick<OperatorRow, "name" | "role">,
): Promise<void> {
  const others = await roleApprovers(tx, context, one);
  if (others.length > 0) throw roleNeedsApproval(one.name, one.role, others);
}

/**
 * Registers the one at work as admin, where nobody is registered yet.
 *
 * @returns whether this call did
 */
export async function addFirstOperator(tx: Transaction, { name }: Pick<Operator, "name">): Promise<boolean> {
  await lockFirstOperator(tx);
  if ((await operatorNames(tx)).length > 0) return false;
  await insertOperator(tx, { name, skeleton: skeletonOf(name), role: "admin", loginRole: null, addedBy: name });
  return true;
}

/** @throws refused `login_role_unfit` for a role that is not there, cannot log in, or is another operator's */
export async function requireLoginRole(tx: Transaction, role: string | null): Promise<void> {
  if (role === null) return;
  const state = await loginRoleState(tx, role);
  if (state === undefined) throw loginRoleUnfit(role, "is not there");
  if (!state.canLogIn) throw loginRoleUnfit(role, "may not log in");
  if (state.holder !== null) throw loginRoleUnfit(role, `is operator ${state.holder}'s`);
}
