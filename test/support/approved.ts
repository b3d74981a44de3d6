import type { Context } from "../../src/db/context.ts";
import { approve } from "../../src/domain/approvals/decide.ts";
import { propose } from "../../src/domain/approvals/propose.ts";
import type { Proposal, Subject } from "../../src/domain/approvals/subject.ts";
import { proposeAdjustment } from "../../src/domain/adjustments/propose.ts";
import type { AdjustmentRow } from "../../src/domain/adjustments/model.ts";
import type { PolicyChange } from "../../src/domain/policies/set.ts";
import { policyDocument, policySubject } from "../../src/domain/policies/subject.ts";
import { subjects } from "../../src/cli/subjects.ts";
import { reopenSubject } from "../../src/night/reopen.ts";
import type { JsonObject } from "../../src/shared/json.ts";

/** The operator who proposes in tests what the operator at work approves. */
export const proposer = "pat";

const byProposer = (context: Context): Context => ({ ...context, operator: { ...context.operator, name: proposer } });

/** Has something proposed by another operator, and approves it. */
export async function approved<Document extends JsonObject>(
  context: Context,
  subject: Subject<Document>,
  document: Document,
  reason = "as agreed",
): Promise<Proposal> {
  const { proposal } = await propose(byProposer(context), subject, document, { reason });
  return approve(context, subjects, proposal.proposalNo);
}

/** Sets a policy: proposed by another operator, and approved. */
export const setPolicy = (context: Context, change: PolicyChange): Promise<Proposal> =>
  approved(context, policySubject, policyDocument(change));

/** Adjusts a member's points: proposed by another operator, and approved. */
export async function adjustPoints(context: Context, row: Omit<AdjustmentRow, "rowNo" | "reason">): Promise<Proposal> {
  const { made } = await proposeAdjustment(byProposer(context), row, { reason: "as agreed" });
  return approve(context, subjects, made!.proposal.proposalNo);
}

/** Reopens a business date: proposed by another operator, and approved. */
export const reopen = (context: Context, date: string, reason: string): Promise<Proposal> =>
  approved(context, reopenSubject, { business_date: date }, reason);
