import { unreachableError } from "../shared/errors.ts";
import { openClient, type ConnectionTarget, type Sql } from "./driver/client.ts";
import { connect, type Database } from "./database.ts";
import { codeOf, isTlsFailure, toAccrueError } from "./errors.ts";

/** What a server said when it was first spoken to. */
export interface Greeting {
  /** What its clock showed. */
  readonly serverTime: Date;
  /** What this host's clock showed when that was heard. */
  readonly hostTime: Date;
  /** When that was, by the clock of this process that nobody sets, in milliseconds. */
  readonly heardAtMs: number;
}

/**
 * Opens a database and speaks to its server: by the first of the target's ways that it takes, as libpq falls back on the next one.
 *
 * @throws the typed form of why the first way did not do; `database_pooled` where what the program relies on would get lost on the way
 */
export async function reach(target: ConnectionTarget): Promise<{ readonly db: Database; readonly greeting: Greeting }> {
  const { ways = [undefined] } = target;
  let refusal: unknown;
  for (const way of ways) {
    const db = connect({ ...target, ways: [way] });
    try {
      return { db, greeting: await greet(db) };
    } catch (error) {
      await db.close().catch(() => {});
      refusal ??= error;
      // A server may want TLS of some and refuse it to others: that is said by its rules for who may log in.
      if (codeOf(error) !== "28000" && !isTlsFailure(error)) throw toAccrueError(error);
    }
  }
  throw toAccrueError(refusal);
}

async function greet({ sql, target }: Database): Promise<Greeting> {
  const reply = sql<{ serverTime: Date; pid: number; isReadOnly: boolean }[]>`
    SELECT clock_timestamp() AS server_time, pg_backend_pid() AS pid, current_setting('default_transaction_read_only') = 'on' AS is_read_only`;
  const rows = await reply.catch((error: unknown) => {
    // The server itself answers so to no start of a session of ours; a pooler does to settings that it does not know.
    throw codeOf(error) === "08P01" ? pooled("it refuses the settings of a session", error) : error;
  });
  const [heardAtMs, hostTime] = [performance.now(), new Date()];
  const { serverTime, pid, isReadOnly } = rows[0]!;
  if (!isReadOnly) throw pooled("the settings of a session get lost on the way");
  // Somebody in between gives out numbers of sessions of his own. That may be one who keeps a session for each connection.
  if (rows.state.pid !== pid && (await isShared(target))) throw pooled("sessions are given to one transaction after the other");
  return { serverTime, hostTime, heardAtMs };
}

const probes = 5;

/** Whether two connections that are open at once have had the same session, or one connection has had two. */
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
