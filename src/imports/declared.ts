import type { DeclaredTotal } from "../csv/table-format.ts";
import { formatYuan, microsPerFen } from "../shared/money.ts";
import { isSummed, type ColumnSums } from "./column-sums.ts";
import { microsIn } from "./typed-sums.ts";

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
