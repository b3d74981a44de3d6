import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CopyTextChunk } from "../../../src/csv/copy-text.ts";
import { readTimestamp } from "../../../src/csv/timestamp.ts";
import { copyIn } from "../../../src/db/driver/copy.ts";
import { inTransaction } from "../../../src/db/database.ts";
import { testDatabase } from "../../support/database.ts";

const { db } = await testDatabase();

describe("PostgreSQL itself", () => {
  it("reads COPY text back as what was written", async () => {
    const text = fc
      .oneof(fc.string({ unit: "grapheme" }), fc.stringMatching(/^[\\\t\n\rN.tnr张]{0,8}$/))
      .map((value) => value.replaceAll("\0", ""));
    const row = fc.tuple(fc.option(text), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.boolean());
    const rows = fc.sample(row, 500);
    await inTransaction(db, async (tx) => {
      await tx`create temporary table copied (line integer, a text, b bigint, c boolean) on commit drop`;
      const chunk = new CopyTextChunk();
      for (const [line, cells] of rows.entries()) chunk.add([line, ...cells]);
      await copyIn(tx, "copied", chunk.take());
      const found = await tx`select a, b::text, c from copied order by line`;
      expect(found.map(({ a, b, c }) => [a, b, c])).toEqual(rows.map(([a, b, c]) => [a, String(b), c]));
    });
  });

  it("reads every time that is let through as the same moment, whatever the session's zone", async () => {
    const moments: readonly (readonly [cell: string, utc: string])[] = [
      ["2026-01-02 03:04:05", "2026-01-01T19:04:05.000000Z"],
      ["2026/1/2", "2026-01-01T16:00:00.000000Z"],
      ["20260102", "2026-01-01T16:00:00.000000Z"],
      ["20260102030405", "2026-01-01T19:04:05.000000Z"],
      ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000Z"],
      ["2026-01-02 03:04:05.25+08:00", "2026-01-01T19:04:05.250000Z"],
      ["2012-01-01 11:13:25 -0500", "2012-01-01T16:13:25.000000Z"],
      ["2026-01-02 03:04:05.9999999", "2026-01-01T19:04:05.999999Z"],
      ["2100-12-31 23:59:59-12", "2101-01-01T11:59:59.000000Z"],
      ["2000-02-29 23:59:59+14:00", "2000-02-29T09:59:59.000000Z"],
    ];
    for (const sessionZone of ["UTC", "America/New_York"]) {
      await inTransaction(db, async (tx) => {
        await tx`select set_config('timezone', ${sessionZone}, true)`;
        for (const [cell, utc] of moments) {
          const written = String(readTimestamp(cell, "Asia/Shanghai"));
          const [row] = await tx`
            select to_char(${written}::text::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as utc`;
          expect([cell, row?.["utc"]]).toEqual([cell, utc]);
        }
      });
    }
  });
});
