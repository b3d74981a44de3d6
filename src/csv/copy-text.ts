/** A value of a row on its way into COPY. Numbers must be integers: amounts never travel as floats. */
export type CopyValue = string | bigint | number | boolean | null;

// oxlint-disable-next-line no-control-regex -- NUL is looked for because PostgreSQL cannot store it
const specialPattern = /[\\\t\n\r\u0000]/;
const specialPatternAll = /[\\\t\n\r]/g;
const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function encodeText(text: string): string {
  if (!specialPattern.test(text)) return text;
  if (text.includes("\u0000")) throw new Error("a text with a NUL character cannot be copied into the database");
  return text.replace(specialPatternAll, (special) => escapes[special]!);
}

function encodeValue(value: CopyValue): string {
  if (value === null) return "\\N";
  if (typeof value === "string") return encodeText(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "boolean") return value ? "t" : "f";
  if (!Number.isSafeInteger(value)) throw new Error(`${value} is not a whole number and cannot be copied exactly`);
  return String(value);
}

/**
 * Encodes one row in PostgreSQL's COPY text format, with its newline.
 *
 * @param numbers what stands in the first columns
 * @throws Error on a NUL character or a number that is no integer: both should have been rejected earlier
 */
export function encodeCopyRow(values: readonly CopyValue[], numbers: readonly number[] = []): string {
  let line = "";
  for (const number of numbers) line += `${number}\t`;
  for (let index = 0; index < values.length; index += 1) {
    if (index > 0) line += "\t";
    line += encodeValue(values[index]!);
  }
  return `${line}\n`;
}

const rowsPerPiece = 500;

/**
 * Rows of COPY text that grow into one chunk. They are turned into bytes a few hundred at a time: a long text that is
 * appended to is a tree of its pieces until it is read, and that tree takes several times the memory of its bytes.
 */
export class CopyTextChunk {
  #lines: string[] = [];
  #pieces: Buffer[] = [];
  #rows = 0;
  #length = 0;

  /** Appends one row; `numbers` stand in its first columns. */
  add(values: readonly CopyValue[], numbers?: readonly number[]): void {
    const line = encodeCopyRow(values, numbers);
    this.#rows += 1;
    this.#length += line.length;
    if (this.#lines.push(line) === rowsPerPiece) this.#seal();
  }

  /** Rows held now. */
  get rows(): number {
    return this.#rows;
  }

  /** Characters of them. */
  get length(): number {
    return this.#length;
  }

  /** The bytes of all rows held, in pieces; the chunk is empty afterwards. */
  take(): readonly Buffer[] {
    this.#seal();
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#rows = 0;
    this.#length = 0;
    return pieces;
  }

  #seal(): void {
    if (this.#lines.length > 0) this.#pieces.push(Buffer.from(this.#lines.join(""), "utf8"));
    this.#lines = [];
  }
}
