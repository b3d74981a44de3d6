import postgres from "postgres";
import { arrayTypes } from "./arrays.ts";
import type { SilenceWatch } from "./silence.ts";
import { socketOpener } from "./socket.ts";
import type { Encryption } from "./tls.ts";

export type Types = { bigint: bigint; businessDate: string };
/** A postgres.js client or transaction: bigint columns arrive as bigint, dates as text, columns in camel case. */
export type Sql = postgres.Sql<Types> | postgres.TransactionSql<Types>;
/** What runs inside one transaction. */
export type Transaction = postgres.TransactionSql<Types>;

/** A piece of a statement, to be put into others. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;

/**
 * Where the server is (a URL, or parts of one for the embedded server's socket; parts not given come from PG*), and how
 * it is talked to.
 */
export interface ConnectionTarget {
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly database?: string;
  /**
   * How connections are encrypted, the preferred way first; undefined is a connection in the clear. None at all: in the
   * clear.
   */
  readonly ways?: readonly (Encryption | undefined)[];
  /** Ends connections on which the server is silent. */
  readonly silence?: SilenceWatch;
}

const dateOid = 1082;
const endTimeoutSeconds = 5;
const connectTimeoutSeconds = 10;

/**
 * Every session is read-only until a transaction says READ WRITE. A callback may go on on the connection that replaced
 * its own (see `transaction.ts`), outside its transaction, where each statement commits by itself: the server refuses
 * such a write.
 *
 * The keepalives let the server notice within two minutes that a session's machine is gone, and free what a dead run
 * holds.
 */
const sessionDefaults = {
  application_name: "accrue",
  default_transaction_read_only: "on",
  tcp_keepalives_idle: "60",
  tcp_keepalives_interval: "10",
  tcp_keepalives_count: "6",
} as unknown as Record<string, string>;

/** Opens a client; nothing is sent before the first statement. */
export function openClient(
  target: ConnectionTarget,
  maxConnections: number,
  onConnectionLost: () => void = () => {},
): postgres.Sql<Types> {
  const { url, ways = [], silence, ...parts } = target;
  const options = {
    ...parts,
    ssl: false, // the socket is encrypted already, if it is to be
    max: maxConnections,
    connect_timeout: connectTimeoutSeconds,
    max_lifetime: null,
    onnotice: () => {},
    onclose: onConnectionLost,
    connection: sessionDefaults,
    fetch_types: false,
    socket: socketOpener({
      timeoutSeconds: connectTimeoutSeconds,
      encryption: ways[0],
      onBroken: onConnectionLost,
      silence,
    }),
    transform: { column: { from: postgres.toCamel } },
    types: {
      ...arrayTypes,
      bigint: postgres.BigInt,
      businessDate: { to: dateOid, from: [dateOid], serialize: (text: string) => text, parse: (text: string) => text },
    },
  };
  return (url === undefined ? postgres(options) : postgres(url, options)) as unknown as postgres.Sql<Types>;
}

/**
 * Clients for one target, of which the newest is used as long as it has lost no connection. postgres.js keeps what it
 * knew of a dead connection (its query, its error, bytes that were not sent) and gives it to the one that takes its
 * place: the next statement fails with an error of long ago, or waits for ever (porsager/postgres#1216, #1223). So the
 * whole client is replaced; what still runs on other connections of the old one ends in peace.
 */
export class LastingClient {
  readonly #target: ConnectionTarget;
  readonly #maxConnections: number;
  readonly #clients: postgres.Sql<Types>[] = [];
  #isLost = true;
  #isClosed = false;

  constructor(target: ConnectionTarget, maxConnections: number) {
    this.#target = target;
    this.#maxConnections = maxConnections;
    this.current();
  }

  /** The client to send the next statement by. Do not keep it: it is another one once a connection was lost. */
  current(): postgres.Sql<Types> {
    if (this.#isLost && !this.#isClosed) {
      this.#isLost = false;
      const client = openClient(
        this.#target,
        this.#maxConnections,
        () => (this.#isLost ||= this.#clients.at(-1) === client),
      );
      this.#clients.push(client);
    }
    return this.#clients.at(-1)!;
  }

  /** Ends all connections; resolves when that is done. */
  async close(): Promise<void> {
    this.#isClosed = true;
    // A client that lost a connection would wait for an answer that never comes (porsager/postgres#1097, #1130).
    const timeoutOf = (client: postgres.Sql<Types>) =>
      !this.#isLost && client === this.#clients.at(-1) ? endTimeoutSeconds : 0;
    await Promise.all(this.#clients.map((client) => client.end({ timeout: timeoutOf(client) })));
  }
}
