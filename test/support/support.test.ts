import { describe, expect, test } from "vitest";
import { accrue, accrueInProcess } from "./cli.ts";
import { cloneOf, dumpDatabase, testDatabase } from "./database.ts";
import { plainClient } from "./admin.ts";
import { accrueOnTerminal, onTerminal } from "./pty.ts";
import { Screen } from "./screen.ts";
import { transcript, wordsOf } from "./transcript.ts";

const database = await testDatabase();

describe("a test's database", () => {
  test("is migrated and initialised, and its own: a clone keeps what the source had, and goes its own way", async () => {
    const sql = plainClient(database.url);
    const empty = await dumpDatabase(database.db);
    await sql`INSERT INTO merchants VALUES (1, 'S1', '商家', NULL, 'active', NULL, NULL, 'tester', now())`;
    await sql.end();
    const clone = await cloneOf(database);
    expect(await dumpDatabase(clone.db)).toBe(await dumpDatabase(database.db));
    const other = plainClient(clone.url);
    await other`UPDATE merchants SET name = '改名'`;
    await other.end();
    expect(await dumpDatabase(clone.db, ["merchants"])).toContain("改名");
    expect(await dumpDatabase(database.db, ["merchants"])).not.toContain("改名");
    expect(await dumpDatabase(database.db)).not.toBe(empty);
    await clone.drop();
  });
});

describe("running the program", () => {
  test("as a process and in this one, the same comes out", async () => {
    const args = ["init", "--json"];
    const process = await accrue(args, { database });
    expect(process).toMatchObject({
      exitCode: 0,
      stderr: "",
      stdout: '{"migrations_applied":[],"time_zone":"Asia/Shanghai","first_operator":null,"group_roles":"left"}\n',
    });
    expect(await accrueInProcess(args, { database })).toEqual(process);
  });

  test("a transcript marks stderr and the exit code", async () => {
    expect(await transcript(["accrue init", "accrue init --no-such-option"], { database })).toMatchInlineSnapshot(`
      "
      $ accrue init
      the database is up to date; nothing to do
      business dates are in Asia/Shanghai

      $ accrue init --no-such-option
      ! error: unknown option '--no-such-option'
      ! hint: see \`accrue init --help\`
      [exit 2]
      "
    `);
  });

  test("words in quotes stay together", () => {
    expect(wordsOf(`accrue member register --name '张 三' --reason="a b"`)).toEqual([
      "accrue",
      "member",
      "register",
      "--name",
      "张 三",
      "--reason=a b",
    ]);
  });
});

describe("a pseudo-terminal", () => {
  test("has the size asked for, takes keys and gives the exit code", async () => {
    const session = onTerminal(`sh -c 'stty size; read -r answer; echo "got $answer"; exit 7'`, {
      columns: 100,
      rows: 30,
    });
    await session.expect("30 100");
    session.send("你好\r");
    await session.expect("got 你好");
    expect(await session.exit()).toBe(7);
  });

  test("a text that never comes is an error that shows the screen", async () => {
    const session = onTerminal("echo something else");
    await expect(session.expect("nothing of the kind")).rejects.toThrow("something else");
  });

  test("runs the program", async () => {
    const session = accrueOnTerminal(["init"], { database });
    await session.expect("nothing to do");
    expect(await session.exit()).toBe(0);
  });
});

test("the screen follows cursor moves, erasing and wide characters, however the output is cut", () => {
  const output = "one\r\ntwo 会员\u001b[2D\u001b[K!\r\n\u001b[31mthree\u001b[39m\u001b[1A\u001b[G2\u001b[1B\u001b[5GX";
  const whole = new Screen();
  whole.write(output);
  const cut = new Screen();
  for (const piece of output) cut.write(piece);
  expect(whole.toString()).toBe("one\n2wo 会!\nthreX");
  expect(cut.toString()).toBe(whole.toString());
});
