import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../../support/database.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
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

const put = (name: string, ...rows: readonly string[]) =>
  writeScratch(name, `${[fullHeader, ...rows].join("\n")}\n`, cwd);
const good = (no: string) => `${no},M1,S1,1.00,paid,2026-02-01,,,`;
const bad = (no: string) => `${no},M9,S1,1.00,paid,2026-02-01,,,`;
const run = (...args: string[]) => accrueInProcess(["order", "import", ...args], { database: on, cwd });
const filesTaken = async () =>
  (await on.db.sql<{ file: string }[]>`SELECT file FROM imports ORDER BY import_id`).map(({ file }) => file);

describe("several files", () => {
  test("one that cannot be read, or is refused, stops none of the others, and decides the exit code", async () => {
    put("a.csv", good("A"));
    writeScratch("b.csv", "order_no,amount\n1,2\n", cwd);
    put("c.csv", good("C"), bad("D"), bad("E"));
    put("d.csv", good("F"), bad("G"));
    expect(
      await transcript(
        ["accrue order import a.csv b.csv nowhere.csv c.csv d.csv --max-rejects 1", "accrue order import a.csv d.csv"],
        { database: on, cwd },
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue order import a.csv b.csv nowhere.csv c.csv d.csv --max-rejects 1
      a.csv: import 1
        read       1
        inserted   1
        updated    0
        duplicate  0
        rejected   0
        file       utf-8, sha256 ddb55903da02a9d3…
        took       <seconds>, <rate>
      ! error: b.csv: the header has no column member_no (or 会员号); merchant_code (or 商家编号). Found: order_no, amount
      ! hint: a line above the rows must name the columns (an import shows with --explain what is in the file). Needed: order_no (or 订单号); member_no (or 会员号); merchant_code (or 商家编号); amount (or 金额); may also have: status (or 状态); paid_at (or 支付时间); refunded_amount (or 退款金额); source (or 来源); skus (or 商品编号)
      ! error: cannot open nowhere.csv: there is no such file
      ! hint: check the path; - reads standard input
      ! error: c.csv: 2 of the first 3 rows rejected, --max-rejects allows 1; nothing of it was imported
      !   2 x unknown_member
      !   line 3, member_no: no member has this number; register or import the member first
      !   line 4, member_no: no member has this number; register or import the member first
      ! hint: mend the file, or allow more; --dry-run --rejects PATH writes all rejected rows without importing anything
      d.csv: import 2
        read          2
        inserted      1
        updated       0
        duplicate     0
        rejected      1, 1.00 yuan
        file          utf-8, sha256 1a0836f8bc397893…
        took          <seconds>, <rate>
        rejects file  d.rejects.csv
        1 x unknown_member
        line 3, member_no: no member has this number; register or import the member first
      [exit 4]

      $ accrue order import a.csv d.csv
      a.csv: nothing to do, import 1 of tester took in the same file before
      d.csv: nothing to do, import 2 of tester took in the same file before
        it rejected 1 row (\`accrue import show 2 --rejects\`); if their causes are mended, read it again with --force
      "
    `);
    expect(await filesTaken()).toEqual(["a.csv", "d.csv"]);
  });

  test("explained: those that can be read are, the others are errors, and the exit code says so", async () => {
    put("a.csv", good("A"));
    writeScratch("b.csv", "order_no,amount\n1,2\n", cwd);
    put("c.csv", good("C"));
    const text = await run("a.csv", "b.csv", "c.csv", "--explain");
    expect([text.exitCode, text.stdout.match(/^\S+(?=: how it would be read)/gmu)]).toEqual([2, ["a.csv", "c.csv"]]);
    expect(text.stdout).toContain("b.csv: no profile fits");
    const json = await run("a.csv", "b.csv", "c.csv", "--explain", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject([
      { file: "a.csv", profile: "native" },
      { file: "b.csv", error: { code: "csv_missing_column" } },
      { file: "c.csv" },
    ]);
    expect(await filesTaken()).toEqual([]);
  });

  test("--json: one array, in which each file has its report or its error", async () => {
    put("a.csv", good("A"), bad("B"));
    put("c.csv", good("C"));
    const { exitCode, stdout, stderr } = await run("a.csv", "nowhere.csv", "c.csv", "--json");
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([
      2,
      [
        { file: "a.csv", rejected: 1 },
        { file: "nowhere.csv", error: { code: "csv_cannot_open" } },
        { file: "c.csv", inserted: 1 },
      ],
    ]);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: "csv_cannot_open" } });
  });

  test("one that the server fails on, whatever the reason, stops none of the others, and decides the exit code", async () => {
    const failing = (orderNo: string, code: string) =>
      on.db.sql.begin("read write", (tx) =>
        tx.unsafe(`
      CREATE FUNCTION fail_on_${orderNo}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room for it' USING ERRCODE = '${code}'; END $$;
      CREATE TRIGGER fail_on_${orderNo} BEFORE INSERT ON order_keys FOR EACH ROW WHEN (NEW.order_no = '${orderNo}') EXECUTE FUNCTION fail_on_${orderNo}()`),
      );
    await failing("X", "53200");
    await failing("Y", "XX000");
    put("a.csv", good("X"));
    put("b.csv", good("B"));
    put("c.csv", good("Y"));
    expect(await run("a.csv", "b.csv", "--json")).toMatchObject({ exitCode: 5 });
    expect(await filesTaken()).toEqual(["b.csv"]);
    expect(await run("a.csv", "c.csv", "b.csv")).toMatchObject({ exitCode: 1 });
  });

  test("what is wrong with the surroundings stops all of them; what was done before is told", async () => {
    put("a.csv", good("A"));
    put("b.csv", good("STOP"));
    put("c.csv", good("C"));
    await on.db.sql.begin("read write", async (tx) => {
      await tx.unsafe(
        "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.order_no = 'STOP' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$",
      );
      await tx.unsafe("CREATE TRIGGER lose BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION lose()");
    });
    const { exitCode, stdout } = await run("a.csv", "b.csv", "c.csv", "--json");
    expect([exitCode, JSON.parse(stdout)]).toMatchObject([5, [{ file: "a.csv", inserted: 1 }]]);
    expect(await filesTaken()).toEqual(["a.csv"]);
  });
});

