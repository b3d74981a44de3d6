import { readDecimal } from "../csv/cells.ts";
import { isBlank } from "../csv/clean.ts";
import type { CopyValue } from "../csv/copy-text.ts";
import { CellProblem } from "../csv/problem.ts";
import type { DeclaredTotal } from "../csv/table-format.ts";
import { formatYuan, microsPerFen } from "../shared/money.ts";
import type { CellOf } from "./kind.ts";
import type { Profile } from "./profile.ts";
import { readingBy } from "./ruled-cells.ts";

/** A total that the file declares, beside what was read of it; in the form that reports have. */
export interface DeclaredCheck {
  /** `rows`, or the column that was added up. */
  readonly of: string;
  /** Set where it is the total of the rows of one type. */
  readonly row_type?: string;
  /** A number of rows, or yuan; as it is written in the file where it is no number. */
  readonly declared: string;
  readonly read: string;
  readonly matches: boolean;
  /** Rows whose cell could not be read, and which are therefore not in what was read. */
  readonly unreadable: number;
}

/**
 * Holds what a file says of its rows against what was read. Where it declares the same thing several times, as one does
 * that was put together of several or sums each page, either all of them together or the last one has to be right. Rows that
 * are none of the kind (adverts between orders) may be in it or not: files are written either way.
 *
 * @param rows data rows, whatever became of them
 */
export function checkDeclared<Key extends string>(totals: readonly DeclaredTotal<Key>[], rows: number, sums: ColumnSums<Key>): readonly DeclaredCheck[] {
  const names = new Map(totals.map(({ of, rowType }) => [JSON.stringify([rowType, of]), { of, rowType }]));
  return [...names.values()].flatMap(({ of, rowType }): DeclaredCheck[] => {
    const texts = totals.filter((total) => total.of === of && total.rowType === rowType).map(({ text }) => text);
    const what = { of, ...(rowType === undefined ? {} : { row_type: rowType }) };
    if (of === "rows") {
      const count = rowType === undefined ? { rows: BigInt(rows), unreadable: 0 } : sums.typed.rowsOf(rowType);
      const reads = rowType === undefined ? [count.rows, count.rows - BigInt(sums.otherRows)] : [count.rows];
      return [{ ...what, unreadable: count.unreadable, ...compare(texts, rowsIn, reads, String) }];
    }
    const sum = rowType !== undefined ? sums.typed.sumOf(rowType, of) : isSummed(of) ? sums.sumOf(of) : undefined;
    if (sum === undefined) return [];
    const reads = [sum.micros, sum.micros - (sum.othersMicros ?? 0n)];
    return [{ ...what, unreadable: sum.unreadable, ...compare(texts, microsIn, reads, formatMicros) }];
  });
}

function rowsIn(text: string): bigint | undefined {
  const digits = /^(\d+(?:,\d+)*)(?:\.0+)?\D*$/.exec(text)?.[1];
  return digits === undefined ? undefined : BigInt(digits.replaceAll(",", ""));
}

function compare(
  texts: readonly string[],
  parse: (text: string) => bigint | undefined,
  reads: readonly bigint[],
  format: (value: bigint) => string,
): Pick<DeclaredCheck, "declared" | "read" | "matches"> {
  const values = texts.map(parse).filter((value) => value !== undefined);
  if (values.length < texts.length) return { declared: texts.join(" + "), read: format(reads[0]!), matches: false };
  const [last, sum] = [values.at(-1)!, values.reduce((one, other) => one + other, 0n)];
  const right = reads.find((read) => read === last || read === sum);
  if (right !== undefined) return { declared: format(right), read: format(right), matches: true };
  return { declared: format(sum), read: format(reads[0]!), matches: false };
}

/** Yuan; finer than a fen only where it is, for parts of orders are summed as they are. */
function formatMicros(micros: bigint): string {
  if (micros < 0n) return `-${formatMicros(-micros)}`;
  const rest = micros % microsPerFen;
  return formatYuan(micros / microsPerFen) + (rest === 0n ? "" : String(rest).padStart(4, "0"));
}

/** The columns that are added up, and the staged columns that hold them: in fen, or in millionths of a yuan. */
const summed = { amount: ["amount_fen", "amount_micros"], refunded_amount: ["refunded_fen"] } as const;

/** A column of money whose sum a file may declare. */
export type SummedColumn = keyof typeof summed;

const summedColumns = Object.keys(summed) as SummedColumn[];

export const isSummed = (key: string): key is SummedColumn => key in summed;

interface RunningSum {
  readonly key: SummedColumn;
  /** Where a staged row has the value; -1 where such rows have none. */
  readonly index: number;
  readonly microsPerUnit: bigint;
  /** Of staged rows, in the unit in which they are staged. */
  units: bigint;
  /** Of rows that were not staged; then of those among them that are none of the kind. */
  micros: bigint;
  othersMicros: bigint;
  unreadable: number;
}

/** Adds up what all rows of a file say of money, rejected ones too: what a declared total is held against. */
export class ColumnSums<Key extends string = string> {
  /** The same of the rows of each type. */
  readonly typed: TypedSums<Key>;
  readonly #sums: readonly RunningSum[];
  #otherRows = 0;

