import type { CopyValue } from "../csv/copy-text.ts";
import { isBlank } from "../csv/clean.ts";
import { CellProblem, showCell } from "../csv/problem.ts";
import { cellRefusal, Refusal, type CellOf, type KindColumn, type RowReader } from "./kind.ts";

/** Reads a cell; a refusal that it gives has a code of its own, and gets the column. */
export type CellReader<Value extends CopyValue = CopyValue> = (cell: string) => Value | CellProblem | Refusal;

/** A column that is staged as it is read. */
export interface StagedColumn<Key extends string = string> extends KindColumn<Key> {
  /** Where it is staged: name and SQL type. */
  readonly staged: string;
  readonly read: CellReader;
  /** What a blank cell says: null, nothing. Without this, `read` says what is wrong with it. */
  readonly blank?: CopyValue;
}

/** The name of a column of a table, as it stands in front of its type. */
export const nameOf = (definition: string): string => definition.slice(0, definition.indexOf(" "));

/** Holds what a reader gives to a further rule, whose refusal has a code of its own. */
export const checked =
  (read: CellReader<string>, problemOf: (text: string) => string | undefined, code: string): CellReader<string> =>
  (cell) => {
    const value = read(cell);
    if (typeof value !== "string") return value;
    const problem = problemOf(value);
    return problem === undefined ? value : new Refusal(undefined, code, `${showCell(value)}: ${problem}`);
  };

/** Reads the cell of a column, or says why it cannot be; a blank one is `blank`, where that is given. */
export function readCell<Key extends string, Value extends CopyValue, Blank extends CopyValue = never>(
  cell: CellOf<Key>,
  column: Key,
  read: CellReader<Value>,
  blank?: Blank,
): Value | Blank | Refusal<Key> {
  const text = cell(column);
  if (blank !== undefined && isBlank(text)) return blank;
  const value = read(text);
  if (value instanceof CellProblem) return cellRefusal(column, value);
  return value instanceof Refusal ? new Refusal(column, value.code, value.message) : value;
}

/** Makes what reads a row column by column. */
export const columnReader =
  <Key extends string>(columns: readonly StagedColumn<Key>[]): RowReader<Key> =>
  (cell) => {
    const values: CopyValue[] = [];
    let rowKey = "";
    for (const { key, read, blank, isKey } of columns) {
      const value = readCell<Key, CopyValue, CopyValue>(cell, key, read, blank);
      if (value instanceof Refusal) return value;
      values.push(value);
      // No id holds a line end.
      if (isKey === true) rowKey += `${String(value)}\n`;
    }
    return { key: rowKey, values };
  };

/** The columns of a kind as its help lists them: optional ones in brackets. */
export function columnsText(columns: readonly KindColumn[]): string {
  const native = columns.filter(({ names }) => names.length > 0);
  const tell = (some: readonly KindColumn[]) =>
    some.map(({ key, names, note = "" }) => `${key} ${names[1]}${note}`).join(", ");
  const optional = tell(native.filter(({ required }) => !required));
  return [tell(native.filter(({ required }) => required)), optional === "" ? [] : `[${optional}]`].flat().join(", ");
}
