import type { Fen } from "../../shared/money.ts";
import { numberText } from "../../shared/number-text.ts";

/** What a line of a statement can have been for; nothing of these is written off, by two operators. */
export type Thing = "payout" | "collection" | "fee" | "write_off";

/** The source of merchants' aliases that are the accounts they pay from. */
export const payerSource = "payer";

/** The number of an act of matching, by its place in their order: R00000001. */
export const reconNoOf = (sequence: bigint): string => numberText("R", sequence);

/**
 * Where a line stands: what it was for is unknown; it names something that differs; a part of it is matched; all of it
 * is; all of it was written off.
 */
export const lineStates = ["unexpected", "mismatched", "partially_matched", "matched", "void"] as const;

export type LineState = (typeof lineStates)[number];

/** Where a line stands, by its amount, what of it is open (nothing: null), what differs, and what it is matched with. */
export function lineState(
  amountFen: Fen,
  openFen: Fen | null,
  differs: readonly string[] | null,
  matches: readonly { readonly thing: Thing; readonly undoneBy: string | null }[],
): LineState {
  if (openFen === null) {
    const present = matches.filter(({ undoneBy }) => undoneBy === null);
    return present.every(({ thing }) => thing === "write_off") ? "void" : "matched";
  }
  if (openFen !== amountFen) return "partially_matched";
  return differs === null ? "unexpected" : "mismatched";
}

/** The ranges of days since something happened, each by its last day. */
export const ages = [
  { age: "today", lastDay: 0 },
  { age: "1-3 days", lastDay: 3 },
  { age: "4-7 days", lastDay: 7 },
  { age: "8-30 days", lastDay: 30 },
  { age: "more", lastDay: Number.POSITIVE_INFINITY },
] as const;

export type Age = (typeof ages)[number]["age"];

/** What came out of matching, by thing: how many lines, and what they come to, with the sign of the lines. */
export interface MatchedTotal {
  readonly thing: Thing;
  readonly matches: bigint;
  readonly amountFen: Fen;
}
