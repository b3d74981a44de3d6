import { send, type Fragment, type Sql, type Transaction } from "../../db/database.ts";
import { isInArchive } from "../../db/archived.ts";

/** Creates the tables of what an import brought: each row with why it cannot be taken back, which is null where it can. */
export async function createUndone(tx: Transaction): Promise<void> {
  await tx`SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true)`;
  await tx`
    CREATE TEMP TABLE brought_orders (
      order_no text, source text, member_id bigint, order_id bigint, line integer) ON COMMIT DROP`;
  await tx`
    CREATE TEMP TABLE undone_orders (
      order_no text, source text, member_id bigint, order_id bigint, is_brought boolean, is_settled boolean, reason text)
      ON COMMIT DROP`;
}

/**
 * Finds the orders that an import brought or changed, and judges them: what somebody else changed since stays. The keys
 * of the import are found by their block range index; the rest follows their number, not the history.
 */
export async function judgeOrders(tx: Transaction, importId: bigint): Promise<void> {
  await tx`
    INSERT INTO brought_orders SELECT order_no, source, member_id, order_id, line FROM order_keys
    WHERE import_id = ${importId}`;
  await tx`ANALYZE brought_orders`;
  const [span] = await tx<
    { first: bigint | null; last: bigint | null }[]
  >`SELECT min(order_id) AS first, max(order_id) AS last FROM brought_orders`;
  await send(tx`
    INSERT INTO undone_orders
    SELECT b.order_no, b.source, b.member_id, b.order_id, true,
      EXISTS (SELECT FROM points_entries e WHERE e.member_id = b.member_id AND e.ref_id = b.order_id)
        OR EXISTS (SELECT FROM grant_skips g WHERE g.member_id = b.member_id AND g.order_id = b.order_id)
        -- What took the place of another stays named.
        OR EXISTS (SELECT FROM order_voids v
          WHERE v.order_no = b.order_no AND v.source = b.source AND v.new_order_id = b.order_id),
      CASE
        WHEN o.order_id IS NULL THEN 'archived'
        WHEN o.status = 'void' THEN 'voided'
        WHEN EXISTS (${correctionsOf(tx, tx`b`)}) THEN 'corrected'
        WHEN EXISTS (SELECT FROM order_updates u
          WHERE u.member_id = b.member_id AND u.order_id = b.order_id AND u.import_id > ${importId}) THEN 'changed_later'
        WHEN EXISTS (SELECT FROM order_refunds r
          WHERE r.member_id = b.member_id AND r.order_id = b.order_id AND r.import_id <> ${importId}) THEN 'refunded_later'
      END
    FROM brought_orders b LEFT JOIN orders o ON o.member_id = b.member_id AND o.order_id = b.order_id
      AND o.order_id BETWEEN ${span!.first}::bigint AND ${span!.last}::bigint`);
  await send(tx`
    INSERT INTO undone_orders
    SELECT coalesce(o.order_no, 'order_id ' || u.order_id), coalesce(o.source, 'archive'), u.member_id, u.order_id,
      false, NULL,
      CASE
        WHEN o.order_id IS NULL THEN 'archived'
        WHEN o.status = 'void' THEN 'corrected'
        WHEN EXISTS (SELECT FROM order_updates l
          WHERE l.member_id = u.member_id AND l.order_id = u.order_id AND l.import_id > ${importId}) THEN 'changed_later'
        WHEN EXISTS (SELECT FROM order_refunds r
          WHERE r.member_id = u.member_id AND r.order_id = u.order_id AND r.import_id > ${importId}) THEN 'refunded_later'
      END
    FROM order_updates u LEFT JOIN orders o ON o.member_id = u.member_id AND o.order_id = u.order_id
    WHERE u.import_id = ${importId} AND (o.order_id IS NOT NULL OR ${isInArchive(tx, tx`u.order_id`)})
      -- What became void with an import that is undone already is no more, or was changed again in what took its place.
      AND (o.status IS DISTINCT FROM 'void' OR NOT EXISTS (SELECT FROM order_voids v JOIN proposals p ON p.proposal_no = v.proposal_no
        WHERE v.order_no = o.order_no AND v.source = o.source AND v.order_id = o.order_id
          AND p.subject_kind = 'import_undo'))`);
  await tx`ANALYZE undone_orders`;
}

const correctionsOf = (tx: Transaction, order: Fragment) => tx`
  SELECT FROM order_voids v JOIN proposals p ON p.proposal_no = v.proposal_no AND p.subject_kind = 'order_correction'
  WHERE v.order_no = ${order}.order_no AND v.source = ${order}.source AND v.new_order_id IS NOT NULL`;

/** How many rows of a table of judged rows can be taken back, and how many not, by reason, with some of their names. */
export interface Judged {
  readonly taken: number;
  readonly kept: Readonly<Record<string, { readonly rows: number; readonly such_as: readonly string[] }>>;
  /** The same for the same rows with the same reasons. */
  readonly digest: string;
}

