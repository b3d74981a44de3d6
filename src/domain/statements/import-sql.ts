import { send, type Fragment, type Sql, type Transaction } from "../../db/database.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import { lastClosings } from "./closing-sql.ts";
import type { ChainLine, Ends } from "./model.ts";

/** Whether there is a statement of an account. */
export async function hasStatement(sql: Sql, moneyAccount: string): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`
    SELECT EXISTS (SELECT FROM statements WHERE money_account = ${moneyAccount}) AS found`;
  return row!.found;
}

/** The numbers of the rows that could not be read, in the order of the file. */
export async function unreadRecords(tx: Transaction): Promise<readonly number[]> {
  const rows = await tx<
    { record: number }[]
  >`SELECT record FROM staged_statement_lines WHERE is_refused ORDER BY record LIMIT 1000`;
  return rows.map(({ record }) => record);
}

/** What a whole statement says of itself. */
export interface StatementExtent {
  /** The rows of the file; one with a fee makes two lines. */
  readonly rows: number;
  readonly lines: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  readonly linesAtEnd: number;
  readonly totalFen: Fen;
  /** Whether its first row is later than its last. */
  readonly isNewestFirst: boolean;
}

/** How far the staged statement reaches; undefined when it has no line. */
export async function extentOf(tx: Transaction): Promise<StatementExtent | undefined> {
  const [row] = await tx<StatementExtent[]>`
    SELECT count(DISTINCT record)::integer AS rows, count(*)::integer AS lines, min(occurred_at) AS first_at, max(occurred_at) AS last_at,
      sum(amount_fen)::bigint AS total_fen,
      (SELECT count(*)::integer FROM staged_statement_lines
        WHERE occurred_at = (SELECT max(occurred_at) FROM staged_statement_lines)) AS lines_at_end,
          (SELECT occurred_at FROM staged_statement_lines ORDER BY record LIMIT 1)
        > (SELECT occurred_at FROM staged_statement_lines ORDER BY record DESC LIMIT 1) AS is_newest_first
    FROM staged_statement_lines`;
  return row!.lines === 0 ? undefined : row;
}

/**
 * Makes lines of their own of what the channel kept of rows for itself, and takes out those that only were that: their
 * amount is zero.
 */
export async function splitFees(tx: Transaction): Promise<void> {
  await tx`
    INSERT INTO staged_statement_lines (record, line, occurred_at, line_no, amount_fen, balance_fen, fee_fen, kind,
      reference, channel_ref, remark, currency, own_account)
    SELECT record, line, occurred_at, line_no || ':fee', -fee_fen, balance_fen, 0, 'fee', reference, channel_ref, remark,
      currency, own_account
    FROM staged_statement_lines WHERE fee_fen <> 0`;
  await tx`DELETE FROM staged_statement_lines WHERE amount_fen = 0`;
}

/** Whether no staged line says what stands on the account after it. */
export async function areWithoutBalance(tx: Transaction): Promise<boolean> {
  const [row] = await tx<{ found: boolean }[]>`
    SELECT EXISTS (SELECT FROM staged_statement_lines WHERE balance_fen IS NULL) AS found`;
  return row!.found;
}

/** Works out what stands after each staged line from what stood before them: by time, then by number. */
export async function setBalances(tx: Transaction, openingFen: Fen): Promise<void> {
  await tx`
    UPDATE staged_statement_lines s SET balance_fen = x.balance_fen
    FROM (SELECT record, line_no, (${openingFen}::bigint + sum(amount_fen) OVER (ORDER BY occurred_at, line_no, record
        ROWS UNBOUNDED PRECEDING))::bigint AS balance_fen FROM staged_statement_lines) x
    WHERE s.record = x.record AND s.line_no IS NOT DISTINCT FROM x.line_no`;
}

/** The order of the file, from its older end. */
export const fileOrder = (sql: Sql, isNewestFirst: boolean): Fragment =>
  isNewestFirst ? sql`record DESC` : sql`record`;

/**
 * The orders that times allow, as far as the file shows: rows of one instant as they stand in it, or the other way
 * round.
 */
export const timeOrders = (sql: Sql, isNewestFirst: boolean): readonly Fragment[] =>
  [isNewestFirst, !isNewestFirst].map((isReverse) => sql`occurred_at, ${fileOrder(sql, isReverse)}`);

/** A line that does not start from what the one before it leaves. */
export interface Break extends ChainLine {
  readonly beforeFen: Fen;
}

/** The first line, in some order, that does not start from what the one before it leaves; undefined when all do. */
export async function firstBreak(tx: Transaction, order: Fragment): Promise<Break | undefined> {
  const [row] = await tx<Break[]>`
    SELECT line, amount_fen, balance_fen, before_fen
    FROM (
      SELECT line, amount_fen, balance_fen, lag(balance_fen) OVER places AS before_fen,
        row_number() OVER places AS place
      FROM staged_statement_lines WINDOW places AS (ORDER BY ${order})
    ) x WHERE before_fen <> balance_fen - amount_fen ORDER BY place LIMIT 1`;
  return row;
}

