import { connect, Socket } from "node:net";
import type { SilenceWatch } from "./silence.ts";
import type { Encryption } from "./tls.ts";

/** Where the driver says that the server is: its hosts with their ports, or the path of a Unix socket. */
export interface SocketPlace {
  host: readonly string[];
  readonly port: readonly number[];
  readonly path: string | false;
}

export interface SocketCare {
  /** How long a server has to answer; several hosts share it. */
  readonly timeoutSeconds: number;
  /** Encrypts connections to hosts; undefined for connections in the clear. */
  readonly encryption?: Encryption | undefined;
  /** Called when a connection breaks after its login. */
  readonly onBroken?: () => void;
  /** Ends connections on which the server does not answer. */
  readonly silence?: SilenceWatch | undefined;
}

/**
 * Returns the function that opens the driver's sockets: to the server's hosts in turn, as the driver does by itself,
 * except that
 * - Nagle's algorithm is off, which the driver leaves on: a small message after another one would wait up to 40 ms for
 *   the server's delayed acknowledgement, at each chunk of an import;
 * - a connection that closes before the login is done (a proxy whose server is down), or says what no PostgreSQL server
 *   says (the port of something else), is an error: the driver would connect again at once, for ever
 *   (porsager/postgres#1193);
 * - it is an error when none of several hosts answers (see `HostsInTurn`);
 * - `onBroken` is called at a connection's error: the driver calls its `onclose` when the socket has closed, and until
 *   then takes statements that it never answers;
 * - the driver gets a socket that is encrypted already, if it is to be (see `Encryption`).
 */
export function socketOpener(care: SocketCare): (place: SocketPlace) => Socket | Promise<Socket> {
  let turns: HostsInTurn | undefined;
  return (place) => {
    if (place.path) return awaitingServer(connect(place.path), care).socket;
    turns ??= new HostsInTurn(place, care);
    return turns.open();
  };
}

/**
 * The hosts of one client. The driver passes over the error of one host as long as it knows of another, so where all
 * are down it would go round for ever (porsager/postgres#1174), and it waits its full timeout for a host that is silent
 * (#988). When each of them has failed within the time for connecting, the driver is left one host only, and its error
 * names them all.
 */
class HostsInTurn {
  readonly #place: SocketPlace;
  readonly #hosts: readonly string[];
  readonly #care: SocketCare;
  readonly #failures = new Map<number, { readonly atMs: number; readonly why: string }>();
  #opened = 0;

  constructor(place: SocketPlace, care: SocketCare) {
    this.#place = place;
    this.#hosts = place.host;
    this.#care = care;
  }

  /** The time that all hosts share. */
  get #timeoutMs(): number {
    return this.#care.timeoutSeconds * 1000;
  }

  open(): Socket | Promise<Socket> {
    const turn = this.#opened % this.#hosts.length;
    this.#opened += 1;
    this.#place.host = this.#hosts;
    const [host, port] = [this.#hosts[turn]!, this.#place.port[turn]!];
    const raw = connect({ host, port, noDelay: true });
    const handOver = (socket: Socket): Socket => {
      // The driver's errors name the host and port that they find on the socket.
      const awaited = awaitingServer(Object.assign(socket, { host, port }), this.#care);
      if (this.#hosts.length > 1) this.#watch(awaited, turn, `${host}:${port}`);
      return socket;
    };
    const { encryption } = this.#care;
    if (encryption === undefined) return handOver(raw);
    const encrypted = encryption.secure(raw, { host, port }, this.#timeoutMs / this.#hosts.length);
    return encrypted.then(handOver, (error: Error) => handOver(broken(error)));
  }

  #watch({ socket, hasAnswered }: Awaited, turn: number, name: string): void {
    const timer = setTimeout(() => {
      if (!hasAnswered())
        socket.destroy(Object.assign(new Error(`no answer from ${name}`), { code: "CONNECT_TIMEOUT" }));
    }, this.#timeoutMs / this.#hosts.length);
    socket.once("close", () => clearTimeout(timer));
    // Called before the driver's own listener, which reads the list of hosts.
    socket.once("error", (error) => {
      if (hasAnswered()) return;
      const atMs = performance.now();
      this.#failures.set(turn, { atMs, why: `${name}: ${reasonOf(error)}` });
      const recent = [...this.#failures.values()].filter((failure) => atMs - failure.atMs <= this.#timeoutMs);
      if (recent.length < this.#hosts.length) return;
      this.#place.host = [name];
      Object.assign(error, {
        message: `none of its hosts answers (${recent.map(({ why }) => why).join("; ")})`,
        errors: [],
      });
    });
  }
}

/**
 * A socket that fails with the error once the driver has written to it. A rejected promise would not do: the driver
 * rejects the statement that waited, and neither tries another host nor ever opens that connection again. Two turns of
 * the event loop: what the driver has not written by then it would keep and write to the next socket.
 */
function broken(error: Error): Socket {
  const socket = Object.assign(new Socket(), { write: () => true });
  setImmediate(() => setImmediate(() => socket.destroy(error)));
  return socket;
}

/** For a host with several addresses Node throws an AggregateError without a message of its own. */
const reasonOf = (error: Error): string =>
  (error instanceof AggregateError ? (error.errors[0] as Error) : error).message;

/** A socket, and whether a server has answered on it. */
interface Awaited {
  readonly socket: Socket;
  hasAnswered(): boolean;
}

/** The types of a PostgreSQL server's first message: authentication, an error, a notice, another protocol version. */
const firstCharacters = "RENv";

/** The last message of a login: ready for a query, in no transaction. */
const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

function awaitingServer(socket: Socket, { onBroken = () => {}, silence }: SocketCare): Awaited {
  let hasAnswered = false;
  const refuse = (why: string) => void socket.destroy(Object.assign(new Error(why), { code: "CONNECTION_CLOSED" }));
  // After the login the driver handles the end of a connection itself, in an order that it relies on.
  const onEnd = () =>
    refuse(hasAnswered ? "it closed the connection" : "the connection was closed before the server said anything");
  const onData = (bytes: Buffer) => {
    hasAnswered ||= firstCharacters.includes(String.fromCharCode(bytes[0]!));
    if (!hasAnswered) refuse("what answers there is no PostgreSQL server");
    if (!bytes.subarray(-readyForQuery.length).equals(readyForQuery)) return;
    socket.off("data", onData).off("end", onEnd).prependListener("error", onBroken);
    silence?.watch(socket);
  };
  socket.on("data", onData).on("end", onEnd);
  return { socket, hasAnswered: () => hasAnswered };
}
