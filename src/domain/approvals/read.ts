import { actionsOf, recordAction, type RecordedAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, reading } from "../../db/database.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import { proposalUnknown } from "./refusals.ts";
import {
  findProposal,
  hasMasked,
  selectProposals,
  waitingProposals,
  type ProposalFilter,
  type WaitingProposals,
} from "./sql.ts";
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
 * Tells the whole story of one proposal, names of members masked unless they are revealed.
 *
 * @throws refused `proposal_unknown`
 */
export async function showProposal(
  context: Pick<Context, "db" | "operator">,
  proposalNo: string,
  isRevealed = false,
): Promise<ProposalStory> {
  if (isRevealed) await recordReveal(context, proposalNo);
  return reading(async () => {
    const proposal = await findProposal(context.db.sql, proposalNo, isRevealed);
    if (proposal === undefined) throw proposalUnknown(proposalNo);
    return { ...proposal, actions: await actionsOf(context, "proposal", proposalNo) };
  });
}

/** Records that somebody is about to see a proposal in full, where there is anything in it that is masked. */
export async function recordReveal(context: Pick<Context, "db" | "operator">, proposalNo: string): Promise<void> {
  await inTransaction(context.db, async (tx) => {
    if (!(await hasMasked(tx, proposalNo))) return;
    await recordAction(tx, context, { action: "approval.reveal", subjectKind: "proposal", subject: proposalNo });
  });
}
