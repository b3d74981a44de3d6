import type { Paint } from "./colour.ts";
import { printable } from "./printable.ts";
import { cut, renderTable, widthOf, type Column, type TableRun } from "./table.ts";

export type { TableRun } from "./table.ts";

/** A result for a person: a command builds it from a few shapes. */
export class Page {
  readonly #blocks: string[] = [];
  readonly #paint: Paint;
  readonly #width: number | undefined;
  readonly #rowCap: number | undefined;

  /**
   * @param width the terminal's columns; undefined where there is none: nothing is cut then
   * @param rowCap how many rows of a table are shown; undefined: all
   */
  constructor(paint: Paint, width: number | undefined, rowCap: number | undefined) {
    this.#paint = paint;
    this.#width = width;
    this.#rowCap = rowCap;
  }

  /** A line of text; control characters in it, which can only come from data, are made visible. */
  line(text = ""): this {
    this.#blocks.push(printable(text, "\n"));
    return this;
  }

  heading(text: string): this {
    this.#blocks.push(this.#paint("bold", printable(text)));
    return this;
  }

  /**
   * Names and values, one pair a line; pairs without a value are left out.
   *
   * @param oneLine cut what is wider than the terminal, where a screen has to hold its shape
   */
  facts(pairs: readonly (readonly [name: string, value: string | undefined])[], oneLine = false): this {
    const known = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
    const width = known.reduce((widest, [name]) => Math.max(widest, widthOf(name)), 0);
    for (const [name, value] of known) {
      const line = `  ${name}${" ".repeat(width - widthOf(name))}  ${printable(value)}`;
      this.#blocks.push(oneLine && this.#width !== undefined ? cut(line, this.#width) : line);
    }
    return this;
  }

  /**
   * Rows in columns. On a terminal a long table is cut, and says so.
   *
   * @param more said when rows are left out by the query (`--after X` for the next page)
   * @param run the table that these rows go on with, on pages before this one
   */
  table(columns: readonly Column[], rows: readonly (readonly string[])[], more?: string, run?: TableRun): this {
    const shown = this.#rowCap === undefined ? rows : rows.slice(0, this.#rowCap);
    this.#blocks.push(renderTable(columns, shown, this.#width, run));
    const left = rows.length - shown.length;
    if (left > 0)
      this.line(`… ${left} more ${left === 1 ? "row" : "rows"}: a pipe (| less) or --json shows all of them`);
    if (more !== undefined) this.line(more);
    return this;
  }

  toString(): string {
    return this.#blocks.map((block) => `${block}\n`).join("");
  }
}
