import { execFileSync } from "node:child_process";
import { existsSync, linkSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256OfFile } from "../../../src/csv/rejects-left.ts";
import { temporaryPathFor } from "../../../src/files/temporary-file.ts";
import { parseMaxRejects } from "../../../src/imports/max-rejects.ts";
import { RejectExamples } from "../../../src/imports/rejected-rows.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "../../support/database.ts";
import { fullHeader, orderFile, peopleIn, rejectsOf } from "../orders/scene.ts";
import { importOrders } from "../../support/imports.ts";

const template = await testDatabase();
await peopleIn(template);
let on: TestDatabase;
beforeEach(async () => void (on = await cloneOf(template)));
afterEach(() => on.drop());

const notes: string[] = [];
beforeEach(() => void (notes.length = 0));
const importing = (path: string, options: Partial<Parameters<typeof importOrders>[1]> = {}) =>
  importOrders(on.context({ onNote: (text) => void notes.push(text) }), { input: { path }, ...options });
const good = (no: string) => `${no},M1,S1,1.00,paid,2026-02-01,,,`;
const bad = (no: string) => `${no},M9,S1,1.00,paid,2026-02-01,,,`;
const kept = () => on.db.sql<
  { record: number; line: number; heading: string | null; code: string; message: string; cells: string[] }[]
>`
  SELECT record, line, heading, code, message, cells FROM import_rejects ORDER BY import_id, record`;

test("a few packed bytes never become a rejects file of a gigabyte: the file is refused, and nothing of it is left", async () => {
  const path = orderFile([]).replace(/csv$/, "csv.gz");
  writeFileSync(path, gzipSync(`${fullHeader}\n${"x,\n".repeat(400_000)}`));
  const before = await dumpDatabase(on.db);
  await expect(importing(path)).rejects.toMatchObject({
    code: "rejects_too_large",
    details: { max_bytes: 16 * 1024 * 1024 },
  });
  expect(await dumpDatabase(on.db)).toBe(before);
  expect(readdirSync(dirname(path)).filter((name) => name.includes("rejects"))).toEqual([]);
});

test("a pipe in the place of the rejects file is never waited for", async () => {
  const path = orderFile([good("A"), bad("B")]);
  execFileSync("mkfifo", [rejectsOf(path)]);
  expect(await sha256OfFile(rejectsOf(path))).toBeUndefined();
  expect(await importing(path)).toMatchObject({ inserted: 1, rejected: 1, rejectsFile: rejectsOf(path) });
  expect(readFileSync(rejectsOf(path), "utf8")).toContain("no member has this number");
});

test.each([
  ["one", {}],
  ["several", { reading: { override: { rows_per_order: "sum" as const } } }],
])(
  "a signal is heard between batches, not only when the server is handed the next chunk (%s row an order)",
  async (_rows, options) => {
    const stop = new AbortController();
    const path = orderFile(Array.from({ length: 1500 }, (_, at) => good(`A${at}`)));
    let batches = 0;
    const onProgress = ({ phase }: { phase: string }) => {
      if (phase === "importing orders" && ++batches === 1) stop.abort(new Error("stopped"));
    };
    const context = on.context({ signal: stop.signal, onProgress });
    await expect(importOrders(context, { input: { path }, ...options })).rejects.toThrow("stopped");
    expect(batches).toBe(1);
  },
);

test("two exports put into one file: each part is read by its own header, and its rejects can be mended", async () => {
  const first = "order_no,member_no,merchant_code,amount,paid_at";
  const path = orderFile(
    [
      "A,M1,S1,10,2026-02-01",
      "B,M9,S1,10,2026-02-01",
      "note,refunded_amount,amount,paid_at,merchant_code,member_no,order_no",
      "x,1.50,20,2026-02-02,S2,M2,C",
      "x,2,20,2026-02-02,S2,M9,D",
    ],
    first,
  );
  expect(await importing(path)).toMatchObject({ read: 4, inserted: 2, rejected: 2 });
  expect(
    await on.db
      .sql`SELECT order_no, amount_fen::integer AS amount, refunded_fen::integer AS refunded FROM orders WHERE order_no IN ('A', 'C') ORDER BY 1`,
  ).toEqual([
    { orderNo: "A", amount: 1000, refunded: 0 },
    { orderNo: "C", amount: 2000, refunded: 150 },
  ]);
  const rejects = readFileSync(rejectsOf(path), "utf8");
  const mended = orderFile([], "").replace(/csv$/, "mended.csv");
  writeFileSync(mended, rejects.replaceAll("M9", "M3"));
  expect(await importing(mended)).toMatchObject({ read: 2, inserted: 2, rejected: 0 });
  expect(await on.db.sql`SELECT refunded_fen::integer AS refunded FROM orders WHERE order_no = 'D'`).toEqual([
    { refunded: 200 },
  ]);
});

