import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inTransaction } from "../../../src/db/database.ts";
import { bar, columnChart, lineChart } from "../../../src/night/report/charts.ts";
import { markup } from "../../../src/reports/markup.ts";
import { nightCsv } from "../../../src/night/report/csv.ts";
import { nightHtml } from "../../../src/night/report/html.ts";
import { reportNight } from "../../../src/night/report/night.ts";
import { orderFile, peopleIn } from "../orders/scene.ts";
import { Inbox, noonOf, paid, settleOn } from "./scene.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, testDatabase, testNow } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";
import { importOrders } from "../../support/imports.ts";

const database = await testDatabase();
const evil = `<script>alert("1")</script>&'=1+1`;

const run = async (args: readonly string[], now = testNow) => {
  const result = await accrueInProcess(args, { database, now });
  expect(result.exitCode, `${args.join(" ")}\n${result.stderr}`).toBeOneOf([0, 3]);
  return result;
};
const reportOf = (date: string, at = "2026-03-10") => reportNight(database.context({ clock: noonOf(at) }), date);

/**
 * The first night: two merchants, one of them with a name that means harm, a rejected row, a file that is set aside and
 * a file's report beside it.
 */
const inbox = new Inbox();
const [html, csv] = [join(inbox.path, "night.html"), join(inbox.path, "night.csv")];
await peopleIn(database);
await inTransaction(database.db, (tx) => tx`UPDATE merchants SET name = ${evil} WHERE merchant_code = 'S2'`);
inbox.orders("a.csv", [
  paid("R1", "2026-03-01", "300.00"),
  "R2,M2,S2,100.00,paid,2026-03-01 10:00:00,,,",
  "R3,NOBODY,S1,1.00,paid,2026-03-01 10:00:00,,,",
  "R4,M1,S1,1.00,paid,2026-02-28 10:00:00,,,",
]);
inbox.put("orders/unread.csv", "<b>,order_no\n1,2\n");
await run(["settle", "--incomplete", "--inbox", inbox.path, "--report", html, "--report", csv]);

