import { actionsOf, type RecordedAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { reading, type Sql } from "../../db/database.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import { operatorUnknown } from "./refusals.ts";
import { weightyRoles } from "./model.ts";
import { approvingAdmins, findOperator, operatorNames, selectOperators, type OperatorRow } from "./sql.ts";

/** Lists operators by name. */
export const listOperators = ({ db }: Pick<Context, "db">, page: PageQuery): Promise<Page<OperatorRow>> =>
  reading(async () => pageOf(await selectOperators(db.sql, oneMore(page)), page.limit, ({ name }) => name));

/**
 * The admins who could approve that somebody has a role: none where it neither approves nor moves money, or where the
 * one at work is the only other admin.
 */
export async function roleApprovers(
  sql: Sql,
  { operator, clock }: Pick<Context, "operator" | "clock">,
  { name, role }: Pick<OperatorRow, "name" | "role">,
): Promise<readonly string[]> {
  if (!weightyRoles.includes(role)) return [];
  return (await approvingAdmins(sql, clock())).filter((admin) => admin !== operator.name && admin !== name);
}

/** Whether another admin has to approve that somebody has a role. */
export const needsApproval = (context: Context, one: Pick<OperatorRow, "name" | "role">): Promise<boolean> =>
  reading(async () => (await roleApprovers(context.db.sql, context, one)).length > 0);

/** Reads one operator without their story. @throws refused `operator_unknown` */
export const operatorOf = ({ db: { sql } }: Pick<Context, "db">, name: string): Promise<OperatorRow> =>
  reading(async () => {
    const operator = await findOperator(sql, { name });
    if (operator === undefined) throw operatorUnknown(name, await operatorNames(sql));
    return operator;
  });

/** An operator, and what was done with their registration. */
export interface OperatorStory extends OperatorRow {
  readonly actions: readonly RecordedAction[];
}

/** Reads one operator. @throws refused `operator_unknown` */
export const showOperator = async (context: Pick<Context, "db">, name: string): Promise<OperatorStory> => {
  const operator = await operatorOf(context, name);
  return reading(async () => ({ ...operator, actions: await actionsOf(context, "operator", name) }));
};
