/**
 * The few kinds of error an operator can meet. A kind decides the exit code (see `cli/exit-codes.ts`); the `code` is a
 * stable word that scripts may test for; the `hint` says what to do next.
 */
export type ErrorKind = "usage" | "refused" | "unreachable" | "schema" | "busy" | "findings" | "interrupted";

/** What an error carries beside its message. `details` are written unchanged into its JSON form. */
export interface ErrorFacts {
  readonly hint?: string;
  readonly details?: Record<string, unknown>;
  readonly cause?: unknown;
}

/** An expected failure: a kind, a stable code, a message for people and, where there is one, a hint what to do. */
export class AccrueError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: Record<string, unknown>;

  constructor(kind: ErrorKind, code: string, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "AccrueError";
    this.kind = kind;
    this.code = code;
    this.hint = facts.hint;
    this.details = facts.details ?? {};
  }
}

/** The command line, or a file or value it names, cannot be used as it is. Nothing was done. */
export const usageError = (code: string, message: string, facts?: ErrorFacts): AccrueError =>
  new AccrueError("usage", code, message, facts);

/** A business rule says no. Nothing was changed. */
export const refusedError = (code: string, message: string, facts?: ErrorFacts): AccrueError =>
  new AccrueError("refused", code, message, facts);

/** The database cannot be reached, or went away while it was in use. */
export const unreachableError = (code: string, message: string, facts?: ErrorFacts): AccrueError =>
  new AccrueError("unreachable", code, message, facts);

/** The database's schema is not the one that this version needs. */
export const schemaError = (code: string, message: string, facts?: ErrorFacts): AccrueError =>
  new AccrueError("schema", code, message, facts);

/** Another session holds what this needs; the same command may succeed later. */
export const busyError = (code: string, message: string, facts?: ErrorFacts): AccrueError =>
  new AccrueError("busy", code, message, facts);

/** A check found something wrong. It is reported and not changed. */
export const findingsError = (code: string, message: string, facts?: ErrorFacts): AccrueError =>
  new AccrueError("findings", code, message, facts);

/** A signal asked to stop; what was open is rolled back. */
export const interruptedError = (signalName: "SIGINT" | "SIGTERM"): AccrueError =>
  new AccrueError("interrupted", "interrupted", `stopped by ${signalName}; what was open is rolled back`, {
    hint: "run the same command again to finish the work",
    details: { signal: signalName },
  });
