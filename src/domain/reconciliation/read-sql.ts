import type { Fragment, Sql } from "../../db/database.ts";
import { numberTextOf } from "../../db/numbers.ts";
import { rangeOfDays } from "../../db/ranges.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import type { PageQuery } from "../../shared/page.ts";
import { ages, type Age, type LineState, type Thing } from "./model.ts";
import { expectedCollections } from "./sql.ts";

/**
 * All that is open: lines, and what money is expected for. A query for no, what, state, money_account, business_date,
 * amount_fen, open_fen, says, differs.
 */
const openThings = (sql: Sql): Fragment => sql`
  SELECT ${numberTextOf(sql, "L", sql`l.line_id`)} AS no, 'line' AS what,
    CASE WHEN o.open_fen <> l.amount_fen THEN 'partially_matched' WHEN o.differs IS NOT NULL THEN 'mismatched'
      ELSE 'unexpected' END AS state,
    l.money_account, l.business_date, l.amount_fen, o.open_fen,
    coalesce(l.remark, l.counterparty_name, l.counterparty, l.kind) AS says, o.differs
  FROM open_lines o JOIN statement_lines l ON l.line_id = o.line_id
  UNION ALL
  SELECT p.detail_no, 'payout', 'expected', NULL, p.paid_on, -p.net_fen, -p.net_fen, p.batch_no, NULL
  FROM expected_payouts p
  UNION ALL
  SELECT c.collection_no, 'collection', 'expected', c.money_account, c.received_on, c.amount_fen, c.amount_fen,
    c.reference, NULL FROM ${expectedCollections(sql)} c`;

/** Something that is open. */
export interface OpenThing {
  /** L00000001, D00000001 or C00000001. */
  readonly no: string;
  readonly what: "line" | "payout" | "collection";
  readonly state: Exclude<LineState, "matched" | "void"> | "expected";
  readonly moneyAccount: string | null;
  readonly businessDate: BusinessDate;
  /** Below zero: money that left, or is to leave. */
  readonly amountFen: Fen;
  readonly openFen: Fen;
  readonly says: string | null;
  readonly differs: readonly string[] | null;
  readonly age: Age;
}

/** What a list of open things can be narrowed to. */
export interface OpenFilter {
  readonly state?: OpenThing["state"] | undefined;
  readonly moneyAccount?: string | undefined;
  readonly age?: Age | undefined;
}

const agedThings = (sql: Sql, today: BusinessDate): Fragment =>
  sql`(SELECT t.*, ${rangeOfDays(
    sql,
    sql`t.business_date`,
    today,
    ages.map(({ age: word, lastDay }) => ({ word, lastDay })),
  )} AS age FROM (${openThings(sql)}) t)`;

/**
 * What is open, the oldest first, as far as is asked for. `after` is the number of the last one of the page before;
 * without a limit it is to be read by a cursor.
 */
export const selectOpen = (
  sql: Sql,
  { state, moneyAccount, age }: OpenFilter,
  { after, limit }: Partial<PageQuery<string>>,
  today: BusinessDate,
) => sql<OpenThing[]>`
  WITH open AS MATERIALIZED ${agedThings(sql, today)}
  SELECT * FROM open WHERE ${where(sql, [
    state !== undefined && sql`state = ${state}`,
    moneyAccount !== undefined && sql`money_account = ${moneyAccount}`,
    age !== undefined && sql`age = ${age}`,
    after !== undefined && sql`(business_date, no) > (SELECT business_date, no FROM open WHERE no = ${after})`,
  ])}
  ORDER BY business_date, no ${limit === undefined ? sql`` : sql`LIMIT ${limit}`}`;

/** What is open of one state, direction and age: how many, and what it comes to. */
export interface OpenTotal extends Pick<OpenThing, "state" | "age"> {
  readonly direction: "in" | "out";
  readonly count: bigint;
  readonly openFen: Fen;
}

/** What is open, by state, direction and age; only what there is. */
export const openTotals = (sql: Sql, today: BusinessDate): Promise<readonly OpenTotal[]> => sql<OpenTotal[]>`
  SELECT state, CASE WHEN open_fen < 0 THEN 'out' ELSE 'in' END AS direction, age, count(*) AS count,
    sum(abs(open_fen))::bigint AS open_fen
  FROM ${agedThings(sql, today)} t GROUP BY 1, 2, 3 ORDER BY 1, 2, min(business_date) DESC`;

/** A match, and the acts that made it and took it back. */
export interface ShownMatch {
  readonly lineId: bigint;
  readonly thing: Thing;
  readonly thingNo: string | null;
  readonly amountFen: Fen;
  readonly rule: string | null;
  readonly reconNo: string;
  readonly operator: string;
  readonly at: Date;
  readonly reason: string | null;
  /** What two operators agreed on; null where one was enough. */
  readonly proposalNo: string | null;
  readonly undoneBy: string | null;
  readonly undoneOperator: string | null;
  readonly undoneAt: Date | null;
  readonly undoReason: string | null;
}

/** The matches of a line, or of a payout or collection, the oldest first. */
export const matchesOf = (
  sql: Sql,
  of: { readonly lineId: bigint } | { readonly thingNo: string },
): Promise<readonly ShownMatch[]> => sql<ShownMatch[]>`
  SELECT m.line_id, m.thing, m.thing_no, m.amount_fen, m.rule, m.recon_no, r.operator, r.at, r.reason,
    r.proposal_no,
    m.undone_by, u.operator AS undone_operator, u.at AS undone_at, u.reason AS undo_reason
  FROM line_matches m JOIN reconciliations r ON r.recon_no = m.recon_no
  LEFT JOIN reconciliations u ON u.recon_no = m.undone_by
  WHERE ${"lineId" in of ? sql`m.line_id = ${of.lineId}` : sql`m.thing_no = ${of.thingNo}`} ORDER BY m.match_id`;

/** A line with all that it says, and what of it is open. */
export interface ShownLine extends Row<"statementLines"> {
  readonly openFen: Fen | null;
  readonly differs: readonly string[] | null;
}

/** A line by its id, or undefined. */
export async function findShownLine(sql: Sql, lineId: bigint): Promise<ShownLine | undefined> {
  const [row] = await sql<ShownLine[]>`
    SELECT l.*, o.open_fen, o.differs FROM statement_lines l LEFT JOIN open_lines o ON o.line_id = l.line_id
    WHERE l.line_id = ${lineId}`;
  return row;
}
