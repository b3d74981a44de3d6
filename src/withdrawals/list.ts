import type { Context } from "../db/context.ts";
import { reading } from "../db/database.ts";
import { selectWithdrawals, type WithdrawalFilter, type WithdrawalRow } from "./read-sql.ts";

/** One page of withdrawals, and the key that the next page starts after, if there is one. */
export interface WithdrawalPage {
  readonly withdrawals: readonly WithdrawalRow[];
  readonly nextAfter: string | undefined;
}

/** Lists withdrawals in the order of their numbers, oldest first, a page at a time. */
export async function listWithdrawals(
  { db }: Context,
  filter: WithdrawalFilter,
  page: { readonly after?: string; readonly limit: number },
): Promise<WithdrawalPage> {
  const found = await reading(() => selectWithdrawals(db.sql, filter, { ...page, limit: page.limit + 1 }));
  const withdrawals = found.slice(0, page.limit);
  return { withdrawals, nextAfter: found.length > page.limit ? withdrawals.at(-1)?.withdrawalNo : undefined };
}
