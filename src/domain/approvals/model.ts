import { numberText } from "../../shared/number-text.ts";

/** What becomes of a proposal. One that is approved has been applied; all but `proposed` are final. */
export const proposalStates = ["proposed", "approved", "rejected", "expired", "withdrawn"] as const;

export type ProposalState = (typeof proposalStates)[number];

/** The number of a proposal, by its place in their order: A00000001. */
export const proposalNoOf = (sequence: bigint): string => numberText("A", sequence);

/** How long a proposal waits for a decision where nobody says another time, in milliseconds: 7 days. */
export const defaultWaitMs = 7 * 86_400_000;