  /** @param stagedColumns what the values of a staged row are */
  constructor(stagedColumns: readonly string[], typed: TypedSums<Key>) {
    this.typed = typed;
    this.#sums = summedColumns.map((key) => {
      const name = summed[key].find((column) => stagedColumns.includes(column)) ?? "";
      return { key, index: stagedColumns.indexOf(name), microsPerUnit: name.endsWith("_fen") ? microsPerFen : 1n, units: 0n, micros: 0n, othersMicros: 0n, unreadable: 0 };
    });
  }

  /** Adds a row that was staged: what it says is read already. */
  addStaged(values: readonly CopyValue[], cell: CellOf<Key>): void {
    this.typed.add(cell);
    for (const sum of this.#sums) {
      const value = values[sum.index];
      if (typeof value === "bigint" || typeof value === "number") sum.units += BigInt(value);
    }
  }

  /** Rows that are none of the kind. */
  get otherRows(): number {
    return this.#otherRows;
  }

  /**
   * Adds a row that was not staged. What is below zero, which no order can be, counts in the sum that its file declares all the same.
   *
   * @param isOther whether it is none of the kind: there are files whose totals are of all rows, and of orders alone
   */
  addCells(cell: CellOf<Key>, isOther: boolean): void {
    this.typed.add(cell);
    if (isOther) this.#otherRows += 1;
    for (const sum of this.#sums) {
      // Orders have these columns, and of what has none there are no sums to ask for.
      const micros = microsInCell(cell(sum.key as string as Key));
      if (micros === undefined) sum.unreadable += 1;
      else {
        sum.micros += micros;
        if (isOther) sum.othersMicros += micros;
      }
    }
  }

  /** Counts a row whose cells are not where they should be. */
  addUnread(): void {
    this.typed.addUnread();
    for (const sum of this.#sums) sum.unreadable += 1;
  }

  sumOf(key: SummedColumn): ColumnSum {
    const { units, microsPerUnit, micros, othersMicros, unreadable } = this.#sums.find((sum) => sum.key === key)!;
    return { micros: units * microsPerUnit + micros, othersMicros, unreadable };
  }
}

const microsDecimals = 6;

/** A sum of yuan in millionths, as files write it: below zero too, and without a limit. Undefined where it is no number. */
export function microsIn(text: string): bigint | undefined {
  const micros = readDecimal(text, microsDecimals);
  return micros instanceof CellProblem ? undefined : micros;
}

/** What a cell adds to such a sum: a blank one nothing. */
export const microsInCell = (cell: string): bigint | undefined => (isBlank(cell) ? 0n : microsIn(cell));

/** The sum of a column, as far as its cells could be read. */
export interface ColumnSum {
  readonly micros: bigint;
  /** What of that is of rows that are none of the kind. */
  readonly othersMicros?: bigint;
  /** Rows whose cell could not be read. */
  readonly unreadable: number;
}

/** What is counted and added up of the rows of one type. */
interface TypeSums {
  rows: bigint;
  readonly columns: Map<string, { micros: bigint; unreadable: number }>;
}

/**
 * Counts and adds up the rows of each type by themselves, of a file whose tail may tell their totals apart: payments, and
 * refunds with a sign. Rejected rows count as well; only what the profile knows totals of is read at all.
 */
export class TypedSums<Key extends string> {
  readonly #byType = new Map<string, TypeSums>();
  readonly #add: (cell: CellOf<Key>) => void;
  /** Rows whose cells are not where they should be: of which type they are, nobody knows. */
  #unread = 0;

  /** @param hasColumn whether the file has a column; of one that it lacks there is no sum */
  constructor(profile: Profile<Key>, hasColumn: (key: Key) => boolean) {
    for (const totals of profile.tail?.totals ?? []) {
      if (!("text" in totals) || totals.rowType === undefined) continue;
      const columns = totals.of.filter((of): of is Key => of !== "rows" && hasColumn(of as Key));
      this.#byType.set(totals.rowType, { rows: 0n, columns: new Map(columns.map((of) => [of, { micros: 0n, unreadable: 0 }])) });
    }
    this.#add = readingBy(profile, (cell) => {
      const sums = this.#byType.get(cell("row_type" as Key));
      if (sums === undefined) return;
      sums.rows += 1n;
      for (const [key, sum] of sums.columns) {
        const micros = microsInCell(cell(key as Key));
        if (micros === undefined) sum.unreadable += 1;
        else sum.micros += micros;
      }
    });
  }

  add(cell: CellOf<Key>): void {
    if (this.#byType.size > 0) this.#add(cell);
  }

  addUnread(): void {
    this.#unread += 1;
  }

  /** How many rows are of a type. */
  rowsOf(rowType: string): { readonly rows: bigint; readonly unreadable: number } {
    return { rows: this.#byType.get(rowType)?.rows ?? 0n, unreadable: this.#unread };
  }

  /** The sum of a column over the rows of a type; undefined where the file has no such column. */
  sumOf(rowType: string, key: Key): ColumnSum | undefined {
    const sum = this.#byType.get(rowType)?.columns.get(key);
    return sum && { micros: sum.micros, unreadable: sum.unreadable + this.#unread };
  }
}
