import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, inject, onTestFinished, test } from "vitest";
import { accruePaths } from "../../src/config/paths.ts";
import { play } from "../../src/demo/play.ts";
import { commandLine } from "../../src/demo/story.ts";
import { databasesNamed, dropDatabases, onDatabase, plainClient } from "../support/admin.ts";
import { accrue, accrueInProcess, cliEnvironment } from "../support/cli.ts";
import { emptyDatabaseUrl } from "../support/database.ts";
import { writeScratch } from "../support/files.ts";

/** Where the demo of one test makes its home, so that what it leaves behind can be seen. */
function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), "accrue-demo-test-"));
  if (process.getuid?.() === 0) chmodSync(directory, 0o711); // the embedded server runs as an unprivileged user, who must get through
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

const serverUrl = inject("testServer").ownerUrl;
const own = { url: onDatabase(serverUrl, "postgres") };
const nameOf = (stdout: string) => /accrue_demo_[0-9a-f]{12}/.exec(stdout)?.[0] ?? "no name";
const isThere = async (database: string) => (await databasesNamed(serverUrl, database)).length > 0;

/** Processes with a directory in their command lines: what a demo leaves running has its home there. */
const processesIn = (home: string): string[] =>
  process.platform === "linux"
    ? readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isProcessOf(name, home))
    : [];

function isProcessOf(pid: string, home: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(home);
  } catch {
    return false; // gone meanwhile
  }
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<boolean> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; await sleep(50)) if (await isSo()) return true;
  return false;
}

