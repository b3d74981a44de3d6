import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { refusedError, usageError } from "../../src/shared/errors.ts";
import { takesColour } from "../../src/ui/colour.ts";
import { Output } from "../../src/ui/output.ts";
import { Ui, type UiOptions } from "../../src/ui/ui.ts";
import { cliEnvironment } from "../support/cli.ts";
import { fakeStreams, type FakeTerminal } from "../support/streams.ts";

const never = new AbortController().signal;

function uiOn(options: UiOptions & { terminal?: FakeTerminal; env?: NodeJS.ProcessEnv; stdin?: string } = {}) {
  const { terminal, env = {}, stdin = "", ...rest } = options;
  const streams = fakeStreams({ stdin, ...(terminal === undefined ? {} : { terminal }) });
  return { ui: new Ui(streams, env, rest, never), streams };
}

describe("colour", () => {
  const terminal = { isTTY: true };
  test.each([
    ["a terminal", terminal, {}, true],
    ["a pipe", {}, {}, false],
    ["a terminal that is dumb", terminal, { TERM: "dumb" }, false],
    ["a terminal under NO_COLOR", terminal, { NO_COLOR: "1" }, false],
    ["a terminal under an empty NO_COLOR", terminal, { NO_COLOR: "" }, true],
    ["a pipe under FORCE_COLOR", {}, { FORCE_COLOR: "1" }, true],
    ["a dumb terminal under FORCE_COLOR", terminal, { TERM: "dumb", FORCE_COLOR: "3" }, true],
    ["a terminal under FORCE_COLOR=0", terminal, { FORCE_COLOR: "0" }, false],
    ["a terminal under FORCE_COLOR=false", terminal, { FORCE_COLOR: "false" }, false],
    ["a pipe under both", {}, { FORCE_COLOR: "1", NO_COLOR: "1" }, false],
  ])("%s: as its variables say", (_name, stream, env, expected) => {
    expect(takesColour(stream, env)).toBe(expected);
  });

  test("is decided for each stream by itself", async () => {
    const streams = fakeStreams({ terminal: {} });
    Object.assign(streams.stdout, { isTTY: false });
    const ui = new Ui(streams, {}, {}, never);
    await ui.show({}, (page) => page.heading("title"));
    ui.error(new Error("no"));
    expect(streams.text("stdout")).toBe("title\n");
    expect(streams.text("stderr")).toContain("\u001b[31m");
  });
});

describe("results", () => {
  test("a document is one line of JSON, with bigints as integers, or as text where a number would lie", async () => {
    const { ui, streams } = uiOn({ json: true });
    await ui.show({ points: 12n, huge: 2n ** 60n, amount: "1.50", none: null }, () => {});
    expect(streams.text("stdout")).toBe('{"points":12,"huge":"1152921504606846976","amount":"1.50","none":null}\n');
  });

  test("a list is one object a line; an empty one is nothing at all", async () => {
    const { ui, streams } = uiOn({ json: true });
    await ui.documents([{ a: 1 }, { a: 2 }]);
    await ui.documents([]);
    expect(streams.text("stdout")).toBe('{"a":1}\n{"a":2}\n');
  });

  test("off a terminal a page has no colour, no width and no row cap", async () => {
    const { ui, streams } = uiOn();
    await ui.show({}, (page) =>
      page.heading("title").table(
        [{ heading: "no" }],
        Array.from({ length: 500 }, (_, no) => [`${no} ${"很长".repeat(60)}`]),
      ),
    );
    expect(streams.text("stdout").split("\n")).toHaveLength(503);
    expect(streams.text("stdout")).not.toMatch(/\u001b|…/u);
  });

  test("a list that never ends is written only as fast as it is read", async () => {
    let made = 0;
    const endless = (async function* () {
      for (;;) yield `${(made += 1)} ${"x".repeat(1000)}\n`;
    })();
    const child = spawn("sleep", ["30"], { stdio: ["pipe", "ignore", "ignore"] });
    const output = new Output(child.stdin as unknown as NodeJS.WriteStream);
    const writing = output.writeAll(endless);
    await sleep(300);
    const madeSoFar = made;
    expect(madeSoFar).toBeLessThan(2000); // a pipe holds 64 KiB, the stream and one batch about as much
    await sleep(300);
    expect(made).toBe(madeSoFar);
    child.kill();
    await writing; // and ends when the reader goes away
    expect(output.failure).toBeUndefined();
  });

  test("a result that cannot be written is an error, although the work is done", async () => {
    const child = spawn("sh", ["-c", `"$0" bin/accrue.js --help > /dev/full; echo "exit $?"`, process.execPath], {
      env: cliEnvironment({}),
    });
    let text = "";
    child.stdout.on("data", (piece: Buffer) => (text += piece.toString()));
    child.stderr.on("data", (piece: Buffer) => (text += piece.toString()));
    await new Promise((settle) => child.once("close", settle));
    expect(text).toContain("error: cannot write the result: ENOSPC");
    expect(text).toContain("only its output is incomplete");
    expect(text).toContain("exit 1");
  });

  test("a reader who has seen enough is no error, on either stream", async () => {
    const run = async (redirection: string) => {
      const child = spawn("bash", ["-c", `set -o pipefail; ${redirection}; echo "exit $?"`, process.execPath], {
        env: cliEnvironment({}),
      });
      let text = "";
      child.stdout.on("data", (piece: Buffer) => (text += piece.toString()));
      await new Promise((settle) => child.once("close", settle));
      return text;
    };
    expect(await run(`"$0" bin/accrue.js --help | true`)).toBe("exit 0\n");
    expect(await run(`"$0" bin/accrue.js nosuch 2>&1 >/dev/null | true`)).toBe("exit 2\n");
  });
});

