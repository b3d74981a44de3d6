import { send, type Fragment, type Sql, type Transaction } from "../../db/database.ts";
import { joiningByIndex } from "../../db/planner.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import { changesOfSettled, isDue, type DueDates } from "./feed-sql.ts";

/** Creates the temporary tables of a run: the rates at its beginning, and the present chunk. */
export async function createRunTables(tx: Transaction): Promise<void> {
  await tx`
    CREATE TEMP TABLE policy_periods AS
    SELECT contribution_bps, points_bps, grant_on, grant_evidence, effective_from AS from_date,
           lead(effective_from, 1, 'infinity') OVER (ORDER BY effective_from) AS to_date
    FROM (SELECT DISTINCT ON (effective_from) * FROM policies ORDER BY effective_from, revision DESC) p`;
  await tx`
    CREATE TEMP TABLE contribution_periods AS
    SELECT merchant_id, contribution_bps, effective_from AS from_date,
           lead(effective_from, 1, 'infinity') OVER (PARTITION BY merchant_id ORDER BY effective_from) AS to_date
    FROM (SELECT DISTINCT ON (merchant_id, effective_from) * FROM contribution_rates
      ORDER BY merchant_id, effective_from, revision DESC) r`;
  await tx`CREATE TEMP TABLE taken_changes (
      member_id bigint, order_id bigint, import_id bigint, merchant_id bigint, net_fen bigint, business_date date,
      is_first boolean)`;
  await tx`
    CREATE TEMP TABLE due_orders (
      member_id bigint, order_id bigint, net_fen bigint, contribution_bps integer, points_bps integer,
      points bigint, contribution_fen bigint, entry_no smallint, is_skipped boolean, is_on_collection boolean,
      waits boolean)`;
  await tx`ANALYZE policy_periods`;
  await tx`ANALYZE contribution_periods`;
}

/**
 * Divides the feed into chunks of whole members, in the order of their ids, of about `maxChanges` rows each.
 *
 * @returns the number of changes, and the last member of each chunk, in order; one more chunk without an end follows
 * them
 */
export async function chunkEnds(
  sql: Sql,
  due: DueDates,
  maxChanges: number,
): Promise<{ readonly changes: number; readonly ends: readonly bigint[] }> {
  const ofRun = sql`FROM order_changes c
    WHERE ${isDue(sql, due)} OR (NOT c.is_first AND c.business_date <= ${due.upTo})`;
  const [feed] = await sql<{ changes: number }[]>`SELECT count(*)::integer AS changes ${ofRun}`;
  const { changes } = feed!;
  const chunks = Math.ceil(changes / maxChanges);
  if (chunks < 2) return { changes, ends: [] };
  const rows = await sql<{ memberId: bigint }[]>`
    SELECT DISTINCT unnest(ends) AS member_id
    FROM (
      SELECT percentile_disc(ARRAY(SELECT place::float8 / ${chunks} FROM generate_series(1, ${chunks - 1}) place))
             WITHIN GROUP (ORDER BY member_id) AS ends
      ${ofRun}
    ) p ORDER BY 1`;
  return { changes, ends: rows.map(({ memberId }) => memberId) };
}

/**
 * Moves the chunk's changes out of the feed. This decides what the chunk settles: all later steps derive from these
 * rows, and what an import adds from now on stays in the feed for a later run. A grant delay does not keep back changes
 * of orders that were settled before: points that were granted are clawed back at once.
 *
 * @returns the number of changes moved; several may be of one order
 */
export async function takeChanges(
  tx: Transaction,
  afterMemberId: bigint,
  lastMemberId: bigint | null,
  due: DueDates,
): Promise<number> {
  const ofChunk = tx`c.member_id > ${afterMemberId} AND c.member_id <= ${lastMemberId ?? 9_223_372_036_854_775_807n}`;
  const take = (which: Fragment) =>
    send(tx`
    WITH taken AS (
      DELETE FROM order_changes c WHERE ${ofChunk} AND ${which}
      RETURNING member_id, order_id, import_id, merchant_id, net_fen, business_date, is_first
    )
    INSERT INTO taken_changes SELECT * FROM taken`);
  await tx`TRUNCATE taken_changes, due_orders`;
  const { count } = await take(isDue(tx, due));
  if (due.dates === undefined) return count;
  const ofSettled = await joiningByIndex(tx, () => take(changesOfSettled(tx, due)));
  return count + ofSettled.count;
}

