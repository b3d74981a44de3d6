import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, contextFor, testDatabase, type TestDatabase } from "../../support/database.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { importMerchants } from "../../support/imports.ts";
import { registerMember } from "../../../src/domain/members/register.ts";
import { peopleIn } from "../orders/scene.ts";
import { run, sketch } from "./sketching.ts";

const database = await testDatabase();
await peopleIn(database);
for (const [memberNo, contact] of [
  ["A1", { email: "ann@example.com", phone: "13800000001" }],
  ["B1", { email: "bob@example.com", phone: "13800000002" }],
] as const)
  await registerMember(contextFor(database.db), { memberNo, name: `名${memberNo}`, ...contact });
const shops = "merchant_code,name\nOT,Old Town\nHB,Harbour\n";
await importMerchants(database.context(), { input: { path: writeScratch("shops.csv", shops) } });

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

/** What is guessed of a file of some rows. */
async function guessed(rows: readonly string[], options: readonly string[] = [], noun = "order") {
  const path = writeScratch("guessed.csv", `${rows.join("\n")}\n`);
  const { stdout } = await accrueInProcess([noun, "import", path, "--explain", ...options, "--json"], { database });
  return JSON.parse(stdout) as {
    readonly columns: readonly { readonly header: string; readonly guess: string | null }[];
    readonly profile: Readonly<Record<string, unknown>> & { readonly columns: Readonly<Record<string, unknown>> };
    readonly to_fill_in: readonly { readonly at: string }[];
    readonly notes: readonly string[];
    readonly options: readonly string[];
    readonly reading: { readonly forecast: { readonly report: Readonly<Record<string, unknown>> } } | null;
  };
}

const asked = ({ to_fill_in: asks }: Awaited<ReturnType<typeof guessed>>) => asks.map(({ at }) => at);

test("a cancelled order is none that is paid: where a column may be the status, somebody has to say so", async () => {
  const rows = [
    "Beleg,Zeitpunkt,Kunde,Laden,Betrag,Lage",
    "1,2026-01-02,M1,S1,1.50,gut",
    "2,2026-01-02,M1,S1,1.50,weg",
    "3,2026-01-02,M1,S1,1.50,gut",
  ];
  expect(asked(await guessed(rows))).toEqual(["columns.status"]);
  const said = await guessed(rows, ["--map", "status=Lage"]);
  expect(asked(said)).toEqual(["columns.status.words.gut", "columns.status.words.weg"]);
  const none = await guessed(rows, ["--map", "status="]);
  expect([asked(none), none.reading!.forecast.report]).toMatchObject([[], { inserted: 3, rejected: 0 }]);
});

test("an order that is refunded in part earns nothing by a guess, where no column says how much was refunded", async () => {
  const rows = [
    "Order ID,Date,Member,Shop,Total,Status",
    "1,2026-01-02,M1,S1,1.50,Paid",
    "2,2026-01-02,M1,S1,1.50,Partially refunded",
  ];
  expect(asked(await guessed(rows))).toEqual(["columns.status.words.Partially refunded"]);
});

test.each([
  ["repeat its amount, which their lines add up to", ["1,5.00,15.00", "1,10.00,15.00", "2,3.00,3.00"], "same", []],
  ["repeat an amount that nothing adds up to", ["1,5.00,15.00", "1,5.50,15.00"], "?", ["rows_per_order"]],
  ["have amounts of their own", ["1,5.00,5.00", "1,10.00,10.00"], "sum", []],
  ["leave the amount blank but in the first", ["1,5.00,15.00", "1,10.00,"], "first", []],
  ["are one each", ["1,5.00,5.00", "2,10.00,10.00"], undefined, []],
])("several rows of an order that %s", async (_title, rows, rule, asks) => {
  const header = "Order Number,Line,Order Total,Paid at,Member,Shop,Item";
  const sketched = await guessed([header, ...rows.map((row, index) => `${row},2026-01-02 10:00,M1,S1,${index}x`)]);
  expect([sketched.profile["rows_per_order"], asked(sketched)]).toEqual([rule, asks]);
});

