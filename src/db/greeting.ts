import { unreachableError } from "../shared/errors.ts";
import { openClient, type ConnectionTarget, type Sql } from "./driver/client.ts";
import { connect, onlyReading, type Database } from "./database.ts";
import { codeOf, isTlsFailure, toAccrueError } from "./errors.ts";

/** The answer to the first statement on a server. */
export interface Greeting {
  /** The server's clock. */
  readonly serverTime: Date;
  /** This host's clock when the answer arrived. */
  readonly hostTime: Date;
  /** The same moment by `performance.now()`, in milliseconds: a clock that nobody can set. */
  readonly heardAtMs: number;
  /** Undefined on a primary server; on a standby, by how many seconds what it shows may be out of date. */
  readonly standbyLagSeconds?: number | undefined;
}

/**
 * Connects to a database and sends a first statement, with the first of the target's ways of encryption that the server
 * accepts, as libpq does.
 *
 * @throws why the first way failed, as an AccrueError; unreachable `database_pooled` for a pooler that loses settings
 * or sessions
 */
export async function reach(target: ConnectionTarget): Promise<{ readonly db: Database; readonly greeting: Greeting }> {
  const { ways = [undefined] } = target;
  let refusal: unknown;
  for (const way of ways) {
    const db = connect({ ...target, ways: [way] });
    try {
      const greeting = await greet(db);
      return { db: greeting.standbyLagSeconds === undefined ? db : onlyReading(db), greeting };
    } catch (error) {
      await db.close().catch(() => {});
      refusal ??= error;
      // Rules in pg_hba.conf may demand TLS of some clients and refuse it to others.
      if (codeOf(error) !== "28000" && !isTlsFailure(error)) throw toAccrueError(error);
    }
  }
  throw toAccrueError(refusal);
}

async function greet({ sql, target }: Database): Promise<Greeting> {
  // A standby that has replayed all that it received is up to date, however long the primary has been idle.
  const reply = sql<{ serverTime: Date; pid: number; isReadOnly: boolean; standbyLagSeconds: number | null }[]>`
    SELECT clock_timestamp() AS server_time, pg_backend_pid() AS pid,
      current_setting('default_transaction_read_only') = 'on' AS is_read_only,
      CASE WHEN NOT pg_is_in_recovery() THEN NULL
        WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
        ELSE coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0)::float8
      END AS standby_lag_seconds`;
  const rows = await reply.catch((error: unknown) => {
    // A server accepts our settings; a pooler refuses those that it does not know with this code.
    throw codeOf(error) === "08P01" ? pooled("it refuses the settings of a session", error) : error;
  });
  const [heardAtMs, hostTime] = [performance.now(), new Date()];
  const { serverTime, pid, isReadOnly, standbyLagSeconds } = rows[0]!;
  if (!isReadOnly) throw pooled("the settings of a session get lost on the way");
  // The protocol's process id differs from the backend's: a pooler is in between. One in session mode will do.
  if (rows.state.pid !== pid && (await isShared(target)))
    throw pooled("sessions are given to one transaction after the other");
  return { serverTime, hostTime, heardAtMs, standbyLagSeconds: standbyLagSeconds ?? undefined };
}

const probes = 5;

/** Whether two open connections have used the same session, or one of them two sessions. */
async function isShared(target: ConnectionTarget): Promise<boolean> {
  const clients = [openClient(target, 1), openClient(target, 1)] as const;
  try {
    const seen = [new Set<number>(), new Set<number>()] as const;
    for (let probe = 0; probe < probes; probe += 1) {
      for (const [index, client] of clients.entries()) seen[index]!.add(await sessionOf(client));
    }
    return seen[0].size > 1 || seen[1].size > 1 || [...seen[0]].some((pid) => seen[1].has(pid));
  } finally {
    await Promise.all(clients.map((client) => client.end({ timeout: 0 })));
  }
}

async function sessionOf(sql: Sql): Promise<number> {
  const [row] = await sql<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
  return row!.pid;
}

const pooled = (why: string, cause?: unknown): Error =>
  unreachableError("database_pooled", `there is a connection pooler in front of the database, and ${why}`, {
    hint: "connect to the server itself, or to a pool in session mode that passes settings on: see `accrue help server`",
    ...(cause === undefined ? {} : { cause }),
  });
