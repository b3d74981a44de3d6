import { createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { socketOpener } from "../src/db/socket.ts";
import { accrueInProcess } from "./support/cli.ts";

const listening: (() => void)[] = [];
afterEach(() => listening.splice(0).forEach((stop) => stop()));

/** The port of a server that does with each connection what it is told. */
async function portOf(take: (socket: Socket) => void): Promise<number> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => take(socket));
  server.on("connection", (socket) => connections.add(socket.on("error", () => {})));
  listening.push(() => {
    server.close();
    for (const socket of connections) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

const answerOf = (socket: Socket): Promise<string> => new Promise((resolve) => socket.once("data", (bytes) => resolve(bytes.toString())));

describe("the sockets that the driver gets", () => {
  test("send a small message behind another one at once: the server waits for both, and Nagle's algorithm for the server", async () => {
    const port = await portOf((socket) => {
      let received = 0;
      socket.on("data", (bytes) => {
        received += bytes.length;
        if (received % 4 === 0) socket.write("ok");
      });
    });
    const socket = socketOpener()({ host: ["127.0.0.1"], port: [port], path: false });
    const roundsMs: number[] = [];
    for (let round = 0; round < 60; round += 1) {
      const startedMs = performance.now();
      for (const piece of ["ab", "cd"]) await new Promise((resolve) => socket.write(piece, resolve));
      await answerOf(socket);
      roundsMs.push(performance.now() - startedMs);
    }
    socket.destroy();
    expect(roundsMs.toSorted((one, other) => one - other)[45]).toBeLessThan(30);
  });

  test("go to the hosts in turn, and carry the name of theirs", async () => {
    const ports = [await portOf((socket) => void socket.write("first")), await portOf((socket) => void socket.write("second"))];
    const open = socketOpener();
    const place = { host: ["127.0.0.1", "localhost"], port: ports, path: false } as const;
    for (const [answer, host] of [["first", "127.0.0.1"], ["second", "localhost"], ["first", "127.0.0.1"]] as const) {
      const socket = open(place);
      expect([await answerOf(socket), (socket as Socket & { host?: string }).host]).toEqual([answer, host]);
      socket.destroy();
    }
  });
});

describe("a server that cannot be talked to", () => {
  test("it closes each connection before it says anything, as a proxy does whose server is down: told once, exit 5", async () => {
    let connections = 0;
    const port = await portOf((socket) => {
      connections += 1;
      socket.end();
    });
    const { exitCode, stdout, stderr } = await accrueInProcess(["member", "list"], { env: { DATABASE_URL: `postgres://accrue@127.0.0.1:${port}/accrue` } });
    expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: "" });
    expect(stderr).toContain("cannot reach the database: the connection was closed before the server said anything");
    expect(connections).toBe(1);
  });
});
