import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inTransaction } from "../../../src/db/database.ts";
import { insertSettlement } from "../../../src/night/record-sql.ts";
import { parseExpectedFile } from "../../../src/night/expected.ts";
import { planSettlement } from "../../../src/night/plan.ts";
import { nightDocument } from "../../../src/night/night-document.ts";
import { fullHeader, peopleIn, take } from "../orders/scene.ts";
import { Inbox, noonOf, paid, settleOn } from "./scene.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, dumpDatabase, testDatabase, testNow, type TestDatabase } from "../../support/database.ts";
import { parseMetrics } from "../../support/metrics.ts";
import { writeScratch } from "../../support/files.ts";
import { monitor } from "../../support/monitor.ts";
import { importOrders } from "../../support/imports.ts";

const people = await testDatabase();
await peopleIn(people);

let on: TestDatabase;
let inbox: Inbox;
beforeEach(async () => {
  on = await cloneOf(people);
  inbox = new Inbox();
});
afterEach(() => on.drop());

const nobody = (orderNo: string) => `${orderNo},NOBODY,S1,1.00,paid,2026-03-01 10:00:00,,,`;
const night = (input = {}, overrides = {}) => settleOn(on, { inbox: inbox.path, ...input }, overrides);
const expecting = (...patterns: readonly string[]) => ({
  expected: patterns.map((pattern) => parseExpectedFile(pattern, "--expect")),
});
const closed = async () =>
  [
    ...(await on.db.sql<
      { businessDate: string }[]
    >`SELECT business_date FROM business_dates WHERE state = 'closed' ORDER BY 1`),
  ].map(({ businessDate }) => businessDate);
const reportOf = (path: string) => JSON.parse(readFileSync(join(inbox.path, path), "utf8")) as Record<string, unknown>;

