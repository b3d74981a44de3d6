import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Delimiter } from "../../../src/csv/quoted-record.ts";
import { Tokenizer } from "../../../src/csv/tokenizer.ts";

const noLimit = 1_000_000;

/** The records as the tokenizer gives them, fed in pieces; undefined where it finds a quote malformed. */
function split(text: string, delimiter: Delimiter, size: number): string[][] | undefined {
  const records: string[][] = [];
  let isMalformed = false;
  const tokenizer = new Tokenizer(delimiter, 0, noLimit, (cells, _line, _length, problem) => {
    records.push(cells);
    isMalformed ||= problem !== undefined;
  });
  for (let at = 0; at < text.length; at += size) tokenizer.feed(text.slice(at, at + size));
  tokenizer.end();
  return isMalformed ? undefined : records;
}

const byCsvParse = (text: string, delimiter: Delimiter): string[][] =>
  parse(text, {
    delimiter,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
  });

const delimiter = fc.constantFrom<Delimiter>(",", "\t", ";");
const pieceSize = fc.integer({ min: 1, max: 30 });

/**
 * Cells as programs write them: quoted or not, with quotes, delimiters and line ends within quotes, `="…"`, Chinese.
 */
const cell = fc.oneof(
  fc.stringMatching(/^[a-z0-9 张会😀]{0,5}$/u),
  fc.stringMatching(/^[a,;\t"\r\n张]{0,6}$/).map((text) => `"${text.replaceAll('"', '""')}"`),
  fc.stringMatching(/^[0-9]{1,4}$/).map((text) => `="${text}"`),
  fc.constantFrom('5" pipe', "'123", "`123", '""', " "),
);

describe("the tokenizer against csv-parse", () => {
  it("splits what is well-formed into the same cells, cut anywhere, with any delimiter", () => {
    fc.assert(
      fc.property(
        delimiter,
        pieceSize,
        fc.boolean(),
        fc.array(
          fc.tuple(fc.array(cell, { minLength: 1, maxLength: 5 }), fc.constantFrom("\n", "\r\n", "\r", "\n\n")),
          { maxLength: 8 },
        ),
        (between, size, isLastEnded, rows) => {
          const written = rows.map(([cells, end]) => cells.join(between) + end).join("");
          const text = isLastEnded ? written : written.replace(/[\r\n]+$/, "");
          expect(split(text, between, size)).toEqual(byCsvParse(text, between));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("and where random text is no fault, too", () => {
    const known = { same: 0 };
    fc.assert(
      fc.property(delimiter, pieceSize, fc.stringMatching(/^[a,;\t"\r\n张]{0,20}$/), (between, size, text) => {
        const records = split(text, between, size);
        if (records === undefined) return;
        known.same += 1;
        expect(records).toEqual(byCsvParse(text, between));
      }),
      { numRuns: 3000 },
    );
    expect(known.same).toBeGreaterThan(500);
  });
});
