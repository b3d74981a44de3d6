import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Context } from "../../src/db/context.ts";
import { copyIn, copyOut } from "../../src/db/driver/copy.ts";
import { connect, inTransaction, type Database, type Transaction } from "../../src/db/database.ts";
import type { ImportKind, Merged } from "../../src/imports/kind.ts";
import { runImport } from "../../src/imports/run-import.ts";
import { stagedKind } from "../../src/imports/staged.ts";
import { plainClient } from "../support/admin.ts";
import { testDatabase } from "../support/database.ts";
import { scratchDirectory } from "../support/files.ts";

/** A COPY that hangs must fail its test soon, not at the suite's own limit. */
const promptly = { timeout: 15_000 };

const database = await testDatabase();
const { sql } = database.db;

const target = "probe_rows (no, amount_fen)";
const makeTable = (tx: Transaction) =>
  tx`CREATE TEMP TABLE probe_rows (no integer, amount_fen bigint CHECK (amount_fen >= 0)) ON COMMIT DROP`;
const rows = (count: number, from = 0): string =>
  Array.from({ length: count }, (_, at) => `${from + at}\t${at}\n`).join("");
const manyRows = rows(5_000);

/** COPY text without end: only an error can stop it. `atPiece` is called on the way. */
function* endless(atPiece: (piece: number) => void = () => {}): Generator<string> {
  for (let piece = 0; ; piece += 1) {
    atPiece(piece);
    yield manyRows;
  }
}

/** Copies into a fresh temporary table in a transaction of its own; gives the code of the error that ended it. */
async function outcomeOf(
  chunks: (tx: Transaction) => Promise<Iterable<string>> | Iterable<string>,
  db: Database = database.db,
): Promise<unknown> {
  return inTransaction(db, async (tx) => {
    await makeTable(tx);
    await copyIn(tx, target, await chunks(tx));
    return "taken";
  }).catch((error: { code?: unknown; kind?: unknown }) => error.code);
}

