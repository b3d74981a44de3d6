import { inTransaction } from "../../../src/db/database.ts";
import { runGrant } from "../../../src/domain/grants/run.ts";
import type { ImportInput } from "../../../src/imports/run-import.ts";
import { registerMember } from "../../../src/domain/members/register.ts";
import { record } from "../../support/money/people.ts";
import { contextFor, type TestDatabase } from "../../support/database.ts";
import { writeScratch } from "../../support/files.ts";
import { importOrders } from "../../support/imports.ts";

export const fullHeader = "order_no,member_no,merchant_code,amount,status,paid_at,refunded_amount,source,skus";

/**
 * Registers members and merchants that orders may name. S1 and S2 are active, SP waits for approval, SX was suspended
 * on 10 February 2026.
 */
export async function peopleIn(
  database: TestDatabase,
  memberNos: readonly string[] = ["M1", "M2", "M3"],
): Promise<void> {
  for (const memberNo of memberNos) await registerMember(contextFor(database.db), { name: `名${memberNo}`, memberNo });
  const merchants = [
    ["S1", "active", null],
    ["S2", "active", null],
    ["SP", "pending", null],
    ["SX", "suspended", new Date("2026-02-10T00:00:00+08:00")],
  ] as const;
  await inTransaction(database.db, async (tx) => {
    for (const [code, status, suspendedAt] of merchants) {
      await tx`
        INSERT INTO merchants (merchant_id, merchant_code, name, status, suspended_at, registered_by, registered_at)
        VALUES (nextval('id_seq'), ${code}, ${`店${code}`}, ${status}, ${suspendedAt}, 'setup', '2026-01-01')`;
      if (status !== "pending")
        await record(tx, status === "active" ? "merchant.approve" : "merchant.suspend", "merchant", code);
    }
  });
}

/** Writes a file of orders, `orders.csv` in a directory of its own, and returns its path. */
export const orderFile = (rows: readonly string[], header = fullHeader): string =>
  writeScratch("orders.csv", `${[header, ...rows].join("\n")}\n`);

export const rejectsOf = (path: string): string => path.replace(/\.csv$/, ".rejects.csv");

/**
 * Imports rows as a file of its own, read even if the same rows were imported before; gives what an operator looks at.
 */
export async function take(
  on: TestDatabase,
  rows: readonly string[],
  header = fullHeader,
  input: Partial<ImportInput> = {},
) {
  const report = await importOrders(on.context(), { input: { path: orderFile(rows, header) }, force: true, ...input });
  const { read, inserted, updated, duplicate, rejected, examples } = report;
  return {
    read,
    inserted,
    updated,
    duplicate,
    rejected,
    reasons: Object.fromEntries(report.reasons),
    examples: examples.map(({ line, column, message }) => `${line} ${column}: ${message}`),
  };
}

/**
 * The same database, at a time when all that the tests know of has happened: an order that is paid in the future is
 * none.
 */
export const longAfter = (on: TestDatabase): TestDatabase => ({
  ...on,
  context: (more) => on.context({ clock: () => new Date("2101-01-02T00:00:00Z"), ...more }),
});

/** Runs the batch up to the day on which the tests' clock stands. */
export const settle = (on: TestDatabase) => runGrant(on.context(), { businessDate: "2026-03-02" });
