import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { schemaError } from "../shared/errors.ts";
import { packageRoot } from "../files/package-root.ts";
import { lowestServerMajor, serverMajor } from "../shared/server-version.ts";
import { inTransaction, type Database, type Transaction } from "./database.ts";

/** One generated migration: its place in the order, its name, its statements and the hash of its text. */
interface Migration {
  readonly no: number;
  readonly tag: string;
  readonly statements: readonly string[];
  readonly hash: string;
}

/** A database's schema compared with the one that this version needs. */
export type SchemaState =
  | { readonly state: "current" | "older" | "newer" | "absent"; readonly applied: number; readonly needed: number }
  | { readonly state: "foreign"; readonly applied: number; readonly needed: number; readonly tag: string };

const folder = join(packageRoot, "migrations");
const lockKey = 7_405_211_031n; // an arbitrary number that only migrating uses

/**
 * Refuses a server that is too old before anything is created on it.
 *
 * @param versionNum the server's own number for its version: 150004 is 15.4
 */
export function requireServer(versionNum: number, version: string): void {
  if (serverMajor(versionNum) >= lowestServerMajor) return;
  throw schemaError(
    "server_too_old",
    `the server is PostgreSQL ${version}; accrue needs ${lowestServerMajor} or newer`,
    { hint: "upgrade the server, or point DATABASE_URL at a newer one", details: { version } },
  );
}

/** The migrations that this version knows, from drizzle-kit's journal, without their statements. */
async function journal(): Promise<readonly { idx: number; tag: string }[]> {
  const text = await readFile(join(folder, "meta/_journal.json"), "utf8");
  return (JSON.parse(text) as { entries: { idx: number; tag: string }[] }).entries;
}

async function loadMigration(entry: { idx: number; tag: string }): Promise<Migration> {
  const text = await readFile(join(folder, `${entry.tag}.sql`), "utf8");
  return {
    no: entry.idx + 1,
    tag: entry.tag,
    statements: text
      .split("--> statement-breakpoint")
      .map((statement) => statement.trim())
      .filter((statement) => statement !== ""),
    hash: createHash("sha256").update(text).digest("hex"),
  };
}

/** Compares the database's schema with the one that this version needs: one or two small reads. */
export async function schemaState({ sql }: Pick<Database, "sql">): Promise<SchemaState> {
  const entries = await journal();
  const needed = entries.length;
  const [found] = await sql<{ present: boolean }[]>`SELECT to_regclass('schema_migrations') IS NOT NULL AS present`;
  if (found?.present !== true) return { state: "absent", applied: 0, needed };
  const [last] = await sql<
    { no: number; tag: string }[]
  >`SELECT no, tag FROM schema_migrations ORDER BY no DESC LIMIT 1`;
  if (last === undefined) return { state: "absent", applied: 0, needed };
  if (last.no > needed) return { state: "newer", applied: last.no, needed };
  if (entries[last.no - 1]?.tag !== last.tag) return { state: "foreign", applied: last.no, needed, tag: last.tag };
  return { state: last.no === needed ? "current" : "older", applied: last.no, needed };
}

/** Refuses to work on any schema but the one this version needs. */
export async function requireCurrentSchema(db: Pick<Database, "sql">): Promise<void> {
  const found = await schemaState(db);
  if (found.state !== "current") throw schemaMismatch(found);
}

function schemaMismatch(found: SchemaState): Error {
  const details = { state: found.state, applied: found.applied, needed: found.needed };
  switch (found.state) {
    case "absent":
      return schemaError("schema_absent", "the database has no schema yet", { hint: "run `accrue init`", details });
    case "older":
      return schemaError(
        "schema_older",
        `the database is at schema version ${found.applied}, this accrue needs ${found.needed}`,
        { hint: "run `accrue init` to migrate it (take a backup first)", details },
      );
    case "newer":
      return schemaError(
        "schema_newer",
        `the database is at schema version ${found.applied}, this accrue knows only ${found.needed}`,
        { hint: "install the newer accrue that migrated it; migrations only go forward", details },
      );
    default:
      return schemaError("schema_foreign", "the database was migrated by a different line of accrue", {
        hint: "check that DATABASE_URL names the right database (`accrue db status`)",
        details,
      });
  }
}

/**
 * Brings the schema up to this version: each missing migration in its own transaction, under a lock, so that two at
 * once apply each of them once. Drizzle's own migrator takes no lock and runs all of them in one transaction.
 *
 * @param signal ends the work between two migrations
 * @returns the names of the migrations that this call applied
 * @throws a schema error when the database is newer than this version or comes from another line
 */
export async function migrate(db: Pick<Database, "sql">, signal?: AbortSignal): Promise<readonly string[]> {
  // A role that may not migrate can run this on a current schema.
  if ((await schemaState(db)).state === "current") return [];
  const applied: string[] = [];
  const [server] = await db.sql<{ versionNum: number; version: string }[]>`
    SELECT current_setting('server_version_num')::integer AS version_num, current_setting('server_version') AS version`;
  requireServer(server!.versionNum, server!.version);
  for (const entry of await journal()) {
    signal?.throwIfAborted();
    const migration = await loadMigration(entry);
    const isNew = await inTransaction(db, (tx) => applyOnce(tx, migration)).catch((error: unknown) => {
      throw toOccupied(error);
    });
    if (isNew) applied.push(migration.tag);
  }
  await requireCurrentSchema(db);
  return applied;
}

const alreadyExists = new Set(["42P07", "42710", "42723", "42P06"]);

/** Explains "already exists": the database holds objects that accrue did not create. */
function toOccupied(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error) || !alreadyExists.has(String(error.code))) return error;
  return schemaError(
    "schema_occupied",
    `the database already holds something that accrue did not make: ${error.message}`,
    { hint: "give accrue a database of its own", cause: error },
  );
}

async function applyOnce(tx: Transaction, migration: Migration): Promise<boolean> {
  await tx`SELECT pg_advisory_xact_lock(${lockKey})`;
  await tx`CREATE TABLE IF NOT EXISTS schema_migrations (no integer PRIMARY KEY, tag text NOT NULL, hash text NOT NULL,
    applied_at timestamptz NOT NULL)`;
  const [known] = await tx<{ tag: string }[]>`SELECT tag FROM schema_migrations WHERE no = ${migration.no}`;
  if (known !== undefined && known.tag !== migration.tag) {
    throw schemaMismatch({ state: "foreign", applied: migration.no, needed: migration.no, tag: known.tag });
  }
  if (known !== undefined) return false;
  for (const statement of migration.statements) await tx.unsafe(statement);
  await tx`
    INSERT INTO schema_migrations (no, tag, hash, applied_at)
    VALUES (${migration.no}, ${migration.tag}, ${migration.hash}, clock_timestamp())`;
  return true;
}
