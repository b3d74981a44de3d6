import { Readable } from "node:stream";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cloneOf, testDatabase, type TestDatabase } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";
import { fullHeader, peopleIn, take } from "../orders/scene.ts";
import { importOrders } from "../../support/imports.ts";

const template = await testDatabase();
await peopleIn(template);
let on: TestDatabase;
beforeEach(async () => void (on = await cloneOf(template)));
afterEach(() => on.drop());

const order = (no: string) => `${no},M1,S1,1.00,paid,2026-02-01,,,`;
const genuine = (count: number) => Array.from({ length: count }, (_, at) => order(`40881023680220${1101 + at}`));
const zeroed = (count: number) => Array.from({ length: count }, (_, at) => order(`40881023680${2001 + at}000`));

describe("ids that a spreadsheet has cut to 15 digits", () => {
  test("are rejects, each of them, wherever they stand and however the file is cut into chunks", async () => {
    const rows = [
      zeroed(3)[0]!,
      ...genuine(20),
      zeroed(3)[1]!,
      ...genuine(20).map((row) => row.replace("4088", "4099")),
      zeroed(3)[2]!,
    ];
    for (const limits of [{}, { rows: 1 }, { rows: 7 }]) {
      const fresh = await cloneOf(template);
      expect(await take(fresh, rows, fullHeader, { limits })).toMatchObject({
        read: 43,
        inserted: 40,
        rejected: 3,
        reasons: { order_no_zeroed_tail: 3 },
      });
      await fresh.drop();
    }
  });

  test("the message says what happened, and how a genuine one is written", async () => {
    const { examples } = await take(on, zeroed(2));
    expect(examples).toEqual(
      ["408810236802001000", "408810236802002000"].map(
        (no, at) =>
          `${at + 2} order_no: "${no}" ends in zeros from its 16th digit on, like others of this file: a spreadsheet has put them in place of the real ones; ` +
          `export it again with the column as text, or write ="${no}" where the number is genuine`,
      ),
    );
    expect(
      await take(
        on,
        zeroed(2).map((row) => row.replace(/^(\d+)/, '"=""$1"""')),
      ),
    ).toMatchObject({ inserted: 2, rejected: 0 });
  });

  test("one alone is chance, in several rows too; so are a few among very many", async () => {
    expect(await take(on, [zeroed(1)[0]!, zeroed(1)[0]!])).toMatchObject({ inserted: 1, duplicate: 1, rejected: 0 });
    expect(await take(on, [...zeroed(2), ...genuine(39)])).toMatchObject({ duplicate: 1, inserted: 40, rejected: 0 });
    expect(await take(on, [...zeroed(2), ...genuine(38)])).toMatchObject({ rejected: 2, duplicate: 38 });
  });

  test("standard input is read again, too", async () => {
    const stdin = Readable.from([Buffer.from(`${[fullHeader, ...zeroed(2), order("A")].join("\n")}\n`)]);
    const report = await importOrders(on.context(), {
      input: { path: "-", stdin },
      rejectsPath: join(scratchDirectory(), "r.csv"),
    });
    expect(report).toMatchObject({ read: 3, inserted: 1, rejected: 2, importId: 1n });
  });
});
