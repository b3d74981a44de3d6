import type { Context } from "../../src/db/context.ts";
import type { Database } from "../../src/db/database.ts";

/** When the tests' clock stands: Monday 2 March 2026, 12:00 in Shanghai. */
export const testNow = new Date("2026-03-02T04:00:00Z");

/** What a use case may know, in a test: the operator `tester`, a clock that stands still, nobody who listens. */
export function contextFor(db: Database, overrides: Partial<Context> = {}): Context {
  return {
    db,
    clock: () => testNow,
    operator: { name: "tester", host: "test-host" },
    zone: "Asia/Shanghai",
    ending: "commit",
    signal: new AbortController().signal,
    onProgress: () => {},
    onNote: () => {},
    ...overrides,
  };
}
