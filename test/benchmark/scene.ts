import type postgres from "postgres";
import { writeRows } from "./write-rows.ts";

export const businessDate = "2026-01-01";

/** Members and merchants as a platform has them, put there by SQL in the name of an operator that every test database has. */
export async function populate(sql: postgres.Sql, members: number, merchants: number): Promise<void> {
  await sql.unsafe(`
    INSERT INTO members (member_id, member_no, name, status, registered_by, registered_at)
      SELECT nextval('id_seq'), 'M' || lpad(g::text, 8, '0'), '会员' || g, 'active', 'setup', now() FROM generate_series(1, ${members}) g;
    INSERT INTO member_numbers (member_no, member_id) SELECT member_no, member_id FROM members;
    INSERT INTO balances (member_id) SELECT member_id FROM members;
    ${importOf("merchants", `${merchants}`, "now()")};
    INSERT INTO merchants (merchant_id, merchant_code, name, status, import_id, registered_by, registered_at)
      SELECT nextval('id_seq'), 'S' || lpad(g::text, 5, '0'), '商家' || g, 'active', ${lastImport}, 'setup', now() FROM generate_series(1, ${merchants}) g`);
  await sql.unsafe("VACUUM ANALYZE");
}

/** The number of the newest import. */
export const lastImport = "(SELECT max(import_id) FROM imports)";

/** Statements that write an import of so many rows, and its record; its number is `lastImport` then. */
export const importOf = (kind: "merchants" | "orders", rows: string, at: string): string => `
  INSERT INTO imports (import_id, kind, file, sha256, byte_size, encoding, profile, operator, host, started_at, finished_at, read, inserted, updated, duplicate, rejected)
    SELECT (SELECT coalesce(max(import_id), 0) + 1 FROM imports), '${kind}', 'older.csv', '', 1, 'utf-8', '${kind}', 'setup', 'setup', ${at}, ${at}, n, n, 0, 0, 0
    FROM (SELECT ${rows} AS n) r;
  ${recordOf("import", "import", lastImport, at)}`;

/** A statement that records what the benchmark did. */
export const recordOf = (action: string, subjectKind: string, subject: string, at: string): string => `
  INSERT INTO operator_actions (action_id, at, operator, host, action, subject_kind, subject)
    VALUES (nextval('action_id_seq'), ${at}, 'setup', 'setup', '${action}', '${subjectKind}', ${subject})`;

/**
 * Writes a file of orders, native columns, the same one every time.
 *
 * @param refundEvery so many rows apart an order is refunded by a fen; without it the file has no such column
 */
export function writeOrders(
  path: string,
  rows: number,
  members: number,
  merchants: number,
  refundEvery?: number,
): void {
  const below = randomIntegers(20_260_101);
  const two = (value: number) => String(value).padStart(2, "0");
  const header = `order_no,member_no,merchant_code,amount,paid_at${refundEvery === undefined ? "" : ",refunded_amount"}`;
  writeRows(path, header, rows, (row) => {
    const member = String(1 + below(members)).padStart(8, "0");
    const merchant = String(1 + below(merchants)).padStart(5, "0");
    const time = `${two(below(24))}:${two(below(60))}:${two(below(60))}`;
    return `20260101${String(row).padStart(10, "0")},M${member},S${merchant},${1 + below(1000)}.${two(below(100))},${businessDate} ${time}${refundOf(row, refundEvery)}`;
  });
}

const refundOf = (row: number, every: number | undefined): string =>
  every === undefined ? "" : row % every === 0 ? ",0.01" : ",";

/** A small generator (mulberry32): the same numbers on every machine. */
export function randomIntegers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
