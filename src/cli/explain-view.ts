import { showCell } from "../csv/problem.ts";
import type { Explanation } from "../imports/explain.ts";
import type { Forecast } from "../imports/foresee.ts";
import type { Page } from "../ui/page.ts";
import { errorDocument } from "../ui/error-text.ts";
import { countFacts, countText, delimiterName, importDocument, noteLines, showReport } from "./import-view.ts";

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
        rows_paid_at: found.orders.rowsPaidAt,
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
  forecast: {
    report: found.forecast.report === undefined ? null : importDocument(found.forecast.report),
    refusal: found.forecast.refusal === undefined ? null : errorDocument(found.forecast.refusal).error,
    values: found.forecast.values.map(({ isMore, ...values }) => ({ ...values, counted_all: !isMore })),
  },
});

const rowsTexts: Readonly<Record<NonNullable<Explanation["orders"]>["rowsPerOrder"], string>> = {
  one: "one",
  sum: "several: their amounts are summed",
  same: "several: each has the whole amount",
  first: "several: the first says it all",
};

const paidAtTexts: Readonly<Record<NonNullable<Explanation["orders"]>["rowsPaidAt"], string | undefined>> = {
  same: undefined,
  earliest: "the earliest time of its rows",
  latest: "the latest time of its rows",
};

/**
 * Shows how a file would be read, and what its import would come to.
 *
 * @param written where that was written as a profile
 */
export function showExplanation(page: Page, found: Explanation, written?: string): void {
  page.heading(`${found.file}: how it would be read; nothing is kept`);
  showReading(page, found);
  showForecast(page, found);
  if (written !== undefined) page.line(`wrote ${written}: how this file is read, as a profile of your own`);
}

/** Shows how a file would be read. */
export function showReading(page: Page, found: Explanation): void {
  page.facts([
    ["archive member", found.member],
    ["encoding", found.encoding],
    ["separated by", delimiterName(found.delimiter)],
    ["header", `line ${found.headerLine}`],
    ["profile", found.profileReason],
    ["members by", found.orders?.memberBy],
    ["merchants by", found.orders?.merchantBy],
    ["rows per order", found.orders === undefined ? undefined : rowsTexts[found.orders.rowsPerOrder]],
    ["paid at", paidAtTexts[found.orders?.rowsPaidAt ?? "same"]],
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
}

/** Shows what the import would come to, and what the rows say that it would reject. */
export function showForecast(page: Page, found: Explanation): void {
  const { report, refusal, values } = found.forecast;
  if (refusal !== undefined) {
    page.heading("the import would be refused");
    page.line(`  ${refusal.message}`);
    if (refusal.hint !== undefined) page.line(`  ${refusal.hint}`);
    return;
  }
  if (report!.earlier !== undefined) {
    showReport(page, report!);
    if (found.rejected > 0) page.line(`  rejected by reading alone: ${countText(found.rejected)}`);
    showReasons(page, found.reasons, values, found.rejects);
    return;
  }
  page.heading("what its import would come to");
  page.facts(countFacts(report!, report!.notes ?? {}));
  for (const line of noteLines(report!.notes ?? {})) page.line(line);
  showReasons(page, report!.reasons, values, report!.examples);
}

/** Says why rows are rejected, what they say, and of each reason one in full. */
function showReasons(
  page: Page,
  reasons: Explanation["reasons"],
  values: Forecast["values"],
  examples: Explanation["rejects"],
): void {
  for (const [code, rows] of reasons) page.line(`  ${countText(rows)} x ${code}${valuesText(code, values)}`);
  for (const { line, column, message } of examples) {
    if (examples.find((one) => one.message === message)!.line !== line) continue;
    page.line(`  line ${line}${column === undefined ? "" : `, ${column}`}: ${message}`);
  }
}

function valuesText(code: string, values: Forecast["values"]): string {
  const found = values.find((one) => one.code === code);
  if (found === undefined || found.different === 0) return "";
  const count = `${found.isMore ? "more than " : ""}${countText(found.different)}`;
  const more = found.different > found.examples.length ? ", …" : "";
  return `: ${count} different ${found.different === 1 ? "cell" : "cells"}, ${found.examples.map(showCell).join(", ")}${more}`;
}

function columnText(header: string | undefined, constant: string | undefined, rules: readonly string[]): string {
  if (constant !== undefined) return `always ${constant}`;
  return [header ?? "not in this file", ...rules].join("; ");
}