describe("a file that fails as a whole", () => {
  beforeEach(() => {
    inbox.put("orders/bad.csv", "nothing,known\n1,2\n");
    inbox.orders("good.csv", [paid("A1", "2026-03-01"), nobody("A2")]);
  });

  test("is set aside with its reason, the others are imported, and no date is settled: in this night, nor in the next", async () => {
    await expect(night()).rejects.toMatchObject({
      kind: "refused",
      code: "files_failed",
      message: expect.stringContaining("  orders/bad.csv: csv_missing_column: ") as string,
    });
    expect(inbox.files).toEqual([
      "done/orders/good.csv",
      "done/orders/good.csv.report.json",
      "done/orders/good.rejects.csv",
      "failed/orders/bad.csv",
      "failed/orders/bad.csv.report.json",
    ]);
    expect(reportOf("failed/orders/bad.csv.report.json")).toMatchObject({
      outcome: "failed",
      error: { code: expect.stringMatching(/^csv_/) as string },
    });
    expect(reportOf("done/orders/good.csv.report.json")).toMatchObject({
      rejected: 1,
      reasons: { unknown_member: 1 },
      rejects_file: join(inbox.path, "done/orders/good.rejects.csv"),
    });
    await expect(night({}, { clock: noonOf("2026-03-03") })).rejects.toMatchObject({ code: "files_failed" });
    expect((await planSettlement(on.context(), { inbox: inbox.path })).failed).toMatchObject([
      { folder: "orders", name: "bad.csv" },
    ]);
    expect(await closed()).toEqual([]);
  });

  test("does no harm any more once it has come again, mended and under its name; what the first night took in is told with the date", async () => {
    await expect(night()).rejects.toMatchObject({ code: "files_failed" });
    const later = { clock: () => new Date(testNow.getTime() + 60_000) };
    inbox.orders("bad.csv", [paid("B1", "2026-03-01")]);
    expect((await planSettlement(on.context(), { inbox: inbox.path, quietMs: 0 })).failed).toEqual([]);
    const summary = await night({}, later);
    expect(summary).toMatchObject({
      closed: ["2026-03-01"],
      files: [{ name: "bad.csv", outcome: "done", inserted: 1 }],
      earlier: [{ folder: "orders", name: "good.csv", inserted: 1, rejected: 1 }],
    });
    const document = nightDocument({ exitCode: 0, endedAt: testNow, summary, failure: undefined });
    expect(document).toMatchObject({
      earlier_files: ["orders/good.csv"],
      files: { done: 2 },
      rows: { inserted: 2, rejected: 1 },
      reasons: { unknown_member: 1 },
    });
    expect((await night({}, later)).earlier).toEqual([]);
  });

  test("does not keep the night from telling what a killed run took in", async () => {
    await inTransaction(on.db, async (tx) => {
      await insertSettlement(tx, 0n, on.context().operator, testNow);
      await tx`UPDATE settlement_runs SET state = 'interrupted', ended_at = ${testNow} WHERE run_id = 0`;
    });
    await take(on, [paid("K1", "2026-03-01")]);
    inbox = new Inbox();
    const later = new Date(testNow.getTime() + 60_000);
    const byHand = writeScratch("by-hand.csv", `${fullHeader}\n${paid("H1", "2026-03-01")}\n`);
    await importOrders(on.context({ clock: () => later }), { input: { path: byHand } });
    const { earlier } = await night({}, { clock: () => later });
    expect(earlier).toMatchObject([{ folder: "orders", outcome: "done", inserted: 1 }]);
  });

  test("is no matter when the operator says so", async () => {
    expect(await night({ isIncomplete: true })).toMatchObject({ state: "complete", closed: ["2026-03-01"] });
    expect(await night({}, { clock: noonOf("2026-03-03") })).toMatchObject({ closed: ["2026-03-02"] });
    expect([
      ...(await on.db.sql`SELECT details FROM operator_actions WHERE action = 'settle.close' ORDER BY action_id`),
    ]).toEqual([{ details: { run_id: 1, incomplete: true } }, { details: { run_id: expect.any(Number) as number } }]);
  });

  test("is remembered of a run that was killed before it could say so", async () => {
    await inTransaction(on.db, async (tx) => {
      await insertSettlement(tx, 77n, { name: "cron", host: "db-1" }, testNow);
      await tx`UPDATE settlement_runs SET state = 'interrupted', ended_at = ${testNow}, summary = '{"files": [{"folder": "orders", "name": "lost.csv", "outcome": "failed", "reason": "csv_empty: it is empty"}]}' WHERE run_id = 77`;
    });
    inbox = new Inbox();
    await expect(night()).rejects.toMatchObject({
      code: "files_failed",
      message: expect.stringContaining("orders/lost.csv: csv_empty") as string,
    });
  });

  test("fails the night in every ear: exit code, ping, hook, metrics, status", async () => {
    const { url, heard, close } = await monitor();
    const metricsFile = join(inbox.path, "accrue.prom");
    const at = { database: on, now: testNow, cwd: inbox.path };
    const { exitCode, stderr } = await accrueInProcess(
      [
        "settle",
        "--inbox",
        ".",
        "--ping",
        url,
        "--metrics-file",
        metricsFile,
        "--on-success",
        "touch good",
        "--on-failure",
        "touch bad",
        "--json",
      ],
      at,
    );
    await close();
    expect([exitCode, JSON.parse(stderr)]).toMatchObject([
      4,
      { error: { code: "files_failed", details: { files: [{ file: "orders/bad.csv" }] } } },
    ]);
    expect(heard.map(({ path }) => path)).toEqual(["/secret-check/start", "/secret-check/fail"]);
    expect(inbox.files).toContain("bad");
    expect(inbox.files).not.toContain("good");
    const metrics = parseMetrics(readFileSync(metricsFile, "utf8"));
    expect(metrics.find(({ name }) => name === "accrue_settle_last_run_success")?.value).toBe(0);
    expect(
      metrics.find(({ name, labels }) => name === "accrue_settle_files" && labels["outcome"] === "failed")?.value,
    ).toBe(1);
    const status = JSON.parse((await accrueInProcess(["settle", "status", "--json"], at)).stdout) as Record<
      string,
      unknown
    >;
    expect(status).toMatchObject({
      last_closed: null,
      last_run: { state: "failed", failure: { code: "files_failed" } },
    });
  });
});

