import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, dumpDatabase, testDatabase } from "../../support/database.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { peopleIn } from "../orders/scene.ts";
import { newKey } from "../accounts/ground.ts";

const database = await testDatabase();
const directory = scratchDirectory();
const card = "6222021234567890128";

interface Explained {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly rejects: readonly { readonly column: string }[];
}

const explain = async (
  words: readonly string[],
  rows: readonly string[],
): Promise<{ readonly said: string; readonly found: Explained }> => {
  const path = writeScratch(`${words.join("-")}.csv`, `${rows.join("\n")}\n`, directory);
  const run = (...more: string[]) =>
    accrueInProcess([...words, path, "--explain", ...more], {
      database,
      env: { ACCRUE_SECRET_KEY: newKey().toString("base64") },
    });
  const [text, json] = [await run(), await run("--json")];
  expect([text.exitCode, json.exitCode]).toEqual([0, 0]);
  return {
    said: `${text.stdout}${text.stderr}${json.stdout}${json.stderr}`,
    found: JSON.parse(json.stdout) as Explained,
  };
};

let before: string;
beforeAll(async () => {
  before = await dumpDatabase(database.db);
});

test.each([
  [
    ["payout", "result"],
    ["detail_no,status,amount", "D1,成功,9.50", "D2,maybe,9.50"],
    { detail_no: "D1", state: "paid", amount: "9.50" },
    "status",
  ],
  [
    ["member", "import-aliases", "--source", "taobao"],
    ["alias,member_no", "小明,M1", "小红,"],
    { alias: "小明", source: "taobao", holder_no: "M1" },
    "member_no",
  ],
  [
    ["merchant", "import-aliases"],
    ["alias,merchant_code,source", "某店,S1,jd", ",S1,jd"],
    { alias: "某店", source: "jd", holder_no: "S1" },
    "alias",
  ],
  [
    ["withdrawal", "import"],
    ["request_no,member_no,points", "R1,M1,100", "R2,M1,1.5"],
    { request_no: "R1", member_no: "M1", points: "100" },
    "points",
  ],
])(
  "%j: its first rows as they would be stored, and its first rejects; nothing is written",
  async (words, rows, row, column) => {
    const { found } = await explain(words, rows);
    expect(found.rows).toEqual([{ line: 2, ...row }]);
    expect(found.rejects).toMatchObject([{ line: 3, column }]);
    expect(await dumpDatabase(database.db)).toBe(before);
  },
);

