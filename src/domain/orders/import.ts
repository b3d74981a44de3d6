import { cleanId } from "../../csv/clean.ts";
import type { Context } from "../../db/context.ts";
import type { Transaction } from "../../db/database.ts";
import { explainFile, type Explanation } from "../../imports/explain.ts";
import type { ImportKind, MergeFacts, MergeOutcome } from "../../imports/kind.ts";
import type { ImportReport } from "../../imports/report.ts";
import { runImport, type ImportInput } from "../../imports/run-import.ts";
import { merchantUnknown } from "../merchants/merchant-errors.ts";
import { findMerchant } from "../merchants/sql.ts";
import { orderColumns, type OrderColumn } from "./columns.ts";
import { explainReject } from "./import-rejects.ts";
import { createStaging, rejectedRows } from "./import-sql.ts";
import { orderGathering } from "./lines.ts";
import { OrderMerge } from "./merge.ts";
import { orderProfiles } from "./profiles/index.ts";
import { isMadeOfLines, orderRowReader, stagedOrderColumns } from "./row-reader.ts";

/** How a file of orders is to be taken in. */
export interface OrderImportInput extends ImportInput {
  /** Registers members whom the file names and nobody knows, with their name and alias only. */
  readonly createsMembers?: boolean;
}

/** Writing an order that was buffered takes about half of what reading and judging it took: 11 s behind 17 s of a million, 10 s behind 38 s on a busy machine. */
const writingWeight = 0.5;

function orderKind(createsMembers: boolean): ImportKind<OrderColumn> {
  let merge = new OrderMerge(createsMembers);
  return {
    kind: "orders",
    columns: orderColumns,
    profiles: orderProfiles,
    longIds: "order_no",
    stagingTable: "staged_orders",
    stagedColumns: createsMembers ? [...stagedOrderColumns, "member_name"] : stagedOrderColumns,
    prepare: async (tx, { profile }) => {
      await requireFixedMerchant(tx, profile);
      merge = new OrderMerge(createsMembers);
      await createStaging(tx);
    },
    rowReader: (profile, zone) => orderRowReader(profile, zone, createsMembers),
    merge: (tx, pass, facts) => mergeOrders(merge, tx, pass, facts),
    finish: (tx, facts) => merge.finish(tx, facts),
    unwritten: () => ({ rows: merge.buffered, weight: writingWeight }),
    gathering: (profile) => (isMadeOfLines(profile) ? orderGathering(profile, createsMembers) : undefined),
  };
}

/**
 * Refuses a merchant whom nobody knows, where one is named for the whole file: that is a slip of the operator, and no reason
 * to reject every row of it.
 */
async function requireFixedMerchant(tx: Transaction, { constants, merchantBy }: MergeFacts["profile"]): Promise<void> {
  const code = constants.get("merchant_code");
  if (code === undefined || merchantBy !== "code") return;
  if ((await findMerchant(tx, cleanId(code))) === undefined) throw merchantUnknown(code);
}

/**
 * Takes in a file of orders by the order import rule: new orders go in, known ones move forward, identical rows are
 * counted as duplicates, and a row that contradicts what is stored is rejected as a conflict.
 *
 * @throws refused `merchant_unknown` for one that is named for the whole file; what `runImport` throws
 */
export const importOrders = (context: Context, { createsMembers, ...input }: OrderImportInput): Promise<ImportReport> =>
  runImport(context, orderKind(createsMembers === true), input);

/** Explains how a file of orders would be read. */
export const explainOrders = (context: Context, input: ImportInput): Promise<Explanation> => explainFile(context, orderKind(false), input);

async function mergeOrders(merge: OrderMerge, tx: Transaction, pass: number, facts: MergeFacts): Promise<MergeOutcome<OrderColumn>> {
  const { outcomes, repeated, membersCreated, looked } = await merge.mergePass(tx, pass, facts, () => rejectedRows(tx));
  const [inserted = 0, updated = 0, equal = 0] = [outcomes.get("new"), outcomes.get("updated"), outcomes.get("duplicate")];
  const rejects = looked.map(({ record, outcome, storedValue }) => explainReject(record, outcome, storedValue));
  return { inserted, updated, duplicate: repeated + equal, rejects, membersCreated };
}
