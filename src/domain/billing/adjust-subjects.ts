import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import type { Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import { businessDateOf } from "../../shared/business-date.ts";
import { refusedError, type AccrueError } from "../../shared/errors.ts";
import { formatYuan, type Fen } from "../../shared/money.ts";
import type { Proposal, Subject } from "../approvals/subject.ts";
import { dateIsClosed } from "../ledger/closed-dates.ts";
import { isDateClosedMeanwhile } from "../ledger/closed-dates-sql.ts";
import { owedLines } from "../ledger/model.ts";
import { postJournal } from "../ledger/sql.ts";
import { merchantUnknown } from "../merchants/merchant-errors.ts";
import { findMerchant, type MerchantRow } from "../merchants/sql.ts";
import { standingOf, takeMatchingTurn } from "./account-sql.ts";
import { findChargedBill, insertMerchantAdjustment, type ChargedBill } from "./adjust-sql.ts";
import { periodText } from "./model.ts";

const roles = ["finance", "admin"] as const;

/** What is proposed when a part of what a merchant owes is given up. */
export type WriteOffDocument = {
  readonly kind: "write_off";
  readonly merchant_code: string;
  readonly bill_no: null;
  /** Below zero: what the merchant owes less. */
  readonly amount_fen: string;
};

/** What is proposed of so much of what a merchant owes. */
export const writeOffDocument = (merchantCode: string, amountFen: Fen): WriteOffDocument => ({
  kind: "write_off",
  merchant_code: merchantCode,
  bill_no: null,
  amount_fen: String(-amountFen),
});

/** A merchant, and what is left of its bills: nobody matches, writes off or corrects it until the transaction ends. */
async function owing(tx: Transaction, merchantCode: string): Promise<MerchantRow & { readonly owedFen: Fen }> {
  await takeMatchingTurn(tx);
  const merchant = await findMerchant(tx, merchantCode);
  if (merchant === undefined) throw merchantUnknown(merchantCode);
  const { billedFen } = await standingOf(tx, merchant.merchantId);
  return { ...merchant, owedFen: billedFen > 0n ? billedFen : 0n };
}

const moreThanOwed = (merchantCode: string, owedFen: Fen, amountFen: Fen): AccrueError =>
  refusedError(
    "write_off_too_large",
    `merchant ${merchantCode} owes ${formatYuan(owedFen)} yuan on bills, less than the ${formatYuan(amountFen)} to be written off`,
    {
      hint: "only what is billed and not paid is written off: `accrue merchant bills --open` shows it",
      details: { merchant_code: merchantCode, owed: formatYuan(owedFen), amount: formatYuan(amountFen) },
    },
  );

/**
 * Gives up a part of what a merchant owes on bills, the oldest first. It rests on what is owed. What is written off
 * counts as settled: the merchant is cleared through it.
 */
export const writeOffSubject: Subject<WriteOffDocument> = {
  kind: "merchant_write_off",
  proposers: roles,
  approvers: roles,
  title: ({ merchant_code: code, amount_fen: amount }) =>
    `write off ${formatYuan(-BigInt(amount))} yuan of merchant ${code}`,
  facts: ({ amount_fen: amount }, { name, owed_fen: owed }) => [
    ["merchant", name as string],
    ["owed on bills", `${formatYuan(BigInt(owed as string))} → ${formatYuan(BigInt(owed as string) + BigInt(amount))}`],
    ["orders", "what waits for this money earns as if it had come"],
  ],
  basis: async (tx, { merchant_code: code }) => {
    const { name, owedFen } = await owing(tx, code);
    return { name, owed_fen: String(owedFen) };
  },
  apply: async (tx, context, { merchant_code: code, amount_fen: amount }, proposal) => {
    const { merchantId, owedFen } = await owing(tx, code);
    const amountFen = BigInt(amount);
    if (-amountFen > owedFen) throw moreThanOwed(code, owedFen, -amountFen);
    await adjust(tx, context, proposal, code, { merchantId, kind: "write_off", billNo: null, amountFen });
    return { merchant_code: code, owed_after: formatYuan(owedFen + amountFen) };
  },
};

/** What is proposed when a bill says too much or too little. */
export type CorrectionDocument = {
  readonly kind: "correction";
  readonly bill_no: string;
  /** Above zero: the merchant owes more. */
  readonly amount_fen: string;
};

/** What is proposed of a bill. */
export const correctionDocument = (billNo: string, amountFen: Fen): CorrectionDocument => ({
  kind: "correction",
  bill_no: billNo,
  amount_fen: String(amountFen),
});

/** A bill, and what is open of it: nobody matches, writes off or corrects it until the transaction ends. */
async function chargedBill(tx: Transaction, billNo: string): Promise<ChargedBill> {
  await takeMatchingTurn(tx);
  const found = await findChargedBill(tx, billNo);
  if (found === undefined) throw billUnknown(billNo);
  return found;
}

const billUnknown = (billNo: string): AccrueError =>
  refusedError("bill_unknown", `there is no bill ${billNo}`, {
    hint: "`accrue merchant bills` shows their numbers",
    details: { bill_no: billNo },
  });

const belowNothing = ({ billNo, chargeFen }: ChargedBill, amountFen: Fen): AccrueError =>
  refusedError(
    "correction_too_large",
    `bill ${billNo} charges ${formatYuan(chargeFen)} yuan, less than the ${formatYuan(-amountFen)} to be taken off it`,
    {
      hint: "no bill charges less than nothing: correct other bills by the rest",
      details: { bill_no: billNo, charge: formatYuan(chargeFen), amount: formatYuan(amountFen) },
    },
  );

/**
 * Corrects what a bill charges, by a document of its own that names it: the bill stays as it is, what is open of it
 * follows, and the next bill says it among its adjustments. The platform's share has the difference. It rests on what
 * the bill charges by now.
 */
export const billCorrectionSubject: Subject<CorrectionDocument> = {
  kind: "bill_correction",
  proposers: roles,
  approvers: roles,
  title: ({ bill_no: no, amount_fen: amount }) => `correct bill ${no} by ${formatYuan(BigInt(amount))} yuan`,
  facts: ({ amount_fen: amount }, { merchant, period, charge_fen: charge, open_fen: open }) => [
    ["merchant", merchant as string],
    ["period", period as string],
    [
      "charged",
      `${formatYuan(BigInt(charge as string))} → ${formatYuan(BigInt(charge as string) + BigInt(amount))} yuan`,
    ],
    ["open of it", `${formatYuan(BigInt(open as string))} yuan`],
  ],
  basis: async (tx, { bill_no: billNo }) => {
    const bill = await chargedBill(tx, billNo);
    return {
      merchant: `${bill.merchantCode} ${bill.merchantName}`,
      period: periodText({ from: bill.periodFrom, to: bill.periodTo }),
      charge_fen: String(bill.chargeFen),
      open_fen: String(bill.openFen),
    };
  },
  apply: async (tx, context, { bill_no: billNo, amount_fen: amount }, proposal) => {
    const bill = await chargedBill(tx, billNo);
    const amountFen = BigInt(amount);
    if (bill.chargeFen + amountFen < 0n) throw belowNothing(bill, amountFen);
    const { merchantId, merchantCode } = bill;
    await adjust(tx, context, proposal, merchantCode, { merchantId, kind: "correction", billNo, amountFen });
    const { openFen } = (await findChargedBill(tx, billNo))!;
    return { bill_no: billNo, merchant_code: merchantCode, open_after: formatYuan(openFen) };
  },
};

/** Writes, posts and records what changes what a merchant owes. @throws refused `business_date_closed` */
async function adjust(
  tx: Transaction,
  context: Context,
  { proposalNo, reason }: Proposal,
  merchantCode: string,
  one: Pick<Row<"merchantAdjustments">, "merchantId" | "kind" | "billNo" | "amountFen">,
): Promise<void> {
  const [operator, at] = [context.operator.name, context.clock()];
  const businessDate = businessDateOf(at, context.zone);
  if (await isDateClosedMeanwhile(tx, businessDate)) throw dateIsClosed(businessDate);
  await insertMerchantAdjustment(tx, { ...one, proposalNo, businessDate, appliedBy: operator, appliedAt: at });
  await postJournal(
    tx,
    {
      kind: one.kind === "write_off" ? "write_off" : "adjust",
      documentNo: proposalNo,
      businessDate,
      operator,
      postedAt: at,
    },
    owedLines(one.kind, one.amountFen),
  );
  await recordAction(tx, context, {
    action: one.kind === "write_off" ? "merchant.write-off" : "merchant.correct-bill",
    subjectKind: "merchant",
    subject: merchantCode,
    details: {
      amount: formatYuan(one.amountFen),
      proposal: proposalNo,
      reason,
      ...(one.billNo === null ? {} : { bill_no: one.billNo }),
    },
  });
}
