import CliTable from "cli-table3";
import stringWidth from "string-width"; // the version that cli-table3 measures with: two measures would not line up
import { printable } from "./printable.ts";

/** A column: its heading, whether its cells stand at the right (numbers do), and whether they must stay whole (ids that are copied, texts that say what to do). */
export interface Column {
  readonly heading: string;
  readonly align?: "left" | "right";
  readonly whole?: boolean;
}

const gap = "  ";
const minimumWidth = 6;
/** cli-table3 takes time in the square of its rows, so a long table is laid out in pieces; the widths are fixed before. */
const rowsPerPiece = 50;

// No frame and no colour: rows stay easy to read, to grep and to cut.
const bare = {
  top: "", "top-mid": "", "top-left": "", "top-right": "", bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "",
  left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: gap,
};
const isAscii = /^[\u0020-\u007e]*$/;
const graphemes = new Intl.Segmenter();

/** How many cells of a terminal a printable text takes; Chinese characters take two. */
export const widthOf = (text: string): number => (isAscii.test(text) ? text.length : stringWidth(text));

/**
 * Lays rows out in columns, without a frame: easy to read, to grep and to cut.
 *
 * @param width the terminal's width: the widest columns of text give way (cut cells end in …), but never a number, which
 *   would be a wrong one, nor a column that is to stay whole; undefined: no limit
 */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[], width: number | undefined): string {
  const lines = [columns.map(({ heading }) => heading), ...rows].map((cells) => columns.map((_, index) => printable(cells[index] ?? "")));
  const widths = fitted(columns, naturalWidths(lines, columns.length), width);
  const pieces: string[] = [];
  for (let from = 0; from < lines.length; from += rowsPerPiece) {
    pieces.push(layOut(columns, lines.slice(from, from + rowsPerPiece), widths));
  }
  return pieces.join("\n");
}

function layOut(columns: readonly Column[], lines: readonly (readonly string[])[], widths: readonly number[]): string {
  const table = new CliTable({
    colWidths: [...widths],
    colAligns: columns.map(({ align }) => align ?? "left"),
    chars: bare,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  });
  table.push(...lines.map((cells) => cells.map((cell, index) => cut(cell, widths[index]!))));
  return table.toString().replaceAll(/ +$/gm, "");
}

function naturalWidths(lines: readonly (readonly string[])[], count: number): number[] {
  const widths = Array.from({ length: count }, () => 0);
  for (const cells of lines) {
    for (const [index, cell] of cells.entries()) widths[index] = Math.max(widths[index]!, widthOf(cell));
  }
  return widths;
}

/** The text, or as much of it as fits with an … at its end. Never half a character. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let shown = "";
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    used += widthOf(segment);
    if (used > width - 1) break;
    shown += segment;
  }
  return `${shown}…`;
}

/** Takes width from the widest columns that may give way, one cell at a time, until the row fits or nothing is left to take. */
function fitted(columns: readonly Column[], natural: readonly number[], width: number | undefined): number[] {
  const widths = [...natural];
  if (width === undefined) return widths;
  const room = width - gap.length * (widths.length - 1);
  for (let over = widths.reduce((sum, one) => sum + one, 0) - room; over > 0; over -= 1) {
    let widest: number | undefined;
    for (const [index, { align, whole }] of columns.entries()) {
      if (align === "right" || whole === true || widths[index]! <= minimumWidth) continue;
      if (widest === undefined || widths[index]! > widths[widest]!) widest = index;
    }
    if (widest === undefined) break;
    widths[widest]! -= 1;
  }
  return widths;
}
