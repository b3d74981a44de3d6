import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import { openBills, takeMatchingTurn } from "../billing/account-sql.ts";
import { requireReason } from "../../shared/reason.ts";
import { lineNoOf } from "../statements/model.ts";
import type { Fen } from "../../shared/money.ts";
import { collectClaimed, insertReversals } from "./collect-sql.ts";
import {
  beginReconciliation,
  postCollected,
  postMatches,
  reconciliationHead,
  type ReconciliationHead,
} from "./post.ts";
import {
  doesNotFit,
  lineUnknown,
  nothingOpen,
  notExpected,
  notMatched,
  otherMoneyAccount,
  thingTwice,
  thingUnknown,
} from "./refusals.ts";
import {
  carryOut,
  findLine,
  findThings,
  stageByHand,
  totalsByHand,
  undoMatches,
  type ExpectedThing,
  type MatchableLine,
} from "./sql.ts";

/** A match or its undoing: under which number it is booked, and what of the line is open after it. */
export interface ByHand {
  readonly reconNo: string;
  readonly line: MatchableLine;
  readonly openFen: Fen;
}

/** Stands for what a channel takes for itself. */
export const feeWord = "fee";

/**
 * Matches a line of a statement with what it was for, on an operator's word: payouts or collections by their numbers,
 * each with its whole amount, or bills, of whose merchants it makes collections over what is open of them; `fee` is what
 * is left of the line then. It may leave a part of the line open.
 *
 * @param things numbers, or `fee`
 * @throws usage errors `invalid_reason`, `thing_twice`; refused `line_unknown`, `line_matched`, `thing_unknown`,
 *   `thing_not_expected`, `match_account`, `match_direction`, `match_too_large`
 */
export async function matchByHand(
  context: Context,
  lineId: bigint,
  things: readonly string[],
  reason: string,
): Promise<ByHand> {
  requireReason(reason);
  const twice = things.find((thing, index) => things.indexOf(thing) !== index);
  if (twice !== undefined) throw thingTwice(twice);
  return inTransaction(
    context.db,
    async (tx) => {
      const line = await takeOpenLine(tx, lineId);
      const numbers = things.filter((thing) => thing !== feeWord);
      const found = await expectedOnes(tx, numbers);
      const elsewhere = found.find((one) => isElsewhere(line, one));
      if (elsewhere !== undefined) throw otherMoneyAccount(line, elsewhere);
      const sumFen = found.reduce((sum, { amountFen }) => sum + amountFen, 0n);
      const restFen = line.openFen - sumFen;
      if (numbers.length > 0 && (sumFen < 0n !== line.openFen < 0n || restFen * line.openFen < 0n))
        throw doesNotFit(line, line.openFen, sumFen);
      const hasFee = numbers.length < things.length;
      if (hasFee && restFen >= 0n) throw doesNotFit(line, restFen, -1n);
      await stageByHand(tx, lineId, [
        ...found,
        ...(hasFee ? [{ thing: "fee" as const, thingNo: null, merchantId: null, amountFen: restFen }] : []),
      ]);
      const reconNo = await carryOutStaged(tx, context, reconciliationHead(context, "match", reason), {
        line: lineNoOf(lineId),
        things: things.join(" "),
        reason,
      });
      return { reconNo, line, openFen: hasFee ? 0n : restFen };
    },
    context.ending,
  );
}

/**
 * Takes a line of which something is open; nobody matches it until the transaction ends.
 *
 * @throws refused `line_unknown`, `line_matched`
 */
export async function takeOpenLine(
  tx: Transaction,
  lineId: bigint,
): Promise<MatchableLine & { readonly openFen: Fen }> {
  await takeMatchingTurn(tx);
  const line = await findLine(tx, lineId);
  if (line === undefined) throw lineUnknown(lineId);
  const { openFen } = line;
  if (openFen === null) throw nothingOpen(line);
  return { ...line, openFen };
}

/** Carries out what was staged by hand, posts and records it. @returns the number of the act */
export async function carryOutStaged(
  tx: Transaction,
  context: Context,
  head: ReconciliationHead,
  details: Readonly<Record<string, string>>,
): Promise<string> {
  const recon = await beginReconciliation(tx, head);
  await collectClaimed(tx, recon, null);
  await carryOut(tx, recon.reconNo);
  await postCollected(tx, recon);
  await postMatches(tx, recon, await totalsByHand(tx, tx`found_matches`), 1n);
  await recordAction(tx, context, {
    action: `recon.${head.kind}`,
    subjectKind: "reconciliation",
    subject: recon.reconNo,
    details,
  });
  return recon.reconNo;
}

/** Whether something came in on another account than that of a line. */
export const isElsewhere = ({ moneyAccount: own }: MatchableLine, { moneyAccount }: ExpectedThing): boolean =>
  moneyAccount !== null && moneyAccount !== own;

/**
 * The payouts, collections and bills of some numbers, each of them expected.
 *
 * @throws refused `thing_unknown`, `thing_not_expected`
 */
export async function expectedOnes(tx: Transaction, numbers: readonly string[]): Promise<readonly ExpectedThing[]> {
  const found = await findThings(tx, numbers, (merchants) => openBills(tx, merchants));
  const missing = numbers.find((number) => !found.some(({ thingNo }) => thingNo === number));
  if (missing !== undefined) throw thingUnknown(missing);
  const settled = found.find(({ isExpected }) => !isExpected);
  if (settled !== undefined) throw notExpected(settled);
  return found;
}

/**
 * Takes back all that a line is matched with: the line is open again, what it was matched with is expected again, a
 * collection that was made of it is taken back, and the reverse is posted.
 *
 * @throws a usage error, `invalid_reason`; refused `line_unknown`, `line_not_matched`
 */
export async function unmatch(context: Context, lineId: bigint, reason: string): Promise<ByHand> {
  requireReason(reason);
  return inTransaction(
    context.db,
    async (tx) => {
      await takeMatchingTurn(tx);
      const line = await findLine(tx, lineId);
      if (line === undefined) throw lineUnknown(lineId);
      const recon = await beginReconciliation(tx, reconciliationHead(context, "unmatch", reason));
      if ((await undoMatches(tx, lineId, recon.reconNo)) === 0) throw notMatched(lineId);
      await insertReversals(tx, recon);
      await postCollected(tx, recon);
      await postMatches(
        tx,
        recon,
        await totalsByHand(tx, tx`(SELECT * FROM line_matches WHERE undone_by = ${recon.reconNo})`),
        -1n,
      );
      await recordAction(tx, context, {
        action: "recon.unmatch",
        subjectKind: "reconciliation",
        subject: recon.reconNo,
        details: { line: lineNoOf(lineId), reason },
      });
      return { reconNo: recon.reconNo, line, openFen: line.amountFen };
    },
    context.ending,
  );
}
