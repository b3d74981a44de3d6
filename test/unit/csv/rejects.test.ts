import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cleanText } from "../../../src/csv/clean.ts";
import type { ColumnSpec } from "../../../src/csv/table-format.ts";
import { openCsv } from "../../../src/csv/reader.ts";
import { defaultRejectsPath, RejectsWriter } from "../../../src/csv/rejects.ts";
import { encodeCsvRow, type Reject } from "../../../src/csv/rejects-text.ts";
import { assertBalanced, ReasonTally } from "../../../src/csv/report.ts";
import type { CsvRecord } from "../../../src/csv/row-checker.ts";
import { guardedCell, unguardedCell } from "../../../src/shared/text.ts";
import { runs } from "../../support/runs.ts";

const specs = [
  { key: "orderNo", names: ["order_no"], required: true },
  { key: "amount", names: ["amount"], required: true },
] as const satisfies readonly ColumnSpec[];

let directory = "";
let path = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "accrue-rejects-"));
  path = join(directory, "orders.rejects.csv");
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const header = ["order_no", "amount"];
const reject = (cells: string[], facts: Partial<Reject> = {}): Reject => ({
  cells,
  record: 7,
  line: 9,
  column: "amount",
  reason: "is negative",
  ...facts,
});

/** Everything at once: on disk, then under its name. */
async function complete(writer: RejectsWriter): Promise<string | undefined> {
  await writer.prepare();
  return writer.publish();
}

async function read(text: string): Promise<{ header: readonly string[]; encoding: string; records: CsvRecord[] }> {
  const source = await openCsv({ path: "-", stdin: Readable.from([Buffer.from(text)]) }, [
    { name: "native", columns: specs },
  ]);
  const records: CsvRecord[] = [];
  for await (const batch of source.batches()) records.push(...batch);
  return { header: source.header, encoding: source.encoding, records };
}