describe("rejected rows", () => {
  const rows = (bad: number, good: number) => [
    ...Array.from({ length: bad }, (_, n) => nobody(`N${n}`)),
    ...Array.from({ length: good }, (_, n) => paid(`G${n}`, "2026-03-01")),
  ];

  test.each([
    [10, 0, true],
    [11, 11, true],
    [12, 11, false],
  ])("%i of them beside %i good ones: imported is %s", async (bad, good, isImported) => {
    inbox.orders("a.csv", rows(bad, good));
    if (isImported) expect((await night()).files).toMatchObject([{ outcome: "done", rejected: bad, inserted: good }]);
    else
      await expect(night()).rejects.toMatchObject({
        code: "files_failed",
        message: expect.stringContaining("too_many_rejects") as string,
      });
  });

  test("of a file are as many too many as the operator says", async () => {
    inbox.orders("a.csv", rows(1, 3));
    const { exitCode } = await accrueInProcess(["settle", "--inbox", inbox.path, "--max-rejects", "20%"], {
      database: on,
      now: testNow,
    });
    expect([exitCode, inbox.files]).toEqual([4, ["failed/orders/a.csv", "failed/orders/a.csv.report.json"]]);
  });

  test("of requests are decisions about each, and never too many by themselves", async () => {
    inbox.put(
      "withdrawals/w.csv",
      `request_no,member_no,points\n${Array.from({ length: 20 }, (_, n) => `R${n},NOBODY,10`).join("\n")}\n`,
    );
    expect((await night()).files).toMatchObject([{ outcome: "done", rejected: 20 }]);
  });
});

