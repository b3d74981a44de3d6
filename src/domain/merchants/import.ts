import { recordActions, type OperatorAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import type { Transaction } from "../../db/database.ts";
import { explainFile, type Explanation } from "../../imports/explain.ts";
import type { ImportKind, MergeFacts, MergeOutcome, MergeReject } from "../../imports/kind.ts";
import { nativeProfile } from "../../imports/profile-text.ts";
import type { ImportReport } from "../../imports/report.ts";
import { runImport, type ImportInput } from "../../imports/run-import.ts";
import { isDateClosedMeanwhile } from "../ledger/closed-dates-sql.ts";
import { businessDateOf, type BusinessDate } from "../../shared/business-date.ts";
import { busyError } from "../../shared/errors.ts";
import { formatRate } from "../../shared/rates.ts";
import { merchantColumns, readMerchantRow, stagedMerchantColumns, type MerchantColumn } from "./import-row.ts";
import {
  clearJudged, countOutcomes, createStaging, insertNew, judgeStaged, rejectedRows, updatedRows, updateKnown, type MerchantRefusal, type UpdatedMerchant,
} from "./import-sql.ts";
import { beginningOfTime, type MerchantStatus } from "./model.ts";

/** In which status new merchants go in: active, or pending until somebody approves them. */
export interface MerchantImportInput extends ImportInput {
  readonly isPending?: boolean;
}

/**
 * Takes in a file of merchants: new ones go in, known ones get what the file adds or changes, identical rows are counted
 * as duplicates. Blank cells say nothing. The rate of a new merchant counts from the beginning of time, a changed rate of
 * a known one from today: what was settled before is never touched. A rate that is in force already says nothing new.
 */
export const importMerchants = (context: Context, { isPending, ...input }: MerchantImportInput): Promise<ImportReport> =>
  runImport(context, merchantKind(context, isPending === true ? "pending" : "active"), input);

/** Explains how a file of merchants would be read. */
export const explainMerchants = (context: Context, input: ImportInput): Promise<Explanation> =>
  explainFile(context, merchantKind(context, "active"), input);

const merchantKind = (context: Context, status: MerchantStatus): ImportKind<MerchantColumn> => ({
  kind: "merchants",
  columns: merchantColumns,
  profiles: [nativeProfile("merchants", merchantColumns)],
  stagingTable: "staged_merchants",
  stagedColumns: stagedMerchantColumns,
  prepare: createStaging,
  rowReader: () => readMerchantRow,
  merge: (tx, pass, facts) => mergeMerchants(context, tx, pass, facts, status),
});

async function mergeMerchants(
  context: Context,
  tx: Transaction,
  pass: number,
  facts: MergeFacts,
  status: MerchantStatus,
): Promise<MergeOutcome<MerchantColumn>> {
  const today = businessDateOf(facts.now, facts.zone);
  const isClosed = await isDateClosedMeanwhile(tx, today);
  const [, outcomes, inserted, updated, changes, rejected] = await Promise.all([
    judgeStaged(tx, pass, today, isClosed),
    countOutcomes(tx),
    insertNew(tx, facts, status, beginningOfTime),
    updateKnown(tx, facts, today),
    updatedRows(tx),
    rejectedRows(tx),
    clearJudged(tx),
  ]);
  const [fresh = 0, changed = 0, duplicate = 0] = [outcomes.get("new"), outcomes.get("updated"), outcomes.get("duplicate")];
  if (inserted !== fresh || updated !== changed) {
    throw busyError("merchants_changed_meanwhile", "merchants of this file were changed by somebody else while it was taken in", {
      hint: "nothing of this file was kept; import it again",
    });
  }
  if (updated > 0) await recordActions(tx, context, changes.map((row) => actionOf(row, facts.importId)));
  return { inserted, updated, duplicate, rejects: rejected.map(({ record, outcome }) => refusals[outcome](record, today)) };
}

const refusals: Readonly<Record<MerchantRefusal, (record: number, today: BusinessDate) => MergeReject<MerchantColumn>>> = {
  name_missing: (record) => ({ record, code: "name_missing", column: "name", message: "a new merchant needs a name" }),
  rate_in_closed_date: (record, today) => ({
    record, code: "rate_in_closed_date", column: "contribution_rate",
    message: `another rate would count from today, and business date ${today} is closed: check this machine's clock, `
      + "or set the rate from the next open date (`accrue merchant set-rate`)",
  }),
};

function actionOf(row: UpdatedMerchant, importId: bigint): OperatorAction {
  const isRateChanged = row.contributionBps !== null && row.contributionBps !== row.storedBps;
  const changed = [row.isNameChanged ? ["name"] : [], row.isContactChanged ? ["contact"] : [], isRateChanged ? ["contribution_rate"] : []].flat();
  const rate = isRateChanged
    ? { rate: formatRate(row.contributionBps!), was: row.storedBps === null ? "platform" : formatRate(row.storedBps) }
    : {};
  return {
    action: "merchant.update", subjectKind: "merchant", subject: row.merchantCode,
    details: { import_id: Number(importId), changed: changed.join(" "), ...rate },
  };
}
