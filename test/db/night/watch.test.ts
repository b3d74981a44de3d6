import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { watchNight } from "../../../src/cli/commands/settle/night-watch.ts";
import { Session } from "../../../src/cli/session.ts";
import { nightMetrics } from "../../../src/night/night-metrics.ts";
import type { SettlementEvent, SettlementSummary, StepReport } from "../../../src/night/events.ts";
import { busyError, interruptedError, unreachableError } from "../../../src/shared/errors.ts";
import { openLog } from "../../../src/ui/log.ts";
import { Ui } from "../../../src/ui/ui.ts";
import { startAccrue } from "../orders/process.ts";
import { peopleIn, take } from "../orders/scene.ts";
import { Inbox, paid } from "./scene.ts";
import { accrueInProcess, cliEnvironment } from "../../support/cli.ts";
import { cloneOf, testDatabase, testNow } from "../../support/database.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { parseMetrics } from "../../support/metrics.ts";
import { monitor } from "../../support/monitor.ts";
import { fakeStreams } from "../../support/streams.ts";

const database = await testDatabase();
const startedAt = new Date("2026-03-01T16:30:00Z");

const step = (
  stepNo: number,
  name: StepReport["step"],
  seconds: number,
  counts: StepReport["counts"] = {},
): StepReport => ({
  stepNo,
  step: name,
  businessDate: name === "import" ? undefined : "2026-03-01",
  state: "done",
  startedAt,
  seconds,
  counts,
});

const summary: SettlementSummary = {
  runId: 7n,
  state: "complete",
  operator: "cron",
  host: "h",
  startedAt,
  endedAt: new Date("2026-03-01T16:31:00Z"),
  seconds: 60,
  tookOver: undefined,
  closed: ["2026-03-01"],
  files: [
    {
      folder: "orders",
      name: "a.csv",
      outcome: "done",
      path: "/in/done/a.csv",
      read: 10,
      inserted: 7,
      updated: 1,
      duplicate: 0,
      rejected: 2,
      reasons: { member_unknown: 1, 'odd "reason"\\': 1 },
      rejectsFile: "/in/done/a.rejects.csv",
    },
    {
      folder: "orders",
      name: "b.csv",
      outcome: "waiting",
      path: "/in/b.csv",
      reason: "it was changed a moment ago",
      read: 0,
      inserted: 0,
      updated: 0,
      duplicate: 0,
      rejected: 0,
      reasons: {},
    },
  ],
  earlier: [],
  steps: [
    step(1, "import", 12.5),
    step(2, "grant", 30, { orders: 8n, points_granted: 210n, points_clawed_back: 3n }),
    step(3, "expire", 1, { requests: 2, proposals: 1 }),
  ],
  failure: undefined,
};

const failed: SettlementSummary = {
  ...summary,
  state: "failed",
  closed: [],
  steps: summary.steps.slice(0, 1),
  failure: { code: "database_unreachable", message: "the server went away", businessDate: "2026-03-01", step: "grant" },
};

const eventsOf = (told: SettlementSummary): readonly SettlementEvent[] => [
  { type: "run_started", runId: 7n, at: startedAt, tookOver: undefined },
  ...told.files.slice(0, 1).map((file) => ({ type: "file", runId: 7n, at: startedAt, file }) as const),
  ...told.steps.flatMap(({ stepNo, step, businessDate, ...rest }) => [
    { type: "step_started", runId: 7n, at: startedAt, stepNo, step, businessDate } as const,
    { type: "step_ended", runId: 7n, at: startedAt, stepNo, step, businessDate, ...rest } as const,
  ]),
  { type: "run_ended", runId: 7n, at: told.endedAt, summary: told },
];

/** Watches a night that goes as told, and gives what was said on the way. */
async function watch(
  options: Parameters<typeof watchNight>[1],
  night: {
    readonly told?: SettlementSummary;
    readonly error?: unknown;
    readonly exitCode?: number;
    readonly env?: Readonly<Record<string, string>>;
  },
  log = true,
) {
  const streams = fakeStreams();
  const stop = new AbortController();
  const ui = new Ui(streams, {}, { log: log ? openLog(streams.stderr) : undefined }, stop.signal);
  const session = new Session(ui, cliEnvironment({ database, env: night.env ?? {} }), stop, {});
  try {
    const exitCode = await watchNight(session, options, async (onEvent) => {
      for (const event of night.told === undefined ? [] : eventsOf(night.told)) onEvent(event);
      if (night.error !== undefined) throw night.error;
      return night.exitCode ?? 0;
    });
    const stderr = streams.text("stderr");
    return {
      exitCode,
      stderr,
      lines: log
        ? stderr
            .trimEnd()
            .split("\n")
            .map((line) => JSON.parse(line) as Record<string, unknown>)
        : [],
    };
  } finally {
    await session.close();
  }
}

