/** The risks of a withdrawal, each with its text for the reviewer. */
export const riskTexts = {
  member_in_debt: "the member is below zero: more was clawed back than was left",
  new_account: "the member is new",
  payout_account_changed: "the payout account was added or made the default shortly before",
  single_merchant: "all points come from one merchant",
  many_refunds: "much of what the member bought was refunded",
  without_evidence: "no channel shows the payment of much of what the member bought",
  unusual_amount: "far more than the member usually withdraws",
  shared_payout_account: "other members are paid to the same account",
} as const;

export type Risk = keyof typeof riskTexts;

/** All risks, in the order in which they are shown. */
export const allRisks = Object.keys(riskTexts) as readonly Risk[];

/** A filter by risk: none, any, or one of them. */
export const riskFilters = ["none", "any", ...allRisks] as const;
export type RiskFilter = (typeof riskFilters)[number];

/** The thresholds of the risks. Rates are in basis points of the amounts bought. */
export const riskLimits = {
  newAccountDays: 7,
  changedAccountDays: 7,
  refundBps: 3000,
  withoutEvidenceBps: 5000,
  /** How many earlier withdrawals make a habit, and which multiple of their mean is far above it. */
  usualAfter: 3,
  usualTimes: 5,
  sharedBy: 3,
  /** How many of a member's newest orders are read. */
  newest: 1000,
} as const;
