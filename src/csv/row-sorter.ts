import { cleanText, isBlank } from "./clean.ts";
import { normalizeName } from "./header.ts";
import type { Layout, Section } from "./layout.ts";
import { totalsIn } from "./totals-text.ts";
import type { DeclaredTotal, TableFormat, TailTotals, TotalOf } from "./table-format.ts";

/** Rows of a file that are no data, and were passed over. */
export interface PassedOver {
  readonly repeatedHeaders: number;
  readonly explanations: number;
  /** Rows of nothing but blank cells, such as a spreadsheet leaves below a table. */
  readonly blankRows: number;
  /** Totals and notes after the data. */
  readonly tailRows: number;
}

/** A tail is a few rows. What goes on for longer is data again: rows are never passed over by the thousand. */
const maxTailRows = 100;

const totalWord =
  /^(?:合计|总计|共计|总额|汇总|合計|総計|総合計|totals?|sum|grand total|summe|gesamtsumme|gesamt|somme|suma|totale)(?:$|[\s:：(（])/i;
const subtotalWord = /^(?:小计|小計|subtotals?|zwischensumme)(?:$|[\s:：(（])/i;
const bareTotalWord = /^(?:合计|总计|共计|总额|汇总|小计|合計|総計|総合計|小計)[:：]?$/;
/** Words after a number of rows. */
const rowWords = ["笔", "条", "单", "行", "rows", "orders"];
/** A number as any file writes it; what it is, the column's rule says. */
const numberText = /^[+-]?[¥￥€$£]?\s*[+-]?\d[\d.,'’ \u00a0\u202f]*[元€$£]?$/;

/** Tells the data rows of a file from explanations and tails, and notes what the tails declare. */
export class RowSorter<Key extends string = string> {
  readonly declaredTotals: DeclaredTotal<Key>[] = [];
  readonly #format: TableFormat<Key>;
  readonly #passedOver = { repeatedHeaders: 0, explanations: 0, blankRows: 0, tailRows: 0 };
  #columnIndex: Readonly<Record<Key, number>>;
  #neededIndexes: readonly number[] = [];
  #isFirst = true;
  /** Rows of the present tail; 0 while rows are data. */
  #rowsOfTail = 0;
  /** The totals' header that the row before was: what each of this row's cells is the total of. */
  #totalsAt: readonly (TotalOf<Key> | undefined)[] | undefined;

  constructor({ format, match }: Layout<Key>) {
    this.#format = format;
    this.#columnIndex = match.columnIndex;
    this.#neededIndexes = this.#findNeeded();
  }

  get passedOver(): PassedOver {
    return this.#passedOver;
  }

  #findNeeded(): readonly number[] {
    return this.#format.columns.filter(({ required }) => required).map(({ key }) => this.#columnIndex[key]);
  }

  /** A header stood here: what follows is data again, with its columns where that header has them. */
  passHeader({ match }: Section<Key>): void {
    this.#passedOver.repeatedHeaders += 1;
    this.#columnIndex = match.columnIndex;
    this.#neededIndexes = this.#findNeeded();
    this.#rowsOfTail = 0;
    this.#isFirst = true;
  }

  /** Whether a row is data; when it is not, it has been noted. */
  isData(cells: readonly string[], line: number): boolean {
    if (isBlankRow(cells)) {
      this.#passedOver.blankRows += 1;
      return false;
    }
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (this.#isTail(cells)) {
      this.#passedOver.tailRows += 1;
      this.readTotals(cells, line);
      return false;
    }
    if (isFirst && this.#format.mayExplainHeader === true && this.#lacksNeeded(cells)) {
      this.#passedOver.explanations += 1;
      return false;
    }
    this.#totalsAt = undefined;
    return true;
  }

  #lacksNeeded(cells: readonly string[]): boolean {
    return this.#neededIndexes.some((index) => isBlank(cells[index] ?? ""));
  }

  #isTail(cells: readonly string[]): boolean {
    if (
      this.#rowsOfTail > 0 ||
      (this.#format.tail?.marks ?? []).some((mark) => cleanText(cells[0]!).startsWith(mark))
    ) {
      this.#rowsOfTail = this.#rowsOfTail >= maxTailRows ? 0 : this.#rowsOfTail + 1;
      return this.#rowsOfTail > 0;
    }
    return this.#isTotal(cells) !== undefined;
  }

  /**
   * Whether a row is headed by a word for a total, and is no row of data: nothing is called just that, or it lacks what
   * every row needs.
   */
  #isTotal(cells: readonly string[]): "total" | "subtotal" | undefined {
    const first = cells[0] === "" ? cells.find((cell) => cell !== "") : cells[0];
    if (first === undefined || !mayStartTotal(first.charCodeAt(0))) return undefined;
    const text = cleanText(first);
    const kind = totalWord.test(text) ? "total" : subtotalWord.test(text) ? "subtotal" : undefined;
    return kind !== undefined && (bareTotalWord.test(text) || this.#lacksNeeded(cells)) ? kind : undefined;
  }

  /** Notes the totals that a row above or after the data declares. */
  readTotals(cells: readonly string[], line: number): void {
    for (const totals of this.#format.tail?.totals ?? []) {
      if ("text" in totals) this.#readText(totals, cells.join(","), line);
    }
    if (this.#totalsAt !== undefined) {
      for (const [index, of] of this.#totalsAt.entries()) this.#declare(of, cells[index], line);
      this.#totalsAt = undefined;
      return;
    }
    this.#totalsAt = this.#totalsHeader(cells);
    if (this.#totalsAt === undefined && this.#isTotal(cells) === "total") this.#readTotalRow(cells, line);
  }

  #readText(
    { text, of: names, rowType }: Extract<TailTotals<Key>, { text: unknown }>,
    row: string,
    line: number,
  ): void {
    const found = totalsIn(row, text);
    for (const of of names) this.#declare(of, found.get(of), line, rowType);
  }

  #totalsHeader(cells: readonly string[]): readonly (TotalOf<Key> | undefined)[] | undefined {
    const names = cells.map(normalizeName);
    for (const totals of this.#format.tail?.totals ?? []) {
      if (!("header" in totals)) continue;
      const at = totalsUnder(totals, names);
      if (at.some((of) => of !== undefined)) return at;
    }
    return undefined;
  }

  /** A row of totals in the table's own columns: a number in a cell is the total of its column. */
  #readTotalRow(cells: readonly string[], line: number): void {
    const declared = new Set<number>();
    for (const [key, index] of Object.entries<number>(this.#columnIndex) as [Key, number][]) {
      const text = cleanText(cells[index] ?? "");
      // One column may be several of ours, and has one total.
      if (index < 0 || declared.has(index) || !numberText.test(text)) continue;
      declared.add(index);
      this.#declare(key, text, line);
    }
    this.#declare(
      "rows",
      cells.map(rowsIn).find((text) => text !== undefined),
      line,
    );
  }

  #declare(of: TotalOf<Key> | undefined, text: string | undefined, line: number, rowType?: string): void {
    if (of === undefined || text === undefined || isBlank(text)) return;
    this.declaredTotals.push({ of, ...(rowType === undefined ? {} : { rowType }), text: cleanText(text), line });
  }
}

