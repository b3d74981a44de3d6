import { createHash } from "node:crypto";
import { mkdtemp, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ColumnSpec } from "../../../src/csv/table-format.ts";
import { openCsv, type CsvOptions } from "../../../src/csv/reader.ts";
import type { CsvRecord } from "../../../src/csv/row-checker.ts";
import { encode, zip } from "./encode.ts";

const specs = [
  { key: "orderNo", names: ["order_no", "订单号"], required: true },
  { key: "amount", names: ["amount", "金额"], required: true },
  { key: "name", names: ["name", "姓名"], required: false },
] as const satisfies readonly ColumnSpec[];

let directory = "";
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "accrue-csv-"));
});
afterAll(async () => {
  await rm(directory, { recursive: true, force: true });
});

/**
 * Opens bytes as a file. Its header is looked for in no more than it takes: what is behind it comes in chunks as they
 * are cut.
 */
async function open(data: string | Buffer, options: CsvOptions & { specs?: readonly ColumnSpec[] } = {}) {
  const path = join(directory, "input");
  await writeFile(path, data);
  return openCsv({ path }, [{ name: "native", columns: options.specs ?? specs }], { firstHeadLength: 1, ...options });
}

async function read(data: string | Buffer, options: CsvOptions & { specs?: readonly ColumnSpec[] } = {}) {
  const source = await open(data, options);
  const records: CsvRecord[] = [];
  for await (const batch of source.batches()) records.push(...batch);
  return { source, records };
}

const shape = (records: readonly CsvRecord[]) =>
  records.map(({ record, line, cells, problem }) => [record, line, problem?.code ?? "ok", ...cells]);

const failure = (work: Promise<unknown>) =>
  work.then(
    () => {
      throw new Error("was not refused");
    },
    (error: unknown) => error,
  );

describe("a well-formed file", () => {
  it("gives its rows with record numbers, physical lines, hash, size and progress", async () => {
    const text = '订单号,Amount,note\na1,1.00,x\n\na2,2.00,"two\r\nlines"\na3,3,\n';
    const { source, records } = await read(text);
    expect(source.header).toEqual(["订单号", "Amount", "note"]);
    expect(source.match.columnIndex).toEqual({ orderNo: 0, amount: 1, name: -1 });
    expect(source.match.unknownColumns).toEqual(["note"]);
    expect(source.encoding).toBe("utf-8");
    expect(shape(records)).toEqual([
      [1, 2, "ok", "a1", "1.00", "x"],
      [2, 4, "ok", "a2", "2.00", "two\r\nlines"],
      [3, 6, "ok", "a3", "3", ""],
    ]);
    const sizeBytes = Buffer.byteLength(text);
    expect(source.identity).toEqual({ sha256: createHash("sha256").update(text).digest("hex"), sizeBytes });
    expect(source.progress).toEqual({ bytesRead: sizeBytes, totalBytes: sizeBytes, recordsRead: 3 });
  });

  it("may start with a byte-order mark, which is no part of the first name", async () => {
    const { source, records } = await read("\ufefforder_no,amount\r\na1,1\r\n");
    expect(source.encoding).toBe("utf-8-bom");
    expect(source.header[0]).toBe("order_no");
    expect(shape(records)).toEqual([[1, 2, "ok", "a1", "1"]]);
  });

  it("may have CRLF, LF and CR line ends in any mixture and no last one", async () => {
    const { records } = await read("order_no,amount\r\na1,1\na2,2\ra3,3\r\n\r\na4,4");
    expect(shape(records)).toEqual([
      [1, 2, "ok", "a1", "1"],
      [2, 3, "ok", "a2", "2"],
      [3, 4, "ok", "a3", "3"],
      [4, 6, "ok", "a4", "4"],
    ]);
  });

  it('keeps Excel\'s ="…" as it stands, though it is a quote inside an unquoted cell', async () => {
    const { records } = await read('order_no,amount,name\n="0012",5,5" screen\n');
    expect(shape(records)).toEqual([[1, 2, "ok", '="0012"', "5", '5" screen']]);
  });

  it("with a header only has no rows and no batch, but a hash", async () => {
    const { source, records } = await read("order_no,amount\n");
    expect(records).toEqual([]);
    expect(source.identity.sizeBytes).toBe(16);
  });

  it("comes in batches of at most the wanted size, none of them empty", async () => {
    const text = `order_no,amount\n${"a,1\n".repeat(25)}`;
    const source = await open(text, { chunkBytes: 7, maxBatchRows: 10 });
    const sizes: number[] = [];
    for await (const batch of source.batches()) sizes.push(batch.length);
    expect(sizes).toEqual([10, 10, 5]);
  });

  it("is read from disk with its size and hash known beforehand", async () => {
    const path = join(directory, "orders.csv");
    const text = `order_no,amount\n${"a,1\n".repeat(300_000)}`;
    await writeFile(path, text);
    const source = await openCsv({ path }, [{ name: "native", columns: specs }]);
    expect(source.progress.totalBytes).toBe(text.length);
    expect(source.identity).toEqual({
      sha256: createHash("sha256").update(text).digest("hex"),
      sizeBytes: text.length,
    });
    let rows = 0;
    for await (const batch of source.batches()) rows += batch.length;
    expect(rows).toBe(300_000);
    expect(source.progress.bytesRead).toBe(text.length);
  });
});