const gone = unreachableError("database_unreachable", "the server went away");

describe("the log of a night", () => {
  test("tells each step with run, date, counts and duration, and sums the night up in its last line", async () => {
    const { exitCode, lines } = await watch({}, { told: summary, exitCode: 3 });
    expect(exitCode).toBe(3);
    expect(lines[0]).toMatchObject({ level: "info", event: "run_started", run_id: 7, msg: "settlement run 7 begins" });
    expect(lines[1]).toMatchObject({ event: "file", file: { name: "a.csv", rejected: 2 } });
    expect(lines.find(({ event, step }) => event === "step_ended" && step === "grant")).toMatchObject({
      run_id: 7,
      step_no: 2,
      business_date: "2026-03-01",
      state: "done",
      seconds: 30,
      counts: { orders: 8, points_granted: 210 },
    });
    expect(lines.at(-1)).toMatchObject({
      level: "info",
      run_id: 7,
      state: "complete",
      exit_code: 3,
      closed: ["2026-03-01"],
      seconds: 60,
      rows: { inserted: 7, rejected: 2 },
      reasons: { member_unknown: 1 },
      points_granted: 210,
      requests_expired: 2,
      proposals_expired: 1,
      step_seconds: { import: 12.5, grant: 30, expire: 1 },
      failure: null,
      msg: "settled 2026-03-01: 8 orders, 210 points granted, 3 clawed back, 2 rows rejected",
    });
  });

  test("of one that failed ends with where and why, behind the error itself", async () => {
    const { exitCode, lines } = await watch({}, { told: failed, error: gone });
    expect(exitCode).toBe(5);
    expect(lines.at(-2)).toMatchObject({ level: "error", error: { code: "database_unreachable" } });
    expect(lines.at(-1)).toMatchObject({
      level: "error",
      state: "failed",
      exit_code: 5,
      failure: { code: "database_unreachable", business_date: "2026-03-01", step: "grant" },
      msg: "the night is not settled: grant of 2026-03-01: the server went away",
    });
  });

  test("is for collectors: a person is told of an error once, with what was done until then, and of no step", async () => {
    expect((await watch({}, { told: failed, error: gone }, false)).stderr).toMatchInlineSnapshot(`
      "settlement run 7: failed
        closed  no date
        took    60 s
      file          outcome  read  inserted  updated  rejected
      orders/a.csv  done       10         7        1         2
      orders/b.csv  waiting     0         0        0         0
      orders/a.csv: 2 rejected, see /in/done/a.rejects.csv
      orders/b.csv is left for next time: it was changed a moment ago
      error: the server went away
      "
    `);
    expect((await watch({}, { told: { ...failed, files: [] }, error: gone }, false)).stderr).toBe(
      "error: the server went away\n",
    );
    expect((await watch({}, { told: summary }, false)).stderr).toBe("");
  });
});

