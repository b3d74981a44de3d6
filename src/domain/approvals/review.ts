import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { AccrueError } from "../../shared/errors.ts";
import { isSameOperator } from "../../shared/operator-names.ts";
import type { SubjectKind } from "../../shared/subject-kinds.ts";
import type { Verdict } from "../../shared/verdict.ts";
import { approve, reject } from "./decide.ts";
import { recordReveal } from "./read.ts";
import { proposalDecided, proposalExpired, proposalUnknown } from "./refusals.ts";
import { findProposal, selectWaiting } from "./sql.ts";
import { subjectOf, type Proposal, type Subjects } from "./subject.ts";

/** What a review can be narrowed to. */
export interface ReviewFilter {
  readonly kind?: SubjectKind | undefined;
  readonly maker?: string | undefined;
}

/** What came of a review. */
export interface ReviewOutcome {
  readonly decided: readonly Proposal[];
  /** What could not be decided, and why. */
  readonly refused: readonly { readonly proposalNo: string; readonly error: AccrueError }[];
}

const pageRows = 50;

/** The numbers of the proposals that this operator may decide about, the oldest first. */
export async function* reviewQueue(
  { db, clock, operator }: Context,
  subjects: Subjects,
  filter: ReviewFilter,
): AsyncGenerator<string, void, undefined> {
  for (let after = ""; ;) {
    const page = await reading(() => selectWaiting(db.sql, { ...filter, at: clock() }, { after, limit: pageRows }));
    for (const proposal of page) {
      const { proposalNo, maker } = proposal;
      if (isSameOperator(maker, operator.name)) continue;
      if (subjectOf(subjects, proposal).approvers.includes(operator.role)) yield proposalNo;
    }
    if (page.length < pageRows) return;
    after = page.at(-1)!.proposalNo;
  }
}

/**
 * Reads a proposal that waits, names of members masked unless they are revealed; the refusal that says why nobody can
 * decide about it, where it does not wait.
 */
export async function lookAt(
  context: Context,
  proposalNo: string,
  isRevealed: boolean,
): Promise<Proposal | AccrueError> {
  const { db, clock, zone } = context;
  if (isRevealed) await recordReveal(context, proposalNo);
  const proposal = await reading(() => findProposal(db.sql, proposalNo, isRevealed));
  if (proposal === undefined) return proposalUnknown(proposalNo);
  if (proposal.state !== "proposed") return proposalDecided(proposal, zone);
  return proposal.expiresAt <= clock() ? proposalExpired(proposal, zone) : proposal;
}

/**
 * Carries out a reviewer's decisions, each in a transaction of its own, the oldest first. What is refused, for others
 * decided it meanwhile or it is stale by now, stays as it is and is reported; the rest is decided.
 *
 * @param verdicts by proposal number
 */
export async function applyReview(
  context: Context,
  subjects: Subjects,
  verdicts: ReadonlyMap<string, Verdict>,
): Promise<ReviewOutcome> {
  const decided: Proposal[] = [];
  const refused: { proposalNo: string; error: AccrueError }[] = [];
  for (const [proposalNo, verdict] of verdicts) {
    context.signal.throwIfAborted();
    try {
      decided.push(
        verdict.decision === "approve"
          ? await approve(context, subjects, proposalNo)
          : await reject(context, subjects, proposalNo, verdict.reason),
      );
    } catch (error) {
      if (!(error instanceof AccrueError) || error.kind !== "refused") throw error;
      refused.push({ proposalNo, error });
    }
  }
  return { decided, refused };
}
