import { send, type Sql, type Transaction } from "../../db/database.ts";
import { joiningByIndex } from "../../db/planner.ts";
import type { CorrectionProblem } from "./refusals.ts";

/** Records that a proposal is being applied: the database lets nobody void orders without. */
export async function insertCorrection(
  tx: Transaction,
  one: { readonly proposalNo: string; readonly importId: bigint | null; readonly by: string; readonly at: Date },
): Promise<void> {
  await tx`
    INSERT INTO corrections (proposal_no, import_id, applied_by, applied_at)
    VALUES (${one.proposalNo}, ${one.importId}, ${one.by}, ${one.at})`;
}

/**
 * Creates the table of orders that are to become void: each with the import that brought it, and with what is put in its
 * place, of which nothing is where `new_order_id` is null.
 */
export async function createCorrected(tx: Transaction): Promise<void> {
  await tx`
    CREATE TEMP TABLE corrected_orders (
      order_no text, source text, member_id bigint, order_id bigint, import_id bigint, new_member_id bigint,
      new_order_id bigint, merchant_id bigint, amount_fen bigint, refunded_fen bigint, status text, paid_at timestamptz,
      business_date date, skus text[]) ON COMMIT DROP`;
  // Those that no run has settled: nothing is to be taken back.
  await tx`CREATE TEMP TABLE unsettled_orders (order_id bigint) ON COMMIT DROP`;
}

/**
 * Makes the orders of `corrected_orders` void and puts the new ones in their place. What was granted for the old ones is
 * clawed back by the next grant run, which settles the new ones as if they had just come; so what merchants contributed
 * on dates that are closed stays as it was, and the difference falls on that run's date. Numbered refunds go with the
 * order, but for those of an import that is undone.
 *
 * A key whose order was changed here has a hash that no row has: rows of files are judged by what they say. Where an
 * import is undone, keys that lead to nothing are left to the caller.
 *
 * @param undone the import that is undone; null for one order, which is looked up by its keys
 * @returns how many became void
 */
export async function voidOrders(tx: Transaction, proposalNo: string, undone: bigint | null): Promise<number> {
  await tx`ANALYZE corrected_orders`;
  const work = async () => {
    const [, { count }] = await Promise.all([
      send(insertVoids(tx, proposalNo)),
      send(tx`
        UPDATE orders o SET status = 'void' FROM corrected_orders c
        WHERE o.member_id = c.member_id AND o.order_id = c.order_id AND o.status <> 'void'`),
      ...feedVoids(tx).map(send),
      ...insertNew(tx, undone).map(send),
    ]);
    return count;
  };
  return undone === null ? joiningByIndex(tx, work) : work();
}

const insertVoids = (tx: Transaction, proposalNo: string) => tx`
  INSERT INTO order_voids (order_no, source, order_id, member_id, proposal_no, status, new_order_id, new_member_id)
  SELECT c.order_no, c.source, c.order_id, c.member_id, ${proposalNo}, o.status, c.new_order_id, c.new_member_id
  FROM corrected_orders c JOIN orders o ON o.member_id = c.member_id AND o.order_id = c.order_id`;

/** Takes void orders out of all that waits for a run, and has what a run settled of them settled anew, as nothing. */
const feedVoids = (tx: Transaction) => [
  tx`
    WITH fed AS (
      DELETE FROM order_changes w USING corrected_orders c WHERE w.member_id = c.member_id AND w.order_id = c.order_id
      RETURNING w.order_id, w.is_first
    ), held AS (
      DELETE FROM unevidenced_orders w USING corrected_orders c
      WHERE w.member_id = c.member_id AND w.order_id = c.order_id RETURNING w.order_id, w.is_first
    ), waiting AS (
      DELETE FROM uncollected_orders w USING corrected_orders c
      WHERE w.member_id = c.member_id AND w.order_id = c.order_id
    )
    INSERT INTO unsettled_orders
    SELECT order_id FROM fed WHERE is_first UNION ALL SELECT order_id FROM held WHERE is_first`,
  tx`
    INSERT INTO order_changes (member_id, order_id, import_id, merchant_id, net_fen, business_date, is_first)
    SELECT o.member_id, o.order_id, c.import_id, o.merchant_id, 0, o.business_date, false
    FROM corrected_orders c JOIN orders o ON o.member_id = c.member_id AND o.order_id = c.order_id
    WHERE o.business_date IS NOT NULL AND c.order_id NOT IN (SELECT order_id FROM unsettled_orders)`,
];

/** Writes what is put in the place of void orders, has the numbers lead to it, and feeds it to the next run. */
const insertNew = (tx: Transaction, undone: bigint | null) => [
  tx`
    INSERT INTO orders (member_id, order_id, merchant_id, amount_fen, refunded_fen, paid_at, business_date, status,
      source, order_no, skus)
    SELECT new_member_id, new_order_id, merchant_id, amount_fen, refunded_fen, paid_at, business_date, status, source,
      order_no, skus
    FROM corrected_orders WHERE new_order_id IS NOT NULL ORDER BY new_member_id, new_order_id`,
  tx`
    UPDATE order_keys k SET member_id = coalesce(c.new_member_id, k.member_id),
      order_id = coalesce(c.new_order_id, k.order_id), row_hash = ~k.row_hash
    FROM corrected_orders c
    WHERE k.order_no = c.order_no AND k.source = c.source
      AND (c.new_order_id IS NOT NULL OR ${undone}::bigint IS NULL)`,
  tx`
    INSERT INTO order_refunds (member_id, order_id, refund_no, refunded_fen, import_id)
    SELECT c.new_member_id, c.new_order_id, r.refund_no, r.refunded_fen, r.import_id
    FROM corrected_orders c JOIN order_refunds r ON r.member_id = c.member_id AND r.order_id = c.order_id
    WHERE c.new_order_id IS NOT NULL AND r.import_id IS DISTINCT FROM ${undone}::bigint`,
  tx`
    INSERT INTO order_changes (member_id, order_id, import_id, merchant_id, net_fen, business_date, is_first)
    SELECT new_member_id, new_order_id, import_id, merchant_id, amount_fen - refunded_fen, business_date, true
    FROM corrected_orders WHERE new_order_id IS NOT NULL AND status = 'paid' ORDER BY new_member_id, new_order_id`,
];