describe("the metrics of a night", () => {
  const read = (path: string) => {
    const samples = parseMetrics(readFileSync(path, "utf8"));
    return (name: string, labels: Record<string, string> = {}) =>
      samples.find((one) => one.name === name && JSON.stringify(one.labels) === JSON.stringify(labels))?.value;
  };

  test("hold its figures, the fund's, and when each step last ended well", async () => {
    const metricsFile = join(scratchDirectory(), "accrue.prom");
    await watch({ metricsFile }, { told: summary });
    const value = read(metricsFile);
    expect(value("accrue_settle_last_run_success")).toBe(1);
    expect(value("accrue_settle_step_last_success_timestamp_seconds", { step: "import" })).toBe(
      startedAt.getTime() / 1000 + 12.5,
    );
    expect(value("accrue_settle_step_duration_seconds", { step: "grant" })).toBe(30);
    expect(value("accrue_settle_rows", { outcome: "rejected" })).toBe(2);
    expect(value("accrue_settle_rejected_rows", { reason: 'odd "reason"\\' })).toBe(1);
    expect(value("accrue_settle_files", { outcome: "waiting" })).toBe(1);
    expect(value("accrue_settle_points_granted")).toBe(210);
    expect(value("accrue_settle_requests_expired")).toBe(2);
    expect(value("accrue_settle_proposals_expired")).toBe(1);
    expect(value("accrue_open_proposals", { kind: "policy" })).toBe(0);
    expect([value("accrue_fund_yuan"), value("accrue_open_withdrawals"), value("accrue_fund_coverage_ratio")]).toEqual([
      0,
      0,
      undefined,
    ]);
  });

  test("are written of a failed night, too, which keeps the times of what went well before", async () => {
    const metricsFile = join(scratchDirectory(), "accrue.prom");
    await watch({ metricsFile }, { told: summary });
    const before = read(metricsFile);
    await watch({ metricsFile }, { error: gone });
    const after = read(metricsFile);
    expect(after("accrue_settle_last_run_success")).toBe(0);
    for (const [name, labels] of [
      ["accrue_settle_last_success_timestamp_seconds", {}],
      ["accrue_settle_step_last_success_timestamp_seconds", { step: "grant" }],
    ] as const) {
      expect(after(name, labels)).toBe(before(name, labels));
      expect(after(name, labels)).toBeGreaterThan(0);
    }
    expect(after("accrue_settle_points_granted")).toBeUndefined();
  });

  test("give coverage and money to the last digit", () => {
    const fund = {
      coverageBps: 9_876,
      cashCoverageBps: 123,
      cashFen: -5n,
      openBills: [{ bucket: "8_30", bills: 1n, openFen: 7n }],
      fundFen: 12_345_678_901_234_567n,
      worthFen: 1n,
      debtsFen: 4n,
      openWithdrawals: 2n,
      openGrossFen: 3n,
    } as never;
    const text = nightMetrics(
      {
        exitCode: 0,
        endedAt: startedAt,
        summary,
        failure: undefined,
        fund,
        history: undefined,
        open: undefined,
        waiting: [{ subjectKind: "policy", proposals: 2n, oldest: startedAt }],
      },
      "",
    );
    expect(text).toContain("\naccrue_fund_coverage_ratio 0.9876\n");
    expect(text).toContain("\naccrue_cash_coverage_ratio 0.0123\n");
    expect(text).toContain('\naccrue_open_bills_yuan{overdue="8_30"} 0.07\n');
    expect(text).toContain("\naccrue_cash_yuan -0.05\n");
    expect(text).toContain("\naccrue_fund_yuan 123456789012345.67\n");
    expect(text).toContain("\naccrue_member_debts_yuan 0.04\n");
    expect(text).toContain('\naccrue_open_proposals{kind="policy"} 2\naccrue_open_proposals{kind="merchant_rate"} 0\n');
    expect(text).toContain(
      `accrue_oldest_open_proposal_timestamp_seconds{kind="policy"} ${startedAt.getTime() / 1000}\n`,
    );
  });

  test("that cannot be written are a warning, and the night is what it was", async () => {
    const metricsFile = join(scratchDirectory(), "no", "such", "directory.prom");
    const { exitCode, lines } = await watch({ metricsFile }, { told: summary });
    expect(exitCode).toBe(0);
    expect(lines.filter(({ level }) => level === "warn")).toMatchObject([
      { msg: `the metrics file ${metricsFile} could not be written: there is no such directory` },
    ]);
  });
});

