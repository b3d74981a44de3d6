import type { PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type postgres from "postgres";
import { openClient, openLastingClient, type ConnectionTarget, type Sql, type Transaction, type Types } from "./client.ts";
import { toAccrueError } from "./errors.ts";
import type * as schema from "./schema/index.ts";
import { TransactionLife } from "./transaction-life.ts";

export type { ConnectionTarget, Fragment, Sql, Transaction } from "./client.ts";
export type Orm = PostgresJsDatabase<typeof schema>;

/** One database, seen through hand-written SQL (`sql`) and, for simple reads, through Drizzle (`orm`). */
export interface Database {
  readonly target: ConnectionTarget;
  readonly sql: postgres.Sql<Types>;
  /** Loaded and connected when first asked for: loading Drizzle takes longer than most commands. */
  orm(): Promise<Orm>;
  close(): Promise<void>;
}

/** Opens a database; nothing is sent before the first statement. Drizzle gets a client of its own: it changes the parsers of the one it is given. */
export function connect(target: ConnectionTarget): Database {
  const { sql, close } = openLastingClient(target, 3);
  let orm: Promise<Orm> | undefined;
  let ormClient: postgres.Sql<Types> | undefined;
  const openOrm = async () => {
    const [{ drizzle }, schema] = await Promise.all([import("drizzle-orm/postgres-js"), import("./schema/index.ts")]);
    ormClient = openClient(target, 2);
    return drizzle(ormClient, { schema });
  };
  return {
    target,
    sql,
    orm: () => (orm ??= openOrm()),
    async close() {
      await orm?.catch(() => {});
      await Promise.all([close(), ormClient?.end({ timeout: 5 })]);
    },
  };
}

/**
 * One connection of its own to the same database, for a run that keeps state in its session. When it dies, another is
 * opened in its place: the run must prove in each transaction that it still is in the session it began in.
 */
export function dedicated(db: Database): { readonly sql: postgres.Sql<Types>; close(): Promise<void> } {
  const { sql, close } = openLastingClient(db.target, 1);
  const proof = proofs.get(db.sql);
  return { sql: proof === undefined ? sql : bound(sql, proof), close };
}

/** What a transaction does before anything else. It throws where nothing more may be written. */
export type Proof = (tx: Transaction) => Promise<void>;

const proofs = new WeakMap<postgres.Sql<Types>, Proof>();

/** The same database for the parts of a larger run: each of their transactions, on whatever connection, first proves that the run goes on. */
export const proving = (db: Database, proof: Proof): Database => ({ ...db, sql: bound(db.sql, proof) });

function bound(sql: postgres.Sql<Types>, proof: Proof): postgres.Sql<Types> {
  const same = new Proxy(sql, {});
  proofs.set(same, proof);
  return same;
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
 * Runs `work` in one READ WRITE transaction on one connection. When that dies, or `work` has ended, statements that are
 * still to come are refused.
 *
 * @param ending "rollback" gives the same path and figures with nothing kept (a dry run)
 * @throws the typed form of whatever the database answered; everything is rolled back
 */
export async function inTransaction<T>(sql: postgres.Sql<Types>, work: (tx: Transaction) => Promise<T>, ending: Ending = "commit"): Promise<T> {
  const life = new TransactionLife();
  const carryOut = async (tx: Transaction): Promise<T> => {
    await proofs.get(sql)?.(tx);
    const value = await work(tx);
    if (ending === "rollback") throw new Rollback(value);
    return value;
  };
  try {
    return (await sql.begin("read write", (tx) => life.outcomeOf(carryOut(life.guard(tx))))) as T;
  } catch (error) {
    if (error instanceof Rollback) return error.value as T;
    throw toAccrueError(error);
  } finally {
    life.end();
  }
}

/**
 * Makes room for statements over a whole chunk: sorts stay in memory; no statement is compiled (JIT costs half a second a
 * statement, more than a chunk takes); and a look-up by key reads its one row instead of a bitmap of it, which the planner
 * prefers while a table that was just filled has no statistics, and is not remembered: the keys of a chunk hardly repeat.
 * Each statement is planned anew each time: a plan that was made while a table was empty would scan it for each row when it has
 * grown to half a million. Speed only; no result depends on it.
 */
export async function tuneBulk(tx: Transaction): Promise<void> {
  await tx`
    SELECT set_config('work_mem', '64MB', true), set_config('jit', 'off', true), set_config('enable_bitmapscan', 'off', true),
      set_config('enable_memoize', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true)`;
}

/**
 * Sends a statement now; by itself the driver waits until somebody awaits it. Statements sent one after the other run in
 * that order without waiting for each other's answers.
 */
export const sent = <Query extends { execute(): Query }>(query: Query): Query => query.execute();

/**
 * Has the statements that `work` sends look up each row of the chunk by key, whatever the planner thinks: where a chunk
 * meets a table that grows without end, a scan of that table must not be a choice. Not even where statistics say that it is
 * empty, as they do behind an import that was rolled back: it would be scanned for each row of the chunk. A look-up by
 * bitmap is the one kind of scan that needs a key, so only that is left. Speed only; no result depends on it.
 */
export const joiningByIndex = <T>(tx: Sql, work: () => Promise<T>): Promise<T> => planningWith(tx, waysToJoin, work);

const waysToJoin = {
  enable_hashjoin: "off", enable_mergejoin: "off", enable_seqscan: "off", enable_indexscan: "off", enable_indexonlyscan: "off", enable_bitmapscan: "on",
};

/**
 * Has the rows that `work` inserts held against their foreign keys by one plan. Under `tuneBulk` the check of each row would be
 * planned anew, which takes twice as long as the check. By index, whatever statistics say: the session keeps that plan. Speed
 * only; no result depends on it.
 */
export const checkingKeysByOnePlan = <T>(tx: Sql, work: () => Promise<T>): Promise<T> =>
  planningWith(tx, { plan_cache_mode: "auto", enable_seqscan: "off" }, work);

/** Sends the statements of `work` between two that change settings of the planner, and put them back. */
async function planningWith<T>(tx: Sql, settings: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  const [names, values] = [Object.keys(settings), Object.values(settings)];
  const before = sent(tx`
    SELECT set_config('accrue.' || name, present, true), set_config(name, value, true)
    FROM (SELECT name, value, current_setting(name) AS present FROM unnest(${names}::text[], ${values}::text[]) AS s (name, value) OFFSET 0) w`);
  const result = work();
  // As they were: what comes next in the transaction may need other ways than a chunk of an import does.
  const after = sent(tx`SELECT set_config(name, nullif(current_setting('accrue.' || name, true), ''), true) FROM unnest(${names}::text[]) AS name`);
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