const pidOf = async (tx: Transaction): Promise<number> =>
  (await tx<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`)[0]!.pid;

/** Calls one of the server's admin functions on a backend, from a session of another. */
async function signalBackend(name: "pg_terminate_backend" | "pg_cancel_backend", pid: number): Promise<void> {
  const other = plainClient(database.url);
  await other.unsafe(`SELECT ${name}(${pid})`);
  await other.end({ timeout: 5 });
}

const isUsable = async () => expect(await outcomeOf(() => [rows(3)])).toBe("taken");

describe("every error of the server ends a COPY at once, and the pool works on", () => {
  test("all rows arrive, however the text is cut", promptly, async () => {
    const text = rows(20_000);
    const cuts = [text.slice(0, 1), text.slice(1, 70_001), "", text.slice(70_001)];
    const count = await inTransaction(database.db, async (tx) => {
      await makeTable(tx);
      await copyIn(
        tx,
        target,
        cuts.map((cut) => Buffer.from(cut)),
      );
      await copyIn(tx, target, []);
      const [sum] = await tx`SELECT count(*)::integer AS count, sum(no)::integer AS no FROM probe_rows`;
      return sum;
    });
    expect(count).toEqual({ count: 20_000, no: (20_000 * 19_999) / 2 });
  });

  test.each([
    ["a value of the wrong type in the first row", () => ["x\t1\n", rows(20_000)], "22P02"],
    ["a value of the wrong type in the middle", () => [rows(20_000), "x\t1\n", rows(20_000)], "22P02"],
    ["a value of the wrong type in the very last row", () => [rows(20_000), "x\t1"], "22P02"],
    [
      "a row that a CHECK refuses, with no end of rows behind it",
      function* () {
        yield rows(9);
        yield "1\t-1\n";
        yield* endless();
      },
      "23514",
    ],
    ["a number too large, alone in the stream", () => ["1\t9223372036854775808\n"], "22003"],
    ["a missing column", () => ["1\n"], "22P04"],
  ])("%s", promptly, async (_name, chunks, code) => {
    expect(await outcomeOf(chunks)).toBe(code);
    await isUsable();
  });

  test("a table that does not exist: refused before the first row", promptly, async () => {
    const copying = inTransaction(database.db, (tx) => copyIn(tx, "no_such_table (no)", endless()));
    await expect(copying).rejects.toMatchObject({ kind: "schema", code: "schema_mismatch" });
    await isUsable();
  });

  test("a statement timeout in the middle of a large stream", promptly, async () => {
    const outcome = await outcomeOf(async (tx) => {
      await tx`SET LOCAL statement_timeout = '150ms'`;
      return endless();
    });
    expect(outcome).toBe("database_timeout");
    await isUsable();
  });

  test.each([
    ["pg_cancel_backend", "database_timeout"],
    ["pg_terminate_backend", "database_unreachable"],
  ] as const)("%s from another session in mid-copy", promptly, async (name, code) => {
    let signalled: Promise<void> | undefined;
    const outcome = await outcomeOf(async (tx) => {
      const pid = await pidOf(tx);
      return endless((piece) => {
        if (piece === 20) signalled = signalBackend(name, pid);
      });
    });
    expect(outcome).toBe(code);
    await signalled;
    await isUsable();
  });

  test("an error of a statement sent just before, in one pipeline with the COPY", promptly, async () => {
    const pipelined = inTransaction(database.db, async (tx) => {
      await makeTable(tx);
      await Promise.all([tx`SELECT 1`.execute(), tx`SELECT 1 / (SELECT 0)`.execute(), copyIn(tx, target, endless())]);
    });
    await expect(pipelined).rejects.toMatchObject({ code: "22012" });
    await isUsable();
  });

  test("bad data in a COPY that goes out behind statements still under way", promptly, async () => {
    const pipelined = inTransaction(database.db, async (tx) => {
      await makeTable(tx);
      await Promise.all([
        tx`SELECT pg_sleep(0.05)`.execute(),
        tx`SELECT 1`.execute(),
        copyIn(tx, target, [rows(20_000), "x\ty\n"]),
      ]);
    });
    await expect(pipelined).rejects.toMatchObject({ code: "22P02" });
    await isUsable();
  });

  test(
    "a statement sent into a COPY that is under way: the connection is lost, at once and with all of the transaction",
    promptly,
    async () => {
      const pipelined = inTransaction(database.db, async (tx) => {
        await makeTable(tx);
        await Promise.all([copyIn(tx, target, endless()), tx`SELECT 1`]);
      });
      await expect(pipelined).rejects.toBeInstanceOf(Error);
      await isUsable();
    },
  );

  test("two COPYs one after the other, the second refused: nothing of the first stays", promptly, async () => {
    await inTransaction(database.db, (tx) => tx`CREATE TABLE probe_kept (no integer, amount_fen bigint)`);
    const copying = inTransaction(database.db, async (tx) => {
      await copyIn(tx, "probe_kept (no, amount_fen)", [rows(10)]);
      await copyIn(tx, "probe_kept (no, amount_fen)", [rows(10), "x\t1\n"]);
    });
    await expect(copying).rejects.toMatchObject({ code: "22P02" });
    expect([...(await sql`SELECT count(*)::integer AS count FROM probe_kept`)]).toEqual([{ count: 0 }]);
  });
});

describe("an import passes the server's error on as it is, at once", () => {
  const directory = scratchDirectory();
  let files = 0;

  const probeColumns = [{ key: "no", names: ["no"], required: true }] as const;

  /** A kind of file whose rows go to the server unread, so that the server is the one to refuse them. */
  const probeKind = (merge?: (tx: Transaction) => Promise<Merged<"no">>): ImportKind<"no"> =>
    stagedKind({
      kind: "orders",
      name: "probe",
      columns: probeColumns,
      staged: ["no integer CHECK (no >= 0)"],
      rowReader: () => (cell) => ({ key: cell("no"), values: [cell("no")] }),
      merge:
        merge ??
        (async (tx) => {
          const [row] = await tx<{ rows: number }[]>`SELECT count(*)::integer AS rows FROM staged_probe`;
          return { inserted: row!.rows, updated: 0, duplicate: 0, rejects: [] };
        }),
    });

  const take = (kind: ImportKind<"no">, numbers: readonly (number | string)[], overrides: Partial<Context> = {}) => {
    files += 1;
    const path = join(directory, `probe-${files}.csv`);
    writeFileSync(path, `no\n${numbers.join("\n")}\n`);
    return runImport(database.context(overrides), kind, { input: { path } });
  };

  const numbers = Array.from({ length: 120_000 }, (_, at) => at); // three chunks
  const importsKept = async () => (await sql`SELECT FROM imports`).count;

  test("a row of the wrong type, a row that a CHECK refuses", promptly, async () => {
    await expect(take(probeKind(), [1, "x"])).rejects.toMatchObject({ code: "22P02" });
    await expect(take(probeKind(), [...numbers.slice(0, 70_000), -1])).rejects.toMatchObject({ code: "23514" });
    expect(await importsKept()).toBe(0);
  });

  test("a statement timeout in a merge", promptly, async () => {
    const slow = probeKind(async (tx) => {
      await tx`SET LOCAL statement_timeout = '100ms'`;
      await tx`SELECT pg_sleep(60)`;
      throw new Error("unreachable");
    });
    await expect(take(slow, numbers)).rejects.toMatchObject({ kind: "busy", code: "database_timeout" });
    expect(await importsKept()).toBe(0);
  });

  test("a backend that is terminated while a chunk is merged", promptly, async () => {
    const doomed = probeKind(async (tx) => {
      void signalBackend("pg_terminate_backend", await pidOf(tx));
      await tx`SELECT pg_sleep(60)`;
      throw new Error("unreachable");
    });
    await expect(take(doomed, numbers)).rejects.toMatchObject({ kind: "unreachable", code: "database_unreachable" });
    expect(await importsKept()).toBe(0);
    expect(await take(probeKind(), numbers)).toMatchObject({ read: 120_000, inserted: 120_000 });
  });
});

describe("rows that are copied out", () => {
  /** Reads a query's rows in a transaction, as far as `isEnough` lets it; gives their bytes, or the code of the error. */
  const read = (
    query: string,
    isEnough: (bytes: number) => boolean = () => false,
    atPiece = (_tx: Transaction) => {},
  ) =>
    inTransaction(database.db, async (tx) => {
      let bytes = 0;
      for await (const piece of copyOut(tx, query)) {
        bytes += piece.length;
        atPiece(tx);
        if (isEnough(bytes)) break;
      }
      // The transaction goes on after it.
      return [bytes, (await tx<{ one: number }[]>`SELECT 1 AS one`)[0]!.one];
    }).catch((error: { code?: unknown }) => error.code);
  const numbers = "SELECT n FROM generate_series(100000, 999999) n";

  test("arrive to the last of them", promptly, async () => expect(await read(numbers)).toEqual([900_000 * 7, 1]));

  test("are given up half way, and the transaction goes on", promptly, async () => {
    const [bytes, one] = (await read(numbers, (so) => so > 100_000)) as number[];
    expect([bytes! < 900_000 * 7, one]).toEqual([true, 1]);
  });

  test("end with the server's error, and the pool works on", promptly, async () => {
    expect(await read("SELECT 1 / (n - 500000) FROM generate_series(1, 900000) n")).toBe("22012");
    await isUsable();
  });

  test("end when the backend does", promptly, async () => {
    let isSignalled = false;
    const code = await read("SELECT n, pg_sleep(0.00001) FROM generate_series(1, 10000000) n", undefined, (tx) => {
      if (isSignalled) return;
      isSignalled = true;
      void sql`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'
        AND query LIKE 'copy (SELECT n, pg_sleep%'`.then(([row]) =>
        signalBackend("pg_terminate_backend", (row as { pid: number }).pid),
      );
      void tx;
    });
    expect(code).toBe("database_unreachable");
    await isUsable();
  });
});

describe("no write outlives its transaction", () => {
  const kept = async () => (await sql`SELECT no FROM probe_writes ORDER BY no`).map(({ no }) => no as number);

  test("a write outside a transaction is refused: sessions are read-only by default", async () => {
    await inTransaction(database.db, (tx) => tx`CREATE TABLE probe_writes (no integer)`);
    await expect(sql`INSERT INTO probe_writes VALUES (1)`).rejects.toMatchObject({ code: "25006" });
    await expect(sql.begin((tx) => tx`INSERT INTO probe_writes VALUES (2)`)).rejects.toMatchObject({ code: "25006" });
    expect(await kept()).toEqual([]);
  });

  test(
    "a callback that goes on after its connection died commits nothing, whatever it swallows",
    promptly,
    async () => {
      const db = connect(database.db.target);
      let goOn = () => {};
      const told = new Promise<void>((resolve) => (goOn = resolve));
      const errors: unknown[] = [];
      const insert = async (tx: Transaction, no: number) => void (await tx`INSERT INTO probe_writes VALUES (${no})`);
      const swallow = (error: { code: string }) => void errors.push(error.code);
      let zombie: Promise<void> | undefined;
      const died = inTransaction(db, (tx) => {
        zombie = (async () => {
          await tx`INSERT INTO probe_writes VALUES (10)`;
          await signalBackend("pg_terminate_backend", await pidOf(tx));
          await told;
          for (const no of [11, 12, 13]) await insert(tx, no).catch(swallow);
        })();
        return zombie;
      });
      await expect(died).rejects.toMatchObject({ kind: "unreachable" });
      await db.sql`SELECT 1`; // a replacement connection is there
      goOn();
      await zombie;
      expect(errors).toEqual(["transaction_over", "transaction_over", "transaction_over"]);
      expect(await kept()).toEqual([]);
      await db.close();
    },
  );
});
