import { send, type Transaction } from "../db/database.ts";

/** Creates a temporary table. */
export async function createTable(tx: Transaction, table: string, columns: readonly string[]): Promise<void> {
  await tx.unsafe(`CREATE TEMP TABLE ${table} (${columns.join(", ")}) ON COMMIT DROP`);
}

/** How many judged rows came to which outcome. */
export async function countOutcomes(tx: Transaction, judged: string): Promise<ReadonlyMap<string, number>> {
  const rows = await send(tx<{ outcome: string; rows: number }[]>`SELECT outcome, count(*)::integer AS rows FROM ${tx(judged)} GROUP BY outcome`);
  return new Map(rows.map(({ outcome, rows }) => [outcome, rows]));
}

/** A judged row that is not taken; `detail` is what its message quotes. */
export interface JudgedReject {
  readonly record: number;
  readonly outcome: string;
  readonly detail: string | null;
}

/** The judged rows that are not taken. */
export const rejectedRows = (tx: Transaction, judged: string): Promise<readonly JudgedReject[]> =>
  send(tx<JudgedReject[]>`SELECT record, outcome, detail FROM ${tx(judged)} WHERE outcome NOT IN ('new', 'updated', 'duplicate')`);

/** Makes room for the next rows. */
export const clear = (tx: Transaction, tables: readonly string[]): Promise<unknown> => send(tx.unsafe(`TRUNCATE ${tables.join(", ")}`));
