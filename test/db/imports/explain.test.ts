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
  expect([explained.exitCode, explained.stderr.replaceAll(path, "unknown.csv")]).toMatchInlineSnapshot(`
    [
      2,
      "error: unknown.csv: no line names any of the columns
    seen: utf-8, separated by ";", header on line 3
      column 1, Sale Order No: "A1", "A2" -> order_no
      column 2, Member: "M1", "M2" -> member_no
      column 3, Shop: "S1", "S1"
      column 4, Total Amount: "12.50", "8" -> amount
      column 5, Paid: "23/05/2025 10:00", "24/05/2025 9:30" -> paid_at
      column 6, #6: "x"
      column 7, Note: "a;b"
    hint: to start from, if the guesses are right: --map "order_no=Sale Order No" --map "member_no=Member" --map "amount=Total Amount" --map "paid_at=Paid" --date-order dmy; no column looks like merchant_code: --map COLUMN=HEADER says which one it is; a line above the rows must name the columns. Needed: order_no (or 订单号); member_no (or 会员号); merchant_code (or 商家编号); amount (or 金额); may also have: status (or 状态); paid_at (or 支付时间); refunded_amount (or 退款金额); source (or 来源); skus (or 商品编号)
    ",
    ]
  `);
  const { error } = JSON.parse((await run("--explain", "--json")).stderr) as {
    error: { details: { seen: { map: string[] } } };
  };
  const maps = error.details.seen.map.map((map) => ["--map", JSON.parse(map.slice("--map ".length)) as string]);
  const imported = await run(...maps.flat(), "--map", "merchant_code=Shop", "--date-order", "dmy", "--json");
  expect(JSON.parse(imported.stdout)).toMatchObject({ inserted: 2, rejected: 0 });
  expect(await own.db.sql`SELECT order_no, amount_fen::integer AS amount, paid_at FROM orders ORDER BY 1`).toEqual([
    { orderNo: "A1", amount: 1250, paidAt: new Date("2025-05-23T10:00:00+08:00") },
    { orderNo: "A2", amount: 800, paidAt: new Date("2025-05-24T09:30:00+08:00") },
  ]);
});

test("the order of dates that could be either is asked for", async () => {
  const path = writeScratch("either.csv", "订单编号码,付款于\nA1,05/06/2025\n", directory);
  const { stderr } = await accrueInProcess(["order", "import", path, "--explain", "--map", "paid_at=付款于"], {
    database,
  });
  expect(stderr).toContain(
    "its times could be read in more than one order: give --date-order mdy or dmy; no column looks like member_no",
  );
});

test("of a file of accounts that fits nothing only the names are shown", async () => {
  const path = writeScratch("unknown-accounts.csv", `成员,卡\nM1,${card}\n`, directory);
  const { exitCode, stderr } = await accrueInProcess(["account", "import", path, "--explain"], {
    database,
    env: { ACCRUE_SECRET_KEY: newKey().toString("base64") },
  });
  expect([exitCode, stderr.includes("column 2, 卡"), stderr.includes(card)]).toEqual([2, true, false]);
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
