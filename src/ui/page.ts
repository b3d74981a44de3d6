import stringWidth from "string-width";
import type { Paint } from "./colour.ts";
import { renderTable, type Column } from "./table.ts";

/** What a result looks like to a person: built by a command, in its own words, out of a few shapes. */
export class Page {
  readonly #blocks: string[] = [];
  readonly #paint: Paint;
  readonly #width: number | undefined;
  readonly #rowCap: number | undefined;

  constructor(paint: Paint, width: number | undefined, rowCap: number | undefined) {
    this.#paint = paint;
    this.#width = width;
    this.#rowCap = rowCap;
  }

  line(text = ""): this {
    this.#blocks.push(text);
    return this;
  }

  heading(text: string): this {
    return this.line(this.#paint("bold", text));
  }

  /** Names and values, one pair a line; pairs without a value are left out. */
  facts(pairs: readonly (readonly [name: string, value: string | undefined])[]): this {
    const known = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
    const width = Math.max(0, ...known.map(([name]) => stringWidth(name)));
    for (const [name, value] of known) this.line(`  ${name}${" ".repeat(width - stringWidth(name))}  ${value}`);
    return this;
  }

  /**
   * Rows in columns. On a terminal a long table is cut, and says so.
   *
   * @param more said when rows are left out, here or by the query (`--after X` for the next page)
   */
  table(columns: readonly Column[], rows: readonly (readonly string[])[], more?: string): this {
    const shown = this.#rowCap === undefined ? rows : rows.slice(0, this.#rowCap);
    this.line(renderTable(columns, shown, this.#width));
    if (shown.length < rows.length) this.line(`… ${rows.length - shown.length} more rows: use --limit, or --json for all of them`);
    if (more !== undefined) this.line(more);
    return this;
  }

  toString(): string {
    return this.#blocks.map((block) => `${block}\n`).join("");
  }
}