describe("a pattern", () => {
  test("that the shell left alone is expanded and sorted; rejects files do not fit it", async () => {
    for (const name of ["2.csv", "10.csv", "1.csv"]) put(name, good(name), bad(`x${name}`));
    expect((await run("*.csv")).exitCode).toBe(3);
    expect(await filesTaken()).toEqual(["1.csv", "10.csv", "2.csv"]);
    const again = await run("*.csv", "--json");
    expect(JSON.parse(again.stdout)).toMatchObject([
      { file: "1.csv", earlier_import_id: 1 },
      { file: "10.csv" },
      { file: "2.csv" },
    ]);
    expect((await run("*.rejects.csv", "--json")).exitCode).toBe(3);
    expect((await filesTaken()).slice(3)).toEqual(["1.rejects.csv", "10.rejects.csv", "2.rejects.csv"]);
  });

  test("is a name where a file has it", async () => {
    put("a[1].csv", good("A"));
    put("a1.csv", good("B"));
    await run("a[1].csv");
    expect(await filesTaken()).toEqual(["a[1].csv"]);
  });

  test("that nothing fits is a mistake, and nothing is imported", async () => {
    put("a.csv", good("A"));
    expect(await run("a.csv", "b*.csv", "--json")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('"no_such_files"') as string,
    });
    expect(await filesTaken()).toEqual([]);
  });
});

describe("--rejects", () => {
  test("may be a directory: the rejects of each file go there under their names", async () => {
    put("a.csv", bad("A"));
    put("b.csv", bad("B"));
    mkdirSync(join(cwd, "out"));
    const { stdout } = await run("a.csv", "b.csv", "--rejects", "out", "--json");
    expect(JSON.parse(stdout)).toMatchObject([
      { rejects_file: "out/a.rejects.csv" },
      { rejects_file: "out/b.rejects.csv" },
    ]);
    expect([readdirSync(join(cwd, "out")), existsSync(join(cwd, "a.rejects.csv"))]).toEqual([
      ["a.rejects.csv", "b.rejects.csv"],
      false,
    ]);
  });

  test("is no device and no pipe: the file would take its place", async () => {
    put("a.csv", bad("A"));
    execFileSync("mkfifo", [join(cwd, "pipe")]);
    expect(await run("a.csv", "--rejects", "pipe", "--json")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('"rejects_path_no_file"') as string,
    });
    expect([statSync(join(cwd, "pipe")).isFIFO(), await filesTaken()]).toEqual([true, []]);
  });

  test("cannot be one file for several, nor a directory where two would have the same name", async () => {
    mkdirSync(join(cwd, "out"));
    for (const name of ["x", "y"]) mkdirSync(join(cwd, name));
    for (const args of [
      ["a.csv", "b.csv", "--rejects", "r.csv"],
      ["x/a.csv", "y/a.csv", "--rejects", "out"],
    ]) {
      expect(await run(...args, "--json"), args.join(" ")).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('"rejects_path_ambiguous"') as string,
      });
    }
  });
});
