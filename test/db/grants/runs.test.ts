import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { connect, dedicated, inTransaction } from "../../../src/db/database.ts";
import { runGrant, type GrantInput } from "../../../src/domain/grants/run.ts";
import { takeSlot } from "../../../src/db/run-slots.ts";
import { verify } from "../../../src/verification/verify.ts";
import type { Context } from "../../../src/db/context.ts";
import { disconnectAll, plainClient } from "../../support/admin.ts";
import { cloneOf, contextFor, dumpDatabase, testDatabase, testNow, type TestDatabase } from "../../support/database.ts";
import { orderFile, peopleIn, settle, take } from "../orders/scene.ts";
import { until } from "../orders/process.ts";
import { partitionsOf, readsOf, type TableReads } from "../../support/partitions.ts";
import { compiledScript } from "../../support/script.ts";
import { tamper } from "../../support/money/people.ts";
import { importMembers, importOrders } from "../../support/imports.ts";

/** Two hundred members with two paid orders each, none settled. */
const unsettled = await testDatabase();
await peopleIn(unsettled, ["M1"]);
const memberNos = Array.from({ length: 200 }, (_, at) => `K${at}`);
await importMembers(unsettled.context(), {
  input: {
    path: orderFile(
      memberNos.map((no) => `${no},名${no}`),
      "member_no,name",
    ),
  },
});
await take(
  unsettled,
  memberNos.flatMap((no, at) =>
    [1, 2].map((order) => `${no}-${order},${no},S1,${at * order}.37,paid,2026-02-0${order},,,`),
  ),
);

const undisturbed = await cloneOf(unsettled);
const { pointsGranted } = await settle(undisturbed);
const finished = await dumpDatabase(undisturbed.db);
await undisturbed.drop();

