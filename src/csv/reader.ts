import type { HeaderMatch } from "./header.ts";
import { chooseText } from "./input/choose.ts";
import type { Encoding } from "./input/encodings.ts";
import { openInput, type Input, type InputOptions, type InputText } from "./input/input.ts";
import type { CsvInput, FileIdentity } from "./input/raw-file.ts";
import { findLayout, startOfLine, type Layout } from "./layout.ts";
import { isRejectsHeader, originalCells } from "./reject-columns.ts";
import { RowChecker, type CsvRecord } from "./row-checker.ts";
import { RowSorter, type PassedOver } from "./row-sorter.ts";
import { Sections } from "./sections.ts";
import type { DeclaredTotal, TableFormat } from "./table-format.ts";
import { Tokenizer } from "./tokenizer.ts";

/** Limits of reading; the defaults suit every file met in the field. */
export interface CsvOptions extends InputOptions {
  /** The longest cell, in characters. */
  readonly maxCellLength?: number;
  /** The longest record, and so the most that a quote left open can hold back. */
  readonly maxRecordBytes?: number;
  /** The most records of one batch. */
  readonly maxBatchRows?: number;
  /** How many characters are read to find the header: four times as many, and again, as long as there is none. */
  readonly firstHeadLength?: number;
}

/** How far reading has come. */
export interface CsvProgress {
  /** Raw bytes, packed as they may be. */
  readonly bytesRead: number;
  readonly totalBytes: number;
  readonly recordsRead: number;
}

/** Characters of rows that end a batch: with long rows, too, whoever reads them is soon back to hear a signal. */
const maxBatchLength = 256 * 1024;

const defaults = {
  maxCellLength: 32 * 1024,
  maxRecordBytes: 256 * 1024,
  maxBatchRows: 5000,
  firstHeadLength: 64 * 1024,
};

/**
 * One CSV file being read. Its layout is there from the start; the records come once, in batches, through `batches()`.
 * Memory does not depend on the size of the file.
 */
export class CsvSource<Key extends string = string> {
  readonly name: string;
  readonly layout: Layout<Key>;
  readonly #input: Input;
  readonly #text: OpenText<Key>;
  readonly #splitter: RecordSplitter<Key>;
  readonly #options: CsvOptions;
  readonly #maxBatchRows: number;

  constructor(input: Input, text: OpenText<Key>, options: CsvOptions) {
    const { maxCellLength, maxRecordBytes, maxBatchRows } = { ...defaults, ...options };
    this.#options = options;
    this.name = input.name;
    this.layout = text.layout;
    this.#input = input;
    this.#text = text;
    this.#splitter = new RecordSplitter(input.name, text.layout, maxCellLength, maxRecordBytes);
    this.#maxBatchRows = maxBatchRows;
  }

  /**
   * The columns of a row: the header's cells as they stand in the file. Columns of later headers join them as those are
   * met.
   */
  get header(): readonly string[] {
    return this.layout.header;
  }

  get match(): HeaderMatch<Key> {
    return this.layout.match;
  }

  get encoding(): Encoding {
    return this.#text.source.encoding;
  }

  /** The entry of an archive that is read; undefined for a file that is no archive. */
  get entry(): string | undefined {
    return this.#text.source.entry;
  }

  /** Rows so far that are no data. */
  get passedOver(): PassedOver {
    return this.#splitter.sorter.passedOver;
  }

  /** What the rows after the data so far say the totals are. */
  get declaredTotals(): readonly DeclaredTotal<Key>[] {
    return this.#splitter.sorter.declaredTotals;
  }

