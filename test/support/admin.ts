import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { socketOpener } from "../../src/db/driver/socket.ts";
import { targetFromUrl } from "../../src/db/url.ts";

/** The same server's URL with another database. */
export function onDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}

/** A client without any of accrue's session settings: for what tests do behind its back, and for making databases. */
export function plainClient(
  url: string,
  options: Pick<postgres.Options<Record<string, never>>, "max" | "transform" | "fetch_types"> = {},
): postgres.Sql {
  const { url: plainUrl, ways, ...parts } = targetFromUrl(url, process.env)!;
  const socket = socketOpener({ timeoutSeconds: 10, encryption: ways?.[0] });
  return postgres(plainUrl!, {
    ...parts,
    ssl: false,
    socket,
    max: 1,
    onnotice: () => {},
    ...options,
  } as postgres.Options<Record<string, never>>);
}

/**
 * Makes a database: a clone of a template, which nobody may be connected to, or an empty one.
 *
 * @param strategy small databases are cloned fastest through the log, large ones as files
 * @param owner whose it is; the one's who makes it when not given
 */
export async function createDatabase(
  url: string,
  name: string,
  template = "template0",
  strategy: "WAL_LOG" | "FILE_COPY" = "WAL_LOG",
  owner?: string,
): Promise<void> {
  const ofOwner = owner === undefined ? "" : ` OWNER ${owner}`;
  await withServer(url, (sql) =>
    sql.unsafe(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY ${strategy}${ofOwner}`),
  );
}

/** Makes a role that may log in, by a password of its own, and make databases or roles if it is to. Gives the URL for it. */
export async function createRole(
  url: string,
  name: string,
  attributes: "" | "CREATEDB" | "CREATEROLE" = "",
): Promise<string> {
  const password = randomBytes(12).toString("hex");
  await withServer(url, (sql) => sql.unsafe(`CREATE ROLE ${name} LOGIN ${attributes} PASSWORD '${password}'`));
  return asRole(url, name, password);
}

export const dropRole = (url: string, name: string): Promise<void> =>
  withServer(url, async (sql) => void (await sql.unsafe(`DROP ROLE IF EXISTS ${name}`)));

/** The same URL for somebody else. */
function asRole(url: string, name: string, password: string): string {
  const changed = new URL(url);
  changed.username = name;
  changed.password = password;
  return changed.href;
}

/** Drops databases, whoever is connected to them. */
export async function dropDatabases(url: string, names: readonly string[]): Promise<void> {
  await withServer(url, async (sql) => {
    for (const name of names) await sql.unsafe(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  });
}

/** Ends every session on a database: only then can it be cloned. Clients connect anew at their next statement. */
export async function disconnectAll(url: string, name: string): Promise<void> {
  await withServer(url, async (sql) => {
    await sql`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = ${name}`;
  });
}

/** The databases whose names start with a prefix. */
export async function databasesNamed(url: string, prefix: string): Promise<readonly string[]> {
  return withServer(url, async (sql) => {
    const rows = await sql<
      { datname: string }[]
    >`SELECT datname FROM pg_database WHERE starts_with(datname, ${prefix}) ORDER BY 1`;
    return rows.map(({ datname }) => datname);
  });
}

const kept = new Map<string, postgres.Sql>();

/**
 * From now on one connection carries out what is done to databases of that server, until the process ends: by far most
 * of it is done to one server, and making a connection takes a third of what making a clone takes.
 */
export function keepConnection(url: string): void {
  const place = onDatabase(url, "postgres");
  if (!kept.has(place)) kept.set(place, plainClient(place, { fetch_types: false }));
}

async function withServer<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const place = onDatabase(url, "postgres");
  const lasting = kept.get(place);
  if (lasting !== undefined) return work(lasting);
  const sql = plainClient(place, { fetch_types: false });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
