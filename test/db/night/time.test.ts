import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SettlementEvent } from "../../../src/night/events.ts";
import { reopen, setPolicy } from "../../support/approved.ts";
import { daysAfter } from "../../../src/shared/business-date.ts";
import { verify } from "../../../src/verification/verify.ts";
import { planDecision } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { startAccrue } from "../orders/process.ts";
import { longAfter, orderFile, peopleIn, take as takeAt } from "../orders/scene.ts";
import { Inbox, noonOf, paid, settleOn } from "./scene.ts";
import { plainClient } from "../../support/admin.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "../../support/database.ts";
import { tamper, verifyEverybody } from "../../support/money/people.ts";
import { importOrders } from "../../support/imports.ts";

const people = await testDatabase();
await peopleIn(people);
await tamper(people, async (tx) => {
  await verifyEverybody(tx);
  await tx`UPDATE policies SET request_expiry_days = 365`;
});

let on: TestDatabase;
beforeEach(async () => {
  on = await cloneOf(people);
});
afterEach(async () => {
  expect((await verify(on.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
  await on.drop();
});

const take = (other: TestDatabase, rows: readonly string[]) => takeAt(longAfter(other), rows);
const at = (instant: string) => ({ clock: () => new Date(instant) });

/** What the same story leaves in a database of its own. */
async function dumpAfter(story: (on: TestDatabase) => Promise<unknown>, only?: readonly string[]): Promise<string> {
  const other = await cloneOf(people);
  await story(other);
  const dump = await dumpDatabase(other.db, only);
  await other.drop();
  return dump;
}

const closedOf = async ({ db }: TestDatabase) =>
  (
    await db.sql<{ businessDate: string }[]>`SELECT business_date FROM business_dates WHERE state = 'closed' ORDER BY 1`
  ).map(({ businessDate }) => businessDate);

describe("a clock that jumps", () => {
  const orders = [paid("A1", "2026-02-27"), paid("A2", "2026-02-28"), paid("A3", "2026-03-01")];
  const nights = async (other: TestDatabase) => {
    await take(other, orders);
    for (const instant of ["2026-02-27T16:30:00Z", "2026-02-28T16:30:00Z", "2026-03-01T16:30:00Z"])
      await settleOn(other, {}, at(instant));
  };

  test("back by an hour, over midnight, between two runs: the second says so and changes nothing; the dates are those of an undisturbed run", async () => {
    await nights(on);
    const notes: string[] = [];
    const again = await settleOn(on, {}, { ...at("2026-03-01T15:30:00Z"), onNote: (text) => notes.push(text) });
    expect(again).toMatchObject({ state: "complete", closed: [] });
    expect(notes).toEqual([
      expect.stringMatching(
        /^warning: 2026-03-01 is closed, and this machine's clock says that it is 2026-03-01 in Asia\/Shanghai: check the clock/u,
      ),
    ]);
    expect(await dumpDatabase(on.db)).toBe(await dumpAfter(nights));
  });

  /** A clock that goes back in the middle of a run. */
  function goingBack(hours: number) {
    let now = Date.parse("2026-03-01T16:30:00Z");
    const onEvent = (event: SettlementEvent) => {
      if (event.type === "step_ended" && event.step === "grant" && event.businessDate === "2026-02-28")
        now -= hours * 3_600_000;
    };
    return { input: { onEvent }, overrides: { clock: () => new Date(now) } };
  }

  test("back by an hour in the middle of a run: it ends as an undisturbed one does", async () => {
    const { input, overrides } = goingBack(1);
    await take(on, orders);
    const summary = await settleOn(on, input, overrides);
    expect(summary).toMatchObject({ state: "complete", closed: ["2026-02-27", "2026-02-28", "2026-03-01"] });
    expect(summary.seconds).toBeGreaterThanOrEqual(0);
    expect(await dumpDatabase(on.db)).toBe(await dumpAfter(nights));
  });

  test("back by more than a day in the middle of a run: it stops at the date that has not come, and the next run goes on", async () => {
    const { input, overrides } = goingBack(30);
    await take(on, orders);
    await expect(settleOn(on, input, overrides)).rejects.toMatchObject({
      kind: "refused",
      code: "business_date_in_future",
    });
    expect(await closedOf(on)).toEqual(["2026-02-27", "2026-02-28"]);
    expect(await settleOn(on, {}, at("2026-03-01T16:30:00Z"))).toMatchObject({ closed: ["2026-03-01"] });
    expect(await dumpDatabase(on.db)).toBe(await dumpAfter(nights));
  });

  test("back into a date that is closed: requests in the inbox stay there, and are imported when it is right again", async () => {
    await nights(on);
    const inbox = new Inbox();
    inbox.put("withdrawals/w.csv", "request_no,member_no,points\nR1,M1,20\n");
    await expect(settleOn(on, { inbox: inbox.path }, at("2026-03-01T15:30:00Z"))).rejects.toMatchObject({
      kind: "refused",
      code: "business_date_closed",
    });
    expect(inbox.files).toEqual(["withdrawals/w.csv"]);
    await settleOn(on, { inbox: inbox.path }, at("2026-03-01T16:30:00Z"));
    expect(inbox.files).toEqual(["done/withdrawals/w.csv", "done/withdrawals/w.csv.report.json"]);
    // The number that the refused request was given is not given again.
    const unnumbered = (dump: string) => dump.replaceAll(/W\d{8}/gu, "W");
    expect(unnumbered(await dumpDatabase(on.db))).toBe(
      unnumbered(
        await dumpAfter(async (other) => {
          await nights(other);
          const undisturbed = new Inbox();
          cpSync(join(inbox.path, "done/withdrawals/w.csv"), undisturbed.put("withdrawals/w.csv", ""), {
            preserveTimestamps: true,
          });
          await settleOn(other, { inbox: undisturbed.path }, at("2026-03-01T16:30:00Z"));
        }),
      ),
    );
  });

  test("forward by months is refused before any date is touched, and the next run is as if nothing had been", async () => {
    await take(on, orders);
    await expect(settleOn(on, {}, at("2026-05-01T16:30:00Z"))).rejects.toMatchObject({
      kind: "refused",
      code: "too_many_dates",
    });
    expect(await closedOf(on)).toEqual([]);
    await settleOn(on, {}, at("2026-03-01T16:30:00Z"));
    expect(await dumpDatabase(on.db)).toBe(await dumpAfter(nights));
  });

  test("forward by days closes dates that are not over; reopened by somebody else, they are settled as if it had not", async () => {
    await take(on, orders.slice(0, 2));
    await settleOn(on, {}, at("2026-03-04T16:30:00Z"));
    expect(await closedOf(on)).toEqual([
      "2026-02-27",
      "2026-02-28",
      "2026-03-01",
      "2026-03-02",
      "2026-03-03",
      "2026-03-04",
    ]);
    for (const date of ["2026-03-04", "2026-03-03", "2026-03-02", "2026-03-01"]) {
      await reopen(
        on.context({ ...at("2026-03-01T04:00:00Z"), operator: { name: "amy", host: "desk-1" } }),
        date,
        "the clock was ahead",
      );
    }
    await take(on, orders.slice(2));
    expect(await settleOn(on, {}, at("2026-03-01T16:30:00Z"))).toMatchObject({ closed: ["2026-03-01"] });
    expect(await closedOf(on)).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
    const money = ["points_entries", "balances", "journal", "order_changes"];
    expect(await dumpDatabase(on.db, money)).toBe(await dumpAfter(nights, money));
  });
});

describe("the calendar", () => {
  /** Orders of each of some days, and a night behind each; or one night behind all of them. */
  const storyOf = (days: readonly string[], isMissed: boolean) => async (other: TestDatabase) => {
    for (const [index, day] of days.entries()) {
      await take(other, [
        paid(`D${index}`, day),
        `E${index},M2,S2,33.33,paid,${day} 23:59:59,,,`,
        `F${index},M3,S2,10.00,paid,${day} 00:00:00,,,`,
      ]);
      if (!isMissed || index === days.length - 1) await settleOn(other, {}, { clock: noonOf(daysAfter(day, 1)) });
    }
  };

  test.each([
    ["29 February", ["2028-02-28", "2028-02-29", "2028-03-01"]],
    ["the end of a February without it", ["2100-02-27", "2100-02-28", "2100-03-01"]],
    ["the end of a year", ["2026-12-30", "2026-12-31", "2027-01-01"]],
  ])("over %s, three missed nights come to what three nights come to", async (_, days) => {
    await storyOf(days, true)(on);
    expect(await closedOf(on)).toEqual(days);
    expect(await dumpDatabase(on.db)).toBe(await dumpAfter(storyOf(days, false)));
    expect(
      (await on.db.sql`SELECT DISTINCT business_date FROM points_entries ORDER BY 1`).map(({ businessDate }) =>
        String(businessDate),
      ),
    ).toEqual(days);
  });

  test("a refund on the 29th of a missed February nets to the same points and money as night by night", async () => {
    const bought = [paid("A1", "2028-02-28"), "A2,M2,S2,33.33,paid,2028-02-29 10:00:00,,,"];
    const refunded = [paid("A1", "2028-02-28", "100.00", "49.99")];
    const sums = (other: TestDatabase) =>
      other.db.sql`
      SELECT account, sum(amount)::text AS amount FROM journal_lines GROUP BY account ORDER BY account`.then(
        (rows) => `${JSON.stringify(rows)}`,
      );
    await take(on, [...bought, ...refunded]);
    await settleOn(on, {}, { clock: noonOf("2028-03-01") });
    let each = "";
    const balances = await dumpAfter(
      async (other) => {
        await take(other, bought);
        await settleOn(other, {}, { clock: noonOf("2028-02-29") });
        await take(other, refunded);
        await settleOn(other, {}, { clock: noonOf("2028-03-01") });
        each = await sums(other);
      },
      ["orders", "balances"],
    );
    expect(await dumpDatabase(on.db, ["orders", "balances"])).toBe(
      balances.replaceAll(/"clawed_back_points": \d+/gu, '"clawed_back_points": 0'),
    );
    expect(await sums(on)).toBe(each);
  });

  test("rates that begin on 29 February hold from that day on", async () => {
    await setPolicy(on.context(), { effectiveFrom: "2028-02-29", terms: { pointsBps: 5000 } });
    await take(
      on,
      ["28", "29"].map((day) => paid(`A${day}`, `2028-02-${day}`)),
    );
    await settleOn(on, {}, { clock: noonOf("2028-03-01") });
    expect(await on.db.sql`SELECT business_date, points_bps FROM points_entries ORDER BY 1`).toMatchObject([
      { businessDate: "2028-02-28", pointsBps: 7000 },
      { businessDate: "2028-02-29", pointsBps: 5000 },
    ]);
  });

  test("a request of 29 February expires after 365 days, counted to the hour: on 28 February", async () => {
    await take(on, [paid("A1", "2028-02-27")]);
    await settleOn(on, {}, { clock: noonOf("2028-02-28") });
    await requestWithdrawal(on.context({ clock: noonOf("2028-02-29") }), { memberNo: "M1", points: 20n });
    const expiring = async (instant: string) =>
      (await planDecision(on.context(at(instant)), { name: "expire", filter: {} })).count;
    expect([await expiring("2029-02-28T04:00:00Z"), await expiring("2029-02-28T04:00:01Z")]).toEqual([0, 1]);
  });
});

describe("a platform whose zone has summer time", () => {
  const zone = "Europe/London";
  const settleAt = (other: TestDatabase, instant: string) => settleOn(other, {}, { ...at(instant), zone });
  const order = (orderNo: string, paidAt: string) => `${orderNo},M1,S1,100.00,paid,${paidAt},,,`;
  const taken = (other: TestDatabase, rows: readonly string[]) =>
    importOrders(longAfter(other).context({ zone }), { input: { path: orderFile(rows) } });

  beforeEach(() => tamper(on, (tx) => tx`UPDATE platform SET time_zone = ${zone}`));

  test.each([
    // 30 past 0 and 30 past 1 in London on each of the days; 01:30 does not come on 29 March, and comes twice on 25
    // October.
    [
      "the night without the hour",
      "2026-03-29",
      [
        "2026-03-28T00:30:00Z",
        "2026-03-29T00:30:00Z",
        "2026-03-29T01:30:00Z",
        "2026-03-29T23:30:00Z",
        "2026-03-30T23:30:00Z",
      ],
    ],
    [
      "the night that has it twice",
      "2026-10-25",
      [
        "2026-10-23T23:30:00Z",
        "2026-10-24T23:30:00Z",
        "2026-10-25T00:30:00Z",
        "2026-10-25T01:30:00Z",
        "2026-10-26T00:30:00Z",
        "2026-10-27T00:30:00Z",
      ],
    ],
  ])("%s: each date is closed once, whatever the hour is called", async (_, change, instants) => {
    const days = [-2, -1, 0, 1].map((days) => daysAfter(change, days));
    const rows = days.flatMap((day, index) =>
      ["00:00:00", "01:30:00", "23:59:59"].map((time, number) => order(`Z${index}-${number}`, `${day} ${time}`)),
    );
    // The hour that comes twice, each time by its offset.
    rows.push(order("FIRST", `${change}T01:30:00+01:00`), order("SECOND", `${change}T01:30:00+00:00`));
    await taken(on, rows);
    const closed: string[] = [];
    for (const instant of instants) closed.push(...(await settleAt(on, instant)).closed);
    expect(closed).toEqual(days);
    const byDay = await on.db.sql<
      { businessDate: string; orders: bigint }[]
    >`SELECT business_date, count(*) AS orders FROM points_entries GROUP BY 1 ORDER BY 1`;
    expect(byDay.map(({ businessDate, orders }) => [businessDate, orders])).toEqual(
      days.map((day) => [day, day === change ? 5n : 3n]),
    );
    expect(await dumpDatabase(on.db)).toBe(
      await dumpAfter(async (other) => {
        await taken(other, rows);
        await settleAt(other, instants.at(-1)!);
      }),
    );
  });
});

describe("the zone of the host and that of the database's server", () => {
  const now = new Date("2026-04-25T17:00:00Z");
  /** What took how long is another every time. */
  const timeless = (text: string, inbox: Inbox): string =>
    text
      .replaceAll(inbox.path, "<inbox>")
      .replaceAll(/"(seconds|step_seconds)":(?:\d[\d.]*|\{[^}]*\})/gu, "")
      .replaceAll(/^ +took.*$|^accrue_settle\w*_(?:duration|step_last_success)\w*\{?.*$/gmu, "");

  /** Everything that a night on such a host says, writes and leaves behind. */
  async function nightIn(hostZone: string, serverZone: string): Promise<string> {
    const other = await cloneOf(on);
    const admin = plainClient(other.superuserUrl);
    await admin.unsafe(`ALTER DATABASE ${new URL(other.url).pathname.slice(1)} SET timezone = '${serverZone}'`);
    await admin.end();
    const inbox = new Inbox();
    cpSync(filled.path, inbox.path, { recursive: true, preserveTimestamps: true });
    const files = ["night.html", "night.csv", "accrue.prom"].map((name) => join(inbox.path, name));
    const options = [
      "--inbox",
      inbox.path,
      "--report",
      files[0]!,
      "--report",
      files[1]!,
      "--metrics-file",
      files[2]!,
      "--log-format",
      "json",
    ];
    const said = [];
    for (const args of [
      ["settle", "plan", "--inbox", inbox.path],
      ["settle", ...options],
      ["settle", "status"],
      ["withdrawal", "list", "--from", "2026-04-20", "--to", "2026-04-25"],
    ]) {
      const { exit, stdout, stderr } = await startAccrue(args, { database: other, now, env: { TZ: hostZone } }).ended;
      said.push(`${exit}\n${stdout}\n${stderr.replaceAll(/"(?:pid|time)":[^,}]+,?/gu, "")}`);
    }
    const left = [...files.map((file) => readFileSync(file, "utf8")), await dumpDatabase(other.db)];
    await other.drop();
    return timeless([...said, ...left].join("\n----\n"), inbox);
  }

  const filled = new Inbox();
  filled.orders("a.csv", [
    paid("A1", "2026-04-25", "300.00"),
    "A2,M2,S1,88.00,paid,2026-04-25 23:59:59,,,",
    "A3,M2,S1,88.00,paid,2026-04-26 00:00:00,,,",
    "A4,NOBODY,S1,1.00,paid,2026-04-25 10:00:00,,,",
  ]);

  test(
    "change nothing at all, neither in the database nor in what is said and written: it is the platform's zone that counts",
    { timeout: 240_000 },
    async () => {
      await take(on, [paid("OLD", "2026-04-01")]);
      await settleOn(on, {}, at("2026-04-23T04:00:00Z"));
      for (const date of ["2026-04-23", "2026-04-25"])
        await requestWithdrawal(on.context({ clock: noonOf(date) }), { memberNo: "M1", points: 10n });
      const here = await nightIn("Asia/Shanghai", "UTC");
      expect(here).toContain("closed up to 2026-04-25");
      expect(here).toContain("2026-04-25,fund,2026-04-25,,liability_yuan,102.00");
      expect(here).toMatch(/^W\d+ .*\n.*W\d+ /mu);
      // In Cairo the 24th has no midnight: a day that is counted from midnight to midnight is lost there.
      for (const [host, server] of [
        ["America/New_York", "Africa/Cairo"],
        ["Pacific/Auckland", "America/New_York"],
      ] as const) {
        expect(await nightIn(host, server), `${host}, ${server}`).toBe(here);
      }
    },
  );
});
