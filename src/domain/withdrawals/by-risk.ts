import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { lacksEvidence } from "../evidence/verdict-sql.ts";
import { selectWithdrawals, type WithdrawalFilter, type WithdrawalRow } from "./read-sql.ts";
import { risksOf } from "./risk-sql.ts";
import type { Risk, RiskFilter } from "./risk.ts";

/** A withdrawal with its risks; null when it does not wait for a decision. */
export interface JudgedWithdrawal extends WithdrawalRow {
  readonly risks: readonly Risk[] | null;
}

const firstPage = 50;
/** After a page without any match, the next page is this many times as large, up to a limit. */
const pageGrowth = 4;
const maxPage = 5000;

/** Adds the risks to each withdrawal that waits for a decision. */
export async function judged(
  { db }: Pick<Context, "db">,
  withdrawals: readonly WithdrawalRow[],
): Promise<readonly JudgedWithdrawal[]> {
  const waiting = withdrawals.filter(({ status }) => status === "requested");
  const risks =
    waiting.length === 0
      ? new Map<bigint, readonly Risk[]>()
      : await reading(() => risksOf(db.sql, waiting, lacksEvidence(db.sql)));
  return withdrawals.map((one) => Object.assign(one, { risks: risks.get(one.withdrawalId) ?? null }));
}

/**
 * Yields the withdrawals that wait for a decision, the oldest first, a page at a time, so that the first comes quickly
 * however many there are. Pages grow where few match.
 *
 * @param risk only withdrawals with this risk; undefined for all, without reading risks
 */
export async function* waitingPages(
  context: Context,
  filter: Omit<WithdrawalFilter, "status">,
  risk: RiskFilter | undefined,
  after?: string,
): AsyncGenerator<readonly WithdrawalRow[], void, undefined> {
  let last = after;
  let [done, limit] = [0, firstPage];
  for (;;) {
    context.signal.throwIfAborted();
    const page = { limit, ...(last === undefined ? {} : { after: last }) };
    const found = await reading(() => selectWithdrawals(context.db.sql, { ...filter, status: "requested" }, page));
    const wanted =
      risk === undefined ? found : (await judged(context, found)).filter(({ risks }) => isWanted(risks ?? [], risk));
    if (wanted.length > 0) yield wanted;
    if (found.length < limit) return;
    last = found.at(-1)!.withdrawalNo;
    done += limit;
    limit = wanted.length > 0 ? firstPage : Math.min(limit * pageGrowth, maxPage);
    // Where few match, the next one may be far away.
    context.onProgress({ phase: "looking through withdrawals", done, unit: "rows" });
  }
}

function isWanted(risks: readonly Risk[], wanted: RiskFilter): boolean {
  if (wanted === "none" || wanted === "any") return (risks.length === 0) === (wanted === "none");
  return risks.some((risk) => risk === wanted);
}
