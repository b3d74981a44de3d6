import { adjustmentClasses, givenClasses, type AdjustmentClass } from "../../shared/adjustment-classes.ts";
import { usageError } from "../../shared/errors.ts";

/** One adjustment that is asked for. */
export interface AdjustmentRow {
  /** The line of the file; 1 where there is none. */
  readonly rowNo: number;
  readonly memberNo: string;
  /** Above zero to give points, below it to take them. */
  readonly points: bigint;
  readonly reasonClass: AdjustmentClass;
  /** What whoever asks knows it by: the same again is nothing new. Opening balances have none. */
  readonly reference: string | null;
  readonly reason: string;
}

const signedPattern = /^[+-]?\d{1,12}$/;

/** A number of points with a sign, or undefined when it is no whole number from 1 to 999,999,999,999 either way. */
export function signedPointsOf(text: string): bigint | undefined {
  if (!signedPattern.test(text)) return undefined;
  const points = BigInt(text);
  return points === 0n ? undefined : points;
}

/** Reads a number of points to give (`50`, `+50`) or to take (`-50`). @throws a usage error `invalid_points` */
export function readSignedPoints(text: string): bigint {
  const points = signedPointsOf(text);
  if (points !== undefined) return points;
  throw usageError("invalid_points", `"${text}" is no number of points`, {
    hint: "points are whole and not 0: write +50 to give them, or -50 to take them",
  });
}

/** The class that a word names, in English or Chinese; undefined for any other. */
export const givenClassOf = (word: string): AdjustmentClass | undefined =>
  givenClasses.find((one) => one === word.toLowerCase() || adjustmentClasses[one].name === word);

/** Why points cannot be adjusted that way for that reason, or undefined. */
export function directionProblem(reasonClass: AdjustmentClass, points: bigint): string | undefined {
  const { moves } = adjustmentClasses[reasonClass];
  if (moves === "up" && points < 0n) return `${reasonClass} gives points: write them above zero`;
  if (moves === "down" && points > 0n) return `${reasonClass} takes points: write them below zero`;
  return undefined;
}

/** Why one row cannot be applied, by the code of its refusal. */
export const adjustmentProblems = {
  member_unknown: "there is no such member",
  member_closed: "the member is closed: their points can only be forfeited, and their debt written off",
  member_not_closed: "the member is not closed: only a debt of one who left is written off",
  member_has_entries: "the member has entries already: opening balances come before anything else",
  debt_too_small: "the member does not owe that many points",
  points_insufficient: "the member does not have that many points available",
  reference_used: "an adjustment was applied under that reference, with other content or by another proposal",
  reference_repeated: "another row has the same reference, or for opening balances the same member",
} as const;

export type AdjustmentProblem = keyof typeof adjustmentProblems;