test("a file that fits no profile is shown with a guess of its columns, which is what it takes to read it", async () => {
  const own = await cloneOf(database);
  await peopleIn(own, ["M1", "M2"]);
  const lines = [
    "SHOP REPORT",
    "",
    "Sale Order No;Member;Shop;Total Amount;Paid;;Note",
    "A1;M1;S1;12.50;23/05/2025 10:00;x;",
    'A2;M2;S1;8;24/05/2025 9:30;;"a;b"',
  ];
  const path = writeScratch("unknown.csv", `${lines.join("\n")}\n`, directory);
  const run = (...more: string[]) => accrueInProcess(["order", "import", path, ...more], { database: own });
  const explained = await run("--explain");
  expect([explained.exitCode, explained.stdout.replaceAll(path, "unknown.csv")]).toMatchInlineSnapshot(`
    [
      2,
      "unknown.csv: no profile fits; what is seen in it, and a guess
      why           no profile knows what such a header names
      encoding      utf-8
      separated by  semicolons
      header        line 3
    its first lines
    Sale Order No  Member  Shop  Total Amount  Paid                 Note
    A1             M1      S1    12.50         23/05/2025 10:00  x
    A2             M2      S1    8             24/05/2025 9:30      a;b
    columns, by all 2 rows
    no.  column         guess          why                    cells
      1  Sale Order No  order_no       by name and cells      "A1", "A2"
      2  Member         member_no      known in the database  "M1", "M2"
      3  Shop           merchant_code  known in the database  "S1"
      4  Total Amount   amount         by name and cells      "12.50", "8"
      5  Paid           paid_at        by name and cells      "23/05/2025 10:00", "24/05/2025 9:30"
      6  #6                                                   "x"
      7  Note                                                 "a;b"
    to look at
      times without an offset are taken for times in Asia/Shanghai, the platform's zone: --zone says where the shop's clock is, if that is elsewhere
      no column is taken for a status: an order with a time of payment counts as paid
      the orders are of source "default": --source NAME says which shop or platform their numbers are unique in
    how it would be read by that
      encoding        utf-8
      separated by    semicolons
      header          line 3
      profile         read as unknown: 5 of the 7 names in line 3 are its own
      members by      number
      merchants by    code
      rows per order  one
      times           Asia/Shanghai
    columns
      order_no       Sale Order No
      member_no      Member
      merchant_code  Shop
      amount         Total Amount
      paid_at        Paid
      not read: Note
    all 2 rows
      line 4: order_no A1, source default, member_no M1, merchant_code S1, amount 12.50, status paid, paid_at 2025-05-23 10:00:00 Asia/Shanghai
      line 5: order_no A2, source default, member_no M2, merchant_code S1, amount 8.00, status paid, paid_at 2025-05-24 09:30:00 Asia/Shanghai
    what its import would come to
      read       2
      inserted   2
      updated    0
      duplicate  0
      rejected   0
    next: accrue order import unknown.csv --explain --write-profile unknown.json
    ",
    ]
  `);
  const { next } = JSON.parse((await run("--explain", "--json")).stdout) as { next: string[] };
  expect(next[0]!.replaceAll(path, "unknown.csv")).toBe(
    "accrue order import unknown.csv --explain --write-profile unknown.json",
  );
  const profile = join(directory, "unknown.json");
  expect((await run("--write-profile", profile, "--merchant", "S1")).exitCode).toBe(0);
  const imported = await run("--profile", profile, "--json");
  expect(JSON.parse(imported.stdout)).toMatchObject({ inserted: 2, rejected: 0 });
  expect(await own.db.sql`SELECT order_no, amount_fen::integer AS amount, paid_at FROM orders ORDER BY 1`).toEqual([
    { orderNo: "A1", amount: 1250, paidAt: new Date("2025-05-23T10:00:00+08:00") },
    { orderNo: "A2", amount: 800, paidAt: new Date("2025-05-24T09:30:00+08:00") },
  ]);
});

test("the order of dates that could be either is asked for", async () => {
  const path = writeScratch("either.csv", "订单编号码,付款于\nA1,05/06/2025\n", directory);
  const { stdout } = await accrueInProcess(["order", "import", path, "--explain", "--map", "paid_at=付款于"], {
    database,
  });
  expect(stdout).toContain('date_order: mdy or dmy: "05/06/2025" could be either (or give --date-order ORDER)');
});

test("of a file of accounts that fits nothing only the names are shown", async () => {
  const path = writeScratch("unknown-accounts.csv", `成员,卡\nM1,${card}\n`, directory);
  const { exitCode, stdout } = await accrueInProcess(["account", "import", path, "--explain"], {
    database,
    env: { ACCRUE_SECRET_KEY: newKey().toString("base64") },
  });
  expect([exitCode, /2 +卡/.test(stdout), stdout.includes(card)]).toEqual([2, true, false]);
});

test("a file that nothing names the columns of is shown, and no profile is guessed of it", async () => {
  const path = writeScratch("nameless.csv", "A1,M1,12.50\nA2,M2,8.00\n", directory);
  const run = (...more: string[]) => accrueInProcess(["order", "import", path, ...more, "--json"], { database });
  const { exitCode, stdout } = await run("--explain");
  expect([exitCode, JSON.parse(stdout)]).toMatchObject([
    2,
    { notes: ["no line looks like names of columns: put a line above the rows that names them"], profile: null },
  ]);
  const refused = await run("--write-profile", join(directory, "nameless.json"));
  expect([refused.exitCode, JSON.parse(refused.stderr)]).toMatchObject([2, { error: { code: "no_profile_guessed" } }]);
});

