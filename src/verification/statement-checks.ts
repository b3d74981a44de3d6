import type { Sql } from "../db/database.ts";
import { lastClosings } from "../domain/statements/closing-sql.ts";
import { digestOf } from "../domain/statements/import-sql.ts";
import { formatYuan } from "../shared/money.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";

/**
 * Each statement brought the lines that it says, word for word, and what is booked with those of an account is what the
 * last one closes with.
 */
export async function statementsAddUp(sql: Sql): Promise<Findings> {
  type Row = {
    importId: bigint | null;
    moneyAccount: string;
    newLines: number | null;
    lines: bigint;
    isAsRead: boolean;
    bookedFen: bigint | null;
    closingFen: bigint | null;
    found: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT *, count(*) OVER () AS found FROM (
      SELECT import_id, coalesce(s.money_account, l.money_account) AS money_account, s.new_lines,
        coalesce(l.lines, 0) AS lines, coalesce(l.digest, '0') = s.digest
          AND coalesce(l.money_account, s.money_account) = s.money_account AS is_as_read, NULL::bigint AS booked_fen,
          NULL::bigint AS closing_fen
      FROM statements s
      FULL JOIN (SELECT import_id, min(money_account) AS money_account, count(*) AS lines, ${digestOf(sql)} AS digest
        FROM statement_lines GROUP BY import_id) l USING (import_id)
      WHERE s.import_id IS NULL OR s.new_lines <> coalesce(l.lines, 0) OR coalesce(l.digest, '0') <> s.digest
        OR l.money_account <> s.money_account
      UNION ALL
      SELECT NULL, money_account, NULL, 0, true, b.booked_fen, c.closing_fen
      FROM (SELECT money_account, sum(booked_fen)::bigint AS booked_fen FROM statements GROUP BY money_account) b
      JOIN (${lastClosings(sql)}) c USING (money_account) WHERE b.booked_fen <> c.closing_fen
    ) x ORDER BY money_account, import_id LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM statements`;
  return findingsOf(all!.count, rows, ({ importId, moneyAccount, newLines, lines, isAsRead, bookedFen, closingFen }) =>
    importId === null
      ? { money_account: moneyAccount, booked: formatYuan(bookedFen!), closing: formatYuan(closingFen!) }
      : { import_id: importId, money_account: moneyAccount, recorded: newLines, lines, as_read: isAsRead },
  );
}

/**
 * What is open of each line is its amount without what it is matched with; each payout that is said to be paid is
 * expected, seen leaving or void, once; what lines are matched with is there, of that amount and, unless it was forced,
 * on that account; and a collection that was made of a line is matched with it, or taken back.
 */
export async function matchesAddUp(sql: Sql): Promise<Findings> {
  type Row = { thing: string; no: string; expected: bigint | null; present: bigint | null; found: bigint };
  const rows = await sql<Row[]>`
    WITH active AS MATERIALIZED (SELECT * FROM line_matches WHERE undone_by IS NULL),
      wrong (thing, no, expected, present) AS (
      SELECT 'line', coalesce(l.line_id, o.line_id)::text, nullif(l.amount_fen - coalesce(m.amount_fen, 0), 0)::bigint,
        o.open_fen
      FROM statement_lines l LEFT JOIN (SELECT line_id, sum(amount_fen) AS amount_fen FROM active GROUP BY line_id) m
        ON m.line_id = l.line_id
      FULL JOIN open_lines o ON o.line_id = l.line_id
      WHERE nullif(l.amount_fen - coalesce(m.amount_fen, 0), 0) IS DISTINCT FROM o.open_fen
        OR abs(m.amount_fen) > abs(l.amount_fen)
      UNION ALL
      SELECT 'payout', coalesce(d.detail_no, p.detail_no, m.thing_no), d.net_fen, coalesce(p.net_fen, -m.amount_fen)
      FROM (SELECT * FROM payout_details WHERE state = 'paid') d
      FULL JOIN expected_payouts p ON p.detail_no = d.detail_no
      FULL JOIN (
        SELECT thing_no, amount_fen FROM active WHERE thing = 'payout'
        UNION ALL SELECT v.detail_no, -v.net_fen FROM voided_payouts v
        JOIN reconciliations r ON r.recon_no = v.recon_no AND r.kind = 'void'
      ) m ON m.thing_no = d.detail_no
      WHERE d.detail_no IS NULL OR num_nonnulls(p.detail_no, m.thing_no) <> 1
        OR coalesce(p.net_fen, -m.amount_fen) <> d.net_fen
        OR p.detail_no IS NOT NULL
        AND (p.batch_no, coalesce(p.channel_ref, '')) <> (d.batch_no, coalesce(d.channel_ref, ''))
      UNION ALL
      SELECT 'collection', m.thing_no, c.amount_fen, m.amount_fen
      FROM active m LEFT JOIN collections c ON c.collection_no = m.thing_no AND c.state = 'confirmed'
      LEFT JOIN statement_lines l ON l.line_id = m.line_id
      LEFT JOIN reconciliations r ON r.recon_no = m.recon_no
      WHERE m.thing = 'collection' AND (c.amount_fen, CASE r.kind WHEN 'forced' THEN l.money_account
        ELSE c.money_account END) IS DISTINCT FROM (m.amount_fen, l.money_account)
      UNION ALL
      SELECT 'collection', c.collection_no, c.amount_fen, coalesce(m.amount_fen, o.amount_fen)
      FROM collections c
      LEFT JOIN active m ON m.thing = 'collection' AND m.thing_no = c.collection_no
        AND (m.line_id, m.amount_fen) = (c.line_id, c.amount_fen)
      LEFT JOIN collections r ON r.reverses = c.collection_no LEFT JOIN collections o ON o.collection_no = c.reverses
      WHERE CASE WHEN c.reverses IS NULL THEN c.line_id IS NOT NULL
        AND (m.line_id IS NULL) <> (r.collection_no IS NOT NULL)
        ELSE (o.merchant_id, o.money_account, -o.amount_fen) IS DISTINCT FROM (c.merchant_id, c.money_account,
          c.amount_fen) END
      UNION ALL
      SELECT 'match', m.match_id::text, NULL, m.amount_fen
      FROM line_matches m LEFT JOIN reconciliations r ON r.recon_no = m.recon_no
      LEFT JOIN reconciliations u ON u.recon_no = m.undone_by
      WHERE r.kind IS NULL OR (r.kind = 'run') <> (m.rule IS NOT NULL) OR r.kind = 'unmatch' OR m.undone_by IS NOT NULL
        AND u.kind IS DISTINCT FROM 'unmatch' OR m.thing = 'write_off' AND r.kind NOT IN ('forced', 'void')
        OR m.thing <> 'write_off' AND r.kind = 'void'
    )
    SELECT *, count(*) OVER () AS found FROM wrong ORDER BY thing, no LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`
    SELECT (SELECT count(*) FROM statement_lines) + (SELECT count(*) FROM line_matches) + (SELECT count(*)
      FROM expected_payouts) AS count`;
  const yuan = (fen: bigint | null) => (fen === null ? null : formatYuan(fen));
  return findingsOf(all!.count, rows, ({ thing, no, expected, present }) => ({
    thing,
    no,
    expected: yuan(expected),
    found: yuan(present),
  }));
}

/**
 * What is booked on each of the platform's own accounts is what its statements say, with the collections that none of
 * them has shown.
 */
export async function accountsMatchStatements(sql: Sql): Promise<Findings> {
  type Row = { moneyAccount: string; bookedFen: bigint; statedFen: bigint; found: bigint };
  const rows = await sql<Row[]>`
    SELECT money_account, booked_fen, stated_fen, count(*) OVER () AS found FROM (
      SELECT money_account, sum(booked_fen)::bigint AS booked_fen, sum(stated_fen)::bigint AS stated_fen FROM (
        SELECT money_account, amount AS booked_fen, 0::bigint AS stated_fen FROM journal_lines WHERE account = 'bank'
        UNION ALL SELECT money_account, 0, booked_fen FROM statements
        UNION ALL SELECT money_account, 0, amount_fen FROM collections c WHERE state = 'confirmed'
          AND NOT (is_opening AND EXISTS (SELECT FROM statements s WHERE s.money_account = c.money_account))
        UNION ALL SELECT c.money_account, 0, -m.amount_fen FROM line_matches m
          JOIN collections c ON c.collection_no = m.thing_no WHERE m.thing = 'collection' AND m.undone_by IS NULL
      ) moves GROUP BY money_account
    ) x WHERE booked_fen <> stated_fen ORDER BY money_account LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM money_accounts`;
  return findingsOf(all!.count, rows, ({ moneyAccount, bookedFen, statedFen }) => ({
    money_account: moneyAccount,
    booked: formatYuan(bookedFen),
    stated: formatYuan(statedFen),
  }));
}
