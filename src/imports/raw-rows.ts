const rowsPerPiece = 500;

// No cell holds this character: the reader refuses a row with it.
const cellBreak = "\u0000";

/**
 * The raw cells of a chunk's rows, until the merge has said which of them it refuses. They are kept as bytes, a few hundred
 * rows a piece: as texts they would be most of what the collector has to carry about, and take twice the memory.
 */
export class RawRows {
  readonly #pieces: Buffer[] = [];
  /** How many cells all rows up to each one have: not all have as many, where a file's later headers add columns. */
  readonly #ends: number[] = [];
  #cells: string[] = [];
  #length = 0;
  /** The piece that was asked for last, and its cells. */
  #opened: { readonly piece: number; readonly cells: readonly string[] } | undefined;

  /** Characters of all cells. */
  get length(): number {
    return this.#length;
  }

  /** Keeps a row. Returns its number, from 0. */
  add(cells: readonly string[]): number {
    for (const cell of cells) {
      this.#cells.push(cell);
      this.#length += cell.length;
    }
    const rows = this.#ends.push((this.#ends.at(-1) ?? 0) + cells.length);
    if (rows % rowsPerPiece === 0) this.#seal();
    return rows - 1;
  }

  /** The cells of a row, by its number. */
  cellsOf(row: number): readonly string[] {
    if (this.#cells.length > 0) this.#seal();
    const piece = Math.floor(row / rowsPerPiece);
    if (this.#opened?.piece !== piece) this.#opened = { piece, cells: this.#pieces[piece]!.toString("utf8").split(cellBreak) };
    const first = this.#ends[piece * rowsPerPiece - 1] ?? 0;
    return this.#opened.cells.slice((this.#ends[row - 1] ?? 0) - first, this.#ends[row]! - first);
  }

  #seal(): void {
    this.#pieces.push(Buffer.from(this.#cells.join(cellBreak), "utf8"));
    this.#cells = [];
  }
}
