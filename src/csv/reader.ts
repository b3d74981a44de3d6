import { usageError } from "../shared/errors.ts";
import { openBytes, type ByteSource, type CsvInput, type FileIdentity } from "./byte-source.ts";
import { matchHeader, type ColumnSpec, type HeaderMatch } from "./header.ts";
import { RowChecker, type CsvRecord } from "./row-checker.ts";
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
 * One CSV file being read. Header and match are there from the start; the records come once, in batches, through
 * `batches()`. Memory does not depend on the size of the file.
 */
export class CsvSource<Key extends string = string> {
  readonly name: string;
  /** Header cells as they stand in the file. */
  readonly header: readonly string[];
  readonly match: HeaderMatch<Key>;
  readonly #bytes: ByteSource;
  readonly #splitter: RecordSplitter;
  readonly #maxBatchRows: number;

  constructor(bytes: ByteSource, splitter: RecordSplitter, match: HeaderMatch<Key>, maxBatchRows: number) {
    this.name = bytes.name;
    this.header = splitter.header!;
    this.match = match;
    this.#bytes = bytes;
    this.#splitter = splitter;
    this.#maxBatchRows = maxBatchRows;
  }

  get encoding(): Encoding {
    return this.#splitter.encoding;
  }

  get progress(): CsvProgress {
    const { bytesRead, totalBytes } = this.#bytes;
    return { bytesRead, totalBytes, recordsRead: this.#splitter.recordsRead };
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
        if (!(await splitter.readMore(this.#bytes))) break;
      }
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

/** Bytes to checked records: decoder, tokenizer and row checks in a row, with the records that wait to be taken. */
class RecordSplitter {
  header: string[] | undefined;
  readonly #decoder: ByteDecoder;
  readonly #tokenizer: Tokenizer;
  readonly #checker: RowChecker;
  #records: CsvRecord[] = [];
  #isEnded = false;

  constructor(name: string, maxCellLength: number, maxRecordBytes: number) {
    this.#decoder = new Utf8Decoder(name);
    this.#checker = new RowChecker(maxCellLength);
    this.#tokenizer = new Tokenizer(",", 0, maxRecordBytes, (cells, line, sizeBytes, problem) => {
      if (this.header !== undefined) {
        this.#records.push(this.#checker.check(cells, line, sizeBytes, problem));
        return;
      }
      if (problem !== undefined) throw malformedHeader(name, line, problem.message);
      this.header = cells;
      this.#checker.setHeader(cells);
    });
  }

  get encoding(): Encoding {
    return this.#decoder.encoding;
  }

  get recordsRead(): number {
    return this.#checker.recordsSeen;
  }

  get waiting(): number {
    return this.#records.length;
  }

  /** Reads and splits one chunk more; false at the end of the input. */
  async readMore(bytes: ByteSource): Promise<boolean> {
    if (this.#isEnded) return false;
    const chunk = await bytes.next();
    if (chunk === undefined) {
      this.#isEnded = true;
      this.#tokenizer.feed(this.#decoder.end());
      this.#tokenizer.end();
      return false;
    }
    this.#checker.look(chunk);
    this.#tokenizer.feed(this.#decoder.push(chunk));
    return true;
  }

  take(maxRows: number): CsvRecord[] {
    if (this.#records.length > maxRows) return this.#records.splice(0, maxRows);
    const all = this.#records;
    this.#records = [];
    return all;
  }
}

/**
 * Opens a CSV file (UTF-8 with or without byte-order mark, comma) and matches its header.
 *
 * @throws AccrueError (usage): `csv_cannot_open`, `csv_empty`, `csv_invalid_utf8`, `csv_malformed_header`,
 *   `csv_missing_column`, `csv_duplicate_column`; the signal's reason when aborted
 */
export async function openCsv<Key extends string>(
  input: CsvInput,
  specs: readonly ColumnSpec<Key>[],
  options: CsvOptions = {},
): Promise<CsvSource<Key>> {
  const maxCellLength = options.maxCellLength ?? defaults.maxCellLength;
  const maxRecordBytes = options.maxRecordBytes ?? defaults.maxRecordBytes;
  const bytes = await openBytes(input, options.signal);
  try {
    const splitter = new RecordSplitter(bytes.name, maxCellLength, maxRecordBytes);
    while (splitter.header === undefined) {
      if (!(await splitter.readMore(bytes))) break;
    }
    if (splitter.header === undefined) throw emptyFile(bytes.name);
    const match = matchHeader(splitter.header, specs, bytes.name);
    return new CsvSource(bytes, splitter, match, options.maxBatchRows ?? defaults.maxBatchRows);
  } catch (error) {
    bytes.close();
    throw error;
  }
}

function emptyFile(name: string): Error {
  return usageError("csv_empty", `${name} is empty: it has not even a header line`, {
    hint: "the first line must name the columns; a file without data has that line only",
    details: { file: name },
  });
}

function malformedHeader(name: string, line: number, reason: string): Error {
  return usageError("csv_malformed_header", `${name}, line ${line}: the header cannot be read: ${reason}`, {
    hint: "the first line must name the columns, separated by commas",
    details: { file: name, line },
  });
}
