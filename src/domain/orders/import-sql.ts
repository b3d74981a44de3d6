import { send, type Transaction } from "../../db/database.ts";
import { joiningByIndex } from "../../db/planner.ts";
import type { MergeFacts } from "../../imports/kind.ts";
import { hashSeed, joinedMerchants, memberOf, unknownMember, unknownMerchant, type UnknownOutcome } from "./lookups-sql.ts";

/** What the merge decided for a staged row. */
export type OrderOutcome =
  | "new" | "updated" | "duplicate"
  | UnknownOutcome | "merchant_pending" | "merchant_suspended" | "paid_in_future"
  | "conflict_member" | "conflict_merchant" | "conflict_amount" | "conflict_paid_at" | "conflict_status" | "conflict_refund" | "conflict_skus";

/** Ids are given to rows as they are copied in, never by a default of the table that keeps them. */
export async function createStaging(tx: Transaction): Promise<void> {
  await tx`
    CREATE TEMP TABLE staged_orders (
      record integer, line integer, pass integer, order_id bigint DEFAULT nextval('id_seq'),
      order_no text, source text, member_no text, merchant_code text,
      amount_fen bigint, refunded_fen bigint, status text, paid_at timestamptz, skus text[], member_name text
    ) ON COMMIT DROP`;
  await tx`
    CREATE TEMP TABLE judged_orders (
      record integer, line integer, outcome text, member_id bigint, order_id bigint, merchant_id bigint,
      order_no text, source text, amount_fen bigint, refunded_fen bigint, status text, paid_at timestamptz,
      business_date date, skus text[], row_hash bigint, stored_status text, is_money_changed boolean, stored_value text
    ) ON COMMIT DROP`;
  await tx`
    CREATE TEMP TABLE fresh_orders (
      member_id bigint, order_id bigint, merchant_id bigint, order_no text, source text, amount_fen bigint, refunded_fen bigint,
      status text, paid_at timestamptz, business_date date, skus text[]
    ) ON COMMIT DROP`;
}

/** What judging a pass found beside what it wrote down: counts of rows. */
export interface Compared {
  /** Rows that hash like what is known. */
  readonly repeated: number;
  /** Rows that say something else of an order which this very import brought: it has to stand in `orders` when they are judged. */
  readonly revised: number;
}

/** Clocks of tills, and a time zone that a file does not tell, may be so far ahead. */
const clockTolerance = "1 day";

/**
 * Judges the staged rows of one pass by the order import rule. A row that hashes like the one taken last for its key is a
 * duplicate: it is counted, and costs the look-up of its key alone. All others go to `judged_orders`: new, updated,
 * duplicate after all, or the reason for a reject.
 *
 * Facts of a known order are merged one by one, so that what an order comes to does not depend on the order in which its rows
 * arrive: its status is the furthest, its refund the largest, its time of payment and its products what any row says of them. A
 * row is an update if it adds to that; one that says less is a conflict, and one that contradicts an earlier row is, too.
 *
 * The lookups by key are LATERAL with an OFFSET, which the planner cannot turn into a scan of the whole table: the cost
 * follows the rows of the chunk, even on a table that was empty when it was last analysed. Keys are looked up in the
 * order of the file and members in their own order: neighbours find what they need on the same pages, and come out nearly
 * as `orders` wants them.
 *
 * Orders that were inserted by this import are to stand in `orders` if a row revises them: see `revised`.
 */
