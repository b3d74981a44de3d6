import { readAmountFen, readId, readText } from "../../csv/cells.ts";
import { cleanId } from "../../csv/clean.ts";
import { showCell } from "../../csv/problem.ts";
import type { Transaction } from "../../db/database.ts";
import { columnReader, type StagedColumn } from "../../imports/columns.ts";
import { rejectOf, stagedKind, type Reasons, type StagedKind } from "../../imports/staged.ts";
import { Refusal, type ImportKind, type Merged, type MergeFacts } from "../../imports/kind.ts";
import { countOutcomes, rejectedRows } from "../../imports/sql.ts";
import { formatYuan } from "../../shared/money.ts";
import { takeDecisionSlot } from "../withdrawals/decision-sql.ts";
import { stateAfter, type AnswerStatus, type PayoutChannel } from "./model.ts";
import { judgeStaged } from "./result-sql.ts";
import { applyAnswers } from "./apply-answers.ts";

export type ResultColumn = "detail_no" | "status" | "amount" | "reason" | "channel_ref";

// Unknown words are refused, not guessed: they decide whether a hold is paid or released.
const words: ReadonlyMap<string, AnswerStatus> = new Map([
  ...["success", "succeeded", "paid", "成功", "转账成功", "付款成功", "支付成功", "交易成功"].map(
    (word) => [word, "success"] as const,
  ),
  ...["fail", "failed", "失败", "转账失败", "付款失败", "支付失败", "交易失败"].map(
    (word) => [word, "failed"] as const,
  ),
  ...[
    "processing",
    "pending",
    "init",
    "wait_pay",
    "accepted",
    "处理中",
    "转账中",
    "付款中",
    "待确认",
    "待付款",
    "已受理",
  ].map((word) => [word, "processing"] as const),
  ...["unknown", "timeout", "未知", "状态未知", "超时"].map((word) => [word, "unknown"] as const),
]);

function readState(cell: string): string | Refusal {
  const status = words.get(cleanId(cell).toLowerCase());
  if (status !== undefined) return stateAfter(status);
  return new Refusal(
    undefined,
    "status_not_known",
    `${showCell(cell)} is no status that is known: success, failed, processing, unknown (成功, 失败, 处理中, 未知)`,
  );
}

/** The columns of a channel's answer; the Chinese names are those of WeChat's batches and of banks. */
const columns: readonly StagedColumn<ResultColumn>[] = [
  {
    key: "detail_no",
    names: ["detail_no", "商家明细单号", "商家明细单号（必填）", "明细单号"],
    required: true,
    staged: "detail_no text",
    read: readId,
    isKey: true,
  },
  {
    key: "status",
    names: ["status", "状态", "明细状态", "转账状态", "付款状态"],
    required: true,
    note: " (success 成功, failed 失败, processing 处理中, unknown 未知)",
    staged: "state text",
    read: readState,
  },
  {
    key: "amount",
    names: ["amount", "金额", "转账金额", "转账金额（必填，单位：元）", "付款金额"],
    required: true,
    note: " (yuan)",
    staged: "amount_fen bigint",
    read: readAmountFen,
  },
  {
    key: "reason",
    names: ["reason", "失败原因", "原因"],
    required: false,
    staged: "reason text",
    read: readText,
    blank: null,
  },
  {
    key: "channel_ref",
    names: ["channel_ref", "流水号", "微信明细单号", "渠道流水号"],
    required: false,
    staged: "channel_ref text",
    read: readId,
    blank: null,
  },
];

/** The cell and the message of each rejected answer. */
const reasons: Reasons<ResultColumn> = {
  unknown_detail: ["detail_no", "no payout was ever sent under this number"],
  other_channel: ["detail_no", (channel) => `this payout was sent through ${channel}`],
  conflict_amount: ["amount", (sentFen) => `${formatYuan(BigInt(sentFen))} were sent`],
  conflict_channel_ref: ["channel_ref", (known) => `it is ${known} already: was it paid twice?`],
  conflict_after_success: ["status", "it is paid already, and that is final"],
  conflict_after_failure: [
    "status",
    "it failed already and its points were given back: if money did move, settle it with the channel",
  ],
};

const judged = "judged_payout_results";

/** The staging and judging of answers, of files and of providers. */
export const answers: Pick<StagedKind<ResultColumn>, "name" | "staged" | "tables"> = {
  name: "payout_results",
  staged: columns.map(({ staged }) => staged),
  tables: {
    [judged]: [
      "record integer",
      "outcome text",
      "detail text",
      "member_id bigint",
      "detail_no text",
      "state text",
      "reason text",
      "channel_ref text",
      "stored_state text",
      "withdrawal_id bigint",
      "withdrawal_no text",
      "points bigint",
      "net_fen bigint",
      "fee_fen bigint",
      "journal_id bigint",
    ],
  },
};

/**
 * The kind of file of a channel's answers: success burns the hold, failure releases it, processing and unknown are
 * noted. The same answer again is a duplicate. Rejected, for a person to resolve, are: another amount than was sent, an
 * unknown detail number, a different answer after a final one, and another number of the channel for the same payout.
 *
 * @param channel rejects answers about payouts of other channels
 */
export const resultKind = (channel: PayoutChannel | null = null): ImportKind<ResultColumn> =>
  stagedKind({
    kind: "payout_results",
    columns,
    options: channel === null ? {} : { channel },
    ...answers,
    rowReader: () => columnReader(columns),
    // A file locks balances chunk by chunk, as a file of requests does; one after the other they cannot deadlock.
    prepare: takeDecisionSlot,
    merge: (tx, facts) => mergeAnswers(tx, channel, facts),
  });

/** Merges the staged answers. */
export async function mergeAnswers(
  tx: Transaction,
  channel: PayoutChannel | null,
  {
    operator,
    host,
    now,
    zone,
    importId,
  }: Omit<MergeFacts, "profile" | "importId"> & { readonly importId: bigint | null },
): Promise<Merged<ResultColumn>> {
  await judgeStaged(tx, channel);
  const outcomes = await countOutcomes(tx, judged);
  const [updated = 0, duplicate = 0] = [outcomes.get("updated"), outcomes.get("duplicate")];
  if (updated > 0) await applyAnswers(tx, updated, { operator, host, at: now, zone, importId });
  return {
    inserted: 0,
    updated,
    duplicate,
    rejects: (await rejectedRows(tx, judged)).map((one) => rejectOf(reasons, one)),
  };
}
