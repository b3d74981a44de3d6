import type { Fragment, Sql } from "../db/database.ts";
import { carriedOfMembers } from "../db/archived.ts";
import { areSame, newWeight } from "./fingerprints.ts";
import { findingsOf, namedViolations, noneOf, type Findings } from "./model.ts";
import type { Scope } from "./scope.ts";

async function countBalances(sql: Sql): Promise<bigint> {
  const [row] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM balances`;
  return row!.count;
}

interface BalanceRow {
  readonly memberNo: string | null;
  readonly memberId: bigint;
  readonly availablePoints: bigint | null;
  readonly heldPoints: bigint | null;
  readonly clawedBackPoints: bigint | null;
  readonly availableEntries: bigint;
  readonly heldEntries: bigint;
  readonly clawedBackEntries: bigint;
  readonly found: bigint;
}

/** Invariant 1: a member's available and held points are the sums of the member's entries, archived ones included. */
export async function balancesMatchEntries(sql: Sql): Promise<Findings> {
  const checked = await countBalances(sql);
  if (await balancesWeighTheSame(sql)) return noneOf(checked);
  const rows = await sql<BalanceRow[]>`
    WITH wrong AS MATERIALIZED (
      SELECT member_id, b.available_points, b.held_points, b.clawed_back_points,
             coalesce(e.available, 0) AS available_entries, coalesce(e.held, 0) AS held_entries,
             coalesce(e.clawed_back, 0) AS clawed_back_entries, count(*) OVER () AS found
      FROM balances b
      FULL JOIN (
        SELECT member_id, sum(available)::bigint AS available, sum(held)::bigint AS held,
          sum(clawed_back)::bigint AS clawed_back
        FROM (
          SELECT member_id, sum(available_points) AS available, sum(held_points) AS held,
            coalesce(-sum(available_points) FILTER (WHERE kind = 'clawback'), 0) AS clawed_back
          FROM points_entries GROUP BY member_id
          UNION ALL
          SELECT member_id, available_points, 0, clawed_back_points FROM carried_points
        ) x GROUP BY member_id
      ) e USING (member_id)
      WHERE (b.available_points, b.held_points, b.clawed_back_points)
        IS DISTINCT FROM (coalesce(e.available, 0), coalesce(e.held, 0), coalesce(e.clawed_back, 0))
      ORDER BY member_id LIMIT ${namedViolations}
    )
    SELECT m.member_no, w.* FROM wrong w LEFT JOIN members m USING (member_id) ORDER BY member_id`;
  return findingsOf(checked, rows, (row) => ({
    member_no: row.memberNo ?? `member_id ${row.memberId}`,
    available: row.availablePoints,
    available_by_entries: row.availableEntries,
    held: row.heldPoints,
    held_by_entries: row.heldEntries,
    clawed_back: row.clawedBackPoints,
    clawed_back_by_entries: row.clawedBackEntries,
  }));
}

/** Whether entries and balances bring each member the same points, by their fingerprints. */
export async function balancesWeighTheSame(sql: Sql): Promise<boolean> {
  const ofMember = () => newWeight(sql, { number: sql`member_id` });
  const [available, held, clawedBack] = [ofMember(), ofMember(), ofMember()];
  const sumOf = (points: Fragment, weight: Fragment) =>
    sql`coalesce(sum(${points} * ${weight}) FILTER (WHERE ${points} <> 0), 0)`;
  return areSame(
    sql,
    sql`
    SELECT e.weight + c.weight AS one, b.weight AS other FROM (
      SELECT ${sumOf(sql`available_points`, available)} + ${sumOf(sql`held_points`, held)}
        - coalesce(sum(available_points * ${clawedBack}) FILTER (WHERE kind = 'clawback'), 0) AS weight
      FROM points_entries
    ) e, (
      SELECT ${sumOf(sql`available_points`, available)} + ${sumOf(sql`clawed_back_points`, clawedBack)} AS weight
      FROM carried_points
    ) c, (
      SELECT ${sumOf(sql`available_points`, available)} + ${sumOf(sql`held_points`, held)}
        + ${sumOf(sql`clawed_back_points`, clawedBack)} AS weight
      FROM balances
    ) b`,
  );
}

/** How many members of a date are checked one by one. Each has a history with entries all over the table. */
const mostMoved = 100;

/**
 * Invariant 1 for a date: the balances of the members whose points it moved most are the sums of all their entries, and
 * all balances together are those of the control accounts.
 */
export async function balancesOfTheDate(sql: Sql, { ownEntries }: Pick<Scope, "ownEntries">): Promise<Findings> {
  type Row = {
    name: string;
    available: bigint;
    held: bigint;
    availableExpected: bigint;
    heldExpected: bigint;
    looked: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT x.*, count(*) OVER () AS looked FROM (
      SELECT m.member_no AS name, b.available_points AS available, b.held_points AS held,
        e.available AS available_expected, e.held AS held_expected
      FROM (
        SELECT member_id FROM ${ownEntries} x GROUP BY member_id
        ORDER BY sum(abs(available_points) + abs(held_points)) DESC, member_id LIMIT ${mostMoved}
      ) d
      JOIN balances b ON b.member_id = d.member_id
      JOIN members m ON m.member_id = d.member_id
      CROSS JOIN LATERAL (
        SELECT sum(available_points)::bigint AS available, sum(held_points)::bigint AS held
        FROM (
          SELECT available_points, held_points FROM points_entries e WHERE e.member_id = d.member_id
          UNION ALL SELECT available_points, 0 FROM carried_points c WHERE c.member_id = d.member_id OFFSET 0
        ) e
      ) e
      UNION ALL
      SELECT 'all members', coalesce(sum(available_points), 0)::bigint, coalesce(sum(held_points), 0)::bigint,
        (SELECT coalesce(-sum(amount), 0)::bigint FROM journal_lines WHERE account = 'points_available'),
        (SELECT coalesce(-sum(amount), 0)::bigint FROM journal_lines WHERE account = 'points_held')
      FROM balances
    ) x`;
  const wrong = rows.filter((row) => row.available !== row.availableExpected || row.held !== row.heldExpected);
  return {
    checked: rows[0]?.looked ?? 0n,
    found: BigInt(wrong.length),
    violations: wrong
      .slice(0, namedViolations)
      .map(({ name, available, held, availableExpected, heldExpected }) => ({
        member_no: name,
        available,
        available_by_entries: availableExpected,
        held,
        held_by_entries: heldExpected,
      })),
  };
}

