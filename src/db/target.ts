import type { AccruePaths } from "../config/paths.ts";
import type { Settings } from "../config/settings.ts";
import { usageError } from "../shared/errors.ts";
import type { ConnectionTarget } from "./database.ts";
import type { EmbeddedServer } from "./embedded/running.ts";
import { targetFromUrl, waysOf } from "./url.ts";

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
  if (url !== undefined) return ownServerTarget(url, origin, env);
  const { ensureEmbeddedServer } = await import("./embedded/server.ts");
  return embeddedTarget(await ensureEmbeddedServer({ paths, env, signal, onNote }));
}

/** The same, but the embedded server only where it is running: undefined where it is not. Changes nothing. */
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

const embeddedTarget = ({ socketDirectory, port, user, database }: EmbeddedServer): ConnectionTarget =>
  ({ host: socketDirectory, port, user, database });

/**
 * A server that a setting names.
 *
 * @param url what it says; empty for the server that libpq's variables name
 * @param origin where it comes from, for people
 * @throws a usage error for what is no URL of a database, and for settings of TLS that cannot be as they are
 */
export function ownServerTarget(url: string, origin: string, env: NodeJS.ProcessEnv): ConnectionTarget {
  if (url === "") return env["PGHOST"]?.startsWith("/") === true ? {} : { ways: waysOf(new Map(), env) };
  const target = targetFromUrl(url, env);
  if (target !== undefined) return target;
  throw usageError("invalid_database_url", `the database URL from ${origin} is not a postgres:// URL`, {
    hint: "write it like postgres://user:password@host:5432/accrue",
  });
}
