import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import type { Transaction } from "../../db/database.ts";
import type { JsonObject } from "../../shared/json.ts";
import { formatYuan } from "../../shared/money.ts";
import type { OperatorRole } from "../../shared/operator-roles.ts";
import type { Fact, Proposal, Subject } from "../approvals/subject.ts";
import { memberUnknown } from "../members/member-errors.ts";
import { findMember } from "../members/sql.ts";
import { merchantUnknown } from "../merchants/merchant-errors.ts";
import { findMerchant } from "../merchants/sql.ts";
import { orderNotThere } from "../orders/show.ts";
import { holdKind } from "./hold.ts";
import {
  createCorrected,
  findContent,
  insertCorrected,
  insertCorrection,
  problemOfNew,
  voidOrders,
  type OrderChanges,
  type OrderContent,
} from "./orders-sql.ts";
import { cannotCorrect, orderIsSo, orderVoid, refundsAreMore } from "./refusals.ts";

export const proposers: readonly OperatorRole[] = ["clerk", "finance", "admin"];
export const approvers: readonly OperatorRole[] = ["approver", "admin"];

/** What is proposed when an order is to count as never been. */
export type VoidDocument = { readonly order_no: string; readonly source: string };

/** What is proposed when an order is to be another; what is not named stays. */
export type CorrectionDocument = VoidDocument & {
  readonly amount_fen?: string;
  readonly refunded_fen?: string;
  readonly member_no?: string;
  readonly merchant_code?: string;
  /** With its zone, to the microsecond. */
  readonly paid_at?: string;
};

/** @throws busy: `orders_busy`, `grant_run_busy`; refused `order_unknown`, `order_archived`, `order_void` */
async function heldOrder(tx: Transaction, { order_no: orderNo, source }: VoidDocument): Promise<OrderContent> {
  await holdKind(tx, "orders");
  const found = await findContent(tx, orderNo, source);
  if (found === undefined) throw await orderNotThere(tx, orderNo, source);
  if (found.status === "void") throw orderVoid(orderNo);
  return found;
}

/** What a correction of an order rests on: what the order is. */
async function contentOf(tx: Transaction, document: VoidDocument): Promise<JsonObject> {
  const found = await heldOrder(tx, document);
  return {
    order_id: String(found.orderId),
    member_no: found.memberNo,
    merchant_code: found.merchantCode,
    amount_fen: String(found.amountFen),
    refunded_fen: String(found.refundedFen),
    status: found.status,
    paid_at: found.paidAtText,
  };
}

const yuanText = (fen: unknown): string => `${formatYuan(BigInt(fen as string))} yuan`;

const labels: readonly (readonly [key: keyof CorrectionDocument, label: string, text: (value: unknown) => string])[] = [
  ["member_no", "member", String],
  ["merchant_code", "merchant", String],
  ["amount_fen", "amount", yuanText],
  ["refunded_fen", "refunded", yuanText],
  ["paid_at", "paid at", (value) => (value === null ? "not paid" : String(value))],
];

const contentFacts = (basis: JsonObject, becomes: JsonObject = {}): readonly Fact[] =>
  labels.map(([key, label, text]) => {
    const was = text(basis[key]);
    return [label, becomes[key] === undefined ? was : `${was} → ${text(becomes[key])}`];
  });

const titleOf = ({ order_no: orderNo, source }: VoidDocument): string => `order ${orderNo} of source ${source}`;

/** Puts an order right, or out of the world. It rests on what the order is. */
async function correct(
  tx: Transaction,
  context: Context,
  { proposalNo, reason }: Proposal,
  order: OrderContent,
  becomes?: { readonly changes: OrderChanges; readonly zone: string },
): Promise<JsonObject> {
  const { operator, clock } = context;
  await createCorrected(tx);
  await insertCorrected(tx, order, becomes);
  if (becomes !== undefined) await requirePossible(tx, order, becomes.changes, clock());
  await insertCorrection(tx, { proposalNo, importId: null, by: operator.name, at: clock() });
  if ((await voidOrders(tx, proposalNo, null)) !== 1) throw new Error(`order ${order.orderNo} is void already`);
  await recordAction(tx, context, {
    action: becomes === undefined ? "order.void" : "order.correct",
    subjectKind: "order",
    subject: order.orderNo,
    details: { source: order.source, proposal: proposalNo, reason },
  });
  return { points_to_claw_back: String(order.points) };
}

async function requirePossible(
  tx: Transaction,
  { orderNo, refundsFen, amountFen, refundedFen }: OrderContent,
  changes: OrderChanges,
  now: Date,
): Promise<void> {
  const problem = await problemOfNew(tx, now, (changes.merchantId ?? changes.paidAt) !== undefined);
  if (problem === "order_unchanged") throw orderIsSo(orderNo);
  if (problem !== null) throw cannotCorrect(orderNo, problem);
  const [amount, refunded] = [changes.amountFen ?? amountFen, changes.refundedFen ?? refundedFen];
  if (refunded < refundsFen && refunded < amount) throw refundsAreMore(orderNo, refundsFen);
}

/** An order that never was: it counts as nothing from the next grant run on, and no file brings it back. */
export const voidSubject: Subject<VoidDocument> = {
  kind: "order_void",
  proposers,
  approvers,
  title: (document) => `void ${titleOf(document)}`,
  facts: (_document, basis) => contentFacts(basis),
  basis: contentOf,
  apply: async (tx, context, document, proposal) => correct(tx, context, proposal, await heldOrder(tx, document)),
};

/** An order that was something else: other amount, refund, member, merchant or time of payment. */
export const correctionSubject: Subject<CorrectionDocument> = {
  kind: "order_correction",
  proposers,
  approvers,
  title: (document) =>
    `correct ${titleOf(document)}: ${labels.flatMap(([key, label]) => (document[key] === undefined ? [] : [label])).join(", ")}`,
  facts: (document, basis) => contentFacts(basis, document),
  basis: contentOf,
  apply: async (tx, context, document, proposal) => {
    const order = await heldOrder(tx, document);
    return correct(tx, context, proposal, order, { changes: await changesOf(tx, document), zone: context.zone });
  },
};

/** @throws refused `member_unknown`, `merchant_unknown` */
async function changesOf(tx: Transaction, document: CorrectionDocument): Promise<OrderChanges> {
  const { member_no: memberNo, merchant_code: merchantCode, amount_fen: amount, refunded_fen: refunded } = document;
  const member = memberNo === undefined ? undefined : await findMember(tx, memberNo);
  if (memberNo !== undefined && member === undefined) throw memberUnknown(memberNo);
  const merchant = merchantCode === undefined ? undefined : await findMerchant(tx, merchantCode);
  if (merchantCode !== undefined && merchant === undefined) throw merchantUnknown(merchantCode);
  return {
    memberId: member?.memberId,
    merchantId: merchant?.merchantId,
    amountFen: amount === undefined ? undefined : BigInt(amount),
    refundedFen: refunded === undefined ? undefined : BigInt(refunded),
    paidAt: document.paid_at,
  };
}
