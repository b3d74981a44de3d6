import { cleanId } from "../csv/clean.ts";
import { dry, type Context } from "../db/context.ts";
import { AccrueError } from "../shared/errors.ts";
import type { OpenFile } from "./choose-profiles.ts";
import type { ImportKind } from "./kind.ts";
import { privateCellsOf, type RejectedRow } from "./rejected-rows.ts";
import type { ImportReport } from "./report.ts";
import { importOpened, type ImportInput } from "./run-import.ts";

/** What rows say that are rejected for one reason, in the cell that it points at. */
export interface RejectedValues {
  readonly code: string;
  readonly rows: number;
  /** How many different cells; as many as are counted, where there are more. */
  readonly different: number;
  readonly isMore: boolean;
  readonly examples: readonly string[];
}

/** What the import would come to. */
export interface Forecast {
  /** Undefined where the whole file would be refused. */
  readonly report: ImportReport | undefined;
  readonly refusal: AccrueError | undefined;
  readonly values: readonly RejectedValues[];
}

const maxExamples = 5;
const maxCounted = 10_000;

/**
 * Foresees what the import of an open file would come to: the same work on the same database, rolled back.
 *
 * @returns its report, or the refusal that it would end in
 */
export async function foresee<Key extends string>(
  context: Context,
  kind: ImportKind<Key>,
  file: OpenFile<Key>,
  input: ImportInput,
): Promise<Forecast> {
  let tally = new ValueTally(kind, file);
  const options: ImportInput = {
    ...input,
    onRejects: () => {
      tally = new ValueTally(kind, file);
      return (rows) => tally.add(rows);
    },
  };
  const source = await file.source.again();
  try {
    const report = await importOpened(dry(context), kind, { ...file, source }, options, performance.now());
    return { report, refusal: undefined, values: tally.result() };
  } catch (error) {
    if (!(error instanceof AccrueError) || (error.kind !== "refused" && error.kind !== "usage")) throw error;
    return { report: undefined, refusal: error, values: tally.result() };
  }
}

interface ValuesOfCode {
  rows: number;
  isMore: boolean;
  readonly cells: Set<string>;
  readonly examples: string[];
}

/** Counts what rejected rows say in the cells that their reasons point at. It holds little, whatever their number. */
class ValueTally {
  readonly #file: OpenFile<string>;
  readonly #hidden: ReadonlySet<number>;
  readonly #byCode = new Map<string, ValuesOfCode>();

  constructor(kind: ImportKind, file: OpenFile<string>) {
    this.#file = file;
    this.#hidden = privateCellsOf(kind, file.source)?.indexes ?? new Set();
  }

  add(rows: readonly RejectedRow[]): void {
    const { header } = this.#file.source;
    for (const { code, column, cells } of rows) {
      const index = column === undefined ? -1 : header.indexOf(column);
      if (index === -1 || cells.length !== header.length || this.#hidden.has(index)) continue;
      const values = this.#byCode.get(code) ?? { rows: 0, isMore: false, cells: new Set(), examples: [] };
      this.#byCode.set(code, values);
      values.rows += 1;
      const cell = cleanId(cells[index]!);
      if (cell === "" || values.cells.has(cell)) continue;
      if (values.cells.size === maxCounted) values.isMore = true;
      else values.cells.add(cell);
      if (values.examples.length < maxExamples) values.examples.push(cell);
    }
  }

  /** The commonest reason first. */
  result(): readonly RejectedValues[] {
    return [...this.#byCode]
      .map(([code, { rows, isMore, cells, examples }]) => ({ code, rows, different: cells.size, isMore, examples }))
      .toSorted((one, other) => other.rows - one.rows);
  }
}
