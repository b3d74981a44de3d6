import type { Context } from "../../../src/db/context.ts";
import { evidenceKind } from "../../../src/domain/evidence/import.ts";
import type { ImportReport } from "../../../src/imports/report.ts";
import { runImport, type ImportInput } from "../../../src/imports/run-import.ts";
import { writeScratch } from "../../support/files.ts";

/** Writes a file, `evidence.csv` in a directory of its own, and returns its path. */
export const evidenceFile = (text: string): string => writeScratch("evidence.csv", text);

const nativeHeader = "order_no,payment_no,channel,amount,paid_at,source";

/** A payment, as the native form has it: of an order of `sold`, paid in the second that it says. */
export const shown = (orderNo: string, date: string, amount = "100.00", time = "10:00:00"): string =>
  `${orderNo},P-${orderNo},wechat,${amount},${date} ${time},`;

/** Imports payments in the native form. */
export const showPayments = (
  context: Context,
  rows: readonly string[],
  input: Partial<ImportInput> = {},
): Promise<ImportReport> => importEvidence(context, [nativeHeader, ...rows, ""].join("\n"), input);

/** Imports a file of payments, however often it came before. */
export const importEvidence = (
  context: Context,
  text: string,
  input: Partial<ImportInput> = {},
): Promise<ImportReport> =>
  runImport(context, evidenceKind, { input: { path: evidenceFile(text) }, force: true, ...input });
