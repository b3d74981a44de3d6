import { AccrueError, type ErrorKind } from "../shared/errors.ts";

/** What the process answers with; scripts and cron rely on these numbers. */
export const exitCodes = {
  done: 0,
  bug: 1,
  usage: 2,
  rowsRejected: 3,
  refused: 4,
  unreachable: 5,
  schema: 6,
  findings: 7,
  busy: 75,
  interrupted: 130,
  terminated: 143,
} as const;

const byKind: Record<Exclude<ErrorKind, "interrupted">, number> = {
  usage: exitCodes.usage,
  refused: exitCodes.refused,
  unreachable: exitCodes.unreachable,
  schema: exitCodes.schema,
  busy: exitCodes.busy,
  findings: exitCodes.findings,
};

/** The one place where an error becomes an exit code. Anything that is not an AccrueError is a bug. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof AccrueError)) return exitCodes.bug;
  if (error.kind !== "interrupted") return byKind[error.kind];
  return error.details["signal"] === "SIGTERM" ? exitCodes.terminated : exitCodes.interrupted;
}
