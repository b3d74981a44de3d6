/**
 * Whether an uncaught exception is the driver's own write to a connection that has just died, which it makes from a
 * timer (porsager/postgres#1066, #1154, #1208). The query has failed with the real reason by then, so there is nothing
 * to report.
 */
export function isLateDriverWrite(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    error.message.includes("reading 'write'") &&
    /\bnextWrite\b.*[\\/]postgres[\\/]/u.test(error.stack ?? "")
  );
}

/**
 * The error of a process whose last statement the driver never answers: its connection broke as it was sent
 * (porsager/postgres#1186).
 */
export const answerLost = (): Error =>
  Object.assign(new Error("a connection broke, and the answer to a statement with it"), { code: "CONNECTION_CLOSED" });
