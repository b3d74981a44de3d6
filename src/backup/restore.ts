import { statSync } from "node:fs";
import { resolve } from "node:path";
import { recordAction } from "../db/audit.ts";
import type { Context } from "../db/context.ts";
import { connect, inTransaction, reading, type Database } from "../db/database.ts";
import type { BackupDescription } from "../db/embedded/backup/format.ts";
import { restoreBackup, type Restored } from "../db/embedded/restore.ts";
import type { EmbeddedServer, EmbeddedServerOptions } from "../db/embedded/running.ts";
import { requireCurrentSchema, schemaState, type SchemaState } from "../db/migrate.ts";
import { verify, type Verification } from "../verification/verify.ts";

/** What the restored database was found to be. */
export interface RestoreProof {
  readonly schema: SchemaState;
  /** Undefined: an older schema, or none, which this version cannot verify. */
  readonly verification: Verification | undefined;
}

/** A backup that was restored, or, of a dry run, that could be. */
export interface RestoreReport extends Restored<RestoreProof> {
  readonly file: string;
  readonly seconds: number;
}

export interface RestoreOptions {
  readonly server: EmbeddedServerOptions;
  readonly mayReplace: boolean;
  readonly isRehearsal: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: Context["onProgress"];
  /** What use cases may know, on the restored database. */
  readonly contextOf: (db: Database) => Promise<Context>;
}

/**
 * Restores a backup as the embedded server's data, verified before it takes its place. What verification finds wrong
 * was so when the backup was made: it is reported, and the data restored.
 *
 * @throws refused `restore_data_exists`, `restore_server_running`, `backup_version_mismatch`, `backup_unknown`,
 *   `backup_damaged`; a usage error `backup_unreadable`; a schema error when a newer accrue made it. Nothing is restored then
 */
export async function restore(
  file: string,
  { server, mayReplace, isRehearsal, signal, onProgress, contextOf }: RestoreOptions,
): Promise<RestoreReport> {
  const begun = performance.now();
  const path = resolve(file);
  const total = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const restored = await restoreBackup({
    server,
    file: path,
    mayReplace,
    isRehearsal,
    signal,
    onProgress: (done) => onProgress({ phase: "reading the backup", done, total, unit: "bytes" }),
    prove: (trial, description) => withDatabase(trial, (db) => prove(db, description, contextOf)),
  });
  return { ...restored, file: path, seconds: Math.round(performance.now() - begun) / 1000 };
}

async function withDatabase<T>(
  { socketDirectory: host, port, user, database }: EmbeddedServer,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const db = connect({ host, port, user, database });
  try {
    return await reading(() => work(db));
  } finally {
    await db.close();
  }
}

async function prove(
  db: Database,
  { taken_at: takenAt }: BackupDescription,
  contextOf: RestoreOptions["contextOf"],
): Promise<RestoreProof> {
  const schema = await schemaState(db);
  if (schema.state === "older" || schema.state === "absent") return { schema, verification: undefined };
  await requireCurrentSchema(db);
  const [platform] = await db.sql`SELECT FROM platform`;
  if (platform === undefined) return { schema, verification: undefined };
  const context = await contextOf(db);
  const verification = await verify(context);
  await inTransaction(db, (tx) =>
    recordAction(tx, context, {
      action: "platform.restore",
      subjectKind: "platform",
      subject: "platform",
      details: { backup_taken_at: takenAt, verified: verification.ok },
    }),
  );
  return { schema, verification };
}
