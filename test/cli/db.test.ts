import { chmodSync, chownSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hiddenAddress, maskUrl } from "../../src/config/mask-url.ts";
import { connect } from "../../src/db/database.ts";
import { targetFromUrl } from "../../src/db/url.ts";
import { formatBytes } from "../../src/shared/bytes.ts";
import { accrue, accrueInProcess } from "../support/cli.ts";
import { emptyDatabaseUrl, testDatabase } from "../support/database.ts";
import { scratchDirectory, writeScratch } from "../support/files.ts";
import { transcript } from "../support/transcript.ts";

const database = await testDatabase();

describe("with a server of one's own", () => {
  test("db status tells which database, which versions and how large", async () => {
    const { stdout, exitCode } = await accrueInProcess(["db", "status", "--json"], { database });
    expect(exitCode).toBe(0);
    const document = JSON.parse(stdout) as { schema: { applied: number; needed: number } };
    expect(document).toMatchObject({
      server: "external",
      state: "running",
      origin: "DATABASE_URL",
      version: expect.stringMatching(/^\d+\.\d+/u),
      database: expect.stringMatching(/^accrue_test_/u),
      size_bytes: expect.any(Number),
      schema: { state: "current" },
    });
    expect(document.schema.applied).toBe(document.schema.needed);
    expect((await accrueInProcess(["db", "status"], { database })).stdout).toMatch(
      /server +named by DATABASE_URL\n[\s\S]*schema +version \d+\n/u,
    );
  });

  test("db status of a database without a schema names the command to run", async () => {
    const { stdout } = await accrueInProcess(["db", "status"], { database: { url: await emptyDatabaseUrl() } });
    expect(stdout).toContain("none yet: run `accrue init`");
  });

  test("db status of an unreachable server exits 5", async () => {
    expect(await transcript(["accrue db status"], { env: { DATABASE_URL: "postgres://me:secret@127.0.0.1:1/accrue" } }))
      .toMatchInlineSnapshot(`
      "
      $ accrue db status
      ! error: cannot reach the database: connect ECONNREFUSED 127.0.0.1:1
      ! hint: what was open is rolled back; check that the server runs (if not, its log says why: a full disk ends it, too) and DATABASE_URL is right, then run the same command again
      [exit 5]
      "
    `);
  });

  test("db stop is refused: it is not accrue's to stop", async () => {
    expect(await transcript(["accrue db stop"], { database })).toMatchInlineSnapshot(`
      "
      $ accrue db stop
      ! error: the server that DATABASE_URL names is not accrue's to stop
      ! hint: only the embedded server is stopped here; stop another one where it runs
      [exit 4]
      "
    `);
  });

  test("db url hides the password", async () => {
    const result = await accrueInProcess(["db", "url"], {
      env: { DATABASE_URL: "postgres://me:se@cret@db.example/accrue?sslpassword=x" },
    });
    expect(result).toMatchObject({
      exitCode: 0,
      stdout: "postgres://me:***@db.example/accrue?sslpassword=***\n",
      stderr: "",
    });
  });
});