describe("everything else goes to stderr", () => {
  test("a note is text; with --json off a terminal a JSON line, so that all of stderr can be parsed", () => {
    const text = uiOn();
    text.ui.note("starting\u001b[2J");
    expect(text.streams.said).toEqual([{ to: "stderr", text: "starting\\u001b[2J\n" }]);
    const json = uiOn({ json: true });
    json.ui.note("starting");
    json.ui.error(refusedError("not_enough", "too few points"));
    expect(json.streams.text("stdout")).toBe("");
    const lines = json.streams
      .text("stderr")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      { note: "starting" },
      { error: { code: "not_enough", message: "too few points", hint: null, details: {} } },
    ]);
  });

  test("--quiet leaves out notes and progress, as text, as JSON and in a log, but neither warnings nor results", async () => {
    for (const options of [{ quiet: true }, { quiet: true, json: true }]) {
      const { ui, streams } = uiOn(options);
      ui.note("starting");
      ui.progress({ phase: "importing", done: 1, unit: "rows" });
      ui.event("info", {}, "a step");
      ui.event("warn", {}, "the hook failed");
      await ui.tell((page) => page.line("what a question is about"));
      await ui.show({ ok: true }, (page) => page.line("done"));
      expect(streams.text("stderr")).toBe(
        options.json === true
          ? '{"note":"the hook failed"}\nwhat a question is about\n'
          : "the hook failed\nwhat a question is about\n",
      );
      expect(streams.text("stdout")).not.toBe("");
    }
    const written: string[] = [];
    const log = { write: (level: string, _fields: unknown, text: string) => void written.push(`${level} ${text}`) };
    const { ui } = uiOn({ quiet: true, log });
    ui.note("starting");
    ui.event("info", {}, "a step");
    expect(written).toEqual(["info a step"]);
  });

  test("an error says what happened and what to do; the stack only with --debug, causes included", () => {
    const error = usageError("bad_date", "2026-02-30 is no date", {
      hint: "write it like 2026-03-01",
      cause: new Error("the cause"),
    });
    const short = uiOn();
    short.ui.error(error);
    expect(short.streams.text("stderr")).toBe("error: 2026-02-30 is no date\nhint: write it like 2026-03-01\n");
    const long = uiOn({ debug: true });
    long.ui.error(error);
    expect(long.streams.text("stderr")).toMatch(/at .*ui-streams[\s\S]*caused by: Error: the cause/u);
    const json = uiOn({ debug: true, json: true });
    json.ui.error(error);
    expect(JSON.parse(json.streams.text("stderr"))).toMatchObject({
      error: { code: "bad_date", stack: expect.stringContaining("the cause") },
    });
  });

  test("an error that nobody expected says that it is a bug, and data in a message cannot draw on the screen", () => {
    const { ui, streams } = uiOn();
    ui.error(new TypeError("cannot read \u001b[31mx"));
    ui.error("thrown text");
    expect(streams.text("stderr")).toBe(
      "unexpected error: cannot read \\u001b[31mx\nhint: this is a bug in accrue: run it again with --debug and report what it prints\n" +
        "unexpected error: thrown text\nhint: this is a bug in accrue: run it again with --debug and report what it prints\n",
    );
  });
});

describe("where nobody can answer", () => {
  test.each([
    ["off a terminal", {}],
    ["with --no-input", { terminal: {}, input: false }],
    ["on a dumb terminal", { terminal: {}, env: { TERM: "dumb" } }],
  ])("%s a question is a usage error that names the flag", async (_name, options) => {
    const { ui, streams } = uiOn(options);
    expect(ui.interactive).toBe(false);
    await expect(ui.ask({ message: "Name" }, "--name")).rejects.toMatchObject({
      kind: "usage",
      code: "missing_answer",
      hint: "give --name",
    });
    await expect(ui.confirm("Go on?")).rejects.toMatchObject({
      kind: "usage",
      code: "confirmation_needed",
      hint: "give --yes",
    });
    expect(streams.said).toEqual([]);
  });

  test("standard input is read whole", async () => {
    const { ui } = uiOn({ stdin: "密码\n" });
    expect(await ui.readStdin()).toBe("密码\n");
  });
});
