import { send, type Fragment, type Sql, type Transaction } from "../../db/database.ts";
import { checkingKeysByOnePlan } from "../../db/planner.ts";
import type { Row } from "../../db/rows.ts";
import { accounts, collectionLines, type Account, type BurnAmounts, type JournalLine } from "./model.ts";

/**
 * The head of a journal transaction: its kind, date and operator, and the run, withdrawal or other document that
 * explains it.
 */
export interface JournalHead extends Row<"journalTransactions", "kind" | "businessDate" | "operator" | "postedAt"> {
  readonly runId?: bigint;
  readonly withdrawalNo?: string;
  /** The collection, or other document of money. */
  readonly documentNo?: string;
}

/** One journal transaction to post. */
export interface Posting {
  readonly head: JournalHead;
  readonly lines: readonly JournalLine[];
}

/**
 * Posts one balanced transaction to the general ledger; nothing is written for one without lines.
 *
 * @returns the transaction's id, or undefined when it had no line
 * @throws the database's refusal when the lines of a unit do not add up to zero
 */
export async function postJournal(
  tx: Transaction,
  head: JournalHead,
  lines: readonly JournalLine[],
): Promise<bigint | undefined> {
  const [journalId] = await postJournals(tx, [{ head, lines }]);
  return journalId;
}

/**
 * Posts many transactions at once: one statement for the heads and one for all lines, because the database checks the
 * balance of every transaction a statement touches. Postings without lines are left out.
 *
 * @returns the ids, in the order of the postings that have lines
 */
export async function postJournals(tx: Transaction, postings: readonly Posting[]): Promise<readonly bigint[]> {
  const posted = postings.filter(({ lines }) => lines.length > 0);
  if (posted.length === 0) return [];
  const ids = await tx<
    { id: bigint }[]
  >`SELECT nextval('journal_id_seq') AS id FROM generate_series(1, ${posted.length})`;
  // Array parameters are sent as text: the driver declares an array as the type of its first element, int8 in place of
  // int8[].
  const heads = posted.map(({ head }, index) => ({ ...head, journalId: ids[index]!.id }));
  await tx`
    INSERT INTO journal_transactions (journal_id, kind, run_id, withdrawal_no, document_no, business_date, operator,
      posted_at)
    SELECT * FROM unnest(
      ${heads.map((head) => `${head.journalId}`)}::bigint[], ${heads.map((head) => head.kind)}::text[],
      ${heads.map((head) => head.runId?.toString() ?? null)}::bigint[],
      ${heads.map((head) => head.withdrawalNo ?? null)}::text[],
      ${heads.map((head) => head.documentNo ?? null)}::text[], ${heads.map((head) => head.businessDate)}::date[],
      ${heads.map((head) => head.operator)}::text[],
      ${heads.map((head) => head.postedAt.toISOString())}::timestamptz[])`;
  const lines = posted.flatMap(({ lines }, index) =>
    lines.map((line, lineIndex) => ({ ...line, journalId: ids[index]!.id, lineNo: lineIndex + 1 })),
  );
  await tx`
    INSERT INTO journal_lines (journal_id, line_no, account, unit, amount, money_account)
    SELECT * FROM unnest(
      ${lines.map((line) => `${line.journalId}`)}::bigint[], ${lines.map((line) => line.lineNo)}::smallint[],
      ${lines.map((line) => line.account)}::text[], ${lines.map((line) => accounts[line.account])}::text[],
      ${lines.map((line) => `${line.amount}`)}::bigint[], ${lines.map((line) => line.moneyAccount ?? null)}::text[])`;
  return ids.map(({ id }) => id);
}

/**
 * Posts one transaction for each withdrawal of a set, all of one kind, in two statements, however many there are.
 *
 * @param linesOf the lines of one withdrawal; they are linear in its amounts, so the lines of 1 point, 1 fen net and 1
 * fen fee give the factors
 * @param moves a query for journal_id, withdrawal_no, points, net_fen, fee_fen: a transaction each, with an id drawn
 * for it
 */
