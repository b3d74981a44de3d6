import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accruePaths } from "../../src/config/paths.ts";
import { socketUrl } from "../../src/db/url.ts";

/** The server that the tests run on; it ends with the tests. */
export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** DATABASE_URL's server, or an embedded one in a home of its own. */
export async function startTestServer(): Promise<TestServer> {
  const url = process.env["DATABASE_URL"];
  if (url !== undefined && url !== "") return { url, stop: async () => {} };
  const directory = mkdtempSync(join(tmpdir(), "accrue-test-"));
  if (process.getuid?.() === 0) chmodSync(directory, 0o711); // the server runs as an unprivileged user, who must get through
  const release = cleanUpWhenOrphaned(directory);
  const remove = () => {
    release();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    return await startEmbeddedServer(directory, remove);
  } catch (error) {
    remove();
    throw error;
  }
}

async function startEmbeddedServer(home: string, remove: () => void): Promise<TestServer> {
  const [{ ensureEmbeddedServer }, { stopEmbeddedServer }] = await Promise.all([
    import("../../src/db/embedded/server.ts"),
    import("../../src/db/embedded/stop.ts"),
  ]);
  const options = optionsFor(home);
  const server = await ensureEmbeddedServer(options);
  return {
    url: socketUrl({ ...server, host: server.socketDirectory }),
    stop: async () => {
      await stopEmbeddedServer(options);
      remove();
    },
  };
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
