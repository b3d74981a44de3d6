import type { Context } from "../db/context.ts";
import type { Transaction } from "../db/database.ts";
import { explainFile, type Explanation } from "../imports/explain.ts";
import type { ImportKind, MergeFacts, MergeOutcome, MergeReject } from "../imports/kind.ts";
import type { ImportReport } from "../imports/report.ts";
import { runImport, type ImportInput } from "../imports/run-import.ts";
import { formatYuan } from "../shared/money.ts";
import { orderColumns, type OrderColumn } from "./columns.ts";
import { clearJudged, countOutcomes, createStaging, insertNew, judgeStaged, rejectedRows, updateKnown, type JudgedReject } from "./import-sql.ts";
import { orderProfiles } from "./profiles/index.ts";
import { isMadeOfLines, orderRowReader, stagedLineColumns, stagedOrderColumns } from "./row-reader.ts";

const orderKind: ImportKind<OrderColumn> = {
  kind: "orders",
  columns: orderColumns,
  profiles: orderProfiles,
  longIds: "order_no",
  stagingTable: "staged_orders",
  stagedColumns: stagedOrderColumns,
  prepare: createStaging,
  rowReader: (profile, zone) => orderRowReader(profile, zone),
  merge: mergeOrders,
};

/**
 * Takes in a file of orders by the order import rule: new orders go in, known ones move forward, identical rows are
 * counted as duplicates, and a row that contradicts what is stored is rejected as a conflict.
 */
export const importOrders = (context: Context, input: ImportInput): Promise<ImportReport> => runImport(context, orderKind, input);

/** Explains how a file of orders would be read. */
export const explainOrders = (context: Context, input: ImportInput): Promise<Explanation> =>
  explainFile(context, { ...orderKind, gathering: (profile) => (isMadeOfLines(profile) ? { columns: stagedLineColumns } : undefined) }, input);

/**
 * All statements of a pass are sent at once, and the server works through them while this process parses: waiting for
 * each answer would leave the server idle whenever a row is being read here.
 */
async function mergeOrders(tx: Transaction, pass: number, facts: MergeFacts): Promise<MergeOutcome<OrderColumn>> {
  const [repeated, [keys, inserted], [updated, rehashed], outcomes, rejected] = await Promise.all([
    judgeStaged(tx, pass, facts),
    insertNew(tx, facts),
    updateKnown(tx, facts),
    countOutcomes(tx),
    rejectedRows(tx),
    clearJudged(tx),
  ]);
  const [fresh = 0, changed = 0, equal = 0] = [outcomes.get("new"), outcomes.get("updated"), outcomes.get("duplicate")];
  if (keys !== fresh || inserted !== fresh || updated !== changed || rehashed !== changed) {
    throw new Error(`orders changed under the merge: ${inserted} of ${fresh} inserted with ${keys} keys, ${updated} of ${changed} updated`);
  }
  return { inserted: fresh, updated: changed, duplicate: repeated + equal, rejects: rejected.map(explainReject) };
}

const conflict = (column: OrderColumn, text: (stored: string) => string) => ({ column, text });

const aliasHint = (holder: "member" | "merchant") => `\`accrue ${holder} alias\` or \`accrue ${holder} import-aliases\``;

/** Which cell each reject points at, and its message. */
const explanations: Readonly<Record<string, { column: OrderColumn; text: (stored: string) => string }>> = {
  unknown_member: conflict("member_no", () => "no member has this number; register or import the member first"),
  unknown_member_alias: conflict("member_no", () => `no member has this alias; say whose it is: ${aliasHint("member")}, or have unknown buyers registered: --create-members`),
  unknown_member_email: conflict("member_no", () => "no member has this e-mail address; register or import the member first"),
  unknown_member_phone: conflict("member_no", () => "no member has this phone number; register or import the member first"),
  unknown_merchant: conflict("merchant_code", () => "no merchant has this code; import the merchant first"),
  unknown_merchant_alias: conflict("merchant_code", () => `no merchant has this alias; say whose it is: ${aliasHint("merchant")}, or name one for the whole file: --merchant CODE`),
  merchant_pending: conflict("merchant_code", () => "the merchant is not approved yet (`accrue merchant approve`)"),
  merchant_suspended: conflict("merchant_code", (stored) => `the merchant has been suspended since ${stored}, and the order is dated after that`),
  conflict_member: conflict("member_no", () => "the order is known with another member"),
  conflict_merchant: conflict("merchant_code", (stored) => `the order is known with merchant ${stored}`),
  conflict_amount: conflict("amount", (stored) => `the order is known with amount ${formatYuan(BigInt(stored))}`),
  conflict_paid_at: conflict("paid_at", (stored) => `the order is known as paid at ${stored}`),
  conflict_status: conflict("status", (stored) => `the order is already ${stored}; its status cannot go back`),
  conflict_refund: conflict("refunded_amount", (stored) => `${formatYuan(BigInt(stored))} is refunded already; a refund cannot shrink`),
  conflict_skus: conflict("skus", (stored) => `the order is known with products ${stored}`),
};

function explainReject({ record, outcome, storedValue }: JudgedReject): MergeReject<OrderColumn> {
  const { column, text } = explanations[outcome]!;
  return { record, code: outcome, column, message: text(storedValue ?? "") };
}
