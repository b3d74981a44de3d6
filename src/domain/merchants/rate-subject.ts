import type { BusinessDate } from "../../shared/business-date.ts";
import { formatRate, type Bps } from "../../shared/rates.ts";
import type { Subject } from "../approvals/subject.ts";
import { ownRateText, rateInForce, setRate, type WantedRate } from "./set-rate.ts";

/** What is proposed when a merchant's rate is to be changed; no rate is the platform's. */
export type RateDocument = {
  readonly merchant_code: string;
  readonly contribution_bps: Bps | null;
  readonly effective_from: BusinessDate;
};

/** What is proposed where a rate is wanted. */
export const rateDocument = ({ merchantCode, contributionBps, from }: Required<WantedRate>): RateDocument => ({
  merchant_code: merchantCode,
  contribution_bps: contributionBps,
  effective_from: from!,
});

const rateText = (bps: Bps | null): string => (bps === null ? "the platform's rate" : formatRate(bps));

/** A merchant's rate of its own. It rests on the rate in force on its date, and on when the next one counts from. */
export const rateSubject: Subject<RateDocument> = {
  kind: "merchant_rate",
  proposers: ["clerk", "finance", "admin"],
  approvers: ["finance", "admin"],
  title: ({ merchant_code: code, contribution_bps: bps, effective_from: from }) =>
    `merchant ${code} gives ${rateText(bps)} from ${from}`,
  facts: ({ contribution_bps: bps }, { name, was, platform_bps: platform, until }) => [
    ["merchant", name as string],
    ["rate", `${rateText(was as Bps | null)} → ${rateText(bps)}`],
    ["platform's rate", formatRate(platform as Bps)],
    ...(until === null ? [] : [["until", `the rate set for ${until as string}`] as const]),
  ],
  basis: async (tx, { merchant_code: merchantCode, effective_from: from }) => {
    const { name, was, platformBps, until } = await rateInForce(tx, merchantCode, from);
    return { name, was, platform_bps: platformBps, until: until ?? null };
  },
  apply: async (
    tx,
    context,
    { merchant_code: merchantCode, contribution_bps: contributionBps, effective_from: from },
    { proposalNo },
  ) => {
    const { was } = await setRate(tx, context, { merchantCode, contributionBps, from }, proposalNo);
    return { was: ownRateText(was) };
  },
};
