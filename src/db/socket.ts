import { connect, type Socket } from "node:net";

/** What the driver tells of where the server is: its hosts with their ports, or the path of a Unix socket. */
export interface SocketPlace {
  readonly host: readonly string[];
  readonly port: readonly number[];
  readonly path: string | false;
}

/**
 * Makes what opens the driver's sockets: to the server's hosts in turn, as the driver does by itself, but
 * - without Nagle's algorithm, which the driver leaves on: a small message behind another one would wait up to 40 ms for the
 *   server's delayed acknowledgement, at each chunk of an import;
 * - and what closes before it says anything (a proxy whose server is down, a port of something else) is an error: the driver
 *   would connect again, at once and for ever.
 */
export function socketOpener(): (place: SocketPlace) => Socket {
  let opened = 0;
  return ({ host: hosts, port: ports, path }) => {
    if (path) return refusingSilence(connect(path));
    const [host, port] = [hosts[opened % hosts.length]!, ports[opened % ports.length]!];
    opened += 1;
    // The driver takes the name that a certificate is held against, and what its errors say, from the socket.
    return Object.assign(refusingSilence(connect({ host, port, noDelay: true })), { host, port });
  };
}

const refusingSilence = (socket: Socket): Socket =>
  socket.once("end", () => {
    if (socket.bytesRead > 0) return;
    socket.destroy(Object.assign(new Error("the connection was closed before the server said anything"), { code: "CONNECTION_CLOSED" }));
  });
