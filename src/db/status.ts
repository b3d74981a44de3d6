import type { Database } from "./database.ts";
import { schemaState, type SchemaState } from "./migrate.ts";

export interface DatabaseStatus {
  readonly serverVersion: string;
  readonly database: string;
  readonly user: string;
  readonly sizeBytes: bigint;
  readonly schema: SchemaState;
}

/** Reads name, version, size and schema state of a database. */
export async function databaseStatus(db: Pick<Database, "sql">): Promise<DatabaseStatus> {
  const [facts] = await db.sql<Omit<DatabaseStatus, "schema">[]>`
    SELECT current_setting('server_version') AS server_version, current_database() AS database, current_user AS "user",
           pg_database_size(current_database()) AS size_bytes`;
  return { ...facts!, schema: await schemaState(db) };
}
