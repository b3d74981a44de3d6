import CliTable from "cli-table3";
import stringWidth from "string-width";

/** A column: its heading, and whether its cells stand at the right (numbers do). */
export interface Column {
  readonly heading: string;
  readonly align?: "left" | "right";
}

const gap = 2;
const minimumWidth = 6;

// No frame and no colour: rows stay easy to read, to grep and to cut.
const bare = {
  top: "", "top-mid": "", "top-left": "", "top-right": "",
  bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "",
  left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "", middle: " ".repeat(gap),
};

/**
 * Lays rows out in columns. Chinese characters count as two cells wide.
 *
 * @param width the terminal's width: the widest columns give way (cut cells end in …); undefined: no limit
 */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[], width: number | undefined): string {
  const natural = columns.map(({ heading }, index) =>
    Math.max(stringWidth(heading), ...rows.map((row) => stringWidth(row[index] ?? ""))),
  );
  const table = new CliTable({
    head: columns.map(({ heading }) => heading),
    colAligns: columns.map(({ align }) => align ?? "left"),
    colWidths: fit(natural, width),
    chars: bare,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString().replaceAll(/ +$/gm, "");
}

/** Takes width from the widest columns, one cell at a time, until the row fits or nothing is left to take. */
function fit(natural: readonly number[], width: number | undefined): number[] {
  const widths = [...natural];
  if (width === undefined) return widths;
  const room = Math.max(width - gap * (widths.length - 1), 1);
  for (let over = widths.reduce((sum, one) => sum + one, 0) - room; over > 0; over -= 1) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= minimumWidth) break;
    widths[widest]! -= 1;
  }
  return widths;
}
