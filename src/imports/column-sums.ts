import type { CopyValue } from "../csv/copy-text.ts";
import { microsPerFen } from "../shared/money.ts";
import type { CellOf } from "./kind.ts";
import { microsInCell, type ColumnSum, type TypedSums } from "./typed-sums.ts";

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
