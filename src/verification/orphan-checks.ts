import type { Fragment, Sql } from "../db/database.ts";
import type { KeyColumn } from "../db/key-weights.ts";
import { isInArchive, keyWeight } from "../db/archived.ts";
import { areSame, newWeight } from "./fingerprints.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";
import type { Scope } from "./scope.ts";

/**
 * Invariant 9: the members and merchants of orders, entries and withdrawals exist; no foreign key ensures it. What an
 * order explains has the order's member.
 */
export async function nothingIsOrphaned(sql: Sql, { entries }: Pick<Scope, "entries">): Promise<Findings> {
  type Row = { thing: string; name: string; missing: string; missingId: bigint; found: bigint };
  const rows = await sql<Row[]>`
    SELECT x.*, count(*) OVER () AS found FROM (
      SELECT 'order' AS thing, o.order_no AS name, x.missing, x.missing_id
        FROM orders o
        LEFT JOIN members m ON m.member_id = o.member_id
        LEFT JOIN merchants s ON s.merchant_id = o.merchant_id
        CROSS JOIN LATERAL (VALUES ('member', o.member_id, m.member_id), ('merchant', o.merchant_id, s.merchant_id))
          x (missing, missing_id, there)
        WHERE (m.member_id IS NULL OR s.merchant_id IS NULL) AND x.there IS NULL
      UNION ALL
      SELECT 'entry', format('%s of ref_id %s', e.entry_no, e.ref_id), 'member', e.member_id
        FROM ${entries} e WHERE NOT EXISTS (SELECT FROM members m WHERE m.member_id = e.member_id)
      UNION ALL
      SELECT 'withdrawal', w.withdrawal_no, 'member', w.member_id
        FROM withdrawals w WHERE NOT EXISTS (SELECT FROM members m WHERE m.member_id = w.member_id)
      UNION ALL
      SELECT 'member', m.member_no, 'balance', m.member_id
        FROM members m WHERE NOT EXISTS (SELECT FROM balances b WHERE b.member_id = m.member_id)
      UNION ALL
      SELECT 'alias', a.alias || '@' || a.source, 'member', a.member_id
        FROM member_aliases a WHERE NOT EXISTS (SELECT FROM members m WHERE m.member_id = a.member_id)
      UNION ALL
      SELECT 'refund', r.refund_no, 'order', r.order_id
        FROM order_refunds r WHERE NOT EXISTS (SELECT FROM orders o
          WHERE o.member_id = r.member_id AND o.order_id = r.order_id) AND NOT ${isInArchive(sql, sql`r.order_id`)}
      UNION ALL
      SELECT 'change in the feed', format('order_id %s', c.order_id), 'order', c.order_id
        FROM order_changes c WHERE NOT EXISTS (SELECT FROM orders o
          WHERE o.member_id = c.member_id AND o.order_id = c.order_id)
      UNION ALL
      SELECT 'order without evidence', format('order_id %s', u.order_id), 'order', u.order_id
        FROM unevidenced_orders u WHERE NOT EXISTS (SELECT FROM orders o
          WHERE o.member_id = u.member_id AND o.order_id = u.order_id)
    ) x ORDER BY thing, name LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`
    SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM points_entries) + (SELECT count(*) FROM withdrawals)
         + (SELECT count(*) FROM members) + (SELECT count(*) FROM order_changes)
         + (SELECT count(*) FROM member_aliases) + (SELECT count(*) FROM order_refunds) AS count`;
  return findingsOf(all!.count, rows, ({ thing, name, missing, missingId }) => ({
    [keyOf[thing] ?? "thing"]: name,
    kind: thing,
    missing,
    missing_id: missingId,
  }));
}

const keyOf: Readonly<Record<string, string>> = { order: "order_no", withdrawal: "withdrawal_no", member: "member_no" };

/**
 * Invariant 9: each number, phone and address that is unique over all members has its row in the key table, and the
 * reverse.
 */
export async function keysLeadToTheirRows(sql: Sql): Promise<Findings> {
  type Row = { thing: string; key: string | null; row: string | null; found: bigint };
  const numbers = (await numbersWeighTheSame(sql)) ? sql`` : sql`${strayNumbers(sql)} UNION ALL`;
  const rows = await sql<Row[]>`
    SELECT x.*, count(*) OVER () AS found FROM (
      ${numbers} SELECT kind AS thing, kept AS key, own AS row FROM stray_contacts
    ) x ORDER BY thing, coalesce(key, row) LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`
    SELECT (SELECT count(*) FROM order_keys) + (SELECT count(*) FROM withdrawal_keys)
      + (SELECT count(*) FROM member_numbers) + (SELECT count(*) FROM payout_detail_keys)
      + (SELECT count(*) FROM withdrawal_request_keys) + (SELECT count(*) FROM member_contacts) AS count`;
  return findingsOf(all!.count, rows, ({ thing, key, row }) => ({ kind: thing, key, row }));
}

