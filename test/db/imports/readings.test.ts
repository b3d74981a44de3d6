import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inTransaction } from "../../../src/db/database.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "../../support/database.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { importOrders } from "../../support/imports.ts";
import { transcript } from "../../support/transcript.ts";
import { fullHeader, peopleIn } from "../orders/scene.ts";

const template = await testDatabase();
await peopleIn(template);
let on: TestDatabase;
let cwd: string;
beforeEach(async () => {
  on = await cloneOf(template);
  cwd = scratchDirectory();
});
afterEach(() => on.drop());

const put = (name: string, rows: readonly string[], header = fullHeader) =>
  writeScratch(name, `${[header, ...rows].join("\n")}\n`, cwd);
const run = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
  const { stdout, stderr } = await accrueInProcess([...args, "--json"], { database: on, cwd });
  return JSON.parse(stdout === "" ? stderr.trim().split("\n").at(-1)! : stdout) as Record<string, unknown>;
};
const order = (...args: readonly string[]) => run("order", "import", ...args);
const profileFile = (name: string, profile: object) =>
  writeFileSync(join(cwd, name), JSON.stringify({ profile: "till", kind: "orders", ...profile }));

/** What no guard lets through: imports are append-only. */
const tampered = (statement: string) =>
  inTransaction(on.superuser, async (tx) => {
    await tx`SET LOCAL session_replication_role = replica`;
    await tx.unsafe(statement);
  });

const american = ["A,M1,S1,1.00,paid,02/03/2026,,,", "B,M2,S1,2.00,paid,02/04/2026,,,"];

