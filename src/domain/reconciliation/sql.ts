import type { Fragment, Sql, Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import type { Fen } from "../../shared/money.ts";
import type { MatchedTotal, Thing } from "./model.ts";

/** Whether no line is matched with the collection `c`, and it stands: neither was it taken back nor does it take back. */
const isUnseen = (sql: Sql): Fragment => sql`
  c.reverses IS NULL AND NOT EXISTS (SELECT FROM collections r WHERE r.reverses = c.collection_no)
  AND NOT EXISTS (SELECT FROM line_matches m
    WHERE m.thing = 'collection' AND m.thing_no = c.collection_no AND m.undone_by IS NULL)`;

/**
 * Collections that are confirmed and that no statement has shown. What came before collections were kept here is none
 * of them.
 */
export const expectedCollections = (sql: Sql): Fragment => sql`
  (SELECT * FROM collections c WHERE c.state = 'confirmed' AND NOT c.is_opening AND ${isUnseen(sql)})`;

/** Writes an act of matching. */
export async function insertReconciliation(tx: Transaction, one: Row<"reconciliations">): Promise<void> {
  await tx`
    INSERT INTO reconciliations (recon_no, kind, operator, host, at, business_date, reason, proposal_no)
    VALUES (${one.reconNo}, ${one.kind}, ${one.operator}, ${one.host}, ${one.at}, ${one.businessDate}, ${one.reason},
      ${one.proposalNo})`;
}

/** What rules found, by thing and money account: how many matches, and what they come to. */
export interface FoundTotal extends MatchedTotal {
  readonly moneyAccount: string;
}

/**
 * What lines `matches` come to by thing and money account; `matches` is a relation that has line_id, thing and
 * amount_fen.
 */
export const totalsOf = (sql: Sql, matches: Fragment): Promise<readonly FoundTotal[]> => sql<FoundTotal[]>`
  SELECT m.thing, l.money_account, count(*) AS matches, sum(m.amount_fen)::bigint AS amount_fen
  FROM ${matches} m JOIN statement_lines l ON l.line_id = m.line_id GROUP BY m.thing, l.money_account
  ORDER BY l.money_account, m.thing`;

/**
 * The same of matches by hand: of a collection on the account that it was booked on, which a forced match may find on
 * another one.
 */
export const totalsByHand = (sql: Sql, matches: Fragment): Promise<readonly FoundTotal[]> => sql<FoundTotal[]>`
  SELECT m.thing, coalesce(c.money_account, l.money_account) AS money_account, count(*) AS matches,
    sum(m.amount_fen)::bigint AS amount_fen
  FROM ${matches} m JOIN statement_lines l ON l.line_id = m.line_id
  LEFT JOIN collections c ON m.thing = 'collection' AND c.collection_no = m.thing_no
  GROUP BY 1, 2 ORDER BY 2, 1`;

/**
 * Whether each row of some statement was there to be changed; else somebody else was faster, or the database is broken.
 */
function requireCount(what: string, changed: number, expected: number): void {
  if (changed !== expected) throw new Error(`${changed} of ${expected} ${what} were open: run \`accrue verify\``);
}

/**
 * Carries out the matches in `found_matches`: they are written, and what they match is not open or expected any more.
 *
 * @throws an Error where something of it was not open
 */
export async function carryOut(tx: Transaction, reconNo: string): Promise<void> {
  await tx`
    INSERT INTO line_matches (match_id, line_id, thing, thing_no, amount_fen, rule, recon_no)
    SELECT nextval('id_seq'), line_id, thing, thing_no, amount_fen, rule, ${reconNo}
    FROM (SELECT * FROM found_matches ORDER BY line_id, thing_no) f`;
  await tx`
    CREATE TEMP TABLE found_sums ON COMMIT DROP AS
    SELECT line_id, sum(amount_fen)::bigint AS amount_fen, count(*) FILTER (WHERE thing = 'payout') AS payouts
    FROM found_matches GROUP BY line_id`;
  const [found] = await tx<{ lines: number; payouts: number }[]>`
    SELECT count(*)::integer AS lines, coalesce(sum(payouts), 0)::integer AS payouts FROM found_sums`;
  const whole = await tx`
    DELETE FROM open_lines o USING found_sums f WHERE o.line_id = f.line_id AND o.open_fen = f.amount_fen`;
  let { count: lines } = whole;
  if (lines < found!.lines) {
    const parts = await tx`
      UPDATE open_lines o SET open_fen = o.open_fen - f.amount_fen, differs = NULL FROM found_sums f
      WHERE o.line_id = f.line_id AND sign(o.open_fen) = sign(f.amount_fen) AND abs(o.open_fen) > abs(f.amount_fen)`;
    lines += parts.count;
  }
  requireCount("lines", lines, found!.lines);
  const payouts = await tx`DELETE FROM expected_payouts p USING found_matches f
      WHERE f.thing = 'payout' AND p.detail_no = f.thing_no`;
  requireCount("payouts", payouts.count, found!.payouts);
}

/** Takes the matches of a line back: what they matched is open and expected again. Gives how many it were. */
export async function undoMatches(tx: Transaction, lineId: bigint, reconNo: string): Promise<number> {
  const undone =
    await tx`UPDATE line_matches SET undone_by = ${reconNo} WHERE line_id = ${lineId} AND undone_by IS NULL`;
  if (undone.count === 0) return 0;
  await tx`
    INSERT INTO open_lines (line_id, open_fen) SELECT line_id, amount_fen FROM statement_lines WHERE line_id = ${lineId}
    ON CONFLICT (line_id) DO UPDATE SET open_fen = excluded.open_fen, differs = NULL`;
  await tx`
    INSERT INTO expected_payouts (detail_no, batch_no, net_fen, channel_ref, paid_on)
    SELECT d.detail_no, d.batch_no, d.net_fen, d.channel_ref,
      (d.answered_at AT TIME ZONE (SELECT time_zone FROM platform))::date
    FROM line_matches m JOIN payout_detail_keys k ON k.detail_no = m.thing_no
    JOIN payout_details d ON d.member_id = k.member_id AND d.detail_no = k.detail_no
    WHERE m.line_id = ${lineId} AND m.undone_by = ${reconNo} AND m.thing = 'payout'`;
  return undone.count;
}

/** Notes of an expected payout that no statement will show it. Gives whether it was expected. */
export async function voidExpectedPayout(tx: Transaction, detailNo: string, reconNo: string): Promise<boolean> {
  const { count } = await tx`
    WITH gone AS (DELETE FROM expected_payouts WHERE detail_no = ${detailNo} RETURNING detail_no, net_fen)
    INSERT INTO voided_payouts (detail_no, net_fen, recon_no) SELECT detail_no, net_fen, ${reconNo} FROM gone`;
  return count === 1;
}

/** A line as far as matching goes; `openFen` is null where nothing of it is open. */
export interface MatchableLine {
  readonly lineId: bigint;
  readonly moneyAccount: string;
  readonly amountFen: Fen;
  readonly openFen: Fen | null;
}

/** A line by its id, or undefined. */
export async function findLine(sql: Sql, lineId: bigint): Promise<MatchableLine | undefined> {
  const [row] = await sql<MatchableLine[]>`
    SELECT l.line_id, l.money_account, l.amount_fen, o.open_fen FROM statement_lines l
    LEFT JOIN open_lines o ON o.line_id = l.line_id WHERE l.line_id = ${lineId}`;
  return row;
}

/** The bills of some merchants with what is open of each (open_fen): of a query for merchant_id, another query. */
export type OpenBills = (merchants: Fragment) => Fragment;

/** Something that money is expected for. */
export interface ExpectedThing {
  readonly thing: "payout" | "collection" | "bill";
  readonly thingNo: string;
  /** With the sign that a line of it has; of a bill what is open. */
  readonly amountFen: Fen;
  /** The account on which it came in; null for a payout, which leaves on any of its channel, and for a bill. */
  readonly moneyAccount: string | null;
  /** Whose bill it is. */
  readonly merchantId: bigint | null;
  /** Whether it is expected: said to be paid, or confirmed, and not matched; of a bill, that something is open. */
  readonly isExpected: boolean;
}

/** Payouts, collections and bills by their numbers; unknown ones are missing. */
export const findThings = (
  sql: Sql,
  numbers: readonly string[],
  openBills: OpenBills,
): Promise<readonly ExpectedThing[]> => sql<ExpectedThing[]>`
  SELECT 'payout' AS thing, d.detail_no AS thing_no, -d.net_fen AS amount_fen, NULL AS money_account,
    NULL::bigint AS merchant_id, EXISTS (SELECT FROM expected_payouts p WHERE p.detail_no = d.detail_no) AS is_expected
  FROM payout_detail_keys k JOIN payout_details d ON d.member_id = k.member_id AND d.detail_no = k.detail_no
  WHERE k.detail_no = ANY(${[...numbers]}::text[])
  UNION ALL
  SELECT 'collection', c.collection_no, c.amount_fen, c.money_account, NULL, 
    c.state = 'confirmed' AND NOT c.is_opening AND ${isUnseen(sql)}
  FROM collections c WHERE c.collection_no = ANY(${[...numbers]}::text[])
  UNION ALL
  SELECT 'bill', b.bill_no, b.open_fen, NULL, b.merchant_id, b.open_fen > 0
  FROM (${openBills(sql`SELECT merchant_id FROM merchant_bills WHERE bill_no = ANY(${[...numbers]}::text[])`)}) b
  WHERE b.bill_no = ANY(${[...numbers]}::text[])`;

/** Puts what somebody matched by hand where the rules would; of bills, the claims on the line. */
export async function stageByHand(
  tx: Transaction,
  lineId: bigint,
  matches: readonly (Pick<ExpectedThing, "amountFen" | "merchantId"> & {
    readonly thing: Thing | "bill";
    readonly thingNo: string | null;
  })[],
): Promise<void> {
  await tx`CREATE TEMP TABLE found_matches (line_id bigint, thing text, thing_no text, amount_fen bigint, rule text)
    ON COMMIT DROP`;
  await tx`
    CREATE TEMP TABLE claimed_money ON COMMIT DROP AS
    SELECT ${lineId}::bigint AS line_id, merchant_id, sum(amount_fen)::bigint AS amount_fen
    FROM unnest(${matches.map(({ merchantId }) => merchantId?.toString() ?? null)}::bigint[],
      ${matches.map(({ amountFen }) => `${amountFen}`)}::bigint[])
      m (merchant_id, amount_fen) WHERE merchant_id IS NOT NULL GROUP BY merchant_id`;
  const others = matches.filter(({ thing }) => thing !== "bill");
  await tx`
    INSERT INTO found_matches (line_id, thing, thing_no, amount_fen)
    SELECT ${lineId}::bigint, * FROM unnest(${others.map(({ thing }) => thing)}::text[],
      ${others.map(({ thingNo }) => thingNo)}::text[], ${others.map(({ amountFen }) => `${amountFen}`)}::bigint[])`;
}
