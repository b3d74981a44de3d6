import { setImmediate as nextTurn } from "node:timers/promises";
import { cellAt } from "../../csv/header.ts";
import type { CsvInput } from "../../csv/input/raw-file.ts";
import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { openByProfile } from "../../imports/choose-profiles.ts";
import { readingBy } from "../../imports/ruled-cells.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import { orderColumns, type OrderColumn } from "./columns.ts";
import { oldestDateOf } from "./oldest-payment-sql.ts";
import { orderProfiles } from "./profiles/index.ts";
import { orderRowReader, stagedLineColumns } from "./row-reader.ts";

const maxBatchRows = 1000;
const [statusAt, paidAt] = [stagedLineColumns.indexOf("status"), stagedLineColumns.indexOf("paid_at")];

/**
 * The business date of the oldest payment in a file of orders, as an import would read its rows. Nothing is written,
 * and nothing is asked about members and merchants: a row that an import rejects for theirs counts, too.
 *
 * @returns undefined when no row has a payment
 * @throws AccrueError (usage) for a file that cannot be read at all; the signal's reason when interrupted
 */
export async function oldestPaymentIn(context: Context, input: CsvInput): Promise<BusinessDate | undefined> {
  const { db, zone, signal, onProgress } = context;
  const kind = { kind: "orders", columns: orderColumns, profiles: orderProfiles } as const;
  const { source, profile } = await openByProfile(kind, input, {}, { signal, maxBatchRows });
  const oldest = new OldestTimes();
  let cells: readonly string[] = [];
  const cellOf = (key: OrderColumn) => cellAt(cells, source.match.columnIndex[key] ?? -1);
  const readRow = readingBy(profile, orderRowReader(profile, zone));
  for await (const records of source.batches()) {
    for (const record of records) {
      if (record.problem !== undefined) continue;
      cells = record.cells;
      const row = readRow(cellOf);
      if (!("values" in row) || row.values[statusAt] !== "paid") continue;
      if (typeof row.values[paidAt] === "string") oldest.add(row.values[paidAt]);
    }
    const { bytesRead, totalBytes } = source.progress;
    onProgress({
      phase: `looking for the oldest order in ${source.name}`,
      done: bytesRead,
      total: totalBytes,
      unit: "bytes",
    });
    // Lets a signal be heard.
    await nextTurn();
  }
  return reading(() => oldestDateOf(db.sql, oldest.texts, zone));
}

/** Times as rows give them sort as text, once their zone or offset is the same: the oldest of each zone will do. */
class OldestTimes {
  readonly #byZone = new Map<string, string>();

  add(time: string): void {
    const zone = time.slice(dateAndTimeLength).replace(/^\.\d+/, "");
    const oldest = this.#byZone.get(zone);
    if (oldest === undefined || time < oldest) this.#byZone.set(zone, time);
  }

  get texts(): readonly string[] {
    return [...this.#byZone.values()];
  }
}

const dateAndTimeLength = "2026-01-02 03:04:05".length;
