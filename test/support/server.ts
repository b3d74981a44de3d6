import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { accruePaths } from "../../src/config/paths.ts";
import { socketUrl } from "../../src/db/url.ts";
import { mebibyte } from "../../src/shared/bytes.ts";

/** The server that the tests run on; it ends with the tests. */
export interface TestServer {
  readonly url: string;
  /** Whether it waits for the disk, as a server of users does. */
  readonly isSynced: boolean;
  stop(): Promise<void>;
}

/**
 * DATABASE_URL's server, or an embedded one in a home of its own.
 *
 * @param isSynced whether the embedded server waits for the disk, as it does at its users'
 */
export async function startTestServer(isSynced: boolean): Promise<TestServer> {
  const url = process.env["DATABASE_URL"];
  if (url !== undefined && url !== "") return { url, isSynced: true, stop: async () => {} };
  const directory = mkdtempSync(join(isSynced ? tmpdir() : quickestPlace(), "accrue-test-"));
  if (process.getuid?.() === 0) chmodSync(directory, 0o711); // the server runs as an unprivileged user, who must get through
  const release = cleanUpWhenOrphaned(directory);
  const remove = () => {
    release();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    return await startEmbeddedServer(directory, isSynced, remove);
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * Memory, on a machine that has room there for all files of a run: a clone of a database is six hundred files that are
 * made and removed again, and takes a third of the time.
 */
function quickestPlace(): string {
  const memory = "/dev/shm";
  try {
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize >= 6144 * mebibyte ? memory : tmpdir();
  } catch {
    return tmpdir(); // not every system has one
  }
}

async function startEmbeddedServer(home: string, isSynced: boolean, remove: () => void): Promise<TestServer> {
  const [{ ensureEmbeddedServer }, { stopEmbeddedServer }, { findServerFiles }] = await Promise.all([
    import("../../src/db/embedded/server.ts"),
    import("../../src/db/embedded/stop.ts"),
    import("../../src/db/embedded/layout.ts"),
  ]);
  const options = optionsFor(home);
  const server = await ensureEmbeddedServer(options);
  if (!isSynced) restartWithoutSyncing(findServerFiles(options.paths)!.data);
  return {
    url: socketUrl({ ...server, host: server.socketDirectory }),
    isSynced,
    stop: async () => {
      await stopEmbeddedServer(options);
      remove();
    },
  };
}

/**
 * Starts a server again that waits for no disk: nothing of these databases has to outlive a power failure, and what is
 * said of failures is tried on servers of the tests' own.
 */
function restartWithoutSyncing(data: string): void {
  const [program, settings] = readFileSync(join(data, "postmaster.opts"), "utf8").trim().split(/ (.*)/);
  const { uid, gid } = statSync(data);
  // Not on the command line, so that a test can ask for it while the server runs (`waitsForDisk`). The tables of tests are
  // small: a process that helps to read one takes longer to start than reading it.
  appendFileSync(
    join(data, "postgresql.auto.conf"),
    "fsync = off\nfull_page_writes = off\nmax_parallel_workers_per_gather = 0\n",
  );
  const others = settings!.replaceAll(/"-c" "(?:fsync|full_page_writes)=on"/gu, "");
  execFileSync(join(dirname(program!), "pg_ctl"), ["restart", "-w", "-D", data, "-o", others], {
    cwd: data,
    stdio: "ignore",
    ...(process.getuid?.() === 0 ? { uid, gid } : {}),
  });
}

/** How the embedded server of a home is named to those who start and stop it. */
export const optionsFor = (home: string) => ({
  paths: accruePaths({ ACCRUE_HOME: home }, process.getuid?.() ?? -1),
  env: process.env,
});

/**
 * The embedded server outlives whoever started it, by design. So that a test run which is killed leaves nothing either,
 * a shell waits at the end of a pipe: when the pipe closes without a word, it stops the server and removes the
 * directory.
 */
export function cleanUpWhenOrphaned(directory: string): () => void {
  const script = `
    read word && exit 0
    pid=$(head -n 1 "$1/data/postgres/data/postmaster.pid")
    if [ -n "$pid" ]; then kill -INT "$pid"; fi
    n=0; while [ -n "$pid" ] && kill -0 "$pid" && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done
    rm -rf "$1"`;
  const guard = spawn("sh", ["-c", script, "sh", directory], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  guard.unref();
  return () => void guard.stdin.end("done\n");
}