describe("monitors and hooks", () => {
  const hooks = (directory: string) => ({
    onSuccess: `cat > '${directory}/success'; echo "$ACCRUE_NIGHT_CLOSED" >> '${directory}/success'`,
    onFailure: `cat > '${directory}/failure'; echo "$ACCRUE_NIGHT_FAILURE $ACCRUE_NIGHT_EXIT_CODE" >> '${directory}/failure'`,
  });

  test("are told of a good night, once each", async () => {
    const { url, heard, close } = await monitor();
    const directory = scratchDirectory();
    await watch({ ping: url, ...hooks(directory) }, { told: summary });
    await close();
    expect(heard.map(({ path }) => path)).toEqual(["/secret-check/start", "/secret-check"]);
    expect(heard[0]!.rid).toBe(heard[1]!.rid);
    expect(JSON.parse(heard[1]!.body)).toMatchObject({ run_id: 7, state: "complete", points_granted: 210 });
    const [document = "", dates] = readFileSync(join(directory, "success"), "utf8").split("}2026");
    expect([JSON.parse(`${document}}`), dates]).toEqual([JSON.parse(heard[1]!.body), "-03-01\n"]);
    expect(existsSync(join(directory, "failure"))).toBe(false);
  });

  test("a hook inherits the environment, but nothing that is secret", async () => {
    const file = join(scratchDirectory(), "environment");
    const secrets = {
      DATABASE_URL: `${database.url}?application_name=s3cret`,
      PGPASSWORD: "s3cret",
      ACCRUE_PING_URL: "http://127.0.0.1:1/s3cret",
      ACCRUE_SECRET_KEY: "s3cret",
      ACCRUE_SECRET_KEY_OLD: "s3cret",
      ACCRUE_STRIPE_KEY: "s3cret",
    };
    const harmless = { SLACK_CHANNEL: "#night", ACCRUE_SECRET_KEY_FILE: "/etc/accrue/secret.key" };
    await watch({ onSuccess: `env > '${file}'` }, { told: summary, env: { ...secrets, ...harmless } });
    const inherited = readFileSync(file, "utf8");
    expect(inherited).not.toMatch(/s3cret/u);
    for (const line of [
      "SLACK_CHANNEL=#night",
      "ACCRUE_SECRET_KEY_FILE=/etc/accrue/secret.key",
      "ACCRUE_NIGHT_STATE=complete",
    ])
      expect(inherited).toContain(`${line}\n`);
  });

  test("are told of a failed one, also of one that never began, and of one that was stopped", async () => {
    for (const [night, code] of [
      [{ told: failed, error: gone }, 5],
      [{ error: gone }, 5],
      [{ error: interruptedError("SIGTERM") }, 143],
    ] as const) {
      const { url, heard, close } = await monitor();
      const directory = scratchDirectory();
      expect((await watch({ ping: url, ...hooks(directory) }, night)).exitCode).toBe(code);
      await close();
      expect(heard.at(-1)!.path).toBe("/secret-check/fail");
      expect(JSON.parse(heard.at(-1)!.body)).toMatchObject({ exit_code: code });
      expect(readFileSync(join(directory, "failure"), "utf8")).toContain(` ${code}\n`);
      expect(existsSync(join(directory, "success"))).toBe(false);
    }
  });

  test("hear nothing of a run that found another at work", async () => {
    const { url, heard, close } = await monitor();
    const directory = scratchDirectory();
    const metricsFile = writeScratch("m.prom", "the other's", directory);
    const night = await watch(
      { ping: url, metricsFile, ...hooks(directory) },
      { error: busyError("settlement_busy", "another settlement is at work") },
    );
    await close();
    expect([night.exitCode, heard, readFileSync(metricsFile, "utf8")]).toEqual([75, [], "the other's"]);
    expect(existsSync(join(directory, "failure"))).toBe(false);
  });

  test("hear of any other trouble that exits with 75: a server without room for one more connection", async () => {
    const { url, heard, close } = await monitor();
    const night = await watch({ ping: url }, { error: busyError("database_overloaded", "too many connections") });
    await close();
    expect([night.exitCode, heard.map(({ path }) => path)]).toEqual([75, ["/secret-check/fail"]]);
  });

  test("that fail are warnings, and the night is what it was", async () => {
    const { url, close } = await monitor(() => 500);
    const { exitCode, lines } = await watch({ ping: url, onSuccess: "echo no; exit 4" }, { told: summary });
    await close();
    expect(exitCode).toBe(0);
    expect(lines.filter(({ level }) => level === "warn")).toMatchObject([
      { hook: "echo no; exit 4", problem: "exit code 4", output: "no" },
      { ping: "start" },
      { ping: "success", problem: expect.stringContaining("HTTP 500") as string },
    ]);
    expect(lines.at(-1)).toMatchObject({ state: "complete" });
  });

  test("a URL that cannot be pinged is refused before anything is done", async () => {
    await expect(watch({ ping: "hc-ping.com/x" }, { told: summary })).rejects.toMatchObject({
      code: "invalid_ping_url",
      message: "--ping does not give the URL of a check",
    });
    await expect(watch({}, { told: summary, env: { ACCRUE_PING_URL: "secret" } })).rejects.toMatchObject({
      message: "ACCRUE_PING_URL does not give the URL of a check",
    });
  });

  test("the check may be named by the environment, where no list of processes shows it; an option comes first", async () => {
    const [one, other] = [await monitor(), await monitor()];
    await watch({}, { told: summary, env: { ACCRUE_PING_URL: one.url } });
    await watch({ ping: other.url }, { told: summary, env: { ACCRUE_PING_URL: one.url } });
    await Promise.all([one.close(), other.close()]);
    expect([one.heard.length, other.heard.length]).toEqual([2, 2]);
  });
});

