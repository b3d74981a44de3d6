import { send, type Sql, type Transaction } from "../../db/database.ts";
import { joiningByIndex } from "../../db/planner.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import type { Bps } from "../../shared/rates.ts";
import { soundClosings } from "./closings-sql.ts";
import { cashFacts } from "./cash-sql.ts";
import { cashBehindPoints, type AccountTotals } from "./coverage.ts";
import { memorandaByDay } from "./memoranda-sql.ts";
import { accounts, cashFigure, type Account } from "./model.ts";

interface AccountSum {
  readonly account: Account;
  readonly amount: bigint;
}

const allAccounts = Object.keys(accounts) as readonly Account[];

const noTotals = Object.fromEntries(allAccounts.map((account) => [account, 0n])) as Record<Account, bigint>;

/**
 * The balances of control accounts: debits minus credits, in fen or points; 0 where nothing was posted. Computed from
 * the last closing and what was posted for later dates, so the cost follows the dates that are not closed, not the
 * history.
 *
 * @param wanted the accounts to read; all others are returned as 0
 * @param until at the end of this business date; now, when not given
 */
export async function accountTotals(
  sql: Sql,
  wanted: readonly Account[] = allAccounts,
  until?: BusinessDate,
): Promise<AccountTotals> {
  const upTo = until ?? null;
  const closed = await sql<(AccountSum & { businessDate: BusinessDate })[]>`
    SELECT c.business_date, c.account, c.amount
    FROM (SELECT * FROM (${soundClosings(sql)}) d WHERE ${upTo}::date IS NULL OR d.business_date <= ${upTo}::date
      LIMIT 1) d
    JOIN account_closings c ON c.business_date = d.business_date AND c.run_id = d.run_id`;
  const closedDate = closed[0]?.businessDate;
  const moved =
    closedDate === undefined ? await sumOfAll(sql, wanted, until) : await sumAfter(sql, wanted, closedDate, until);
  const totals = { ...noTotals };
  for (const { account, amount } of [...closed, ...moved]) if (wanted.includes(account)) totals[account] += amount;
  return totals;
}

/** The sums of all postings, up to a date where one is given: the only way as long as no date is closed. */
const sumOfAll = (
  sql: Sql,
  wanted: readonly Account[],
  until: BusinessDate | undefined,
): Promise<readonly AccountSum[]> => sql<AccountSum[]>`
  SELECT account, sum(amount)::bigint AS amount
  FROM journal_lines ${until === undefined ? sql`` : sql`JOIN journal_transactions t USING (journal_id)`}
  WHERE account = ANY(${[...wanted]}::text[]) ${until === undefined ? sql`` : sql`AND t.business_date <= ${until}`}
  GROUP BY account`;

/** The lines of a transaction `t`, for a join. OFFSET 0 has them read by transaction, never by a scan. */
const linesOf = (sql: Sql, wanted: readonly Account[]) =>
  sql`(SELECT x.account, x.amount FROM journal_lines x
    WHERE x.journal_id = t.journal_id AND x.account = ANY(${[...wanted]}::text[]) OFFSET 0)`;

/** The sums of postings for the dates after a closed one. */
const sumAfter = (
  sql: Sql,
  wanted: readonly Account[],
  closed: BusinessDate,
  until: BusinessDate | undefined,
): Promise<readonly AccountSum[]> =>
  joiningByIndex(sql, () =>
    send(sql<AccountSum[]>`
    SELECT l.account, sum(l.amount)::bigint AS amount
    FROM journal_transactions t CROSS JOIN LATERAL ${linesOf(sql, wanted)} l
    WHERE t.business_date > ${closed}::date AND t.business_date <= ${until ?? "infinity"}::date
    GROUP BY l.account`),
  );

/**
 * The balances of control accounts at the end of each of some days, as in `accountTotals`. Read from the closings; for
 * a day without one, computed back from the following day.
 *
 * @param days at least one, in ascending order, without a gap
 */
