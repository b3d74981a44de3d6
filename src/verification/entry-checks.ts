import type { Sql } from "../db/database.ts";
import { findingsOf, namedViolations, yuanOrNull, type Findings } from "./model.ts";
import type { Scope } from "./scope.ts";

interface EntriesRow {
  readonly memberNo: string | null;
  readonly memberId: bigint;
  readonly refId: bigint;
  readonly orderNo: string | null;
  readonly withdrawalNo: string | null;
  readonly proposalNo: string | null;
  readonly kinds: string;
  readonly entries: bigint;
  readonly lastEntryNo: number;
  readonly isNumbered: boolean;
  readonly found: bigint;
}

/**
 * Invariant 3: the entries of an order or a withdrawal are numbered from 1 without a gap, so nothing was granted twice,
 * an adjustment has one that moves its points, and each entry has its order, withdrawal or adjustment.
 */
export async function entriesAreExplained(
  sql: Sql,
  { entries, orders, withdrawals, counted }: Pick<Scope, "entries" | "orders" | "withdrawals" | "counted">,
): Promise<Findings> {
  const rows = await sql<EntriesRow[]>`
    SELECT m.member_no, e.member_id, e.ref_id, o.order_no, w.withdrawal_no, a.proposal_no, e.kinds, e.entries,
      e.last_entry_no, e.is_numbered, count(*) OVER () AS found
    FROM (
      SELECT member_id, ref_id, count(*) AS entries, max(entry_no) AS last_entry_no,
             min(entry_no) = 1 AND max(entry_no) = count(*) AS is_numbered, string_agg(DISTINCT kind, ', ') AS kinds,
             bool_and(kind IN ('grant', 'clawback', 'contribution')) AS of_order,
             bool_and(kind IN ('hold', 'release', 'burn')) AS of_withdrawal, bool_and(kind = 'adjust')
               AND count(*) = 1 AS of_adjustment, sum(available_points) AS points
      FROM ${entries} x GROUP BY member_id, ref_id
    ) e
    LEFT JOIN ${orders} o ON o.member_id = e.member_id AND o.order_id = e.ref_id
    LEFT JOIN ${withdrawals} w ON w.member_id = e.member_id AND w.withdrawal_id = e.ref_id
    LEFT JOIN adjustments a ON a.adjustment_id = e.ref_id
    LEFT JOIN members m ON m.member_id = e.member_id
    WHERE NOT (e.is_numbered AND ((e.of_order AND o.order_id IS NOT NULL)
      OR (e.of_withdrawal AND w.withdrawal_id IS NOT NULL)
      OR (e.of_adjustment AND (a.member_id, a.points) IS NOT DISTINCT FROM (e.member_id, e.points))))
    ORDER BY e.member_id, e.ref_id LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT entries AS count FROM ${counted} c`;
  return findingsOf(all!.count, rows, (row) => ({
    member_no: row.memberNo ?? `member_id ${row.memberId}`,
    explained_by: row.orderNo ?? row.withdrawalNo ?? row.proposalNo ?? `nothing (ref_id ${row.refId})`,
    kinds: row.kinds,
    entries: row.entries,
    last_entry_no: row.lastEntryNo,
    numbered_without_gap: row.isNumbered,
  }));
}

/**
 * Invariant 3: a withdrawal has the entries of its state, each on its day: a hold, and a release or burn when it has
 * ended.
 */
