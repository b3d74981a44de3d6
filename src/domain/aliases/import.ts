import type { Context } from "../../db/context.ts";
import type { Transaction } from "../../db/database.ts";
import { explainFile, type Explanation } from "../../imports/explain.ts";
import type { ImportKind, MergeFacts, MergeOutcome, MergeReject } from "../../imports/kind.ts";
import { nativeProfile } from "../../imports/profile-text.ts";
import type { ImportReport } from "../../imports/report.ts";
import { runImport, type ImportInput } from "../../imports/run-import.ts";
import { busyError } from "../../shared/errors.ts";
import { aliasColumns, holderColumn, readAliasRow, stagedAliasColumns, type AliasColumn } from "./import-row.ts";
import { countOutcomes, createStaging, insertNew, judgeStaged, rejectedRows, type JudgedReject } from "./import-sql.ts";
import type { AliasHolder } from "./model.ts";

/** Whose aliases a row adds that names no source. */
export interface AliasImportInput extends ImportInput {
  readonly source?: string | undefined;
}

/**
 * Takes in a file of aliases of members or merchants: new ones go in, known ones are counted as duplicates, and one that
 * somebody else has is rejected, naming them.
 */
export const importAliases = (context: Context, holder: AliasHolder, { source, ...input }: AliasImportInput): Promise<ImportReport> =>
  runImport(context, aliasKind(holder, source), input);

/** Explains how a file of aliases would be read; nothing is written. */
export const explainAliases = (context: Context, holder: AliasHolder, { source, ...input }: AliasImportInput): Promise<Explanation> =>
  explainFile(context, aliasKind(holder, source), input);

const aliasKind = (holder: AliasHolder, source: string | undefined): ImportKind<AliasColumn> => ({
  kind: `${holder}_aliases`,
  columns: aliasColumns(holder),
  profiles: [nativeProfile(`${holder}_aliases`, aliasColumns(holder))],
  stagingTable: "staged_aliases",
  stagedColumns: stagedAliasColumns,
  prepare: createStaging,
  rowReader: () => (cell) => readAliasRow(cell, holder, source),
  merge: (tx, pass, facts) => mergeAliases(tx, holder, pass, facts),
});

async function mergeAliases(tx: Transaction, holder: AliasHolder, pass: number, facts: MergeFacts): Promise<MergeOutcome<AliasColumn>> {
  await judgeStaged(tx, holder, pass);
  const outcomes = await countOutcomes(tx);
  const [fresh = 0, duplicate = 0] = [outcomes.get("new"), outcomes.get("duplicate")];
  if (fresh !== (fresh === 0 ? 0 : await insertNew(tx, holder, facts))) {
    throw busyError("aliases_changed_meanwhile", "aliases of this file were given to somebody else while it was taken in", {
      hint: "nothing of this file was kept; import it again",
    });
  }
  const rejects = (await rejectedRows(tx)).map((row) => explainReject(row, holder));
  return { inserted: fresh, updated: 0, duplicate, rejects };
}

function explainReject({ record, outcome, takenBy }: JudgedReject, holder: AliasHolder): MergeReject<AliasColumn> {
  if (outcome === "alias_taken") return { record, code: outcome, column: "alias", message: `${holder} ${takenBy} has this alias` };
  const column = holderColumn[holder];
  const what = holder === "member" ? "member has this number" : "merchant has this code";
  return { record, code: `unknown_${holder}`, column, message: `no ${what}; import the ${holder} first` };
}
