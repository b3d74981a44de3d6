import type { Fragment, Sql } from "../db/database.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";

/** Whether a line `l` of a statement is what the channel kept of a row that has a line of its own, too. */
const isFeeOfRow = (sql: Sql): Fragment => sql`(
  l.line_key LIKE '%:fee' AND EXISTS (SELECT FROM statement_lines m
    WHERE (m.line_key, m.money_account, m.import_id) = (left(l.line_key, -4), l.money_account, l.import_id)))`;

/**
 * Each import has as many rows as its record says, its counts add up, and each row's import exists. Orders that consist
 * of several rows of a file are counted by rows there, so there may be fewer orders. For rows that may be changed or
 * replaced later (products, answers) only the existence of the import is checked.
 */
export async function importsMatchRows(sql: Sql): Promise<Findings> {
  type Row = {
    importId: bigint;
    kind: string | null;
    inserted: number | null;
    rows: bigint;
    membersCreated: bigint;
    members: bigint;
    found: bigint;
  };
  const rows = await sql<Row[]>`
    WITH brought (import_id, kind, rows) AS (
      SELECT import_id, 'orders', count(*) FROM order_keys GROUP BY import_id
      UNION ALL SELECT import_id, 'members', count(*) FROM members WHERE import_id IS NOT NULL GROUP BY import_id
      UNION ALL SELECT import_id, 'merchants', count(*) FROM merchants WHERE import_id IS NOT NULL GROUP BY import_id
      UNION ALL SELECT import_id, 'withdrawals', count(*) FROM withdrawal_request_keys WHERE import_id IS NOT NULL
      GROUP BY import_id
      UNION ALL SELECT import_id, 'order_evidence', count(*) FROM order_evidence GROUP BY import_id
      UNION ALL SELECT import_id, 'statements', count(*) FILTER (WHERE NOT ${isFeeOfRow(sql)}) FROM statement_lines l
        GROUP BY import_id
    ), named (import_id, kind) AS (
      SELECT import_id, 'products' FROM products WHERE import_id IS NOT NULL UNION SELECT import_id, 'orders'
      FROM order_refunds
      UNION SELECT answer_import_id, 'payout_results' FROM payout_details WHERE answer_import_id IS NOT NULL
    ), compared AS (
      SELECT i.*, coalesce((i.notes->>'members_created')::bigint, 0) AS members_created,
        coalesce(b.rows, 0) AS rows, CASE WHEN i.kind = 'members' THEN coalesce(b.rows, 0) ELSE coalesce(m.rows, 0)
          END AS members,
        (SELECT count(*) FROM import_rejects r WHERE r.import_id = i.import_id) AS rejects,
        EXISTS (SELECT FROM corrections c WHERE c.import_id = i.import_id) AS is_undone
      FROM imports i
      LEFT JOIN brought b ON b.import_id = i.import_id AND b.kind = i.kind
      LEFT JOIN brought m ON m.import_id = i.import_id AND m.kind = 'members'
    ), wrong AS (
      SELECT import_id, kind, inserted, rows, members_created, members FROM compared
      WHERE read <> inserted + updated + duplicate + rejected OR rejects > rejected
        -- Of what was undone there may be less.
        OR NOT is_undone AND (members <> CASE kind WHEN 'members' THEN inserted ELSE members_created END
        OR kind IN ('merchants', 'withdrawals', 'statements', 'order_evidence') AND rows <> inserted
        OR kind = 'orders' AND CASE WHEN notes ? 'orders' THEN rows > inserted OR (rows = 0) <> (inserted = 0)
        ELSE rows <> inserted END)
        OR is_undone AND (rows > inserted OR members > greatest(inserted, members_created))
      UNION ALL
      SELECT x.import_id, x.kind, NULL, x.rows, 0, 0 FROM (SELECT * FROM brought UNION ALL SELECT *, 1 FROM named) x
      LEFT JOIN imports i ON i.import_id = x.import_id AND (i.kind = x.kind OR i.kind = 'orders' AND x.kind = 'members')
      WHERE i.import_id IS NULL
    )
    SELECT *, count(*) OVER () AS found FROM wrong ORDER BY import_id, kind LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM imports`;
  return findingsOf(all!.count, rows, ({ importId, kind, inserted, rows: found, membersCreated, members }) => ({
    import_id: importId,
    kind,
    inserted,
    rows: found,
    members_created: membersCreated,
    members,
  }));
}
