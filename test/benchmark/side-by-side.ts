import postgres from "postgres";
import { renderTable } from "../../src/ui/table.ts";
import { onDatabase, plainClient } from "../support/admin.ts";
import { median, type Measured } from "./measure.ts";

/** The table of all comparisons of one run. */
export const comparison = (title: string, results: Readonly<Record<string, Pairs>>): string =>
  renderTable(
    [
      { heading: title },
      { heading: "accrue", align: "right" },
      { heading: "compared with", align: "right" },
      { heading: "ratio", align: "right" },
      { heading: "peak memory", align: "right" },
    ],
    Object.entries(results).map(([name, pairs]) => pairs.row(name)),
    undefined,
  );

/** Pairs of measurements taken one after the other: their ratio holds when the machine's speed drifts. */
export class Pairs {
  readonly #pairs: (readonly [Measured, Measured])[] = [];

  add(one: Measured, other: Measured): void {
    this.#pairs.push([one, other]);
  }

  /** Medians of both sides and of their ratio, and the most memory. */
  row(name: string): string[] {
    const of = (pick: (pair: readonly [Measured, Measured]) => number) => median(this.#pairs.map(pick));
    return [
      name,
      `${of(([one]) => one.seconds).toFixed(1)} s`,
      `${of(([, other]) => other.seconds).toFixed(1)} s`,
      of(([one, other]) => one.seconds / other.seconds).toFixed(2),
      `${Math.round(Math.max(...this.#pairs.map(([one]) => one.peakMegabytes)))} MB`,
    ];
  }
}

/** Runs a piece of work on a plain client of a database; columns have the names that accrue's own statements read. */
export async function onPlain(
  url: string,
  work: (sql: ReturnType<typeof plainClient>) => Promise<void>,
): Promise<void> {
  const sql = plainClient(url, { transform: { column: { from: postgres.toCamel } } });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** Each measurement starts with nothing of the one before left to be written. */
export const checkpoint = (url: string): Promise<void> =>
  onPlain(onDatabase(url, "postgres"), async (sql) => void (await sql`CHECKPOINT`));
