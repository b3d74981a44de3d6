import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import { holdNumbers, takeNumbers } from "../../db/numbers.ts";
import type { JsonObject } from "../../shared/json.ts";
import { requireReason } from "../../shared/reason.ts";
import { roleNotAllowed } from "../operators/refusals.ts";
import { expireDue } from "./expire.ts";
import { defaultWaitDays, proposalNoOf } from "./model.ts";
import { findProposal, findWaiting, insertProposal } from "./sql.ts";
import type { Proposal, Subject } from "./subject.ts";

const dayMs = 86_400_000;

/** Why something is proposed, and for how many days it waits. */
export interface ProposalWords {
  readonly reason: string;
  readonly expiresIn?: number | undefined;
}

/** A proposal that was made, masked; or that was there already, of the same thing on the same basis. */
export interface MadeProposal {
  readonly proposal: Proposal;
  readonly isNew: boolean;
  /** What approving it would give now. */
  readonly outcome: JsonObject;
}

/**
 * Proposes something, for another operator to approve. It is tried and rolled back, so that what cannot be applied is
 * refused at once. The same again gives the proposal that waits already.
 *
 * @throws the subject's own refusals; a usage error `invalid_reason`; refused `role_not_allowed`
 */
export async function propose<Document extends JsonObject>(
  context: Context,
  subject: Subject<Document>,
  document: Document,
  words: ProposalWords,
): Promise<MadeProposal> {
  requireProposer(context, subject, words);
  return inTransaction(context.db, (tx) => proposeIn(tx, context, subject, document, words), context.ending);
}

/** @throws a usage error `invalid_reason`; refused `role_not_allowed` */
export function requireProposer(
  { operator }: Pick<Context, "operator">,
  { kind, proposers }: Pick<Subject<never>, "kind" | "proposers">,
  { reason }: Pick<ProposalWords, "reason">,
): void {
  requireReason(reason);
  if (!proposers.includes(operator.role)) throw roleNotAllowed(`to propose a ${kind}`, operator, proposers);
}

/**
 * Proposes something in a transaction of the caller, who holds the proposer to `requireProposer` before.
 *
 * @param keep writes what belongs to a new proposal beside its document, before that is tried
 */
export async function proposeIn<Document extends JsonObject>(
  tx: Transaction,
  context: Context,
  subject: Subject<Document>,
  document: Document,
  {
    reason,
    expiresIn = defaultWaitDays,
    keep,
  }: ProposalWords & { readonly keep?: (proposalNo: string) => Promise<unknown> },
): Promise<MadeProposal> {
  const { kind: subjectKind } = subject;
  // Proposing goes one after the other, for numbers have no gaps: two of the same thing cannot pass each other.
  await holdNumbers(tx, "proposal");
  await expireDue(tx, context);
  const basis = await subject.basis(tx, document);
  const waiting = await findWaiting(tx, { subjectKind, document, basis });
  if (waiting !== undefined)
    return { proposal: waiting, isNew: false, outcome: await tryOut(tx, context, subject, document, waiting) };
  const proposalNo = proposalNoOf(await takeNumbers(tx, "proposal"));
  const madeAt = context.clock();
  const expiresAt = new Date(madeAt.getTime() + expiresIn * dayMs);
  const words = { reason, maker: context.operator.name, madeAt, expiresAt };
  const proposal = await insertProposal(tx, { proposalNo, subjectKind, document, basis, ...words });
  await keep?.(proposalNo);
  const outcome = await tryOut(tx, context, subject, document, proposal);
  await recordAction(tx, context, {
    action: "approval.propose",
    subjectKind: "proposal",
    subject: proposalNo,
    details: { kind: subjectKind, digest: proposal.digest, reason },
  });
  return { proposal: (await findProposal(tx, proposalNo))!, isNew: true, outcome };
}

/** Applies a document and takes it back. @returns what came of it */
async function tryOut<Document extends JsonObject>(
  tx: Transaction,
  context: Context,
  subject: Subject<Document>,
  document: Document,
  proposal: Proposal,
): Promise<JsonObject> {
  await tx`SAVEPOINT trial`;
  const outcome = await subject.apply(tx, context, document, proposal);
  await tx`ROLLBACK TO SAVEPOINT trial`;
  return outcome;
}
