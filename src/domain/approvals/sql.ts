import type { Fragment, Sql, Transaction } from "../../db/database.ts";
import { where } from "../../db/where.ts";
import type { PageQuery } from "../../shared/page.ts";
import type { ProposalState } from "../../shared/proposal-states.ts";
import type { SubjectKind } from "../../shared/subject-kinds.ts";
import type { Proposal } from "./subject.ts";

/** What is written of a proposal when it is made. */
export type NewProposal = Omit<Proposal, "digest" | "state" | "checker" | "decidedAt" | "decisionReason" | "result">;

/** Writes a proposal. @returns it, with the digest that the database computes */
export async function insertProposal(tx: Transaction, one: NewProposal): Promise<Proposal> {
  const [row] = await tx<Proposal[]>`
    INSERT INTO proposals (proposal_no, subject_kind, document, basis, reason, maker, made_at, expires_at, state)
    VALUES (${one.proposalNo}, ${one.subjectKind}, ${tx.json(one.document)}, ${tx.json(one.basis)}, ${one.reason},
            ${one.maker}, ${one.madeAt}, ${one.expiresAt}, 'proposed')
    RETURNING *`;
  return row!;
}

/** The proposals, or the view of them in which names of members are masked. */
const proposalsTable = (sql: Sql, isRevealed: boolean): Fragment =>
  isRevealed ? sql`proposals` : sql`masked_proposals`;

/** The proposal of the same thing, on the same basis, that waits for a decision; or undefined. */
export async function findWaiting(
  tx: Transaction,
  { subjectKind, document, basis }: Pick<Proposal, "subjectKind" | "document" | "basis">,
): Promise<Proposal | undefined> {
  const [row] = await tx<Proposal[]>`
    SELECT * FROM masked_proposals
    WHERE state = 'proposed' AND digest = proposal_digest(${subjectKind}, ${tx.json(document)}, ${tx.json(basis)})`;
  return row;
}

/** The proposal of a number as people see it, names of members masked unless they are revealed; or undefined. */
export async function findProposal(sql: Sql, proposalNo: string, isRevealed = false): Promise<Proposal | undefined> {
  const [row] = await sql<Proposal[]>`
    SELECT * FROM ${proposalsTable(sql, isRevealed)} WHERE proposal_no = ${proposalNo}`;
  return row;
}

/** Whether a proposal says something that is masked; false where there is none of the number. */
export async function hasMasked(sql: Sql, proposalNo: string): Promise<boolean> {
  const [row] = await sql<{ isMasked: boolean }[]>`
    SELECT (m.document, m.basis) <> (p.document, p.basis) AS is_masked
    FROM proposals p JOIN masked_proposals m USING (proposal_no) WHERE p.proposal_no = ${proposalNo}`;
  return row?.isMasked ?? false;
}

/** The same, locked until the transaction ends, and whether it still has the digest of what it says. */
export async function lockProposal(
  tx: Transaction,
  proposalNo: string,
): Promise<(Proposal & { readonly isSealed: boolean }) | undefined> {
  const [row] = await tx<(Proposal & { isSealed: boolean })[]>`
    SELECT *, digest = proposal_digest(subject_kind, document, basis) AS is_sealed
    FROM proposals WHERE proposal_no = ${proposalNo} FOR UPDATE`;
  return row;
}

/** Whether what a proposal rests on is still so, as the database keeps it; and both, masked, for people. */
export async function compareBasis(
  tx: Transaction,
  { proposalNo }: Pick<Proposal, "proposalNo">,
  basis: Proposal["basis"],
): Promise<{ readonly isSame: boolean; readonly was: Proposal["basis"]; readonly is: Proposal["basis"] }> {
  const [row] = await tx<{ isSame: boolean; was: Proposal["basis"]; is: Proposal["basis"] }[]>`
    SELECT basis = b.present AS is_same, mask_document(subject_kind, basis) AS was,
      mask_document(subject_kind, b.present) AS is
    FROM proposals CROSS JOIN (SELECT ${tx.json(basis)}::jsonb AS present) b WHERE proposal_no = ${proposalNo}`;
  return row!;
}