describe("files that have to come for a date", () => {
  const both = expecting("orders/pos-{date}.csv", "orders/jd-{date}*.csv");

  test("have not: the night is refused before it takes anything in, and says what is missing for which date", async () => {
    await settleOn(on, {}, { clock: noonOf("2026-03-01") });
    inbox.orders("pos-2026-03-01.csv", [paid("A1", "2026-03-01")]);
    inbox.orders("jd-20260301-2.csv.part", [paid("A2", "2026-03-01")]);
    const before = await dumpDatabase(on.db);
    await expect(planSettlement(on.context(), { inbox: inbox.path, ...both })).rejects.toMatchObject({
      code: "expected_files_missing",
    });
    expect(await dumpDatabase(on.db)).toBe(before);
    await expect(night(both)).rejects.toMatchObject({
      kind: "refused",
      code: "expected_files_missing",
      message: "files that have to come for a date have not:\n  2026-03-01: orders/jd-{date}*.csv",
      hint: "run it again when they have come; --incomplete settles and closes without them",
    });
    expect(inbox.files).toEqual(["orders/jd-20260301-2.csv.part", "orders/pos-2026-03-01.csv"]);
    expect([(await on.db.sql`SELECT FROM imports`).count, await closed()]).toEqual([0, ["2026-02-28"]]);
    inbox.orders("jd-20260301-2.csv", [paid("A2", "2026-03-01")]);
    expect(await night(both)).toMatchObject({ closed: ["2026-03-01"] });
  });

  test("are there when an earlier run, or somebody by hand, took them in", async () => {
    await settleOn(on, {}, { clock: noonOf("2026-03-01") });
    const path = inbox.orders("pos-2026-03-01.csv", [paid("A1", "2026-03-01")]);
    expect((await accrueInProcess(["order", "import", path], { database: on, now: testNow })).exitCode).toBe(0);
    inbox = new Inbox();
    expect(await night(expecting("orders/pos-{date}.csv"))).toMatchObject({ closed: ["2026-03-01"] });
  });

  test("for the later one of two dates only: the earlier one can be settled by itself", async () => {
    await settleOn(on, {}, { clock: noonOf("2026-02-28") });
    inbox.orders("pos-2026-02-28.csv", [paid("A1", "2026-02-28")]);
    await expect(night(expecting("orders/pos-{date}.csv"))).rejects.toMatchObject({
      hint: expect.stringContaining("--until 2026-02-28 settles the dates before; ") as string,
    });
    expect(await night({ ...expecting("orders/pos-{date}.csv"), until: "2026-02-28" })).toMatchObject({
      closed: ["2026-02-28"],
    });
  });

  test("are named once for every night by the settings, and --incomplete closes without them; plan and dry run say the same", async () => {
    const at = {
      database: on,
      now: testNow,
      env: { ACCRUE_INBOX: inbox.path, ACCRUE_EXPECT: "orders/pos-{date}.csv members/new-{date}.csv" },
    };
    for (const args of [["settle"], ["settle", "plan"], ["settle", "--dry-run"]]) {
      const { exitCode, stderr } = await accrueInProcess([...args, "--json"], at);
      expect([exitCode, JSON.parse(stderr)], args.join(" ")).toMatchObject([
        4,
        {
          error: {
            code: "expected_files_missing",
            details: {
              missing: [
                { business_date: "2026-03-01", pattern: "orders/pos-{date}.csv" },
                { pattern: "members/new-{date}.csv" },
              ],
            },
          },
        },
      ]);
    }
    expect((await accrueInProcess(["settle", "plan", "--incomplete"], at)).stdout).toContain(
      "orders/pos-{date}.csv has not come for 2026-03-01\n",
    );
    expect((await accrueInProcess(["settle", "--incomplete"], at)).exitCode).toBe(0);
    expect(await closed()).toEqual(["2026-03-01"]);
  });

  test("are told by their names: the date in either form, any characters for *, one for ?, all else as it stands", () => {
    const { isOf } = parseExpectedFile("orders/a+b.{date}-?.*", "--expect");
    expect(
      [
        "a+b.2026-01-31-x.csv",
        "a+b.20260131-1.",
        "a+b.2026-01-30-x.csv",
        "aab.2026-01-31-x.csv",
        "a+bx2026-01-31-x.csv",
        "a+b.2026-01-31-.csv",
      ].map((name) => isOf(name, "2026-01-31")),
    ).toEqual([true, true, false, false, false, false]);
    fc.assert(
      fc.property(fc.stringMatching(/^[^/*?{}]{1,20}$/), fc.string(), (name, other) => {
        const literal = parseExpectedFile(`orders/${name}{date}`, "--expect");
        return (
          literal.isOf(`${name}2026-01-31`, "2026-01-31") &&
          (other === "" || !literal.isOf(`${name}2026-01-31${other}`, "2026-01-31"))
        );
      }),
    );
  });
});

describe("the very first night", () => {
  test("begins with the oldest order of its files: a plan says so, and what is refused has changed nothing", async () => {
    inbox.orders("a.csv", [paid("A1", "2026-02-27"), "A2,M1,S1,1.00,pending,,,,"]);
    inbox.orders("b.csv", [paid("B1", "2025-04-01")]);
    inbox.put("orders/c.csv", "nothing,known\n1,2\n");
    const before = [await dumpDatabase(on.db), inbox.files];
    await expect(planSettlement(on.context(), { inbox: inbox.path })).rejects.toMatchObject({ code: "too_many_dates" });
    expect([await dumpDatabase(on.db), inbox.files]).toEqual(before);
    await expect(night()).rejects.toMatchObject({
      kind: "refused",
      code: "too_many_dates",
      message: expect.stringContaining(
        "335 business dates from 2025-04-01, the oldest order of orders/b.csv, to 2026-03-01",
      ) as string,
    });
    expect([(await on.db.sql`SELECT FROM orders`).count, inbox.files]).toEqual([0, before[1]]);
  });

  test("settles exactly the dates of its plan, whatever of the files is rejected", async () => {
    await take(on, [paid("A1", "2026-02-28")]);
    inbox.orders("a.csv", [
      "A2,NOBODY,S1,1.00,paid,2026-02-25T23:59:59+08:00,,,",
      "A3,M1,S1,1.00,paid,2026-02-26T15:00:00.5Z,,,",
    ]);
    const { dates } = await planSettlement(on.context(), { inbox: inbox.path });
    expect(dates).toEqual(["2026-02-25", "2026-02-26", "2026-02-27", "2026-02-28", "2026-03-01"]);
    expect((await night()).closed).toEqual(dates);
  });
});
