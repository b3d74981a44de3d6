import type { Identity, OperatorRole } from "../shared/operator-roles.ts";
import type { Database, Ending } from "./database.ts";

/** Who runs a command, and where: recorded with every write. */
export interface Actor {
  readonly name: string;
  readonly host: string;
}

/** Who is at work, as the registry has them. */
export interface Operator extends Actor {
  readonly role: OperatorRole;
  /** Whether the database vouches for who it is. */
  readonly identity: Identity;
}

/** How far long work has come. Without `total` (standard input) the end is not known. */
export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total?: number;
  readonly unit: "rows" | "bytes" | "orders" | "requests" | "checks" | "dates" | "files" | "partitions";
  readonly rejected?: number;
  readonly rows?: number;
  /**
   * The share of the whole work, from 0 to 1, where `done` / `total` is only a part of it (rows that are read still
   * have to be written).
   */
  readonly share?: number;
  /** The present part of the work, of several. */
  readonly at?: string;
}

/**
 * All that a use case knows of its surroundings, so that the same one runs from a command, from the night and from a
 * test.
 */
export interface Context {
  readonly db: Database;
  readonly clock: () => Date;
  readonly operator: Operator;
  /** The platform's time zone, an IANA name: the one that business dates are in. */
  readonly zone: string;
  /** How changes end: "rollback" is a dry run (`--dry-run`), which takes the same path and keeps nothing. */
  readonly ending: Ending;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Shows a message for a person while the work goes on; never a result. */
  readonly onNote: (text: string) => void;
}

/** The same context for a dry run: use cases return the same figures, and keep nothing. */
export const dry = (context: Context): Context => ({ ...context, ending: "rollback" });

/** Whether nothing is kept. */
export const isDry = ({ ending }: Pick<Context, "ending">): boolean => ending === "rollback";