let on: TestDatabase;
beforeEach(async () => void (on = await cloneOf(unsettled)));
afterEach(async () => {
  expect((await verify(on.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
  await on.drop();
});

const run = (overrides: Partial<Context> = {}, input: Partial<GrantInput> = {}) =>
  runGrant(on.context(overrides), { businessDate: "2026-03-02", ...input });
const smallChunks = { maxChunkChanges: 20 };
const runs = async () => [
  ...(await on.db.sql`SELECT run_id::integer, status, points_granted FROM grant_runs ORDER BY run_id`),
];
const settledOrders = async () =>
  (await on.db.sql<{ orders: bigint }[]>`SELECT coalesce(sum(orders), 0)::bigint AS orders FROM grant_runs`)[0]!.orders;

/** What a second run brings to an end is what one undisturbed run would have left. */
async function expectRestFinishes(): Promise<void> {
  const before = await settledOrders();
  expect(before > 0n && before < 400n).toBe(true);
  await run();
  expect(await settledOrders()).toBe(400n);
  expect(await dumpDatabase(on.db)).toBe(finished);
}

describe("chunks", () => {
  test.each([7, 399])("of %i rows of the feed leave the same as one", async (maxChunkChanges) => {
    expect(await run({}, { maxChunkChanges })).toMatchObject({ orders: 400n, pointsGranted });
    expect(await dumpDatabase(on.db)).toBe(finished);
  });
});

describe("stopped half way, what is committed stays and the next run does the rest", () => {
  test("kill -9: the next run takes over", async () => {
    const script = compiledScript(`
      import { connect } from "./src/db/database.ts";
      import { targetFromUrl } from "./src/db/url.ts";
      import { runGrant } from "./src/domain/grants/run.ts";
      await runGrant({
        db: connect(targetFromUrl(process.argv[2])), clock: () => new Date(${testNow.getTime()}), operator: { name: "cron", host: "test" }, zone: "Asia/Shanghai",
        signal: new AbortController().signal, onProgress() {}, onNote() {},
      }, { businessDate: "2026-03-02", maxChunkChanges: 2 });`);
    const child = spawn(process.execPath, [script, on.url], { stdio: "inherit" });
    await until(async () => (await settledOrders()) >= 20n);
    child.kill("SIGKILL");
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
    await until(
      async () =>
        (await on.db.sql`SELECT FROM run_slots s JOIN pg_stat_activity a ON a.pid = s.backend_pid`).count === 0,
    );
    const died = await settledOrders();
    expect(died < 400n).toBe(true);
    expect(await run()).toMatchObject({ tookOver: 1n, orders: 400n - died });
    expect((await runs()).map(({ status }) => status as string)).toEqual(["interrupted", "complete"]);
    expect(await dumpDatabase(on.db)).toBe(finished);
  });

  test("its backend terminated", async () => {
    let chunks = 0;
    const other = plainClient(on.url);
    const onProgress = () => {
      chunks += 1;
      if (chunks === 3) void other`SELECT pg_terminate_backend(backend_pid) FROM run_slots`.execute();
    };
    await expect(run({ onProgress }, smallChunks)).rejects.toMatchObject({
      name: "AccrueError",
      code: expect.stringMatching(/^(database_unreachable|grant_run_lost)$/) as string,
    });
    await other.end();
    await expectRestFinishes();
  });

  test("interrupted between two chunks: it says so in its record", async () => {
    const abort = new AbortController();
    let chunks = 0;
    const onProgress = () => {
      chunks += 1;
      if (chunks === 3) abort.abort(new Error("stopped"));
    };
    await expect(run({ onProgress, signal: abort.signal }, smallChunks)).rejects.toThrow("stopped");
    expect((await runs()).map(({ status }) => status as string)).toEqual(["interrupted"]);
    await expectRestFinishes();
  });

  test("dead behind its last chunk: the next run has nothing to do, and puts the record right", async () => {
    await run();
    await tamper(on, async (tx) => {
      await tx`UPDATE grant_runs SET status = 'running', finished_at = NULL`;
      await tx`DELETE FROM operator_actions WHERE action = 'grant.run.complete'`;
      await tx`UPDATE run_slots SET run_id = (SELECT run_id FROM grant_runs), backend_pid = 0, backend_started_at = '2026-01-01', operator = 'cron', host = 'h', taken_at = '2026-01-01'`;
    });
    expect(await run({ ending: "rollback" })).toMatchObject({ orders: 0n });
    expect((await runs()).map(({ status }) => status as string)).toEqual(["running"]);
    expect(await run()).toMatchObject({ runId: undefined, orders: 0n });
    expect((await runs()).map(({ status }) => status as string)).toEqual(["interrupted"]);
    expect([...(await on.db.sql`SELECT run_id FROM run_slots WHERE name = 'grant'`)]).toEqual([{ runId: null }]);
  });

  test("a statement that the server refuses: that chunk is rolled back", async () => {
    await on.db.sql.begin(
      "read write",
      (tx) => tx`ALTER TABLE balances ADD CONSTRAINT poor CHECK (available_points < 60)`,
    );
    await expect(run({}, smallChunks)).rejects.toMatchObject({ code: "23514" });
    await on.db.sql.begin("read write", (tx) => tx`ALTER TABLE balances DROP CONSTRAINT poor`);
    await expectRestFinishes();
  });
});

describe("one run at a time", () => {
  test("two at once: one does the work, the other is told who does", async () => {
    const outcomes = await Promise.allSettled([
      run({}, smallChunks),
      run({}, smallChunks),
      run({ ending: "rollback" }),
    ]);
    const lost = outcomes
      .filter((outcome) => outcome.status === "rejected")
      .map(({ reason }) => reason as { kind: string; code: string });
    for (const { kind, code } of lost) expect({ kind, code }).toEqual({ kind: "busy", code: "grant_run_busy" });
    await run().catch(() => {});
    expect((await runs()).filter(({ status }) => status === "complete").length).toBeGreaterThanOrEqual(1);
    expect(await dumpDatabase(on.db)).toBe(finished);
  });

  test("a living run of another database user is not taken for dead, though the server hides when its session began", async () => {
    const role = `accrue_test_other_${process.pid}`;
    const living = dedicated(on.db);
    try {
      await inTransaction(living, (tx) => takeSlot(tx, "grant", 77n, { name: "amy", host: "desk-1" }, testNow));
      const taken = await inTransaction(
        on.superuser,
        async (tx) => {
          await tx.unsafe(`CREATE ROLE ${role}; GRANT SELECT, UPDATE ON run_slots TO ${role}; SET LOCAL ROLE ${role}`);
          const [seen] =
            await tx`SELECT a.backend_start FROM run_slots s JOIN pg_stat_activity a ON a.pid = s.backend_pid`;
          expect(seen).toEqual({ backendStart: null });
          return takeSlot(tx, "grant", 78n, { name: "bob", host: "desk-2" }, testNow);
        },
        "rollback",
      );
      expect(taken).toBeUndefined();
    } finally {
      await living.close();
    }
  });

  test("a living run's slot is never taken, also between its chunks; a dead one's is", async () => {
    const living = dedicated(on.db);
    await inTransaction(living, (tx) => takeSlot(tx, "grant", 77n, { name: "amy", host: "desk-1" }, testNow));
    const before = await dumpDatabase(on.db);
    await expect(run()).rejects.toMatchObject({
      kind: "busy",
      code: "grant_run_busy",
      message: "another grant run is at work: run 77 of amy on desk-1, since 2026-03-02T04:00:00.000Z",
      details: { run_id: 77, operator: "amy", host: "desk-1" },
    });
    expect(await dumpDatabase(on.db)).toBe(before);
    await living.close();
    await until(
      async () =>
        (await on.db.sql`SELECT FROM run_slots s JOIN pg_stat_activity a ON a.pid = s.backend_pid`).count === 0,
    );
    expect(await run()).toMatchObject({ tookOver: 77n, orders: 400n });
  });

  test("a process id that the system gave out again does not count as alive", async () => {
    await on.db.sql.begin(
      "read write",
      (tx) => tx`
      UPDATE run_slots SET run_id = 78, backend_pid = pg_backend_pid(), backend_started_at = '2026-01-01', operator = 'amy', host = 'h', taken_at = '2026-01-01'`,
    );
    expect(await run()).toMatchObject({ tookOver: 78n, orders: 400n });
  });

  test("a run whose slot somebody else took is lost, and leaves that slot alone", async () => {
    let chunks = 0;
    const onProgress = () => {
      chunks += 1;
      if (chunks === 2) void inTransaction(on.db, (tx) => tx`UPDATE run_slots SET run_id = 99 WHERE name = 'grant'`);
    };
    await expect(run({ onProgress }, smallChunks)).rejects.toMatchObject({ code: "grant_run_lost" });
    expect([...(await on.db.sql`SELECT run_id FROM run_slots WHERE name = 'grant'`)]).toEqual([{ runId: 99n }]);
    await on.db.sql.begin("read write", (tx) => tx`UPDATE run_slots SET backend_pid = 0`);
    // Chunks that take turns hold the slot's row all the time: it may have been taken behind the last of them.
    await run();
    expect(await dumpDatabase(on.db)).toBe(finished);
  });
});

describe("imports at the same time", () => {
  const isWaiting = async () =>
    (await on.db.sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)
      .count > 0;

  /** Holds a lock until the run waits for it, imports a refund meanwhile, and lets the run go on. */
  async function refundWhile(lock: string): Promise<void> {
    const holder = plainClient(on.url);
    let running: Promise<unknown> | undefined;
    await holder.begin(async (tx) => {
      await tx.unsafe(lock);
      running = run();
      await until(isWaiting);
      expect(await take(on, ["K100-1,K100,S1,100.37,paid,2026-02-01,100.37,,"])).toMatchObject({ updated: 1 });
    });
    await running;
    await holder.end();
  }
  const points = async () =>
    (
      await on.db.sql<{ points: bigint }[]>`
    SELECT coalesce(sum(e.available_points), 0)::bigint AS points FROM points_entries e JOIN orders o ON o.member_id = e.member_id AND o.order_id = e.ref_id
    WHERE o.order_no = 'K100-1'`
    )[0]!.points;

  test("a refund that comes in after its order was granted, before the run commits, is clawed back by the next run", async () => {
    await refundWhile("LOCK TABLE balances IN EXCLUSIVE MODE");
    expect(await points()).toBe(21n);
    expect(await run()).toMatchObject({ orders: 1n, pointsClawedBack: 21n });
    expect(await points()).toBe(0n);
  });

  test("a refund that comes in between the choice of orders and the look at their amounts is counted once", async () => {
    await refundWhile("LOCK TABLE points_entries IN ACCESS EXCLUSIVE MODE");
    await run();
    expect(await points()).toBe(0n);
    expect(await run()).toMatchObject({ runId: undefined });
  });
});

describe("what it costs follows the night, not the history", () => {
  const hot = ["orders", "order_keys", "points_entries", "balances", "members", "member_numbers"];

  async function reads(): Promise<ReadonlyMap<string, TableReads>> {
    const other = plainClient(on.url);
    const found = await readsOf(other, hot);
    await other.end();
    return found;
  }

  /** Rows that sequential scans of the hot tables read while `work` was done, on connections of its own. */
  async function scannedBy(
    work: (context: Context) => Promise<unknown>,
    touched: string,
  ): Promise<Record<string, number>> {
    // A session tells the statistics what it did when it ends, or at some time before: so all have to end, before and
    // after.
    const endSessions = () => disconnectAll(inject("testServer").url, new URL(on.url).pathname.slice(1));
    await endSessions();
    const before = await reads();
    const db = connect(on.db.target);
    await work(contextFor(db));
    await db.close();
    await endSessions();
    await until(async () => (await reads()).get(touched)!.keyScans > before.get(touched)!.keyScans);
    const after = await reads();
    return Object.fromEntries(hot.map((table) => [table, after.get(table)!.scanned - before.get(table)!.scanned]));
  }

  const none = Object.fromEntries(hot.map((table) => [table, 0]));

  test("a run over a hundred orders, and the import that brings them, scan no large table", async () => {
    // An analysis that comes by itself would make the first half a second half.
    const parts = await partitionsOf(on.db.sql, hot);
    await on.db.sql.begin("read write", (tx) =>
      tx.unsafe(parts.map((table) => `ALTER TABLE ${table} SET (autovacuum_enabled = false)`).join(";")),
    );
    // Two hundred members fit on two pages, and reading those is cheaper than any index: of a large table it is not.
    const others = Array.from({ length: 5_000 }, (_, at) => `L${at},名${at}`);
    await importMembers(on.context(), { input: { path: orderFile(others, "member_no,name") } });
    const old = Array.from(
      { length: 20_000 },
      (_, at) => `OLD${at},K${at % 200},S1,${at % 500}.00,paid,2026-01-0${1 + (at % 9)},,,`,
    );
    await take(on, old);
    await run();
    const night = Array.from({ length: 100 }, (_, at) =>
      at % 2 === 0 ? `NEW${at},K${at},S1,100.00,paid,2026-03-01,,,` : old[at * 37]!.replace(/,,,$/, ",0.01,,"),
    );
    const path = orderFile(night);
    expect(await scannedBy((context) => importOrders(context, { input: { path } }), "order_keys")).toEqual(none);
    expect(await scannedBy((context) => runGrant(context, { businessDate: "2026-03-02" }), "points_entries")).toEqual(
      none,
    );
    await on.db.sql.begin("read write", (tx) => tx.unsafe("ANALYZE"));
    const more = orderFile(night.map((row) => row.replace(/^NEW/, "NEXT").replace(",0.01,,", ",0.02,,")));
    // Of the two hundred members the planner now knows that they fit on two pages: reading those is cheaper than any
    // index.
    const large = { orders: 0, order_keys: 0, points_entries: 0 };
    expect(await scannedBy((context) => importOrders(context, { input: { path: more } }), "order_keys")).toMatchObject(
      large,
    );
    expect(
      await scannedBy((context) => runGrant(context, { businessDate: "2026-03-02" }), "points_entries"),
    ).toMatchObject(large);
  });
});