test("rejects files begin with the mark of UTF-8, whatever their origin was in, and go in as they are, joined as well", async () => {
  const texts = [
    ["utf-8", "utf8"],
    ["windows-1252", "latin1"],
  ] as const;
  const paths = texts.map(([encoding, written], index) => {
    const path = orderFile([], "").replace(/csv$/, `${encoding}.csv`);
    // Umlauts that are valid in GB18030 too: without a mark they would be asked about.
    writeFileSync(path, Buffer.from(`${fullHeader}\nR${index},M9,S1,1.00,paid,2026-02-01,,,M\u00fcller\n`, written));
    return { path, encoding };
  });
  for (const { path, encoding } of paths) {
    expect(await importing(path, { encoding })).toMatchObject({ rejected: 1, encoding });
    expect(readFileSync(rejectsOf(path), "utf8")).toMatch(/^\ufefforder_no.*\n.*M\u00fcller/u);
    expect(await importing(rejectsOf(path))).toMatchObject({ read: 1, rejected: 1, encoding: "utf-8-bom" });
  }
  const joined = orderFile([], "").replace(/csv$/, "joined.csv");
  writeFileSync(joined, paths.map(({ path }) => readFileSync(rejectsOf(path), "utf8").replace("M9", "M3")).join(""));
  expect(await importing(joined)).toMatchObject({ read: 2, inserted: 2 });
  expect(await on.db.sql`SELECT DISTINCT skus FROM orders WHERE order_no LIKE 'R_'`).toEqual([
    { skus: ["M\u00fcller"] },
  ]);
});

test("what the rejected rows hold is read as the profile reads amounts", async () => {
  const path = orderFile(
    ["A;M9;1.234,50;2026-02-01", "B;M9;12,999;2026-02-01", "C;M9;0,5;2026-02-01"],
    "no;who;sum;at",
  );
  const profile = path.replace(/csv$/, "json");
  const columns = { order_no: "no", member_no: "who", merchant_code: { constant: "S1" }, paid_at: "at" };
  const amount = { names: ["sum"], decimal: "comma" };
  writeFileSync(profile, JSON.stringify({ profile: "german", kind: "orders", columns: { ...columns, amount } }));
  expect(await importing(path, { reading: { profile } })).toMatchObject({
    rejected: 3,
    notes: { rejected_amount: "1235.00" },
  });
});

describe("--max-rejects", () => {
  test("a number of rows: the file is refused as soon as it is passed, with reasons and examples, and no rejects file", async () => {
    const path = orderFile([good("A"), bad("B"), bad("C"), "D,M1,S1,abc,,,,,"]);
    const before = await dumpDatabase(on.db);
    await expect(importing(path, { maxRejects: { rows: 2 } })).rejects.toMatchObject({
      kind: "refused",
      code: "too_many_rejects",
      message: [
        `${path}: 3 of the first 4 rows rejected, --max-rejects allows 2; nothing of it was imported`,
        "  2 x unknown_member",
        "  1 x amount_not_an_amount",
        "  line 3, member_no: no member has this number; register or import the member first",
        "  line 4, member_no: no member has this number; register or import the member first",
        '  line 5, amount: "abc" is not an amount of yuan such as 1234.50',
      ].join("\n"),
      details: { read: 4, rejected: 3, reasons: { unknown_member: 2, amount_not_an_amount: 1 } },
    });
    expect(await dumpDatabase(on.db)).toBe(before);
    expect(readdirSync(dirname(path)).filter((name) => name.includes(basename(path, ".csv")))).toEqual([
      basename(path),
    ]);
    expect(await importing(path, { maxRejects: { rows: 3 } })).toMatchObject({ read: 4, inserted: 1, rejected: 3 });
  });

  test("as soon as it is passed means: the rest of the file is not read", async () => {
    const path = orderFile([bad("A"), ...Array.from({ length: 500 }, (_, at) => bad(`B${at}`))]);
    await expect(importing(path, { maxRejects: { rows: 5 }, limits: { rows: 10 } })).rejects.toMatchObject({
      details: { read: 10, rejected: 10 },
    });
  });

  test("a share of the rows: judged at the end of the file", async () => {
    const path = orderFile([bad("A"), good("B"), good("C"), good("D")]);
    await expect(importing(path, { maxRejects: { bps: 2499 }, limits: { rows: 1 } })).rejects.toMatchObject({
      code: "too_many_rejects",
      details: { read: 4, rejected: 1 },
    });
    expect(await importing(path, { maxRejects: { bps: 2500 }, limits: { rows: 1 } })).toMatchObject({
      inserted: 3,
      rejected: 1,
    });
  });

  test("is written as a number or with a percent sign", async () => {
    expect([
      parseMaxRejects("0"),
      parseMaxRejects("12"),
      parseMaxRejects("5%"),
      parseMaxRejects("0.25%"),
      parseMaxRejects("100%"),
    ]).toEqual([{ rows: 0 }, { rows: 12 }, { bps: 500 }, { bps: 25 }, { bps: 10_000 }]);
    for (const text of ["", "-1", "1.5", "101%", "0.123%", "%", "ten"]) {
      expect(() => parseMaxRejects(text), text).toThrow(expect.objectContaining({ code: "invalid_max_rejects" }));
    }
  });

  test("on the command line: exit 4, the reasons on stderr, nothing on stdout", async () => {
    const path = orderFile([good("A"), bad("B")]);
    const { exitCode, stdout, stderr } = await accrueInProcess(["order", "import", path, "--max-rejects", "0"], {
      database: on,
    });
    expect([exitCode, stdout]).toEqual([4, ""]);
    expect(stderr).toContain("--max-rejects allows 0; nothing of it was imported\n  1 x unknown_member\n");
  });
});

