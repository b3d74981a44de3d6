import type postgres from "postgres";
import { LastingClient, type ConnectionTarget, type Transaction, type Types } from "./driver/client.ts";
import { TransactionLife } from "./driver/transaction.ts";
import { toAccrueError } from "./errors.ts";

export type { ConnectionTarget, Fragment, Sql, Transaction } from "./driver/client.ts";

/** What a transaction does before anything else. It throws where nothing more may be written. */
export type Proof = (tx: Transaction) => Promise<void>;

/** One database. */
export interface Database {
  readonly target: ConnectionTarget;
  /** The client to use now: another one after a connection was lost, so it is asked for again for each piece of work. */
  readonly sql: postgres.Sql<Types>;
  /** What each of its transactions does first; undefined outside of larger runs. */
  readonly proof?: Proof | undefined;
  close(): Promise<void>;
}

const sharedConnections = 3;

/** Opens a database; nothing is sent before the first statement. */
export const connect = (target: ConnectionTarget): Database => databaseOver(target, sharedConnections);

/**
 * One connection of its own to the same database, for a run that keeps state in its session. When it dies, another is
 * opened in its place: the run must prove in each transaction that it still is in the session it began in.
 */
export const dedicated = ({ target, proof }: Database): Database => databaseOver(target, 1, proof);

/** The same database for the parts of a larger run: each of their transactions, on whatever connection, first proves that the run goes on. */
export const proving = (db: Database, proof: Proof): Database => ({
  target: db.target,
  get sql() {
    return db.sql;
  },
  proof,
  close: () => db.close(),
});

function databaseOver(target: ConnectionTarget, connections: number, proof?: Proof): Database {
  const client = new LastingClient(target, connections);
  return {
    target,
    get sql() {
      return client.current();
    },
    proof,
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
 * Runs `work` in one READ WRITE transaction on one connection, after the database's proof. When the connection dies, or `work`
 * has ended, statements that are still to come are refused.
 *
 * @param ending "rollback" gives the same path and figures with nothing kept (a dry run); what `work` returns may decide
 * @returns what `work` returns
 * @throws the typed form of whatever the database answered; everything is rolled back
 */
export async function inTransaction<T>(
  { sql, proof }: Pick<Database, "sql" | "proof">, work: (tx: Transaction) => Promise<T>, ending: Ending | ((value: T) => Ending) = "commit",
): Promise<T> {
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

/**
 * Sends a statement now; by itself the driver waits until somebody awaits it. Statements sent one after the other run in
 * that order without waiting for each other's answers.
 */
export const send = <Query extends { execute(): Query }>(query: Query): Query => query.execute();

/** Runs a read and gives its error the typed form. */
export async function reading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toAccrueError(error);
  }
}
