import { recordAction, recordRefusals } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import { AccrueError } from "../../shared/errors.ts";
import type { JsonObject } from "../../shared/json.ts";
import { isSameOperator } from "../../shared/operator-names.ts";
import { requireReason } from "../../shared/reason.ts";
import { requireProvenIdentity } from "../operators/identity.ts";
import { roleNotAllowed } from "../operators/refusals.ts";
import {
  makerIsChecker,
  proposalAltered,
  proposalDecided,
  proposalExpired,
  proposalNotOwn,
  proposalStale,
  proposalUnknown,
} from "./refusals.ts";
import { compareBasis, decideProposal, findProposal, lockProposal, type ProposalDecision } from "./sql.ts";
import { subjectOf, type Proposal, type Subject, type Subjects } from "./subject.ts";

/**
 * Approves a proposal and applies it, in one transaction. Of two operators who decide at once, one wins.
 *
 * @throws refused, and recorded as such: `proposal_unknown`, `proposal_already_decided`, `proposal_expired`,
 *   `maker_is_checker`, `role_not_allowed`, `identity_not_proven`, `proposal_altered`, `proposal_stale`, and the
 *   subject's own refusals
 */
export function approve(
  context: Context,
  subjects: Subjects,
  proposalNo: string,
  reason: string | null = null,
): Promise<Proposal> {
  return deciding(context, "approve", proposalNo, async (tx) => {
    const proposal = await take(tx, context, proposalNo);
    const subject = subjectOf(subjects, proposal);
    requireChecker(context, proposal, subject);
    await requireProvenIdentity(tx, context);
    if (!proposal.isSealed) throw proposalAltered(proposal);
    const basis = await subject.basis(tx, proposal.document);
    const { isSame, was, is } = await compareBasis(tx, proposal, basis);
    if (!isSame) throw proposalStale(proposal, basis, { was, is });
    const result = await subject.apply(tx, context, proposal.document, proposal);
    return record(tx, context, proposal, { state: "approved", decisionReason: reason, result });
  });
}

/**
 * Rejects a proposal: it is never applied.
 *
 * @throws a usage error `invalid_reason`; refused, and recorded as such: `proposal_unknown`,
 *   `proposal_already_decided`, `proposal_expired`, `maker_is_checker`, `role_not_allowed`
 */
export async function reject(
  context: Context,
  subjects: Subjects,
  proposalNo: string,
  reason: string,
): Promise<Proposal> {
  requireReason(reason);
  return deciding(context, "reject", proposalNo, async (tx) => {
    const proposal = await take(tx, context, proposalNo);
    requireChecker(context, proposal, subjectOf(subjects, proposal));
    return record(tx, context, proposal, { state: "rejected", decisionReason: reason, result: null });
  });
}

/**
 * Takes a proposal of one's own back.
 *
 * @throws refused: `proposal_unknown`, `proposal_already_decided`, `proposal_expired`, `proposal_not_own`
 */
export function withdraw(context: Context, proposalNo: string, reason: string | null = null): Promise<Proposal> {
  return deciding(context, "withdraw", proposalNo, async (tx) => {
    const proposal = await take(tx, context, proposalNo);
    if (!isSameOperator(proposal.maker, context.operator.name)) throw proposalNotOwn(proposal);
    return record(tx, context, proposal, { state: "withdrawn", decisionReason: reason, result: null });
  });
}

const deeds = { approved: "approve", rejected: "reject", withdrawn: "withdraw" } as const;

/** Carries out a decision. What is refused of it is recorded, in a transaction of its own. */
async function deciding(
  context: Context,
  deed: (typeof deeds)[keyof typeof deeds],
  proposalNo: string,
  work: (tx: Transaction) => Promise<Proposal>,
): Promise<Proposal> {
  try {
    return await inTransaction(context.db, work, context.ending);
  } catch (error) {
    if (error instanceof AccrueError && error.kind === "refused" && error.code !== "proposal_unknown") {
      const details = { deed, code: error.code };
      await recordRefusals(context, [
        { action: "approval.refuse", subjectKind: "proposal", subject: proposalNo, details },
      ]);
    }
    throw error;
  }
}

/** Takes a proposal that waits for a decision, so that nobody else decides about it. */
async function take(tx: Transaction, { clock, zone }: Context, proposalNo: string) {
  const proposal = await lockProposal(tx, proposalNo);
  if (proposal === undefined) throw proposalUnknown(proposalNo);
  if (proposal.state !== "proposed") throw proposalDecided(proposal, zone);
  if (proposal.expiresAt <= clock()) throw proposalExpired(proposal, zone);
  return proposal;
}

function requireChecker(
  { operator }: Context,
  proposal: Proposal,
  { approvers }: Pick<Subject<JsonObject>, "approvers">,
): void {
  if (isSameOperator(proposal.maker, operator.name)) throw makerIsChecker(proposal);
  if (!approvers.includes(operator.role))
    throw roleNotAllowed(`to decide about a ${proposal.subjectKind}`, operator, approvers);
}

async function record(
  tx: Transaction,
  context: Context,
  { proposalNo, subjectKind, maker, digest }: Proposal,
  decision: Omit<ProposalDecision, "checker" | "decidedAt">,
): Promise<Proposal> {
  const { decisionReason: reason } = decision;
  const words = { ...decision, checker: context.operator.name, decidedAt: context.clock() };
  if (!(await decideProposal(tx, proposalNo, words))) throw new Error("a locked proposal was decided by somebody else");
  await recordAction(tx, context, {
    action: `approval.${deeds[decision.state]}`,
    subjectKind: "proposal",
    subject: proposalNo,
    details: { kind: subjectKind, proposed_by: maker, digest, ...(reason === null ? {} : { reason }) },
  });
  return (await findProposal(tx, proposalNo))!;
}
