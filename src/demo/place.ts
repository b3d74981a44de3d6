import { randomBytes } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dedicated, reading, type Sql } from "../db/database.ts";
import type { EmbeddedServerOptions } from "../db/embedded/running.ts";
import { reach } from "../db/greeting.ts";
import { ownServerTarget } from "../db/target.ts";
import { urlOfDatabase } from "../db/url.ts";
import { refusedError, usageError } from "../shared/errors.ts";
import { packageRoot } from "../files/package-root.ts";

/** A server of the user's own, and the database that one demo has on it. */
export interface DemoServer {
  /** The database that the user's settings name, which is only connected to; empty where libpq's variables do. */
  readonly url: string;
  readonly database: string;
}

/** Where one demo plays: a directory with the sample files that is also its ACCRUE_HOME, and its own database. */
export interface DemoPlace {
  readonly home: string;
  /** Where accrue keeps things in that home. */
  readonly paths: EmbeddedServerOptions["paths"];
  /** Undefined on the embedded server of `home`. */
  readonly server: DemoServer | undefined;
}

/**
 * The file in a demo's home that holds the key its payout accounts are sealed under; a command of the story makes it.
 */
export const keyFile = "accrue.key";

const samples = join(packageRoot, "fixtures");
const databasePattern = /^accrue_demo_[0-9a-f]{12}$/;

/**
 * Makes a new directory for temporary files and copies the sample files into it, so that the rejects files, which stand
 * beside their inputs, need no permission where accrue is installed.
 *
 * @throws usage demo_home_unusable
 */
export function createHome(): string {
  try {
    const home = mkdtempSync(join(tmpdir(), "accrue-demo-"));
    // Root's server runs as another user, who must get through; what is inside stays closed.
    if (process.getuid?.() === 0) chmodSync(home, 0o711);
    mkdirSync(join(home, "fixtures"));
    for (const name of readdirSync(samples)) if (/\.(csv|txt)$/.test(name)) copySample(name, home);
    return home;
  } catch (cause) {
    throw usageError("demo_home_unusable", `cannot make a directory for the demo: ${(cause as Error).message}`, {
      hint: "set TMPDIR to a directory you may write to",
      cause,
    });
  }
}

function copySample(name: string, home: string): void {
  // Leftovers of somebody's own try in the clone are no sample files.
  if (name.endsWith(".rejects.csv")) return;
  copyFileSync(join(samples, name), join(home, "fixtures", name));
}

/** The name of a database that only one demo uses. Nothing else is ever created or dropped. */
export const newDatabaseName = (): string => `accrue_demo_${randomBytes(6).toString("hex")}`;

/** Creates the demo's database on the server. */
export async function createDatabase({ url, database }: DemoServer, env: NodeJS.ProcessEnv): Promise<void> {
  await onServer(url, env, async (sql) => {
    const [user] = await sql<{ mayCreate: boolean; name: string }[]>`
      SELECT rolcreatedb OR rolsuper AS may_create, rolname::text AS name FROM pg_roles WHERE rolname = current_user`;
    if (user?.mayCreate === false) {
      throw refusedError(
        "demo_database_refused",
        `the demo plays in a database of its own, and user ${user.name} may not create one`,
        { hint: `\`ALTER ROLE ${user.name} CREATEDB\`, or unset DATABASE_URL to play on the embedded server` },
      );
    }
    await sql.unsafe(
      `CREATE DATABASE ${checked(database)} TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C'`,
    );
  });
}

/** Drops a demo's database, whoever still is connected to it. */
export async function dropDatabase({ url, database }: DemoServer, env: NodeJS.ProcessEnv): Promise<void> {
  await onServer(url, env, (sql) => sql.unsafe(`DROP DATABASE IF EXISTS ${checked(database)} WITH (FORCE)`));
}

/** No name but one of `newDatabaseName` ever gets into a statement. */
function checked(name: string): string {
  if (!databasePattern.test(name)) throw new Error(`${name} is not a demo's database`);
  return name;
}

async function onServer(url: string, env: NodeJS.ProcessEnv, work: (sql: Sql) => Promise<unknown>): Promise<void> {
  const { db } = await reach(ownServerTarget(url, "the settings", env));
  const session = dedicated(db);
  try {
    await reading(async () => {
      const { sql } = session;
      await sql`SET default_transaction_read_only = off`; // every session's default; databases are made outside transactions
      await work(sql);
    });
  } finally {
    await session.close();
    await db.close();
  }
}

/**
 * What leads a demo's commands to its home and its database, and to nothing else: added to the user's own environment.
 */
export function demoEnvironment({ home, server }: DemoPlace): Readonly<Record<string, string>> {
  const own = { ACCRUE_HOME: home, ACCRUE_SECRET_KEY_FILE: join(home, keyFile) };
  if (server === undefined) return own;
  const { url, database } = server;
  return { ...own, ...(url === "" ? { PGDATABASE: database } : { DATABASE_URL: urlOfDatabase(url, database) }) };
}
