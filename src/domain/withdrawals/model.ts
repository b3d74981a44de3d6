import { usageError } from "../../shared/errors.ts";
import type { Fen } from "../../shared/money.ts";
import type { Policy } from "../../shared/policy.ts";
import { fullBps } from "../../shared/rates.ts";
import { divideRoundHalfUp } from "../../shared/rounding.ts";
import { idProblem, normalId } from "../../shared/text.ts";
import { numberText } from "../../shared/number-text.ts";

export const withdrawalStatuses = [
  "requested",
  "approved",
  "rejected",
  "cancelled",
  "expired",
  "paying",
  "paid",
  "failed",
] as const;
export type WithdrawalStatus = (typeof withdrawalStatuses)[number];

/** The states in which a withdrawal waits for a decision. */
export const waitingStatuses: readonly WithdrawalStatus[] = ["requested"];

/** The amounts of a withdrawal, in fen; frozen at the request. */
export interface WithdrawalAmounts {
  readonly grossFen: Fen;
  readonly feeFen: Fen;
  readonly netFen: Fen;
}

/**
 * The withdrawal rule: gross = points × point value, fee = gross × fee rate rounded half up, net = gross − fee.
 *
 * @param points more than 0
 */
export function withdrawalAmounts(
  points: bigint,
  { pointValueFen, feeBps }: Pick<Policy, "pointValueFen" | "feeBps">,
): WithdrawalAmounts {
  const grossFen = points * pointValueFen;
  const feeFen = divideRoundHalfUp(grossFen * BigInt(feeBps), fullBps);
  return { grossFen, feeFen, netFen: grossFen - feeFen };
}

/** How many operators have to approve a withdrawal: two above the policy's amount. */
export const approvalsNeededFor = (
  grossFen: Fen,
  { twoApproversAboveFen }: Pick<Policy, "twoApproversAboveFen">,
): 1 | 2 => (twoApproversAboveFen !== null && grossFen > twoApproversAboveFen ? 2 : 1);

/** The number of points in a text, or undefined when it is no whole number from 1 to 999,999,999,999. */
export const pointsOf = (text: string): bigint | undefined =>
  /^\d{1,12}$/.test(text) && BigInt(text) > 0n ? BigInt(text) : undefined;

/**
 * Reads a number of points to withdraw.
 *
 * @throws a usage error when it is no whole number from 1 to 999,999,999,999
 */
export function readPoints(text: string): bigint {
  const points = pointsOf(text);
  if (points !== undefined) return points;
  throw usageError("invalid_points", `"${text}" is no number of points`, {
    hint: "points are whole: write it like --points 100",
  });
}

/**
 * Reads the number that whoever asks for a withdrawal knows the request by.
 *
 * @throws a usage error when it is empty, too long, or can be taken for another one
 */
export function readRequestNo(text: string): string {
  const requestNo = normalId(text);
  const problem = idProblem("a request number", requestNo, 64);
  if (problem === undefined) return requestNo;
  throw usageError("invalid_request_no", `--request-no: ${problem}`, { hint: "write it like --request-no APP-4711" });
}

/** A withdrawal's number: `W` and at least eight digits. */
export const withdrawalNoOf = (sequence: bigint): string => numberText("W", sequence);

export interface Decision {
  /** The states it may be decided from. */
  readonly from: readonly WithdrawalStatus[];
  readonly to: WithdrawalStatus;
  /** Whether the held points go back to the member. */
  readonly releases: boolean;
}

/** All decisions. Paying is not one: once a payout is under way, only the channel's answer ends it. */
export const decisions = {
  approve: { from: ["requested"], to: "approved", releases: false },
  reject: { from: ["requested", "approved"], to: "rejected", releases: true },
  cancel: { from: ["requested", "approved"], to: "cancelled", releases: true },
  expire: { from: ["requested"], to: "expired", releases: true },
} as const satisfies Record<string, Decision>;

export type DecisionName = keyof typeof decisions;
