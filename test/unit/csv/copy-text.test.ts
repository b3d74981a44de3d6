import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CopyTextChunk, encodeCopyRow, type CopyValue } from "../../../src/csv/copy-text.ts";

/** COPY text as the PostgreSQL manual describes it, read one character at a time. */
function decode(text: string): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  let field = "";
  let isNull = false;
  const endField = () => {
    row.push(isNull ? null : field);
    field = "";
    isNull = false;
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]!;
    if (char === "\t") endField();
    else if (char === "\n") {
      endField();
      rows.push(row);
      row = [];
    } else if (char === "\r") throw new Error("a bare carriage return");
    else if (char === "\\") {
      at += 1;
      const escaped = text[at]!;
      if (escaped === "N") isNull = true;
      else field += { t: "\t", n: "\n", r: "\r" }[escaped] ?? escaped;
    } else field += char;
  }
  if (row.length > 0 || field !== "") throw new Error("text behind the last row");
  return rows;
}

const text = fc
  .oneof(fc.string({ unit: "grapheme" }), fc.stringMatching(/^[\\\t\n\rN.tnr张]{0,8}$/))
  .map((value) => value.replaceAll("\0", ""));
const value: fc.Arbitrary<CopyValue> = fc.oneof(text, fc.bigInt(), fc.maxSafeInteger(), fc.constant(null));

describe("COPY text", () => {
  it("reads back as it was, by a decoder of its own", () => {
    fc.assert(
      fc.property(fc.array(fc.array(value, { minLength: 1, maxLength: 5 }), { maxLength: 6 }), (rows) => {
        const chunk = new CopyTextChunk();
        for (const row of rows) chunk.add(row);
        const expected = rows.map((row) => row.map((cell) => (cell === null ? null : String(cell))));
        expect(decode(Buffer.concat([...chunk.take()]).toString("utf8"))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("escapes what COPY reads as something else", () => {
    expect(encodeCopyRow(["a\tb", "c\nd\re", "\\N", "\\.", "", null, 5n, -7, true, false])).toBe(
      "a\\tb\tc\\nd\\re\t\\\\N\t\\\\.\t\t\\N\t5\t-7\tt\tf\n",
    );
  });

  it("refuses a NUL character and a number that is not whole", () => {
    expect(() => encodeCopyRow(["a\0b"])).toThrow("a text with a NUL character cannot be copied into the database");
    expect(() => encodeCopyRow([0.5])).toThrow("0.5 is not a whole number and cannot be copied exactly");
    expect(() => encodeCopyRow([2 ** 53])).toThrow("9007199254740992 is not a whole number");
  });

  it("grows into a chunk of pieces that is empty once taken", () => {
    const chunk = new CopyTextChunk();
    for (let no = 1; no <= 1001; no += 1) chunk.add(["会员", no]);
    expect(chunk.rows).toBe(1001);
    const pieces = chunk.take();
    expect(pieces.length).toBe(3);
    expect(
      Buffer.concat([...pieces])
        .toString("utf8")
        .split("\n")
        .at(-2),
    ).toBe("会员\t1001");
    expect([chunk.rows, chunk.take()]).toEqual([0, []]);
  });
});
