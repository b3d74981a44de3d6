import type { Socket } from "node:net";
import { unreachableError } from "../../shared/errors.ts";

/** How long a server may leave a question without an answer. */
export interface Patience {
  /** After how long `onNote` is called. */
  readonly noteAfterMs: number;
  /** After how long the connection is given up; 0: never. */
  readonly limitMs: number;
  /** When it aborts, connections that have been silent for `noteAfterMs` are closed at once, with its reason. */
  readonly signal: AbortSignal;
  readonly onNote: (text: string) => void;
  /**
   * Called with the reason before a connection is given up, so that it is reported in place of the errors that follow.
   */
  readonly onGivenUp: (error: Error) => void;
}

const longestIntervalMs = 1000;

/**
 * A read timeout for connections, which the driver has none of. A server that has stopped, or a network that drops
 * packets, gives no error: a command would wait for ever, and so would a signal, which waits for the next safe edge.
 *
 * A connection is silent when the server owes an answer, and neither sends nor receives anything.
 */
export class SilenceWatch {
  readonly #patience: Patience;
  readonly #connections = new Set<Connection>();
  #timer: NodeJS.Timeout | undefined;

  constructor(patience: Patience) {
    this.#patience = patience;
    patience.signal.addEventListener("abort", () => this.#check(0), { once: true });
  }

  /** Watches a socket from now on. Its server has just said that it is ready for a query. */
  watch(socket: Socket): void {
    const connection = new Connection(socket);
    this.#connections.add(connection);
    socket.once("close", () => this.#forget(connection));
    const everyMs = Math.min(longestIntervalMs, this.#patience.noteAfterMs / 4);
    let checkedAtMs = performance.now();
    this.#timer ??= setInterval(() => {
      const nowMs = performance.now();
      // Answers that arrived while this process was busy are not read yet, so that time does not count.
      this.#check(Math.min(nowMs - checkedAtMs, 2 * everyMs));
      checkedAtMs = nowMs;
    }, everyMs).unref();
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #check(passedMs: number): void {
    const { noteAfterMs, limitMs, signal, onNote, onGivenUp } = this.#patience;
    for (const connection of this.#connections) {
      const silentMs = connection.silentFor(passedMs);
      if (silentMs >= noteAfterMs && signal.aborted) connection.end(signal.reason as Error);
      else if (limitMs > 0 && silentMs >= limitMs) {
        const error = silentError(limitMs);
        onGivenUp(error);
        connection.end(error);
      } else if (silentMs >= noteAfterMs && connection.isNew()) onNote(noteText(noteAfterMs));
    }
  }
}

const inSeconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

const noteText = (ms: number): string =>
  `the database has not answered for ${inSeconds(ms)}: ` +
  "it is at a long statement, waits for another session, or is gone; Ctrl-C or SIGTERM stops";

const silentError = (ms: number): Error =>
  unreachableError("database_silent", `the database has not answered for ${inSeconds(ms)}, and is given up`, {
    hint:
      "what was open is rolled back once the server notices; look at the server and the network, " +
      "or give it longer with --timeout, then run the same command again",
  });

/** One connection: how many answers are owed on it, and since when nothing has moved. */
class Connection {
  readonly #socket: Socket;
  readonly #asked = new MessageCounter("QS");
  readonly #described = new MessageCounter("H");
  readonly #answered = new MessageCounter("Z");
  #owed = 0;
  /** A Flush was sent (the driver does so to learn a statement's types), and nothing was received since. */
  #isDescribing = false;
  #reads = 0;
  #movement = "";
  #silentMs = 0;
  #isReported = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    socket.write = (bytes: Uint8Array | string, ...more: unknown[]) => {
      if (bytes instanceof Uint8Array) {
        this.#owed += this.#asked.count(bytes);
        this.#isDescribing ||= this.#described.count(bytes) > 0;
      }
      return write(bytes, ...more);
    };
    socket.on("data", (bytes: Buffer) => {
      this.#reads += 1;
      this.#isDescribing = false;
      this.#owed -= this.#answered.count(bytes);
    });
  }

  /** How long it has been silent, after `passedMs` more. */
  silentFor(passedMs: number): number {
    const movement = `${this.#reads} ${this.#socket.bytesWritten} ${this.#socket.writableLength}`;
    const isSilent = movement === this.#movement && (this.#owed > 0 || this.#isDescribing);
    this.#silentMs = isSilent ? this.#silentMs + passedMs : 0;
    this.#isReported &&= isSilent;
    this.#movement = movement;
    return this.#silentMs;
  }

  /** True for the first call during one silence. */
  isNew(): boolean {
    const isNew = !this.#isReported;
    this.#isReported = true;
    return isNew;
  }

  end(error: Error): void {
    this.#socket.destroy(error);
  }
}

/**
 * Counts messages of some types in PostgreSQL's wire protocol, cut anywhere: each is a type letter and a length that
 * includes itself.
 */
class MessageCounter {
  readonly #types: readonly number[];
  #header: number[] = [];
  #rest = 0;

  constructor(types: string) {
    this.#types = [...types].map((type) => type.charCodeAt(0));
  }

  count(bytes: Uint8Array): number {
    let found = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#rest > 0) {
        const skipped = Math.min(this.#rest, bytes.length - at);
        this.#rest -= skipped;
        at += skipped;
        continue;
      }
      this.#header.push(bytes[at]!);
      at += 1;
      if (this.#header.length < 5) continue;
      const [type, ...length] = this.#header as [number, number, number, number, number];
      if (this.#types.includes(type)) found += 1;
      this.#rest = Math.max(0, ((length[0] << 24) | (length[1] << 16) | (length[2] << 8) | length[3]) - 4);
      this.#header = [];
    }
    return found;
  }
}
