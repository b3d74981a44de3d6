import { busyError, refusedError, usageError, type AccrueError } from "../../shared/errors.ts";
import type { FileKind } from "../../shared/file-kinds.ts";
import { formatYuan, type Fen } from "../../shared/money.ts";

export const orderVoid = (orderNo: string): AccrueError =>
  refusedError("order_void", `order ${orderNo} is void already`, {
    hint: "`accrue order show` says by which proposal",
    details: { order_no: orderNo },
  });

export const nothingCorrected = (): AccrueError =>
  usageError("nothing_to_correct", "say what is to be corrected", {
    hint: "--amount, --refunded, --member, --merchant or --paid-at",
  });

export const orderIsSo = (orderNo: string): AccrueError =>
  refusedError("order_unchanged", `order ${orderNo} is so already`, {
    hint: "nothing was changed; `accrue order show` says what it is",
    details: { order_no: orderNo },
  });

/** Why an order cannot become what is asked for, by the code of the refusal. */
const problems = {
  order_not_paid: "the order is not paid, so it has no time of payment and no refund",
  refund_exceeds_amount: "the refund would be larger than the amount; --refunded says how much was refunded",
  paid_in_future: "the time of payment is in the future",
  merchant_pending: "the merchant is not approved yet",
  merchant_suspended: "the merchant is suspended since before that payment",
} as const;

export type CorrectionProblem = keyof typeof problems;

export const cannotCorrect = (orderNo: string, problem: CorrectionProblem): AccrueError =>
  refusedError(problem, `order ${orderNo}: ${problems[problem]}`, {
    hint: "nothing was changed",
    details: { order_no: orderNo },
  });

export const refundsAreMore = (orderNo: string, refundsFen: Fen): AccrueError =>
  refusedError(
    "refunds_add_up",
    `order ${orderNo}: its refunds have numbers, and add up to ${formatYuan(refundsFen)}`,
    {
      hint: "give at least that as --refunded; an import of wrong refunds is taken back by `accrue import undo`",
      details: { order_no: orderNo, refunds: formatYuan(refundsFen) },
    },
  );

/** The refusal beside an import of a kind, which would see half of what changes. */
export const importBusy = (kind: FileKind): AccrueError =>
  busyError(kind === "orders" ? "orders_busy" : "import_busy", `an import of ${kind} is running`, {
    hint: "try again when it has ended (`accrue import list`)",
  });

/** @param instead what to do in place of it */
export const importNotUndoable = (
  { importId, kind }: { readonly importId: bigint; readonly kind: FileKind },
  instead: string,
): AccrueError =>
  refusedError("import_not_undoable", `import ${importId} of ${kind} cannot be undone: ${instead}`, {
    hint: "nothing was changed",
    details: { import_id: Number(importId), kind },
  });

export const importTooOld = (importId: bigint): AccrueError =>
  refusedError("import_too_old", `import ${importId} is from before it was kept what imports change`, {
    hint: "`accrue order void` and `accrue order correct` put single orders right",
    details: { import_id: Number(importId) },
  });

export const nothingToUndo = (importId: string): AccrueError =>
  refusedError("nothing_to_undo", `nothing of import ${importId} can be taken back`, {
    hint: "it brought nothing, was undone already, or all that it brought was changed since",
    details: { import_id: Number(importId) },
  });
