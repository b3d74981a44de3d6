import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { judged, waitingPages, type JudgedWithdrawal } from "./by-risk.ts";
import { selectWithdrawals, type WithdrawalFilter, type WithdrawalRow } from "./read-sql.ts";
import type { RiskFilter } from "./risk.ts";

/** What a list can be narrowed to. */
export interface ListFilter extends WithdrawalFilter {
  /** Only those that wait for a decision, and that nothing, something, or one thing speaks against. */
  readonly risk?: RiskFilter | undefined;
}

/** One page of withdrawals, and the key that the next page starts after, if there is one. */
export interface WithdrawalPage {
  readonly withdrawals: readonly JudgedWithdrawal[];
  readonly nextAfter: string | undefined;
}

/** Lists withdrawals in the order of their numbers, oldest first, a page at a time. */
export async function listWithdrawals(
  context: Context,
  { risk, ...filter }: ListFilter,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<WithdrawalPage> {
  const more = page.limit + 1;
  const found = risk === undefined
    ? await reading(() => selectWithdrawals(context.db.sql, filter, { ...page, limit: more }))
    : await firstOf(waitingPages(context, filter, risk, page.after), more);
  const withdrawals = await judged(context, found.slice(0, page.limit));
  return { withdrawals, nextAfter: found.length > page.limit ? withdrawals.at(-1)?.withdrawalNo : undefined };
}

async function firstOf(pages: AsyncIterable<readonly WithdrawalRow[]>, limit: number): Promise<readonly WithdrawalRow[]> {
  const found: WithdrawalRow[] = [];
  for await (const page of pages) {
    found.push(...page.slice(0, limit - found.length));
    if (found.length === limit) break;
  }
  return found;
}
