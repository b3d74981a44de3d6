import type { AccruePaths } from "../config/paths.ts";
import type { Settings } from "../config/settings.ts";
import { usageError } from "../shared/errors.ts";
import type { ConnectionTarget } from "./database.ts";
import type { EmbeddedServer } from "./embedded/running.ts";
import { targetFromUrl, waysOf } from "./url.ts";

/**
 * The database of this run: on the server that the settings name, else on the embedded one, which is loaded and started
 * only then.
 */
export async function targetOf(
  settings: Settings,
  paths: AccruePaths,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  onNote: (text: string) => void,
): Promise<ConnectionTarget> {
  const { value: url, origin } = settings.databaseUrl;
  if (url !== undefined) return ownServerTarget(url, origin, env);
  const { ensureEmbeddedServer } = await import("./embedded/server.ts");
  return embeddedTarget(await ensureEmbeddedServer({ paths, env, signal, onNote }));
}

/** The same without starting anything: undefined when the embedded server is not running. */
export async function targetAtHand(
  settings: Settings,
  paths: AccruePaths,
  env: NodeJS.ProcessEnv,
): Promise<ConnectionTarget | undefined> {
  const { value: url, origin } = settings.databaseUrl;
  if (url !== undefined) return ownServerTarget(url, origin, env);
  const { findRunning } = await import("./embedded/running.ts");
  const server = await findRunning(paths);
  return server === undefined ? undefined : embeddedTarget(server);
}

const embeddedTarget = ({ socketDirectory, port, user, database }: EmbeddedServer): ConnectionTarget => ({
  host: socketDirectory,
  port,
  user,
  database,
});

/**
 * A server that a setting names.
 *
 * @param url empty for the server that libpq's variables name
 * @param origin the setting's name, for messages
 * @throws usage `invalid_database_url`, and those of `readTlsSettings`
 */
export function ownServerTarget(url: string, origin: string, env: NodeJS.ProcessEnv): ConnectionTarget {
  if (url === "") return env["PGHOST"]?.startsWith("/") === true ? {} : { ways: waysOf(new Map(), env) };
  const target = targetFromUrl(url, env);
  if (target !== undefined) return target;
  throw usageError("invalid_database_url", `the database URL from ${origin} is not a postgres:// URL`, {
    hint: "write it like postgres://user:password@host:5432/accrue",
  });
}
