import { send, type Sql, type Transaction } from "../../db/database.ts";
import { joiningByIndex } from "../../db/planner.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import { soundClosings } from "./closings-sql.ts";
import { memorandaByDay } from "./memoranda-sql.ts";
import { accounts, type Account } from "./model.ts";

interface AccountSum {
  readonly account: Account;
  readonly amount: bigint;
}

const allAccounts = Object.keys(accounts) as readonly Account[];

/** Debits minus credits of each account, in fen or points. */
export type AccountTotals = Readonly<Record<Account, bigint>>;

const noTotals = Object.fromEntries(allAccounts.map((account) => [account, 0n])) as Record<Account, bigint>;

/**
 * What stands on control accounts: debits minus credits, in fen or points; 0 where nothing was ever posted. Read off the last
 * closing, and what was posted for later dates: the cost follows what is not closed yet, whatever the history.
 *
 * @param wanted the accounts that are asked for; the others are given as 0
 * @param until at the end of this business date; now, when not given
 */
export async function accountTotals(sql: Sql, wanted: readonly Account[] = allAccounts, until?: BusinessDate): Promise<AccountTotals> {
  const upTo = until ?? null;
  const closed = await sql<(AccountSum & { businessDate: BusinessDate })[]>`
    SELECT c.business_date, c.account, c.amount
    FROM (SELECT * FROM (${soundClosings(sql)}) d WHERE ${upTo}::date IS NULL OR d.business_date <= ${upTo}::date LIMIT 1) d
    JOIN account_closings c ON c.business_date = d.business_date AND c.run_id = d.run_id`;
  const closedDate = closed[0]?.businessDate;
  const moved = closedDate === undefined ? await sumOfAll(sql, wanted, until) : await sumBehind(sql, wanted, closedDate, until);
  const totals = { ...noTotals };
  for (const { account, amount } of [...closed, ...moved]) if (wanted.includes(account)) totals[account] += amount;
  return totals;
}

/** Everything that was posted, up to a date where one is given: as long as nothing is closed there is no other way. */
const sumOfAll = (sql: Sql, wanted: readonly Account[], until: BusinessDate | undefined): Promise<readonly AccountSum[]> => sql<AccountSum[]>`
  SELECT account, sum(amount)::bigint AS amount
  FROM journal_lines ${until === undefined ? sql`` : sql`JOIN journal_transactions t USING (journal_id)`}
  WHERE account = ANY(${[...wanted]}::text[]) ${until === undefined ? sql`` : sql`AND t.business_date <= ${until}`}
  GROUP BY account`;

/** The lines of a transaction `t`, to be joined to it. OFFSET 0: they are looked up by transaction, never read as a whole. */
const linesOf = (sql: Sql, wanted: readonly Account[]) =>
  sql`(SELECT x.account, x.amount FROM journal_lines x WHERE x.journal_id = t.journal_id AND x.account = ANY(${[...wanted]}::text[]) OFFSET 0)`;

/** What was posted for the dates behind a closed one. */
const sumBehind = (sql: Sql, wanted: readonly Account[], closed: BusinessDate, until: BusinessDate | undefined): Promise<readonly AccountSum[]> =>
  joiningByIndex(sql, () => send(sql<AccountSum[]>`
    SELECT l.account, sum(l.amount)::bigint AS amount
    FROM journal_transactions t CROSS JOIN LATERAL ${linesOf(sql, wanted)} l
    WHERE t.business_date > ${closed}::date AND t.business_date <= ${until ?? "infinity"}::date
    GROUP BY l.account`));

/**
 * What stood on control accounts at the end of each of some days, as `accountTotals` has it. Read off the closings; for a day that
 * has none, counted back from the day behind it.
 *
 * @param days at least one, in their order, without a gap
 */
export async function accountTotalsByDay(sql: Sql, wanted: readonly Account[], days: readonly BusinessDate[]): Promise<ReadonlyMap<BusinessDate, AccountTotals>> {
  const closings = byDay(await sql<DayAmount[]>`
    SELECT c.business_date, c.account, c.amount
    FROM (${soundClosings(sql)}) d JOIN account_closings c ON c.business_date = d.business_date AND c.run_id = d.run_id
    WHERE d.business_date >= ${days[0]!} AND d.business_date <= ${days.at(-1)!}`);
  const behindGap = days.filter((_, index) => index > 0 && !closings.has(days[index - 1]!));
  const moves = behindGap.length === 0 ? new Map<BusinessDate, AccountTotals>() : byDay(await movesByDay(sql, wanted, behindGap[0]!, behindGap.at(-1)!));
  let present = await accountTotals(sql, wanted, days.at(-1));
  const totals = [[days.at(-1)!, present] as const];
  for (let index = days.length - 1; index > 0; index -= 1) {
    present = closings.get(days[index - 1]!) ?? less(present, moves.get(days[index]!));
    totals.unshift([days[index - 1]!, present]);
  }
  return new Map(totals);
}

interface DayAmount extends AccountSum {
  readonly businessDate: BusinessDate;
}

function byDay(rows: readonly DayAmount[]): Map<BusinessDate, AccountTotals> {
  const days = new Map<BusinessDate, AccountTotals>();
  for (const { businessDate, account, amount } of rows) days.set(businessDate, { ...(days.get(businessDate) ?? noTotals), [account]: amount });
  return days;
}

const less = (totals: AccountTotals, moved: AccountTotals = noTotals): AccountTotals =>
  Object.fromEntries(allAccounts.map((account) => [account, totals[account] - moved[account]])) as AccountTotals;

/** What was posted for each of the dates from one to another. */
const movesByDay = (sql: Sql, wanted: readonly Account[], first: BusinessDate, last: BusinessDate): Promise<readonly DayAmount[]> =>
  joiningByIndex(sql, () => send(sql<DayAmount[]>`
    SELECT t.business_date, l.account, sum(l.amount)::bigint AS amount
    FROM journal_transactions t CROSS JOIN LATERAL ${linesOf(sql, wanted)} l
    WHERE t.business_date >= ${first} AND t.business_date <= ${last}
    GROUP BY t.business_date, l.account`));

/** The money that stands behind the points, before any open withdrawal is paid, in fen. */
export async function fundMoney(sql: Sql): Promise<Fen> {
  return -(await accountTotals(sql, ["points_fund"])).points_fund;
}

/**
 * Writes down what stands on the control accounts at the end of a date, which has just been closed, and the memoranda
 * beside them: it takes no more entries, and so these sums hold for good, unless it is reopened.
 */
export async function closeAccounts(tx: Transaction, date: BusinessDate, runId: bigint): Promise<void> {
  const totals = await accountTotals(tx, allAccounts, date);
  const sums = Object.entries({ ...totals, ...(await memorandaByDay(tx, [date])).get(date) });
  await tx`
    INSERT INTO account_closings (business_date, run_id, account, amount)
    SELECT ${date}, ${runId}, *
    FROM unnest(${sums.map(([account]) => account)}::text[], ${sums.map(([, amount]) => `${amount}`)}::bigint[])`;
}
