import { CopyTextChunk, encodeCopyRow } from "../csv/copy-text.ts";
import type { Reject, StagedRow } from "./kind.ts";
import type { RejectedRow } from "./rejected-rows.ts";

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
    if (this.#opened?.piece !== piece)
      this.#opened = { piece, cells: this.#pieces[piece]!.toString("utf8").split(cellBreak) };
    const first = this.#ends[piece * rowsPerPiece - 1] ?? 0;
    return {
      record,
      line: this.#lines[row]!,
      cells: this.#opened.cells.slice((this.#ends[row - 1] ?? 0) - first, this.#ends[row]! - first),
    };
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

/** When a chunk is full: whichever comes first. */
export interface ChunkLimits {
  /** Bigger chunks cost the server less per row; what bounds them is the memory that their cells take here. */
  readonly rows: number;
  /** Characters of the cells that are kept, or of the staged text. */
  readonly length: number;
}

/** Where chunks end when nobody says otherwise. */
export const defaultLimits: ChunkLimits = { rows: 25_000, length: 3_000_000 };

/** A row that says what the last one of its key said, word for word. */
interface Repeat {
  readonly record: number;
  readonly of: number;
}

/** The last row of a key that came more than once. */
interface LastOfKey {
  readonly turn: number;
  readonly record: number;
  readonly text: string;
}

/**
 * A piece of a file on its way into the database. A merge takes each key once, so rows of one key take turns, in the
 * order of the file; one that repeats the last of them word for word needs no turn: it comes to what that comes to.
 */
export class Chunk {
  readonly kept = new KeptRows();
  readonly refused: RejectedRow[] = [];
  readonly repeats: Repeat[] = [];
  readonly #turns: CopyTextChunk[] = [];
  readonly #limits: ChunkLimits;
  readonly #seen = new Set<string>();
  readonly #repeated = new Map<string, LastOfKey>();
  #staged = 0;
  #others = 0;

  constructor(limits: ChunkLimits) {
    this.#limits = limits;
  }

  get isFull(): boolean {
    const { rows, length } = this.#limits;
    return this.read + this.#others >= rows || this.kept.length >= length || (this.#turns[0]?.length ?? 0) >= length;
  }

  /** Rows read so far, staged or refused. */
  get read(): number {
    return this.#staged + this.refused.length;
  }

  get staged(): number {
    return this.#staged;
  }

  /** Counts a row that is none of this kind. */
  passOver(): void {
    this.#others += 1;
  }

  /** Stages a row in the turn of its key. */
  stage({ key, values }: StagedRow, record: number, line: number): void {
    this.#staged += 1;
    const keys = this.#seen.size;
    this.#seen.add(key);
    if (this.#seen.size > keys) return this.#turn(0).add(values, [record, line]);
    const [last, text] = [this.#repeated.get(key), encodeCopyRow(values)];
    if (last?.text === text) return void this.repeats.push({ record, of: last.record });
    const turn = (last?.turn ?? 0) + 1;
    this.#repeated.set(key, { turn, record, text });
    this.#turn(turn).add(values, [record, line]);
  }

  /** Stages a row that means something only together with others, whatever its key. */
  gather(values: StagedRow["values"], record: number, line: number, isRefused: boolean): void {
    this.#staged += 1;
    this.#turn(0).add(values, [record, line, isRefused ? 1 : 0]);
  }

  /**
   * The staged rows as COPY text, turn by turn; they can be taken once. In one piece each: of several, each would wait
   * until the one before is sent.
   */
  takeTurns(): readonly { readonly rows: number; readonly text: Buffer }[] {
    return this.#turns.map((turn) => ({ rows: turn.rows, text: Buffer.concat(turn.take()) }));
  }

  /** The rejects among the repeats of rows, given those of the rows that they repeat. */
  repeatsOf<Key extends string>(rejects: readonly Reject<Key>[]): readonly Reject<Key>[] {
    const refusals = new Map(rejects.map(({ record, refusal }) => [record, refusal]));
    return this.repeats.flatMap(({ record, of }) => (refusals.has(of) ? [{ record, refusal: refusals.get(of) }] : []));
  }

  #turn(index: number): CopyTextChunk {
    return (this.#turns[index] ??= new CopyTextChunk());
  }
}