/** What stood before the first line, in some order, and after the last one. */
export async function endsIn(tx: Transaction, order: Fragment): Promise<Ends> {
  const [row] = await tx<Ends[]>`
    SELECT opening_fen, (opening_fen + (SELECT sum(amount_fen) FROM staged_statement_lines))::bigint AS closing_fen
    FROM (SELECT balance_fen - amount_fen AS opening_fen FROM staged_statement_lines ORDER BY ${order} LIMIT 1) x`;
  return row!;
}

/** The days of the staged lines, in their order. */
export async function stagedDays(tx: Transaction, zone: string): Promise<readonly BusinessDate[]> {
  const rows = await tx<{ day: BusinessDate }[]>`
    SELECT DISTINCT (occurred_at AT TIME ZONE ${zone})::date AS day FROM staged_statement_lines ORDER BY 1`;
  return rows.map(({ day }) => day);
}

/** The lines of a day, in the order of the file. */
export const linesOfDay = (tx: Transaction, day: BusinessDate, zone: string): Promise<readonly ChainLine[]> => tx<
  ChainLine[]
>`
  SELECT line, amount_fen, balance_fen FROM staged_statement_lines
  WHERE (occurred_at AT TIME ZONE ${zone})::date = ${day} ORDER BY record`;

/** The first line in a currency that is not the platform's. */
export async function foreignLine(
  tx: Transaction,
): Promise<{ readonly line: number; readonly currency: string } | undefined> {
  const [row] = await tx<{ line: number; currency: string }[]>`
    SELECT line, currency FROM staged_statement_lines WHERE currency IS NOT NULL ORDER BY record LIMIT 1`;
  return row;
}

/**
 * The account numbers that the file names as its own, each with its first line, in the order of the file: one, or it is
 * wrong.
 */
export const ownAccounts = (
  tx: Transaction,
): Promise<readonly { readonly ownAccount: string; readonly line: number }[]> =>
  tx<{ ownAccount: string; line: number }[]>`
    SELECT own_account, min(line) AS line FROM staged_statement_lines WHERE own_account IS NOT NULL GROUP BY own_account ORDER BY min(record) LIMIT 2`;

/**
 * A money account and a number that earlier statements gave for it: either another account of the same number, or
 * another number of this one.
 */
export async function otherOwnAccount(
  tx: Transaction,
  moneyAccount: string,
  ownAccount: string,
): Promise<{ readonly moneyAccount: string; readonly ownAccount: string } | undefined> {
  const [row] = await tx<{ moneyAccount: string; ownAccount: string }[]>`
    SELECT money_account, own_account FROM statements
    WHERE own_account IS NOT NULL AND (money_account = ${moneyAccount}) <> (own_account = ${ownAccount}) ORDER BY import_id LIMIT 1`;
  return row;
}

/**
 * Judges the staged lines against what is known: `known_as` is the line that has the same key. Lines without a number
 * are known by all they say, and by how many like them stand before them in the file.
 *
 * @param isStated whether the balances are what the file says; what was worked out may be another in another file
 */
export async function judgeLines(tx: Transaction, moneyAccount: string, isStated: boolean): Promise<void> {
  await tx`
    CREATE TEMP TABLE judged_statement_lines ON COMMIT DROP AS
    SELECT k.*, l.line_id AS known_as,
      l.line_id IS NOT NULL AND ((l.amount_fen, l.occurred_at) <> (k.amount_fen, k.occurred_at)
        OR ${isStated} AND l.balance_fen <> k.balance_fen) AS is_changed
    FROM (
      SELECT s.*,
        coalesce(line_no, said || ':' || row_number() OVER (PARTITION BY line_no IS NULL, said ORDER BY record)) AS line_key
      FROM (
        SELECT *, CASE WHEN line_no IS NULL
          THEN '~' || md5(concat_ws(chr(31), extract(epoch FROM occurred_at), amount_fen, balance_fen,
          coalesce(counterparty, ''), coalesce(counterparty_name, ''), coalesce(reference, ''), coalesce(remark, '')))
            END AS said
        FROM staged_statement_lines
      ) s
    ) k
    LEFT JOIN statement_lines l ON l.line_key = k.line_key AND l.money_account = ${moneyAccount}`;
  await tx`ANALYZE judged_statement_lines`;
}

/** A line whose number is known with other content, or comes twice in the file. */
export interface ConflictingLine {
  readonly line: number;
  readonly lineNo: string;
  /** The line that is known; null where the number comes twice. */
  readonly lineId: bigint | null;
}

/** The first line in the order of the file that contradicts another one of its number. */
export async function conflictingLine(tx: Transaction): Promise<ConflictingLine | undefined> {
  const [row] = await tx<ConflictingLine[]>`
    SELECT line, line_no, line_id FROM (
      SELECT record, line, line_no, known_as AS line_id FROM judged_statement_lines WHERE is_changed
      UNION ALL
      SELECT record, line, line_no, NULL FROM (
        SELECT record, line, line_no, row_number() OVER (PARTITION BY line_key ORDER BY record) AS occurrence
        FROM judged_statement_lines) x WHERE occurrence = 2
    ) x ORDER BY record LIMIT 1`;
  return row;
}

