import CliTable from "cli-table3";
import stringWidth from "string-width"; // the version that cli-table3 measures with: two measures would not line up
import { withoutTrailing } from "../shared/text.ts";
import { printable } from "./printable.ts";

/**
 * A column, and how it gives way where a terminal is too narrow. Numbers stand at the right and never give way: a cut
 * one would be another.
 */
export interface Column {
  readonly heading: string;
  readonly align?: "left" | "right";
  /** Never cut: ids, dates, times and all that people copy. */
  readonly key?: boolean;
  /** How soon it gives way: columns of a higher rank do before those of a lower one. 1 when not given. */
  readonly rank?: number;
  /** The width that it keeps. 6 when not given. */
  readonly atLeast?: number;
  /** Which end of a cut cell stays: of a path that is the file's name. */
  readonly keeps?: "start" | "end";
}

const gap = "  ";
const indent = "  ";
const minimumWidth = 6;
/**
 * cli-table3 takes time in the square of its rows, so a long table is laid out in pieces; the widths are fixed before.
 */
const rowsPerPiece = 50;

// No frame and no colour: rows stay easy to read, to grep and to cut.
const bare = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: gap,
};
const isAscii = /^[\u0020-\u007e]*$/;

/** How many cells of a terminal a printable text takes; Chinese characters take two. */
export const widthOf = (text: string): number => (isAscii.test(text) ? text.length : stringWidth(text));

/** Columns that stand side by side in one line of a row, each with its width. */
type Part = readonly { readonly index: number; readonly column: Column; readonly width: number }[];

/** A table that is laid out part by part: how wide its columns have become, and the heading that stands above them. */
export interface TableRun {
  widest?: readonly number[];
  heading?: string;
}

/**
 * Lays rows out in columns, without a frame: easy to read, to grep and to cut.
 *
 * @param width the terminal's width. Where a row is wider, headings break at their blanks; then columns of text give
 *   way by rank (cut cells have an … where they were cut); where what must stay is still too wide, each row takes
 *   several lines. Undefined: no limit, and one line a row
 * @param run what was laid out before: the heading is said again only where columns have become wider
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
  run: TableRun = {},
): string {
  const cells = rows.map((row) => columns.map((_, index) => printable(row[index] ?? "")));
  const shown = columns.map((column) => ({ ...column, heading: printable(column.heading) }));
  run.widest = columns.map((_, index) =>
    cells.reduce((most, row) => Math.max(most, widthOf(row[index]!)), run.widest?.[index] ?? 0),
  );
  const lines = partsOf(shown, run.widest, width).map((part, at) => {
    const prefix = at === 0 ? "" : indent;
    return { heading: layOut(part, headingLines(part), prefix), rows: layOut(part, cells, prefix) };
  });
  const rowLines = cells.flatMap((_, row) =>
    lines.map((one) => one.rows[row]!).filter((line, at) => at === 0 || line !== ""),
  );
  const heading = lines.flatMap((one) => one.heading).join("\n");
  const isSaid = heading === run.heading;
  run.heading = heading;
  return [...(isSaid ? [] : [heading]), ...rowLines].join("\n");
}

/** The lines of a row: one, wherever the columns fit side by side. */
function partsOf(columns: readonly Column[], widest: readonly number[], width: number | undefined): readonly Part[] {
  const natural = columns.map((column, index) => ({
    index,
    column,
    width: Math.max(widest[index]!, widthOf(column.heading)),
  }));
  if (width === undefined || spanOf(natural) <= width) return [natural];
  const broken = columns.map((column, index) => ({
    index,
    column,
    width: Math.max(widest[index]!, ...column.heading.split(" ").map(widthOf)),
  }));
  const narrowed = fitted(broken, width);
  return spanOf(narrowed) <= width ? [narrowed] : wrapped(natural, width);
}

const spanOf = (part: Part): number => part.reduce((sum, one) => sum + one.width, gap.length * (part.length - 1));

/** Fills line after line with as many columns as fit; only what is wider than a whole line gives way then. */
function wrapped(columns: Part, width: number): readonly Part[] {
  const parts: Part[number][][] = [];
  for (const column of columns) {
    const last = parts.at(-1);
    const room = parts.length === 1 ? width : width - indent.length;
    if (last !== undefined && spanOf([...last, column]) <= room) last.push(column);
    else parts.push([column]);
  }
  return parts.map((part) => fitted(part, width - indent.length));
}

/**
 * Takes width from the columns of the highest rank first, the widest of them, one cell at a time, until the line fits
 * or nothing is left to take.
 */
function fitted(part: Part, width: number): Part {
  const widths = part.map((one) => one.width);
  const least = part.map(({ column, width: own }) =>
    column.align === "right" || column.key === true ? own : Math.min(own, column.atLeast ?? minimumWidth),
  );
  const rankOf = (at: number): number => part[at]!.column.rank ?? 1;
  for (let over = spanOf(part) - width; over > 0; over -= 1) {
    const able = [...widths.keys()].filter((at) => widths[at]! > least[at]!);
    const [next] = able.sort((one, other) => rankOf(other) - rankOf(one) || widths[other]! - widths[one]!);
    if (next === undefined) break;
    widths[next]! -= 1;
  }
  return part.map(({ index, column }, at) => ({ index, column, width: widths[at]! }));
}

/** The headings of a part, broken at blanks where that makes them fit; the last words stand right above the cells. */
function headingLines(part: Part): readonly (readonly string[])[] {
  const columns = part.map(({ column, width }) => brokenAtBlanks(column.heading, width));
  const height = Math.max(...columns.map((lines) => lines.length));
  const row = (line: number) => {
    const cells: string[] = [];
    for (const [at, { index }] of part.entries())
      cells[index] = columns[at]![line - height + columns[at]!.length] ?? "";
    return cells;
  };
  return Array.from({ length: height }, (_, line) => row(line));
}

function brokenAtBlanks(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** One line for each row. */
function layOut(part: Part, rows: readonly (readonly string[])[], prefix: string): readonly string[] {
  const lines: string[] = [];
  for (let from = 0; from < rows.length; from += rowsPerPiece) {
    const table = new CliTable({
      colWidths: part.map(({ width }) => width),
      colAligns: part.map(({ column }) => column.align ?? "left"),
      chars: bare,
      style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
    });
    table.push(
      ...rows
        .slice(from, from + rowsPerPiece)
        .map((row) => part.map(({ index, column, width }) => cut(row[index] ?? "", width, column.keeps))),
    );
    lines.push(...table.toString().split("\n"));
  }
  return lines.map((line) => withoutTrailing(`${prefix}${line}`, " "));
}

/** Made when the first text has to be cut: it takes 10 ms. */
let segmenter: Intl.Segmenter | undefined;

/** The text, or as much of it as fits with an … where it was cut. Never half a character. */
export function cut(text: string, width: number, keeps: "start" | "end" = "start"): string {
  if (widthOf(text) <= width) return text;
  segmenter ??= new Intl.Segmenter();
  const characters = Array.from(segmenter.segment(text), ({ segment }) => segment);
  let used = 0;
  const isOver = (character: string): boolean => (used += widthOf(character)) > width - 1;
  if (keeps === "end") return `…${characters.slice(characters.findLastIndex(isOver) + 1).join("")}`;
  return `${characters.slice(0, characters.findIndex(isOver)).join("")}…`;
}
