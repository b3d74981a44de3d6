import type { BusinessDate } from "./business-date.ts";
import type { Fen } from "./money.ts";
import type { Bps } from "./rates.ts";

/** The platform's rates and limits, as they are in force from a business date on. A limit of null is none. */
export interface PolicyTerms {
  /** The contribution of merchants that have no rate of their own. */
  readonly contributionBps: Bps;
  readonly pointsBps: Bps;
  readonly grantDelayDays: number;
  readonly pointValueFen: Fen;
  readonly feeBps: Bps;
  readonly minWithdrawalPoints: bigint;
  readonly maxWithdrawalPoints: bigint;
  /** What one member may request on one business date. */
  readonly maxDailyPoints: bigint;
  /** What all members together may request on one business date. */
  readonly maxPlatformDailyPoints: bigint | null;
  /** The gross amount above which a withdrawal takes two approvers. */
  readonly twoApproversAboveFen: Fen | null;
  /** How long a member cannot withdraw after a payout account was added or made the default. 0: not at all. */
  readonly coolingOffHours: number;
  /** How many days after its request an undecided withdrawal expires. */
  readonly requestExpiryDays: number | null;
}

/** The terms as an operator set them. */
export interface Policy extends PolicyTerms {
  readonly effectiveFrom: BusinessDate;
  readonly setBy: string;
  readonly setAt: Date;
}
