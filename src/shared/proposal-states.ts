/** What becomes of a proposal. One that is approved has been applied; all but `proposed` are final. */
export const proposalStates = ["proposed", "approved", "rejected", "expired", "withdrawn"] as const;

export type ProposalState = (typeof proposalStates)[number];