/** How a person decided, and when. */
export interface ProposalDecision {
  readonly state: Exclude<ProposalState, "proposed" | "expired">;
  readonly checker: string;
  readonly decidedAt: Date;
  readonly decisionReason: string | null;
  readonly result: Proposal["result"];
}

/** Decides about a proposal that waits; false when it does not wait any more. */
export async function decideProposal(
  tx: Transaction,
  proposalNo: string,
  { state, checker, decidedAt, decisionReason, result }: ProposalDecision,
): Promise<boolean> {
  const { count } = await tx`
    UPDATE proposals SET state = ${state}, checker = ${checker}, decided_at = ${decidedAt},
      decision_reason = ${decisionReason}, result = ${result === null ? null : tx.json(result)}
    WHERE proposal_no = ${proposalNo} AND state = 'proposed'`;
  return count === 1;
}

/** How many proposals wait past their time. */
export async function countExpired(sql: Sql, at: Date): Promise<number> {
  const [row] = await sql<{ proposals: number }[]>`
    SELECT count(*)::integer AS proposals FROM proposals WHERE state = 'proposed' AND expires_at <= ${at}`;
  return row!.proposals;
}

/** Lets what waits past its time expire. @returns the numbers */
export async function expireProposals(tx: Transaction, at: Date): Promise<readonly string[]> {
  const rows = await tx<{ proposalNo: string }[]>`
    UPDATE proposals SET state = 'expired', decided_at = ${at} WHERE state = 'proposed' AND expires_at <= ${at}
    RETURNING proposal_no`;
  return rows.map(({ proposalNo }) => proposalNo).toSorted();
}

/** How many proposals of one kind wait for a decision, and since when the oldest of them does. */
export interface WaitingProposals {
  readonly subjectKind: SubjectKind;
  readonly proposals: bigint;
  readonly oldest: Date;
}

/** What waits for a decision, by kind. */
export async function waitingProposals(sql: Sql): Promise<readonly WaitingProposals[]> {
  return sql<WaitingProposals[]>`
    SELECT subject_kind, count(*) AS proposals, min(made_at) AS oldest FROM proposals WHERE state = 'proposed'
    GROUP BY subject_kind ORDER BY subject_kind`;
}

/** What a list can be narrowed to. */
export interface ProposalFilter {
  readonly state?: ProposalState | undefined;
  readonly kind?: SubjectKind | undefined;
  readonly maker?: string | undefined;
}

/** One page of proposals that wait for a decision at an instant, the oldest first. */
export async function selectWaiting(
  sql: Sql,
  { kind, maker, at }: Pick<ProposalFilter, "kind" | "maker"> & { readonly at: Date },
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<readonly Proposal[]> {
  const wanted = where(sql, [
    kind !== undefined && sql`subject_kind = ${kind}`,
    maker !== undefined && sql`lower(maker) = lower(${maker})`,
  ]);
  return sql<Proposal[]>`
    SELECT * FROM masked_proposals
    WHERE state = 'proposed' AND expires_at > ${at} AND proposal_no > ${after} AND ${wanted}
    ORDER BY proposal_no LIMIT ${limit}`;
}

/** One page of proposals, the newest first. */
export async function selectProposals(
  sql: Sql,
  { state, kind, maker }: ProposalFilter,
  page: PageQuery,
): Promise<readonly Proposal[]> {
  const wanted = where(sql, [
    state !== undefined && sql`state = ${state}`,
    kind !== undefined && sql`subject_kind = ${kind}`,
    maker !== undefined && sql`lower(maker) = lower(${maker})`,
    page.after !== undefined && sql`proposal_no < ${page.after}`,
  ]);
  return sql<Proposal[]>`SELECT * FROM masked_proposals WHERE ${wanted} ORDER BY proposal_no DESC LIMIT ${page.limit}`;
}