/** One order as a correction finds it. */
export interface OrderContent {
  readonly memberId: bigint;
  readonly orderId: bigint;
  readonly importId: bigint;
  readonly orderNo: string;
  readonly source: string;
  readonly memberNo: string;
  readonly merchantId: bigint;
  readonly merchantCode: string;
  readonly amountFen: bigint;
  readonly refundedFen: bigint;
  readonly status: "pending" | "paid" | "closed" | "void";
  /** In the platform's zone, to the microsecond; null where it was never paid. */
  readonly paidAtText: string | null;
  /** What its numbered refunds add up to. */
  readonly refundsFen: bigint;
  readonly points: bigint;
}

/** The order that a number of a source leads to, or undefined. */
export async function findContent(sql: Sql, orderNo: string, source: string): Promise<OrderContent | undefined> {
  const [row] = await sql<OrderContent[]>`
    SELECT o.member_id, o.order_id, k.import_id, o.order_no, o.source, m.member_no, o.merchant_id, s.merchant_code,
      o.amount_fen, o.refunded_fen, o.status,
      rtrim(rtrim(to_char(o.paid_at AT TIME ZONE z.time_zone, 'YYYY-MM-DD HH24:MI:SS.US'), '0'), '.')
        || ' ' || z.time_zone AS paid_at_text,
      (SELECT coalesce(sum(r.refunded_fen), 0)::bigint FROM order_refunds r
        WHERE r.member_id = o.member_id AND r.order_id = o.order_id) AS refunds_fen,
      (SELECT coalesce(sum(e.available_points), 0)::bigint FROM points_entries e
        WHERE e.member_id = o.member_id AND e.ref_id = o.order_id) AS points
    FROM platform z
    JOIN order_keys k ON true
    JOIN orders o ON o.member_id = k.member_id AND o.order_id = k.order_id
    JOIN members m ON m.member_id = o.member_id
    JOIN merchants s ON s.merchant_id = o.merchant_id
    WHERE k.order_no = ${orderNo} AND k.source = ${source}`;
  return row;
}

/** What of an order is to be another; what is not given stays. */
export interface OrderChanges {
  readonly memberId?: bigint | undefined;
  readonly merchantId?: bigint | undefined;
  readonly amountFen?: bigint | undefined;
  readonly refundedFen?: bigint | undefined;
  /** With its zone, to the microsecond. */
  readonly paidAt?: string | undefined;
}

/** Puts one order into `corrected_orders`, with what is put in its place. */
export async function insertCorrected(
  tx: Transaction,
  { orderNo, source, memberId, orderId, importId }: OrderContent,
  becomes?: { readonly changes: OrderChanges; readonly zone: string },
): Promise<void> {
  await tx`
    INSERT INTO corrected_orders (order_no, source, member_id, order_id, import_id)
    VALUES (${orderNo}, ${source}, ${memberId}, ${orderId}, ${importId})`;
  if (becomes === undefined) return;
  const { changes, zone } = becomes;
  const paidAt = tx`coalesce(${changes.paidAt ?? null}::text::timestamptz, o.paid_at)`;
  await tx`
    UPDATE corrected_orders c SET new_member_id = coalesce(${changes.memberId ?? null}::bigint, o.member_id),
      new_order_id = nextval('id_seq'), merchant_id = coalesce(${changes.merchantId ?? null}::bigint, o.merchant_id),
      amount_fen = coalesce(${changes.amountFen ?? null}::bigint, o.amount_fen),
      refunded_fen = coalesce(${changes.refundedFen ?? null}::bigint, o.refunded_fen), status = o.status,
      paid_at = ${paidAt}, business_date = (${paidAt} AT TIME ZONE ${zone})::date, skus = o.skus
    FROM orders o WHERE o.member_id = c.member_id AND o.order_id = c.order_id`;
}

/** Why the order in `corrected_orders` cannot become what it is to be; null when it can. */
export async function problemOfNew(
  tx: Transaction,
  now: Date,
  isPlaceNew: boolean,
): Promise<CorrectionProblem | "order_unchanged" | null> {
  const [row] = await tx<{ problem: CorrectionProblem | "order_unchanged" | null }[]>`
    SELECT CASE
        WHEN o.paid_at IS NULL AND (c.paid_at IS NOT NULL OR c.refunded_fen > 0) THEN 'order_not_paid'
        WHEN c.refunded_fen > c.amount_fen THEN 'refund_exceeds_amount'
        WHEN c.paid_at > ${now}::timestamptz THEN 'paid_in_future'
        WHEN ${isPlaceNew} AND s.status = 'pending' THEN 'merchant_pending'
        WHEN ${isPlaceNew} AND c.paid_at >= s.suspended_at THEN 'merchant_suspended'
        WHEN (c.new_member_id, c.merchant_id, c.amount_fen, c.refunded_fen) =
          (o.member_id, o.merchant_id, o.amount_fen, o.refunded_fen) AND c.paid_at IS NOT DISTINCT FROM o.paid_at
        THEN 'order_unchanged'
      END AS problem
    FROM corrected_orders c
    JOIN orders o ON o.member_id = c.member_id AND o.order_id = c.order_id
    JOIN merchants s ON s.merchant_id = c.merchant_id`;
  return row!.problem;
}
