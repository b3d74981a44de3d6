import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, contextFor, testDatabase, type TestDatabase } from "../../support/database.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { importMerchants } from "../../support/imports.ts";
import { wordsOf } from "../../support/transcript.ts";
import { registerMember } from "../../../src/domain/members/register.ts";
import { peopleIn } from "../orders/scene.ts";

const database = await testDatabase();
await peopleIn(database);
for (const [memberNo, contact] of [
  ["A1", { email: "ann@example.com", phone: "13800000001" }],
  ["B1", { email: "bob@example.com", phone: "13800000002" }],
] as const)
  await registerMember(contextFor(database.db), { memberNo, name: `名${memberNo}`, ...contact });
const shops = "merchant_code,name\nOT,Old Town\nHB,Harbour\n";
await importMerchants(database.context(), { input: { path: writeScratch("shops.csv", shops) } });

interface Next {
  readonly next: readonly string[];
  readonly to_fill_in: readonly { readonly at: string }[];
}

/** Has a profile written from what is guessed of a file; gives what was said. */
async function sketch(on: TestDatabase, file: string, profile: string, ...options: string[]) {
  const { stdout, exitCode } = await accrueInProcess(
    ["order", "import", file, "--explain", "--write-profile", profile, ...options, "--json"],
    { database: on },
  );
  return { ...(JSON.parse(stdout) as Next), exitCode };
}

/** Runs a command as it was printed. */
async function run(on: TestDatabase, line: string) {
  const [, ...words] = wordsOf(line);
  const { stdout, stderr, exitCode } = await accrueInProcess([...words, "--json"], { database: on });
  return {
    exitCode,
    report: JSON.parse(exitCode === 0 || exitCode === 3 ? stdout : stderr) as Record<string, unknown>,
  };
}

const ordersIn = async ({ db }: TestDatabase) =>
  (
    await db.sql<{ said: string }[]>`
      SELECT concat_ws(' ', o.order_no, n.member_no, r.merchant_code, o.amount_fen, o.refunded_fen, o.status,
        to_char(o.paid_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')) AS said
      FROM orders o JOIN member_numbers n USING (member_id) JOIN merchants r USING (merchant_id) ORDER BY o.order_no`
  ).map(({ said }) => said);

test.each([
  [
    "german.csv: semicolons, decimal commas, Windows-1252, another zone",
    ["--zone", "Europe/Berlin"],
    [
      "2026-0001 M1 S1 10000 0 paid 2026-01-02 08:20",
      "2026-0002 M2 S1 123365 3365 paid 2026-01-03 07:00",
      "2026-0003 M1 S2 890 0 pending",
      "2026-0004 M3 S2 2000 2000 closed 2026-01-14 06:06",
    ],
  ],
  [
    "us.csv: dollars, AM and PM, addresses, shops by their names",
    ["--zone", "America/New_York"],
    [
      "A-1001 A1 OT 10000 0 paid 2026-01-02 14:15",
      "A-1002 B1 OT 123365 3365 paid 2026-01-02 17:05",
      "A-1003 A1 HB 890 0 paid 2026-01-13 05:30",
      "A-1004 B1 HB 2000 2000 closed 2026-01-14 23:05",
    ],
  ],
  [
    "till.csv: GB18030, a title, 上午 and 下午, refunds in rows of their own, totals",
    [],
    [
      "T0001 A1 S1 10000 0 paid 2026-01-02 01:15",
      "T0002 B1 S1 123365 3365 paid 2026-01-02 04:05",
      "T0003 A1 S2 890 0 paid 2026-01-13 10:40",
    ],
  ],
  [
    "api.tsv: tabs, UTF-16, minor units, times in UTC",
    [],
    [
      "900001 M1 S1 10000 0 paid 2026-01-02 01:20",
      "900002 M2 S1 123365 3365 paid 2026-01-03 00:00",
      "900003 M1 S2 890 0 pending",
      "900004 M3 S2 2000 2000 closed 2026-01-13 23:06",
    ],
  ],
  [
    "japan.csv: a title, totals, 入金済み, the time of the order for that of the payment",
    ["--zone", "Asia/Tokyo"],
    [
      "J-001 M1 S1 10000 0 paid 2026-01-02 00:15",
      "J-002 M2 S1 123365 3365 paid 2026-01-02 02:02",
      "J-003 M1 S2 890 0 pending",
      "J-004 M3 S2 2000 0 closed",
    ],
  ],
])("an export of an unknown shop comes to a right import in two commands: %s", async (title, options, orders) => {
  const own = await cloneOf(database);
  const file = `fixtures/unknown/${title.split(":")[0]}`;
  const sketched = await sketch(own, file, join(scratchDirectory(), "own.json"), ...options);
  expect([sketched.exitCode, sketched.to_fill_in]).toEqual([0, []]);
  const { exitCode, report } = await run(own, sketched.next[0]!);
  expect([exitCode, report["inserted"], report["rejected"]]).toEqual([0, orders.length, 0]);
  expect(await ordersIn(own)).toEqual(orders);
});

test("what nobody can know is asked for, in the output and in the profile, and refused until it is filled in", async () => {
  const own = await cloneOf(database);
  const rows = [
    "Vorgang Nr,Kunde,Preis in Punkten,Betrag,Stand,Bezahlt am",
    "1,M1,3,10.00,In Klärung,05/01/2026",
    "2,M1,3,11.00,Bezahlt,06/01/2026",
  ];
  const file = writeScratch("doubtful.csv", `${rows.join("\n")}\n`);
  const profile = join(scratchDirectory(), "doubtful.json");
  const sketched = await sketch(own, file, profile, "--map", "status=Stand", "--merchant", "S1");
  expect([sketched.exitCode, sketched.to_fill_in.map(({ at }) => at)]).toEqual([
    3,
    ["date_order", "columns.status.words.In Klärung"],
  ]);
  const refused = await run(own, sketched.next[0]!);
  expect(refused).toMatchObject({ exitCode: 2, report: { error: { code: "profile_invalid" } } });
  const text = readFileSync(profile, "utf8");
  writeFileSync(
    profile,
    text.replace('"In Klärung": "?"', '"In Klärung": "closed"').replace('"date_order": "?"', '"date_order": "dmy"'),
  );
  expect(await run(own, sketched.next[0]!)).toMatchObject({ exitCode: 0, report: { inserted: 2 } });
  expect(await ordersIn(own)).toEqual([
    "1 M1 S1 1000 0 closed 2026-01-04 16:00",
    "2 M1 S1 1100 0 paid 2026-01-05 16:00",
  ]);
});