describe("a row that is wrong in itself is handed on with its problem, and the rest is read", () => {
  it("too few and too many cells, a blank one that only this row has included", async () => {
    const { records } = await read("order_no,amount\na1\na2,2,3\na3,3,\na4,4\n");
    expect(shape(records)).toEqual([
      [1, 2, "too_few_cells", "a1"],
      [2, 3, "too_many_cells", "a2", "2", "3"],
      [3, 4, "too_many_cells", "a3", "3", ""],
      [4, 5, "ok", "a4", "4"],
    ]);
    expect(records[0]!.problem!.message).toBe("the row has 1 cell, the header 2");
    expect(records[1]!.problem!.message).toBe(
      "the row has 3 cells, the header 2; put quotes around a cell that contains a comma",
    );
  });

  it("none of it is a comma at the end of every row, nor what stands in a column without a name", async () => {
    const { records } = await read("order_no,amount\na1,1,, \na2,2,\na3,3,,\na4,4\na5,5,,,\n");
    expect(shape(records)).toEqual([
      [1, 2, "ok", "a1", "1"],
      [2, 3, "ok", "a2", "2"],
      [3, 4, "ok", "a3", "3"],
      [4, 5, "ok", "a4", "4"],
      [5, 6, "too_many_cells", "a5", "5", "", "", ""],
    ]);
    expect(shape((await read("order_no,amount,\na1,1,\na2,2,x\n")).records).map((row) => row[2])).toEqual(["ok", "ok"]);
  });

  it("an amount of the first row with a comma and no quotes", async () => {
    const { records } = await read("order_no,amount,name\na1,￥1,234.50,\na2,1,x,\na3,2,500,\n");
    expect(shape(records).map((row) => row[2])).toEqual(["too_many_cells", "ok", "ok"]);
  });

  it("a NUL character, a cell over the limit", async () => {
    const { records } = await read(`order_no,amount\na\0b,1\n${"x".repeat(21)},1\nok,1\n`, { maxCellLength: 20 });
    expect(records.map((row) => [row.problem?.code, row.problem?.columnIndex])).toEqual([
      ["nul_character", 0],
      ["cell_too_long", 0],
      [undefined, undefined],
    ]);
    expect(records[0]!.problem!.message).toBe(String.raw`"a\u0000b" contains a NUL character`);
    expect(records[1]!.problem!.message).toBe(`"${"x".repeat(21)}" has 21 characters; at most 20 are taken`);
  });

  it("a line over the limit, of which only the start is kept", async () => {
    for (const size of [1, 7, 64, 100_000]) {
      const { records } = await read(`order_no,amount\na1,1\n${"长".repeat(3000)},1\r\na2,2\n${"y".repeat(9000)}`, {
        maxRecordBytes: 8000,
        chunkBytes: size,
      });
      expect(records.map((row) => [row.line, row.problem?.code, row.cells[0]!.length])).toEqual([
        [2, undefined, 2],
        [3, "record_too_long", 1365],
        [4, undefined, 2],
        [5, "record_too_long", 4096],
      ]);
      expect(records[1]!.cells[0]).toBe("长".repeat(1365));
      expect(records[1]!.problem!.message).toBe("the line has more than 8000 bytes; only its start is kept");
    }
  });

  it("text behind a closing quote", async () => {
    const { records } = await read('order_no,amount\n"a1"x,1\n"a2",2\n"""a3""",3\n');
    expect(shape(records)).toEqual([
      [1, 2, "malformed_quote", '"a1"x', "1"],
      [2, 3, "ok", "a2", "2"],
      [3, 4, "ok", '"a3"', "3"],
    ]);
  });

  it("a quote left open costs its own line and none behind it", async () => {
    const text = 'order_no,amount\na1,"1\na2,"2"\n\na3,"3\r\ny"\n\r\n\na4,"4\r\na5,5\n';
    for (const size of [1, 2, 3, 1000]) {
      const { records } = await read(text, { chunkBytes: size });
      expect(shape(records)).toEqual([
        [1, 2, "malformed_quote", 'a1,"1'],
        [2, 3, "ok", "a2", "2"],
        [3, 5, "ok", "a3", "3\r\ny"],
        [4, 9, "malformed_quote", 'a4,"4'],
        [5, 10, "ok", "a5", "5"],
      ]);
    }
  });

  it("a quote left open in a file longer than the record limit, too", async () => {
    const rows = Array.from({ length: 2000 }, (_, index) => `b${index},1\n`).join("");
    const { records } = await read(`order_no,amount\na1,"1\n${rows}`, { maxRecordBytes: 1000, chunkBytes: 333 });
    expect(records.length).toBe(2001);
    expect(shape(records.slice(0, 2))).toEqual([
      [1, 2, "malformed_quote", 'a1,"1'],
      [2, 3, "ok", "b0", "1"],
    ]);
    expect(records.filter((row) => row.problem !== undefined).length).toBe(1);
    expect(records.at(-1)!.line).toBe(2002);
  });

  it("a closed quote that makes a record longer than the limit costs its own line, too", async () => {
    for (const size of [1, 7, 1000]) {
      const { records } = await read(`order_no,amount\na1,"1\n${"x\n".repeat(40)}"\na2,"2"\n`, {
        maxRecordBytes: 60,
        chunkBytes: size,
      });
      expect(shape(records).at(0)).toEqual([1, 2, "malformed_quote", 'a1,"1']);
      expect(shape(records).at(-1)).toEqual([43, 44, "ok", "a2", "2"]);
    }
  });

  it("and rows around those in quotes keep their order and their lines, whatever ends the lines within quotes", async () => {
    const text = 'order_no,amount\na1,1\na2,"2\r\n\r""\n"\na3,3\n"a""4","4"\n"a5"x,"5""\n"\na6,6\na7,"7""7"\n';
    for (const size of [1, 2, 5, 1000]) {
      const { records } = await read(text, { chunkBytes: size });
      expect(shape(records)).toEqual([
        [1, 2, "ok", "a1", "1"],
        [2, 3, "ok", "a2", '2\r\n\r"\n'],
        [3, 7, "ok", "a3", "3"],
        [4, 8, "ok", 'a"4', "4"],
        [5, 9, "malformed_quote", '"a5"x,"5""'],
        [6, 10, "malformed_quote", '"'],
        [7, 11, "ok", "a6", "6"],
        [8, 12, "ok", "a7", '7"7'],
      ]);
    }
  });

  it("every line malformed is as many rejects, without the work growing with the square of them", async () => {
    const { records } = await read(`order_no,amount\n${'"a\n'.repeat(20_000)}`);
    expect(records.length).toBe(20_000);
    expect(records.every((row) => row.problem?.code === "malformed_quote")).toBe(true);
  });
});

