import type { SlotHolder } from "../../db/run-slots.ts";
import { busyError, refusedError, type AccrueError } from "../../shared/errors.ts";
import { formatYuan, type Fen } from "../../shared/money.ts";

/** The refusal for a number that no batch has. */
export const batchUnknown = (batchNo: string): AccrueError =>
  refusedError("payout_batch_unknown", `there is no payout batch ${batchNo}`, {
    hint: "`accrue payout list` shows them",
    details: { batch_no: batchNo },
  });

/** The refusal of a new batch while one of the channel is not handed over. */
export const batchNotHandedOver = (batchNo: string, channel: string, isOnline: boolean): AccrueError =>
  refusedError(
    "payout_batch_not_handed_over",
    `batch ${batchNo} of ${channel} was recorded, and may never have been handed over whole`,
    {
      hint: `\`accrue payout ${isOnline ? "send" : "export"} --batch ${batchNo}\` hands over the very same payouts; then run this again for a new batch`,
      details: { batch_no: batchNo, channel },
    },
  );

/** The refusal to continue a batch with another channel or payer. */
export const batchOtherwisePaid = (
  batchNo: string,
  channel: string,
  payer: string | null,
  presentPayer: string | null,
): AccrueError =>
  refusedError(
    "payout_batch_otherwise_paid",
    `batch ${batchNo} is paid through ${channel}${payer === null ? "" : ` by ${payer}`}, and not by ${presentPayer ?? "a file"}`,
    {
      hint:
        payer === null
          ? `\`accrue payout export --batch ${batchNo}\` writes its files`
          : `give the key and currency of that account, and run \`accrue payout send --batch ${batchNo}\`: anybody else would pay twice`,
      details: { batch_no: batchNo, channel, payer },
    },
  );

/** The refusal of a file that differs from the recorded one. */
export const fileDiffers = (name: string, batchNo: string): AccrueError =>
  refusedError(
    "payout_file_differs",
    `${name} would not be the file that was recorded for batch ${batchNo}: an account or a detail was changed in the database`,
    {
      hint: "nothing was written; run `accrue verify`, and do not pay this batch twice",
      details: { batch_no: batchNo, file: name },
    },
  );

/** Another session pays through the channel; without a holder while that one begins or ends. */
export const payoutsBusy = (channel: string, holder: SlotHolder | undefined): AccrueError =>
  busyError(
    "payouts_busy",
    `another run pays through ${channel}${holder === undefined ? "" : `: ${holder.operator} on ${holder.host}, since ${holder.takenAt.toISOString()}`}`,
    {
      hint: "try again when it has ended: what it does not take stays approved, for the next batch",
      details: { channel, ...(holder === undefined ? {} : { operator: holder.operator, host: holder.host }) },
    },
  );

/** Another session changed withdrawals that were to be paid. */
export const changedMeanwhile = (): AccrueError =>
  busyError("payouts_changed_meanwhile", "withdrawals were decided by somebody else while they were exported", {
    hint: "nothing of this batch was kept; run the same command again",
  });

/** The refusal to send more than the fund can pay. */
export const payoutsNotCovered = (fundFen: Fen, payingFen: Fen): AccrueError =>
  refusedError(
    "fund_insufficient",
    `the points fund holds ${formatYuan(fundFen)} yuan, all payouts under way with these come to ${formatYuan(payingFen)} gross`,
    {
      hint: "nothing was sent; send fewer (--limit, --max-total): `accrue report fund` shows what the fund has to cover",
      details: { fund: formatYuan(fundFen), paying: formatYuan(payingFen) },
    },
  );

/** The refusal for a number that no payout has. */
export const detailUnknown = (detailNo: string): AccrueError =>
  refusedError("payout_unknown", `there is no payout ${detailNo}`, {
    hint: "`accrue payout show` of its batch, or `accrue withdrawal show`, shows its number",
    details: { detail_no: detailNo },
  });

/** The refusal to retry a withdrawal. */
export const notRetriable = (
  code: string,
  withdrawalNo: string,
  reason: string,
  hint = "only a failure that the channel confirmed is retried, once: `accrue withdrawal show` shows its story",
): AccrueError =>
  refusedError(code, `withdrawal ${withdrawalNo} ${reason}`, {
    hint: `nothing was changed; ${hint}`,
    details: { withdrawal_no: withdrawalNo },
  });
