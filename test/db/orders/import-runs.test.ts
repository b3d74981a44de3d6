import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { accrue, accrueInProcess } from "../../support/cli.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "../../support/database.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { transcript } from "../../support/transcript.ts";
import { plainClient } from "../../support/admin.ts";
import { fullHeader, orderFile, peopleIn, rejectsOf, take } from "./scene.ts";
import { isConnected, isResting, isWriting, startAccrue, until } from "./process.ts";
import { importOrders } from "../../support/imports.ts";

const template = await testDatabase();
await peopleIn(template);
let on: TestDatabase;
beforeEach(async () => void (on = await cloneOf(template)));
afterEach(() => on.drop());

const kept = async () =>
  (
    await on.db.sql<{ orders: number; imports: number }[]>`
  SELECT (SELECT count(*)::integer FROM orders) AS orders, (SELECT count(*)::integer FROM imports) AS imports`
  )[0]!;
const run = (...args: string[]) => accrueInProcess(["order", "import", ...args], { database: on });
const play = (cwd: string, ...lines: string[]) => transcript(lines, { database: on, cwd });
const json = async (...args: string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await run(...args, "--json")).stdout) as Record<string, unknown>;
const someRows = (count: number) =>
  Array.from({ length: count }, (_, at) => `N${at},M${1 + (at % 3)},S1,${at}.50,paid,2026-02-01 10:00:00,,,`);

