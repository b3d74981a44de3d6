import { numberText } from "../../shared/number-text.ts";

/**
 * What becomes of a collection: another operator confirms it, or somebody rejects it. Only what is confirmed counts.
 */
export const collectionStates = ["recorded", "confirmed", "rejected"] as const;

export type CollectionState = (typeof collectionStates)[number];

/** The number of a collection, by its place in their order: C00000001. */
export const collectionNoOf = (sequence: bigint): string => numberText("C", sequence);
