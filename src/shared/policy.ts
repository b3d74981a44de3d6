import type { BusinessDate } from "./business-date.ts";
import type { Fen } from "./money.ts";
import type { Bps } from "./rates.ts";

export const billings = ["by_hand", "monthly"] as const;
export type Billing = (typeof billings)[number];

export const grantOns = ["paid_order", "collection"] as const;
export type GrantOn = (typeof grantOns)[number];

export const grantEvidences = ["none", "required"] as const;
export type GrantEvidence = (typeof grantEvidences)[number];

/** The platform's rates and limits, in force from a business date on. A limit of null means no limit. */
export interface PolicyTerms {
  /** The contribution rate of merchants without one of their own. */
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
  /** The gross amount above which a withdrawal needs two approvers. */
  readonly twoApproversAboveFen: Fen | null;
  /** Hours during which a member cannot withdraw after a payout account was added or made the default; 0 for none. */
  readonly coolingOffHours: number;
  /** Days after its request when an undecided withdrawal expires. */
  readonly requestExpiryDays: number | null;
  /** How many days after it is issued a bill is due. */
  readonly paymentTermDays: number;
  /** Whether the night bills a month when all of it is closed. */
  readonly billing: Billing;
  /** What makes an order earn: that it is paid, or that its merchant has paid what it contributes. */
  readonly grantOn: GrantOn;
  /** Whether an order earns only once a channel shows its payment. */
  readonly grantEvidence: GrantEvidence;
  /** How much of what all points are worth has to lie in cash behind them, whoever withdraws. */
  readonly minCashCoverageBps: Bps | null;
  /** What merchants' own rates may be, and the platform's, too. */
  readonly minContributionBps: Bps | null;
  readonly maxContributionBps: Bps | null;
  /** Whether only somebody whom the database vouches for approves; null: as soon as an operator has a login role. */
  readonly provenIdentity: boolean | null;
  /** How many days a bill is overdue when the night suspends its merchant. */
  readonly suspendOverdueDays: number | null;
}

/** The terms as an operator set them. */
export interface Policy extends PolicyTerms {
  readonly effectiveFrom: BusinessDate;
  readonly setBy: string;
  readonly setAt: Date;
}
