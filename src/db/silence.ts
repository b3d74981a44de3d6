import type { Socket } from "node:net";
import { unreachableError } from "../shared/errors.ts";

/** How long a server may leave a question without an answer. */
export interface Patience {
  /** After how long a person is told. */
  readonly noteAfterMs: number;
  /** After how long the connection is given up; 0: never. */
  readonly limitMs: number;
  /** When it is aborted, what has been silent for as long as a person would be told of ends at once, with its reason. */
  readonly signal: AbortSignal;
  readonly onNote: (text: string) => void;
  /** Told why, before the connection is given up: what breaks then, breaks because of it. */
  readonly onGivenUp: (error: Error) => void;
}

/** How often is looked, at most. */
const lookEveryMs = 1000;

/**
 * Watches over connections that somebody was let in by. A server that has stopped, or a network that takes what is sent and brings
 * nothing back, gives no error: without this a command would wait for ever, and a signal would wait with it for the next safe edge.
 *
 * Silence is that the server owes an answer, and neither says anything nor takes any of what is being sent.
 */
export class SilenceWatch {
  readonly #patience: Patience;
  readonly #connections = new Set<Connection>();
  #timer: NodeJS.Timeout | undefined;

  constructor(patience: Patience) {
    this.#patience = patience;
    patience.signal.addEventListener("abort", () => this.#look(0), { once: true });
  }

  /** Watches over a socket from now on, on which the server has just said that it is ready for a query. */
  watch(socket: Socket): void {
    const connection = new Connection(socket);
    this.#connections.add(connection);
    socket.once("close", () => this.#forget(connection));
    const everyMs = Math.min(lookEveryMs, this.#patience.noteAfterMs / 4);
    let lookedAtMs = performance.now();
    this.#timer ??= setInterval(() => {
      const nowMs = performance.now();
      // What arrived while this process was busy is not read yet: that time was not the server's.
      this.#look(Math.min(nowMs - lookedAtMs, 2 * everyMs));
      lookedAtMs = nowMs;
    }, everyMs).unref();
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(passedMs: number): void {
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

/** One connection: what is owed on it, and when it last showed life. */
class Connection {
  readonly #socket: Socket;
  readonly #asked = new MessageCounter("QS");
  readonly #described = new MessageCounter("H");
  readonly #answered = new MessageCounter("Z");
  #owed = 0;
  /** The server was asked for what it knows so far, and has said nothing since. */
  #isDescribing = false;
  #reads = 0;
  #sign = "";
  #silentMs = 0;
  #isTold = false;

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

  /** For how long it is silent now that so much more time has passed. */
  silentFor(passedMs: number): number {
    const sign = `${this.#reads} ${this.#socket.bytesWritten} ${this.#socket.writableLength}`;
    const isSilent = sign === this.#sign && (this.#owed > 0 || this.#isDescribing);
    this.#silentMs = isSilent ? this.#silentMs + passedMs : 0;
    this.#isTold &&= isSilent;
    this.#sign = sign;
    return this.#silentMs;
  }

  /** Whether this silence is asked about for the first time. */
  isNew(): boolean {
    const isNew = !this.#isTold;
    this.#isTold = true;
    return isNew;
  }

  end(error: Error): void {
    this.#socket.destroy(error);
  }
}

/** Counts messages of some types in a stream of PostgreSQL's messages, cut anywhere: a letter, and a length that counts itself. */
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
