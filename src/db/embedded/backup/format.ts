/**
 * A backup is a gzip of a tar archive: a description (`accrue-backup.json`), a PostgreSQL data directory with the log
 * that makes it consistent, and last PostgreSQL's manifest of it (`backup_manifest`), so a truncated backup has none.
 */
export const descriptionPath = "accrue-backup.json";
export const manifestPath = "backup_manifest";

/** The version of this format. */
export const formatVersion = 1;

/** The description in a backup. */
export interface BackupDescription {
  readonly format: typeof formatVersion;
  /** When it began, by the server's clock; ISO 8601. It has what was committed until its end. */
  readonly taken_at: string;
  /** Of PostgreSQL, such as "18.4". */
  readonly server_version: string;
  /** How many migrations the schema has had; 0 for none. */
  readonly schema_version: number;
}

/** Reads a description; undefined when the text is not one of this format. */
export function descriptionIn(text: string): BackupDescription | undefined {
  try {
    const value = JSON.parse(text) as Partial<BackupDescription> | null;
    const isOne =
      value?.format === formatVersion &&
      typeof value.taken_at === "string" &&
      typeof value.server_version === "string" &&
      typeof value.schema_version === "number";
    return isOne ? (value as BackupDescription) : undefined;
  } catch {
    return undefined;
  }
}
