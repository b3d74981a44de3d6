import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { commitReader, splitMessages, type Side } from "./protocol.ts";

/** Where a wire breaks: right behind the so many-th message that one side sends, counted over all connections. */
export interface Break {
  readonly side: Side;
  readonly message: number;
}

/** A way to the server that reads along, and may break once. */
export interface Wire {
  readonly url: string;
  /** How many messages each side has sent. */
  readonly sent: Readonly<Record<Side, number>>;
  /** The tables that each transaction wrote which was committed, in order. */
  readonly commits: readonly (readonly string[])[];
  close(): Promise<void>;
}

/**
 * Lays a wire to the server of a URL. Where it breaks, the one connection is gone for both sides; the others stay, and
 * new ones come about: a tool that went on with another connection would get through.
 */
export async function wireTo(url: string, breaksAt?: Break): Promise<Wire> {
  const target = new URL(url);
  const directory = target.searchParams.get("host");
  const port = Number(target.port === "" ? "5432" : target.port);
  const sockets = new Set<Socket>();
  const sent = { tool: 0, server: 0 };
  const commits: (readonly string[])[] = [];

  const relay = (side: Side, from: Socket, to: Socket, read: (message: Buffer) => void) => {
    const split = splitMessages(side);
    from.setNoDelay();
    from.on("data", (bytes: Buffer) => {
      const messages = split(bytes);
      const last = breaksAt?.side === side ? breaksAt.message - sent[side] : Number.POSITIVE_INFINITY;
      const passed = last > 0 ? messages.slice(0, last) : messages;
      sent[side] += passed.length;
      passed.forEach(read);
      to.write(Buffer.concat(passed));
      if (passed.length !== last) return;
      // What was sent before the break arrives; nothing comes back.
      from.destroy();
      to.destroySoon();
    });
    from.on("error", () => {}).on("close", () => to.destroySoon());
    sockets.add(from.once("close", () => sockets.delete(from)));
  };

  const server = createServer((near) => {
    const far = directory === null ? connect(port, target.hostname) : connect(`${directory}/.s.PGSQL.${port}`);
    relay(
      "tool",
      near,
      far,
      commitReader((tables) => commits.push(tables)),
    );
    relay("server", far, near, () => {});
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const through = new URL(url);
  through.searchParams.delete("host");
  through.hostname = "127.0.0.1";
  through.searchParams.set("sslmode", "disable"); // what is counted and cut are the messages of the protocol
  through.port = String((server.address() as AddressInfo).port);
  const close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((settle) => server.close(() => settle()));
  };
  return { url: through.href, sent, commits, close };
}
