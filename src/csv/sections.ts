import { cleanText, startsBare } from "./clean.ts";
import { headerJudge, headerNames, isNumber, matchHeader, normalizeName, type HeaderFit } from "./header.ts";
import type { Layout, Section } from "./layout.ts";
import { RowProblem } from "./problem.ts";
import type { CsvRecord } from "./row-checker.ts";
import type { ColumnSpec } from "./table-format.ts";

/** How much longer than its name a header cell may be: blanks, underscores, and what spreadsheets wrap around it. */
const maxWrapping = 6;

/**
 * Follows a file's headers: where several exports were put into one file, each part is read by its own. Whoever reads
 * the rows knows the first header only, so a row below another one has its cells put where the first has them; columns
 * that only a later header has are added after the first one's.
 */
export class Sections<Key extends string = string> {
  readonly #name: string;
  readonly #layout: Layout<Key>;
  readonly #judge: (names: ReadonlySet<string>, width: number) => HeaderFit;
  readonly #needed: number;
  /** The names of one column that every header has, the one with the fewest of them: a row without any is no header. */
  readonly #marks: ReadonlySet<string>;
  readonly #markStarts: ReadonlySet<number>;
  readonly #markLengths: readonly [number, number];
  #section: Section<Key>;
  /**
   * For each column of the file, where the present section has it (-1 where it does not); undefined in the first
   * section.
   */
  #sources: readonly number[] | undefined;

  /** @param name the file, for messages */
  constructor(name: string, layout: Layout<Key>) {
    const { format, header, match } = layout;
    this.#name = name;
    this.#layout = layout;
    this.#judge = headerJudge(format, [format]);
    this.#section = { header: [...header], match };
    const needed = format.columns.filter(({ required }) => required);
    this.#needed = needed.length;
    const isNamed = ({ names }: ColumnSpec) => names.some((name) => !isNumber(name));
    const [rarest] = needed.filter(isNamed).toSorted((one, other) => one.names.length - other.names.length);
    this.#marks = new Set(rarest?.names.map(normalizeName));
    this.#markStarts = new Set(
      [...this.#marks].flatMap((mark) => [mark.charCodeAt(0), mark.toUpperCase().charCodeAt(0)]),
    );
    const lengths = [...this.#marks].map(({ length }) => length);
    this.#markLengths = [Math.min(...lengths), Math.max(...lengths) + maxWrapping];
  }

  get section(): Section<Key> {
    return this.#section;
  }

  /**
   * Whether a row is a header; the rows after it are read by it then.
   *
   * @throws AccrueError (usage) `csv_duplicate_column`
   */
  isHeader(cells: readonly string[], line: number): boolean {
    if (isSame(cells, this.#section.header)) return true;
    if (!this.#hasMark(cells) || !this.#isFit(cells)) return false;
    this.#start(cells, line);
    return true;
  }

  /** Asked of every row, so what a cell is not is seen by its length and its first character. */
  #hasMark(cells: readonly string[]): boolean {
    const [least, most] = this.#markLengths;
    return cells.some(
      (cell) =>
        cell.length >= least &&
        cell.length <= most &&
        (this.#markStarts.has(cell.charCodeAt(0)) || !startsBare(cell)) &&
        this.#marks.has(normalizeName(cell)),
    );
  }

  /** A row of data may well say the name of one column; with two of them, or among other names, it is none. */
  #isFit(cells: readonly string[]): boolean {
    const names = headerNames(cells);
    const { missing, known } = this.#judge(names, cells.length);
    return missing === 0 && (this.#needed > 1 || known * 2 >= names.size);
  }

  #start(cells: readonly string[], line: number): void {
    const { format, header, match } = this.#layout;
    this.#section = { header: cells, match: matchHeader(cells, format.columns, `${this.#name}, line ${line}`, true) };
    const sources = new Map<number, number>();
    const add = (cell: string, source: number): number => {
      sources.set(header.length, source);
      return header.push(cell) - 1;
    };
    for (const [key, source] of Object.entries<number>(this.#section.match.columnIndex) as [Key, number][]) {
      if (source === -1) continue;
      if (match.columnIndex[key] === -1) match.columnIndex[key] = add(cells[source]!, source);
      else sources.set(match.columnIndex[key], source);
    }
    const read = new Set(sources.values());
    for (const [source, cell] of cells.entries()) {
      if (read.has(source) || cleanText(cell) === "") continue;
      const at = header.findIndex((name) => normalizeName(name) === normalizeName(cell));
      if (at === -1) add(cell, source);
      else if (!sources.has(at)) sources.set(at, source);
    }
    this.#sources = isSame(cells, header) ? undefined : header.map((_, index) => sources.get(index) ?? -1);
  }

  /** The record with its cells where the file's first header has them. */
  arrange(record: CsvRecord): CsvRecord {
    const sources = this.#sources;
    if (sources === undefined) return record;
    const { cells, problem } = record;
    // Put into columns, a row with too few or too many cells could look whole.
    const isWhole = cells.length === this.#section.header.length;
    const place = sources.indexOf(problem?.columnIndex ?? sources.length);
    return {
      ...record,
      cells: isWhole ? sources.map((source) => cells[source] ?? "") : [cells.join(this.#layout.delimiter)],
      problem: problem && new RowProblem(problem.code, problem.message, isWhole && place !== -1 ? place : undefined),
    };
  }
}

const isSame = (cells: readonly string[], header: readonly string[]): boolean =>
  cells[0] === header[0] && cells.length === header.length && cells.every((cell, index) => cell === header[index]);
