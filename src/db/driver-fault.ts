/**
 * Whether an error that nobody could catch is the driver's own late write to a connection that has just died. It is thrown
 * from a timer (porsager/postgres#1154, #1208) after the query in question has already failed with the real reason, so
 * there is nothing more to learn from it, and whoever waits for the query is told properly.
 */
export function isLateDriverWrite(error: unknown): boolean {
  return error instanceof TypeError && error.message.includes("reading 'write'") && /\bnextWrite\b.*[\\/]postgres[\\/]/u.test(error.stack ?? "");
}
