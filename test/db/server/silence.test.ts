import { once } from "node:events";
import { connect as connectTo, createServer, type AddressInfo, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { SilenceWatch } from "../../../src/db/driver/silence.ts";
import { startAccrue, until } from "../orders/process.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { testDatabase } from "../../support/database.ts";

const database = await testDatabase();

/** A way to the server on which nothing comes back any more once a statement went by that has a text in it. */
async function silentBehind(text: string) {
  const target = new URL(database.url);
  const directory = target.searchParams.get("host");
  const port = Number(target.port === "" ? "5432" : target.port);
  const sockets = new Set<Socket>();
  let isSilent = false;
  const server = createServer((near) => {
    const far = directory === null ? connectTo(port, target.hostname) : connectTo(`${directory}/.s.PGSQL.${port}`);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      sockets.add(one.on("error", () => {}).on("close", () => other.destroy()));
    near.on("data", (bytes) => {
      isSilent ||= bytes.includes(text);
      far.write(bytes);
    });
    far.on("data", (bytes) => {
      if (!isSilent) near.write(bytes);
    });
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const through = new URL(database.url);
  through.searchParams.delete("host");
  through.hostname = "127.0.0.1";
  through.port = String((server.address() as AddressInfo).port);
  const close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((settle) => server.close(() => settle()));
  };
  return { url: through.href, close };
}

const registering = ["member", "register", "--name", "张三", "--yes"];
const note =
  /the database has not answered for \d+ s: it is at a long statement, waits for another session, or is gone; Ctrl-C or SIGTERM stops/u;

describe("a server that says nothing any more in the middle of the work", () => {
  let way: Awaited<ReturnType<typeof silentBehind>>;
  beforeEach(async () => void (way = await silentBehind("INSERT INTO member_numbers")));
  afterEach(() => way.close());

  test("is noted, and given up at the limit: exit 5, and nothing is kept", async () => {
    const { exitCode, stderr } = await accrueInProcess([...registering, "--timeout", "1s"], {
      database: way,
      surroundings: { silenceNoteMs: 400 },
    });
    expect(exitCode).toBe(5);
    const [first, second] = stderr.split("\n");
    expect(first).toMatch(note);
    expect(second).toMatch(/^error: the database has not answered for 1 s, and is given up$/u);
    expect(await database.db.sql`SELECT FROM members`).toHaveLength(0);
    const inJson = await silentBehind("INSERT INTO member_numbers");
    const again = await accrueInProcess([...registering, "--json"], {
      database: inJson,
      env: { ACCRUE_TIMEOUT: "1s" },
    });
    expect(JSON.parse(again.stderr)).toMatchObject({
      error: { code: "database_silent", hint: expect.stringContaining("--timeout") as string },
    });
    await inJson.close();
  });

  test.each([
    ["once the note was given", true],
    ["before the note: at the time when it would be given", false],
  ])("one SIGTERM is enough, %s", async (_when, isNoted) => {
    const { child, ended } = startAccrue(registering, { database: way, silenceNoteMs: isNoted ? 500 : 4_000 });
    let said = "";
    child.stderr.on("data", (text: string) => (said += text));
    if (isNoted) await until(() => Promise.resolve(note.test(said)));
    else await sleep(2_500);
    child.kill("SIGTERM");
    const { exit, stderr } = await ended;
    expect(exit).toBe(143);
    expect(stderr).toContain("SIGTERM: stopping at the next safe edge");
    expect(await database.db.sql`SELECT FROM members`).toHaveLength(0);
  });
});

test.each([
  ["--timeout", "soon"],
  ["--timeout", "5"],
])("%s %s is no limit: exit 2", async (...words) => {
  const { exitCode, stderr } = await accrueInProcess([...registering, ...words], { database });
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: expect.stringContaining(`${words.join(" ")}: no length of time`) as string,
  });
});

