import { spawn } from "node:child_process";
import { describe, expect, test } from "vitest";
import { refusedError } from "../../src/shared/errors.ts";
import { openLog } from "../../src/ui/log.ts";
import { Ui } from "../../src/ui/ui.ts";
import { accrueInProcess } from "../support/cli.ts";
import { testDatabase } from "../support/database.ts";
import { writeScratch } from "../support/files.ts";
import { compiledScript } from "../support/script.ts";
import { fakeStreams } from "../support/streams.ts";

const database = await testDatabase();
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe("--log-format json", () => {
  test("makes every line of stderr a log line, and leaves the result on stdout as it is", async () => {
    const file = writeScratch("merchants.csv", "merchant_code,name\nL1,店\n,无编号\n");
    const plain = await accrueInProcess(["merchant", "import", file, "--dry-run"], { database });
    const { stdout, stderr, exitCode } = await accrueInProcess(
      ["merchant", "import", file, "--max-rejects", "0", "--log-format", "json"],
      { database },
    );
    expect([plain.exitCode, exitCode]).toEqual([3, 4]);
    expect(stdout).not.toContain('"level"');
    expect(linesOf(stderr).at(-1)).toMatchObject({
      level: "error",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/u) as string,
      pid: process.pid,
      error: { code: "too_many_rejects" },
    });
  });

  test("tells a wrong command line as a log line, too, without the help around it", async () => {
    for (const option of [["--log-format", "json"], ["--log-format=json"]]) {
      const { stdout, stderr, exitCode } = await accrueInProcess(["grant", "run", ...option]);
      expect([stdout, exitCode]).toEqual(["", 2]);
      expect(linesOf(stderr)).toMatchObject([
        { level: "error", msg: expect.stringContaining("--business-date") as string, error: { code: "usage" } },
      ]);
    }
  });

  test("knows text and json, and nothing else", async () => {
    const { stderr, exitCode } = await accrueInProcess(["verify", "--log-format", "xml"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("Allowed choices are text, json");
  });
});

test("without a log, an event is told to a person only when it is a warning", () => {
  const streams = fakeStreams();
  const ui = new Ui(streams, {}, {}, new AbortController().signal);
  ui.event("info", { step: "grant" }, "grant begins");
  ui.event("warn", { problem: "gone" }, "the monitor is gone");
  expect(streams.text("stderr")).toBe("the monitor is gone\n");
});

describe("a log line", () => {
  const logged = (tell: (ui: Ui) => void) => {
    const streams = fakeStreams();
    tell(new Ui(streams, {}, { log: openLog(streams.stderr), debug: true }, new AbortController().signal));
    return linesOf(streams.text("stderr"));
  };

  test("has the fields of an event as they are: bigints as integers, or as texts where a number would lie", () => {
    expect(
      logged((ui) =>
        ui.event("warn", { run_id: 7n, huge: 2n ** 60n, counts: { rejected: 2 } }, "two rows were rejected"),
      ),
    ).toMatchObject([
      { level: "warn", run_id: 7, huge: "1152921504606846976", counts: { rejected: 2 }, msg: "two rows were rejected" },
    ]);
  });

  test("is a note, or an error with its code, hint and stack", () => {
    expect(
      logged((ui) => {
        ui.note("line one\nline two");
        ui.error(refusedError("no_luck", "not today", { hint: "tomorrow" }));
      }),
    ).toMatchObject([
      { level: "info", msg: "line one\nline two" },
      {
        level: "error",
        msg: "not today",
        error: { code: "no_luck", hint: "tomorrow", stack: expect.stringContaining("not today") as string },
      },
    ]);
  });

  test("has left the process before its call returns: a kill loses none, however slowly the pipe is read", async () => {
    const script = compiledScript(`
      import { openLog } from "./src/ui/log.ts";
      const log = openLog(process.stderr);
      for (let line = 1; line <= 3000; line += 1) log.write("info", { line }, "x".repeat(100));
      process.kill(process.pid, "SIGKILL");`);
    const child = spawn(process.execPath, [script], { stdio: ["ignore", "ignore", "pipe"] });
    let text = "";
    for await (const piece of child.stderr.setEncoding("utf8")) text += piece as string;
    expect(
      child.signalCode ?? (await new Promise((settle) => child.once("close", (_code, signal) => settle(signal)))),
    ).toBe("SIGKILL");
    expect(linesOf(text).map(({ line }) => line)).toEqual(Array.from({ length: 3000 }, (_, index) => index + 1));
  });
});
