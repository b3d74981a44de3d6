import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { scratchDirectory } from "../support/files.ts";
import { fullPlaces } from "../support/full-disk.ts";
import { accrueInProcess } from "../support/cli.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "../support/database.ts";
import { cableTo, gateAt, momentNames, type Cable, type Gate, type Moment } from "./import-scene.ts";
import { isWriting, startAccrue, until } from "../db/orders/process.ts";
import { fullHeader, peopleIn } from "../db/orders/scene.ts";

const template = await testDatabase();
await peopleIn(template);

const order = (no: string, member = "M1") => `${no},${member},S1,10.00,paid,2026-02-01 10:00:00,,,`;
// The sixteenth repeat of a key ends a chunk: so these are several, and each has rejects.
const rows = [
  order("FIRST"),
  order("X1", "M9"),
  ...Array.from({ length: 60 }, (_, at) => [order("AGAIN"), order(`N${at}`)]).flat(),
  order("X2", "M9"),
  order("LAST"),
];
const content = `${[fullHeader, ...rows].join("\n")}\n`;

/** What the database and the rejects file are after a run that nothing disturbed. */
async function undisturbed() {
  const on = await cloneOf(template);
  try {
    const path = freshFile();
    await accrueInProcess(["order", "import", path], { database: on });
    return { dump: await dumpDatabase(on.db), rejects: readFileSync(rejectsOf(path), "utf8") };
  } finally {
    await on.drop();
  }
}

function freshFile(): string {
  const path = join(scratchDirectory(), "orders.csv");
  writeFileSync(path, content);
  return path;
}

const rejectsOf = (path: string): string => path.replace(/\.csv$/, ".rejects.csv");
const wanted = await undisturbed();
const nothing = await dumpDatabase(template.db);

let on: TestDatabase;
let path: string;
let gate: Gate | undefined;
let cable: Cable | undefined;
beforeEach(async () => {
  on = await cloneOf(template);
  path = freshFile();
});
afterEach(async () => {
  await gate?.open();
  await cable?.close();
  gate = cable = undefined;
  await on.drop();
});

/**
 * All of the file is there, or nothing; the same command again makes it all; and then nothing tells that anything
 * happened.
 */
async function expectAllOrNothing(): Promise<"all" | "nothing"> {
  await gate?.open();
  await until(async () => !(await isWriting(on)));
  const dump = await dumpDatabase(on.db);
  const [kept] = await on.db.sql<{ imports: number; rejects: number }[]>`
    SELECT (SELECT count(*)::integer FROM imports) AS imports, (SELECT count(*)::integer FROM import_rejects) AS rejects`;
  const isAll = dump === wanted.dump;
  if (!isAll) expect(dump).toBe(nothing);
  expect(kept).toEqual(isAll ? { imports: 1, rejects: 2 } : { imports: 0, rejects: 0 });
  if (!isAll) expect(existsSync(rejectsOf(path))).toBe(false);
  const again = await accrueInProcess(["order", "import", path, "--json"], { database: on });
  expect(again).toMatchObject({ exitCode: isAll ? 0 : 3 });
  expect(await dumpDatabase(on.db)).toBe(wanted.dump);
  expect(readFileSync(rejectsOf(path), "utf8")).toBe(wanted.rejects);
  expect(readdirSync(dirname(path)).toSorted()).toEqual(["orders.csv", "orders.rejects.csv"]);
  return isAll ? "all" : "nothing";
}

async function startedUpTo(moment: Moment, url = on.url) {
  gate = await gateAt(on, moment);
  const running = startAccrue(["order", "import", path, "--json"], { database: { url } });
  await gate.reached();
  return running;
}

