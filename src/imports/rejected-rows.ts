import type { CellProblem } from "../csv/problem.ts";
import type { CsvSource } from "../csv/reader.ts";
import { missingCell } from "../csv/reject-columns.ts";
import type { RejectsWriter } from "../csv/rejects.ts";
import { ReasonTally } from "../csv/report.ts";
import type { Fen } from "../shared/money.ts";
import type { CsvRecord } from "../csv/row-checker.ts";
import type { ImportKind, Refusal } from "./kind.ts";
import { whereTimesStand } from "./missing-time.ts";

const maxKeptRows = 1000;
const maxKeptLength = 8_000_000;

/** A row that is not taken, with all that the rejects file says about it. */
export interface RejectedRow {
  readonly record: number;
  readonly line: number;
  readonly cells: readonly string[];
  readonly code: string;
  /** The column's heading in the file. */
  readonly column: string | undefined;
  readonly message: string;
}

/** A row as it stands in a file, as far as it is still at hand. */
export type FoundRow = Pick<CsvRecord, "record" | "line"> &
  Partial<Pick<CsvRecord, "problem">> & { readonly cells: readonly string[] };

/** Tells about a row that is not taken: what is wrong with it as such, or else why it is refused. */
export function rejectedRow<Key extends string>(
  { header, match }: Pick<CsvSource<Key>, "header" | "match">,
  { record, line, cells, problem }: FoundRow,
  refusal: Refusal<Key> | undefined,
): RejectedRow {
  if (problem !== undefined) {
    const { code, message, columnIndex } = problem;
    return { record, line, cells, code, message, column: columnIndex === undefined ? undefined : header[columnIndex] };
  }
  const { code, message, column } = refusal!;
  return {
    record,
    line,
    cells,
    code,
    // What a row lacks is nowhere where it is looked for; where else it may be, its other cells say.
    message:
      column?.endsWith("_at") === true && code === `${column}_missing`
        ? `${message}: ${whereTimesStand({ header, match }, cells, column!)}`
        : message,
    column: column === undefined ? undefined : (header[match.columnIndex[column]] ?? column),
  };
}

/** Which cells of a row are private. */
export interface PrivateCells {
  readonly indexes: ReadonlySet<number>;
  /** How many cells a row has. In one with fewer or more, who knows which are private: all of them count as it. */
  readonly width: number;
}

/** How the amount of a rejected row is read, as the profile reads it; of rows of the file's width alone. */
export interface AmountsOfRows {
  readonly read: (cells: readonly string[]) => Fen | CellProblem;
  readonly width: number;
}

/**
 * The rows that an import rejects: all of them go into the rejects file, the first of them into the database, and a few
 * into the report.
 */
export class RejectedRows {
  readonly #writer: RejectsWriter | undefined;
  readonly #amounts: AmountsOfRows | undefined;
  readonly #private: PrivateCells | undefined;
  readonly #tally = new ReasonTally();
  readonly #examples = new RejectExamples();
  readonly #kept: RejectedRow[] = [];
  #keptLength = 0;
  #amountFen = 0n;

  /**
   * @param amounts how the amount of a row is read; undefined where such files have none
   * @param privateCells what the database must not keep; undefined where there is nothing private
   */
  constructor(writer: RejectsWriter | undefined, amounts: AmountsOfRows | undefined, privateCells?: PrivateCells) {
    this.#private = privateCells;
    this.#writer = writer;
    this.#amounts = amounts;
  }

  get total(): number {
    return this.#tally.total;
  }

  /** What the rejected rows hold, as far as it can be read; undefined where such files have no amounts. */
  get amountFen(): Fen | undefined {
    return this.#amounts === undefined ? undefined : this.#amountFen;
  }

  /** Reason codes with their numbers of rows, the commonest first. */
  get reasons(): readonly (readonly [code: string, rows: number])[] {
    return this.#tally.entries();
  }

  /** A few, for the eye. */
  get examples(): readonly RejectExample[] {
    return this.#examples.list;
  }

  /** The first of them, whole: as many as the database keeps. */
  get kept(): readonly RejectedRow[] {
    return this.#kept;
  }

  /** Takes more rows, which follow those before in the file. */
  async add(rows: readonly RejectedRow[]): Promise<void> {
    for (const row of rows) {
      const { line, column, message } = row;
      this.#tally.add(row.code);
      this.#examples.add(row.code, { line, column, message });
      // In a row with too few or too many cells, who knows which of them is the amount.
      const fen = row.cells.length === this.#amounts?.width ? this.#amounts.read(row.cells) : 0n;
      if (typeof fen === "bigint") this.#amountFen += fen;
      this.#keep(row);
    }
    await this.#writer?.write(
      rows.map(({ record, line, cells, column, message }) => ({
        record,
        line,
        cells,
        column: column ?? "",
        reason: message,
      })),
    );
  }

  #keep(row: RejectedRow): void {
    if (this.#kept.length >= maxKeptRows || this.#keptLength >= maxKeptLength) return;
    this.#kept.push(this.#private === undefined ? row : withoutPrivate(row, this.#private));
    this.#keptLength += row.cells.reduce((length, cell) => length + cell.length, 0);
  }
}

/** A row without its private cells: in their place stands what an import refuses until somebody fills it in. */
const withoutPrivate = (row: RejectedRow, { indexes, width }: PrivateCells): RejectedRow => ({
  ...row,
  cells: row.cells.map((cell, index) => (row.cells.length !== width || indexes.has(index) ? missingCell : cell)),
});

/** Where a file has the private columns of its kind. */
export function privateCellsOf<Key extends string>(
  { columns }: ImportKind<Key>,
  { header, match }: CsvSource<Key>,
): PrivateCells | undefined {
  const ofNobody = columns.filter(({ isPrivate }) => isPrivate === true);
  if (ofNobody.length === 0) return undefined;
  return { indexes: new Set(ofNobody.map(({ key }) => match.columnIndex[key] ?? -1)), width: header.length };
}

/** A rejected row as reports show it. */
export interface RejectExample {
  readonly line: number;
  readonly column: string | undefined;
  readonly message: string;
}

const maxExamples = 5;
const maxReasonsShown = 10;

/**
 * A few rejects for the eye: the first of each reason, so that the commonest does not hide the others, then the first
 * of all.
 */
export class RejectExamples {
  readonly #firstOf = new Map<string, RejectExample>();
  readonly #further: RejectExample[] = [];

  /** Takes one more, which follows those before in the file. */
  add(code: string, example: RejectExample): void {
    if (!this.#firstOf.has(code)) {
      if (this.#firstOf.size < maxReasonsShown) this.#firstOf.set(code, example);
    } else if (this.#further.length < maxExamples) this.#further.push(example);
  }

  /** In the order of the file. */
  get list(): readonly RejectExample[] {
    const firsts = [...this.#firstOf.values()];
    return [...firsts, ...this.#further.slice(0, Math.max(0, maxExamples - firsts.length))].toSorted(
      (one, other) => one.line - other.line,
    );
  }
}