export async function withdrawalsHaveTheirEntries(
  sql: Sql,
  { entries, withdrawals }: Pick<Scope, "entries" | "withdrawals">,
): Promise<Findings> {
  type Row = {
    withdrawalNo: string;
    memberNo: string | null;
    status: string;
    points: bigint;
    held: bigint;
    released: bigint;
    burned: bigint;
    areOnTheirDays: boolean;
    found: bigint;
  };
  const onTheirDays = sql`e.held_on = w.business_date
    AND (e.ended_on IS NULL OR e.ended_on = (w.decided_at AT TIME ZONE (SELECT time_zone FROM platform))::date)`;
  const rows = await sql<Row[]>`
    SELECT w.withdrawal_no, m.member_no, w.status, w.points, coalesce(e.held, 0) AS held,
           coalesce(e.released, 0) AS released, coalesce(e.burned, 0) AS burned,
           coalesce(${onTheirDays}, false) AS are_on_their_days, count(*) OVER () AS found
    FROM ${withdrawals} w
    LEFT JOIN (
      SELECT member_id, ref_id, max(business_date) FILTER (WHERE kind = 'hold') AS held_on, max(business_date)
        FILTER (WHERE kind <> 'hold') AS ended_on,
             sum(held_points) FILTER (WHERE kind = 'hold')::bigint AS held,
             -sum(held_points) FILTER (WHERE kind = 'release')::bigint AS released, -sum(held_points)
               FILTER (WHERE kind = 'burn')::bigint AS burned
      FROM ${entries} x WHERE kind IN ('hold', 'release', 'burn') GROUP BY member_id, ref_id
    ) e ON e.member_id = w.member_id AND e.ref_id = w.withdrawal_id
    LEFT JOIN members m ON m.member_id = w.member_id
    WHERE (coalesce(e.held, 0), coalesce(e.released, 0), coalesce(e.burned, 0)) <>
      (w.points, CASE WHEN w.status IN ('rejected', 'cancelled', 'expired', 'failed') THEN w.points ELSE 0 END,
       CASE WHEN w.status = 'paid' THEN w.points ELSE 0 END)
      OR (${onTheirDays}) IS NOT TRUE
    ORDER BY w.withdrawal_no LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM ${withdrawals} w`;
  return findingsOf(all!.count, rows, ({ withdrawalNo, memberNo, ...figures }) => ({
    withdrawal_no: withdrawalNo,
    member_no: memberNo,
    status: figures.status,
    points: figures.points,
    held: figures.held,
    released: figures.released,
    burned: figures.burned,
    on_their_days: figures.areOnTheirDays,
  }));
}

interface RunRow {
  readonly runId: bigint;
  readonly businessDate: string | null;
  readonly figure: string;
  readonly isMoney: boolean;
  readonly recorded: bigint | null;
  readonly entries: bigint;
  readonly found: bigint;
}

/** Invariant 3: the record of a grant run agrees with its entries, its date included, and each entry's run exists. */
export async function runsMatchEntries(sql: Sql, { sums, runs }: Pick<Scope, "sums" | "runs">): Promise<Findings> {
  const rows = await sql<RunRow[]>`
    SELECT run_id, r.business_date, f.figure, f.is_money, f.recorded, f.entries, count(*) OVER () AS found
    FROM ${runs} r
    FULL JOIN (
      SELECT run_id, min(business_date) AS first_date, max(business_date) AS last_date, sum(entries)::bigint AS orders,
             sum(points_granted)::bigint AS points_granted, sum(points_clawed_back)::bigint AS points_clawed_back,
             sum(contribution_fen)::bigint AS contribution_fen
      FROM ${sums} x WHERE run_id IS NOT NULL GROUP BY run_id
    ) e USING (run_id)
    CROSS JOIN LATERAL (VALUES
      ('orders', false, r.orders, coalesce(e.orders, 0)),
      ('points_granted', false, r.points_granted, coalesce(e.points_granted, 0)),
      ('points_clawed_back', false, r.points_clawed_back, coalesce(e.points_clawed_back, 0)),
      ('contribution', true, r.contribution_fen, coalesce(e.contribution_fen, 0)),
      ('dates', false, 0, num_nonnulls(nullif(e.first_date, r.business_date),
        nullif(e.last_date, r.business_date))::bigint)
    ) AS f (figure, is_money, recorded, entries)
    WHERE f.recorded IS DISTINCT FROM f.entries
    ORDER BY run_id, f.figure LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM ${runs} r`;
  return findingsOf(all!.count, rows, ({ runId, businessDate, figure, isMoney, recorded, entries }) => ({
    run_id: runId,
    business_date: businessDate,
    figure,
    recorded: isMoney ? yuanOrNull(recorded) : recorded,
    by_entries: isMoney ? yuanOrNull(entries) : entries,
  }));
}
