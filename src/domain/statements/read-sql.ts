import type { Fragment, Sql } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import type { PageQuery } from "../../shared/page.ts";
import type { Fen } from "../../shared/money.ts";

/**
 * Statements with the one before each: a query for their columns and for gap_after and gap_fen, where another one is
 * missing between. The one before is that which reaches furthest of all that begin earlier; one that overlaps leaves no
 * gap.
 */
const statementsWithGaps = (sql: Sql, condition: Fragment): Fragment => sql`
  SELECT s.*, i.file, CASE WHEN p.last_at < s.first_at AND p.closing_fen <> s.opening_fen THEN p.last_at
    END AS gap_after,
    CASE WHEN p.last_at < s.first_at AND p.closing_fen <> s.opening_fen THEN s.opening_fen - p.closing_fen
      END AS gap_fen
  FROM statements s
  LEFT JOIN imports i ON i.import_id = s.import_id
  LEFT JOIN LATERAL (
    SELECT p.last_at, p.closing_fen FROM statements p
    WHERE p.money_account = s.money_account
      AND (p.first_at, p.last_at, p.import_id) < (s.first_at, s.last_at, s.import_id)
    ORDER BY p.last_at DESC, p.lines_at_end DESC, p.import_id DESC LIMIT 1
  ) p ON true
  WHERE ${condition}`;

/** Between two instants, so much moved that no statement shows. */
export interface Gap {
  readonly after: Date;
  readonly before: Date;
  readonly amountFen: Fen;
}

/** Where the statements of an account do not join, the newest first; the first ten. */
export const gapsOf = (sql: Sql, moneyAccount: string): Promise<readonly Gap[]> => sql<Gap[]>`
  SELECT gap_after AS after, first_at AS before, gap_fen AS amount_fen
  FROM (${statementsWithGaps(sql, sql`s.money_account = ${moneyAccount}`)}) s WHERE gap_fen IS NOT NULL
  ORDER BY first_at DESC LIMIT 10`;

/** A statement as lists have it. */
export interface ListedStatement extends Row<
  "statements",
  | "importId"
  | "moneyAccount"
  | "ownAccount"
  | "firstAt"
  | "lastAt"
  | "openingFen"
  | "totalFen"
  | "closingFen"
  | "lines"
  | "newLines"
  | "operator"
  | "takenAt"
> {
  readonly file: string | null;
  /** Since when another statement is missing before it, and what moved meanwhile; null where none is. */
  readonly gapAfter: Date | null;
  readonly gapFen: Fen | null;
}

/** One page of statements, those that were imported last first. */
export const selectStatements = (
  sql: Sql,
  moneyAccount: string | undefined,
  page: PageQuery<bigint>,
): Promise<readonly ListedStatement[]> => sql<ListedStatement[]>`
  ${statementsWithGaps(
    sql,
    where(sql, [
      moneyAccount !== undefined && sql`s.money_account = ${moneyAccount}`,
      page.after !== undefined && sql`s.import_id < ${page.after}`,
    ]),
  )}
  ORDER BY s.import_id DESC LIMIT ${page.limit}`;

/** The statement that an import brought, or undefined. */
export async function findStatement(sql: Sql, importId: bigint): Promise<ListedStatement | undefined> {
  const [row] = await sql<ListedStatement[]>`${statementsWithGaps(sql, sql`s.import_id = ${importId}`)}`;
  return row;
}

export type StatementLine = Row<
  "statementLines",
  | "lineId"
  | "moneyAccount"
  | "lineKey"
  | "importId"
  | "occurredAt"
  | "amountFen"
  | "balanceFen"
  | "kind"
  | "counterparty"
  | "counterpartyName"
  | "reference"
  | "channelRef"
  | "remark"
>;

/** One page of the lines that a statement brought, in the order of their numbers. */
export const linesOfStatement = (
  sql: Sql,
  importId: bigint,
  page: PageQuery<bigint>,
): Promise<readonly StatementLine[]> =>
  sql<StatementLine[]>`
    SELECT * FROM statement_lines WHERE import_id = ${importId}
      AND ${where(sql, [page.after !== undefined && sql`line_id > ${page.after}`])}
    ORDER BY line_id LIMIT ${page.limit}`;