/** Whether a row looks like totals: it is headed by a word for one, and does not fill in all cells. */
export function looksLikeTotals(cells: readonly string[]): boolean {
  const first = cleanText(cells.find((cell) => !isBlank(cell)) ?? "");
  return (totalWord.test(first) || subtotalWord.test(first)) && cells.some(isBlank);
}

/** The number of rows that a cell states: its first number with a word for rows after it. */
function rowsIn(cell: string): string | undefined {
  for (const { 0: found, 1: digits, index } of cell.matchAll(/(\d[\d,]*)\s*/g)) {
    if (rowWords.some((word) => cell.startsWith(word, index + found.length))) return digits;
  }
  return undefined;
}

const isBlankRow = (cells: readonly string[]): boolean =>
  cells[0]!.trim() === "" && cells.every((cell) => cell.trim() === "");

function totalsUnder<Key extends string>(
  { header }: Extract<TailTotals<Key>, { header: unknown }>,
  names: readonly string[],
): readonly (TotalOf<Key> | undefined)[] {
  const byName = new Map(Object.entries<TotalOf<Key>>(header).map(([name, of]) => [normalizeName(name), of]));
  return names.map((name) => byName.get(name));
}

const totalStarts = new Set([..."合总共汇小総TtSsGgZz =`'\t"].map((character) => character.charCodeAt(0)));

/**
 * Whether a cell with this first character could be a word for a total: asked of every row, so it costs next to
 * nothing.
 */
const mayStartTotal = (code: number): boolean => totalStarts.has(code);