/**
 * Joins the rates in force on the business date of a change `t`: the policy's `p`, and `c` where the merchant has one
 * of its own.
 */
const ratesInForce = (tx: Transaction) => tx`
  JOIN policy_periods p ON t.business_date >= p.from_date AND t.business_date < p.to_date
  LEFT JOIN contribution_periods c ON c.merchant_id = t.merchant_id AND t.business_date >= c.from_date
    AND t.business_date < c.to_date`;

/**
 * Computes the points due for each order that no run has settled before, at the rates in force on the business date of
 * its payment. Orders of closed members are skipped.
 */
export async function computeFirstDue(tx: Transaction): Promise<void> {
  await tx`
    INSERT INTO due_orders
    SELECT r.member_id, r.order_id, r.net_fen, r.contribution_bps, r.points_bps,
      round_half_up(r.net_fen * r.contribution_bps * r.points_bps, 10000000000),
      round_half_up(r.net_fen * r.contribution_bps, 10000),
      1, r.member_id IN (SELECT m.member_id FROM members m WHERE m.status = 'closed'), r.is_on_collection, false
    FROM (
      SELECT t.member_id, t.order_id, t.net_fen, coalesce(c.contribution_bps, p.contribution_bps) AS contribution_bps,
        p.points_bps, p.grant_on = 'collection' AS is_on_collection
      FROM taken_changes t
      ${ratesInForce(tx)}
      WHERE t.is_first AND (t.member_id, t.order_id) NOT IN (SELECT l.member_id, l.order_id FROM taken_changes l
        WHERE NOT l.is_first)
    ) r`;
}

/**
 * Computes for the other orders how the points due after their latest change differ from those granted. An order that
 * was settled before keeps the rates of its first entry; one without an entry gets those in force on its date. Entries
 * are read by LATERAL with an OFFSET, which cannot be planned as a scan of the whole table.
 */
export async function computeChangedDue(tx: Transaction): Promise<void> {
  await tx`
    INSERT INTO due_orders
    SELECT r.member_id, r.order_id, r.net_fen, r.contribution_bps, r.points_bps,
      round_half_up(r.net_fen * r.contribution_bps * r.points_bps, 10000000000) - r.granted_points,
      round_half_up(r.net_fen * r.contribution_bps, 10000) - r.booked_contribution_fen,
      r.last_entry_no + 1, r.last_entry_no = 0
        AND r.member_id IN (SELECT m.member_id FROM members m WHERE m.status = 'closed'),
      r.is_on_collection, false
    FROM (
      SELECT t.member_id, t.order_id, t.net_fen, p.grant_on = 'collection' AS is_on_collection,
        coalesce(g.contribution_bps, c.contribution_bps, p.contribution_bps) AS contribution_bps,
        coalesce(g.points_bps, p.points_bps) AS points_bps,
        coalesce(g.points, 0) AS granted_points,
        coalesce(g.contribution_fen, 0) AS booked_contribution_fen,
        coalesce(g.entry_no, 0) AS last_entry_no
      FROM (
        SELECT DISTINCT ON (member_id, order_id) * FROM taken_changes WHERE NOT is_first
        ORDER BY member_id, order_id, import_id DESC
      ) t
      ${ratesInForce(tx)}
      LEFT JOIN LATERAL (
        SELECT sum(e.available_points)::bigint AS points, sum(e.contribution_fen)::bigint AS contribution_fen,
               max(e.entry_no) AS entry_no,
               min(e.contribution_bps) AS contribution_bps, min(e.points_bps) AS points_bps
        FROM (
          SELECT * FROM points_entries e WHERE e.member_id = t.member_id AND e.ref_id = t.order_id OFFSET 0
        ) e
      ) g ON true
    ) r`;
}

/**
 * Which of the due orders get an entry: at its first settlement an order of which an amount is left, even for 0 points,
 * for the entry freezes its rates; later every order whose points or contribution changed.
 */