describe("with the embedded server", () => {
  test("status starts nothing, any other command does, stop stops it", async () => {
    const home = scratchDirectory();
    chmodSync(home, 0o711); // as root, the server runs as another user, who must get through
    const env = { DATABASE_URL: undefined, ACCRUE_HOME: home };
    const status = async () =>
      JSON.parse((await accrue(["db", "status", "--json"], { env })).stdout) as Record<string, unknown>;
    expect(await status()).toMatchObject({ server: "embedded", state: "absent" });
    expect(await accrueInProcess(["db", "stop"], { env })).toMatchObject({
      exitCode: 0,
      stdout: "the embedded server is not running; nothing to do\n",
    });
    expect(await accrue(["init"], { env })).toMatchObject({ exitCode: 0 });
    try {
      expect(await status()).toMatchObject({
        state: "running",
        pid: expect.any(Number),
        url: expect.stringContaining("postgres://accrue@localhost:5432/accrue?host=/"),
      });
      expect((await accrue(["doctor"], { env })).exitCode).toBe(0);
      const { url } = (await status()) as { url: string };
      const other = connect(targetFromUrl(url)!);
      await other.sql`SELECT 1`;
      const refused = await accrue(["db", "stop", "--json"], { env });
      expect([refused.exitCode, JSON.parse(refused.stderr)]).toMatchObject([
        75,
        {
          error: {
            code: "server_in_use",
            message: expect.stringMatching(
              /^another session is at work on the embedded server: accrue \(process \d+, since /u,
            ) as string,
            details: { sessions: [{ application: "accrue" }] },
          },
        },
      ]);
      expect(await status(), "it is as it was").toMatchObject({ state: "running" });
      expect(await accrue(["db", "stop", "--force"], { env })).toMatchObject({
        exitCode: 0,
        stdout: "the embedded server is stopped\n",
      });
      await other.close();
      expect((await accrue(["doctor"], { env })).exitCode).toBe(0);
    } finally {
      expect(await accrue(["db", "stop"], { env })).toMatchObject({
        exitCode: 0,
        stdout: "the embedded server is stopped\n",
      });
    }
    expect(await status()).toMatchObject({ state: "stopped", data_directory_bytes: expect.any(Number) });
    expect((await accrueInProcess(["db", "status"], { env })).stdout).toContain(
      "the embedded server is stopped; the next command starts it",
    );
  });
});

describe("config show", () => {
  const origins = async (args: readonly string[], env: Record<string, string | undefined>) => {
    const { stdout } = await accrueInProcess(["config", "show", "--json", ...args], { env });
    const { settings } = JSON.parse(stdout) as { settings: { name: string; value: string; origin: string }[] };
    return Object.fromEntries(settings.map(({ name, value, origin }) => [name, { value, origin }]));
  };

  test("names each setting's origin: flag before environment before file before default", async () => {
    const home = scratchDirectory();
    const file = writeScratch(
      "config.json",
      JSON.stringify({ operator: "from.file", database_url: "postgres://f:pw@file/db" }),
      home,
    );
    const bare = { ACCRUE_HOME: home, DATABASE_URL: undefined, ACCRUE_OPERATOR: undefined };
    expect(await origins([], bare)).toMatchObject({
      database_url: { value: "postgres://f:***@file/db", origin: file },
      operator: { value: "from.file", origin: file },
      settings_file: { value: file, origin: "ACCRUE_HOME" },
    });
    expect(await origins([], { ...bare, PGHOST: "pg.example" })).toMatchObject({
      database_url: { value: "(as PGHOST, PGDATABASE … say)", origin: "PG*" },
    });
    expect(
      await origins([], {
        ...bare,
        PGHOST: "pg.example",
        DATABASE_URL: "postgres://e:pw@env/db",
        ACCRUE_OPERATOR: "from.env",
      }),
    ).toMatchObject({
      database_url: { value: "postgres://e:***@env/db", origin: "DATABASE_URL" },
      operator: { value: "from.env", origin: "ACCRUE_OPERATOR" },
    });
    expect(await origins([], { ...bare, ACCRUE_PING_URL: "https://hc-ping.com/secret" })).toMatchObject({
      ping_url: { value: "(set)", origin: "ACCRUE_PING_URL" },
    });
    expect(await origins(["--operator", "from.flag"], bare)).toMatchObject({
      operator: { value: "from.flag", origin: "--operator" },
    });
    expect(await origins([], { ...bare, ACCRUE_HOME: undefined, XDG_CONFIG_HOME: "/x" })).toMatchObject({
      database_url: { value: "(the embedded server)", origin: "default" },
      settings_file: { value: "/x/accrue/config.json (not there)", origin: "XDG_CONFIG_HOME" },
    });
  });

  test.each([
    ["not JSON", "{", "settings_invalid"],
    ["not an object", "[]", "settings_invalid"],
    ["a misspelt key", '{"operater": "x"}', "settings_invalid"],
    ["a number where a text belongs", '{"operator": 7}', "settings_invalid"],
  ])("a settings file that is %s is refused, with its path", async (_what, content, code) => {
    const home = scratchDirectory();
    const file = writeScratch("config.json", content, home);
    const { stderr, exitCode } = await accrueInProcess(["config", "show", "--json"], { env: { ACCRUE_HOME: home } });
    expect(exitCode).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code, message: expect.stringContaining(file) } });
  });

  test("hides all of a database's address that is no URL", async () => {
    const env = { DATABASE_URL: "host=db.example user=me password=secret" };
    expect(await origins([], env)).toMatchObject({ database_url: { value: hiddenAddress, origin: "DATABASE_URL" } });
  });

  test.each([0o622, 0o666, 0o664])(
    "a settings file that others can write to (mode %o) is refused, whatever it holds",
    async (mode) => {
      const home = scratchDirectory();
      const file = writeScratch("config.json", "{}", home);
      chmodSync(file, mode);
      const { stderr, exitCode } = await accrueInProcess(["config", "show"], { env: { ACCRUE_HOME: home } });
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`others can write to the settings file ${file} (mode 0${mode.toString(8)}, owner `);
      expect(stderr).toContain(`chmod 600 ${file}`);
    },
  );

  test.runIf(process.getuid?.() === 0)(
    "a settings file that belongs to somebody else is refused: its owner can write to it",
    async () => {
      const home = scratchDirectory();
      const file = writeScratch("config.json", "{}", home);
      chownSync(file, 65534, 65534);
      const { stderr, exitCode } = await accrueInProcess(["config", "show", "--json"], { env: { ACCRUE_HOME: home } });
      expect(exitCode).toBe(2);
      expect(JSON.parse(stderr)).toMatchObject({
        error: { code: "settings_exposed", hint: expect.stringContaining("chown") },
      });
    },
  );

  test.each<[string, object, number, boolean]>([
    ["a password, readable by its group", { database_url: "postgres://me:secret@h/db" }, 0o640, true],
    ["the URL of a check, readable by all", { ping_url: "https://hc-ping.com/secret" }, 0o644, true],
    ["a password, private", { database_url: "postgres://me:secret@h/db" }, 0o600, false],
    ["no secret, readable by all", { database_url: "postgres://me@h/db", operator: "li.wei" }, 0o644, false],
  ])("of a settings file with %s, each command warns or does not, and works", async (_what, content, mode, warns) => {
    const home = scratchDirectory();
    const file = writeScratch("config.json", JSON.stringify(content), home);
    chmodSync(file, mode);
    const { stderr, exitCode } = await accrueInProcess(["config", "show"], { env: { ACCRUE_HOME: home } });
    expect(exitCode).toBe(0);
    expect(stderr).not.toContain("/secret");
    expect(stderr.startsWith(`warning: others can read the settings file ${file} (mode 0${mode.toString(8)})`)).toBe(
      warns,
    );
  });

  test("a database URL that is none is refused by what needs it, without repeating it", async () => {
    const { stderr, exitCode } = await accrueInProcess(["db", "status"], {
      env: { DATABASE_URL: "mysql://me:secret@host/db" },
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("the database URL from DATABASE_URL is not a postgres:// URL");
    expect(stderr).not.toContain("secret");
  });
});

test.each([
  ["postgres://me:secret@h/db", "postgres://me:***@h/db"],
  ["postgres://me:se@c:ret@h:5432/db?x=1", "postgres://me:***@h:5432/db?x=1"],
  ["postgres://me@h/db?password=secret&sslpassword=s2", "postgres://me@h/db?password=***&sslpassword=***"],
  ["postgres://h/db", "postgres://h/db"],
  ["postgres://:secret@h/db", "postgres://:***@h/db"],
  ["postgresql://me:sec/r?e#t@a:1,b:2/db", "postgresql://me:***@a:1,b:2/db"],
  [
    "postgres://me@h/db?pass%77ord=secret&%=secret&sslmode=require",
    "postgres://me@h/db?pass%77ord=***&%=***&sslmode=require",
  ],
  ["host=h user=me password='se cret' dbname=db", hiddenAddress],
  ["mysql://me:secret@h/db", hiddenAddress],
  [" postgres://me:secret@h/db", hiddenAddress],
  ["secret", hiddenAddress],
])("%s is shown as %s", (url, shown) => {
  expect(maskUrl(url)).toBe(shown);
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [8_763_071, "8.4 MiB"],
  [3 * 1024 ** 4, "3 TiB"],
])("%d bytes are shown as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