describe("order import, as an operator types it", () => {
  test("one file, the same again, and its rejects", async () => {
    const path = writeScratch(
      "orders.csv",
      [
        fullHeader,
        ...someRows(3),
        "N1,M2,S1,9.99,paid,2026-02-01 10:00:00,,,",
        "X,M9,S1,1,,,,,",
        "Y,M1,S1,abc,,,,,",
      ].join("\n"),
    );
    const lines = [
      "accrue order import orders.csv --dry-run",
      "accrue order import orders.csv",
      "accrue order import orders.csv",
      "accrue order import orders.csv --json",
    ];
    expect(await play(dirname(path), ...lines)).toMatchInlineSnapshot(`
      "
      $ accrue order import orders.csv --dry-run
      orders.csv: dry run, nothing kept
        read       6
        inserted   2
        updated    0
        duplicate  0
        rejected   4, 12.49 yuan
        file       utf-8, sha256 01b8f3840feea6c9…
        took       <seconds>, <rate>
        2 x order_rows_disagree
        1 x amount_not_an_amount
        1 x unknown_member
        line 3, amount: the rows of this order do not agree on the amount (lines 3 and 5); none of them is imported
        line 5, amount: the rows of this order do not agree on the amount (lines 3 and 5); none of them is imported
        line 6, member_no: no member has this number; register or import the member first
        line 7, amount: "abc" is not an amount of yuan such as 1234.50
      [exit 3]

      $ accrue order import orders.csv
      orders.csv: import 1
        read          6
        inserted      2
        updated       0
        duplicate     0
        rejected      4, 12.49 yuan
        file          utf-8, sha256 01b8f3840feea6c9…
        took          <seconds>, <rate>
        rejects file  orders.rejects.csv
        2 x order_rows_disagree
        1 x amount_not_an_amount
        1 x unknown_member
        line 3, amount: the rows of this order do not agree on the amount (lines 3 and 5); none of them is imported
        line 5, amount: the rows of this order do not agree on the amount (lines 3 and 5); none of them is imported
        line 6, member_no: no member has this number; register or import the member first
        line 7, amount: "abc" is not an amount of yuan such as 1234.50
      [exit 3]

      $ accrue order import orders.csv
      orders.csv: nothing to do, import 1 of tester took in the same file before
        it rejected 4 rows (\`accrue import show 1 --rejects\`); if their causes are mended, read it again with --force

      $ accrue order import orders.csv --json
      {"import_id":null,"kind":"orders","file":"orders.csv","sha256":"<sha256>","encoding":"utf-8","profile":"native","read":0,"inserted":0,"updated":0,"duplicate":0,"rejected":0,"reasons":{},"rejects_file":null,"seconds":<seconds>,"dry_run":false,"earlier_import_id":1}
      "
    `);
    expect(readFileSync(rejectsOf(path), "utf8")).toMatchInlineSnapshot(`
      "﻿order_no,member_no,merchant_code,amount,status,paid_at,refunded_amount,source,skus,_record,_line,_column,_reason
      N1,M2,S1,1.50,paid,2026-02-01 10:00:00,,,,2,3,amount,the rows of this order do not agree on the amount (lines 3 and 5); none of them is imported
      N1,M2,S1,9.99,paid,2026-02-01 10:00:00,,,,4,5,amount,the rows of this order do not agree on the amount (lines 3 and 5); none of them is imported
      X,M9,S1,1,,,,,,5,6,member_no,no member has this number; register or import the member first
      Y,M1,S1,abc,,,,,,6,7,amount,"""abc"" is not an amount of yuan such as 1234.50"
      "
    `);
  });

  test("--json gives a script the same, and several files an array", async () => {
    const [one, other] = [orderFile(someRows(2)), orderFile(["Z,M1,S1,1,,,,,", "Q,M9,S1,1,,,,,"])];
    const { stdout, exitCode } = await run(one, other, "--json");
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject([
      {
        import_id: 1,
        kind: "orders",
        file: one,
        encoding: "utf-8",
        profile: "native",
        read: 2,
        inserted: 2,
        updated: 0,
        duplicate: 0,
        rejected: 0,
        rejects_file: null,
        dry_run: false,
      },
      {
        import_id: 2,
        file: other,
        read: 2,
        inserted: 1,
        rejected: 1,
        reasons: { unknown_member: 1 },
        rejects_file: rejectsOf(other),
      },
    ]);
  });

  test("a file that cannot be used at all: exit 2, and why", async () => {
    const directory = scratchDirectory();
    const make = (name: string, content: string | Uint8Array) => {
      writeFileSync(join(directory, name), content);
      return name;
    };
    expect(
      await play(
        directory,
        "accrue order import nowhere.csv",
        "accrue order import .",
        `accrue order import ${make("empty.csv", "")}`,
        `accrue order import ${make("short.csv", "order_no,金额\nA,1\n")}`,
        `accrue order import ${make("twice.csv", "order_no,订单号,member_no,merchant_code,amount\n")}`,
        `accrue order import ${make("latin1.csv", Buffer.from("order_no,amount\nAndr\u00e9,1\n", "latin1"))}`,
        "accrue order import empty.csv --encoding koi8-r",
        "accrue order import a.csv b.csv --rejects r.csv",
        "accrue order import",
        "accrue order import nowhere.csv --json",
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue order import nowhere.csv
      ! error: cannot open nowhere.csv: there is no such file
      ! hint: check the path; - reads standard input
      [exit 2]

      $ accrue order import .
      ! error: cannot open .: it is a directory
      ! hint: check the path; - reads standard input
      [exit 2]

      $ accrue order import empty.csv
      ! error: empty.csv is empty: it has not even a header line
      ! hint: a line above the rows must name the columns; a file without data has that line only
      [exit 2]

      $ accrue order import short.csv
      ! error: short.csv: the header has no column member_no (or 会员号); merchant_code (or 商家编号). Found: order_no, 金额
      ! hint: a line above the rows must name the columns (an import shows with --explain what is in the file). Needed: order_no (or 订单号); member_no (or 会员号); merchant_code (or 商家编号); amount (or 金额); may also have: status (or 状态); paid_at (or 支付时间); refunded_amount (or 退款金额); source (or 来源); skus (or 商品编号)
      [exit 2]

      $ accrue order import twice.csv
      ! error: twice.csv: columns 1 (order_no) and 2 (订单号) both mean order_no (or 订单号)
      ! hint: say which is to be read by its number, --map order_no=#1 or --map order_no=#2, or rename or remove the other
      [exit 2]

      $ accrue order import latin1.csv
      ! error: latin1.csv is in no encoding that is read here: no UTF-8 at byte 20 (e9 2c 31 0a), no GB18030 at byte 20 (e9 2c 31 0a); it looks like Latin-1 (Windows-1252)
      ! hint: if it is, give --encoding windows-1252; else save the file again as UTF-8 (in Excel: CSV UTF-8), then import that
      [exit 2]

      $ accrue order import empty.csv --encoding koi8-r
      ! error: --encoding koi8-r is not an encoding that is read here
      ! hint: give one of utf-8, gb18030 (or gbk, gb2312), utf-16le, utf-16be, windows-1252, or leave it out: the encoding is found from the bytes
      [exit 2]

      $ accrue order import a.csv b.csv --rejects r.csv
      ! error: --rejects names one file, and there are several files to import
      ! hint: name a directory for them, or leave --rejects out: each file's rejects go beside it
      [exit 2]

      $ accrue order import
      ! error: missing required argument 'file'
      ! hint: see \`accrue order import --help\`
      [exit 2]

      $ accrue order import nowhere.csv --json
      ! {"error":{"code":"csv_cannot_open","message":"cannot open nowhere.csv: there is no such file","hint":"check the path; - reads standard input","details":{"file":"nowhere.csv"}}}
      [exit 2]
      "
    `);
    expect(await kept()).toEqual({ orders: 0, imports: 0 });
  });

  test("standard input: its rejects go to the working directory, and it is known by its bytes the next time, as a file too", async () => {
    const cwd = scratchDirectory();
    const rows = [...someRows(2), "X,M9,S1,1,,,,,"];
    const stdin = `\ufeff${[fullHeader, ...rows].join("\r\n")}\r\n`;
    const { exitCode, stdout } = await accrue(["order", "import", "-", "--json"], { database: on, stdin, cwd });
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      file: "standard input",
      encoding: "utf-8-bom",
      read: 3,
      inserted: 2,
      rejects_file: "accrue-orders.rejects.csv",
    });
    expect(readFileSync(join(cwd, "accrue-orders.rejects.csv"), "utf8")).toContain("X,M9,S1,1,,,,,,3,4,member_no,");
    const again = await accrue(["order", "import", "-", "--json"], { database: on, stdin, cwd });
    expect([again.exitCode, JSON.parse(again.stdout)]).toMatchObject([
      0,
      { import_id: null, read: 0, rejected: 0, rejects_file: null, earlier_import_id: 1 },
    ]);
    expect(await kept()).toEqual({ orders: 2, imports: 1 });
    writeFileSync(join(cwd, "orders.csv"), stdin);
    expect(await json(join(cwd, "orders.csv"))).toMatchObject({ read: 0, earlier_import_id: 1 });
  });
});

