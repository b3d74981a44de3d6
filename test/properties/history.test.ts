import fc from "fast-check";
import { expect, test } from "vitest";
import { archiveHistory } from "../../src/history/archive.ts";
import { attachArchive } from "../../src/history/attach.ts";
import { verify } from "../../src/verification/verify.ts";
import { inTransaction } from "../../src/db/database.ts";
import { night, someDirectory } from "../db/history/scene.ts";
import { noonOf } from "../db/night/scene.ts";
import { peopleIn } from "../db/orders/scene.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "../support/database.ts";
import { runs } from "../support/runs.ts";

const people = await testDatabase();
await peopleIn(people);

/** An order of a day of February, and what later files say of it: what is refunded in all, or that it is closed. */
const sale = fc.record({
  member: fc.constantFrom("M1", "M2", "M3"),
  merchant: fc.constantFrom("S1", "S2"),
  yuan: fc.integer({ min: 1, max: 900 }),
  day: fc.integer({ min: 1, max: 6 }),
  later: fc.constantFrom("", "", "refunded", "closed", "pending"),
  /** In which of the nights its later file comes. */
  laterNight: fc.integer({ min: 1, max: 3 }),
});
type Sale = typeof sale extends fc.Arbitrary<infer T> ? T : never;

const rowOf = ({ member, merchant, yuan, day, later }: Sale, no: number, isLater: boolean): string => {
  const status = later === "pending" ? "pending" : isLater && later === "closed" ? "closed" : "paid";
  const refunded = isLater && later === "refunded" ? `${Math.ceil(yuan / 2)}.00` : "";
  return `O${no},${member},${merchant},${yuan}.00,${status},${status === "pending" ? "" : `2026-02-0${day} 10:00:00`},${refunded},,`;
};

const context = (on: TestDatabase) => on.context({ clock: noonOf("2026-02-28") });
const soundly = async (on: TestDatabase) =>
  expect((await verify(context(on))).checks.filter(({ ok }) => !ok)).toEqual([]);

/** What members and the books stand at, which archiving leaves as it is. */
const standing = ["balances", "journal", "account_closings", "withdrawals", "business_dates", "members", "merchants"];

test("whatever is archived, and in however many steps: the books hold, and all comes back", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(sale, { minLength: 1, maxLength: 8 }),
      fc.nat(8),
      fc.uniqueArray(fc.constantFrom("2026-02-03", "2026-02-05", "2026-02-07", "2026-02-12"), { minLength: 1 }),
      async (sales, cut, befores) => {
        const on = await cloneOf(people);
        const directory = someDirectory();
        const rows = sales.map((one, no) => rowOf(one, no, false));
        // Some have ids of the first partition, some of the second, some of the third.
        await night(on, "2026-02-08", "a.csv", rows.slice(0, cut));
        await inTransaction(on.db, (tx) => tx`SELECT setval('id_seq', 16000000)`);
        await night(on, "2026-02-09", "b.csv", rows.slice(cut));
        await inTransaction(on.db, (tx) => tx`SELECT setval('id_seq', 32000000)`);
        for (const count of [1, 2, 3]) {
          const later = sales.flatMap((one, no) => (one.laterNight === count ? [rowOf(one, no, true)] : []));
          await night(on, `2026-02-${9 + count}`, `later${count}.csv`, later);
        }
        const before = await dumpDatabase(on.db);
        const stood = await dumpDatabase(on.db, standing);
        await soundly(on);

        const archiveNos: number[] = [];
        for (const day of befores.toSorted()) {
          const archived = await archiveHistory(context(on), {
            before: day < "2026-02-10" ? day : "2026-02-11",
            directory,
          });
          archiveNos.push(...archived.flatMap(({ archiveNo }) => archiveNo ?? []));
          await soundly(on);
          expect(await dumpDatabase(on.db, standing)).toBe(stood);
        }
        for (const archiveNo of archiveNos.toReversed()) await attachArchive(context(on), archiveNo, undefined);
        await soundly(on);
        expect(await dumpDatabase(on.db)).toBe(before);
        await on.drop();
      },
    ),
    runs(8),
  );
}, 300_000);