describe.each(momentNames)("an import that is stopped %s", (moment) => {
  const isCommitting = moment === "in the commit";

  const signals = [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const;
  test.each(moment === "while later rows are merged" ? signals : signals.slice(0, 1))(
    "by %s: it ends at the next safe edge",
    async (signal, exit) => {
      const { child, ended } = await startedUpTo(moment);
      let said = "";
      child.stderr.on("data", (text: string) => (said += text));
      child.kill(signal);
      await until(async () => said.includes("stopping at the next safe edge"));
      await gate!.open();
      // A commit that is under way is not called back: the file is in, and the report says so.
      expect((await ended).exit).toBe(isCommitting ? 3 : exit);
      expect(await expectAllOrNothing()).toBe(isCommitting ? "all" : "nothing");
    },
  );

  test("by a signal sent twice: it ends at once", async () => {
    const { child, ended } = await startedUpTo(moment);
    let said = "";
    child.stderr.on("data", (text: string) => (said += text));
    child.kill("SIGINT");
    await until(async () => said.includes("once more stops at once"));
    child.kill("SIGINT");
    expect((await ended).exit).toBe(130);
    expect(await expectAllOrNothing()).toBe(isCommitting ? "all" : "nothing");
  });

  test("by kill -9", async () => {
    const { child, ended } = await startedUpTo(moment);
    child.kill("SIGKILL");
    expect((await ended).exit).toBe("SIGKILL");
    expect(await expectAllOrNothing()).toBe(isCommitting ? "all" : "nothing");
  });

  test("because its session is ended by the server: exit 5", async () => {
    const { ended } = await startedUpTo(moment);
    await gate!.terminate();
    expect(await ended).toMatchObject({
      exit: 5,
      stdout: "",
      stderr: expect.stringContaining('"database_unreachable"') as string,
    });
    expect(await expectAllOrNothing()).toBe("nothing");
  });

  test("because the network is cut: exit 5", async () => {
    cable = await cableTo(on.url);
    const { ended } = await startedUpTo(moment, cable.url);
    cable.cut();
    expect(await ended).toMatchObject({
      exit: 5,
      stdout: "",
      stderr: expect.stringContaining('"database_unreachable"') as string,
    });
    expect(await expectAllOrNothing()).toBe(isCommitting ? "all" : "nothing");
  });

  test("because the server's disk is full: exit 5", async () => {
    gate = await gateAt(on, moment);
    await gate.open();
    await on.db.sql.begin("read write", (tx) =>
      tx.unsafe(`
      CREATE OR REPLACE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = 'disk_full'; END $$`),
    );
    const { exitCode, stderr } = await accrueInProcess(["order", "import", path, "--json"], { database: on });
    expect([exitCode, JSON.parse(stderr)]).toMatchObject([5, { error: { code: "database_out_of_space" } }]);
    await on.db.sql.begin("read write", (tx) => tx.unsafe("DROP FUNCTION wait_at_gate CASCADE"));
    expect(await expectAllOrNothing()).toBe("nothing");
  });
});

test("kill -9 between the commit and the rename: all of it, and the same command again names the rejects file", async () => {
  const { child, ended } = await startedUpTo("in the commit");
  child.kill("SIGSTOP");
  await gate!.open();
  await until(async () => (await on.db.sql`SELECT FROM imports`).count === 1);
  child.kill("SIGKILL");
  await ended;
  expect(existsSync(rejectsOf(path))).toBe(false);
  expect(await expectAllOrNothing()).toBe("all");
});

test.each(fullPlaces)(
  "no room for the rejects, %s: exit 2, nothing is kept, and nothing is left",
  async (_what, within, reason) => {
    const directory = join(dirname(path), "full");
    mkdirSync(directory);
    writeFileSync(
      path,
      `${[fullHeader, order("FIRST"), ...Array.from({ length: 2000 }, (_, at) => order(`R${at}`, "M9"))].join("\n")}\n`,
    );
    const { ended } = startAccrue(["order", "import", path, "--rejects", join(directory, "r.csv"), "--json"], {
      database: on,
      within: within(directory, 16),
    });
    const { exit, stdout, stderr } = await ended;
    expect([exit, stdout, JSON.parse(stderr)]).toMatchObject([
      2,
      "",
      { error: { code: "rejects_unwritable", message: expect.stringContaining(reason) as string } },
    ]);
    expect(readdirSync(directory)).toEqual([]);
    expect(await dumpDatabase(on.db)).toBe(nothing);
    const { exitCode } = await accrueInProcess(["order", "import", path], { database: on });
    expect([exitCode, await on.db.sql`SELECT FROM imports`]).toMatchObject([3, { count: 1 }]);
  },
);