export async function judgeStaged(tx: Transaction, pass: number, { zone, profile, importId, now }: MergeFacts): Promise<Compared> {
  const [row] = await send(tx<Compared[]>`
    WITH compared AS MATERIALIZED (
      SELECT h.*, k.member_id AS known_member_id, k.order_id AS known_order_id, k.row_hash AS known_hash, k.import_id AS known_import_id
      FROM (
        SELECT t.*, hash_record_extended(
          ROW (order_no, source, member_no, merchant_code, amount_fen, refunded_fen, status, paid_at, skus), ${hashSeed(profile)}) AS row_hash
        FROM staged_orders t WHERE pass = ${pass} OFFSET 0
      ) h
      LEFT JOIN LATERAL (
        SELECT * FROM order_keys k WHERE k.order_no = h.order_no AND k.source = h.source OFFSET 0
      ) k ON true
    ), judged AS (
      INSERT INTO judged_orders
      SELECT s.record, s.line,
        CASE
          WHEN r.merchant_id IS NULL THEN ${unknownMerchant(profile)}::text
          WHEN o.order_id IS NULL AND r.status = 'pending' THEN 'merchant_pending'
          WHEN o.order_id IS NULL AND s.paid_at >= r.suspended_at THEN 'merchant_suspended'
          WHEN m.member_id IS NULL THEN ${unknownMember(profile)}::text
          WHEN o.paid_at IS NULL AND s.paid_at > ${now}::timestamptz + ${clockTolerance}::interval THEN 'paid_in_future'
          WHEN o.order_id IS NULL THEN 'new'
          WHEN o.member_id <> m.member_id THEN 'conflict_member'
          WHEN o.merchant_id <> r.merchant_id THEN 'conflict_merchant'
          WHEN o.amount_fen <> s.amount_fen THEN 'conflict_amount'
          WHEN o.paid_at <> s.paid_at THEN 'conflict_paid_at'
          WHEN s.skus <> o.skus THEN 'conflict_skus'
          WHEN o.paid_at IS NULL AND s.paid_at >= r.suspended_at THEN 'merchant_suspended'
          WHEN order_status_rank(s.status) > order_status_rank(o.status) OR s.refunded_fen > o.refunded_fen
            OR (o.paid_at IS NULL AND s.paid_at IS NOT NULL) OR (o.skus IS NULL AND s.skus IS NOT NULL) THEN 'updated'
          WHEN s.status <> o.status THEN 'conflict_status'
          WHEN s.refunded_fen < o.refunded_fen THEN 'conflict_refund'
          ELSE 'duplicate'
        END,
        m.member_id, coalesce(o.order_id, s.order_id), r.merchant_id,
        s.order_no, s.source, s.amount_fen,
        coalesce(greatest(s.refunded_fen, o.refunded_fen), 0),
        CASE WHEN o.order_id IS NOT NULL AND order_status_rank(s.status) < order_status_rank(o.status) THEN o.status ELSE s.status END,
        coalesce(s.paid_at, o.paid_at),
        (coalesce(s.paid_at, o.paid_at) AT TIME ZONE ${zone})::date, coalesce(s.skus, o.skus), s.row_hash,
        o.status, o.order_id IS NOT NULL AND (order_status_rank(s.status) > order_status_rank(o.status) OR s.refunded_fen > o.refunded_fen),
        CASE
          WHEN o.order_id IS NULL THEN to_char(r.suspended_at AT TIME ZONE ${zone}, 'YYYY-MM-DD HH24:MI:SS')
          WHEN o.merchant_id <> r.merchant_id THEN (SELECT merchant_code FROM merchants WHERE merchant_id = o.merchant_id)
          WHEN o.amount_fen <> s.amount_fen THEN o.amount_fen::text
          WHEN o.paid_at <> s.paid_at THEN to_char(o.paid_at AT TIME ZONE ${zone}, 'YYYY-MM-DD HH24:MI:SS')
          WHEN s.skus <> o.skus THEN array_to_string(o.skus, ';')
          WHEN o.paid_at IS NULL AND s.paid_at >= r.suspended_at THEN to_char(r.suspended_at AT TIME ZONE ${zone}, 'YYYY-MM-DD HH24:MI:SS')
          WHEN order_status_rank(s.status) < order_status_rank(o.status) THEN o.status
          WHEN s.refunded_fen < o.refunded_fen THEN o.refunded_fen::text
        END
      FROM (SELECT * FROM compared WHERE known_hash IS DISTINCT FROM row_hash ORDER BY member_no COLLATE "C") s
      ${joinedMerchants(tx, profile)}
      LEFT JOIN LATERAL (${memberOf(tx, profile)}) m ON true
      LEFT JOIN LATERAL (
        SELECT t.* FROM orders t WHERE t.member_id = s.known_member_id AND t.order_id = s.known_order_id OFFSET 0
      ) o ON true
    )
    SELECT count(*) FILTER (WHERE known_hash = row_hash)::integer AS repeated,
      count(*) FILTER (WHERE known_hash <> row_hash AND known_import_id = ${importId})::integer AS revised
    FROM compared`);
  return row!;
}

/**
 * Writes the keys of the new orders, and puts the orders by until `writeFresh`. Keys go in in the order of the file, where
 * order numbers mostly grow. Gives the number of keys and of orders.
 */