export async function accountTotalsByDay(
  sql: Sql,
  wanted: readonly Account[],
  days: readonly BusinessDate[],
): Promise<ReadonlyMap<BusinessDate, AccountTotals>> {
  const closings = byDay(
    await sql<DayAmount[]>`
    SELECT c.business_date, c.account, c.amount
    FROM (${soundClosings(sql)}) d JOIN account_closings c ON c.business_date = d.business_date AND c.run_id = d.run_id
    WHERE d.business_date >= ${days[0]!} AND d.business_date <= ${days.at(-1)!}`,
  );
  const afterGaps = days.filter((_, index) => index > 0 && !closings.has(days[index - 1]!));
  const moves =
    afterGaps.length === 0
      ? new Map<BusinessDate, AccountTotals>()
      : byDay(await movesByDay(sql, wanted, afterGaps[0]!, afterGaps.at(-1)!));
  let present = await accountTotals(sql, wanted, days.at(-1));
  const totals = [[days.at(-1)!, present] as const];
  for (let index = days.length - 1; index > 0; index -= 1) {
    present = closings.get(days[index - 1]!) ?? less(present, moves.get(days[index]!));
    totals.unshift([days[index - 1]!, present]);
  }
  return new Map(totals);
}

/** The cash behind the points at the end of each of some days that closed with it recorded. */
export async function cashByDay(sql: Sql, days: readonly BusinessDate[]): Promise<ReadonlyMap<BusinessDate, Fen>> {
  const rows = await sql<{ businessDate: BusinessDate; amount: Fen }[]>`
    SELECT c.business_date, c.amount
    FROM (${soundClosings(sql)}) d JOIN account_closings c ON c.business_date = d.business_date AND c.run_id = d.run_id
    WHERE c.account = ${cashFigure} AND d.business_date = ANY(${[...days]}::date[])`;
  return new Map(rows.map(({ businessDate, amount }) => [businessDate, amount]));
}

interface DayAmount extends AccountSum {
  readonly businessDate: BusinessDate;
}

function byDay(rows: readonly DayAmount[]): Map<BusinessDate, AccountTotals> {
  const days = new Map<BusinessDate, AccountTotals>();
  for (const { businessDate, account, amount } of rows)
    days.set(businessDate, { ...(days.get(businessDate) ?? noTotals), [account]: amount });
  return days;
}

const less = (totals: AccountTotals, moved: AccountTotals = noTotals): AccountTotals =>
  Object.fromEntries(allAccounts.map((account) => [account, totals[account] - moved[account]])) as AccountTotals;

/** The sums of postings for each of the dates from one to another. */
const movesByDay = (
  sql: Sql,
  wanted: readonly Account[],
  first: BusinessDate,
  last: BusinessDate,
): Promise<readonly DayAmount[]> =>
  joiningByIndex(sql, () =>
    send(sql<DayAmount[]>`
    SELECT t.business_date, l.account, sum(l.amount)::bigint AS amount
    FROM journal_transactions t CROSS JOIN LATERAL ${linesOf(sql, wanted)} l
    WHERE t.business_date >= ${first} AND t.business_date <= ${last}
    GROUP BY t.business_date, l.account`),
  );

/** The money in the points fund, in fen, open withdrawals included. */
export async function fundMoney(sql: Sql): Promise<Fen> {
  return -(await accountTotals(sql, ["points_fund"])).points_fund;
}

/**
 * Records the balances of the control accounts, the memoranda and the cash behind the points at the end of a date that
 * has just been closed. It takes no more entries, so they hold until it or an earlier date is reopened.
 *
 * @param pointsBps of the policy in force on the date
 */
export async function closeAccounts(tx: Transaction, date: BusinessDate, runId: bigint, pointsBps: Bps): Promise<void> {
  const totals = await accountTotals(tx, allAccounts, date);
  const sums = Object.entries({
    ...totals,
    ...(await memorandaByDay(tx, [date])).get(date),
    [cashFigure]: cashBehindPoints(totals, await cashFacts(tx, date), pointsBps),
  });
  await tx`
    INSERT INTO account_closings (business_date, run_id, account, amount)
    SELECT ${date}, ${runId}, *
    FROM unnest(${sums.map(([account]) => account)}::text[], ${sums.map(([, amount]) => `${amount}`)}::bigint[])`;
}