/**
 * The first line whose number is one of another account. Numbers of a channel are its own, whatever account they are
 * on.
 */
export async function lineOfAnotherAccount(
  tx: Transaction,
  moneyAccount: string,
): Promise<{ readonly line: number; readonly lineNo: string; readonly of: string } | undefined> {
  const [row] = await tx<{ line: number; lineNo: string; of: string }[]>`
    SELECT j.line, j.line_no, l.money_account AS of
    FROM judged_statement_lines j JOIN statement_lines l ON l.line_key = j.line_key
    WHERE j.line_no IS NOT NULL AND l.money_account <> ${moneyAccount}
      AND (l.amount_fen, l.balance_fen, l.occurred_at) = (j.amount_fen, j.balance_fen, j.occurred_at)
    ORDER BY j.record LIMIT 1`;
  return row;
}

/** How many of the judged lines are new, and of how many rows they are. */
export async function countNew(tx: Transaction): Promise<Pick<StatementExtent, "rows" | "lines">> {
  const [row] = await tx<Pick<StatementExtent, "rows" | "lines">[]>`
    SELECT count(DISTINCT record)::integer AS rows, count(*)::integer AS lines FROM judged_statement_lines
    WHERE known_as IS NULL`;
  return row!;
}

/** Writes the new lines, numbered in the order of their times; what each was for is open. Gives how many. */
export async function insertLines(
  tx: Transaction,
  moneyAccount: string,
  importId: bigint,
  zone: string,
  firstId: bigint,
): Promise<number> {
  const { count } = await send(tx`
    INSERT INTO statement_lines (line_id, money_account, line_key, import_id, occurred_at, business_date, amount_fen,
      balance_fen, kind, counterparty, counterparty_name, reference, channel_ref, remark)
    SELECT ${firstId}::bigint - 1 + row_number() OVER (ORDER BY occurred_at, record), ${moneyAccount}, line_key,
      ${importId}::bigint, occurred_at, (occurred_at AT TIME ZONE ${zone})::date, amount_fen, balance_fen, kind,
      counterparty, counterparty_name, reference, channel_ref, remark
    FROM judged_statement_lines WHERE known_as IS NULL`);
  await send(
    tx`INSERT INTO open_lines (line_id, open_fen) SELECT line_id, amount_fen FROM statement_lines
      WHERE line_id >= ${firstId} AND import_id = ${importId}`,
  );
  return count;
}

/** A sum of hashes over all that lines say, whatever their order. */
export const digestOf = (sql: Sql): Fragment => sql`
  coalesce(sum(hashtextextended(concat_ws(chr(31), line_id, money_account, line_key, extract(epoch FROM occurred_at),
    business_date, amount_fen, balance_fen, coalesce(kind, ''), coalesce(counterparty, ''),
    coalesce(counterparty_name, ''), coalesce(reference, ''), coalesce(channel_ref, ''), coalesce(remark, '')),
      0)::numeric), 0)::text`;

/** What is written of a statement beside what its lines say. */
export interface NewStatement extends Omit<StatementExtent, "isNewestFirst" | "rows"> {
  readonly importId: bigint;
  readonly moneyAccount: string;
  readonly ownAccount: string | null;
  readonly openingFen: Fen;
  readonly closingFen: Fen;
  readonly newLines: number;
  readonly businessDate: BusinessDate;
  readonly operator: string;
  readonly takenAt: Date;
}

/**
 * Writes the statement, after its lines: with it, what is booked on the account is what stands on it by the statement
 * that ends last.
 *
 * @returns what is booked with it
 */
export async function insertStatement(tx: Transaction, one: NewStatement): Promise<Fen> {
  const withIt = tx`(
    SELECT money_account, import_id, last_at, closing_fen, lines_at_end FROM statements
    WHERE money_account = ${one.moneyAccount}
    UNION ALL SELECT ${one.moneyAccount}, ${one.importId}::bigint, ${one.lastAt}::timestamptz,
      ${one.closingFen}::bigint, ${one.linesAtEnd}::integer)`;
  const [row] = await tx<{ bookedFen: Fen }[]>`
    INSERT INTO statements (import_id, money_account, own_account, first_at, last_at, opening_fen, total_fen,
      closing_fen, lines, new_lines, lines_at_end, digest, booked_fen, business_date, operator, taken_at)
    SELECT ${one.importId}, ${one.moneyAccount}, ${one.ownAccount}, ${one.firstAt}, ${one.lastAt}, ${one.openingFen},
      ${one.totalFen}, ${one.closingFen}, ${one.lines}, ${one.newLines}, ${one.linesAtEnd},
      (SELECT ${digestOf(tx)} FROM statement_lines WHERE import_id = ${one.importId}),
      (SELECT closing_fen FROM (${lastClosings(tx, withIt)}) c)
        - coalesce((SELECT sum(booked_fen) FROM statements WHERE money_account = ${one.moneyAccount}), 0)::bigint,
      ${one.businessDate}, ${one.operator}, ${one.takenAt}
    RETURNING booked_fen`;
  return row!.bookedFen;
}
