import type { Context, Operator } from "../../src/db/context.ts";
import type { Database } from "../../src/db/database.ts";

/** When the tests' clock stands: Monday 2 March 2026, 12:00 in Shanghai. */
export const testNow = new Date("2026-03-02T04:00:00Z");

/** What a test sets of a context; of an operator a name and a host are enough. */
export type ContextOverrides = Partial<Omit<Context, "operator">> & {
  readonly operator?: Pick<Operator, "name" | "host"> & Partial<Operator>;
};

/**
 * What a use case may know, in a test: the operator `tester`, a clock that stands still, nobody who listens. Operators
 * are admins who are not vouched for, as `registered` has them.
 */
export function contextFor(db: Database, { operator, ...overrides }: ContextOverrides = {}): Context {
  return {
    db,
    clock: () => testNow,
    operator: { name: "tester", host: "test-host", role: "admin", identity: "asserted", ...operator },
    zone: "Asia/Shanghai",
    ending: "commit",
    signal: new AbortController().signal,
    onProgress: () => {},
    onNote: () => {},
    ...overrides,
  };
}
