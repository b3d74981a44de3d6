import { EventEmitter } from "node:events";
import { connect, createServer, Socket, type AddressInfo } from "node:net";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, test, vi } from "vitest";
import { LastingClient } from "../../src/db/driver/client.ts";
import { socketOpener, type SocketPlace } from "../../src/db/driver/socket.ts";
import { startAccrue } from "../db/orders/process.ts";
import { accrueInProcess } from "../support/cli.ts";
import { testDatabase } from "../support/database.ts";

const database = await testDatabase();

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

/**
 * A port that leads to the tests' server, with its own ends of the connections, and whom it lets in to which database.
 */
async function relayToServer() {
  const {
    path,
    host,
    port: ports,
    user,
    database: name,
  } = database.db.sql.options as unknown as SocketPlace & { user: string; database: string };
  const near: Socket[] = [];
  const port = await portOf((socket) => {
    near.push(socket);
    socket
      .pipe(path ? connect(path) : connect(ports[0]!, host[0]))
      .on("error", () => socket.destroy())
      .pipe(socket);
  });
  return { near, port, user, name };
}

const answerOf = (socket: Socket): Promise<string> =>
  new Promise((resolve) => socket.once("data", (bytes) => resolve(bytes.toString())));

describe("the sockets that the driver gets", () => {
  test("send a small message behind another one at once: the server waits for both, and Nagle's algorithm for the server", async () => {
    const port = await portOf((socket) => {
      let received = 0;
      socket.on("data", (bytes) => {
        received += bytes.length;
        if (received % 4 === 0) socket.write("R");
      });
    });
    const socket = await socketOpener({ timeoutSeconds: 10 })({ host: ["127.0.0.1"], port: [port], path: false });
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
    const ports = [
      await portOf((socket) => void socket.write("R first")),
      await portOf((socket) => void socket.write("R second")),
    ];
    const open = socketOpener({ timeoutSeconds: 10 });
    const place = { host: ["127.0.0.1", "localhost"], port: ports, path: false } as const;
    for (const [answer, host] of [
      ["R first", "127.0.0.1"],
      ["R second", "localhost"],
      ["R first", "127.0.0.1"],
    ] as const) {
      const socket = await open(place);
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
    const { exitCode, stdout, stderr } = await accrueInProcess(["member", "list"], {
      env: { DATABASE_URL: `postgres://accrue@127.0.0.1:${port}/accrue?sslmode=disable` },
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: "" });
    expect(stderr).toContain("cannot reach the database: the connection was closed before the server said anything");
    expect(connections).toBe(1);
  });

  test("it asks who is there, and closes: told once, exit 5", async () => {
    let connections = 0;
    const passwordPlease = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);
    const port = await portOf((socket) => {
      connections += 1;
      socket.once("data", () => socket.end(passwordPlease));
    });
    const { exitCode, stderr } = await accrueInProcess(["member", "list"], {
      env: { DATABASE_URL: `postgres://accrue:secret@127.0.0.1:${port}/accrue?sslmode=disable` },
    });
    expect(exitCode).toBe(5);
    expect(stderr).toContain("cannot reach the database: it closed the connection");
    expect(connections).toBe(1);
  });

  test("what answers there is something else: told once, exit 5", async () => {
    const port = await portOf(
      (socket) => void socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")),
    );
    const { exitCode, stderr } = await accrueInProcess(["member", "list"], {
      env: { DATABASE_URL: `postgres://accrue@127.0.0.1:${port}/accrue?sslmode=disable` },
    });
    expect(exitCode).toBe(5);
    expect(stderr).toContain("cannot reach the database: what answers there is no PostgreSQL server");
  });
});

describe("a connection that breaks", () => {
  test("between its error and its end the driver takes statements that it never answers: ours go to another connection", async () => {
    const { near, port, user, name } = await relayToServer();
    const client = new LastingClient({ host: "127.0.0.1", port, user, database: name }, 1);
    expect([...(await client.current()`SELECT 1 AS one`)]).toEqual([{ one: 1 }]);
    const inBetween = new Promise<unknown>((settle) => {
      const emit = vi.spyOn(Socket.prototype, "emit").mockImplementation(function (
        this: Socket,
        event: string | symbol,
        ...more: unknown[]
      ) {
        const hasListeners = EventEmitter.prototype.emit.call(this, event, ...more);
        if (event === "error" && !near.includes(this))
          queueMicrotask(() => {
            emit.mockRestore();
            settle(client.current()`SELECT 2 AS two`);
          });
        return hasListeners;
      });
    });
    near[0]!.resetAndDestroy();
    expect([...((await inBetween) as object[])]).toEqual([{ two: 2 }]);
    await client.close();
  });

  test("an answer that cannot come any more ends the program, and it says so: exit 5", async () => {
    const env = {
      NODE_OPTIONS: `--import=${pathToFileURL(resolve("test/support/failpoint.mjs")).href}`,
      ACCRUE_FAILPOINT: "commit:1:lost",
    };
    const { exit, stderr } = await startAccrue(["member", "register", "--name", "张三", "--json"], { database, env })
      .ended;
    expect(exit).toBe(5);
    expect(JSON.parse(stderr)).toMatchObject({
      error: {
        code: "database_unreachable",
        message: "cannot reach the database: a connection broke, and the answer to a statement with it",
      },
    });
    expect([...(await database.db.sql`SELECT FROM members`)]).toEqual([]);
  });
});

describe("several hosts", () => {
  const deadPort = async () => {
    const port = await portOf(() => {});
    listening.pop()!();
    return port;
  };
  const list = async (hosts: string, database = "accrue", user = "accrue") => {
    const startedMs = performance.now();
    const { exitCode, stderr } = await accrueInProcess(["member", "list"], {
      env: { DATABASE_URL: `postgres://${user}@${hosts}/${database}` },
    });
    return { exitCode, stderr, seconds: (performance.now() - startedMs) / 1000 };
  };

  test("all of them down: exit 5, and both are named", async () => {
    const [one, other] = [await deadPort(), await deadPort()];
    const { exitCode, stderr } = await list(`127.0.0.1:${one},localhost:${other}`);
    expect(exitCode).toBe(5);
    expect(stderr).toContain(
      `cannot reach the database: none of its hosts answers (127.0.0.1:${one}: connect ECONNREFUSED`,
    );
    expect(stderr).toMatch(new RegExp(`; localhost:${other}: connect ECONNREFUSED`));
  });

  test("one is down, the other takes connections and says nothing: exit 5 within the time for connecting", async () => {
    const dead = await deadPort();
    const silent = await portOf(() => {});
    const { exitCode, stderr, seconds } = await list(`127.0.0.1:${silent},127.0.0.1:${dead}`);
    expect([exitCode, stderr]).toEqual([
      5,
      expect.stringContaining(`127.0.0.1:${silent}: no answer from 127.0.0.1:${silent}`),
    ]);
    expect(seconds).toBeLessThan(10);
  });

  test("the first is down: the second is used", async () => {
    const { port, user, name } = await relayToServer();
    const { exitCode, stderr } = await list(`127.0.0.1:${await deadPort()},127.0.0.1:${port}`, name, user);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  });
});
