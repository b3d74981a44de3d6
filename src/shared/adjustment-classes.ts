/**
 * Why points are adjusted, with the word that files have for it in Chinese, and which way they may move. `opening` is
 * what a member brought from a former system; nobody gives that to an adjustment by hand.
 */
export const adjustmentClasses = {
  goodwill: { name: "补偿", moves: "up" },
  correction: { name: "更正", moves: "either" },
  campaign: { name: "活动", moves: "up" },
  write_off: { name: "核销", moves: "up" },
  forfeit: { name: "作废", moves: "down" },
  opening: { name: "期初", moves: "up" },
} as const;

/** The accounts that the fund's money of adjustments comes from, and goes back to. */
export const adjustmentCounters = ["platform_share", "suspense"] as const;

export type AdjustmentCounter = (typeof adjustmentCounters)[number];

export type AdjustmentClass = keyof typeof adjustmentClasses;

/** All of them. */
export const allAdjustmentClasses = Object.keys(adjustmentClasses) as [AdjustmentClass, ...AdjustmentClass[]];

/** What an operator may give as the reason of an adjustment. */
export const givenClasses = allAdjustmentClasses.filter((one) => one !== "opening");
