import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chownSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { accountForData } from "../../src/db/embedded/account.ts";
import { findServerFiles } from "../../src/db/embedded/layout.ts";
import { findServerPackage, installRuntime, programOptions } from "../../src/db/embedded/programs.ts";
import { onDatabase, plainClient } from "./admin.ts";
import type { OwnServer } from "./own-server.ts";
import { optionsFor } from "./server.ts";

/** A hot standby of a test's own server, which follows it over streaming replication; the test ends it. */
export class Standby {
  readonly url: string;
  readonly #home: string;
  readonly #process: ChildProcess;

  private constructor(url: string, home: string, process: ChildProcess) {
    this.url = url;
    this.#home = home;
    this.#process = process;
  }

  static async of(primary: OwnServer): Promise<Standby> {
    await primary.allowStandbys();
    const home = await primary.backUp();
    const { data } = findServerFiles(optionsFor(home).paths)!;
    const sockets = new URL(primary.url).searchParams.get("host")!;
    const [conf, signal] = [join(data, "postgresql.auto.conf"), join(data, "standby.signal")];
    appendFileSync(conf, `primary_conninfo = 'host=${sockets} user=accrue'\nhot_standby_feedback = on\n`);
    writeFileSync(signal, "");
    const { uid, gid } = statSync(data);
    chownSync(signal, uid, gid);
    const runtime = await installRuntime(findServerPackage(import.meta.url), primary.files);
    const settings = ["listen_addresses=", `unix_socket_directories=${data}`, "log_destination=stderr"];
    const access = ["hba", "ident"].map((name) => `${name}_file=${join(primary.files.root, `pg_${name}.conf`)}`);
    const child = spawn(
      join(runtime, "bin", "postgres"),
      ["-D", data, ...[...settings, ...access].flatMap((setting) => ["-c", setting])],
      { ...programOptions(accountForData(data)), stdio: "ignore" },
    );
    const url = new URL(primary.url);
    url.searchParams.set("host", data);
    const standby = new Standby(url.href, home, child);
    await standby.#whenReady();
    return standby;
  }

  async #whenReady(): Promise<void> {
    for (;;) {
      const client = plainClient(this.url);
      const isReady = await client`SELECT 1`.then(
        () => true,
        () => false,
      );
      await client.end({ timeout: 0 });
      if (isReady) return;
      if (this.#process.exitCode !== null) throw new Error("the standby did not start");
      await sleep(20);
    }
  }

  /** Waits until the standby shows all that its primary has by now, or has received it at least. */
  async caughtUp(primary: OwnServer, what: "replay" | "receive" = "replay"): Promise<void> {
    const [there, here] = [plainClient(primary.url), plainClient(this.url)];
    const [row] = await there<{ lsn: string }[]>`SELECT pg_current_wal_flush_lsn()::text AS lsn`;
    for (;;) {
      const [{ done } = { done: false }] = await here<
        { done: boolean }[]
      >`SELECT CASE ${what} WHEN 'replay' THEN pg_last_wal_replay_lsn() ELSE pg_last_wal_receive_lsn() END >= ${row!.lsn}::pg_lsn AS done`;
      if (done) break;
      await sleep(10);
    }
    await Promise.all([there.end(), here.end()]);
  }

  /** The standby's URL for a database of its primary. */
  urlOf(database: string): string {
    return onDatabase(this.url, database);
  }

  /** Holds what comes from the primary back, or goes on. */
  async replay(how: "pause" | "resume"): Promise<void> {
    const client = plainClient(this.url);
    await client.unsafe(`SELECT pg_wal_replay_${how}()`);
    await client.end();
  }

  async end(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGINT");
    await ended;
    rmSync(this.#home, { recursive: true, force: true });
  }
}