describe("accrue settle", () => {
  test("tells its night to the log, the metrics, the monitor and the hook that it is given", async () => {
    const night = await cloneOf(database);
    await peopleIn(night);
    const inbox = new Inbox();
    inbox.orders("a.csv", [paid("N1", "2026-03-01"), "N2,NOBODY,S1,1.00,paid,2026-03-01 10:00:00,,,"]);
    const { url, heard, close } = await monitor();
    const [metricsFile, proof] = [join(inbox.path, "accrue.prom"), join(inbox.path, "proof.json")];
    const options = [
      "--inbox",
      inbox.path,
      "--metrics-file",
      metricsFile,
      "--ping",
      url,
      "--on-success",
      `cat > '${proof}'`,
      "--log-format",
      "json",
    ];
    const { stdout, stderr, exitCode } = await accrueInProcess(["settle", ...options], {
      database: night,
      now: testNow,
    });
    await close();
    await night.drop();
    expect(exitCode).toBe(3);
    expect(stdout).toContain("2026-03-01       1       21");
    const last = JSON.parse(stderr.trimEnd().split("\n").at(-1)!) as Record<string, unknown>;
    expect(last).toMatchObject({
      state: "complete",
      exit_code: 3,
      closed: ["2026-03-01"],
      points_granted: 21,
      rows: { inserted: 1, rejected: 1 },
    });
    expect(heard.map(({ path }) => path)).toEqual(["/secret-check/start", "/secret-check"]);
    expect(last).toMatchObject(JSON.parse(readFileSync(proof, "utf8")) as Record<string, unknown>);
    const metrics = parseMetrics(readFileSync(metricsFile, "utf8"));
    expect(metrics.find(({ name }) => name === "accrue_fund_coverage_ratio")?.value).toBe(1);
    expect(
      metrics
        .filter(({ name }) => name === "accrue_settle_step_last_success_timestamp_seconds")
        .map(({ labels }) => labels["step"]),
    ).toEqual(["import", "grant", "expire", "verify", "close"]);
  });

  test("killed when all is settled, but before it told anybody: the next run, which has nothing to do, tells it", async () => {
    const night = await cloneOf(database);
    await peopleIn(night);
    await take(night, [paid("N1", "2026-03-01"), "N2,M2,S1,200.00,paid,2026-03-01 10:00:00,,,"]);
    const directory = scratchDirectory();
    const [metricsFile, report] = [join(directory, "accrue.prom"), join(directory, "night.csv")];
    const args = ["settle", "--until", "2026-03-01", "--metrics-file", metricsFile, "--report", report];
    const killing = {
      NODE_OPTIONS: `--import=${pathToFileURL(resolve("test/support/failpoint.mjs")).href}`,
      ACCRUE_FAILPOINT: "rename:1:before",
    };
    expect((await startAccrue(args, { database: night, env: killing }).ended).exit).toBe("SIGKILL");
    expect([existsSync(metricsFile), existsSync(report)]).toEqual([false, false]);
    for (const again of ["once", "and as often as one likes"]) {
      const { exit, stdout } = await startAccrue(args, { database: night }).ended;
      expect([exit, stdout]).toEqual([0, expect.stringContaining("closed  no date: all are closed")]);
      const metrics = new Map(
        parseMetrics(readFileSync(metricsFile, "utf8")).map(({ name, labels, value }) => [
          `${name} ${labels["step"] ?? ""}`,
          value,
        ]),
      );
      expect(metrics.get("accrue_settle_points_granted "), again).toBe(63);
      expect(metrics.get("accrue_settle_dates_closed ")).toBe(1);
      expect(
        ["import", "grant", "expire", "verify", "close"].filter(
          (step) => !metrics.has(`accrue_settle_step_last_success_timestamp_seconds ${step}`),
        ),
      ).toEqual([]);
      expect(readFileSync(report, "utf8")).toContain("2026-03-01,points_by_day,2026-03-01,,points_granted,63\n");
    }
    await night.drop();
  });

  test("without a database fails the check, and says so in the metrics", async () => {
    const { url, heard, close } = await monitor();
    const metricsFile = join(scratchDirectory(), "accrue.prom");
    const { exitCode } = await accrueInProcess(["settle", "--metrics-file", metricsFile, "--ping", url]);
    await close();
    expect(exitCode).toBe(5);
    expect(heard.map(({ path }) => path)).toEqual(["/secret-check/fail"]);
    expect(parseMetrics(readFileSync(metricsFile, "utf8"))).toMatchObject([
      { name: "accrue_settle_last_run_success", value: 0 },
      {},
    ]);
  });
});
