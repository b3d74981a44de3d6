import { connect, Socket } from "node:net";
import type { SilenceWatch } from "./silence.ts";
import type { Encryption } from "./tls.ts";

/** What the driver tells of where the server is: its hosts with their ports, or the path of a Unix socket. */
export interface SocketPlace {
  host: readonly string[];
  readonly port: readonly number[];
  readonly path: string | false;
}

/** What becomes of the sockets. */
export interface SocketCare {
  /** Until when a server has to answer; of several hosts, all of them together. */
  readonly timeoutSeconds: number;
  /** Encrypts those to hosts; undefined for connections in the clear. */
  readonly encryption?: Encryption | undefined;
  /** Called when a connection that somebody was let in by breaks. */
  readonly onBroken?: () => void;
  /** Ends those that the server leaves without an answer. */
  readonly silence?: SilenceWatch | undefined;
}

/**
 * Makes what opens the driver's sockets: to the server's hosts in turn, as the driver does by itself, but
 * - without Nagle's algorithm, which the driver leaves on: a small message behind another one would wait up to 40 ms for the
 *   server's delayed acknowledgement, at each chunk of an import;
 * - and what closes before it says anything (a proxy whose server is down) or while it lets somebody in, or says what no
 *   server does (a port of something else), is an error: the driver would connect again, at once and for ever;
 * - and when none of several hosts answers, that is an error (see `HostsInTurn`);
 * - and who is to know of a connection that breaks is told at once: the driver tells it when the socket is closed, and takes
 *   statements until then that it never answers;
 * - and where it is to be encrypted, the driver is given a socket that is (see `Encryption`).
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
 * The hosts of one client. An error of one host the driver passes over as long as it knows of another, and so it would go round
 * for ever where all are down: when each of them has failed within the time that a server has to answer, the driver is shown
 * one host only, and what it then fails with names them all.
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

  /** How long all hosts together have. */
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
      // What the driver's errors say of a place it takes from the socket.
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
      if (!hasAnswered()) socket.destroy(Object.assign(new Error(`no answer from ${name}`), { code: "CONNECT_TIMEOUT" }));
    }, this.#timeoutMs / this.#hosts.length);
    socket.once("close", () => clearTimeout(timer));
    // Ahead of the driver's own listener.
    socket.once("error", (error) => {
      if (hasAnswered()) return;
      const atMs = performance.now();
      this.#failures.set(turn, { atMs, why: `${name}: ${reasonOf(error)}` });
      const recent = [...this.#failures.values()].filter((failure) => atMs - failure.atMs <= this.#timeoutMs);
      if (recent.length < this.#hosts.length) return;
      this.#place.host = [name];
      Object.assign(error, { message: `none of its hosts answers (${recent.map(({ why }) => why).join("; ")})`, errors: [] });
    });
  }
}

/**
 * A socket that fails with an error once the driver has written to it. Of a promise that is rejected the driver only tells the statement
 * that waited for it, and neither goes on to another host nor opens that connection ever again; and bytes that it could not write yet,
 * in its next turn of the loop, it would keep for the next socket.
 */
function broken(error: Error): Socket {
  const socket = Object.assign(new Socket(), { write: () => true });
  setImmediate(() => setImmediate(() => socket.destroy(error)));
  return socket;
}

/** What Node says of a host that has several addresses stands in the error of each. */
const reasonOf = (error: Error): string => (error instanceof AggregateError ? (error.errors[0] as Error) : error).message;

/** A socket, and whether a server has said something on it. */
interface Awaited {
  readonly socket: Socket;
  hasAnswered(): boolean;
}

/** What the first word of a server can start with: authentication, an error, a notice, another version. */
const firstCharacters = "RENv";

/** The last that a server says of a login: it is ready for a query, in no transaction. */
const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

function awaitingServer(socket: Socket, { onBroken = () => {}, silence }: SocketCare): Awaited {
  let hasAnswered = false;
  const refuse = (why: string) => void socket.destroy(Object.assign(new Error(why), { code: "CONNECTION_CLOSED" }));
  // Of a connection that somebody was let in by, the driver itself tells the end, and in an order that it relies on.
  const onEnd = () => refuse(hasAnswered ? "it closed the connection" : "the connection was closed before the server said anything");
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
