import { openBytes, type ByteSource, type CsvInput, type FileIdentity } from "./byte-source.ts";
import type { HeaderMatch } from "./header.ts";
import { findLayout, offsetOfLine, type Layout } from "./layout.ts";
import { RowChecker, type CsvRecord } from "./row-checker.ts";
import { RowSorter, type PassedOver } from "./row-sorter.ts";
import type { DeclaredTotal, TableFormat } from "./table-format.ts";
import { Tokenizer } from "./tokenizer.ts";
import { Utf8Decoder, type ByteDecoder, type Encoding } from "./utf8.ts";

/** Limits of reading; the defaults suit every file met in the field. */
export interface CsvOptions {
  readonly signal?: AbortSignal | undefined;
  /** The longest cell, in characters. */
  readonly maxCellLength?: number;
  /** The longest record, and so the most that a quote left open can hold back. */
  readonly maxRecordBytes?: number;
  /** The most records of one batch. */
  readonly maxBatchRows?: number;
}

/** How far reading has come. */
export interface CsvProgress {
  readonly bytesRead: number;
  /** Undefined where the input's size is not known, as for standard input. */
  readonly totalBytes: number | undefined;
  readonly recordsRead: number;
}

const defaults = { maxCellLength: 32 * 1024, maxRecordBytes: 256 * 1024, maxBatchRows: 5000 };

/**
 * One CSV file being read. Its layout is there from the start; the records come once, in batches, through `batches()`.
 * Memory does not depend on the size of the file.
 */
export class CsvSource<Key extends string = string> {
  readonly name: string;
  readonly layout: Layout<Key>;
  readonly #bytes: Utf8Source;
  readonly #splitter: RecordSplitter<Key>;
  readonly #maxBatchRows: number;

  constructor(bytes: Utf8Source, splitter: RecordSplitter<Key>, layout: Layout<Key>, maxBatchRows: number) {
    this.name = bytes.name;
    this.layout = layout;
    this.#bytes = bytes;
    this.#splitter = splitter;
    this.#maxBatchRows = maxBatchRows;
  }

  /** Header cells as they stand in the file. */
  get header(): readonly string[] {
    return this.layout.header;
  }

  get match(): HeaderMatch<Key> {
    return this.layout.match;
  }

  get encoding(): Encoding {
    return this.#bytes.encoding;
  }

  /** Rows so far that are no data. */
  get passedOver(): PassedOver {
    return this.#splitter.sorter.passedOver;
  }

  /** What the rows behind the data so far say the totals are. */
  get declaredTotals(): readonly DeclaredTotal<Key>[] {
    return this.#splitter.sorter.declaredTotals;
  }

