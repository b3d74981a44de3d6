import type postgres from "postgres";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openClient } from "../../src/db/driver/client.ts";
import { connect, dedicated, inTransaction, type Database } from "../../src/db/database.ts";
import { targetFromUrl } from "../../src/db/url.ts";
import { plainClient } from "../support/admin.ts";
import { cloneOf, type TestDatabase } from "../support/database.ts";

let on: TestDatabase;
let admin: postgres.Sql;
beforeEach(async () => {
  on = await cloneOf();
  admin = plainClient(on.url);
  await admin`CREATE TABLE notes (note text)`;
});
afterEach(async () => {
  await admin.end({ timeout: 5 });
  await on.drop();
});

const notes = async () =>
  (await admin<{ note: string }[]>`SELECT note FROM notes ORDER BY note`).map(({ note }) => note);

/** Something that one callback waits for and another one brings about. */
class Signal<T> {
  give!: (value: T) => void;
  readonly promise = new Promise<T>((settle) => (this.give = settle));
}

type Begin = (work: (tx: postgres.TransactionSql) => Promise<void>) => Promise<unknown>;

/**
 * Two transactions on a client with one connection: the first one's connection dies while its callback does something
 * else, the second one begins, and then the first callback goes on. The second is rolled back in the end.
 *
 * @returns how the first callback's late statement ended
 */
async function firstGoesOnWithinSecond(begin: Begin): Promise<string> {
  const [secondBegan, firstEnded] = [new Signal<void>(), new Signal<string>()];
  const first = begin(async (tx) => {
    const [session] = await tx<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
    await admin`SELECT pg_terminate_backend(${session!.pid}, 5000)`;
    await secondBegan.promise;
    try {
      await tx`INSERT INTO notes VALUES ('of the first')`;
      firstEnded.give("written");
    } catch (error) {
      firstEnded.give((error as { code: string }).code);
      throw error;
    }
  });
  await expect(first).rejects.toMatchObject({
    code: expect.stringMatching(/CONNECTION_CLOSED|database_unreachable/u) as string,
  });
  const second = begin(async (tx) => {
    await tx`INSERT INTO notes VALUES ('of the second')`;
    secondBegan.give();
    await firstEnded.promise;
    await new Promise((settle) => setTimeout(settle, 200)); // the driver's COMMIT of the first comes right behind
    throw new Error("rolled back");
  });
  await expect(second).rejects.toThrow("rolled back");
  return firstEnded.promise;
}

describe("a callback that goes on when its connection is dead and another transaction has begun on the one in its place", () => {
  test("in the driver alone: it writes into that transaction and commits it, though that one is rolled back", async () => {
    const sql = plainClient(on.url);
    expect(await firstGoesOnWithinSecond((work) => sql.begin(work))).toBe("written");
    expect(await notes(), "should the driver be mended one day, this test says so").toEqual([
      "of the first",
      "of the second",
    ]);
    await sql.end({ timeout: 5 });
  });

  const clients: readonly (readonly [name: string, open: () => Pick<Database, "sql" | "close">])[] = [
    [
      "a client of one connection",
      () => {
        const sql = openClient(targetFromUrl(on.url)!, 1);
        return { sql, close: () => sql.end({ timeout: 5 }) };
      },
    ],
    ["a money run's dedicated connection", () => dedicated(connect(targetFromUrl(on.url)!))],
  ];
  test.each(clients)("in our transactions, on %s: it is refused, and the rollback is one", async (_name, open) => {
    const db = open();
    const outcome = await firstGoesOnWithinSecond((work) => inTransaction(db, work as never));
    expect(outcome).toBe("transaction_over");
    expect(await notes()).toEqual([]);
    await db.close();
  });
});