describe("the report gives a few rejects as examples", () => {
  test("one of each reason, however many rows of another reason stand before it; then the first ones", async () => {
    const rare = ["X,M1,S1,abc,,,,,", "Y,M1,S9,1,paid,2026-02-01,,,"];
    const { examples, reasons } = await importing(
      orderFile([...Array.from({ length: 1_500 }, (_, at) => bad(`N${at}`)), ...rare]),
      { limits: { rows: 100 } },
    );
    expect(reasons).toEqual([
      ["unknown_member", 1500],
      ["amount_not_an_amount", 1],
      ["unknown_merchant", 1],
    ]);
    expect(examples.map(({ line, column }) => `${line} ${column}`)).toEqual([
      "2 member_no",
      "3 member_no",
      "4 member_no",
      "1502 amount",
      "1503 merchant_code",
    ]);
  });

  test("of very many reasons the first ten", () => {
    const examples = new RejectExamples();
    for (let at = 0; at < 40; at += 1) examples.add(`reason ${at % 20}`, { line: at, column: undefined, message: "" });
    expect(examples.list.map(({ line }) => line)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe("the first rejects stay in the database", () => {
  test("with their cells exactly as they stand in the file, NUL characters, quotes and newlines too", async () => {
    const path = orderFile([good("A"), '"B ""x""\n y",M9,S1,1.00,paid,2026-02-01,,,', "C\u0000D,M1,S1,1,,,,,", "E,M1"]);
    await importing(path);
    expect(await kept()).toEqual([
      {
        record: 2,
        line: 3,
        heading: "order_no",
        code: "order_no_control_character",
        message: expect.stringContaining("U+000A") as string,
        cells: ['B "x"\n y', "M9", "S1", "1.00", "paid", "2026-02-01", "", "", ""],
      },
      {
        record: 3,
        line: 5,
        heading: "order_no",
        code: "nul_character",
        message: '"C\\u0000D" contains a NUL character',
        cells: ["C\u0000D", "M1", "S1", "1", "", "", "", "", ""],
      },
      {
        record: 4,
        line: 6,
        heading: null,
        code: "too_few_cells",
        message: "the row has 2 cells, the header 9",
        cells: ["E", "M1"],
      },
    ]);
    const [recorded] = await on.db.sql`SELECT header, rejects_file, rejects_sha256 FROM imports`;
    expect(recorded).toEqual({
      header: fullHeader.split(","),
      rejectsFile: rejectsOf(path),
      rejectsSha256: await sha256OfFile(rejectsOf(path)),
    });
  });

  test("a thousand of them, in the order of the file", async () => {
    await importing(orderFile(Array.from({ length: 1_200 }, (_, at) => bad(`N${at}`))), { limits: { rows: 100 } });
    const rows = await kept();
    expect([rows.length, rows[0]!.record, rows.at(-1)!.record]).toEqual([1000, 1, 1000]);
  });
});

describe("the rejects file and the database tell the same", () => {
  test("an older file of that name is replaced only by an import that is kept", async () => {
    const path = orderFile([bad("A")]);
    await importing(path);
    const older = readFileSync(rejectsOf(path), "utf8");
    writeFileSync(path, `${[fullHeader, bad("B"), bad("C")].join("\n")}\n`);
    await on.db.sql.begin("read write", (tx) => tx`ALTER TABLE imports ADD CONSTRAINT no_more CHECK (rejected < 2)`);
    await expect(importing(path)).rejects.toMatchObject({ code: "23514" });
    expect(readFileSync(rejectsOf(path), "utf8")).toBe(older);
    expect(readdirSync(dirname(path)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("read again with --force and nothing rejected any more: its own rejects file goes", async () => {
    const path = orderFile([bad("A")]);
    await importing(path);
    await peopleIn(on, ["M9"]).catch(() => {}); // the merchants are there already
    expect(await importing(path, { force: true })).toMatchObject({ inserted: 1, rejected: 0, rejectsFile: undefined });
    expect(existsSync(rejectsOf(path))).toBe(false);
    expect(notes).toEqual([`${rejectsOf(path)} is taken away: nothing in it is rejected any more`]);
  });

  test("a file of that name that somebody has edited, or that is of another import, stays and is named", async () => {
    const path = orderFile([good("A")]);
    writeFileSync(rejectsOf(path), "half mended");
    expect(await importing(path)).toMatchObject({ rejected: 0, rejectsFile: undefined });
    expect(readFileSync(rejectsOf(path), "utf8")).toBe("half mended");
    expect(notes).toEqual([`${rejectsOf(path)} is not of this import, which rejected nothing`]);
  });

  test("so it does when this import rejects something: it is put aside, and named", async () => {
    const path = orderFile([good("A"), bad("B")]);
    const aside = (importId: number) => `${rejectsOf(path)}.before-${importId}`;
    await importing(path);
    await importing(path, { force: true });
    expect(notes).toEqual([]);
    writeFileSync(rejectsOf(path), "half mended");
    await importing(path, { force: true });
    expect([readFileSync(aside(3), "utf8"), readFileSync(rejectsOf(path), "utf8")]).toEqual([
      "half mended",
      expect.stringContaining("B,M9"),
    ]);
    expect(notes).toEqual([
      `the ${rejectsOf(path)} that was there had been edited, or was of another file: it is ${aside(3)} now`,
    ]);
    writeFileSync(path, `${[fullHeader, bad("C")].join("\n")}\n`);
    await importing(path);
    expect([readFileSync(aside(4), "utf8"), readFileSync(rejectsOf(path), "utf8")]).toEqual([
      expect.stringContaining("B,M9"),
      expect.stringContaining("C,M9"),
    ]);
  });

  test("killed between the commit and the rename: the same command again gives the file its name", async () => {
    const path = orderFile([good("A"), bad("B")]);
    await importing(path);
    const content = readFileSync(rejectsOf(path), "utf8");
    renameSync(rejectsOf(path), temporaryPathFor(rejectsOf(path)).replace(`-${process.pid}-`, `-${deadPid()}-`));
    expect((await importing(path)).earlier).toMatchObject({ importId: 1n });
    expect(readFileSync(rejectsOf(path), "utf8")).toBe(content);
    expect(notes).toEqual([
      `import 1 was killed before its rejects file had its name: ${rejectsOf(path)} is in place now`,
    ]);
  });

  test("killed before the commit: what is left is cleared by the next run; what a living process writes is left alone", async () => {
    const path = orderFile([good("A"), bad("B")]);
    const alive = temporaryPathFor(rejectsOf(path));
    const dead = temporaryPathFor(rejectsOf(path)).replace(`-${process.pid}-`, `-${deadPid()}-`);
    for (const temporary of [alive, dead]) writeFileSync(temporary, "half a file");
    await importing(path);
    expect([existsSync(alive), existsSync(dead)]).toEqual([true, false]);
  });

  test("the input itself, under any name, is never the rejects file", async () => {
    const path = orderFile([bad("A")]);
    const other = `${path}.link`;
    linkSync(path, other);
    for (const rejectsPath of [path, other, join(dirname(path), ".", basename(path))]) {
      await expect(importing(path, { rejectsPath })).rejects.toMatchObject({
        kind: "usage",
        code: "rejects_path_is_input",
      });
    }
    expect(readFileSync(path, "utf8")).toContain("A,M9");
  });
});

/** The number of a process that was, and is no more. */
function deadPid(): number {
  return Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));
}
