import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import { openBills } from "../billing/account-sql.ts";
import { requireReason } from "../../shared/reason.ts";
import { lineNoOf } from "../statements/model.ts";
import type { Fen } from "../../shared/money.ts";
import { collectClaimed, insertReversals } from "./collect-sql.ts";
import { beginReconciliation, postCollected, postMatches, reconciliationHead } from "./post.ts";
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
  takeReconcilingTurn,
  totalsOf,
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
      await takeReconcilingTurn(tx);
      const line = await findLine(tx, lineId);
      if (line === undefined) throw lineUnknown(lineId);
      if (line.openFen === null) throw nothingOpen(line);
      const numbers = things.filter((thing) => thing !== feeWord);
      const found = await expectedOnes(tx, line, numbers);
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
      const recon = await beginReconciliation(tx, reconciliationHead(context, "match", reason));
      await collectClaimed(tx, recon, null);
      await carryOut(tx, recon.reconNo);
      await postCollected(tx, recon);
      await postMatches(tx, recon, await totalsOf(tx, tx`found_matches`), 1n);
      await recordAction(tx, context, {
        action: "recon.match",
        subjectKind: "reconciliation",
        subject: recon.reconNo,
        details: { line: lineNoOf(lineId), things: things.join(" "), reason },
      });
      return { reconNo: recon.reconNo, line, openFen: hasFee ? 0n : restFen };
    },
    context.ending,
  );
}

/** The payouts, collections and bills of some numbers, each of them expected, and on the line's account. */
async function expectedOnes(
  tx: Transaction,
  line: MatchableLine,
  numbers: readonly string[],
): Promise<readonly ExpectedThing[]> {
  const found = await findThings(tx, numbers, (merchants) => openBills(tx, merchants));
  const missing = numbers.find((number) => !found.some(({ thingNo }) => thingNo === number));
  if (missing !== undefined) throw thingUnknown(missing);
  const settled = found.find(({ isExpected }) => !isExpected);
  if (settled !== undefined) throw notExpected(settled);
  const elsewhere = found.find(({ moneyAccount }) => moneyAccount !== null && moneyAccount !== line.moneyAccount);
  if (elsewhere !== undefined) throw otherMoneyAccount(line, elsewhere);
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
      await takeReconcilingTurn(tx);
      const line = await findLine(tx, lineId);
      if (line === undefined) throw lineUnknown(lineId);
      const recon = await beginReconciliation(tx, reconciliationHead(context, "unmatch", reason));
      if ((await undoMatches(tx, lineId, recon.reconNo)) === 0) throw notMatched(lineId);
      await insertReversals(tx, recon);
      await postCollected(tx, recon);
      await postMatches(
        tx,
        recon,
        await totalsOf(tx, tx`(SELECT * FROM line_matches WHERE undone_by = ${recon.reconNo})`),
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
