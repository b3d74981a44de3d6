import type { Context } from "../../src/db/context.ts";
import { approve } from "../../src/domain/approvals/decide.ts";
import { propose } from "../../src/domain/approvals/propose.ts";
import type { Proposal, Subject } from "../../src/domain/approvals/subject.ts";
import type { PolicyChange } from "../../src/domain/policies/set.ts";
import { policyDocument, policySubject } from "../../src/domain/policies/subject.ts";
import { subjects } from "../../src/cli/subjects.ts";
import type { JsonObject } from "../../src/shared/json.ts";

/** The operator who proposes in tests what the operator at work approves. */
export const proposer = "pat";

/** Has something proposed by another operator, and approves it. */
export async function approved<Document extends JsonObject>(
  context: Context,
  subject: Subject<Document>,
  document: Document,
): Promise<Proposal> {
  const maker = { ...context, operator: { ...context.operator, name: proposer } };
  const { proposal } = await propose(maker, subject, document, { reason: "as agreed" });
  return approve(context, subjects, proposal.proposalNo);
}

/** Sets a policy: proposed by another operator, and approved. */
export const setPolicy = (context: Context, change: PolicyChange): Promise<Proposal> =>
  approved(context, policySubject, policyDocument(change));