export async function postPerWithdrawal(
  tx: Transaction,
  { kind, businessDate, operator, postedAt }: Omit<JournalHead, "withdrawalNo" | "runId">,
  linesOf: (amounts: BurnAmounts) => readonly JournalLine[],
  moves: Fragment,
): Promise<void> {
  const nothing = { points: 0n, netFen: 0n, feeFen: 0n };
  const shares = (["points", "netFen", "feeFen"] as const).map(
    (amount) => new Map(linesOf({ ...nothing, [amount]: 1n }).map((line) => [line.account, line.amount])),
  );
  const posted = [...new Set(shares.flatMap((share) => [...share.keys()]))];
  const [ofPoints, ofNet, ofFee] = shares.map((share) => posted.map((account) => `${share.get(account) ?? 0n}`));
  await tx`
    INSERT INTO journal_transactions (journal_id, kind, withdrawal_no, business_date, operator, posted_at)
    SELECT m.journal_id, ${kind}::text, m.withdrawal_no, ${businessDate}::date, ${operator}::text,
      ${postedAt}::timestamptz FROM (${moves}) m`;
  await checkingKeysByOnePlan(tx, () =>
    send(tx`
    INSERT INTO journal_lines (journal_id, line_no, account, unit, amount)
    SELECT * FROM (
      SELECT m.journal_id, l.line_no, l.account, l.unit,
        m.points * l.of_points + m.net_fen * l.of_net + m.fee_fen * l.of_fee AS amount
      FROM (${moves}) m
      CROSS JOIN unnest(${posted}::text[], ${posted.map((account) => accounts[account])}::text[],
                        ${ofPoints!}::bigint[], ${ofNet!}::bigint[], ${ofFee!}::bigint[])
        WITH ORDINALITY AS l (account, unit, of_points, of_net, of_fee, line_no)
    ) lines WHERE amount <> 0`),
  );
}

/**
 * Posts one transaction for each withdrawal of a set where points move and no money: `moves` is a query for journal_id,
 * withdrawal_no, points.
 */
export async function postPerPoint(
  tx: Transaction,
  head: Omit<JournalHead, "withdrawalNo" | "runId">,
  linesOf: (points: bigint) => readonly JournalLine[],
  moves: Fragment,
): Promise<void> {
  await postPerWithdrawal(
    tx,
    head,
    ({ points }) => linesOf(points),
    tx`SELECT m.journal_id, m.withdrawal_no, m.points, 0::bigint AS net_fen, 0::bigint AS fee_fen FROM (${moves}) m`,
  );
}

/**
 * Posts one transaction for each of some collections, in two statements, however many there are.
 *
 * @param which condition on `c`, a collection
 * @param linesOf the lines of one; they are linear in its amount
 */
export async function postCollections(
  tx: Transaction,
  { businessDate, operator, postedAt }: Omit<JournalHead, "kind" | "withdrawalNo" | "runId" | "documentNo">,
  which: Fragment,
  linesOf: typeof collectionLines = collectionLines,
): Promise<void> {
  await tx`
    CREATE TEMP TABLE posted_collections ON COMMIT DROP AS
    SELECT nextval('journal_id_seq') AS journal_id, c.collection_no, c.money_account, c.amount_fen FROM collections c
    WHERE ${which} ORDER BY c.collection_no`;
  await tx`
    INSERT INTO journal_transactions (journal_id, kind, document_no, business_date, operator, posted_at)
    SELECT journal_id, 'collection', collection_no, ${businessDate}::date, ${operator}::text, ${postedAt}::timestamptz
    FROM posted_collections`;
  const lines = linesOf(1n, "");
  await tx`
    INSERT INTO journal_lines (journal_id, line_no, account, unit, amount, money_account)
    SELECT p.journal_id, l.line_no, l.account, 'fen', l.sign * p.amount_fen,
      CASE l.account WHEN 'bank' THEN p.money_account END
    FROM posted_collections p
    CROSS JOIN unnest(${lines.map(({ account }) => account)}::text[],
      ${lines.map(({ amount }) => `${amount}`)}::bigint[])
      WITH ORDINALITY AS l (account, sign, line_no)`;
  await tx`DROP TABLE posted_collections`;
}

/** A posted transaction with its lines. */
export interface JournalRecord extends Row<
  "journalTransactions",
  "journalId" | "kind" | "businessDate" | "operator" | "postedAt"
> {
  readonly lines: readonly (JournalLine & { readonly unit: "fen" | "points" })[];
}

/** The journal transactions of one withdrawal, oldest first. */
export async function journalOfWithdrawal(sql: Sql, withdrawalNo: string): Promise<readonly JournalRecord[]> {
  type Row = Omit<JournalRecord, "lines"> & {
    readonly account: Account;
    readonly unit: "fen" | "points";
    readonly amount: bigint;
  };
  const rows = await sql<Row[]>`
    SELECT t.journal_id, t.kind, t.operator, t.business_date, t.posted_at, l.account, l.unit, l.amount
    FROM journal_transactions t JOIN journal_lines l ON l.journal_id = t.journal_id
    WHERE t.withdrawal_no = ${withdrawalNo} ORDER BY t.journal_id, l.line_no`;
  const records = new Map<bigint, JournalRecord & { lines: (JournalLine & { unit: "fen" | "points" })[] }>();
  for (const { account, unit, amount, ...head } of rows) {
    if (!records.has(head.journalId)) records.set(head.journalId, { ...head, lines: [] });
    records.get(head.journalId)!.lines.push({ account, unit, amount });
  }
  return [...records.values()];
}