export function insertNew(tx: Transaction, { importId }: MergeFacts): Promise<readonly number[]> {
  return counted([
    send(tx`
      INSERT INTO order_keys (order_no, source, member_id, order_id, import_id, line, row_hash)
      SELECT order_no, source, member_id, order_id, ${importId}, line, row_hash
      FROM judged_orders WHERE outcome = 'new' ORDER BY record`),
    send(tx`
      INSERT INTO fresh_orders
      SELECT member_id, order_id, merchant_id, order_no, source, amount_fen, refunded_fen, status, paid_at, business_date, skus
      FROM judged_orders WHERE outcome = 'new'`),
  ]);
}

/**
 * Writes the orders that were put by and, for paid ones, the feed of the points-grant batch. Both are kept by member, and the
 * members of a file come in any order: many are written at once, so that neighbours among all orders go on one page
 * together, and not each chunk touches nearly every page of a large table.
 *
 * @returns how many orders
 */
export async function writeFresh(tx: Transaction, importId: bigint): Promise<number> {
  const [orders] = await counted([
    send(tx`
      INSERT INTO orders (member_id, order_id, merchant_id, amount_fen, refunded_fen, paid_at, business_date, status, source, order_no, skus)
      SELECT member_id, order_id, merchant_id, amount_fen, refunded_fen, paid_at, business_date, status, source, order_no, skus
      FROM fresh_orders ORDER BY member_id, order_id`),
    send(tx`
      INSERT INTO order_changes (member_id, order_id, import_id, merchant_id, net_fen, business_date, is_first)
      SELECT member_id, order_id, ${importId}, merchant_id, amount_fen - refunded_fen, business_date, true
      FROM fresh_orders WHERE status = 'paid' ORDER BY member_id, order_id`),
    send(tx`TRUNCATE fresh_orders`),
  ]);
  return orders!;
}

/**
 * Moves known orders forward, each on the condition that it still is what it was judged by; and feeds the batch where money
 * changed. Gives the number of orders and of keys.
 */
export function updateKnown(tx: Transaction, { importId }: MergeFacts): Promise<readonly number[]> {
  return joiningByIndex(tx, () =>
    counted([
      send(tx`
        UPDATE orders o SET status = j.status, paid_at = j.paid_at, business_date = j.business_date, refunded_fen = j.refunded_fen, skus = j.skus
        FROM judged_orders j
        WHERE j.outcome = 'updated' AND o.member_id = j.member_id AND o.order_id = j.order_id AND o.status = j.stored_status`),
      send(tx`
        UPDATE order_keys k SET row_hash = j.row_hash FROM judged_orders j
        WHERE j.outcome = 'updated' AND k.order_no = j.order_no AND k.source = j.source`),
      send(tx`
        INSERT INTO order_changes (member_id, order_id, import_id, merchant_id, net_fen, business_date, is_first)
        SELECT member_id, order_id, ${importId}, merchant_id, CASE WHEN status = 'paid' THEN amount_fen - refunded_fen ELSE 0 END,
          business_date, stored_status = 'pending'
        FROM judged_orders
        WHERE outcome = 'updated' AND is_money_changed AND (status = 'paid' OR stored_status = 'paid')
        ON CONFLICT (member_id, order_id, import_id) DO UPDATE SET net_fen = excluded.net_fen`),
    ]),
  );
}

const counted = async (statements: readonly PromiseLike<{ readonly count: number }>[]): Promise<readonly number[]> =>
  (await Promise.all(statements)).map(({ count }) => count);

/** How many rows of the pass came to which outcome. */
export async function countOutcomes(tx: Transaction): Promise<ReadonlyMap<OrderOutcome, number>> {
  const rows = await send(tx<{ outcome: OrderOutcome; rows: number }[]>`
    SELECT outcome, count(*)::integer AS rows FROM judged_orders GROUP BY outcome`);
  return new Map(rows.map(({ outcome, rows }) => [outcome, rows]));
}

/** A row that is rejected, with what the message needs. */
export interface JudgedReject {
  readonly record: number;
  readonly outcome: OrderOutcome;
  /** What the database holds instead, where the outcome is a conflict. */
  readonly storedValue: string | null;
}

export function rejectedRows(tx: Transaction): Promise<readonly JudgedReject[]> {
  return send(tx<JudgedReject[]>`
    SELECT record, outcome, stored_value FROM judged_orders WHERE outcome NOT IN ('new', 'updated', 'duplicate')`);
}

/** Makes room for the next pass. */
export function clearJudged(tx: Transaction): Promise<unknown> {
  return send(tx`TRUNCATE judged_orders`);
}
