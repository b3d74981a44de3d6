import { readDecimal } from "../csv/cells.ts";
import { isBlank } from "../csv/clean.ts";
import { CellProblem } from "../csv/problem.ts";
import type { CellOf } from "./kind.ts";
import type { Profile } from "./profile.ts";
import { readingBy } from "./ruled-cells.ts";

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
