/** What became of the rows of one file. Every row that was read is in exactly one of the other four. */
export interface ImportCounts {
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly duplicate: number;
  readonly rejected: number;
}

/**
 * Holds an import to read = inserted + updated + duplicate + rejected.
 *
 * @throws Error when a row is missing or counted twice: a bug, so nothing of the import may be kept
 */
export function assertBalanced(counts: ImportCounts): void {
  const { read, inserted, updated, duplicate, rejected } = counts;
  for (const [name, count] of Object.entries(counts)) {
    if (!Number.isSafeInteger(count) || count < 0) throw new Error(`import count ${name} is ${count}`);
  }
  const accounted = inserted + updated + duplicate + rejected;
  if (read === accounted) return;
  throw new Error(
    `import counts do not add up: read ${read}, but inserted ${inserted} + updated ${updated} + ` +
      `duplicate ${duplicate} + rejected ${rejected} = ${accounted}`,
  );
}

/** How many rows were rejected for each reason code. */
export class ReasonTally {
  readonly #counts = new Map<string, number>();
  #total = 0;

  /** Counts `rows` rejects under a reason code. */
  add(code: string, rows = 1): void {
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + rows);
    this.#total += rows;
  }

  /** All rejects counted so far. */
  get total(): number {
    return this.#total;
  }

  /** Reason codes with their counts, in their order. */
  entries(): [code: string, rows: number][] {
    return [...this.#counts].sort(commonestFirst);
  }
}

/** The order of reasons: the commonest first, equal counts in the order of the code. */
export const commonestFirst = (
  [code, rows]: readonly [string, number],
  [otherCode, otherRows]: readonly [string, number],
): number => otherRows - rows || (code < otherCode ? -1 : 1);