/** Invariant 1: a member's held points are the sum of the member's open withdrawals. */
export async function heldMatchesWithdrawals(sql: Sql): Promise<Findings> {
  type Row = { memberNo: string | null; memberId: bigint; heldPoints: bigint; openPoints: bigint; found: bigint };
  const rows = await sql<Row[]>`
    SELECT m.member_no, member_id, coalesce(b.held_points, 0) AS held_points, coalesce(w.open_points, 0) AS open_points,
      count(*) OVER () AS found
    FROM balances b
    FULL JOIN (
      SELECT member_id, sum(points)::bigint AS open_points FROM withdrawals
      WHERE status IN ('requested', 'approved', 'paying') GROUP BY member_id
    ) w USING (member_id)
    LEFT JOIN members m USING (member_id)
    WHERE coalesce(b.held_points, 0) <> coalesce(w.open_points, 0)
    ORDER BY member_id LIMIT ${namedViolations}`;
  return findingsOf(await countBalances(sql), rows, ({ memberNo, memberId, heldPoints, openPoints }) => ({
    member_no: memberNo ?? `member_id ${memberId}`,
    held: heldPoints,
    open_withdrawals: openPoints,
  }));
}

/** Invariant 5: available points are at most as far below zero as the member's clawbacks. */
export async function debtsAreClawbacks(sql: Sql): Promise<Findings> {
  type Row = { memberNo: string; availablePoints: bigint; clawedBack: bigint; found: bigint };
  const rows = await sql<Row[]>`
    SELECT m.member_no, d.available_points, d.clawed_back, count(*) OVER () AS found
    FROM (
      SELECT b.member_id, b.available_points,
        coalesce((SELECT -sum(e.available_points)::bigint FROM points_entries e
          WHERE e.member_id = b.member_id AND e.kind = 'clawback'), 0)
        + coalesce((SELECT c.clawed_back_points FROM ${carriedOfMembers(sql)} c
          WHERE c.member_id = b.member_id), 0) AS clawed_back
      FROM balances b WHERE b.available_points < 0
    ) d JOIN members m ON m.member_id = d.member_id
    WHERE d.available_points + d.clawed_back < 0
    ORDER BY d.member_id LIMIT ${namedViolations}`;
  const [debtors] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM balances WHERE available_points < 0`;
  return findingsOf(debtors!.count, rows, ({ memberNo, availablePoints, clawedBack }) => ({
    member_no: memberNo,
    available: availablePoints,
    clawed_back: clawedBack,
  }));
}