  get progress(): CsvProgress {
    return { ...this.#bytes.progress, recordsRead: this.#splitter.recordsRead };
  }

  /**
   * SHA-256 and size of the raw input.
   *
   * @throws Error before the last batch was taken: there is no hash of half a file
   */
  get identity(): FileIdentity {
    const { identity } = this.#bytes;
    if (identity === undefined) throw new Error(`${this.name} has not been read to its end`);
    return identity;
  }

  /**
   * The data records in the order of the file, at most `maxBatchRows` at a time, never an empty batch. Leaving the loop
   * early closes the input.
   *
   * @throws AccrueError `csv_invalid_utf8`, `csv_cannot_read` (usage); the signal's reason when aborted
   */
  async *batches(): AsyncGenerator<CsvRecord[], void, undefined> {
    const splitter = this.#splitter;
    try {
      for (;;) {
        while (splitter.waiting >= this.#maxBatchRows) yield splitter.take(this.#maxBatchRows);
        const bytes = await this.#bytes.next();
        if (bytes === undefined) break;
        splitter.split(bytes);
      }
      splitter.end();
      while (splitter.waiting > 0) yield splitter.take(this.#maxBatchRows);
    } finally {
      this.close();
    }
  }

  /** Lets go of the input; needed only where `batches()` is never run. */
  close(): void {
    this.#bytes.close();
  }
}

/** The content of an input as valid UTF-8. */
class Utf8Source {
  readonly #bytes: ByteSource;
  readonly #decoder: ByteDecoder;
  #isEnded = false;

  constructor(bytes: ByteSource) {
    this.#bytes = bytes;
    this.#decoder = new Utf8Decoder(bytes.name);
  }

  get name(): string {
    return this.#bytes.name;
  }

  get encoding(): Encoding {
    return this.#decoder.encoding;
  }

  get progress(): Omit<CsvProgress, "recordsRead"> {
    const { bytesRead, totalBytes } = this.#bytes;
    return { bytesRead, totalBytes };
  }

  get identity(): FileIdentity | undefined {
    return this.#bytes.identity;
  }

  /** The next bytes, which may be none; undefined at the end. */
  async next(): Promise<Buffer | undefined> {
    if (this.#isEnded) return undefined;
    const chunk = await this.#bytes.next();
    if (chunk !== undefined) return this.#decoder.push(chunk);
    this.#isEnded = true;
    return this.#decoder.end();
  }

  close(): void {
    this.#bytes.close();
  }
}

/** UTF-8 to checked records: tokenizer, sorter and row checks in a row, with the records that wait to be taken. */
class RecordSplitter<Key extends string> {
  readonly sorter: RowSorter<Key>;
  readonly #tokenizer: Tokenizer;
  readonly #checker: RowChecker;
  #records: CsvRecord[] = [];
  #isBehindHeader = false;

  constructor(layout: Layout<Key>, maxCellLength: number, maxRecordBytes: number) {
    this.sorter = new RowSorter(layout);
    this.#checker = new RowChecker(layout.header, maxCellLength);
    this.#tokenizer = new Tokenizer(layout.delimiter, layout.headerLine - 1, maxRecordBytes, (cells, line, sizeBytes, problem) => {
      if (!this.#isBehindHeader) this.#isBehindHeader = true;
      else if (this.sorter.isData(cells, line)) this.#records.push(this.#checker.check(cells, line, sizeBytes, problem));
    });
  }

  get recordsRead(): number {
    return this.#checker.recordsSeen;
  }

  get waiting(): number {
    return this.#records.length;
  }

  split(bytes: Buffer): void {
    this.#checker.look(bytes);
    this.#tokenizer.feed(bytes);
  }

  end(): void {
    this.#tokenizer.end();
  }

  take(maxRows: number): CsvRecord[] {
    if (this.#records.length > maxRows) return this.#records.splice(0, maxRows);
    const all = this.#records;
    this.#records = [];
    return all;
  }
}

/** Where headers are looked for: as much again, and again, as long as none is found. */
const firstHeadBytes = 64 * 1024;
const maxHeadBytes = 4 * 1024 * 1024;

/** Reads as much of a file as it takes to find its header. */
async function readHead<Key extends string>(
  bytes: Utf8Source,
  formats: readonly TableFormat<Key>[],
): Promise<{ readonly head: Buffer; readonly layout: Layout<Key> }> {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  for (let wantedBytes = firstHeadBytes; ; wantedBytes *= 4) {
    let piece: Buffer | undefined;
    while (sizeBytes < wantedBytes && (piece = await bytes.next()) !== undefined) sizeBytes += pieces.push(piece) && piece.length;
    const head = Buffer.concat(pieces);
    const layout = findLayout(bytes.name, head, sizeBytes < wantedBytes || sizeBytes >= maxHeadBytes, formats);
    if (layout !== undefined) return { head, layout };
  }
}

/**
 * Opens a CSV file and finds its layout: the format that its header fits best, wherever in the file's first part that
 * header stands, and the character between its cells.
 *
 * @param formats what the file may be, the likeliest first
 * @throws AccrueError (usage): `csv_cannot_open`, `csv_empty`, `csv_invalid_utf8`, `csv_malformed_header`,
 *   `csv_missing_column`, `csv_duplicate_column`; the signal's reason when aborted
 */
export async function openCsv<Key extends string>(
  input: CsvInput,
  formats: readonly TableFormat<Key>[],
  options: CsvOptions = {},
): Promise<CsvSource<Key>> {
  const bytes = new Utf8Source(await openBytes(input, options.signal));
  try {
    const { head, layout } = await readHead(bytes, formats);
    const splitter = new RecordSplitter(layout, options.maxCellLength ?? defaults.maxCellLength, options.maxRecordBytes ?? defaults.maxRecordBytes);
    splitter.split(head.subarray(offsetOfLine(head, layout.headerLine)));
    return new CsvSource(bytes, splitter, layout, options.maxBatchRows ?? defaults.maxBatchRows);
  } catch (error) {
    bytes.close();
    throw error;
  }
}