describe("again, for show, and mended", () => {
  test("the same bytes under another name are the same file; --force reads them again and finds nothing new", async () => {
    const rows = someRows(5);
    expect(await json(orderFile(rows))).toMatchObject({ inserted: 5 });
    const before = await dumpDatabase(on.db);
    expect(await json(orderFile(rows))).toMatchObject({ import_id: null, read: 0, inserted: 0, earlier_import_id: 1 });
    expect(await json(orderFile(rows), "--force")).toMatchObject({ read: 5, duplicate: 5, inserted: 0 });
    expect(await dumpDatabase(on.db)).toBe(before);
  });

  test("--dry-run has the figures of the real run, keeps nothing, and writes rejects only when told where", async () => {
    await take(on, someRows(2));
    const path = orderFile([...someRows(4), "N0,M1,S1,0.50,closed,,,,", "X,M9,S1,1,,,,,"]);
    const before = await dumpDatabase(on.db);
    const { exitCode, stdout } = await run(path, "--dry-run", "--json");
    const figures = { read: 6, inserted: 2, updated: 1, duplicate: 2, rejected: 1, reasons: { unknown_member: 1 } };
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([
      3,
      { ...figures, import_id: null, dry_run: true, rejects_file: null },
    ]);
    expect(existsSync(rejectsOf(path))).toBe(false);
    const asked = join(dirname(path), "asked.csv");
    expect(await json(path, "--dry-run", "--rejects", asked)).toMatchObject({ ...figures, rejects_file: asked });
    expect(readFileSync(asked, "utf8")).toContain("X,M9,S1");
    expect(await dumpDatabase(on.db)).toBe(before);
    expect(await json(path)).toMatchObject({ ...figures, dry_run: false });
  });

  test("a rejects file that was mended is imported as it is", async () => {
    const path = orderFile([
      "X,M9,S1,1,paid,2026-02-01,,,",
      'Y,M1,S1,"1,00",paid,2026-02-01,,,',
      "Z,M1,S1,1,000.00,paid,2026-02-01,,,",
    ]);
    expect((await run(path)).exitCode).toBe(3);
    const rejects = rejectsOf(path);
    expect((await run(rejects)).exitCode).toBe(3);
    writeFileSync(
      rejects,
      readFileSync(rejects, "utf8")
        .replace("M9", "M2")
        .replace('"1,00"', "1.00")
        .replace(/^Z,.*\n/m, 'Z,M1,S1,"1,000.00",paid,2026-02-01,,,,,,,\n'),
    );
    const { exitCode, stdout } = await run(rejects, "--json");
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([0, { read: 3, inserted: 3, rejected: 0 }]);
  });

  test("rejects that cannot be written: exit 2, and nothing of the file is kept", async () => {
    const path = orderFile([...someRows(3), "X,M9,S1,1,,,,,"]);
    const { exitCode, stderr } = await run(path, "--rejects", join(dirname(path), "nowhere", "r.csv"), "--json");
    expect([exitCode, JSON.parse(stderr)]).toMatchObject([
      2,
      {
        error: { code: "rejects_unwritable", message: expect.stringContaining("there is no such directory") as string },
      },
    ]);
    expect(await kept()).toEqual({ orders: 0, imports: 0 });
  });

  test("a file that changes while it is read is not imported", async () => {
    const path = orderFile(someRows(30_000));
    let hasGrown = false;
    const onProgress = ({ phase }: { phase: string }) => {
      if (hasGrown || phase === "reading") return;
      writeFileSync(path, "LATE,M1,S1,1,,,,,\n", { flag: "a" });
      hasGrown = true;
    };
    await expect(importOrders(on.context({ onProgress }), { input: { path } })).rejects.toMatchObject({
      code: "file_changed",
    });
    expect(await kept()).toEqual({ orders: 0, imports: 0 });
  });
});