describe("what is silence", () => {
  const message = (type: string, body = "") => {
    const head = Buffer.alloc(5);
    head.write(type);
    head.writeUInt32BE(body.length + 4, 1);
    return Buffer.concat([head, Buffer.from(body)]);
  };
  const query = message("Q", "SELECT 1\0");
  const [row, ready] = [message("D", "x".repeat(100)), message("Z", "I")];
  const reason = new Error("stopped");

  /** A connection that is watched over, the server's end of it, and a clock that only goes on when it is told to. */
  async function watched(limitMs = 0) {
    const listening = createServer();
    await new Promise<void>((settle) => listening.listen(0, "127.0.0.1", settle));
    const [[server], tool] = await Promise.all([
      once(listening, "connection") as Promise<[Socket]>,
      Promise.resolve(connectTo((listening.address() as AddressInfo).port, "127.0.0.1")),
    ]);
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    const stop = new AbortController();
    const notes: string[] = [];
    const errors: string[] = [];
    const silence = new SilenceWatch({
      noteAfterMs: 30_000,
      limitMs,
      signal: stop.signal,
      onNote: (text) => notes.push(text),
      onGivenUp: (error) => errors.push(error.message),
    });
    silence.watch(tool);
    onTestFinished(() => {
      vi.useRealTimers();
      tool.destroy();
      listening.close();
    });
    return {
      tool,
      stop,
      notes,
      errors,
      ended: once(tool, "error") as Promise<[Error]>,
      ask: async (...messages: Buffer[]) => {
        tool.write(Buffer.concat(messages));
        await once(server, "data");
      },
      answer: async (bytes: Buffer) => {
        server.write(bytes);
        await once(tool, "data");
      },
      /** So much time passes; gives how many notes there are by then. */
      pass: (seconds: number) => {
        vi.advanceTimersByTime(seconds * 1000);
        return notes.length;
      },
    };
  }

  test("that a question is not answered: noted once, and again of the next; not that nothing is asked", async () => {
    const { ask, answer, pass } = await watched();
    expect(pass(100)).toBe(0);
    await ask(query);
    expect([pass(29), pass(2), pass(100)]).toEqual([0, 1, 1]);
    await answer(Buffer.concat([row, ready]));
    expect(pass(100)).toBe(1);
    await ask(query);
    expect([pass(29), pass(2)]).toEqual([1, 2]);
  });

  test("that one of several questions is not answered, or that the server was only asked what it knows so far", async () => {
    const { ask, answer, pass } = await watched();
    await ask(message("P", "\0SELECT $1\0"), message("S"), message("P", "\0SELECT $1\0"), message("S"));
    await answer(ready);
    expect([pass(29), pass(2)]).toEqual([0, 1]);
    await answer(ready);
    await ask(message("P", "\0SELECT $1\0"), message("D", "S\0"), message("H"));
    expect([pass(29), pass(2)]).toEqual([1, 2]);
    await answer(message("t"));
    expect(pass(100)).toBe(2);
  });

  test("not a server that says something from time to time, cut as it may be, or takes what it is sent", async () => {
    const { ask, answer, pass } = await watched();
    await ask(query);
    const answers = Buffer.concat([row, row, ready]);
    for (const at of [3, 105, 107, 110]) {
      expect(pass(20)).toBe(0);
      await answer(answers.subarray(at === 3 ? 0 : { 105: 3, 107: 105, 110: 107 }[at], at));
    }
    await answer(answers.subarray(110, answers.length - 2));
    expect(pass(20)).toBe(0);
    await answer(answers.subarray(answers.length - 2));
    expect(pass(100)).toBe(0);
    await ask(message("Q", "copy t from stdin\0"));
    for (let chunk = 0; chunk < 5; chunk += 1) {
      await ask(message("d", "x".repeat(1000)));
      expect(pass(20)).toBe(0);
    }
    expect(pass(31)).toBe(1);
  });

  test("at the limit the connection is given up, and who runs the command is told why before it breaks", async () => {
    const { ask, pass, errors, ended } = await watched(60_000);
    await ask(query);
    expect(pass(61)).toBe(1);
    expect(errors).toEqual(["the database has not answered for 60 s, and is given up"]);
    expect((await ended)[0]).toMatchObject({ code: "database_silent" });
  });

  test("when the command is to stop, what is silent for long ends at once, and the rest when it has been", async () => {
    const { ask, pass, stop, tool, ended } = await watched();
    await ask(query);
    pass(20);
    stop.abort(reason);
    expect(tool.destroyed).toBe(false);
    pass(12);
    expect((await ended)[0]).toBe(reason);
    const other = await watched();
    await other.ask(query);
    other.pass(40);
    other.stop.abort(reason);
    expect((await other.ended)[0]).toBe(reason);
  });
});