describe("a file that cannot be read is refused with what to do", () => {
  it("empty, a byte-order mark only, blank lines only", async () => {
    for (const text of ["", "\ufeff", "\n\r\n\n"]) {
      expect(await failure(read(text))).toMatchObject({
        kind: "usage",
        code: "csv_empty",
        message: `${join(directory, "input")} is empty: it has not even a header line`,
      });
    }
  });

  it("a header with an open quote", async () => {
    expect(await failure(read('order_no,"amount\na1,1\n'))).toMatchObject({
      code: "csv_malformed_header",
      message: expect.stringContaining("input, line 1: the header cannot be read: a quoted cell is not closed"),
    });
  });
});

describe("of a zip archive, the member is read whose header fits", () => {
  const orders = Buffer.from("order_no,amount\na1,1\n");
  const summary = Buffer.from("类型,合计\n收入,1\n");

  it("whatever the others are", async () => {
    const { source, records } = await read(
      zip([
        { name: "账单(汇总).csv", data: summary },
        { name: "账单.csv", data: encode("订单号,金额\r\n订1,2\r\n", "gb18030") },
        { name: "empty.csv", data: Buffer.alloc(0) },
      ]),
    );
    expect([source.entry, source.encoding, shape(records)]).toEqual([
      "账单.csv",
      "gb18030",
      [[1, 2, "ok", "订1", "2"]],
    ]);
    expect((await read(orders)).source.entry).toBe(undefined);
  });

  it("and none or several that fit are a refusal that names them", async () => {
    const none = zip([
      { name: "汇总.csv", data: summary },
      { name: "empty.txt", data: Buffer.alloc(0) },
      { name: "a.pdf", data: Buffer.from("%PDF") },
    ]);
    expect(await failure(read(none))).toMatchObject({
      kind: "usage",
      code: "zip_no_fitting_member",
      message: expect.stringMatching(
        /input has no member that can be imported: a\.pdf is no \.csv or \.txt file; .+input \(汇总\.csv\): no line names any of the columns; .+input \(empty\.txt\) is empty/,
      ),
      hint: "check that it is the archive you meant, or unpack it and import the CSV file within",
    });
    expect(await failure(read(zip([])))).toMatchObject({
      code: "zip_no_fitting_member",
      message: expect.stringMatching(/input has no member that can be imported: it is empty$/),
    });
    expect(await failure(read(zip([{ name: "a.csv", data: summary }])))).toMatchObject({ code: "csv_missing_column" });
    expect(
      await failure(
        read(
          zip([
            { name: "a.csv", data: orders },
            { name: "b.csv", data: orders },
          ]),
        ),
      ),
    ).toMatchObject({
      code: "zip_several_fitting_members",
      message: expect.stringMatching(/input has several members that fit: a\.csv, b\.csv$/),
      hint: "unpack it and import them one by one",
    });
  });
});

describe("an interruption", () => {
  it("ends the reading at the next piece", async () => {
    const interruption = new AbortController();
    const source = await open(`order_no,amount\n${"a,1\n".repeat(300_000)}`, { signal: interruption.signal });
    const reason = new Error("stopped by SIGINT");
    const reading = failure(
      (async () => {
        for await (const _ of source.batches()) interruption.abort(reason);
      })(),
    );
    expect(await reading).toBe(reason);
  });

  it("is soon heard where rows are long, too: a batch ends by length as well", async () => {
    const source = await open(`order_no,amount\n${`${"a".repeat(30_000)},1\n`.repeat(100)}`);
    const sizes: number[] = [];
    for await (const batch of source.batches()) sizes.push(batch.length);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(100);
    expect(Math.max(...sizes)).toBeLessThan(15);
  });

  it("of the consumer closes the input", async () => {
    const source = await open(`order_no,amount\n${"a,1\n".repeat(1000)}`, { maxBatchRows: 5 });
    for await (const batch of source.batches()) {
      expect(batch.length).toBe(5);
      break;
    }
    const path = join(directory, "input");
    const targets = await Promise.all(
      (await readdir("/proc/self/fd")).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")),
    );
    expect(targets).not.toContain(path);
  });
});