describe("stopped half way, nothing is kept and a second run finishes", () => {
  const rows = someRows(40_000);

  test("SIGINT while a pipe has nothing to say", async () => {
    const { child, ended } = startAccrue(["order", "import", "-"], { database: on });
    child.stdin.write(`${[fullHeader, ...rows.slice(0, 30_000)].join("\n")}\n`);
    await until(() => isConnected(on));
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ exit: 130, stdout: "" });
    expect(await kept()).toEqual({ orders: 0, imports: 0 });
  });

  const endSessions = async () => {
    const other = plainClient(on.url);
    await other`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'accrue' AND pid <> pg_backend_pid()`;
    await other.end();
  };

  test("a connection that is lost while a pipe has nothing to say is made again", async () => {
    const { child, ended } = startAccrue(["order", "import", "-", "--json"], { database: on });
    child.stdin.write(`${[fullHeader, ...rows.slice(0, 30_000)].join("\n")}\n`);
    await until(() => isResting(on));
    await endSessions();
    child.stdin.end();
    const { exit, stdout } = await ended;
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ inserted: 30_000, rejected: 0 });
  });

  test("a server that goes away half way: exit 5, at once", async () => {
    const { ended } = startAccrue(["order", "import", orderFile(rows)], { database: on });
    await until(() => isWriting(on));
    await endSessions();
    const { exit, stderr } = await ended;
    expect(stderr).toContain("error: cannot reach the database");
    expect(exit).toBe(5);
    expect(await kept()).toEqual({ orders: 0, imports: 0 });
  });

  test("a merge that the server refuses", async () => {
    await on.db.sql.begin("read write", (tx) => tx`ALTER TABLE orders ADD CONSTRAINT no_n7 CHECK (order_no <> 'N7')`);
    await expect(importOrders(on.context(), { input: { path: orderFile(rows) } })).rejects.toMatchObject({
      code: "23514",
    });
    expect(await kept()).toEqual({ orders: 0, imports: 0 });
  });
});

describe("two at once", () => {
  test("the same file: one takes it in, the other waits and finds nothing to do", async () => {
    const path = orderFile(someRows(2_000));
    const notes: string[] = [];
    const importing = () => importOrders(on.context({ onNote: (text) => void notes.push(text) }), { input: { path } });
    const reports = await Promise.all([importing(), importing()]);
    expect(reports.map(({ inserted, earlier }) => [inserted, earlier?.importId]).toSorted()).toEqual([
      [0, 1n],
      [2_000, undefined],
    ]);
    expect(notes).toEqual(["another import of orders is running; waiting for it to end"]);
    expect(await kept()).toEqual({ orders: 2_000, imports: 1 });
  });

  test("one that waits can be interrupted", async () => {
    const abort = new AbortController();
    const path = orderFile(someRows(3));
    await on.db.sql.begin("read write", async (tx) => {
      await tx`SELECT pg_advisory_xact_lock(hashtext('accrue import'), hashtext('orders'))`;
      const waiting = importOrders(
        on.context({ signal: abort.signal, onNote: () => abort.abort(new Error("enough")) }),
        { input: { path } },
      );
      await expect(waiting).rejects.toThrow();
    });
    expect(await kept()).toEqual({ orders: 0, imports: 0 });
  });
});
