import type postgres from "postgres";
import { merchantKind } from "../../src/domain/merchants/import.ts";
import { inOneMerge, sqlRules } from "./hand-written.ts";
import { writeRows } from "./write-rows.ts";

/** Writes a file of merchants with contact, each second one with a rate of its own. */
export const writeMerchants = (path: string, merchants: number): void =>
  writeRows(
    path,
    "merchant_code,name,contact,contribution_rate",
    merchants,
    (no) =>
      `S${String(no).padStart(6, "0")},商家${no},0571-${String(no).padStart(8, "0")},${no % 2 === 0 ? "25%" : ""}`,
  );

/**
 * The file into staging by the server itself, held against the same rules row by row, then accrue's own merge, once for
 * all rows.
 */
export async function importMerchantsBySameMerge(sql: postgres.Sql, path: string): Promise<void> {
  await inOneMerge(sql, merchantKind(), "raw_merchants", async (tx) => {
    await tx.unsafe(`
      CREATE TEMP TABLE raw_merchants (record integer GENERATED ALWAYS AS IDENTITY, merchant_code text, name text, contact text, contribution_rate text) ON COMMIT DROP;
      COPY raw_merchants (merchant_code, name, contact, contribution_rate) FROM '${path}' (FORMAT csv, HEADER);
      INSERT INTO staged_merchants (record, line, merchant_code, name, contact, contribution_bps)
        SELECT record, record + 1, merchant_code, name, contact, (rtrim(contribution_rate, '%')::numeric * 100)::integer
        FROM raw_merchants
        WHERE ${sqlRules.code("merchant_code")} AND ${sqlRules.text("name", 200)} AND ${sqlRules.text("contact", 200)}
          AND coalesce(contribution_rate ~ '^\\d{1,3}(\\.\\d{1,2})?%$', true);
      ANALYZE staged_merchants`);
  });
}
