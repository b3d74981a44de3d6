import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import { selectAdjustments, type AdjustmentFilter, type AdjustmentKey, type ListedAdjustment } from "./list-sql.ts";

/** Lists adjustments, proposed and applied ones: the newest proposals first, the rows of each in their order. */
export async function listAdjustments(
  { db }: Pick<Context, "db">,
  filter: AdjustmentFilter,
  query: PageQuery<AdjustmentKey>,
): Promise<Page<ListedAdjustment, AdjustmentKey>> {
  return pageOf(
    await reading(() => selectAdjustments(db.sql, filter, oneMore(query))),
    query.limit,
    ({ proposalNo, rowNo }) => ({ proposalNo, rowNo }),
  );
}