describe("the same file, read another way, is another import", () => {
  test("a file that was wholly rejected goes in with the option that its report recommends", async () => {
    put("us.csv", american);
    const text = await transcript(
      [
        "accrue order import us.csv",
        "accrue order import us.csv",
        "accrue order import us.csv --date-order mdy",
        "accrue order import us.csv --date-order mdy",
        "accrue import show 2",
      ],
      { database: on, cwd },
    );
    expect(text.replace(/tester on \S+/, "tester on <host>")).toMatchInlineSnapshot(`
      "
      $ accrue order import us.csv
      us.csv: import 1
        read          2
        inserted      0
        updated       0
        duplicate     0
        rejected      2, 3.00 yuan
        file          utf-8, sha256 ac0b5cc787e57db0…
        took          <seconds>, <rate>
        rejects file  us.rejects.csv
        2 x paid_at_ambiguous_date
        line 2, paid_at: "02/03/2026" could put the month first or the day first; write the year first: 2026-01-02, or say which with --date-order
        line 3, paid_at: "02/04/2026" could put the month first or the day first; write the year first: 2026-01-02, or say which with --date-order
      [exit 3]

      $ accrue order import us.csv
      us.csv: nothing to do, import 1 of tester took in the same file before
        it rejected 2 rows (\`accrue import show 1 --rejects\`); if their causes are mended, read it again with --force

      $ accrue order import us.csv --date-order mdy
      ! us.rejects.csv is taken away: nothing in it is rejected any more
      us.csv: import 2
        read       2
        inserted   2
        updated    0
        duplicate  0
        rejected   0
        read with  date_order mdy
        file       utf-8, sha256 ac0b5cc787e57db0…
        took       <seconds>, <rate>
        import 1 took in the same file, read another way: its rows are judged again

      $ accrue order import us.csv --date-order mdy
      us.csv: nothing to do, import 2 of tester took in the same file before

      $ accrue import show 2
      import 2: orders of us.csv
        imported by  tester on <host>
        started      <time>
        finished     <time>
        read         2
        inserted     2
        updated      0
        duplicate    0
        rejected     0
        profile      native
        read with    date_order mdy
        file         147 B, utf-8, sha256 ac0b5cc787e57db0…
        import 1 took in the same file, read another way: its rows are judged again
      "
    `);
  });

  test("its rows are judged again, and those that are known are duplicates: nothing is doubled", async () => {
    put("buyers.csv", ["A,M1,S1,1.00,paid,2026-02-01,,,", "B,小林,S1,2.00,paid,2026-02-01,,,"]);
    expect(await order("buyers.csv")).toMatchObject({ import_id: 1, inserted: 1, rejected: 1 });
    expect(await order("buyers.csv", "--create-members", "--member-by", "alias")).toMatchObject({ import_id: 2 });
    expect(await order("buyers.csv", "--max-rejects", "9", "--rejects", "elsewhere.csv")).toMatchObject({
      import_id: null,
      earlier_import_id: 1,
    });
    put("shops.csv", ["S9,九号店"], "merchant_code,name");
    expect(await run("merchant", "import", "shops.csv", "--pending")).toMatchObject({ inserted: 1 });
    expect(await run("merchant", "import", "shops.csv")).toMatchObject({ read: 1, duplicate: 1, read_otherwise_by: 3 });
    expect(await run("merchant", "import", "shops.csv")).toMatchObject({ read: 0, earlier_import_id: 4 });
    put("names.csv", ["tb_nick,M1"], "alias,member_no");
    expect(await run("member", "import-aliases", "names.csv", "--source", "taobao")).toMatchObject({ inserted: 1 });
    expect(await run("member", "import-aliases", "names.csv", "--source", "tmall")).toMatchObject({ inserted: 1 });
    expect(await run("member", "import-aliases", "names.csv", "--source", "taobao")).toMatchObject({ read: 0 });
  });

  test("what counts is how it is read, not by which words: a profile that is found is the one that is named", async () => {
    put("plain.csv", ["A,M1,S1,1.00,paid,2026-02-01,,,"]);
    expect(await order("plain.csv")).toMatchObject({ inserted: 1 });
    for (const words of [
      ["--profile", "native"],
      ["--profile", "auto"],
      ["--encoding", "utf-8"],
      ["--max-rejects", "5"],
    ])
      expect(await order("plain.csv", ...words), words.join(" ")).toMatchObject({ read: 0, earlier_import_id: 1 });
    expect((await on.db.sql`SELECT FROM imports`).count).toBe(1);
  });

  test("the encoding, and what a profile of one's own says, whatever it is called, are a part of it", async () => {
    const latin = Buffer.from("no,who,sum,when\nA,M\u00fcller,1,01.02.2026\n", "latin1");
    writeFileSync(join(cwd, "german.csv"), latin);
    const columns = {
      order_no: "no",
      member_no: "who",
      amount: "sum",
      paid_at: "when",
      merchant_code: { constant: "S1" },
    };
    profileFile("till.json", { columns });
    const read = ["german.csv", "--profile", "./till.json"];
    expect(await order(...read)).toMatchObject({ error: { code: "csv_encoding_ambiguous" } });
    expect(await order(...read, "--encoding", "gb18030")).toMatchObject({ import_id: 1, rejected: 1 });
    expect(await order(...read, "--encoding", "windows-1252")).toMatchObject({ import_id: 2, rejected: 1 });
    expect(await order(...read, "--encoding", "windows-1252")).toMatchObject({ read: 0, earlier_import_id: 2 });
    profileFile("till.json", { profile: "renamed", about: "the till", columns });
    expect(await order(...read, "--encoding", "windows-1252")).toMatchObject({ read: 0, earlier_import_id: 2 });
    profileFile("till.json", { columns, date_order: "dmy" });
    expect(await order(...read, "--encoding", "windows-1252")).toMatchObject({ import_id: 3, read_otherwise_by: 2 });
  });

  test("`import show` and `import list` tell how each was read", async () => {
    put("us.csv", american);
    await order("us.csv", "--date-order", "mdy", "--map", "skus=", "--merchant", "S2");
    const said = { map: ["skus="], merchant_code: "S2", date_order: "mdy" };
    const reading = {
      encoding: "utf-8",
      zone: "Asia/Shanghai",
      options: {},
      profile: { date_order: "mdy", columns: { merchant_code: { constant: "S2" } } },
      known_by: { order_no: { header: "order_no", column: 1 } },
    };
    expect(await run("import", "show", "1")).toMatchObject({ options: said, reading });
    expect(await run("import", "list")).toMatchObject({ options: said, reading });
  });

  test("a dry run says what the real run will", async () => {
    put("us.csv", american);
    await order("us.csv");
    expect(await order("us.csv", "--dry-run")).toMatchObject({ read: 0, earlier_import_id: 1 });
    const other = ["us.csv", "--date-order", "mdy"];
    expect(await order(...other, "--dry-run")).toMatchObject({ read: 2, inserted: 2, read_otherwise_by: 1 });
    expect(await order(...other)).toMatchObject({ read: 2, inserted: 2, read_otherwise_by: 1 });
  });

  test("two at once read it once", async () => {
    const path = put("one.csv", ["A,M1,S1,1.00,paid,2026-02-01,,,"]);
    const reports = await Promise.all([1, 2, 3].map(() => importOrders(on.context(), { input: { path } })));
    expect(reports.map(({ read }) => read).toSorted()).toEqual([0, 0, 1]);
    const [other, same] = await Promise.all([
      importOrders(on.context(), { input: { path }, createsMembers: true }),
      importOrders(on.context(), { input: { path } }),
    ]);
    expect([other.duplicate, same.read]).toEqual([1, 0]);
    expect((await on.db.sql`SELECT FROM imports`).count).toBe(2);
  });
});

