import type postgres from "postgres";
import { LastingClient, type ConnectionTarget, type Transaction, type Types } from "./driver/client.ts";
import { TransactionLife } from "./driver/transaction.ts";
import { refusedError } from "../shared/errors.ts";
import { toAccrueError } from "./errors.ts";

export type { ConnectionTarget, Fragment, Sql, Transaction } from "./driver/client.ts";

/** Runs first in a transaction, and throws when nothing may be written any more. */
export type Proof = (tx: Transaction) => Promise<void>;

/** One database. */
export interface Database {
  readonly target: ConnectionTarget;
  /** The client to use now. It is another one after a connection was lost, so do not keep it. */
  readonly sql: postgres.Sql<Types>;
  /** Runs first in each transaction of a run; undefined outside of runs. */
  readonly proof?: Proof | undefined;
  /** Whether it is a standby, which shows what its primary server has and takes no writes. */
  readonly isStandby?: boolean | undefined;
  close(): Promise<void>;
}

const sharedConnections = 3;

/** Opens a database; nothing is sent before the first statement. */
export const connect = (target: ConnectionTarget): Database => databaseOver(target, sharedConnections);

/**
 * A connection of its own to the same database, for a run that keeps state in its session. A connection that is lost is
 * replaced, so each transaction of the run has to check that it still is in the session that the run began in.
 */
export const dedicated = ({ target, proof, isStandby }: Database): Database =>
  databaseOver(target, 1, { proof, isStandby });

/** The same database, each of whose transactions runs `proof` first: for the parts of a run, on whatever connection. */
export const proving = (db: Database, proof: Proof): Database => over(db, { proof });

/** The same database, which is known to be a standby. */
export const onlyReading = (db: Database): Database => over(db, { isStandby: true });

const over = (db: Database, differs: Pick<Database, "proof" | "isStandby">): Database => ({
  target: db.target,
  get sql() {
    return db.sql;
  },
  proof: db.proof,
  isStandby: db.isStandby,
  close: () => db.close(),
  ...differs,
});

function databaseOver(
  target: ConnectionTarget,
  connections: number,
  known: Pick<Database, "proof" | "isStandby"> = {},
): Database {
  const client = new LastingClient(target, connections);
  return {
    target,
    get sql() {
      return client.current();
    },
    ...known,
    close: () => client.close(),
  };
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
 * Runs `work` in one READ WRITE transaction on one connection, after the database's proof. When the connection dies, or
 * `work` has ended, statements that are still to come are refused.
 *
 * @param ending "rollback" gives the same path and figures with nothing kept (a dry run); a function decides by the
 * result
 * @returns the result of `work`
 * @throws refused `database_is_standby`; what `work` throws, errors of the database as AccrueErrors; everything is
 *   rolled back
 */
export async function inTransaction<T>(
  { sql, proof, isStandby = false }: Pick<Database, "sql" | "proof" | "isStandby">,
  work: (tx: Transaction) => Promise<T>,
  ending: Ending | ((value: T) => Ending) = "commit",
): Promise<T> {
  if (isStandby) throw standbyCannotWrite();
  const life = new TransactionLife();
  const carryOut = async (tx: Transaction): Promise<T> => {
    await proof?.(tx);
    const value = await work(tx);
    if ((typeof ending === "function" ? ending(value) : ending) === "rollback") throw new Rollback(value);
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

const standbyCannotWrite = () =>
  refusedError("database_is_standby", "this is a standby, it cannot write", {
    hint: "nothing was changed; point DATABASE_URL at the primary server, and ACCRUE_READ_URL at this one for what only reads",
  });

/**
 * Runs `work` on each of some connections, in transactions that all see the database as the first of them does. What
 * they write, temporary tables that is, they keep.
 *
 * @throws what `work` throws, errors of the database as AccrueErrors
 */
export async function onOneSnapshot(
  [first, ...others]: readonly Pick<Database, "sql">[],
  work: (tx: Transaction) => Promise<unknown>,
): Promise<void> {
  // The proof of a run would come first, and nothing may come before the snapshot that is taken over.
  const repeating = ({ sql }: Pick<Database, "sql">, begun: (tx: Transaction) => Promise<unknown>) =>
    inTransaction({ sql }, async (tx) => {
      await tx`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`;
      await begun(tx);
    });
  await repeating(first!, async (tx) => {
    await work(tx);
    const [shared] = await tx<{ name: string }[]>`SELECT pg_export_snapshot() AS name`;
    for (const other of others)
      await repeating(other, async (its) => {
        await its.unsafe(`SET TRANSACTION SNAPSHOT '${shared!.name}'`);
        await work(its);
      });
  });
}

/**
 * Sends a statement at once, where the driver would wait until it is awaited. Statements that are sent one after the
 * other run in that order, and do not wait for each other's answers.
 *
 * @returns the same query, to be awaited
 */
export const send = <Query extends { execute(): Query }>(query: Query): Query => query.execute();

/** Runs reads outside of a transaction. @throws errors of the database as AccrueErrors */
export async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toAccrueError(error);
  }
}