test("rows of one order with times of their own: which of them counts is asked", async () => {
  const header = "Order Number,Total,Paid on,Time,Member,Shop";
  const rows = ["1,5.00,2026-01-02,10:00,M1,S1", "1,10.00,2026-01-02,11:00,M1,S1"];
  expect(asked(await guessed([header, ...rows]))).toEqual(["rows_paid_at"]);
  expect(asked(await guessed([header, ...rows.map((row) => row.replace("11:00", "10:00"))]))).toEqual([]);
});

test.each([
  ["whole numbers of which none is small may be fen", ["1250", "9900", "12345"], "Betrag", ["columns.amount.unit"], {}],
  ["but not where a name says it", ["1250", "9900", "12345"], "Total (cents)", [], { unit: "fen" }],
  ["nor where one is small", ["12", "9900", "12345"], "Betrag", [], {}],
  [
    "1,234 is a thousand or a little more than one",
    ["1,234", "2,345", "3,456"],
    "Betrag",
    ["columns.amount.decimal"],
    {},
  ],
  ["which another cell tells", ["1,234", "2,345", "3,456.50"], "Betrag", [], {}],
  ["here the other way", ["1.234", "2.345", "3.456,50"], "Betrag", [], { decimal: "comma" }],
])("amounts: %s", async (_title, cells, name, asks, rule) => {
  const rows = cells.map((cell, index) => `${index};2026-01-02;M1;S1;${cell}`);
  const sketched = await guessed([`Beleg;Datum;Kunde;Laden;${name}`, ...rows]);
  expect([asked(sketched), sketched.profile.columns["amount"]]).toMatchObject([
    asks,
    Object.keys(rule).length === 0 && asks.length === 0 ? name : rule,
  ]);
});

test.each([
  [
    "refunds that a column tells of, and none says how much",
    [
      "订单号,订单状态,售后状态,用户支付时间,用户应付金额,会员号,门店",
      "1,已完成,售后完成,2026-01-02 10:00,1.50,M1,S1",
      "2,已完成,无售后,2026-01-02 10:00,1.50,M1,S1",
    ],
    ["columns.refunded_amount"],
    {},
  ],
  [
    "a zone that a column names",
    [
      "Order ID,Date,Time,TimeZone,Gross,Member,Shop",
      "1,2026-01-14,09:15:00,PST,1.50,M1,S1",
      "2,2026-01-14,10:15:00,PST,2.50,M1,S1",
    ],
    ["zone"],
    {},
  ],
  [
    "a total beside its net, a state of the payment beside that of the order",
    [
      "order_number,order_date_time,customer_number,amount_total,amount_net,state,transactions_state,shop",
      "1,2026-01-02T08:15:00+00:00,M1,11.50,10.00,completed,paid,S1",
      "2,2026-01-02T08:15:00+00:00,M1,12.50,11.00,completed,refunded,S1",
    ],
    [],
    { amount: "amount_total", status: { names: ["transactions_state"] } },
  ],
])("what would be taken wrongly by a guess: %s", async (_title, rows, asks, columns) => {
  const sketched = await guessed(rows);
  expect([asked(sketched), sketched.profile.columns]).toMatchObject([asks, columns]);
});