describe("rows that were taken are not taken under other names", () => {
  test("orders of another source, or by another number, are refused, and --force takes them", async () => {
    put("pos.csv", ["A,M1,S1,1.00,paid,2026-02-01,,,S-A"]);
    await order("pos.csv", "--source", "pos");
    const before = await dumpDatabase(on.db);
    expect(
      await transcript(
        ["accrue order import pos.csv", "accrue order import pos.csv --source pos --map order_no=skus --map skus="],
        { database: on, cwd },
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue order import pos.csv
      ! error: pos.csv: import 1 of tester took rows of this file, known by another source: they would come in twice
      ! hint: read it with the same source (\`accrue import show 1\` says how it was read); if they really are other rows, give --force
      [exit 4]

      $ accrue order import pos.csv --source pos --map order_no=skus --map skus=
      ! error: pos.csv: import 1 of tester took rows of this file, known by another order_no: they would come in twice
      ! hint: read it with the same order_no (\`accrue import show 1\` says how it was read); if they really are other rows, give --force
      [exit 4]
      "
    `);
    expect(await order("pos.csv", "--source", "till")).toMatchObject({
      error: {
        code: "rows_known_otherwise",
        details: { earlier_import_id: 1, before: { source: "pos" }, now: { source: "till" } },
      },
    });
    expect(await dumpDatabase(on.db)).toBe(before);
    expect(await order("pos.csv", "--source", "till", "--force")).toMatchObject({ inserted: 1 });
    expect(await order("pos.csv", "--source", "pos", "--create-members")).toMatchObject({ duplicate: 1 });
  });

  test("where nothing was taken, other names are no matter", async () => {
    put("pos.csv", ["A,M9,S1,1.00,paid,2026-02-01,,,"]);
    expect(await order("pos.csv", "--source", "pos")).toMatchObject({ rejected: 1 });
    expect(await order("pos.csv", "--source", "till", "--create-members", "--member-by", "alias")).toMatchObject({
      inserted: 1,
    });
  });

  test("refunds that only their time tells apart are not taken by another time", async () => {
    const header = "no,back,at";
    put("refunds.csv", ["A,0.10,2026-02-03"], header);
    put("orders.csv", ["A,M1,S1,1.00,paid,2026-02-01,,,"]);
    await order("orders.csv");
    const columns = { order_no: "no", refunded_amount: "back", refunded_at: "at", row_type: { constant: "refund" } };
    profileFile("refunds.json", { columns });
    expect(await order("refunds.csv", "--profile", "./refunds.json")).toMatchObject({ updated: 1 });
    profileFile("refunds.json", { columns, zone: "America/New_York" });
    expect(await order("refunds.csv", "--profile", "./refunds.json")).toMatchObject({
      error: { code: "rows_known_otherwise", message: expect.stringContaining("another times") as string },
    });
    expect(await on.db.sql`SELECT refunded_fen FROM orders`).toMatchObject([{ refundedFen: 10n }]);
  });

  test("requests of withdrawals are known by their numbers alone", async () => {
    put("requests.csv", ["R1,K1,M1,1"], "request_no,ref,member_no,points");
    await run("withdrawal", "import", "requests.csv");
    await tampered("UPDATE imports SET rejected = 0, duplicate = 1");
    expect(await run("withdrawal", "import", "requests.csv", "--map", "request_no=ref")).toMatchObject({
      error: { code: "rows_known_otherwise" },
    });
  });
});

describe("an import that is older than readings are recorded", () => {
  const older = (path: string) => importOrders(on.context(), { input: { path } });

  test("is known by its bytes, however it was read", async () => {
    const path = put("old.csv", ["A,M1,S1,1.00,paid,2026-02-01,,,", "B,M9,S1,1.00,paid,2026-02-01,,,"]);
    await older(path);
    await tampered("UPDATE imports SET reading = NULL");
    expect(await order("old.csv", "--source", "till")).toMatchObject({ read: 0, earlier_import_id: 1 });
    expect(await order("old.csv", "--source", "till", "--force")).toMatchObject({ read: 2, inserted: 1 });
    expect(await run("import", "show", "1")).toMatchObject({ reading: null });
  });

  test("that took nothing is no reason not to read it", async () => {
    const path = put("us.csv", american);
    await older(path);
    await tampered("UPDATE imports SET reading = NULL");
    expect(await order("us.csv", "--date-order", "mdy")).toMatchObject({ inserted: 2, read_otherwise_by: 1 });
  });
});

test("what jsonb refuses may stand in a profile all the same", async () => {
  put("odd.csv", ["A,M1,S1,1.00,paid,2026-02-01,,,"]);
  const path = join(cwd, "odd.csv");
  const profile = join(cwd, "odd.json");
  const columns = { order_no: "order_no", member_no: "member_no", merchant_code: "merchant_code", amount: "amount" };
  writeFileSync(
    profile,
    `{"profile":"odd","kind":"orders","nothing":["\\u0000","\\ud800"],"columns":${JSON.stringify(columns)}}`,
  );
  const read = () => importOrders(on.context(), { input: { path }, reading: { profile } });
  expect((await read()).inserted).toBe(1);
  expect((await read()).read).toBe(0);
});
