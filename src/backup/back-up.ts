import { resolve } from "node:path";
import type { Context } from "../db/context.ts";
import { reading, type Database } from "../db/database.ts";
import { formatVersion, type BackupDescription } from "../db/embedded/backup/format.ts";
import { writeBackup, type WrittenBackup } from "../db/embedded/backup/write.ts";
import { databaseStatus } from "../db/status.ts";

/** A backup that was made, or, of a dry run, that would be. */
export interface BackupReport extends WrittenBackup {
  readonly file: string;
  readonly description: BackupDescription;
  readonly seconds: number;
}

/**
 * Backs up the embedded server while others work: all that was committed when this ends is in the file.
 *
 * @param db the embedded server's database, of whatever schema version: before migrating, too, a backup is wanted
 * @throws refused `backup_file_exists`; a usage error `backup_unwritable`; unreachable `backup_failed`
 */
export async function backUp(
  { db, signal, onProgress }: { readonly db: Database } & Pick<Context, "signal" | "onProgress">,
  file: string,
  isRehearsal: boolean,
): Promise<BackupReport> {
  const begun = performance.now();
  const { serverVersion, schema, now } = await reading(async () => ({
    ...(await databaseStatus(db)),
    now: await serverClock(db),
  }));
  const description: BackupDescription = {
    format: formatVersion,
    taken_at: now.toISOString(),
    server_version: serverVersion,
    schema_version: schema.applied,
  };
  const path = resolve(file);
  const written = await writeBackup({
    socketDirectory: db.target.host!,
    file: path,
    isRehearsal,
    description,
    signal,
    onProgress: (done, total) => onProgress({ phase: "backing up", done, total, unit: "bytes" }),
  });
  return { ...written, file: path, description, seconds: Math.round(performance.now() - begun) / 1000 };
}

async function serverClock({ sql }: Database): Promise<Date> {
  const [row] = await sql<{ now: Date }[]>`SELECT clock_timestamp() AS now`;
  return row!.now;
}
