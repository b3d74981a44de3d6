const rowsPerPiece = 500;

// No cell holds this character: the reader refuses a row with it.
const cellBreak = "\u0000";

/**
 * The cells of a chunk's rows, until the merge has said which of them it refuses. They are kept as bytes, a few hundred
 * rows a piece: as texts they would be most of what the collector has to carry about, and take twice the memory.
 */
export class KeptRows {
  readonly #records: number[] = [];
  readonly #lines: number[] = [];
  /** How many cells all rows up to each one have: not all have as many, where a file's later headers add columns. */
  readonly #ends: number[] = [];
  readonly #pieces: Buffer[] = [];
  #cells: string[] = [];
  #length = 0;
  /** The piece that was asked for last, and its cells. */
  #opened: { readonly piece: number; readonly cells: readonly string[] } | undefined;

  /** Characters of all cells. */
  get length(): number {
    return this.#length;
  }

  /** Keeps a row, which comes after those before in the file. */
  add(record: number, line: number, cells: readonly string[]): void {
    for (const cell of cells) {
      this.#cells.push(cell);
      this.#length += cell.length;
    }
    this.#lines.push(line);
    this.#ends.push((this.#ends.at(-1) ?? 0) + cells.length);
    if (this.#records.push(record) % rowsPerPiece === 0) this.#seal();
  }

  /** A row by its number. */
  recordOf(record: number): { readonly record: number; readonly line: number; readonly cells: readonly string[] } {
    if (this.#cells.length > 0) this.#seal();
    const row = this.#rowOf(record);
    if (this.#records[row] !== record) throw new Error(`the merge named record ${record}, which was not staged`);
    const piece = Math.floor(row / rowsPerPiece);
    if (this.#opened?.piece !== piece) this.#opened = { piece, cells: this.#pieces[piece]!.toString("utf8").split(cellBreak) };
    const first = this.#ends[piece * rowsPerPiece - 1] ?? 0;
    return { record, line: this.#lines[row]!, cells: this.#opened.cells.slice((this.#ends[row - 1] ?? 0) - first, this.#ends[row]! - first) };
  }

  /** Where the first row of that number, or a higher one, stands. */
  #rowOf(record: number): number {
    let [low, high] = [0, this.#records.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#records[middle]! < record) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #seal(): void {
    this.#pieces.push(Buffer.from(this.#cells.join(cellBreak), "utf8"));
    this.#cells = [];
  }
}