describe("the report that a settlement writes", () => {
  test("tells what was granted, to whom, and what was rejected", async () => {
    const report = await reportOf("2026-03-01");
    expect(report.days).toHaveLength(30);
    expect(report.days.at(-1)).toEqual({ businessDate: "2026-03-01", grantedPoints: 84n, clawedBackPoints: 0n });
    expect(
      report.merchants.map(({ merchantCode, orders, grantedPoints }) => [merchantCode, orders, grantedPoints]),
    ).toEqual([
      ["S1", 1n, 63n],
      ["S2", 1n, 21n],
    ]);
    expect(report.imported).toMatchObject({ read: 4n, inserted: 3n, rejected: 1n, reasons: { unknown_member: 1 } });
    expect(report.imported.setAside).toEqual([
      { file: "orders/unread.csv", reason: expect.stringContaining("csv_missing_column") as string },
    ]);
    expect(report.settlement).toMatchObject({ state: "closed", operator: "tester" });
    // R4 earns 0.21 points: none, and nothing goes into the fund.
    expect(report.fund.slice(-3)).toEqual([
      { businessDate: "2026-02-27", fundFen: 0n, worthFen: 0n, debtsFen: 0n, cashFen: null },
      { businessDate: "2026-02-28", fundFen: 0n, worthFen: 0n, debtsFen: 0n, cashFen: 0n },
      { businessDate: "2026-03-01", fundFen: 8_400n, worthFen: 8_400n, debtsFen: 0n, cashFen: 0n },
    ]);
  });

  test("is one HTML file, with nothing in it that runs and nothing to fetch, whatever merchants are called", () => {
    const text = readFileSync(html, "utf8");
    expect(text).toContain("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;=1+1");
    expect(text).not.toMatch(/<script|<img|<link|https?:|url\(|\son\w+=/iu);
    expect(text).toContain(
      '<svg class="chart" viewBox="0 0 720 240" role="img" aria-labelledby="points-by-day-title points-by-day-desc">',
    );
    expect(text).toContain("unknown member");
    expect(text).toMatch(
      /1 file set aside, because nothing of it could be read:<\/p><ul class="files"><li><bdi>orders\/unread\.csv<\/bdi>: [^<]*Found: &lt;b&gt;, order_no<\/li><\/ul>/u,
    );
    expect(text).toContain("<title>2026-03-01 granted: 84</title>");
  });

  test("is CSV for a spreadsheet, in which a name is no formula", async () => {
    const text = readFileSync(csv, "utf8");
    expect(text).toContain("\ufeffbusiness_date,section,item,name,measure,value\n");
    expect(text).toContain("2026-03-01,fund,2026-03-01,,liability_yuan,84.00\n");
    expect(text).toContain("2026-03-01,imported,,,files_set_aside,1\n");
    expect(text).toContain(
      `2026-03-01,points_by_merchant,S2,"<script>alert(""1"")</script>&'=1+1",points_granted,21\n`,
    );
    const report = await reportOf("2026-03-01");
    expect(
      nightCsv({ ...report, merchants: [{ ...report.merchants[0]!, name: "=HYPERLINK(A1)", merchantCode: "＋1" }] }),
    ).toContain("points_by_merchant,'＋1,'=HYPERLINK(A1),orders,1\n");
  });
});

test("of many files that were set aside the first ten are named", async () => {
  const report = await reportOf("2026-03-01");
  const setAside = Array.from({ length: 1012 }, (_, at) => ({ file: `orders/${at}.csv`, reason: "csv_empty" }));
  const text = nightHtml({ ...report, imported: { ...report.imported, setAside } });
  expect(text).toContain("1,012 files set aside");
  expect(text).toContain("<bdi>orders/9.csv</bdi>: csv_empty</li><li>… and 1,002 more</li></ul>");
});

describe("accrue report night", () => {
  test("makes the report of a closed date again, the same to the byte, whatever happened since", async () => {
    const before = readFileSync(html, "utf8");
    await run(["member", "verify-identity", "M1"], noonOf("2026-03-02")());
    await run(
      ["withdrawal", "request", "--member", "M1", "--points", "20", "--operator", "amy"],
      noonOf("2026-03-02")(),
    );
    inbox.orders("b.csv", [paid("R9", "2026-03-03", "900.00"), paid("R1", "2026-03-01", "300.00", "300.00")]);
    await run(["settle", "--inbox", inbox.path], noonOf("2026-03-05")());
    const again = join(scratchDirectory(), "again.html");
    const { stdout } = await run(
      ["report", "night", "--business-date", "2026-03-01", "--output", again],
      noonOf("2026-03-06")(),
    );
    expect(stdout).toBe(`the night of 2026-03-01 is in ${again}\n`);
    expect(readFileSync(again, "utf8")).toBe(before);
  });

  test("counts each file once, whatever runs closed which dates: with the newest that the run closed, which is the one it reports", async () => {
    const on = await cloneOf(database);
    const settleAt = async (date: string, ...files: readonly string[]) => {
      for (const name of files)
        inbox.orders(name, [paid(name, "2026-03-05"), `${name}-2,NOBODY,S1,1.00,paid,2026-03-05 10:00:00,,,`]);
      return settleOn(on, { inbox: inbox.path, isIncomplete: true }, { clock: noonOf(date) });
    };
    const importedOn = async (date: string) =>
      (await reportNight(on.context({ clock: noonOf("2026-03-31") }), date)).imported;
    const before = await importedOn("2026-03-04");
    inbox.put("orders/unread.csv", "what\n1\n");
    expect((await settleAt("2026-03-08", "m1.csv", "m2.csv")).closed).toEqual([
      "2026-03-05",
      "2026-03-06",
      "2026-03-07",
    ]);
    expect((await settleAt("2026-03-09", "m3.csv")).closed).toEqual(["2026-03-08"]);
    await importOrders(on.context({ clock: noonOf("2026-03-10") }), {
      input: { path: orderFile([paid("BYHAND", "2026-03-10")]) },
    });
    const dates = ["2026-03-05", "2026-03-06", "2026-03-07", "2026-03-08", "2026-03-09", "2026-03-10"];
    expect(await Promise.all(dates.map(async (date) => Number((await importedOn(date)).read)))).toEqual([
      0, 0, 4, 2, 0, 1,
    ]);
    expect(await Promise.all(dates.map(async (date) => (await importedOn(date)).setAside.length))).toEqual([
      0, 0, 1, 0, 0, 0,
    ]);
    expect(await importedOn("2026-03-07")).toMatchObject({
      files: 2n,
      inserted: 2n,
      rejected: 2n,
      reasons: { unknown_member: 2 },
      named: [{ kind: "orders", file: "m1.csv", read: 2, inserted: 1, rejected: 1 }, { file: "m2.csv" }],
    });
    await settleAt("2026-03-11");
    expect(
      await Promise.all(dates.map(async (date) => Number((await importedOn(date)).read))),
      "two more dates closed",
    ).toEqual([0, 0, 4, 2, 0, 1]);
    expect(await importedOn("2026-03-04")).toEqual(before);
    await on.drop();
  });

  test("ages withdrawals as they stood at the end of the date, those that ended since among them", async () => {
    const open = async (date: string) => (await reportOf(date)).ages.filter(({ withdrawals }) => withdrawals > 0n);
    expect(await open("2026-03-01")).toEqual([]);
    const sinceTheSecond = [await open("2026-03-02"), await open("2026-03-05")];
    expect(sinceTheSecond).toEqual([
      [{ label: "0 to 1 day", withdrawals: 1n, grossFen: 2_000n }],
      [{ label: "2 to 3 days", withdrawals: 1n, grossFen: 2_000n }],
    ]);
    const [row] = await database.db.sql<{ no: string }[]>`SELECT withdrawal_no AS no FROM withdrawals`;
    await run(["withdrawal", "reject", row!.no, "--reason", "no", "--yes"], noonOf("2026-03-06")());
    expect([await open("2026-03-02"), await open("2026-03-05")]).toEqual(sinceTheSecond);
    expect(await open("2026-03-06")).toEqual([]);
  });

  test("tells a shortfall, a clawback, and a night in which nothing happened", async () => {
    const text = nightHtml(await reportOf("2026-03-04"));
    expect(text).toContain("No order earned a point on 2026-03-04.");
    const report = await reportOf("2026-03-02");
    expect(
      nightHtml({
        ...report,
        fund: [{ businessDate: "2026-03-02", fundFen: 100_000n, worthFen: 223_456_789n, debtsFen: 0n, cashFen: null }],
      }),
    ).toContain("The fund lacks 2,233,567.89 yuan.");
    expect((await reportOf("2026-03-02")).days.at(-1)).toMatchObject({ clawedBackPoints: 63n });
  });

  test.each([
    [["--business-date", "2026-02-30", "--output", "x.html"], 2, "invalid_business_date"],
    [["--business-date", "2026-03-03", "--output", "x.html"], 4, "business_date_in_future"],
    [["--business-date", "2026-03-01", "--output", "x.pdf"], 2, "report_format_unknown"],
    [["--business-date", "2026-03-01", "--output", "/no/such/place/x.html"], 2, "report_unwritable"],
  ])("%j is refused", async (options, expected, code) => {
    const { stderr, exitCode } = await accrueInProcess(["report", "night", ...options, "--json"], {
      database,
      now: testNow,
    });
    expect(exitCode).toBe(expected);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code } });
  });

  test("a settlement refuses a report's name before it begins, and survives a place it cannot write to", async () => {
    const refused = await accrueInProcess(["settle", "--report", "x.pdf", "--json"], { database, now: testNow });
    expect([refused.exitCode, JSON.parse(refused.stderr)]).toMatchObject([
      2,
      { error: { code: "report_format_unknown" } },
    ]);
    inbox.orders("c.csv", [paid("R10", "2026-03-08")]);
    const { stderr, exitCode } = await run(
      ["settle", "--inbox", inbox.path, "--report", "/no/such/place/x.html"],
      noonOf("2026-03-09")(),
    );
    expect(exitCode).toBe(0);
    expect(stderr).toContain("the report could not be written: cannot write /no/such/place/x.html");
  });
});