test.each([
  ["counts seconds", "paid_ts", ["1767323045", "1767323046", "1767323047"], { unix_times: true }],
  ["names its months", "Paid at", ['"Jan 2, 2026"', '"Jan 13, 2026"', '"Feb 1, 2026"'], {}],
  ["names its months, with short years", "Paid at", ["2-Jan-26", "13-Jan-26", "1-Feb-26"], { year_pivot: 100 }],
])("a column of times that %s", async (_title, name, cells, said) => {
  const rows = cells.map((cell, index) => `${index},M1,S1,1.5${index},${cell}`);
  const sketched = await guessed([`Order ID,Member,Shop,Total,${name}`, ...rows]);
  const { columns, unix_times: unixTimes, year_pivot: pivot, date_order: order } = sketched.profile;
  expect([columns["paid_at"], asked(sketched)]).toMatchObject([{ names: [name] }, []]);
  expect({ unix_times: unixTimes, year_pivot: pivot, date_order: order }).toEqual(said);
  expect(sketched.reading!.forecast.report).toMatchObject({ inserted: 3, rejected: 0 });
});

test("a long number is no time where nothing calls it one", async () => {
  const sketched = await guessed([
    "Order ID,Member,Shop,Total,Ref",
    "1,M1,S1,1.50,1767323045",
    "2,M1,S1,1.50,1767323046",
  ]);
  expect(asked(sketched)).toEqual(["columns.paid_at"]);
});

test("a time that cannot be read, two columns of one name, and what is missing are told truly", async () => {
  const sketched = await guessed([
    "Order ID,Date Paid,Buyer,Order Total,Note,Note",
    '1,"2nd of Jan",M1,1.50,a,b',
    '2,"3rd of Jan",M2,2.50,c,d',
  ]);
  expect([asked(sketched), sketched.options]).toEqual([["columns.paid_at"], ["--merchant CODE"]]);
  expect(sketched.notes).toEqual(
    expect.arrayContaining([
      "2 columns are called Note: none of them is guessed; #5, #6 name them",
      'Date Paid is called like paid_at, but "2nd of Jan" is nothing that is read as that: have its times exported like 2026-01-02 03:04:05',
      "no column looks like a merchant: --merchant CODE names the one of the whole file",
    ]),
  );
});

test("a cell with a NUL is asked of no database, and the others still are", async () => {
  const sketched = await guessed([
    "Order ID,Paid,Who,Shop,Total",
    "1,2026-01-02 03:04,A1,OT,1.50",
    "2,2026-01-02 03:05,A\0,OT,2.50",
  ]);
  expect([asked(sketched), sketched.profile.columns]).toMatchObject([[], { member_no: "Who", merchant_code: "Shop" }]);
});

test.each([
  [
    "member",
    ["Kundennummer;Vorname Nachname;E-Mail-Adresse;Mobil", "K1;Anna Gross;anna@example.de;13912345678"],
    { member_no: "Kundennummer", name: "Vorname Nachname", email: "E-Mail-Adresse", phone: "Mobil" },
  ],
  [
    "merchant",
    ["门店编号,门店名称,联系电话", "MD1,老街店,010-65550101"],
    { merchant_code: "门店编号", name: "门店名称", contact: "联系电话" },
  ],
  [
    "product",
    ["Código producto|Descripción|Precio|Tienda", "A1|Té verde|12,50|S1"],
    { merchant_code: "Tienda", sku: "Código producto", name: "Descripción", price: { decimal: "comma" } },
  ],
])("files of a %s are guessed, too", async (noun, rows, columns) => {
  const sketched = await guessed(rows, [], noun);
  expect([asked(sketched), sketched.profile.columns]).toMatchObject([[], columns]);
  expect(sketched.reading!.forecast.report).toMatchObject({ inserted: 1, rejected: 0 });
});

test("nothing stays of it: no lock, no import, no rejects file", async () => {
  const own = await cloneOf(database);
  const file = "fixtures/unknown/us.csv";
  await sketch(own, file, join(scratchDirectory(), "us.json"));
  const [left] = await own.db.sql<{ locks: number; imports: number }[]>`
    SELECT (SELECT count(*)::integer FROM pg_locks WHERE locktype = 'advisory'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS locks,
      (SELECT count(*)::integer FROM imports) AS imports`;
  expect(left).toEqual({ locks: 0, imports: 1 });
  expect(existsSync("fixtures/unknown/us.rejects.csv")).toBe(false);
});
