import type { Database } from "../../src/db/database.ts";
import { dumpDatabase } from "./database.ts";

/** What is the same whatever way orders went: who is there, and what was requested and decided. */
const same = [
  "members",
  "member_contacts",
  "merchants",
  "aliases",
  "contribution_rates",
  "policies",
  "products",
  "order_evidence",
  "adjustments",
  "withdrawals",
];

/** What orders, members, merchants and accounts come to: sums, for entries are never taken back. */
const sums: Readonly<Record<string, string>> = {
  orders: `
    SELECT o.source, o.order_no, m.member_no, s.merchant_code, o.amount_fen, o.refunded_fen, o.status,
      o.paid_at AT TIME ZONE 'UTC' AS paid_at_utc, o.business_date, o.skus, k.order_id IS NOT NULL AS is_found
    FROM orders o JOIN members m USING (member_id) JOIN merchants s USING (merchant_id)
    LEFT JOIN order_keys k ON k.order_no = o.order_no AND k.source = o.source AND k.order_id = o.order_id
    WHERE o.status <> 'void'`,
  refunds: `
    SELECT o.source, o.order_no, r.refund_no, r.refunded_fen FROM order_refunds r
    JOIN orders o ON o.member_id = r.member_id AND o.order_id = r.order_id WHERE o.status <> 'void'`,
  waiting: `
    SELECT o.source, o.order_no, c.is_first FROM (
      SELECT member_id, order_id, bool_or(is_first) AS is_first FROM order_changes GROUP BY member_id, order_id
      UNION ALL SELECT member_id, order_id, bool_or(is_first) FROM unevidenced_orders GROUP BY member_id, order_id) c
    JOIN orders o ON o.member_id = c.member_id AND o.order_id = c.order_id`,
  uncollected: `
    SELECT o.source, o.order_no, u.net_fen FROM uncollected_orders u
    JOIN orders o ON o.member_id = u.member_id AND o.order_id = u.order_id`,
  points: `
    SELECT o.source, o.order_no, m.member_no, sum(e.available_points)::bigint AS points,
      sum(e.contribution_fen)::bigint AS contribution_fen
    FROM points_entries e JOIN orders o ON o.member_id = e.member_id AND o.order_id = e.ref_id
    JOIN members m ON m.member_id = e.member_id
    GROUP BY 1, 2, 3 HAVING sum(e.available_points) <> 0 OR sum(e.contribution_fen) <> 0`,
  balances: `SELECT m.member_no, b.available_points, b.held_points FROM balances b JOIN members m USING (member_id)`,
  receivable: `
    SELECT s.merchant_code, sum(e.contribution_fen)::bigint AS contribution_fen
    FROM points_entries e JOIN orders o ON o.member_id = e.member_id AND o.order_id = e.ref_id
    JOIN merchants s USING (merchant_id) GROUP BY 1 HAVING sum(e.contribution_fen) <> 0`,
  accounts: `
    SELECT account, unit, sum(amount)::bigint AS amount FROM journal_lines GROUP BY 1, 2 HAVING sum(amount) <> 0`,
  skips: `
    SELECT m.member_no, o.source, o.order_no, g.points FROM grant_skips g JOIN members m USING (member_id)
    JOIN orders o ON o.member_id = g.member_id AND o.order_id = g.order_id WHERE o.status <> 'void'`,
};

/**
 * What a database stands at, as sorted text: two that stand alike are the same but for how they came there. Void orders
 * count as never been; entries count by what they add up to.
 */
export async function standingOf(database: Pick<Database, "sql">): Promise<string> {
  const parts = [await dumpDatabase(database, same)];
  for (const [name, query] of Object.entries(sums)) {
    const rows = await database.sql.unsafe<{ line: string }[]>(
      `SELECT to_jsonb(s)::text AS line FROM (${query}) s ORDER BY to_jsonb(s)::text COLLATE "C"`,
    );
    parts.push(`## ${name}\n${rows.map(({ line }) => `${line}\n`).join("")}`);
  }
  return parts.join("\n");
}
