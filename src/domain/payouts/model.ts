import { numberText } from "../../shared/number-text.ts";

/** Channels that are paid by files: each in its own template, or in a plain file for any of them. */
export const fileChannels = ["alipay", "wechat", "bank", "csv"] as const;
export type FileChannel = (typeof fileChannels)[number];

/** Channels that are paid by calls: money moves at once. */
export const onlineChannels = ["stripe"] as const;
export type OnlineChannel = (typeof onlineChannels)[number];

export const payoutChannels = [...fileChannels, ...onlineChannels] as const;
export type PayoutChannel = (typeof payoutChannels)[number];
/** The channels that members have accounts of. */
export type AccountChannel = Exclude<PayoutChannel, "csv">;

const accountChannels = {
  alipay: ["alipay"],
  wechat: ["wechat"],
  bank: ["bank"],
  csv: ["alipay", "wechat", "bank"],
  stripe: ["stripe"],
} as const satisfies Record<PayoutChannel, readonly AccountChannel[]>;

/**
 * The channels of the accounts that a batch pays to. A plain file is for people who pay by hand, through any channel of
 * files; accounts of channels that are called are paid by calls only, for only a call can ask for the state of a
 * payment.
 */
export const accountChannelsOf = (channel: PayoutChannel): readonly AccountChannel[] => accountChannels[channel];

export const payoutStates = ["sent", "processing", "unknown", "paid", "failed"] as const;
export type PayoutState = (typeof payoutStates)[number];

/** The answers of a channel. Unknown is no failure: money may have moved, so such a payout is never sent again. */
export type AnswerStatus = "success" | "failed" | "processing" | "unknown";

const statesByAnswer = {
  success: "paid",
  failed: "failed",
  processing: "processing",
  unknown: "unknown",
} as const satisfies Record<AnswerStatus, PayoutState>;

/** The state that an answer puts a payout into. */
export const stateAfter = (status: AnswerStatus): Exclude<PayoutState, "sent"> => statesByAnswer[status];

/** A batch's number: `P` and at least eight digits. */
export const batchNoOf = (sequence: bigint): string => numberText("P", sequence);

/** A detail's number: `D` and at least eight digits. It is the idempotency key of the payment. */
export const detailNoOf = (sequence: bigint): string => numberText("D", sequence);

/** The ages, in days, by which unanswered payouts are reported, the youngest first. */
export const ages = ["today", "1 day", "2-3 days", "4-7 days", "over 7 days"] as const;
export type Age = (typeof ages)[number];

/** The age that a number of days falls into. */
export function ageOf(days: number): Age {
  if (days <= 1) return days <= 0 ? "today" : "1 day";
  if (days <= 3) return "2-3 days";
  return days <= 7 ? "4-7 days" : "over 7 days";
}
