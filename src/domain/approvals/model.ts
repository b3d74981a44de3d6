import { numberText } from "../../shared/number-text.ts";

/** The number of a proposal, by its place in their order: A00000001. */
export const proposalNoOf = (sequence: bigint): string => numberText("A", sequence);

/** How many days a proposal waits for a decision where nobody says another number. */
export const defaultWaitDays = 7;
