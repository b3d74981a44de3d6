import { actionsOf, type RecordedAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import { operatorUnknown } from "./refusals.ts";
import { findOperator, operatorNames, selectOperators, type OperatorRow } from "./sql.ts";

/** Lists operators by name. */
export const listOperators = ({ db }: Pick<Context, "db">, page: PageQuery): Promise<Page<OperatorRow>> =>
  reading(async () => pageOf(await selectOperators(db.sql, oneMore(page)), page.limit, ({ name }) => name));

/** An operator, and what was done with their registration. */
export interface OperatorStory extends OperatorRow {
  readonly actions: readonly RecordedAction[];
}

/** Reads one operator. @throws refused `operator_unknown` */
export const showOperator = (context: Pick<Context, "db">, name: string): Promise<OperatorStory> =>
  reading(async () => {
    const { sql } = context.db;
    const operator = await findOperator(sql, { name });
    if (operator === undefined) throw operatorUnknown(name, await operatorNames(sql));
    return { ...operator, actions: await actionsOf(context, "operator", name) };
  });
