import { send, type Fragment, type Sql } from "../../db/database.ts";
import { joiningByIndex } from "../../db/planner.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import { refusedError } from "../../shared/errors.ts";
import type { Fen } from "../../shared/money.ts";
import { archivedUntil, lastArchivedDate } from "../../db/archived.ts";
import { soundClosings } from "./closings-sql.ts";
import type { Memorandum } from "./model.ts";

/** The debts of members below zero, in points, and the gross of all open withdrawals, in fen. */
export type Memoranda = Readonly<Record<Memorandum, bigint>>;

const nothing: Memoranda = { member_debts: 0n, held_gross: 0n };

/**
 * A query for the debts of members, in points: by how much available and held points together are below zero, summed.
 */
const debtsNow = (sql: Sql): Fragment => sql`
  SELECT coalesce(-sum(available_points + held_points), 0)::bigint
  FROM balances WHERE in_debt AND available_points + held_points < 0`;

/** The debts of members now, in points. Read from an index of debtors, so the cost follows their number. */
export async function memberDebts(sql: Sql): Promise<bigint> {
  const [row] = await joiningByIndex(sql, () => send(sql<{ points: bigint }[]>`SELECT (${debtsNow(sql)}) AS points`));
  return row!.points;
}

/** The withdrawals that hold points. */
const openNow = (sql: Sql): Fragment =>
  sql`SELECT gross_fen FROM withdrawals WHERE status IN ('requested', 'approved', 'paying')`;

/** The number of withdrawals that hold points now, and their gross. */
export async function openWithdrawals(sql: Sql): Promise<{ readonly withdrawals: bigint; readonly grossFen: Fen }> {
  const [row] = await sql<{ withdrawals: bigint; grossFen: bigint }[]>`
    SELECT count(*) AS withdrawals, coalesce(sum(gross_fen), 0)::bigint AS gross_fen FROM (${openNow(sql)}) w`;
  return row!;
}

/**
 * By how much each later date changed the memoranda: a query for business_date, account, amount. Debts are computed
 * back from the balances, a member's dates from the newest to the oldest; only members with a clawback can have had
 * one.
 *
 * Where entries are archived, all up to the newest archived date counts as moved on that: what they came to is kept, and
 * not date by date.
 *
 * @param after the dates after this one; `-infinity` for all there are
 */
export const memorandumMoves = (sql: Sql, after: BusinessDate | "-infinity"): Fragment => sql`
  SELECT business_date, 'member_debts' AS account,
    sum(greatest(-total, 0) - greatest(moved - total, 0))::bigint AS amount
  FROM (
    SELECT e.business_date, e.moved, e.points - coalesce(sum(e.moved) OVER later_dates, 0) AS total
    FROM (
      SELECT e.member_id, e.business_date, b.available_points + b.held_points AS points,
        sum(e.available_points + e.held_points) AS moved
      FROM (
        SELECT member_id, greatest(business_date, ${archivedUntil(sql)}) AS business_date, available_points, held_points
        FROM points_entries
        WHERE business_date > ${after}::date AND kind NOT IN ('hold', 'release')
        UNION ALL
        SELECT member_id, ${archivedUntil(sql)}, available_points, 0 FROM carried_points
        WHERE ${archivedUntil(sql)} > ${after}::date
      ) e JOIN balances b ON b.member_id = e.member_id
      WHERE b.clawed_back_points > 0
      GROUP BY e.member_id, e.business_date, b.available_points + b.held_points
    ) e
    WINDOW later_dates AS (
      PARTITION BY e.member_id ORDER BY e.business_date DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
  ) days GROUP BY business_date
  UNION ALL
  SELECT t.business_date, 'held_gross', sum(CASE t.kind WHEN 'hold' THEN w.gross_fen ELSE -w.gross_fen END)::bigint
  FROM journal_transactions t
  JOIN withdrawal_keys k ON k.withdrawal_no = t.withdrawal_no
  JOIN withdrawals w ON w.member_id = k.member_id AND w.withdrawal_id = k.withdrawal_id
  WHERE t.business_date > ${after}::date AND t.kind IN ('hold', 'release', 'burn')
  GROUP BY t.business_date`;

interface MemorandumRow {
  /** Null for the present amount. */
  readonly businessDate: BusinessDate | null;
  readonly account: Memorandum;
  readonly amount: bigint;
}

/**
 * The memoranda at the end of each of some days. Read from the closings; days without one are computed back from now,
 * at a cost that follows the entries since the first of them.
 *
 * @param days in ascending order
 * @throws refused `history_archived` for a day without a closing whose entries are archived
 */
export async function memorandaByDay(
  sql: Sql,
  days: readonly BusinessDate[],
): Promise<ReadonlyMap<BusinessDate, Memoranda>> {
  const closed = await sql<(MemorandumRow & { readonly businessDate: BusinessDate })[]>`
    SELECT c.business_date, c.account, c.amount
    FROM (${soundClosings(sql)}) d JOIN account_closings c ON c.business_date = d.business_date AND c.run_id = d.run_id
    WHERE d.business_date = ANY(${[...days]}::date[]) AND c.account = ANY(${Object.keys(nothing)}::text[])`;
  const memoranda = new Map<BusinessDate, Memoranda>();
  for (const { businessDate, account, amount } of closed) {
    memoranda.set(businessDate, { ...(memoranda.get(businessDate) ?? nothing), [account]: amount });
  }
  const open = days.filter((day) => !memoranda.has(day));
  if (open.length === 0) return memoranda;
  await requireHistory(sql, open[0]!);
  const rows = await nowAndMoves(sql, open[0]!);
  for (const day of open) memoranda.set(day, standingAt(rows, day));
  return memoranda;
}

async function requireHistory(sql: Sql, day: BusinessDate): Promise<void> {
  const until = await lastArchivedDate(sql);
  if (until !== null && day < until)
    throw refusedError(
      "history_archived",
      `what members owed on ${day} was never written down, and entries up to ${until} are archived`,
      { hint: "`accrue history attach` brings them back", details: { business_date: day, archived_until: until } },
    );
}

/** The present memoranda and the changes of later dates, in one statement, so that no entry is written in between. */
const nowAndMoves = (sql: Sql, after: BusinessDate): Promise<readonly MemorandumRow[]> =>
  joiningByIndex(sql, () =>
    send(sql<MemorandumRow[]>`
    SELECT NULL::date AS business_date, 'member_debts' AS account, (${debtsNow(sql)}) AS amount
    UNION ALL
    SELECT NULL, 'held_gross', coalesce(sum(gross_fen), 0)::bigint FROM (${openNow(sql)}) w
    UNION ALL
    SELECT * FROM (${memorandumMoves(sql, after)}) moves`),
  );

function standingAt(rows: readonly MemorandumRow[], day: BusinessDate): Memoranda {
  const standing = { ...nothing };
  for (const { businessDate, account, amount } of rows) {
    if (businessDate === null) standing[account] += amount;
    else if (businessDate > day) standing[account] -= amount;
  }
  return standing;
}
