import { afterEach, describe, expect, test, vi } from "vitest";
import { requireSameTime, serverNow } from "../../../src/db/server-clock.ts";
import { registerMember } from "../../../src/domain/members/register.ts";
import { plainClient } from "../../support/admin.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { testDatabase, testNow } from "../../support/database.ts";

const database = await testDatabase();
afterEach(() => void vi.useRealTimers());

/** Sets this host's clock, so many seconds ahead of what it is. */
const setHostClock = (seconds: number) => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + seconds * 1000 });

const register = () => accrueInProcess(["member", "register", "--name", "张三", "--yes", "--json"], { database });

describe("a host whose clock is not the server's", () => {
  test.each([
    ["two days ahead, as one would pass a cooling-off by", 48 * 3600],
    ["ten days behind, as one would back-date a policy by", -10 * 86_400],
    ["31 s ahead", 31],
  ])("%s: refused, with both times, and nothing is written", async (_what, seconds) => {
    const before = Date.now();
    setHostClock(seconds);
    const { exitCode, stderr } = await register();
    expect(exitCode).toBe(4);
    const { error } = JSON.parse(stderr) as {
      error: { code: string; message: string; hint: string; details: { host_time: string; server_time: string } };
    };
    expect(error).toMatchObject({ code: "clock_skewed", hint: expect.stringContaining("NTP") as string });
    const { host_time: here, server_time: there } = error.details;
    expect(error.message).toContain(`this host's clock shows ${here} and the database server's ${there}: `);
    expect(Math.abs(Date.parse(there) - before)).toBeLessThan(20_000);
    for (const args of [["policy", "show"], ["policy", "set", "--fee", "1%", "--reason", "why", "--yes"], ["init"]]) {
      expect(await accrueInProcess(args, { database }), args.join(" ")).toMatchObject({ exitCode: 4, stdout: "" });
    }
    expect(await database.db.sql`SELECT FROM members`).toHaveLength(0);
  });

  test("by less than 30 s: what is written has the server's time", async () => {
    setHostClock(20);
    const { exitCode, stderr } = await register();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const [row] = await database.db.sql<
      { secondsAgo: number }[]
    >`SELECT extract(epoch FROM clock_timestamp() - registered_at)::float8 AS seconds_ago FROM members`;
    expect(row!.secondsAgo).toBeGreaterThan(-1);
    expect(row!.secondsAgo).toBeLessThan(15);
  });

  test("30 s are allowed, 30.001 are not; and once it was read the server's clock goes on whatever this host's does", () => {
    const serverTime = new Date("2026-03-02T04:00:00Z");
    const greeting = (skewMs: number) => ({
      serverTime,
      hostTime: new Date(serverTime.getTime() + skewMs),
      heardAtMs: performance.now() - 5_000,
    });
    for (const allowed of [0, 30_000, -30_000]) expect(() => requireSameTime(greeting(allowed))).not.toThrow();
    for (const refused of [30_001, -30_001]) expect(() => requireSameTime(greeting(refused))).toThrow("at most 30 s");
    setHostClock(86_400);
    const passedMs = serverNow(greeting(0)).getTime() - serverTime.getTime();
    expect(passedMs).toBeGreaterThanOrEqual(5_000);
    expect(passedMs).toBeLessThan(20_000);
  });
});

test("the time of an audited action is the server's, whatever the one who records it believes", async () => {
  await registerMember(database.context({ clock: () => testNow }), { name: "李四", memberNo: "AUDIT" });
  const owner = plainClient(database.url);
  await owner`INSERT INTO operator_actions (action_id, at, operator, host, action, subject_kind, subject) VALUES (-1, '2020-01-01', 'li', 'desk', 'x', 'member', 'AUDIT')`;
  const rows = await owner<
    { isNow: boolean }[]
  >`SELECT at > now() - interval '1 minute' AND at <= now() AS "isNow" FROM operator_actions WHERE subject = 'AUDIT'`;
  await owner.end();
  expect([...rows]).toEqual([{ isNow: true }, { isNow: true }]);
});