const strayNumbers = (sql: Sql): Fragment => sql`
  SELECT 'order' AS thing, k.order_no || '@' || k.source AS key, o.order_no || '@' || o.source AS row
    FROM order_keys k FULL JOIN orders o ON o.member_id = k.member_id AND o.order_id = k.order_id
    WHERE (k.order_no, k.source) IS DISTINCT FROM (o.order_no, o.source)
      AND NOT (k.order_no IS NULL AND o.status = 'void')
      AND NOT (o.order_no IS NULL AND ${isInArchive(sql, sql`k.order_id`)})
  UNION ALL
  SELECT 'order', 'of an archive', NULL FROM (${archivedKeys(sql)}) a WHERE one IS DISTINCT FROM other
  UNION ALL
  SELECT 'withdrawal', k.withdrawal_no, w.withdrawal_no
    FROM withdrawal_keys k FULL JOIN withdrawals w ON w.member_id = k.member_id AND w.withdrawal_id = k.withdrawal_id
    WHERE k.withdrawal_no IS DISTINCT FROM w.withdrawal_no
  UNION ALL
  SELECT 'member', n.member_no, m.member_no
    FROM member_numbers n FULL JOIN members m ON m.member_id = n.member_id
    WHERE n.member_no IS DISTINCT FROM m.member_no
  UNION ALL
  SELECT 'payout', k.detail_no, d.detail_no
    FROM payout_detail_keys k FULL JOIN payout_details d ON d.member_id = k.member_id AND d.detail_no = k.detail_no
    WHERE k.detail_no IS DISTINCT FROM d.detail_no
  UNION ALL
  SELECT 'request', k.request_no, w.request_no
    FROM withdrawal_request_keys k
    FULL JOIN (SELECT * FROM withdrawals WHERE request_no IS NOT NULL) w ON w.member_id = k.member_id
      AND w.withdrawal_id = k.withdrawal_id
    WHERE k.request_no IS DISTINCT FROM w.request_no`;

/** Orders `o` that have the number that they say: all but some that are void. */
const numberedOrders = (sql: Sql): Fragment => sql`
  orders o WHERE (status <> 'void' OR EXISTS (SELECT FROM order_keys k
    WHERE k.order_no = o.order_no AND k.source = o.source AND k.order_id = o.order_id))`;

/** The weight of the keys in archived ranges, and of the orders that are there or were archived: the same. */
const archivedKeys = (sql: Sql): Fragment => sql`
  SELECT (SELECT coalesce(sum(${keyWeight(sql)}), 0) FROM order_keys k WHERE ${isInArchive(sql, sql`k.order_id`)}) AS one,
    (SELECT coalesce(sum(keys_weight), 0) FROM history_archives WHERE attached_at IS NULL)
    + (SELECT coalesce(sum(${keyWeight(sql)}), 0) FROM (SELECT * FROM ${numberedOrders(sql)}
        AND ${isInArchive(sql, sql`o.order_id`)}) k) AS other`;

/**
 * Whether each table of numbers says what the table says that they are of, by their fingerprints. Of void orders some
 * keep their number, and some have left it to another.
 */
export function numbersWeighTheSame(sql: Sql): Promise<boolean> {
  const member = { number: sql`member_id` };
  const same = (keys: Fragment, rows: Fragment, ...key: readonly KeyColumn[]) => {
    const weight = newWeight(sql, ...key);
    return sql`SELECT (SELECT sum(${weight}) FROM ${keys}) AS one, (SELECT sum(${weight}) FROM ${rows}) AS other`;
  };
  const pairs = [
    archivedKeys(sql),
    same(
      sql`order_keys k WHERE NOT ${isInArchive(sql, sql`k.order_id`)}`,
      sql`${numberedOrders(sql)} AND NOT ${isInArchive(sql, sql`o.order_id`)}`,
      { text: sql`order_no` },
      { text: sql`source` },
      member,
      { number: sql`order_id` },
    ),
    same(sql`withdrawal_keys`, sql`withdrawals`, { text: sql`withdrawal_no` }, member, { number: sql`withdrawal_id` }),
    same(sql`member_numbers`, sql`members`, { text: sql`member_no` }, member),
    same(sql`payout_detail_keys`, sql`payout_details`, { text: sql`detail_no` }, member),
    same(
      sql`withdrawal_request_keys`,
      sql`withdrawals WHERE request_no IS NOT NULL`,
      { text: sql`request_no` },
      member,
      { number: sql`withdrawal_id` },
    ),
  ];
  return areSame(
    sql,
    pairs.reduce((all, pair) => sql`${all} UNION ALL ${pair}`),
  );
}
