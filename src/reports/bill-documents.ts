import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { byteOrderMark, encodeCsvRow } from "../csv/rejects-text.ts";
import type { Context } from "../db/context.ts";
import { inTransaction } from "../db/database.ts";
import { gatherBillDocuments, nextBillDocuments } from "../domain/billing/documents-sql.ts";
import type { Bill } from "../domain/billing/account-sql.ts";
import { periodText, type Period } from "../domain/billing/model.ts";
import { replaceFile } from "../files/replace-file.ts";
import { usageError } from "../shared/errors.ts";
import { formatYuan } from "../shared/money.ts";
import { guardedCell } from "../shared/text.ts";
import { writeProblem } from "../shared/write-problem.ts";
import { billHtml } from "./bill-html.ts";

const columns = [
  "bill_no",
  "merchant_code",
  "merchant_name",
  "period_from",
  "period_to",
  "due_on",
  "opening",
  "contributed",
  "clawed_back",
  "collected",
  "adjusted",
  "closing",
];

const billsAtOnce = 500;

/** What was written: the directory's files. */
export interface WrittenBills {
  /** One HTML file for each bill, named after its number. */
  readonly htmlFiles: number;
  /** All of them in one table. It is put in place last: where it lies, the others do. */
  readonly csvFile: string;
}

/**
 * Writes the bills of a billed period into a directory: one page each, and a table of all. They follow from what is in
 * the database, so whatever kept them from being written whole, the same again writes the same.
 *
 * @throws a usage error `bills_unwritable`
 */
export async function writeBills(
  { db, signal, onProgress }: Context,
  period: Period,
  directory: string,
): Promise<WrittenBills> {
  const csvFile = join(directory, `bills-${periodText(period)}.csv`);
  let table = `${byteOrderMark}${encodeCsvRow(columns)}`;
  let htmlFiles = 0;
  await orUnwritable(directory, () => mkdir(directory, { recursive: true }));
  await inTransaction(
    db,
    async (tx) => {
      await gatherBillDocuments(tx, period.from);
      for (let last = ""; ;) {
        signal.throwIfAborted();
        const bills = await nextBillDocuments(tx, last, billsAtOnce);
        if (bills.length === 0) return;
        last = bills.at(-1)!.billNo;
        await orUnwritable(directory, () =>
          Promise.all(bills.map((bill) => writeFile(join(directory, `${bill.billNo}.html`), billHtml(bill)))),
        );
        table += bills.map((bill) => encodeCsvRow(cellsOf(bill))).join("");
        htmlFiles += bills.length;
        onProgress({ phase: "writing bills", done: htmlFiles, unit: "rows" });
      }
    },
    "rollback",
  ); // nothing but a temporary table is written
  await orUnwritable(directory, () => replaceFile(csvFile, table, 0o644));
  return { htmlFiles, csvFile };
}

const cellsOf = (bill: Bill): readonly string[] => [
  bill.billNo,
  guardedCell(bill.merchantCode),
  guardedCell(bill.merchantName),
  bill.periodFrom,
  bill.periodTo,
  bill.dueOn,
  ...[
    bill.openingFen,
    bill.contributedFen,
    bill.clawedBackFen,
    bill.collectedFen,
    bill.adjustedFen,
    bill.closingFen,
  ].map(formatYuan),
];

async function orUnwritable(directory: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw usageError("bills_unwritable", `cannot write bills into ${directory}: ${writeProblem(error)}`, {
      hint: "the bills are issued; name a directory that can be written to, and run the same command again",
      cause: error,
    });
  }
}
