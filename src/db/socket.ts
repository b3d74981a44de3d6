import { connect, type Socket } from "node:net";

/** What the driver tells of where the server is: its hosts with their ports, or the path of a Unix socket. */
export interface SocketPlace {
  host: readonly string[];
  readonly port: readonly number[];
  readonly path: string | false;
  /** Whether TLS is asked for first. */
  readonly ssl?: unknown;
}

/**
 * Makes what opens the driver's sockets: to the server's hosts in turn, as the driver does by itself, but
 * - without Nagle's algorithm, which the driver leaves on: a small message behind another one would wait up to 40 ms for the
 *   server's delayed acknowledgement, at each chunk of an import;
 * - and what closes before it says anything (a proxy whose server is down) or while it lets somebody in, or says what no
 *   server does (a port of something else), is an error: the driver would connect again, at once and for ever;
 * - and when none of several hosts answers, that is an error (see `HostsInTurn`);
 * - and who is to know of a connection that breaks is told at once: the driver tells it when the socket is closed, and takes
 *   statements until then that it never answers.
 *
 * @param timeoutSeconds until when a server has to answer; of several hosts, all of them together
 * @param onBroken called when a connection that somebody was let in by breaks. Not of one by TLS, whose socket is the driver's
 */
export function socketOpener(timeoutSeconds: number, onBroken: () => void = () => {}): (place: SocketPlace) => Socket {
  let turns: HostsInTurn | undefined;
  return (place) => {
    if (place.path) return awaitingServer(connect(place.path), place, onBroken).socket;
    turns ??= new HostsInTurn(place, timeoutSeconds * 1000, onBroken);
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
  readonly #timeoutMs: number;
  readonly #onBroken: () => void;
  readonly #failures = new Map<number, { readonly atMs: number; readonly why: string }>();
  #opened = 0;

  constructor(place: SocketPlace, timeoutMs: number, onBroken: () => void) {
    this.#place = place;
    this.#hosts = place.host;
    this.#timeoutMs = timeoutMs;
    this.#onBroken = onBroken;
  }

  open(): Socket {
    const turn = this.#opened % this.#hosts.length;
    this.#opened += 1;
    this.#place.host = this.#hosts;
    const [host, port] = [this.#hosts[turn]!, this.#place.port[turn]!];
    // The driver takes the name that a certificate is held against, and what its errors say, from the socket.
    const awaited = awaitingServer(Object.assign(connect({ host, port, noDelay: true }), { host, port }), this.#place, this.#onBroken);
    if (this.#hosts.length > 1) this.#watch(awaited, turn, `${host}:${port}`);
    return awaited.socket;
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

/** What Node says of a host that has several addresses stands in the error of each. */
const reasonOf = (error: Error): string => (error instanceof AggregateError ? (error.errors[0] as Error) : error).message;

/** A socket, and whether a server has said something on it. */
interface Awaited {
  readonly socket: Socket;
  hasAnswered(): boolean;
}

/** What the first word of a server can start with: authentication, an error, a notice, another version; and whether it takes TLS. */
const firstCharacters = { plain: "RENv", tls: "SNE" };

/** The last that a server says of a login: it is ready for a query, in no transaction. */
const readyForQuery = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

function awaitingServer(socket: Socket, { ssl }: SocketPlace, onBroken: () => void): Awaited {
  const expected = ssl ? firstCharacters.tls : firstCharacters.plain;
  let hasAnswered = false;
  const refuse = (why: string) => void socket.destroy(Object.assign(new Error(why), { code: "CONNECTION_CLOSED" }));
  // Of a connection that somebody was let in by, the driver itself tells the end, and in an order that it relies on.
  const onEnd = () => refuse(hasAnswered ? "it closed the connection" : "the connection was closed before the server said anything");
  const onData = (bytes: Buffer) => {
    hasAnswered ||= expected.includes(String.fromCharCode(bytes[0]!));
    if (!hasAnswered) refuse("what answers there is no PostgreSQL server");
    if (!bytes.subarray(-readyForQuery.length).equals(readyForQuery)) return;
    socket.off("data", onData).off("end", onEnd).prependListener("error", onBroken);
  };
  socket.on("data", onData).on("end", onEnd);
  return { socket, hasAnswered: () => hasAnswered };
}
