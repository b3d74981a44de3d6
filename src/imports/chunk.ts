import { CopyTextChunk, encodeCopyRow } from "../csv/copy-text.ts";
import { KeptRows } from "./kept-rows.ts";
import type { Reject, StagedRow } from "./kind.ts";
import type { RejectedRow } from "./rejected-rows.ts";

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
 * A piece of a file on its way into the database. A merge takes each key once, so rows of one key take turns, in the order
 * of the file; one that repeats the last of them word for word needs no turn: it comes to what that comes to.
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

  /** The staged rows as COPY text, turn by turn; they can be taken once. In one piece each: of several, each would wait until the one before is sent. */
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
