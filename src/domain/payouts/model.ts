/** Channels that are paid by files: in a template of their own, or in a plain file for any of them. */
export const fileChannels = ["alipay", "wechat", "bank", "csv"] as const;
export type FileChannel = (typeof fileChannels)[number];

/** Channels that are paid by calls: money moves at once. */
export const onlineChannels = ["stripe"] as const;
export type OnlineChannel = (typeof onlineChannels)[number];

export const payoutChannels = [...fileChannels, ...onlineChannels] as const;
export type PayoutChannel = (typeof payoutChannels)[number];
/** The channels that members have accounts of. */
export type AccountChannel = Exclude<PayoutChannel, "csv">;

const accountChannels = { alipay: ["alipay"], wechat: ["wechat"], bank: ["bank"], csv: ["alipay", "wechat", "bank"], stripe: ["stripe"] } as const satisfies Record<PayoutChannel, readonly AccountChannel[]>;

/**
 * The channels of the accounts that a batch pays to. A plain file is for people who pay by hand, through whatever they have;
 * what is paid by calls stays with the calls, which alone can ask what became of a payment.
 */
export const accountChannelsOf = (channel: PayoutChannel): readonly AccountChannel[] => accountChannels[channel];

export const payoutStates = ["sent", "processing", "unknown", "paid", "failed"] as const;
export type PayoutState = (typeof payoutStates)[number];

/** What a channel may say of a payout. Unknown is no failure: money may have moved, so nothing is ever sent anew for it. */
export type AnswerStatus = "success" | "failed" | "processing" | "unknown";

const statesByAnswer = { success: "paid", failed: "failed", processing: "processing", unknown: "unknown" } as const satisfies Record<AnswerStatus, PayoutState>;

/** The state that an answer puts a payout into. */
export const stateAfter = (status: AnswerStatus): Exclude<PayoutState, "sent"> => statesByAnswer[status];

/** A batch's number from the sequence that numbers them: `P` and at least eight digits. */
export const batchNoOf = (sequence: bigint): string => `P${sequence.toString().padStart(8, "0")}`;

/** A detail's number from the sequence that numbers them: `D` and at least eight digits. It is the key that keeps a payment from being made twice. */
export const detailNoOf = (sequence: bigint): string => `D${sequence.toString().padStart(8, "0")}`;

/** The ages by which what is unanswered is told, the youngest first. */
export const ages = ["today", "1 day", "2-3 days", "4-7 days", "over 7 days"] as const;
export type Age = (typeof ages)[number];

/** Which age a number of days is. */
export function ageOf(days: number): Age {
  if (days <= 1) return days <= 0 ? "today" : "1 day";
  if (days <= 3) return "2-3 days";
  return days <= 7 ? "4-7 days" : "over 7 days";
}
