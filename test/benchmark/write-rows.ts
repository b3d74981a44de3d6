import { closeSync, openSync, writeSync } from "node:fs";

/**
 * Writes a file a megabyte at a time.
 *
 * @param row the text of a row, asked for in the order of their numbers, which begin at 1
 */
export function writeRows(path: string, header: string, rows: number, row: (no: number) => string): void {
  const file = openSync(path, "w");
  let text = `${header}\n`;
  for (let no = 1; no <= rows; no += 1) {
    text += `${row(no)}\n`;
    if (text.length > 1_000_000 || no === rows) {
      writeSync(file, text);
      text = "";
    }
  }
  closeSync(file);
}
