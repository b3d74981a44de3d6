import type { Database, Ending } from "./database.ts";

/** Who runs a command, and where: recorded with every write. */
export interface Operator {
  readonly name: string;
  readonly host: string;
}

/** How far long work has come. `total` is unknown for standard input. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total?: number;
  readonly unit: "rows" | "bytes" | "orders" | "requests" | "checks" | "dates";
  readonly rejected?: number;
  readonly rows?: number;
  /** How much of the work is done, from 0 to 1, where `done` of `total` is not all of it: what is read may still have to be written. */
  readonly share?: number;
  /** Which of several parts of the work it is at. */
  readonly at?: string;
}

/**
 * Everything a use case may know of its surroundings. The same use case runs from a command, from the nightly job and
 * from a test, because none of these comes from anywhere else.
 */
export interface Context {
  readonly db: Database;
  readonly clock: () => Date;
  readonly operator: Operator;
  /** The platform's time zone, an IANA name: the one that business dates are in. */
  readonly zone: string;
  /** How what a use case changes ends: "rollback" goes the same way and keeps nothing (`--dry-run`). */
  readonly ending: Ending;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Something a person should know while the work goes on; never a result. */
  readonly onNote: (text: string) => void;
}

/** The same surroundings for a dry run: every use case gives the figures that it would give, and keeps nothing. */
export const dry = (context: Context): Context => ({ ...context, ending: "rollback" });

/** Whether nothing is kept. */
export const isDry = ({ ending }: Pick<Context, "ending">): boolean => ending === "rollback";
