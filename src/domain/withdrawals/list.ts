import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import { judged, waitingPages, type JudgedWithdrawal } from "./by-risk.ts";
import { selectWithdrawals, type WithdrawalFilter, type WithdrawalRow } from "./read-sql.ts";
import type { RiskFilter } from "./risk.ts";

/** The filters of a list. */
export interface ListFilter extends WithdrawalFilter {
  /** Only withdrawals that wait for a decision, with no risk, any risk, or one risk. */
  readonly risk?: RiskFilter | undefined;
}

/** Lists withdrawals in the order of their numbers, oldest first, a page at a time. */
export async function listWithdrawals(
  context: Context,
  { risk, ...filter }: ListFilter,
  query: PageQuery,
): Promise<Page<JudgedWithdrawal>> {
  const found =
    risk === undefined
      ? await reading(() => selectWithdrawals(context.db.sql, filter, oneMore(query)))
      : await firstOf(waitingPages(context, filter, risk, query.after), query.limit + 1);
  const { rows, next } = pageOf(found, query.limit, ({ withdrawalNo }) => withdrawalNo);
  return { rows: await judged(context, rows), next };
}

async function firstOf(
  pages: AsyncIterable<readonly WithdrawalRow[]>,
  limit: number,
): Promise<readonly WithdrawalRow[]> {
  const found: WithdrawalRow[] = [];
  for await (const page of pages) {
    found.push(...page.slice(0, limit - found.length));
    if (found.length === limit) break;
  }
  return found;
}
