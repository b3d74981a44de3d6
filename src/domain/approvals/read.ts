import { actionsOf, type RecordedAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import { proposalUnknown } from "./refusals.ts";
import { findProposal, selectProposals, waitingProposals, type ProposalFilter, type WaitingProposals } from "./sql.ts";
import type { Proposal } from "./subject.ts";

/** Lists proposals, the newest first, a page at a time. */
export async function listProposals(
  { db }: Pick<Context, "db">,
  filter: ProposalFilter,
  query: PageQuery,
): Promise<Page<Proposal>> {
  return pageOf(
    await reading(() => selectProposals(db.sql, filter, oneMore(query))),
    query.limit,
    ({ proposalNo }) => proposalNo,
  );
}

/** Counts the proposals that wait for a decision, by kind. */
export const countWaiting = ({ db }: Pick<Context, "db">): Promise<readonly WaitingProposals[]> =>
  reading(() => waitingProposals(db.sql));

/** A proposal, and what operators did about it. */
export interface ProposalStory extends Proposal {
  readonly actions: readonly RecordedAction[];
}

/**
 * Tells the whole story of one proposal.
 *
 * @throws refused `proposal_unknown`
 */
export async function showProposal(context: Pick<Context, "db">, proposalNo: string): Promise<ProposalStory> {
  return reading(async () => {
    const proposal = await findProposal(context.db.sql, proposalNo);
    if (proposal === undefined) throw proposalUnknown(proposalNo);
    return { ...proposal, actions: await actionsOf(context, "proposal", proposalNo) };
  });
}
