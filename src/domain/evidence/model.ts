/** How far the times of a payment may lie apart, by the channel's clock and by the order, in minutes. */
export const toleranceMinutes = 60;

/** What a payment says of its order, each in words. */
export const evidenceTexts = {
  agrees: "the order was paid so",
  amount_differs: "the order has another amount",
  time_differs: `the order was paid at another time, more than ${toleranceMinutes} minutes apart`,
  amount_and_time_differ: "the order has another amount, and was paid at another time",
  order_not_paid: "the order is not paid, by what was imported",
  order_archived: "the order is archived",
  no_order: "no order has that number",
} as const;

export type EvidenceState = keyof typeof evidenceTexts;

export const evidenceStates = Object.keys(evidenceTexts) as readonly EvidenceState[];

/** How many of some payments say what of their orders; states that none of them is in are left out. */
export type EvidenceCounts = Readonly<Partial<Record<EvidenceState, number>>>;
