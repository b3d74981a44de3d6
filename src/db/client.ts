import postgres from "postgres";
import { arrayTypes } from "./array-types.ts";
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

/** Where the server is: a URL, or the parts of one (the embedded server's socket); undefined parts come from PG*. And how it is talked to. */
export interface ConnectionTarget {
  readonly url?: string;
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
  readonly database?: string;
  /** How connections are made, the best way first; one that is not encrypted is undefined. Without any they are in the clear. */
  readonly ways?: readonly (Encryption | undefined)[];
  /** Ends connections on which the server is silent. */
  readonly silence?: SilenceWatch;
}

const dateOid = 1082;
const endTimeoutSeconds = 5;
const connectTimeoutSeconds = 10;

/**
 * Every session is read-only until a transaction says READ WRITE. The driver has been seen to continue a callback on a
 * replacement connection after the first one died; outside its transaction, each statement would commit on its own. With
 * this default the server refuses such a stray write.
 *
 * And the server notices within two minutes when a session's machine is gone: what a dead run holds, it holds no longer.
 */
const sessionDefaults = {
  application_name: "accrue", default_transaction_read_only: "on",
  tcp_keepalives_idle: "60", tcp_keepalives_interval: "10", tcp_keepalives_count: "6",
} as unknown as Record<string, string>;

/** Opens a client; nothing is sent before the first statement. */
export function openClient(target: ConnectionTarget, maxConnections: number, onConnectionLost: () => void = () => {}): postgres.Sql<Types> {
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
    socket: socketOpener({ timeoutSeconds: connectTimeoutSeconds, encryption: ways[0], onBroken: onConnectionLost, silence }),
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
 * A client that survives the loss of a connection. postgres.js keeps what it knew of a dead one (the query, its error, bytes
 * that were not sent) and gives it to the connection that takes its place: the next statement fails with an error of long ago,
 * or waits for ever. So the whole client is replaced; what still runs on the other connections of the old one ends in peace.
 */
export function openLastingClient(target: ConnectionTarget, maxConnections: number): { readonly sql: postgres.Sql<Types>; close(): Promise<void> } {
  const clients: postgres.Sql<Types>[] = [];
  let isLost = true;
  let isClosed = false;
  const current = (): postgres.Sql<Types> => {
    if (isLost && !isClosed) {
      isLost = false;
      const client = openClient(target, maxConnections, () => (isLost ||= clients.at(-1) === client));
      clients.push(client);
    }
    return clients.at(-1)!;
  };
  current();
  const sql = new Proxy(current(), {
    apply: (_first, self, args) => Reflect.apply(current() as unknown as (...args: unknown[]) => unknown, self, args),
    get: (_first, name) => Reflect.get(current(), name) as unknown,
  });
  const close = async () => {
    isClosed = true;
    // One that lost a connection would wait for an answer that never comes.
    await Promise.all(clients.map((client) => client.end({ timeout: !isLost && client === clients.at(-1) ? endTimeoutSeconds : 0 })));
  };
  return { sql, close };
}