const getsEntry = (tx: Transaction) =>
  tx`NOT is_skipped AND CASE WHEN entry_no = 1 THEN net_fen > 0 ELSE points <> 0 OR contribution_fen <> 0 END`;

/** Writes the entries. The key numbers the entries of each order, so the database refuses to grant an order twice. */
export async function insertEntries(
  tx: Transaction,
  runId: bigint,
  businessDate: BusinessDate,
  now: Date,
): Promise<number> {
  const entries = await tx`
    INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, business_date,
                                run_id, net_fen, contribution_bps, points_bps, contribution_fen, created_at)
    SELECT member_id, order_id, entry_no,
      CASE WHEN points > 0 THEN 'grant' WHEN points < 0 THEN 'clawback' ELSE 'contribution' END,
      points, 0, ${businessDate}, ${runId}, net_fen, contribution_bps, points_bps, contribution_fen, ${now}
    FROM due_orders
    WHERE ${getsEntry(tx)}
    ORDER BY member_id, order_id`;
  return entries.count;
}

/** Orders of closed members that a chunk skipped for the first time, and the points that they would have earned. */
export interface Skipped {
  /** Only those that would have earned a point. */
  readonly skippedOrders: bigint;
  readonly skippedPoints: bigint;
}

/** Records what orders of closed members would have earned, once, when a run first meets them. */
export async function insertSkips(tx: Transaction, runId: bigint): Promise<Skipped> {
  const [skipped] = await tx<Skipped[]>`
    WITH skipped AS (
      INSERT INTO grant_skips (member_id, order_id, run_id, points, net_fen, reason)
      SELECT member_id, order_id, ${runId}, points, net_fen, 'member_closed' FROM due_orders
      WHERE is_skipped AND net_fen > 0
      ON CONFLICT (member_id, order_id) DO NOTHING RETURNING points
    )
    SELECT count(*) FILTER (WHERE points > 0) AS skipped_orders, coalesce(sum(points), 0)::bigint AS skipped_points
    FROM skipped`;
  return skipped!;
}

/**
 * Changes the members' balances by the chunk's points, in the order of members, and by index: there are far more
 * members than a chunk has.
 */
export async function moveBalances(tx: Transaction): Promise<number> {
  const moved = await joiningByIndex(tx, async () =>
    send(tx`
    UPDATE balances b
    SET available_points = b.available_points + d.points,
      clawed_back_points = b.clawed_back_points + d.clawed_back_points
    FROM (
      SELECT member_id, sum(points)::bigint AS points,
             coalesce(-sum(points) FILTER (WHERE points < 0), 0)::bigint AS clawed_back_points
      FROM due_orders WHERE NOT is_skipped AND points <> 0
      GROUP BY member_id ORDER BY member_id
    ) d
    WHERE b.member_id = d.member_id`),
  );
  return moved.count;
}

/** The figures of a chunk. */
export interface ChunkTotals {
  readonly orders: bigint;
  readonly members: bigint;
  /** Members whose balance has to change. */
  readonly moved: bigint;
  readonly pointsGranted: bigint;
  readonly pointsClawedBack: bigint;
  readonly contributionFen: bigint;
  readonly hasSkips: boolean;
}

export async function chunkTotals(tx: Transaction): Promise<ChunkTotals> {
  const [totals] = await tx<ChunkTotals[]>`
    SELECT count(*) FILTER (WHERE has_entry) AS orders,
      count(DISTINCT member_id) FILTER (WHERE has_entry) AS members,
      count(DISTINCT member_id) FILTER (WHERE has_entry AND points <> 0) AS moved,
      coalesce(sum(points) FILTER (WHERE has_entry AND points > 0), 0)::bigint AS points_granted,
      coalesce(-sum(points) FILTER (WHERE has_entry AND points < 0), 0)::bigint AS points_clawed_back,
      coalesce(sum(contribution_fen) FILTER (WHERE has_entry), 0)::bigint AS contribution_fen,
      coalesce(bool_or(is_skipped), false) AS has_skips
    FROM (SELECT *, ${getsEntry(tx)} AS has_entry FROM due_orders) d`;
  return totals!;
}
