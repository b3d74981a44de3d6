import type { Transaction } from "../../db/database.ts";
import { createStaging } from "../../imports/staged.ts";
import { refusedError, type AccrueError } from "../../shared/errors.ts";
import { formatYuan } from "../../shared/money.ts";
import type { Subject } from "../approvals/subject.ts";
import { takeDecisionSlot } from "../withdrawals/decision-sql.ts";
import { answers as staging, mergeAnswers } from "./result.ts";
import { stageAnswers } from "./result-sql.ts";
import { findDetail, type DetailRow } from "./read-sql.ts";

/** The answers that a person may give in place of a channel: both are final. */
export const answersByHand = ["paid", "failed"] as const;

export type AnswerByHand = (typeof answersByHand)[number];

/** What is proposed when a channel says nothing of a payout, and somebody knows how it ended. */
export type AnswerDocument = {
  readonly detail_no: string;
  readonly status: AnswerByHand;
  /** The channel's own number of the payment. */
  readonly channel_ref: string | null;
};

const detailUnknown = (detailNo: string): AccrueError =>
  refusedError("payout_unknown", `no payout was ever sent under the number ${detailNo}`, {
    hint: "`accrue payout show` shows those of a batch",
    details: { detail_no: detailNo },
  });

async function detailOf(tx: Transaction, detailNo: string): Promise<DetailRow> {
  await takeDecisionSlot(tx);
  const detail = await findDetail(tx, detailNo);
  if (detail === undefined) throw detailUnknown(detailNo);
  return detail;
}

/**
 * How a payout ended, on two operators' word, by the same rules as a channel's answer: paid burns the hold, failed gives
 * the points back. It rests on what is known of the payout so far.
 */
export const answerSubject: Subject<AnswerDocument> = {
  kind: "payout_answer",
  proposers: ["finance", "admin"],
  approvers: ["finance", "admin"],
  title: ({ detail_no: detailNo, status }) => `payout ${detailNo} is ${status}`,
  facts: ({ channel_ref: ref }, { member, withdrawal, net_fen: net, channel, state }) => [
    ["withdrawal", `${withdrawal as string} of member ${member as string}`],
    ["net", `${formatYuan(BigInt(net as string))} yuan through ${channel as string}`],
    ["the channel says", state as string],
    ...(ref === null ? [] : [["the channel's number", ref] as const]),
  ],
  basis: async (tx, { detail_no: detailNo }) => {
    const { memberNo, withdrawalNo, netFen, channel, state } = await detailOf(tx, detailNo);
    return { member: memberNo, withdrawal: withdrawalNo, net_fen: String(netFen), channel, state };
  },
  apply: async (tx, context, { detail_no: detailNo, status, channel_ref: channelRef }, { proposalNo }) => {
    const { netFen, withdrawalNo } = await detailOf(tx, detailNo);
    await createStaging(tx, staging);
    const reason = `by hand: ${proposalNo}`;
    await stageAnswers(tx, [{ detailNo, state: status, amountFen: netFen, reason, channelRef }]);
    const { name: operator, host } = context.operator;
    const words = { operator, host, now: context.clock(), zone: context.zone, importId: null };
    const { updated, rejects } = await mergeAnswers(tx, null, words);
    const refusal = rejects[0]?.refusal;
    if (refusal !== undefined)
      throw refusedError(refusal.code, `payout ${detailNo}: ${refusal.message}`, {
        hint: `\`accrue payout show ${detailNo}\` shows what is known of it`,
        details: { detail_no: detailNo },
      });
    if (updated !== 1) throw answeredAlready(detailNo, status);
    return { detail_no: detailNo, withdrawal_no: withdrawalNo };
  },
};

const answeredAlready = (detailNo: string, status: AnswerByHand): AccrueError =>
  refusedError("payout_answered", `payout ${detailNo} is ${status} already`, {
    hint: "nothing was changed",
    details: { detail_no: detailNo },
  });
