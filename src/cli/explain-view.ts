import type { Explanation } from "../imports/explain.ts";
import type { Page } from "../ui/page.ts";
import { countText, delimiterName } from "./import-view.ts";

/** The JSON form of an explanation. */
export const explanationDocument = (found: Explanation) => ({
  file: found.file,
  ...(found.member === undefined ? {} : { member: found.member }),
  encoding: found.encoding,
  delimiter: found.delimiter,
  header_line: found.headerLine,
  profile: found.profile,
  profile_reason: found.profileReason,
  zone: found.zone,
  ...(found.orders === undefined
    ? {}
    : {
        member_by: found.orders.memberBy,
        merchant_by: found.orders.merchantBy,
        rows_per_order: found.orders.rowsPerOrder,
        rounding: found.orders.rounding,
      }),
  nothing: found.nothing,
  columns: found.columns.map(({ column, header, constant, rules }) => ({
    column,
    header: header ?? null,
    constant: constant ?? null,
    rules,
  })),
  not_read: found.notRead,
  looked_at: found.lookedAt,
  whole_file: found.isWhole,
  rows: found.rows.map(({ line, values }) => ({ line, ...values })),
  rejected: found.rejected,
  reasons: Object.fromEntries(found.reasons),
  rejects: found.rejects.map(({ line, column, message }) => ({ line, column: column ?? null, message })),
  other_rows: Object.fromEntries(found.otherRows),
});

const rowsTexts: Readonly<Record<NonNullable<Explanation["orders"]>["rowsPerOrder"], string>> = {
  one: "one",
  sum: "several: their amounts are summed",
  same: "several: each has the whole amount",
  first: "several: the first says it all",
};

/** Shows how a file would be read. */
export function showExplanation(page: Page, found: Explanation): void {
  page.heading(`${found.file}: how it would be read; nothing is written`);
  page.facts([
    ["archive member", found.member],
    ["encoding", found.encoding],
    ["separated by", delimiterName(found.delimiter)],
    ["header", `line ${found.headerLine}`],
    ["profile", found.profileReason],
    ["members by", found.orders?.memberBy],
    ["merchants by", found.orders?.merchantBy],
    ["rows per order", found.orders === undefined ? undefined : rowsTexts[found.orders.rowsPerOrder]],
    ["finer than a fen", found.orders?.rounding === "half-up" ? "rounded half up, per order" : undefined],
    ["times", found.zone],
    ["nothing is said by", found.nothing.length === 0 ? undefined : found.nothing.join(" ")],
  ]);
  page.heading("columns");
  page.facts(found.columns.map(({ column, header, constant, rules }) => [column, columnText(header, constant, rules)]));
  if (found.notRead.length > 0) page.line(`  not read: ${found.notRead.join(", ")}`);
  const looked = `${countText(found.lookedAt)} ${found.lookedAt === 1 ? "row" : "rows"}`;
  page.heading(found.isWhole ? `all ${looked}` : `the first ${looked}`);
  for (const { line, values } of found.rows) {
    page.line(
      `  line ${line}: ${Object.entries(values)
        .map(([name, value]) => `${name} ${value}`)
        .join(", ")}`,
    );
  }
  for (const [word, rows] of found.otherRows) page.line(`  ${countText(rows)} x ${word}: none of this kind`);
  if (found.rejected > 0) page.line(`  rejected by reading alone: ${countText(found.rejected)}`);
  for (const [code, rows] of found.reasons) page.line(`  ${countText(rows)} x ${code}`);
  for (const { line, column, message } of found.rejects) {
    page.line(`  line ${line}${column === undefined ? "" : `, ${column}`}: ${message}`);
  }
}

function columnText(header: string | undefined, constant: string | undefined, rules: readonly string[]): string {
  if (constant !== undefined) return `always ${constant}`;
  return [header ?? "not in this file", ...rules].join("; ");
}
