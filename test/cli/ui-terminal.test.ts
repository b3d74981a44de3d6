import { describe, expect, test } from "vitest";
import { widthOf } from "../../src/ui/table.ts";
import { keys, onTerminal, type TerminalOptions, type TerminalSession } from "../support/pty.ts";
import { compiledScript } from "../support/script.ts";

const program = `${process.execPath} ${compiledScript('import "./test/support/ui-probe.mjs";')}`;

const probe = (play: string, options: TerminalOptions = {}): TerminalSession =>
  onTerminal(`${program} ${play}`, options);

const cursorHidden = "\u001b[?25l";
const cursorShown = "\u001b[?25h";

describe("prompts at a terminal", () => {
  test("ask, check as one types, mask what is secret, and give back what was typed", async () => {
    const session = probe("ask");
    await session.expect("Name");
    session.send(keys.enter);
    await session.expect("say something");
    session.send(` 张三 ${keys.enter}`);
    await session.expect("Secret");
    session.send("p4ss word ");
    await session.expect("**********");
    expect(session.screen).not.toContain("p4ss");
    session.send(keys.enter);
    await session.expect("name    张三");
    expect(await session.exit()).toBe(0);
    expect(session.screen).toContain("secret  p4ss word");
  });

  test("go to stderr, so that stdout can go to a file", async () => {
    const session = probe("confirm --json | cat > /dev/null");
    await session.expect("Go on?");
    session.send(`y${keys.enter}`);
    expect(await session.exit()).toBe(0);
    expect(session.screen).not.toContain('{"yes"');
  });

  test.each([
    ["y", "went on"],
    ["n", "did not"],
    ["", "did not"],
  ])("a confirmation takes %j for an answer", async (typed, outcome) => {
    const session = probe("confirm");
    await session.expect("Go on?");
    session.send(typed + keys.enter);
    await session.expect(outcome);
    expect(await session.exit()).toBe(0);
  });

  test("Ctrl-C leaves, with 130 and the cursor as it was", async () => {
    const session = probe("ask");
    await session.expect("Name");
    session.send(keys.ctrlC);
    expect(await session.exit()).toBe(130);
    expect(session.screen).toContain("stopped by SIGINT");
    expect(session.raw.lastIndexOf(cursorShown)).toBeGreaterThanOrEqual(session.raw.lastIndexOf(cursorHidden));
  });

  test("Ctrl-D leaves too, instead of waiting for ever", async () => {
    const session = probe("ask");
    await session.expect("Name");
    session.send(keys.ctrlD);
    expect(await session.exit()).toBe(2);
    expect(session.screen).toContain("the input ended before the question was answered");
  });

  test("SIGTERM ends a question that waits", async () => {
    const session = onTerminal(`sh -c '(sleep 1; kill -TERM $$) & exec ${program} ask'`);
    await session.expect("told to stop");
    await session.exit();
  });

  test("NO_COLOR is honoured", async () => {
    const session = probe("ask", { env: { NO_COLOR: "1" } });
    await session.expect("Name");
    session.send(keys.ctrlC);
    await session.exit();
    expect(session.raw).not.toMatch(/\u001b\[[0-9;]*m/u);
  });

  test("a dumb terminal gets no question and no control sequence", async () => {
    const session = probe("ask", { env: { TERM: "dumb" } });
    expect(await session.exit()).toBe(2);
    expect(session.screen).toContain("give --name");
    expect(session.raw).not.toContain("\u001b");
  });
});

describe("progress at a terminal", () => {
  test("shows rows, rate and time left, and leaves nothing behind but the result", async () => {
    const session = probe("progress 30");
    await session.expect("importing orders");
    await session.expect("s left  3 rejected");
    await session.expect("all done");
    expect(await session.exit()).toBe(0);
    expect(session.screen.trim()).toBe("all done");
    expect(session.raw.lastIndexOf(cursorShown)).toBeGreaterThan(session.raw.lastIndexOf(cursorHidden));
  });

  test("does not swallow Ctrl-C", async () => {
    const session = probe("progress 400");
    await session.expect("importing orders");
    session.send(keys.ctrlC);
    await session.expect("caught Ctrl-C");
    expect(await session.exit()).toBe(130);
    expect(session.raw.lastIndexOf(cursorShown)).toBeGreaterThan(session.raw.lastIndexOf(cursorHidden));
  });

  test("is the same where CI is set, and has no colour under NO_COLOR", async () => {
    const session = probe("progress 10", { env: { CI: "true", NO_COLOR: "1" } });
    await session.expect("importing orders");
    await session.expect("all done");
    await session.exit();
    expect(session.raw).not.toMatch(/\u001b\[[0-9;]*m/u);
  });

  test("into a pipe writes no control sequence at all", async () => {
    const session = probe("progress 10 2>&1 | cat");
    await session.expect("all done");
    await session.exit();
    expect(session.raw).not.toContain("\u001b");
  });
});

test("a table fits 80 columns and is capped, in Chinese too", async () => {
  const session = probe("table", { columns: 80 });
  await session.expect("100 more rows");
  await session.exit();
  for (const line of session.screen.split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(80);
  expect(session.screen).toContain("1234567.89");
  expect(session.raw).toContain("\u001b[1m会员\u001b[22m");
});