describe("the rejects file", () => {
  it("lies beside its input, and in the working directory for standard input", () => {
    expect(defaultRejectsPath("in/orders.csv", "orders")).toBe("in/orders.rejects.csv");
    expect(defaultRejectsPath("in/orders.CSV", "orders")).toBe("in/orders.rejects.csv");
    expect(defaultRejectsPath("in/orders", "orders")).toBe("in/orders.rejects.csv");
    expect(defaultRejectsPath("orders.rejects.csv", "orders")).toBe("orders.rejects.rejects.csv");
    expect(defaultRejectsPath("-", "orders")).toBe("accrue-orders.rejects.csv");
  });

  it("holds the original header and raw cells, and says where and why", async () => {
    const writer = new RejectsWriter(path, header);
    await writer.write([reject(["a,1", '="5" '], { reason: 'not "that"' }), reject(["=SUM(A1)", "-1\r\n"])]);
    expect(writer.rows).toBe(2);
    expect(await complete(writer)).toBe(path);
    expect(await readFile(path, "utf8")).toBe(
      '\ufefforder_no,amount,_record,_line,_column,_reason\n"a,1","\'=""5"" ",7,9,amount,"not ""that"""\n\'=SUM(A1),"\'-1\r\n",7,9,amount,is negative\n',
    );
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(["orders.rejects.csv"]);
  });

  it("does not exist when nothing was rejected", async () => {
    const writer = new RejectsWriter(path, header);
    await writer.write([]);
    await writer.prepare();
    expect(await complete(writer)).toBeUndefined();
    expect(await readdir(directory)).toEqual([]);
  });

  it("has its name only once it is complete, and leaves nothing behind when it is discarded", async () => {
    const writer = new RejectsWriter(path, header);
    await writer.write([reject(["a", "1"])]);
    await writer.prepare();
    const [temporary, ...others] = await readdir(directory);
    expect(others).toEqual([]);
    expect(temporary).toMatch(/^\.orders\.rejects\.csv\.[0-9a-f]{8}-\d+-[0-9a-f]{8}\.tmp$/);
    await writer.discard();
    await writer.discard();
    expect(await readdir(directory)).toEqual([]);
  });

  it("survives a discard once it has its name", async () => {
    const writer = new RejectsWriter(path, header);
    await writer.write([reject(["a", "1"])]);
    await complete(writer);
    await writer.discard();
    expect(await readdir(directory)).toEqual(["orders.rejects.csv"]);
  });

  it("takes the place of an older one", async () => {
    await writeFile(path, "old");
    const writer = new RejectsWriter(path, header);
    await writer.write([reject(["a", "1"])]);
    expect(await readFile(path, "utf8")).toBe("old");
    await complete(writer);
    expect(await readFile(path, "utf8")).toMatch(/^\ufefforder_no/);
  });

  it("goes to disk as it grows", async () => {
    const writer = new RejectsWriter(path, header);
    await writer.write(Array.from({ length: 5000 }, (_, index) => reject([`order-${index}`, "-1"])));
    const [temporary] = await readdir(directory);
    expect((await stat(join(directory, temporary!))).size).toBeGreaterThan(100_000);
    await complete(writer);
    expect((await readFile(path, "utf8")).split("\n").length).toBe(5002);
  });

  it("may grow only so far: rows of two bytes become lines of a hundred", async () => {
    const writer = new RejectsWriter(path, header, 100_000);
    const rows = (count: number) => writer.write(Array.from({ length: count }, () => reject(["a", ""])));
    await rows(2500);
    await expect(rows(5000)).rejects.toMatchObject({
      kind: "usage",
      code: "rejects_too_large",
      message: `the rejects file ${path} would have more than 100,000 bytes, many times what was read; nothing of the input was imported`,
      hint: "check that the file is what it should be; --explain shows how its first rows are read",
    });
    await writer.discard();
    expect(await readdir(directory)).toEqual([]);
  });

  it("starts with a byte-order mark, once: a spreadsheet takes it for another encoding without", async () => {
    const writer = new RejectsWriter(path, header);
    await writer.write([reject(["a", "1"])]);
    await writer.write([reject(["b", "2"])]);
    await complete(writer);
    const again = await read(await readFile(path, "utf8"));
    expect([again.encoding, again.header[0]]).toEqual(["utf-8-bom", "order_no"]);
    expect((await readFile(path, "utf8")).lastIndexOf("\ufeff")).toBe(0);
  });

  it("that cannot be written is refused with its path, and leaves nothing", async () => {
    const missing = join(directory, "nowhere", "orders.rejects.csv");
    const writer = new RejectsWriter(missing, header);
    await writer.write([reject(["a", "1"])]);
    await expect(writer.prepare()).rejects.toMatchObject({
      kind: "usage",
      code: "rejects_unwritable",
      message: `cannot write the rejects file ${missing}: there is no such directory`,
      hint: "make room or choose another place for the rejects file; without it no rejected row could be mended",
    });
    await mkdir(path);
    const onDirectory = new RejectsWriter(path, header);
    await onDirectory.write([reject(["a", "1"])]);
    await expect(complete(onDirectory)).rejects.toMatchObject({
      message: expect.stringContaining("it is a directory"),
    });
    expect(await readdir(directory)).toEqual(["orders.rejects.csv"]);
  });

  it("below a plain file is refused as such", async () => {
    await writeFile(path, "x");
    const writer = new RejectsWriter(join(path, "orders.rejects.csv"), header);
    await writer.write([reject(["a", "1"])]);
    await expect(complete(writer)).rejects.toMatchObject({
      code: "rejects_unwritable",
      message: expect.stringContaining("a part of the path is not a directory"),
    });
  });
});

