import { describe, expect, test } from "vitest";
import { verifyPassword } from "../../src/domain/members/password.ts";
import { addMember } from "../support/money/people.ts";
import { testDatabase } from "../support/database.ts";
import { accrueOnTerminal, keys } from "../support/pty.ts";

const database = await testDatabase();

const stored = async (memberNo: string) => {
  const [row] = await database.db.sql<
    { name: string; phone: string | null; email: string | null; passwordHash: string | null; status: string }[]
  >`
    SELECT name, phone, email, password_hash, status FROM members WHERE member_no = ${memberNo}`;
  return row;
};

describe("registering on a terminal", () => {
  test("asks for what is missing, checks as it is typed, asks the password twice and never shows it, shows all and asks", async () => {
    const session = accrueOnTerminal(["member", "register", "--member-no", "T1"], { database });
    await session.expect("Name");
    session.send(keys.enter);
    await session.expect("a name cannot be empty");
    session.send(`张三${keys.enter}`);
    await session.expect("Phone");
    session.send(`12${keys.enter}`);
    await session.expect("5 to 20 digits");
    session.send(`${keys.backspace.repeat(2)}138-0013-8000${keys.enter}`);
    await session.expect("E-mail");
    session.send(keys.enter);
    await session.expect("Password");
    session.send(`short${keys.enter}`);
    await session.expect("at least 8 characters");
    session.send(`${keys.backspace.repeat(5)}correct horse${keys.enter}`);
    await session.expect("again");
    session.send(`wrong horse${keys.enter}`);
    await session.expect("not the same password");
    session.send(`${keys.backspace.repeat(11)}correct horse${keys.enter}`);
    await session.expect("About to register:");
    await session.expect("13800138000");
    await session.expect("Register this member?");
    session.send(`y${keys.enter}`);
    await session.expect("registered member T1");
    expect(await session.exit()).toBe(0);
    expect(session.raw).not.toContain("horse");
    const member = await stored("T1");
    expect(member).toMatchObject({ name: "张三", phone: "13800138000", email: null });
    expect(await verifyPassword("correct horse", member!.passwordHash)).toBe(true);
  });

  test("no is no: nothing is written", async () => {
    const session = accrueOnTerminal(
      ["member", "register", "--member-no", "T2", "--name", "李四", "--phone", "13800000002", "--email", "li@x.cn"],
      { database },
    );
    await session.expect("Password");
    session.send(keys.enter);
    await session.expect("Register this member?");
    session.send(keys.enter);
    await session.expect("nothing was written");
    expect(await session.exit()).toBe(0);
    expect(await stored("T2")).toBeUndefined();
  });

  test("Ctrl-C at a question exits 130 and writes nothing", async () => {
    const session = accrueOnTerminal(["member", "register", "--member-no", "T3"], { database });
    await session.expect("Name");
    session.send(keys.ctrlC);
    expect(await session.exit()).toBe(130);
    expect(await stored("T3")).toBeUndefined();
  });

  test("--yes asks nothing: what is not given stays empty, and a name that is missing is told", async () => {
    const session = accrueOnTerminal(["member", "register", "--member-no", "T6", "--name", "王五", "--yes"], {
      database,
    });
    await session.expect("registered member T6");
    expect(await session.exit()).toBe(0);
    expect(session.screen).not.toContain("?");
    expect(await stored("T6")).toMatchObject({ name: "王五", phone: null, email: null, passwordHash: null });
    const nameless = accrueOnTerminal(["member", "register", "--yes"], { database });
    await nameless.expect("Name: not given, and with --yes nothing is asked");
    await nameless.expect("give --name");
    expect(await nameless.exit()).toBe(2);
  });

  test("--no-input asks nothing, as off a terminal", async () => {
    const session = accrueOnTerminal(["member", "register", "--no-input"], { database });
    await session.expect("give --name");
    expect(await session.exit()).toBe(2);
  });
});

test("closing has the member's number typed, and does nothing for anything else", async () => {
  await addMember(database.db, "T4");
  const unsure = accrueOnTerminal(["member", "close", "T4"], { database });
  await unsure.expect("Close member T4 for good?");
  await unsure.expect("Type the member's number to go on:");
  unsure.send(`y${keys.enter}`);
  await unsure.expect("that is not the member's number");
  await unsure.expect("nothing was changed");
  expect(await unsure.exit()).toBe(0);
  expect(await stored("T4")).toMatchObject({ status: "active" });
  const sure = accrueOnTerminal(["member", "close", "T4"], { database });
  await sure.expect("0 points, which stay on the account");
  await sure.expect("Type the member's number to go on:");
  sure.send(`T4${keys.enter}`);
  await sure.expect("member T4 is closed (was active)");
  expect(await sure.exit()).toBe(0);
  const again = accrueOnTerminal(["member", "close", "T4"], { database });
  await again.expect("member T4 is closed already; nothing to do");
  expect(await again.exit()).toBe(0);
});

test("a new password is asked for twice, masked, and the present one once", async () => {
  await addMember(database.db, "T5");
  const setting = accrueOnTerminal(["member", "set-password", "T5"], { database });
  await setting.expect("New password");
  setting.send(`correct horse${keys.enter}`);
  await setting.expect("again");
  setting.send(`correct horse${keys.enter}`);
  await setting.expect("member T5 has a new password");
  expect(await setting.exit()).toBe(0);
  const checking = accrueOnTerminal(["member", "verify-password", "T5"], { database });
  await checking.expect("Password");
  checking.send(`correct horse${keys.enter}`);
  await checking.expect("the password matches");
  expect(await checking.exit()).toBe(0);
  expect(setting.raw + checking.raw).not.toContain("horse");
});