/** @param judged the name and the reason of each row */
export async function countJudged(sql: Sql, judged: Fragment): Promise<Judged> {
  const rows = await sql<{ reason: string | null; rows: number; suchAs: string[]; digest: string }[]>`
    SELECT reason, count(*)::integer AS rows,
      coalesce((array_agg(name ORDER BY name COLLATE "C") FILTER (WHERE place <= 10))[1:10], '{}') AS such_as,
      sum(hashtextextended(name || coalesce(reason, ''), 0)::numeric)::text AS digest
    FROM (
      SELECT reason, name, CASE WHEN reason IS NULL THEN 11
        ELSE row_number() OVER (PARTITION BY reason ORDER BY name COLLATE "C") END AS place
      FROM ${judged} j
    ) n GROUP BY reason ORDER BY reason`;
  return {
    taken: rows.find(({ reason }) => reason === null)?.rows ?? 0,
    kept: Object.fromEntries(
      rows.flatMap(({ reason, rows: count, suchAs }) =>
        reason === null ? [] : [[reason, { rows: count, such_as: suchAs }]],
      ),
    ),
    digest: rows.map(({ digest }) => digest).join(" "),
  };
}

/** The rows that stay, by their names. @param judged the name and the reason of each row */
export const selectStaying = (sql: Sql, judged: Fragment): Promise<readonly { name: string; code: string }[]> =>
  sql<{ name: string; code: string }[]>`
    SELECT name, reason AS code FROM ${judged} j WHERE reason IS NOT NULL ORDER BY name COLLATE "C"`;

/**
 * Puts into `corrected_orders` what of the judged orders becomes void: what the import brought and a run settled, without
 * anything in its place; and what it changed, with what that was before.
 */
export async function correctJudged(tx: Transaction, importId: bigint): Promise<void> {
  await tx`
    INSERT INTO corrected_orders (order_no, source, member_id, order_id, import_id)
    SELECT order_no, source, member_id, order_id, ${importId} FROM undone_orders
    WHERE reason IS NULL AND is_brought AND is_settled`;
  await tx`
    INSERT INTO corrected_orders (order_no, source, member_id, order_id, import_id, new_member_id, new_order_id,
      merchant_id, amount_fen, refunded_fen, status, paid_at, business_date, skus)
    SELECT d.order_no, d.source, d.member_id, d.order_id, k.import_id, d.member_id, nextval('id_seq'), o.merchant_id,
      o.amount_fen, u.refunded_fen, u.status, u.paid_at, u.business_date, u.skus
    FROM undone_orders d
    JOIN order_keys k ON k.order_no = d.order_no AND k.source = d.source
    JOIN orders o ON o.member_id = d.member_id AND o.order_id = d.order_id
    JOIN order_updates u ON u.member_id = d.member_id AND u.order_id = d.order_id AND u.import_id = ${importId}
    WHERE d.reason IS NULL AND NOT d.is_brought`;
}

/** Has what earlier imports changed of orders known of those that took their place. */
export const keepEarlierUpdates = (tx: Transaction, importId: bigint): Promise<unknown> => tx`
  INSERT INTO order_updates (member_id, order_id, import_id, refunded_fen, paid_at, business_date, status, skus)
  SELECT c.new_member_id, c.new_order_id, u.import_id, u.refunded_fen, u.paid_at, u.business_date, u.status, u.skus
  FROM corrected_orders c
  JOIN order_updates u ON u.member_id = c.member_id AND u.order_id = c.order_id AND u.import_id < ${importId}
  WHERE c.new_order_id IS NOT NULL`;

/**
 * Deletes what an import brought and no run has settled, frees the numbers of all that is taken back, and its refunds.
 *
 * @returns how many orders, and how many numbers
 */
export async function deleteJudged(
  tx: Transaction,
  importId: bigint,
): Promise<{ readonly orders: number; readonly keys: number }> {
  await tx`
    CREATE TEMP TABLE deleted_orders ON COMMIT DROP AS
    SELECT member_id, order_id FROM undone_orders WHERE reason IS NULL AND is_brought AND NOT is_settled`;
  await tx`ANALYZE deleted_orders`;
  await tx`
    DELETE FROM order_changes c USING deleted_orders d WHERE c.member_id = d.member_id AND c.order_id = d.order_id`;
  await tx`
    DELETE FROM unevidenced_orders c USING deleted_orders d WHERE c.member_id = d.member_id AND c.order_id = d.order_id`;
  // Refunds of what is void stay with it.
  await tx`
    DELETE FROM order_refunds r USING orders o
    WHERE r.import_id = ${importId} AND o.member_id = r.member_id AND o.order_id = r.order_id AND o.status <> 'void'
      AND NOT EXISTS (SELECT FROM undone_orders u WHERE u.order_id = r.order_id AND u.reason IS NOT NULL)`;
  const { count: keys } = await tx`
    DELETE FROM order_keys k USING undone_orders d
    WHERE d.reason IS NULL AND d.is_brought AND k.order_no = d.order_no AND k.source = d.source`;
  const { count: orders } = await tx`
    DELETE FROM orders o USING deleted_orders d WHERE o.member_id = d.member_id AND o.order_id = d.order_id`;
  return { orders, keys };
}
