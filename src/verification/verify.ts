import type { Context } from "../db/context.ts";
import { inTransaction, reading, type Sql, type Transaction } from "../db/database.ts";
import { tuneBulk, tuneWhole } from "../db/planner.ts";
import { businessDateOf, type BusinessDate } from "../shared/business-date.ts";
import { allChecks, dateChecks, type Check } from "./checks.ts";
import { changesAreRefused } from "./guard-checks.ts";
import type { Findings } from "./model.ts";
import { everything, gatherDate, gatherEverything, type Scope } from "./scope.ts";

/** The result of one check. */
export interface CheckResult extends Findings {
  readonly name: string;
  readonly about: string;
  readonly ok: boolean;
}

/** The result of a verification: ok only if every check is. */
export interface Verification {
  readonly ok: boolean;
  readonly checks: readonly CheckResult[];
}

const refusedChanges = {
  name: "changes_refused",
  about: "entries, journal and audit refuse UPDATE and DELETE, whoever asks",
};

/**
 * Verifies every invariant of the domain: runs all checks on one snapshot of the database, beside work that goes on,
 * and returns the results of all. Changes nothing.
 *
 * @throws the signal's reason between two checks
 */
export const verify = (context: Context): Promise<Verification> =>
  runChecks(context, allChecks, businessDateOf(context.clock(), context.zone), (work) =>
    context.db.isStandby === true
      ? reading(() =>
          context.db.sql.begin("isolation level repeatable read read only", async (sql) => {
            await tuneWhole(sql);
            await work(sql, everything(sql));
          }),
        )
      : onSnapshot(context, async (tx) => {
          await tuneWhole(tx);
          await work(tx, await gatherEverything(tx));
        }),
  );

/**
 * Verifies the rows of one business date (entries, orders, withdrawals, runs and journal) and the guards. The cost
 * follows that date's rows.
 *
 * @throws the signal's reason between two checks
 */
export const verifyDate = (context: Context, date: BusinessDate): Promise<Verification> =>
  runChecks(context, dateChecks, date, (work) =>
    onSnapshot(context, async (tx) => {
      await tuneBulk(tx);
      await tx`SELECT set_config('enable_bitmapscan', 'on', true)`; // what is found by date is found by a bitmap
      await work(tx, await gatherDate(tx, date));
    }),
  );

/** One snapshot, and temporary tables of it: nothing else is written. */
const onSnapshot = (context: Context, work: (tx: Transaction) => Promise<void>): Promise<void> =>
  inTransaction(
    context.db,
    async (tx) => {
      await tx`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`;
      await work(tx);
    },
    "rollback",
  );

const leftOutOnStandby: Findings = {
  checked: 0n,
  found: 0n,
  violations: [],
  facts: { left_out: "trying changes that must be refused, for this is a standby" },
};

async function runChecks(
  context: Context,
  checks: readonly Check[],
  date: BusinessDate,
  onRows: (work: (sql: Sql, scope: Scope) => Promise<void>) => Promise<unknown>,
): Promise<Verification> {
  const total = checks.length + 1;
  const results: CheckResult[] = [];
  const run = async ({ name, about }: Pick<Check, "name" | "about">, find: () => Promise<Findings>) => {
    context.signal.throwIfAborted();
    context.onProgress({ phase: "verifying", done: results.length, total, unit: "checks", at: name });
    const findings = await find();
    results.push({ name, about, ok: findings.found === 0n, ...findings });
  };
  context.onProgress({ phase: "verifying", done: 0, total, unit: "checks", at: "orders and entries" });
  await onRows(async (sql, scope) => {
    for (const check of checks) await run(check, () => check.find(sql, scope, date));
  });
  await run(refusedChanges, async () =>
    context.db.isStandby === true ? leftOutOnStandby : reading(() => changesAreRefused(context.db)),
  );
  return { ok: results.every(({ ok }) => ok), checks: results };
}
