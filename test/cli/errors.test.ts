import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exitCodeOf } from "../../src/cli/exit-codes.ts";
import { toAccrueError } from "../../src/db/errors.ts";
import { AccrueError } from "../../src/shared/errors.ts";
import { accrue, accrueInProcess } from "../support/cli.ts";
import { testDatabase } from "../support/database.ts";
import { scratchDirectory, writeScratch } from "../support/files.ts";

const database = await testDatabase();

const run = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const { stderr, exitCode } = await accrueInProcess([...args, "--json"], { database, env });
  const lines = stderr.trim().split("\n");
  const { error } = JSON.parse(lines.at(-1)!) as { error?: { code: string; message: string; hint: string | null } };
  return { exitCode, code: error?.code, message: error?.message, hint: error?.hint };
};

const prepare = async (...commands: readonly (readonly string[])[]) => {
  for (const args of commands) expect(await accrueInProcess(args, { database })).toMatchObject({ exitCode: 0 });
};

describe("every refusal has a code for scripts, a reason and a way out", () => {
  test.each<[args: readonly string[], exitCode: number, code: string, message: string]>([
    [["settle", "--wait", "ten minutes"], 2, "invalid_duration", "--wait ten minutes: no length of time"],
    [["grant", "show", "999"], 4, "grant_run_unknown", "there is no grant run 999"],
    [
      ["order", "import", "a.csv", "b.csv", "--rejects", "r.csv"],
      2,
      "rejects_path_ambiguous",
      "--rejects names one file, and there are several files to import",
    ],
    [["order", "list", "--limit", "0"], 2, "invalid_limit", "--limit 0: give a number from 1 to 10000"],
    [
      ["member", "list", "--operator", "a\u0000b"],
      2,
      "invalid_operator",
      "an operator's name takes printable characters only",
    ],
    [
      ["member", "list", "--verified", "--unverified"],
      2,
      "conflicting_options",
      "--verified and --unverified exclude each other",
    ],
    [["product", "list", "--after", "S001"], 2, "invalid_after", "--after S001 names no product"],
    [["merchant", "set-rate", "S1", "1", "--reason", "x"], 2, "invalid_rate", "1"],
    [["order", "correct", "O1", "--reason", "x"], 2, "nothing_to_correct", "say what is to be corrected"],
    [["order", "correct", "O1", "--paid-at", "noon", "--reason", "x"], 2, "invalid_time", "--paid-at: "],
    [["db", "stop"], 4, "server_not_embedded", "server"],
  ])("%j", async (args, exitCode, code, message) => {
    const said = await run(args);
    expect(said).toMatchObject({ exitCode, code });
    expect(said.message).toContain(message);
  });

  test("a noun alone prints what it can do, and is a usage error", async () => {
    const { stderr, stdout, exitCode } = await accrueInProcess(["grant"], { database });
    expect([stdout, exitCode]).toEqual(["", 2]);
    expect(stderr).toContain("error: say what to do: a command is missing\nhint: see `accrue grant --help`"); // missing_command
  });

  test("what is so already ends well, and says that nothing was changed; a suspension from another time is refused", async () => {
    const merchants = writeScratch("merchants.csv", "merchant_code,name\nE1,店\n");
    await prepare(
      ["merchant", "import", merchants],
      ["member", "register", "--member-no", "E1", "--name", "张三", "--no-input"],
      ["member", "verify-identity", "E1"],
    );
    const again = async (...args: string[]) => {
      const { exitCode, stdout } = await accrueInProcess([...args, "--json"], { database });
      return { exitCode, changed: (JSON.parse(stdout) as { changed: boolean }).changed };
    };
    expect(await again("member", "verify-identity", "E1")).toEqual({ exitCode: 0, changed: false });
    expect(await again("member", "unfreeze", "E1")).toEqual({ exitCode: 0, changed: false });
    expect(await again("merchant", "approve", "E1")).toEqual({ exitCode: 0, changed: false });
    expect(await again("merchant", "suspend", "E1")).toEqual({ exitCode: 0, changed: true });
    expect(await again("merchant", "suspend", "E1")).toEqual({ exitCode: 0, changed: false });
    expect(await run(["merchant", "suspend", "E1", "--from", "2026-01-01"])).toMatchObject({
      exitCode: 4,
      code: "merchant_already_suspended",
    });
  });

  test("an order number that two sources have needs its source", async () => {
    await prepare(["member", "register", "--member-no", "E2", "--name", "李四", "--no-input"]);
    const merchants = writeScratch("merchants.csv", "merchant_code,name\nE2,店\n");
    const orders = writeScratch(
      "orders.csv",
      "order_no,member_no,merchant_code,amount,source\n7,E2,E2,1,jd\n7,E2,E2,1,pos\n",
    );
    await prepare(["merchant", "import", merchants], ["order", "import", orders]);
    expect(await run(["order", "show", "7"])).toMatchObject({
      exitCode: 2,
      code: "order_ambiguous",
      hint: "give --source",
    });
  });

  test("a settings file that cannot be read, and a URL that is none", async () => {
    const home = scratchDirectory();
    mkdirSync(join(home, "config.json"));
    expect(await run(["member", "list"], { ACCRUE_HOME: home })).toMatchObject({
      exitCode: 2,
      code: "settings_unreadable",
    });
    expect(await run(["member", "list"], { DATABASE_URL: "mysql://here/db" })).toMatchObject({
      exitCode: 2,
      code: "invalid_database_url",
    });
  });

  test("a database that does not exist: exit 5, and where to look", async () => {
    const other = new URL(database.url);
    other.pathname = "/no_such_database";
    expect(await run(["member", "list"], { DATABASE_URL: other.href })).toMatchObject({
      exitCode: 5,
      code: "database_refused_login",
    });
  });

  test("a demo without a place to play", async () => {
    const { exitCode, stderr } = await accrue(["demo", "--json"], {
      database,
      env: { TMPDIR: "/proc/no-such-directory" },
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('"demo_home_unusable"');
  });
});

describe("what the server answers becomes one of a few kinds", () => {
  test.each([
    ["28P01", "database_refused_login", 5],
    ["3D000", "database_refused_login", 5],
    ["53100", "database_out_of_space", 5],
    ["53200", "database_out_of_space", 5],
    ["53400", "database_out_of_space", 5],
    ["53300", "database_overloaded", 75],
    ["55P03", "database_contention", 75],
    ["40001", "database_contention", 75],
    ["40P01", "database_contention", 75],
    ["57014", "database_timeout", 75],
    ["25006", "database_read_only", 5],
    ["42P01", "schema_mismatch", 6],
    ["42501", "database_forbidden", 4],
    ["57P01", "database_unreachable", 5],
    ["08006", "database_unreachable", 5],
    ["ECONNREFUSED", "database_unreachable", 5],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "database_untrusted", 5],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "database_untrusted", 5],
  ])("SQLSTATE or system error %s: %s, exit %i", (state, code, exitCode) => {
    const error = toAccrueError(Object.assign(new Error("as the server says it"), { code: state }));
    expect(error).toBeInstanceOf(AccrueError);
    expect(error).toMatchObject({ code, message: expect.stringContaining("as the server says it") as string });
    expect(exitCodeOf(error)).toBe(exitCode);
  });

  test("anything else stays what it is: a bug, exit 1", () => {
    const error = Object.assign(new Error("duplicate key"), { code: "23505" });
    expect(toAccrueError(error)).toBe(error);
    expect(exitCodeOf(error)).toBe(1);
  });
});

/** Codes whose tests look at the words that a person sees, on a terminal or in a log. */
const toldInWords: Readonly<Record<string, string>> = {
  output_failed: "cannot write the result",
  server_too_old: "accrue needs 15 or newer",
  demo_database_refused: "may not create one",
  no_answer: "the input ended before the question was answered",
};

test("no error code is without a test that names it", () => {
  const textsIn = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .join("\n");
  const codes = new Set(
    [...textsIn("src").matchAll(/(?:usage|refused|unreachable|schema|busy)Error\(\s*"([a-z_]+)"/gu)].map(
      ([, code]) => code!,
    ),
  );
  const tests = textsIn("test").replace(/const toldInWords[^}]*\}/u, "");
  expect(codes.size).toBeGreaterThan(80);
  expect([...codes].filter((code) => !tests.includes(toldInWords[code] ?? code))).toEqual([]);
});
