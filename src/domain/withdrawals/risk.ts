/** Each reason why a withdrawal may be risky, and what it says to the person who looks. */
export const riskTexts = {
  member_in_debt: "the member is below zero: more was clawed back than was left",
  new_account: "the member is new",
  payout_account_changed: "the payout account was added or made the default shortly before",
  single_merchant: "all points come from one merchant",
  many_refunds: "much of what the member bought was refunded",
  unusual_amount: "far more than the member usually withdraws",
  shared_payout_account: "other members are paid to the same account",
} as const;

export type Risk = keyof typeof riskTexts;

/** Every risk, in the order in which they are told. */
export const allRisks = Object.keys(riskTexts) as readonly Risk[];

/** What withdrawals can be narrowed to: those that nothing, something, or one thing speaks against. */
export const riskFilters = ["none", "any", ...allRisks] as const;
export type RiskFilter = (typeof riskFilters)[number];

/** Where each reason begins. Rates are in basis points of the amounts bought. */
export const riskLimits = {
  newAccountDays: 7,
  changedAccountDays: 7,
  refundBps: 3000,
  /** How many withdrawals make a habit, and how many times their mean is far over it. */
  usualAfter: 3,
  usualTimes: 5,
  sharedBy: 3,
  /** How much of a member's history is looked at, the newest first. */
  newest: 1000,
} as const;
