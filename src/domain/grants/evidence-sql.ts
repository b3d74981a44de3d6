import type { Fragment, Sql, Transaction } from "../../db/database.ts";

/*
 * Where the policy asks for evidence, an order whose payment no channel has shown is not settled at all: a run takes its
 * changes out of the feed, to where they wait, and a later run puts them back once there is evidence.
 */

/** Whether any order may have to wait for evidence of its payment, or does. */
export async function grantsOnEvidence(sql: Sql): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`
    SELECT EXISTS (SELECT FROM policies WHERE grant_evidence = 'required')
      OR EXISTS (SELECT FROM unevidenced_orders) AS found`;
  return row!.found;
}

/**
 * The orders of changes `u` that wait and have evidence by now.
 *
 * @param hasEvidence whether an order `o` has
 */
const evidenced = (sql: Sql, hasEvidence: Fragment) => sql`
  FROM unevidenced_orders u
  CROSS JOIN LATERAL (SELECT * FROM orders o WHERE o.member_id = u.member_id AND o.order_id = u.order_id OFFSET 0) o
  WHERE ${hasEvidence}`;

/** Whether a run would find orders that waited for evidence and have it by now. */
export async function hasEvidenced(sql: Sql, hasEvidence: Fragment): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`SELECT EXISTS (SELECT ${evidenced(sql, hasEvidence)}) AS found`;
  return row!.found;
}

/** Puts all changes of orders that have evidence by now back into the feed. */
export async function releaseEvidenced(tx: Transaction, hasEvidence: Fragment): Promise<void> {
  await tx`
    WITH released AS (
      DELETE FROM unevidenced_orders w
      WHERE (w.member_id, w.order_id) IN (SELECT u.member_id, u.order_id ${evidenced(tx, hasEvidence)}) RETURNING w.*
    )
    INSERT INTO order_changes (member_id, order_id, import_id, merchant_id, net_fen, business_date, is_first)
    SELECT member_id, order_id, import_id, merchant_id, net_fen, business_date, is_first FROM released`;
}

/**
 * Takes out of a chunk the changes of orders that have to wait for evidence: of those that no run has settled and that
 * the policy of their date asks it of, and whatever comes of one that waits already, for all its changes go together.
 *
 * @returns how many orders wait from now on
 */
export async function holdUnevidenced(tx: Transaction, hasEvidence: Fragment): Promise<bigint> {
  const [row] = await tx<{ orders: bigint }[]>`
    WITH held AS (
      DELETE FROM taken_changes t WHERE (t.member_id, t.order_id) IN (
        SELECT u.member_id, u.order_id FROM taken_changes c
        JOIN unevidenced_orders u ON u.member_id = c.member_id AND u.order_id = c.order_id
        UNION ALL
        SELECT o.member_id, o.order_id
        FROM taken_changes c
        JOIN policy_periods p ON c.business_date >= p.from_date AND c.business_date < p.to_date
          AND p.grant_evidence = 'required'
        CROSS JOIN LATERAL (SELECT * FROM orders o
          WHERE o.member_id = c.member_id AND o.order_id = c.order_id OFFSET 0) o
        WHERE c.is_first AND NOT ${hasEvidence}
      ) RETURNING t.*
    ), kept AS (
      INSERT INTO unevidenced_orders (member_id, order_id, import_id, merchant_id, net_fen, business_date, is_first)
      SELECT member_id, order_id, import_id, merchant_id, net_fen, business_date, is_first FROM held
    )
    SELECT count(*) FILTER (WHERE is_first) AS orders FROM held`;
  return row!.orders;
}
