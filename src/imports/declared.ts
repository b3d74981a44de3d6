import { readDecimal } from "../csv/cells.ts";
import { isBlank } from "../csv/clean.ts";
import type { CopyValue } from "../csv/copy-text.ts";
import { CellProblem } from "../csv/problem.ts";
import type { DeclaredTotal } from "../csv/table-format.ts";
import { formatYuan, microsPerFen } from "../shared/money.ts";
import type { CellOf } from "./kind.ts";
import type { Profile } from "./profile.ts";
import { plainNumber, readingBy } from "./ruled-cells.ts";

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
 * that was put together of several or sums each page, either all of them together or the last one has to be right. Rows
 * that are none of the kind (adverts between orders) may be in it or not: files are written either way.
 *
 * @param rows data rows, whatever became of them
 */
export function checkDeclared<Key extends string>(
  totals: readonly DeclaredTotal<Key>[],
  rows: number,
  sums: RowSums<Key>,
): readonly DeclaredCheck[] {
  const names = new Map(totals.map(({ of, rowType }) => [JSON.stringify([rowType, of]), { of, rowType }]));
  return [...names.values()].flatMap(({ of, rowType }): DeclaredCheck[] => {
    const texts = totals.filter((total) => total.of === of && total.rowType === rowType).map(({ text }) => text);
    const what = { of, ...(rowType === undefined ? {} : { row_type: rowType }) };
    if (of === "rows") {
      const { read, unreadable, others } =
        rowType === undefined
          ? { read: rows, unreadable: 0, others: sums.otherRows }
          : { ...sums.rowsOf(rowType), others: 0 };
      return [{ ...what, unreadable, ...compare(texts, rowsIn, [BigInt(read), BigInt(read - others)], String) }];
    }
    const sum = sums.sumOf(of, rowType);
    if (sum === undefined) return [];
    return [
      {
        ...what,
        unreadable: sum.unreadable,
        ...compare(
          texts.map((text) => sums.plain(of, text)),
          microsIn,
          readsOf(sum),
          formatMicros,
        ),
      },
    ];
  });
}

/** What a declared total may be: of all rows, without those of no kind here, or less the refunds in the same column. */
const readsOf = ({ micros, othersMicros, refundsMicros }: SumOfColumn): readonly bigint[] => [
  micros,
  micros - othersMicros,
  ...(refundsMicros === undefined ? [] : [micros - refundsMicros]),
];

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

const microsDecimals = 6;

/**
 * A sum of yuan in millionths, as files write it: below zero too, and without a limit. Undefined where it is no number.
 */
function microsIn(text: string): bigint | undefined {
  const micros = readDecimal(text, microsDecimals);
  return micros instanceof CellProblem ? undefined : micros;
}

/** What a cell adds to such a sum: a blank one nothing. */
export const microsInCell = (cell: string): bigint | undefined => (isBlank(cell) ? 0n : microsIn(cell));

/** The sum of a column, as far as its cells could be read. */
class Sum {
  micros = 0n;
  /** What of that is of rows that are none of the kind. */
  othersMicros = 0n;
  /** Rows whose cell could not be read. */
  unreadable = 0;

  add(cell: string, isOther: boolean): void {
    const micros = microsInCell(cell);
    if (micros === undefined) this.unreadable += 1;
    else {
      this.micros += micros;
      if (isOther) this.othersMicros += micros;
    }
  }
}

/**
 * The columns of money that are added up of all rows, and where staged rows have them: in fen, or in millionths of a
 * yuan.
 */
const summed = { amount: ["amount_fen", "amount_micros"], refunded_amount: ["refunded_fen"] } as const;

/**
 * Counts and adds up what all rows of a file say of money, rejected ones too: what a declared total is held against.
 * Rows of a type are added up by themselves as well, of a file whose tail may tell their totals apart: payments, and
 * refunds with a sign; only what the profile knows totals of is read at all.
 */
export class RowSums<Key extends string = string> {
  readonly #ofAll = new Map<string, Sum>();
  /** Where a staged row has the values of those, and what one unit of them is. */
  readonly #staged: readonly { readonly sum: Sum; readonly index: number; readonly microsPerUnit: bigint }[];
  readonly #ofType = new Map<string, { read: number; readonly sums: ReadonlyMap<string, Sum> }>();
  /** One column holds amounts and refunds. */
  readonly #areInOneColumn: boolean;
  readonly #rules: Profile<Key>["rules"];
  readonly #addTyped: (cell: CellOf<Key>) => void;
  /** Rows whose cells are not where they should be: of which type they are, nobody knows. */
  #unread = 0;
  #otherRows = 0;

