import type { CsvSource } from "../csv/reader.ts";
import type { CsvRecord } from "../csv/row-checker.ts";

/**
 * Reads a file once more, for some of its records: keeping the cells of all of them until it is known which are asked
 * for would cost every import more than this costs those with rejects.
 */
export class SecondReading<Key extends string> {
  readonly #source: CsvSource<Key>;
  #batches: AsyncGenerator<readonly CsvRecord[], void, undefined> | undefined;
  #batch: readonly CsvRecord[] = [];

  constructor(source: CsvSource<Key>) {
    this.#source = source;
  }

  /** The record with a number. To be asked for in the order of the file. */
  async recordOf(record: number): Promise<CsvRecord> {
    this.#batches ??= (await this.#source.again()).batches(true);
    while ((this.#batch.at(-1)?.record ?? 0) < record) {
      const step = await this.#batches.next();
      // Only of a file that is being changed.
      if (step.done === true) throw new Error(`${this.#source.name} has no record ${record} the second time`);
      this.#batch = step.value;
    }
    return this.#batch[record - this.#batch[0]!.record]!;
  }

  /**
   * Reads to the end, where records were asked for: there the file has proved to be what it was the first time.
   *
   * @throws AccrueError `file_changed` (usage)
   */
  async finish(): Promise<void> {
    while (this.#batches !== undefined && (await this.#batches.next()).done !== true);
  }
}
