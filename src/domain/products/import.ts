import type { Context } from "../../db/context.ts";
import type { Transaction } from "../../db/database.ts";
import { explainFile, type Explanation } from "../../imports/explain.ts";
import type { ImportKind, MergeFacts, MergeOutcome } from "../../imports/kind.ts";
import { nativeProfile } from "../../imports/profile-text.ts";
import type { ImportReport } from "../../imports/report.ts";
import { runImport, type ImportInput } from "../../imports/run-import.ts";
import { productColumns, readProductRow, stagedProductColumns, type ProductColumn } from "./import-row.ts";
import { clearJudged, countOutcomes, createStaging, insertNew, judgeStaged, rejectedRows, updateKnown } from "./import-sql.ts";

const productKind: ImportKind<ProductColumn> = {
  kind: "products",
  columns: productColumns,
  profiles: [nativeProfile("products", productColumns)],
  stagingTable: "staged_products",
  stagedColumns: stagedProductColumns,
  prepare: createStaging,
  rowReader: () => readProductRow,
  merge: mergeProducts,
};

/**
 * Takes in a file of products: new ones go in, known ones get a changed name or price, identical rows are counted as
 * duplicates. Blank cells say nothing. A product of a merchant that is not known is rejected.
 */
export const importProducts = (context: Context, input: ImportInput): Promise<ImportReport> => runImport(context, productKind, input);

/** Which cell each reject points at, and its message. */
const explanations: Readonly<Record<string, { readonly column: ProductColumn; readonly message: string }>> = {
  unknown_merchant: { column: "merchant_code", message: "no merchant has this code; import the merchant first" },
  name_missing: { column: "name", message: "a new product needs a name" },
  price_missing: { column: "price", message: "a new product needs a price" },
};

/** Explains how a file of products would be read. */
export const explainProducts = (context: Context, input: ImportInput): Promise<Explanation> => explainFile(context, productKind, input);

async function mergeProducts(tx: Transaction, pass: number, facts: MergeFacts): Promise<MergeOutcome<ProductColumn>> {
  const [, outcomes, inserted, updated, rejected] = await Promise.all([
    judgeStaged(tx, pass),
    countOutcomes(tx),
    insertNew(tx, facts),
    updateKnown(tx, facts),
    rejectedRows(tx),
    clearJudged(tx),
  ]);
  const [fresh = 0, changed = 0, duplicate = 0] = [outcomes.get("new"), outcomes.get("updated"), outcomes.get("duplicate")];
  if (inserted !== fresh || updated !== changed) {
    throw new Error(`products changed under the merge: ${inserted} of ${fresh} inserted, ${updated} of ${changed} updated`);
  }
  const rejects = rejected.map(({ record, outcome }) => {
    const { column, message } = explanations[outcome]!;
    return { record, code: outcome, column, message };
  });
  return { inserted, updated, duplicate, rejects };
}
