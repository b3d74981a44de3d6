import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import type { Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import { takeMatchingTurn } from "../billing/account-sql.ts";
import { refusedError, type AccrueError } from "../../shared/errors.ts";
import { formatYuan, type Fen } from "../../shared/money.ts";
import type { JsonObject } from "../../shared/json.ts";
import type { Fact, Proposal, Subject } from "../approvals/subject.ts";
import { voidedPayoutLines } from "../ledger/model.ts";
import { postCollections, postJournal } from "../ledger/sql.ts";
import { lineIdOf } from "../statements/model.ts";
import { insertVoidReversal } from "./collect-sql.ts";
import { carryOutStaged, expectedOnes, takeOpenLine } from "./match.ts";
import { beginReconciliation, reconciliationHead } from "./post.ts";
import { notExpected } from "./refusals.ts";
import { stageByHand, voidExpectedPayout, type ExpectedThing } from "./sql.ts";

/** What is proposed when a line, payout or collection will never be matched: its number. */
export type VoidDocument = { readonly no: string };

/** A bill's money is written off, and never void. */
const billIsOwed = (thingNo: string): AccrueError =>
  refusedError("bill_not_voidable", `bill ${thingNo} is no single payment that a statement would show`, {
    hint: "`accrue merchant write-off` gives up what a merchant will never pay, `accrue merchant correct-bill` corrects a bill",
    details: { bill_no: thingNo },
  });

/** Something that was expected, and of which no statement will show anything. */
async function expectedOne(tx: Transaction, no: string): Promise<ExpectedThing> {
  await takeMatchingTurn(tx);
  const [one] = await expectedOnes(tx, [no]);
  if (one!.thing === "bill") throw billIsOwed(no);
  return one!;
}

const moneyText = (what: string, amountFen: Fen): Fact => {
  const amount = formatYuan(amountFen < 0n ? -amountFen : amountFen);
  if (what === "collection") return ["money", `the merchant owes the ${amount} yuan again`];
  // A payout that never leaves is a gain, and so is money that came in and is nobody's.
  const isGain = what === "payout" || amountFen > 0n;
  return ["money", `the platform ${isGain ? "gains" : "loses"} ${amount} yuan (write_offs)`];
};

/**
 * Something that will never be matched: what is open of a line is written off; a payout that no statement will show is
 * owed to nobody any more; a collection that never came is taken back. It rests on what is open of it.
 */
export const reconVoidSubject: Subject<VoidDocument> = {
  kind: "recon_void",
  proposers: ["finance", "admin"],
  approvers: ["finance", "admin"],
  title: ({ no }) => `${no} will never be matched`,
  facts: (_document, { what, amount_fen: amount }) => [
    [what as string, `${formatYuan(BigInt(amount as string))} yuan`],
    moneyText(what as string, BigInt(amount as string)),
  ],
  basis: async (tx, { no }): Promise<JsonObject> => {
    const lineId = lineIdOf(no);
    if (lineId !== undefined) {
      const { openFen } = await takeOpenLine(tx, lineId);
      return { what: "line", amount_fen: String(openFen) };
    }
    const { thing, amountFen } = await expectedOne(tx, no);
    return { what: thing, amount_fen: String(amountFen) };
  },
  apply: async (tx, context, { no }, proposal) => {
    const lineId = lineIdOf(no);
    const head = reconciliationHead(context, "void", proposal.reason, proposal.proposalNo);
    const details = { no, reason: proposal.reason, proposal: proposal.proposalNo };
    if (lineId !== undefined) {
      const { openFen } = await takeOpenLine(tx, lineId);
      await stageByHand(tx, lineId, [{ thing: "write_off", thingNo: null, merchantId: null, amountFen: openFen }]);
      return { recon_no: await carryOutStaged(tx, context, head, details) };
    }
    const one = await expectedOne(tx, no);
    const recon = await beginReconciliation(tx, head);
    await (one.thing === "payout" ? voidPayout(tx, recon, one) : voidCollection(tx, recon, one, proposal));
    await recordVoid(tx, context, recon.reconNo, details);
    return { recon_no: recon.reconNo };
  },
};

const recordVoid = (tx: Transaction, context: Context, subject: string, details: Readonly<Record<string, string>>) =>
  recordAction(tx, context, { action: "recon.void", subjectKind: "reconciliation", subject, details });

async function voidPayout(
  tx: Transaction,
  { reconNo, businessDate, operator, at }: Row<"reconciliations">,
  one: ExpectedThing,
): Promise<void> {
  if (!(await voidExpectedPayout(tx, one.thingNo, reconNo))) throw notExpected(one);
  const head = { kind: "statement", documentNo: reconNo, businessDate, operator, postedAt: at } as const;
  await postJournal(tx, head, voidedPayoutLines(-one.amountFen));
}

async function voidCollection(
  tx: Transaction,
  recon: Row<"reconciliations">,
  { thingNo }: ExpectedThing,
  { maker }: Pick<Proposal, "maker">,
): Promise<void> {
  const reversal = await insertVoidReversal(tx, recon, thingNo, maker);
  const { businessDate, operator, at: postedAt } = recon;
  await postCollections(tx, { businessDate, operator, postedAt }, tx`c.collection_no = ${reversal}`);
}
