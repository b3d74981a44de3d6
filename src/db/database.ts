import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { toAccrueError } from "./errors.ts";
import type * as schema from "./schema/index.ts";

type Types = { bigint: bigint; businessDate: string };
/** A postgres.js client or transaction: bigint columns arrive as bigint, dates as text, columns in camel case. */
export type Sql = postgres.Sql<Types> | postgres.TransactionSql<Types>;
/** What runs inside one transaction. */
export type Transaction = postgres.TransactionSql<Types>;
export type Orm = PostgresJsDatabase<typeof schema>;

/** Where the server is. A URL, or the parts of one (the embedded server's socket); undefined parts come from PG*. */
export interface ConnectionTarget {
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly database?: string;
}

/** One database, seen through hand-written SQL (`sql`) and, for simple reads, through Drizzle (`orm`). */
export interface Database {
  readonly target: ConnectionTarget;
  readonly sql: postgres.Sql<Types>;
  /** Loaded and connected when first asked for: loading Drizzle takes longer than most commands. */
  orm(): Promise<Orm>;
  close(): Promise<void>;
}

const dateOid = 1082;

/**
 * Every session is read-only until a transaction says READ WRITE. The driver has been seen to continue a callback on a
 * replacement connection after the first one died; outside its transaction, each statement would commit on its own. With
 * this default the server refuses such a stray write.
 */
const sessionDefaults = { application_name: "accrue", default_transaction_read_only: "on" } as unknown as Record<string, string>;

function client(target: ConnectionTarget, maxConnections: number) {
  const { url, ...parts } = target;
  const options = {
    ...parts,
    max: maxConnections,
    connect_timeout: 10,
    max_lifetime: null,
    onnotice: () => {},
    connection: sessionDefaults,
    transform: { column: { from: postgres.toCamel } },
    types: {
      bigint: postgres.BigInt,
      businessDate: { to: dateOid, from: [dateOid], serialize: (text: string) => text, parse: (text: string) => text },
    },
  };
  return (url === undefined ? postgres(options) : postgres(url, options)) as unknown as postgres.Sql<Types>;
}

/** Opens a database; nothing is sent before the first statement. Drizzle gets a client of its own: it changes the parsers of the one it is given. */
export function connect(target: ConnectionTarget): Database {
  const sql = client(target, 3);
  let orm: Promise<Orm> | undefined;
  let ormClient: postgres.Sql<Types> | undefined;
  const openOrm = async () => {
    const [{ drizzle }, schema] = await Promise.all([import("drizzle-orm/postgres-js"), import("./schema/index.ts")]);
    ormClient = client(target, 2);
    return drizzle(ormClient, { schema });
  };
  return {
    target,
    sql,
    orm: () => (orm ??= openOrm()),
    async close() {
      await orm?.catch(() => {});
      await Promise.all([sql.end({ timeout: 5 }), ormClient?.end({ timeout: 5 })]);
    },
  };
}

/**
 * One connection of its own to the same database, for a run that keeps state in its session. When it dies, the driver
 * opens another in its place: the run must prove in each transaction that it still is in the session it began in.
 */
export function dedicated(db: Database): { readonly sql: postgres.Sql<Types>; close(): Promise<void> } {
  const sql = client(db.target, 1);
  return { sql, close: () => sql.end({ timeout: 5 }) };
}

/** Thrown inside a transaction to roll it back and still return a value: how every dry run ends. */
class Rollback<T> {
  readonly value: T;
  constructor(value: T) {
    this.value = value;
  }
}

/** How a transaction ends when its work has succeeded. */
export type Ending = "commit" | "rollback";

/**
 * Runs `work` in one READ WRITE transaction on one connection.
 *
 * @param ending "rollback" gives the same path and figures with nothing kept (a dry run)
 * @throws the typed form of whatever the database answered; everything is rolled back
 */
export async function inTransaction<T>(sql: postgres.Sql<Types>, work: (tx: Transaction) => Promise<T>, ending: Ending = "commit"): Promise<T> {
  try {
    return (await sql.begin("read write", async (tx) => {
      const value = await work(tx);
      if (ending === "rollback") throw new Rollback(value);
      return value;
    })) as T;
  } catch (error) {
    if (error instanceof Rollback) return error.value as T;
    throw toAccrueError(error);
  }
}

/**
 * Makes room for statements over a whole chunk: sorts stay in memory, and no statement is compiled (JIT costs half a second
 * a statement, more than a chunk takes). Speed only; no result depends on it.
 */
export async function tuneBulk(tx: Transaction): Promise<void> {
  await tx`SET LOCAL work_mem = '64MB'`;
  await tx`SET LOCAL jit = off`;
}

/**
 * Sends a statement now; by itself the driver waits until somebody awaits it. Statements sent one after the other run in
 * that order without waiting for each other's answers.
 */
export const sent = <Query extends { execute(): Query }>(query: Query): Query => query.execute();

/**
 * Has the statements that `work` sends join by index, whatever the planner thinks: where a chunk meets a table that grows
 * without end, a scan of that table must not be a choice. Speed only; no result depends on it.
 */
export async function joiningByIndex<T>(tx: Transaction, work: () => Promise<T>): Promise<T> {
  const before = sent(tx`SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)`);
  const result = work();
  const after = sent(tx`SELECT set_config('enable_hashjoin', 'on', true), set_config('enable_mergejoin', 'on', true)`);
  return (await Promise.all([result, before, after]))[0];
}

/** Runs a read and gives its error the typed form. */
export async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toAccrueError(error);
  }
}
