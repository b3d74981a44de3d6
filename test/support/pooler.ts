import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { splitMessages } from "../faults/protocol.ts";

/**
 * What a pooler does to those who connect: refuses settings of a session that it does not know, drops them, or gives
 * one session of the server to one transaction after the other, whoever's it is.
 */
export type PoolerKind = "refuses" | "drops" | "shares";

export interface Pooler {
  /** The way to the server through it. */
  readonly url: string;
  close(): Promise<void>;
}

/** A stand-in for a pooler in front of the server of a URL. */
export async function poolerTo(url: string, kind: PoolerKind): Promise<Pooler> {
  const target = new URL(url);
  const directory = target.searchParams.get("host");
  const port = Number(target.port === "" ? "5432" : target.port);
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket)));
    return socket;
  };
  const toServer = () =>
    keep(directory === null ? connect(port, target.hostname) : connect(`${directory}/.s.PGSQL.${port}`));
  const shared = new SharedSession(toServer);
  const server = createServer((near) => {
    keep(near);
    near.once("data", (startup: Buffer) => {
      if (kind === "refuses") near.end(refusal);
      else if (kind === "drops") pipe(near, toServer(), withoutSettings(startup));
      else shared.join(near, startup);
    });
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const through = new URL(url);
  through.searchParams.delete("host");
  through.searchParams.set("sslmode", "disable");
  through.hostname = "127.0.0.1";
  through.port = String((server.address() as AddressInfo).port);
  const close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((settle) => server.close(() => settle()));
  };
  return { url: through.href, close };
}

function pipe(near: Socket, far: Socket, startup: Buffer): void {
  far.write(startup);
  near.pipe(far).pipe(near);
}

const message = (type: string, body: Buffer): Buffer => {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
};

const refusal = message(
  "E",
  Buffer.from("SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: default_transaction_read_only\0\0"),
);

/** The first message with nothing in it but who wants which database. */
function withoutSettings(startup: Buffer): Buffer {
  const words = startup.toString("utf8", 8).split("\0");
  const kept = ["user", "database", "client_encoding"].flatMap((name) => [name, words[words.indexOf(name) + 1]!]);
  const body = Buffer.from(`${kept.join("\0")}\0\0`);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  startup.copy(head, 4, 4, 8);
  return Buffer.concat([head, body]);
}

/** One session of the server, which has logged in as the first who came. */
class SharedSession {
  readonly #open: () => Socket;
  readonly #greeting: Buffer[] = [];
  readonly #waiting: { readonly near: Socket; readonly said: Buffer[] }[] = [];
  #server: Socket | undefined;
  #current: Socket | undefined;
  #owed = 0;
  #joined = 0;

  constructor(open: () => Socket) {
    this.#open = open;
  }

  join(near: Socket, startup: Buffer): void {
    const split = splitMessages("tool");
    split(startup); // the first message has no type
    const isFirst = this.#server === undefined;
    near.on("data", (bytes: Buffer) => {
      for (const one of split(bytes)) this.#ask(near, one);
    });
    if (!isFirst) return void near.write(this.#greetingFor());
    this.#current = near;
    this.#server = this.#open();
    this.#server.write(startup);
    const answers = splitMessages("server");
    this.#server.on("data", (bytes: Buffer) => {
      for (const one of answers(bytes)) this.#answer(one);
    });
  }

  /** As a pooler does, each is given a number of a session that is none of the server's. */
  #greetingFor(): Buffer {
    this.#joined += 1;
    return Buffer.concat(
      this.#greeting.map((one) =>
        typeOf(one) === "K" ? message("K", Buffer.from([0, 0, 0, this.#joined, 0, 0, 0, 0])) : one,
      ),
    );
  }

  #ask(near: Socket, one: Buffer): void {
    const type = typeOf(one);
    if (type === "X") return void near.end();
    if (this.#current !== undefined && this.#current !== near) {
      const queued = this.#waiting.find((other) => other.near === near);
      if (queued === undefined) this.#waiting.push({ near, said: [one] });
      else queued.said.push(one);
      return;
    }
    this.#current = near;
    if (type === "S" || type === "Q") this.#owed += 1;
    this.#server!.write(one);
  }

  #answer(one: Buffer): void {
    const type = typeOf(one);
    const isLogin = this.#joined === 0;
    if (isLogin) {
      if (type !== "R" || one.readUInt32BE(5) === 0) this.#greeting.push(one);
      else this.#current!.write(one); // it asks for a password
      if (type !== "Z") return;
      this.#current!.write(this.#greetingFor());
    } else {
      this.#current?.write(one);
      if (type === "Z") this.#owed -= 1;
    }
    if (type !== "Z" || this.#owed > 0 || one[5] !== "I".charCodeAt(0)) return;
    this.#current = undefined;
    const next = this.#waiting.shift();
    for (const said of next?.said ?? []) this.#ask(next!.near, said);
  }
}

const typeOf = (one: Buffer): string => String.fromCharCode(one[0]!);