test("a profile is written into a new file, of one file, or not at all", async () => {
  const path = writeScratch("known.csv", "order_no,member_no,merchant_code,amount\nA1,M1,S1,1.00\n", directory);
  const profile = join(directory, "known.json");
  const run = async (...more: string[]) => {
    const { exitCode, stderr } = await accrueInProcess(["order", "import", path, ...more, "--json"], { database });
    return [exitCode, stderr === "" ? "" : (JSON.parse(stderr) as { error: { code: string } }).error.code];
  };
  expect(await run("--write-profile", profile, "--map", "amount=amount")).toEqual([0, ""]);
  expect(JSON.parse(readFileSync(profile, "utf8"))).toMatchObject({
    profile: "known",
    columns: { amount: { names: ["amount"] } },
  });
  expect(await run("--write-profile", profile)).toEqual([2, "profile_exists"]);
  expect(await run("--write-profile", join(directory, "no", "known.json"))).toEqual([2, "profile_unwritable"]);
  const other = writeScratch("known-too.csv", "order_no,member_no,merchant_code,amount\n", directory);
  expect(await run(other, "--write-profile", join(directory, "two.json"))).toEqual([2, "write_profile_several"]);
  expect(await run("--explain", "--zone", "Europe/Atlantis")).toEqual([2, "invalid_time_zone"]);
});

test("of a known file it is foreseen what its import would say: whom nobody knows, and rows that contradict each other", async () => {
  const own = await cloneOf(database);
  await peopleIn(own, ["M1"]);
  const rows = [
    "A1,M1,S1,1.00",
    "A2,M8,S1,1.00",
    "A3,M9,S1,1.00",
    "A4,M9,S9,1.00",
    "A5,M1,S1,1.00",
    "A5,M1,S1,2.00",
    "A1,M1,S1,1.00",
  ];
  const path = writeScratch("people.csv", `order_no,member_no,merchant_code,amount\n${rows.join("\n")}\n`, directory);
  const before = await dumpDatabase(own.db);
  const run = (...more: string[]) => accrueInProcess(["order", "import", path, ...more, "--json"], { database: own });
  const { forecast } = JSON.parse((await run("--explain")).stdout) as { forecast: Record<string, unknown> };
  expect(forecast).toMatchObject({
    report: {
      read: 7,
      inserted: 1,
      duplicate: 1,
      rejected: 5,
      reasons: { unknown_member: 2, order_rows_disagree: 2, unknown_merchant: 1 },
    },
    values: [
      { code: "unknown_member", rows: 2, different: 2, examples: ["M8", "M9"], counted_all: true },
      { code: "order_rows_disagree", rows: 2, different: 2 },
      { code: "unknown_merchant", rows: 1, different: 1, examples: ["S9"] },
    ],
  });
  expect(await dumpDatabase(own.db)).toBe(before);
  expect(JSON.parse((await run()).stdout)).toMatchObject({ inserted: 1, duplicate: 1, rejected: 5 });
  const again = JSON.parse((await run("--explain")).stdout) as { forecast: { report: unknown } };
  expect(again.forecast.report).toMatchObject({ read: 0, earlier_import_id: 1 });
});

test("of a file that would be refused as a whole, that is foreseen", async () => {
  const own = await cloneOf(database);
  const path = writeScratch("refused.csv", "order_no,member_no,amount\nA1,M1,1.00\n", directory);
  const { exitCode, stdout } = await accrueInProcess(["order", "import", path, "--explain", "--merchant", "S404"], {
    database: own,
  });
  expect([exitCode, stdout]).toEqual([0, expect.stringContaining("the import would be refused")]);
});

test("of what is private it is told that it is there, and no more", async () => {
  const accounts = await explain(
    ["account", "import"],
    ["member_no,channel,account,account_name,bank", `M1,bank,${card},张三丰,工商银行`, `M1,paypal,${card},张三丰,`],
  );
  expect(accounts.found.rows).toEqual([
    {
      line: 2,
      member_no: "M1",
      channel: "bank",
      number_masked: "6222 **** 0128",
      payee: "(not shown)",
      bank_name: "工商银行",
    },
  ]);
  const requests = await explain(
    ["withdrawal", "import"],
    ["request_no,member_no,points,channel,account,account_name", `R1,M1,100,bank,${card},张三丰`],
  );
  expect(requests.found.rows).toEqual([
    { line: 2, request_no: "R1", member_no: "M1", points: "100", account: "(not shown)", holder: "(not shown)" },
  ]);
  expect(`${accounts.said}${requests.said}`).not.toMatch(/6222021|张三丰/u);
});
