import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stopEmbeddedServer } from "../../src/db/embedded/stop.ts";
import { findServerFiles } from "../../src/db/embedded/layout.ts";
import { serverProcesses, signalQuietly } from "../../src/db/embedded/postmaster.ts";
import { ensureEmbeddedServer } from "../../src/db/embedded/server.ts";
import { socketUrl } from "../../src/db/url.ts";
import { startAccrue } from "../db/orders/process.ts";
import { plainClient } from "./admin.ts";
import { scratchDirectory } from "./files.ts";
import { cleanUpWhenOrphaned, optionsFor } from "./server.ts";

/**
 * A database server of a test's own, for what nobody else may be hurt by. It is a real one in a home of its own; the
 * test stops it.
 */
export class OwnServer {
  readonly #home: string;
  readonly #release: () => void;
  url = "";

  private constructor(home: string) {
    this.#home = home;
    this.#release = cleanUpWhenOrphaned(home);
  }

  /** Starts a server, on data of its own or on what lies in a home. */
  static async start(home = newHome()): Promise<OwnServer> {
    const server = new OwnServer(home);
    await server.start();
    return server;
  }

  /** Starts it again on the same data. */
  async start(): Promise<void> {
    const server = await ensureEmbeddedServer(optionsFor(this.#home));
    this.url = socketUrl({ ...server, host: server.socketDirectory });
  }

  /** Starts it as the program does that needs it, behind a shell script that runs the program as "$@". */
  async startWithin(script: string): Promise<void> {
    const { exit, stderr } = await startAccrue(["db", "url"], {
      env: { ACCRUE_HOME: this.#home, DATABASE_URL: undefined },
      within: script,
    }).ended;
    if (exit !== 0) throw new Error(`the server did not start: ${stderr}`);
  }

  get files() {
    return findServerFiles(optionsFor(this.#home).paths)!;
  }

  get dataDirectory(): string {
    return this.files.data;
  }

  /** `kill -9` of the server and of all its processes at once, as when the power fails. */
  kill(): void {
    // One whose postmaster is gone may end by itself before its turn comes.
    for (const pid of serverProcesses(this.files)) signalQuietly(pid, "SIGKILL");
  }

  async stop(): Promise<void> {
    await stopEmbeddedServer(optionsFor(this.#home));
  }

  /** Stops it for good. */
  async end(): Promise<void> {
    await this.stop();
    this.#release();
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** Lets standbys follow this server; they run as the same account, which may not log in otherwise. */
  async allowStandbys(): Promise<void> {
    const rules = join(this.files.root, "pg_hba.conf");
    writeFileSync(rules, `local replication all trust\n${readFileSync(rules, "utf8")}`); // the first that fits counts
    const admin = plainClient(this.url);
    await admin`SELECT pg_reload_conf()`;
    await admin.end();
  }

  /**
   * Takes a backup of all files while the server works, as pg_basebackup does. Gives a home that a server can be
   * started in.
   */
  async backUp(): Promise<string> {
    const home = newHome();
    const root = join(home, "data", "postgres");
    mkdirSync(root, { recursive: true, mode: 0o711 });
    const copy = join(root, "data");
    const admin = plainClient(this.url);
    await admin`SELECT pg_backup_start('in the middle of a night', fast => true)`;
    execFileSync("cp", ["-a", this.dataDirectory, copy]);
    const [stopped] = await admin<
      { labelfile: string }[]
    >`SELECT labelfile FROM pg_backup_stop(wait_for_archive => false)`;
    await admin.end();
    // The log up to the end of the backup; the rest of the log lies in the copy already.
    execFileSync("cp", ["-a", join(this.dataDirectory, "pg_wal"), copy]);
    writeFileSync(join(copy, "backup_label"), stopped!.labelfile);
    const { uid, gid } = statSync(copy);
    chownSync(join(copy, "backup_label"), uid, gid);
    rmSync(join(copy, "postmaster.pid"));
    return home;
  }
}

export function newHome(): string {
  const home = scratchDirectory();
  chmodSync(home, 0o711); // the server runs as an unprivileged user, who must get through
  return home;
}
