import { describe, expect, test } from "vitest";
import { peopleIn, take } from "../db/orders/scene.ts";
import { Inbox, paid } from "../db/night/scene.ts";
import { accrue } from "../support/cli.ts";
import { testDatabase } from "../support/database.ts";
import { accrueOnTerminal, keys } from "../support/pty.ts";

const database = await testDatabase();
await peopleIn(database);
const line = ["settle", "--until", "2026-03-01"];

const closed = async () =>
  (
    await database.db.sql<
      { date: string }[]
    >`SELECT business_date::text AS date FROM business_dates WHERE closed_at IS NOT NULL ORDER BY 1`
  ).map(({ date }) => date);

describe("a settlement that a person starts on a terminal", () => {
  test("shows what it is about to close and take in, and a no leaves all as it was", async () => {
    const inbox = new Inbox();
    inbox.orders("orders-2026-02-28.csv", [paid("T1", "2026-02-28")]);
    await take(database, [paid("T2", "2026-02-28"), paid("T3", "2026-03-01")]);
    const session = accrueOnTerminal([...line, "--inbox", inbox.path], { database });
    await session.expect("2026-02-28 to 2026-03-01, 2 dates");
    await session.expect("orders/orders-2026-02-28.csv");
    await session.expect("Import 1 file, settle and close 2026-02-28 to 2026-03-01?");
    session.send(keys.enter);
    await session.expect("nothing was changed");
    expect(await session.exit()).toBe(0);
    expect(await closed()).toEqual([]);
    expect(inbox.files).toEqual(["orders/orders-2026-02-28.csv"]);
  });

  test("goes on at a yes; once all is closed nobody is asked, and --yes is an answer beforehand", async () => {
    const session = accrueOnTerminal(line, { database });
    await session.expect("Settle and close 2026-02-28 to 2026-03-01?");
    session.send(`y${keys.enter}`);
    await session.expect("2026-02-28 to 2026-03-01, 2 dates");
    expect(await session.exit()).toBe(0);
    expect(await closed()).toEqual(["2026-02-28", "2026-03-01"]);
    for (const args of [line, ["settle", "--until", "2026-03-02", "--yes"]]) {
      const asked = accrueOnTerminal(args, { database });
      await asked.expect("settlement run");
      expect(await asked.exit()).toBe(0);
      expect(asked.screen).not.toContain("?");
    }
    expect(await closed()).toEqual(["2026-02-28", "2026-03-01", "2026-03-02"]);
  });
});

test("cron and --no-input are asked nothing: what they start is agreed to", async () => {
  expect(await accrue(["settle", "--until", "2026-03-03"], { database })).toMatchObject({ exitCode: 0, stderr: "" });
  const session = accrueOnTerminal(["settle", "--until", "2026-03-04", "--no-input"], { database });
  expect(await session.exit()).toBe(0);
  expect((await closed()).slice(-2)).toEqual(["2026-03-03", "2026-03-04"]);
});