  get progress(): CsvProgress {
    const { bytesRead, identity } = this.#input;
    return { bytesRead, totalBytes: identity.sizeBytes, recordsRead: this.#splitter.recordsRead };
  }

  /** SHA-256 and size of the raw input. */
  get identity(): FileIdentity {
    return this.#input.identity;
  }

  /**
   * The data records in the order of the file, at most `maxBatchRows` at a time and fewer where they are long, never an
   * empty batch. The end of the loop, early or not, closes the input.
   *
   * @param keepOpen leave the input open: it may be read `again`
   * @throws AccrueError (usage): `file_changed`, `csv_cannot_read`; the signal's reason when aborted
   */
  async *batches(keepOpen = false): AsyncGenerator<CsvRecord[], void, undefined> {
    const splitter = this.#splitter;
    try {
      splitter.readPreamble(this.#text.preamble);
      splitter.split(this.#text.head);
      for (;;) {
        while (splitter.waiting >= this.#maxBatchRows || splitter.waitingLength >= maxBatchLength)
          yield splitter.take(this.#maxBatchRows);
        const step = await this.#text.rest.next();
        if (step.done === true) break;
        splitter.split(step.value);
      }
      splitter.end();
      while (splitter.waiting > 0) yield splitter.take(this.#maxBatchRows);
    } finally {
      if (!keepOpen) await this.close();
    }
  }

  /** The same file from its front once more; one `close` of either is enough. */
  async again(): Promise<CsvSource<Key>> {
    return new CsvSource(
      this.#input,
      await openText(this.#text.source, [this.layout.format], this.#options),
      this.#options,
    );
  }

  /** Lets go of the input; needed only where `batches()` is never run. */
  async close(): Promise<void> {
    await this.#text.close();
    await this.#input.close();
  }
}

/** Text to checked records: tokenizer, sorter and row checks in a row, with the records that wait to be taken. */
class RecordSplitter<Key extends string> {
  readonly sorter: RowSorter<Key>;
  readonly #layout: Layout<Key>;
  readonly #maxRecordBytes: number;
  readonly #tokenizer: Tokenizer;
  readonly #checker: RowChecker;
  #records: CsvRecord[] = [];
  #waitingLength = 0;
  #isBehindHeader = false;

  constructor(name: string, layout: Layout<Key>, maxCellLength: number, maxRecordBytes: number) {
    this.#layout = layout;
    this.#maxRecordBytes = maxRecordBytes;
    this.sorter = new RowSorter(layout);
    this.#checker = new RowChecker(layout.header, maxCellLength);
    const sections = new Sections(name, layout);
    const isRejectsFile = isRejectsHeader(layout.header);
    this.#tokenizer = new Tokenizer(
      layout.delimiter,
      layout.headerLine - 1,
      maxRecordBytes,
      (written, line, length, problem) => {
        const cells = isRejectsFile ? originalCells(written) : written;
        if (!this.#isBehindHeader) this.#isBehindHeader = true;
        else if (problem === undefined && sections.isHeader(cells, line)) {
          this.sorter.passHeader(sections.section);
          this.#checker.passHeader(sections.section);
        } else if (this.sorter.isData(cells, line)) {
          this.#records.push(sections.arrange(this.#checker.check(cells, line, length, problem)));
          this.#waitingLength += length;
        }
      },
    );
  }

  get recordsRead(): number {
    return this.#checker.recordsSeen;
  }

  get waiting(): number {
    return this.#records.length;
  }

  /** Characters of the records that wait. */
  get waitingLength(): number {
    return this.#waitingLength;
  }

  /** Reads what stands above the header: totals may. */
  readPreamble(preamble: string): void {
    const tokenizer = new Tokenizer(this.#layout.delimiter, 0, this.#maxRecordBytes, (cells, line) =>
      this.sorter.readTotals(cells, line),
    );
    tokenizer.feed(preamble);
    tokenizer.end();
  }

  split(piece: string): void {
    this.#checker.look(piece);
    this.#tokenizer.feed(piece);
  }

  end(): void {
    this.#tokenizer.end();
  }

  take(maxRows: number): CsvRecord[] {
    this.#waitingLength = 0; // of what is left, if anything is, its number of rows counts
    if (this.#records.length > maxRows) return this.#records.splice(0, maxRows);
    const all = this.#records;
    this.#records = [];
    return all;
  }
}

/** A text whose layout is known, read no further than it took to find that. */
interface OpenText<Key extends string> {
  readonly source: InputText;
  readonly layout: Layout<Key>;
  /** What stands above the header. */
  readonly preamble: string;
  /** From the header on. */
  readonly head: string;
  readonly rest: AsyncGenerator<string, void, undefined>;
  close(): Promise<void>;
}

const maxHeadLength = 1024 * 1024;

/** Reads as much of a text as it takes to find its header. */
async function openText<Key extends string>(
  source: InputText,
  formats: readonly TableFormat<Key>[],
  { firstHeadLength = defaults.firstHeadLength }: CsvOptions,
): Promise<OpenText<Key>> {
  const rest = source.chunks();
  const close = async () => void (await rest.return());
  let head = "";
  try {
    for (let wantedLength = firstHeadLength; ; wantedLength *= 4) {
      let isEnd = false;
      while (head.length < wantedLength && !isEnd) {
        const step = await rest.next();
        if (step.done === true) isEnd = true;
        else head += step.value;
      }
      const layout = findLayout(source.name, head, isEnd || head.length >= maxHeadLength, formats);
      if (layout === undefined) continue;
      const start = startOfLine(head, layout.headerLine);
      return { source, layout, preamble: head.slice(0, start), head: head.slice(start), rest, close };
    }
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Opens a CSV file, in any encoding and packed or not, and finds its layout: the format that its header fits best,
 * wherever in the file's first part that header stands, and the character between its cells.
 *
 * @param formats what the file may be, the likeliest first
 * @throws AccrueError (usage): what `openInput` and `chooseText` throw, `csv_empty`, `csv_malformed_header`,
 *   `csv_missing_column`, `csv_duplicate_column`; the signal's reason when aborted
 */
export async function openCsv<Key extends string>(
  input: CsvInput,
  formats: readonly TableFormat<Key>[],
  options: CsvOptions = {},
): Promise<CsvSource<Key>> {
  const opened = await openInput(input, options);
  try {
    return new CsvSource(opened, await chooseText(opened, (text) => openText(text, formats, options)), options);
  } catch (error) {
    await opened.close();
    throw error;
  }
}