  /**
   * @param stagedColumns what the values of a staged row are
   * @param hasColumn whether the file has a column; of one that it lacks there is no sum by type
   */
  constructor(profile: Profile<Key>, stagedColumns: readonly string[], hasColumn: (key: Key) => boolean) {
    this.#staged = Object.entries(summed).map(([key, names]) => {
      const name = names.find((column) => stagedColumns.includes(column)) ?? "";
      const sum = new Sum();
      this.#ofAll.set(key, sum);
      return { sum, index: stagedColumns.indexOf(name), microsPerUnit: name.endsWith("_fen") ? microsPerFen : 1n };
    });
    this.#rules = profile.rules;
    const namesOf = (key: string) => profile.columns.flatMap((one) => (one.key === (key as Key) ? one.names : []));
    this.#areInOneColumn = namesOf("amount").some((name) => namesOf("refunded_amount").includes(name));
    for (const totals of profile.tail?.totals ?? []) {
      if (!("text" in totals) || totals.rowType === undefined) continue;
      const columns = totals.of.filter((of) => of !== "rows" && hasColumn(of as Key));
      this.#ofType.set(totals.rowType, { read: 0, sums: new Map(columns.map((of) => [of, new Sum()])) });
    }
    this.#addTyped = readingBy(profile, (cell) => {
      const its = this.#ofType.get(cell("row_type" as Key));
      if (its === undefined) return;
      its.read += 1;
      for (const [key, sum] of its.sums) sum.add(cell(key as Key), false);
    });
  }

  /** Adds a row that was staged: what it says is read already. */
  addStaged(values: readonly CopyValue[], cell: CellOf<Key>): void {
    if (this.#ofType.size > 0) this.#addTyped(cell);
    for (const { sum, index, microsPerUnit } of this.#staged) {
      const value = values[index];
      if (typeof value === "bigint") sum.micros += value * microsPerUnit;
    }
  }

  /**
   * Adds a row that was not staged. What is below zero, which no order can be, counts in the sum that its file declares
   * all the same.
   *
   * @param isOther whether it is none of the kind: there are files whose totals are of all rows, and of orders alone
   */
  addCells(cell: CellOf<Key>, isOther: boolean): void {
    if (this.#ofType.size > 0) this.#addTyped(cell);
    if (isOther) this.#otherRows += 1;
    // Orders have these columns, and of what has none there are no sums to ask for.
    for (const [key, sum] of this.#ofAll) sum.add(this.plain(key as Key, cell(key as Key)), isOther);
  }

  /** A number of a column as it is usually written. */
  plain(key: Key, text: string): string {
    return plainNumber(this.#rules.get(key), text);
  }

  /** Counts a row whose cells are not where they should be. */
  addUnread(): void {
    this.#unread += 1;
  }

  /** Rows that are none of the kind. */
  get otherRows(): number {
    return this.#otherRows;
  }

  /** How many rows are of a type. */
  rowsOf(rowType: string): { readonly read: number; readonly unreadable: number } {
    return { read: this.#ofType.get(rowType)?.read ?? 0, unreadable: this.#unread };
  }

  /** The sum of a column over the rows of a type, or all; undefined where there is none. */
  sumOf(key: string, rowType: string | undefined): SumOfColumn | undefined {
    const sum = rowType === undefined ? this.#ofAll.get(key) : this.#ofType.get(rowType)?.sums.get(key);
    if (sum === undefined) return undefined;
    const { micros, othersMicros } = sum;
    const hasRefunds = key === "amount" && rowType === undefined && this.#areInOneColumn;
    const refundsMicros = hasRefunds ? this.#ofAll.get("refunded_amount")?.micros : undefined;
    return { micros, othersMicros, refundsMicros, unreadable: sum.unreadable + this.#unread };
  }
}

/** What a column sums up to. */
interface SumOfColumn extends Readonly<Pick<Sum, "micros" | "othersMicros" | "unreadable">> {
  /** What of it is refunds, where they stand in the same column. */
  readonly refundsMicros: bigint | undefined;
}
