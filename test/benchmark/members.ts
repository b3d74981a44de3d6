import type postgres from "postgres";
import { memberKind } from "../../src/domain/members/import.ts";
import { inOneMerge, sqlRules } from "./hand-written.ts";
import { writeRows } from "./write-rows.ts";

/** Writes a file of members with phone and address: so many, numbered from `first`. */
export const writeMembers = (path: string, members: number, first = 1): void =>
  writeRows(path, "member_no,name,email,phone,identity_verified", members, (row) => {
    const no = first + row - 1;
    const digits = String(no).padStart(8, "0");
    return `P${digits},会员${no},u${no}@example.com,139${digits},${no % 2 === 0 ? "是" : "否"}`;
  });

/**
 * The file into staging by the server itself, held against the same rules row by row, then accrue's own merge, once for
 * all rows.
 */
export async function importMembersBySameMerge(sql: postgres.Sql, path: string): Promise<void> {
  await inOneMerge(sql, memberKind, "raw_members", async (tx) => {
    await tx.unsafe(`
      CREATE TEMP TABLE raw_members (record integer GENERATED ALWAYS AS IDENTITY, member_no text, name text, email text, phone text, identity_verified text) ON COMMIT DROP;
      COPY raw_members (member_no, name, email, phone, identity_verified) FROM '${path}' (FORMAT csv, HEADER);
      INSERT INTO staged_members (record, line, member_no, name, email, phone, is_verified)
        SELECT record, record + 1, member_no, name, email, normal_phone, identity_verified = '是'
        FROM (SELECT *, translate(phone, ' ()（）-', '') AS normal_phone FROM raw_members) r
        WHERE ${sqlRules.code("member_no")} AND ${sqlRules.text("name", 100)} AND ${sqlRules.text("email", 254)}
          AND email LIKE '%_@_%._%' AND email NOT LIKE '%@%@%' AND email !~ '[[:space:],;<>"]'
          AND length(normal_phone) BETWEEN 5 AND 21 AND ltrim(normal_phone, '+') !~ '[^0-9]' AND identity_verified IN ('是', '否');
      ANALYZE staged_members`);
  });
}
