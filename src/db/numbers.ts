import type { Fragment, Sql, Transaction } from "./driver/client.ts";

/** What is numbered without gaps: numbers that people read out to each other, so a gap would have to be explained. */
export type NumberedKind =
  | "member"
  | "withdrawal"
  | "payout_batch"
  | "payout_detail"
  | "run"
  | "bill"
  | "collection"
  | "statement_line"
  | "reconciliation"
  | "proposal";

/**
 * Takes the next numbers of a kind. They are given back when the transaction is rolled back: neither a dry run nor a
 * refusal burns one. Until the transaction ends, others that want numbers of the kind wait: take them late, and behind
 * whatever they may wait for.
 *
 * @returns the first; the others follow it
 */
export async function takeNumbers(tx: Transaction, kind: NumberedKind, count = 1): Promise<bigint> {
  const [row] = await tx<{ first: bigint }[]>`
    UPDATE number_counters SET last = last + ${count} WHERE kind = ${kind} RETURNING last - ${count} + 1 AS first`;
  return row!.first;
}

/**
 * Keeps others that want numbers of a kind waiting until the transaction ends, before it is known how many this one
 * takes.
 */
export async function holdNumbers(tx: Transaction, kind: NumberedKind): Promise<void> {
  await tx`UPDATE number_counters SET last = last WHERE kind = ${kind}`;
}

/**
 * The number that would be taken next. It is nobody's: good for what is rolled back, and where nobody is to wait for
 * that.
 */
export async function nextNumber(sql: Sql, kind: NumberedKind): Promise<bigint> {
  const [row] = await sql<{ next: bigint }[]>`SELECT last + 1 AS next FROM number_counters WHERE kind = ${kind}`;
  return row!.next;
}

/** What `numberText` of src/shared gives, for numbers in a statement. */
export const numberTextOf = (sql: Sql, letter: string, number: Fragment): Fragment =>
  sql`${letter} || lpad((${number})::text, greatest(8, length((${number})::text)), '0')`;

/** A new id out of the one sequence that numbers what nobody reads out. */
export async function nextId(tx: Transaction): Promise<bigint> {
  const [row] = await tx<{ id: bigint }[]>`SELECT nextval('id_seq') AS id`;
  return row!.id;
}
