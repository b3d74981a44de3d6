import type { Sql } from "../db/database.ts";
import { lastClosings } from "../domain/statements/closing-sql.ts";
import { digestOf } from "../domain/statements/import-sql.ts";
import { formatYuan } from "../shared/money.ts";
import { findingsOf, namedViolations, type Findings } from "./model.ts";

/** Each statement brought the lines that it says, word for word, and what is booked with those of an account is what the last one closes with. */
export async function statementsAddUp(sql: Sql): Promise<Findings> {
  type Row = { importId: bigint | null; moneyAccount: string; newLines: number | null; lines: bigint; isAsRead: boolean; bookedFen: bigint | null; closingFen: bigint | null; found: bigint };
  const rows = await sql<Row[]>`
    SELECT *, count(*) OVER () AS found FROM (
      SELECT import_id, coalesce(s.money_account, l.money_account) AS money_account, s.new_lines, coalesce(l.lines, 0) AS lines,
        coalesce(l.digest, '0') = s.digest AND coalesce(l.money_account, s.money_account) = s.money_account AS is_as_read, NULL::bigint AS booked_fen, NULL::bigint AS closing_fen
      FROM statements s
      FULL JOIN (SELECT import_id, min(money_account) AS money_account, count(*) AS lines, ${digestOf(sql)} AS digest FROM statement_lines GROUP BY import_id) l USING (import_id)
      WHERE s.import_id IS NULL OR s.new_lines <> coalesce(l.lines, 0) OR coalesce(l.digest, '0') <> s.digest OR l.money_account <> s.money_account
      UNION ALL
      SELECT NULL, money_account, NULL, 0, true, b.booked_fen, c.closing_fen
      FROM (SELECT money_account, sum(booked_fen)::bigint AS booked_fen FROM statements GROUP BY money_account) b
      JOIN (${lastClosings(sql)}) c USING (money_account) WHERE b.booked_fen <> c.closing_fen
    ) x ORDER BY money_account, import_id LIMIT ${namedViolations}`;
  const [all] = await sql<{ count: bigint }[]>`SELECT count(*) AS count FROM statements`;
  return findingsOf(all!.count, rows, ({ importId, moneyAccount, newLines, lines, isAsRead, bookedFen, closingFen }) =>
    importId === null
      ? { money_account: moneyAccount, booked: formatYuan(bookedFen!), closing: formatYuan(closingFen!) }
      : { import_id: importId, money_account: moneyAccount, recorded: newLines, lines, as_read: isAsRead });
}
