import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { withSharedOptionsBehind } from "../../src/cli/command-line.ts";
import { helpTopics } from "../../src/cli/help-topics.ts";
import { manifest, nouns } from "../../src/cli/manifest.ts";
import { accrue, accrueInProcess } from "../support/cli.ts";

const shared = "--json, --quiet, --operator <name>, --timeout <time>, --read-url <url>, --no-input, --debug";

// No database is given to any of these: help and mistakes need none.

test("help goes to stdout, in each of the ways people ask for it", async () => {
  const asked = await accrueInProcess(["--help"]);
  expect(asked).toMatchObject({ exitCode: 0, stderr: "" });
  for (const args of [["-h"], ["help"]]) expect(await accrueInProcess(args)).toEqual(asked);
  const ofNoun = await accrueInProcess(["member", "--help"]);
  expect(ofNoun.stdout).toContain("freeze");
  expect(await accrueInProcess(["help", "member"])).toEqual(ofNoun);
  const ofVerb = await accrueInProcess(["member", "freeze", "--help"]);
  expect(ofVerb.stdout).toContain("Examples:");
  expect(await accrueInProcess(["help", "member", "freeze"])).toEqual(ofVerb);
});

test("help lists every noun and every plain verb, and fits 100 columns", async () => {
  const { stdout } = await accrueInProcess(["--help"]);
  for (const word of new Set(manifest.map(({ path }) => path[0])))
    expect(stdout).toMatch(new RegExp(`^  ${word}\\s`, "mu"));
  for (const noun of new Set(manifest.filter(({ path }) => path.length === 2).map(({ path }) => path[0]))) {
    expect(stdout).toContain(nouns[noun]);
  }
  for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(100);
});

test("help lists every topic, and shows a topic's text as it stands in its file", async () => {
  const { stdout } = await accrueInProcess(["help"]);
  expect(helpTopics().length).toBeGreaterThan(5);
  for (const { name, summary } of helpTopics()) {
    expect(stdout).toMatch(new RegExp(`^  ${name} +${summary}$`, "mu"));
    expect(await accrueInProcess(["help", name])).toMatchObject({
      exitCode: 0,
      stderr: "",
      stdout: readFileSync(`src/cli/help/${name}.md`, "utf8"),
    });
  }
  // A topic with the name of a command would hide the command's own help.
  expect(helpTopics().filter(({ name }) => manifest.some(({ path }) => path[0] === name))).toEqual([]);
});

test.each([
  [[], "Usage: accrue [options] [command]", "accrue --help"],
  [["member"], "Usage: accrue member [options] [command]", "accrue member --help"],
])("%j: a command is missing, so the help comes on stderr with exit 2", async (args, usage, help) => {
  const result = await accrueInProcess(args);
  expect(result).toMatchObject({ exitCode: 2, stdout: "" });
  expect(result.stderr).toContain(usage);
  expect(result.stderr).toContain(`error: say what to do: a command is missing\nhint: see \`${help}\``);
});

test.each([
  [["membr"], "unknown command 'membr'", "did you mean member? see `accrue --help`"],
  [["member", "freze", "M1"], "unknown command 'freze'", "did you mean freeze? see `accrue member --help`"],
  [
    ["member", "list", "--stauts", "active"],
    "unknown option '--stauts'",
    "did you mean --status? see `accrue member list --help`",
  ],
  [["member", "show"], "missing required argument 'member-no'", "see `accrue member show --help`"],
  [
    ["member", "freeze", "M1", "--reason"],
    "option '--reason <text>' argument missing",
    "see `accrue member freeze --help`",
  ],
  [
    ["member", "list", "surplus"],
    "too many arguments for 'list'. Expected 0 arguments but got 1.",
    "see `accrue member list --help`",
  ],
  [
    ["--limit", "5", "member", "list"],
    "unknown option '--limit'",
    `before the command stand only ${shared}; other options come after it; see \`accrue --help\``,
  ],
  [
    ["settle", "--inbox", "in", "plan"],
    "options of a command come after all of its words: `accrue settle plan …`",
    `before them only ${shared}; see \`accrue settle plan --help\``,
  ],
  [["settle", "staus"], "unknown command 'staus'", "did you mean status? see `accrue settle --help`"],
  [["settle", "staus", "--help"], "unknown command 'staus'", "did you mean status? see `accrue settle --help`"],
  [["--operator", "li", "membr"], "unknown command 'membr'", "did you mean member? see `accrue --help`"],
  [["--quiet"], "say what to do: a command is missing", "see `accrue --help`"],
  [["membr", "--help"], "unknown command 'membr'", "did you mean member? see `accrue --help`"],
  [["help", "fles"], "unknown command 'fles'", "see `accrue --help`"],
  [["help", "member", "freze"], "unknown command 'freze'", "did you mean freeze? see `accrue member --help`"],
])("%j is a usage error that says what to do", async (args, message, hint) => {
  const { exitCode, stdout, stderr } = await accrueInProcess(args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr.slice(stderr.indexOf("error: "))).toBe(`error: ${message}\nhint: ${hint}\n`);
});

test.each([
  [["--json", "member", "list", "--limit", "0"]],
  [["member", "--json", "list", "--limit", "0"]],
  [["--operator", "li", "--json", "member", "list", "--limit=0"]],
  [["member", "list", "--limit", "0", "--json"]],
])("%j: the options of every command work before it, within it and after it", async (args) => {
  const { exitCode, stdout, stderr } = await accrueInProcess(args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(JSON.parse(stderr)).toMatchObject({ error: { code: "invalid_limit" } });
});

test("an option before the command keeps its value, and what stands behind -- is none", () => {
  expect(
    withSharedOptionsBehind(["--operator", "li", "settle", "--json", "schedule", "--cron", "--", "--json"]),
  ).toEqual(["settle", "schedule", "--operator", "li", "--json", "--cron", "--", "--json"]);
  expect(withSharedOptionsBehind(["--operator=li", "settle", "--inbox", "in", "--json"])).toEqual([
    "settle",
    "--operator=li",
    "--inbox",
    "in",
    "--json",
  ]);
});

test("with --json a usage error is one JSON document", async () => {
  for (const args of [
    ["member", "list", "--stauts", "--json"],
    ["member", "lst", "--json"],
  ]) {
    const { stdout, stderr, exitCode } = await accrueInProcess(args);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "usage", hint: expect.stringContaining("--help") } });
  }
});

test("the compiled program tells its version and its help without a database", async () => {
  expect(await accrue(["version"])).toEqual(await accrue(["--version"]));
  expect(JSON.parse((await accrue(["--json", "version"])).stdout)).toEqual({
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/u),
  });
  expect(await accrue(["--version"])).toMatchObject({
    exitCode: 0,
    stderr: "",
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/u),
  });
  expect((await accrue(["--help"])).stdout).toBe((await accrueInProcess(["--help"])).stdout);
});