describe("markup", () => {
  test("lets no inserted text out of its place", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { text: made } = markup`<p title="${text}">${text}</p>`;
        expect(made).toMatch(/^<p title="[^<>"'\p{Cc}]*">[^<>"'\p{Cc}]*<\/p>$/u);
        const read = (one: string) =>
          one.replace(
            /&(?:lt|gt|quot|#39|amp);/gu,
            (entity) => ({ "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" })[entity]!,
          );
        if (!/\p{Cc}/u.test(text)) expect(read(made.slice(made.indexOf(">") + 1, -4))).toBe(text);
      }),
    );
  });
});

describe("a chart", () => {
  const text = (labels: readonly string[]) => ({ title: "Probe", description: "d", labels, unit: 1n, format: String });

  test("keeps every mark within its frame, and its axis round every value", () => {
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), { minLength: 1, maxLength: 31 }),
        (values) => {
          for (const chart of [columnChart, lineChart]) {
            const made = chart(text(values.map((_, index) => `d${index}`)), [
              { name: "one", className: "one", values },
            ]).text;
            const ys = [...made.matchAll(/ y="([\d.-]+)" width="[\d.]+" height="([\d.-]+)"/gu)].flatMap(
              ([, y, height]) => [Number(y), Number(y) + Number(height)],
            );
            const points = [...made.matchAll(/points="([^"]+)"/gu)].flatMap(([, list]) =>
              list!.split(" ").map((point) => Number(point.split(",")[1])),
            );
            for (const y of [...ys, ...points]) expect(y >= 11.9 && y <= 214.1, `${y} of ${values.join()}`).toBe(true);
            const ticks = [...made.matchAll(/text-anchor="end">(-?\d+)</gu)].map(([, tick]) => BigInt(tick!));
            expect(ticks.length).toBeGreaterThan(1);
            expect(ticks.length).toBeLessThan(10);
            for (const value of values) expect(ticks[0]! <= value && value <= ticks.at(-1)!).toBe(true);
          }
        },
      ),
    );
  });

  test("a bar is as long as its share of the longest", () => {
    expect([bar(1n, 4n).text, bar(0n, 0n).text].map((made) => /width="([\d.]+)"/u.exec(made)![1])).toEqual(["25", "0"]);
  });
});
