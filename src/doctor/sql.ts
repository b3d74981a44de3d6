import type { Database } from "../db/database.ts";
import { holderLives } from "../db/run-slots.ts";

type Client = Pick<Database, "sql">;

/** Version, role and settings of the server. */
export interface ServerFacts {
  readonly version: string;
  readonly versionNum: number;
  readonly encoding: string;
  readonly isStandby: boolean;
  readonly replicationRole: string;
  readonly fsync: string;
  readonly fullPageWrites: string;
  readonly synchronousCommit: string;
}

export async function serverFacts({ sql }: Client): Promise<ServerFacts> {
  const [facts] = await sql<ServerFacts[]>`
    SELECT current_setting('server_version') AS version, current_setting('server_version_num')::integer AS version_num,
           current_setting('server_encoding') AS encoding, pg_is_in_recovery() AS is_standby,
           current_setting('session_replication_role') AS replication_role,
           current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
           current_setting('synchronous_commit') AS synchronous_commit`;
  return facts!;
}

/** What of the server's settings decides how long a night takes. */
export interface LoadFacts {
  readonly sharedBuffersBytes: number;
  readonly maxWalBytes: number;
  readonly checkpointSeconds: number;
  readonly randomPageCost: string;
  readonly autovacuum: string;
  /** The tables of the schema that autovacuum leaves out. */
  readonly unvacuumed: readonly string[];
  readonly collation: string;
  /** Whether texts are compared by their bytes: C, POSIX, or what PostgreSQL brings itself. */
  readonly isBytewise: boolean;
  /** The version of the collation that the database was made with, and the one that the system has. */
  readonly collationVersion: string | null;
  readonly actualCollationVersion: string | null;
}

export async function loadFacts({ sql }: Client): Promise<LoadFacts> {
  const [facts] = await sql<LoadFacts[]>`
    SELECT pg_size_bytes(current_setting('shared_buffers'))::float8 AS shared_buffers_bytes,
      pg_size_bytes(current_setting('max_wal_size'))::float8 AS max_wal_bytes,
      (SELECT setting::integer FROM pg_settings WHERE name = 'checkpoint_timeout') AS checkpoint_seconds,
      current_setting('random_page_cost') AS random_page_cost,
      current_setting('autovacuum') AS autovacuum,
      ARRAY(
        SELECT relname::text FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
          AND EXISTS (SELECT FROM pg_options_to_table(reloptions)
            WHERE option_name = 'autovacuum_enabled' AND NOT option_value::boolean)
        ORDER BY relname
      ) AS unvacuumed,
      datcollate AS collation,
      datlocprovider = 'b' OR datlocprovider = 'c' AND datcollate IN ('C', 'POSIX') AS is_bytewise,
      datcollversion AS collation_version,
      pg_database_collation_actual_version(oid) AS actual_collation_version
    FROM pg_database WHERE datname = current_database()`;
  return facts!;
}

/** The server's clock, now. */
export async function serverTime({ sql }: Client): Promise<Date> {
  const [row] = await sql<{ at: Date }[]>`SELECT clock_timestamp() AS at`;
  return row!.at;
}

/** The settings of the platform; undefined for those never set. */
export async function platformFacts({
  sql,
}: Client): Promise<{ readonly timeZone: string | null; readonly policies: number }> {
  const [row] = await sql<{ timeZone: string | null; policies: number }[]>`
    SELECT (SELECT time_zone FROM platform) AS time_zone, (SELECT count(*)::integer FROM policies) AS policies`;
  return row!;
}

/** The server's offset from UTC in a time zone at an instant, in seconds; undefined when it does not know the zone. */
export async function serverOffsetSeconds({ sql }: Client, zone: string, at: Date): Promise<number | undefined> {
  try {
    const [row] = await sql<{ seconds: number }[]>`
      SELECT extract(epoch FROM (${at}::timestamptz AT TIME ZONE ${zone}) - (${at}::timestamptz AT TIME ZONE 'UTC'))::integer AS seconds`;
    return row!.seconds;
  } catch (error) {
    if ((error as { code?: unknown }).code === "22023") return undefined;
    throw error;
  }
}

/** The dead run that still holds the grant slot. */
export interface StaleSlot {
  readonly runId: bigint;
  readonly operator: string;
  readonly host: string;
  readonly takenAt: Date;
}

export async function staleGrantSlot({ sql }: Client): Promise<StaleSlot | undefined> {
  const [slot] = await sql<StaleSlot[]>`
    SELECT run_id, operator, host, taken_at FROM run_slots s
    WHERE name = 'grant' AND run_id IS NOT NULL AND NOT ${holderLives(sql)}`;
  return slot;
}

/** The number of withdrawals that are to be paid through Stripe, or wait for its answer. */
export async function openStripeWithdrawals({ sql }: Client): Promise<bigint> {
  const [row] = await sql<
    { count: bigint }[]
  >`SELECT count(*) AS count FROM withdrawals WHERE account_channel = 'stripe' AND status IN ('approved', 'paying')`;
  return row!.count;
}