describe("importing a rejects file again", () => {
  it("gives the original rows back, whatever stood in them", async () => {
    const cell = fc
      .oneof(fc.string({ unit: "grapheme", maxLength: 8 }), fc.stringMatching(/^[a'"=+@\t\r\n＝－-]{0,6}$/))
      .map((text) => text.replaceAll("\0", ""));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 6 }), async (rows) => {
        const writer = new RejectsWriter(path, header);
        await writer.write(rows.map((cells) => reject(cells)));
        await complete(writer);
        const { records } = await read(await readFile(path, "utf8"));
        expect(records.map((row) => [row.problem, row.cells.slice(0, 2)])).toEqual(rows.map((row) => [undefined, row]));
      }),
      runs(25),
    );
  });

  it("shows a spreadsheet nothing that it takes for a formula, in the header, the cells and the notes", async () => {
    const cell = fc.stringMatching(/^[a'"=+@\t\r\n＝－1-]{0,6}$/);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 4 }), cell, async (rows, name) => {
        const writer = new RejectsWriter(path, ["order_no", "amount", `=${name}`]);
        await writer.write(rows.map((cells) => reject([...cells, ""], { column: `@${name}`, reason: `+${name}` })));
        await complete(writer);
        const text = await readFile(path, "utf8");
        for (const shown of parse(text).flat()) expect(shown).not.toMatch(/^[=+\-@\t\r\n＝－]/u);
        const { records, header: again } = await read(text);
        expect([again[2], records.map((row) => row.cells.slice(0, 2))]).toEqual([`=${name}`, rows]);
      }),
      runs(25),
    );
  });

  it("gives the same values back where somebody took the notes away, by which the file is known", () => {
    const wrapped = fc.oneof(fc.stringMatching(/^[=+\-@\t][a1=+-]{0,6}$/), fc.stringMatching(/^="[a1+=-]{0,5}"$/));
    fc.assert(fc.property(wrapped, (cell) => void expect(cleanText(guardedCell(cell))).toBe(cleanText(cell))));
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (cell) => void expect(unguardedCell(guardedCell(cell))).toBe(cell)),
    );
  });

  it("unmended refuses rows with too few and too many cells again, and takes them once mended", async () => {
    const writer = new RejectsWriter(path, header);
    await writer.write([reject(["a1"]), reject(["a2", "2", "x"])]);
    await complete(writer);
    const text = await readFile(path, "utf8");
    expect(text).toContain("a1,<missing>,7,9,amount,is negative\na2,2,7,9,amount,is negative,x\n");
    const again = await read(text);
    expect(again.records.map((row) => row.problem?.code)).toEqual(["too_few_cells", "too_many_cells"]);
    expect(again.records[0]!.problem!.message).toBe("nothing was filled in for <missing>");
    // A spreadsheet saves every row as wide as the widest.
    const resaved = await read(text.replace("_reason\n", "_reason,\n").replace("is negative\n", "is negative,\n"));
    expect(resaved.records.map((row) => row.problem?.code)).toEqual(["too_few_cells", "too_many_cells"]);
    const mended = await read(text.replace("<missing>", "1").replace(",x\n", "\n"));
    expect(mended.records.map((row) => row.problem?.code)).toEqual([undefined, undefined]);
  });

  it("names the columns that a later header added, and takes the rows of both once mended", async () => {
    const growing = [...header];
    const writer = new RejectsWriter(path, growing);
    await writer.write([reject(["a1", "-1"])]);
    growing.push("name");
    await writer.write([reject(["a2", "-2", "x"]), reject(["a3", "-3"]), reject(["a4"])]);
    await complete(writer);
    const { records, header: read3 } = await read(await readFile(path, "utf8"));
    expect(read3).toEqual(["order_no", "amount", "_record", "_line", "_column", "_reason", "name"]);
    expect(records.map(({ cells, problem }) => [cells[0], cells[1], cells[6], problem?.code])).toEqual([
      ["a1", "-1", undefined, undefined],
      ["a2", "-2", "x", undefined],
      ["a3", "-3", "", undefined],
      ["a4", "<missing>", "<missing>", "too_few_cells"],
    ]);
  });

  it("does not pile up the notes of earlier rounds", async () => {
    const writer = new RejectsWriter(path, [...header, "_record", "_line", "_column", "_reason"]);
    await writer.write([reject(["a", "1", "3", "4", "order_no", "old"])]);
    await complete(writer);
    expect(await readFile(path, "utf8")).toBe(
      "\ufefforder_no,amount,_record,_line,_column,_reason\na,1,7,9,amount,is negative\n",
    );
  });
});

describe("a row", () => {
  it("is quoted only where it must be", () => {
    expect(encodeCsvRow(["a", "", "b c", "d,e", 'f"', "g\nh", "i\r"])).toBe('a,,b c,"d,e","f""","g\nh","i\r"\n');
  });
});

describe("the counts of an import", () => {
  const counts = { read: 10, inserted: 4, updated: 3, duplicate: 2, rejected: 1 };

  it("add up, or nothing may be kept", () => {
    expect(() => assertBalanced(counts)).not.toThrow();
    expect(() => assertBalanced({ ...counts, read: 11 })).toThrow(
      "import counts do not add up: read 11, but inserted 4 + updated 3 + duplicate 2 + rejected 1 = 10",
    );
    expect(() => assertBalanced({ ...counts, inserted: 5, updated: 3, rejected: -1, read: 9 })).toThrow(
      "import count rejected is -1",
    );
    expect(() => assertBalanced({ ...counts, read: Number.NaN })).toThrow("import count read is NaN");
  });

  it("are tallied by reason, the commonest first", () => {
    const tally = new ReasonTally();
    tally.add("negative");
    tally.add("unknown_member", 3);
    tally.add("empty");
    expect(tally.total).toBe(5);
    expect(tally.entries()).toEqual([
      ["unknown_member", 3],
      ["empty", 1],
      ["negative", 1],
    ]);
  });
});
