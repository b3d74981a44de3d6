import type { AccruePaths } from "../config/paths.ts";
import type { Settings } from "../config/settings.ts";
import { usageError } from "../shared/errors.ts";
import type { ConnectionTarget } from "./database.ts";
import { targetFromUrl } from "./url.ts";

/**
 * Where this run's database is: the server that the settings name, else the embedded one, which is started when it is not
 * running. The embedded server's code is loaded only then: with a server of one's own it is not needed.
 */
export async function targetOf(
  settings: Settings,
  paths: AccruePaths,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  onNote: (text: string) => void,
): Promise<ConnectionTarget> {
  const { value: url, origin } = settings.databaseUrl;
  if (url === "") return {};
  if (url !== undefined) {
    const target = targetFromUrl(url);
    if (target === undefined) {
      throw usageError("invalid_database_url", `the database URL from ${origin} is not a postgres:// URL`, {
        hint: "write it like postgres://user:password@host:5432/accrue",
      });
    }
    return target;
  }
  const { ensureEmbeddedServer } = await import("./embedded/server.ts");
  const server = await ensureEmbeddedServer({ paths, env, signal, onNote });
  return { host: server.socketDirectory, port: server.port, user: server.user, database: server.database };
}