describe("accrue demo", () => {
  test("on the embedded server: the article's figures, every command as the story has it, and nothing left behind", async () => {
    const directory = temporary();
    const played = await accrue(["demo", "--json"], { env: { DATABASE_URL: undefined, TMPDIR: directory } });
    expect(played).toMatchObject({ exitCode: 0, stderr: "" });
    const document = JSON.parse(played.stdout) as {
      ok: boolean;
      kept: boolean;
      steps: { command: string; exit_code: number; stdout: string; stderr: string }[];
    };
    expect(document).toMatchObject({ ok: true, kept: false, home: null, database: null });
    const said = (line: string, nth = 0) => document.steps.filter(({ command }) => command === `accrue ${line}`)[nth]!;
    expect(said("member statement M1001").stdout).toMatch(/pos 0101-0001 +\+21 .*\n.*pos 0101-0002 +\+32 /);
    expect(said("order show 0101-0002").stdout).toMatch(/clawback +-11/);
    expect(said("withdrawal request --member M1001 --points 100").stdout).toMatch(
      /points +100\n +gross +100\.00 yuan\n +fee +5\.00 yuan \(5%\)\n +net +95\.00 yuan/,
    );
    expect(said("withdrawal approve W00000001 --yes")).toMatchObject({
      exit_code: 4,
      stderr: expect.stringContaining("requested by li.wei, who cannot approve it too") as string,
    });
    expect(said("withdrawal approve W00000001 --yes --operator zhang.min").exit_code).toBe(0);
    expect(said("member statement M1001", 1).stdout).toContain("134 points available, 0 held");
    expect(said("verify").stdout).toContain("verified: all");
    expect(document.steps.filter(({ exit_code }) => exit_code === 3).map(({ command }) => command)).toEqual([
      "accrue order import fixtures/orders-2026-01-02.csv",
      "accrue order import fixtures/orders-2026-01-03.csv",
    ]);
    expect(readdirSync(directory)).toEqual([]);
    expect(processesIn(directory)).toEqual([]);
  });

  test("on a server of one's own: in a database made for it, which stays with --keep and is usable as told", async () => {
    const directory = temporary();
    const played = await accrue(["demo", "--keep"], { database: own, env: { TMPDIR: directory } });
    expect(played).toMatchObject({ exitCode: 0 });
    const name = nameOf(played.stdout);
    onTestFinished(() => dropDatabases(serverUrl, [name]));
    expect(played.stdout).toContain(`in database ${name} on your server, made for it; your own data is not touched.`);
    expect(played.stdout).toContain(
      "$ accrue withdrawal approve W00000001 --yes\n# exit code 4: refused by a rule, nothing changed\n",
    );
    expect(played.stdout).toContain("This demo stays.");
    const [home = ""] = readdirSync(directory);
    expect(played.stdout).toContain(`export ACCRUE_HOME=${join(directory, home)}`);
    expect(existsSync(join(directory, home, "data"))).toBe(false); // no embedded server was needed
    const shown = await accrueInProcess(["withdrawal", "show", "W00000001", "--json"], {
      database: { url: onDatabase(serverUrl, name) },
      env: { ACCRUE_OPERATOR: "li.wei" },
    });
    expect(JSON.parse(shown.stdout)).toMatchObject({
      status: "paid",
      requested_by: "li.wei",
      approved_by: "zhang.min",
      points: 100,
      fee: "5.00",
      net: "95.00",
    });
  });

  test.each(["SIGTERM", "SIGINT", "SIGKILL"] as const)(
    "ended by %s, it leaves neither its files nor its database",
    async (signal) => {
      const directory = temporary();
      const child = spawn(process.execPath, [resolve("bin/accrue.js"), "demo"], {
        env: cliEnvironment({ database: own, env: { TMPDIR: directory } }),
        stdio: ["ignore", "pipe", "ignore"],
      });
      let stdout = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
      const ended = new Promise<number | null>((settle) => child.once("exit", settle));
      expect(await until(() => stdout.includes("$ accrue member import"))).toBe(true);
      child.kill(signal);
      expect(await ended).toBe({ SIGTERM: 143, SIGINT: 130, SIGKILL: null }[signal]);
      expect(await until(async () => readdirSync(directory).length === 0 && !(await isThere(nameOf(stdout))))).toBe(
        true,
      );
      expect(processesIn(directory)).toEqual([]);
    },
  );

  test("a user who may not create databases is told so, and nothing is made", async () => {
    const directory = temporary();
    const url = await emptyDatabaseUrl();
    const role = `accrue_test_nobody_${process.pid}`;
    const sql = plainClient(inject("testServer").url);
    onTestFinished(async () => {
      await sql.unsafe(`DROP ROLE IF EXISTS ${role}`);
      await sql.end();
    });
    await sql.unsafe(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
    const changed = new URL(url);
    changed.username = role;
    changed.password = "secret";
    const refused = await accrue(["demo"], { database: { url: changed.href }, env: { TMPDIR: directory } });
    expect(refused).toMatchObject({ exitCode: 4, stdout: "" });
    expect(refused.stderr).toBe(
      `error: the demo plays in a database of its own, and user ${role} may not create one\n` +
        `hint: \`ALTER ROLE ${role} CREATEDB\`, or unset DATABASE_URL to play on the embedded server\n`,
    );
    expect(readdirSync(directory)).toEqual([]);
  });

  test("a server that is not there, or no URL at all, ends it with the usual error", async () => {
    const directory = temporary();
    const gone = await accrue(["demo"], {
      database: { url: "postgres://nobody@127.0.0.1:1/none" },
      env: { TMPDIR: directory },
    });
    expect(gone).toMatchObject({ exitCode: 5, stdout: "" });
    expect(gone.stderr).toMatch(/^error: cannot reach the database: .*\nhint: .*\n$/);
    expect(readdirSync(directory)).toEqual([]);
    const wrong = await accrue(["demo"], { database: { url: "mysql://localhost/none" } });
    expect(wrong).toMatchObject({ exitCode: 2, stdout: "" });
    expect(wrong.stderr).toContain("the database URL from DATABASE_URL is not a postgres:// URL");
  });

  test("without a directory for temporary files it says what to set", async () => {
    const file = writeScratch("file", "");
    const refused = await accrue(["demo"], { database: own, env: { TMPDIR: join(file, "below") } });
    expect(refused).toMatchObject({ exitCode: 2, stdout: "" });
    expect(refused.stderr).toContain("cannot make a directory for the demo");
    expect(refused.stderr).toContain("hint: set TMPDIR to a directory you may write to");
  });
});

describe("the story", () => {
  test("ends at the first command that ends otherwise than told", async () => {
    const place = {
      home: process.cwd(),
      paths: accruePaths({ ACCRUE_HOME: process.cwd() }, -1),
      server: { url: "postgres://nobody@127.0.0.1:1/none", database: "accrue_demo_none" },
    };
    const seen: string[] = [];
    const audience = {
      isLive: false,
      chapter: () => Promise.resolve(),
      command: (_step: unknown, line: string) => Promise.resolve(void seen.push(line)),
      ended: () => Promise.resolve(),
    };
    const played = await play(place, cliEnvironment({}), new AbortController().signal, audience);
    expect(seen).toEqual(["accrue init"]);
    expect(played).toMatchObject([{ command: "accrue init", exitCode: 5, expectedExitCode: 0 }]);
  });

  test("shows command lines as a shell takes them", () => {
    expect(commandLine(["withdrawal", "reject", "W1", "--reason", "it's late", "--name", "周小川"])).toBe(
      String.raw`accrue withdrawal reject W1 --reason 'it'\''s late' --name 周小川`,
    );
  });
});
