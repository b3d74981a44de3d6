import { evidenceStates, evidenceTexts } from "../domain/evidence/model.ts";
import type { ImportNotes, ImportReport } from "../imports/report.ts";
import type { Page } from "../ui/page.ts";

/** The JSON form of a report; the keys of one that read nothing are the same as far as they make sense. */
export const importDocument = (report: ImportReport) => ({
  import_id: report.importId ?? null,
  kind: report.kind,
  file: report.file,
  ...(report.member === undefined ? {} : { member: report.member }),
  sha256: report.sha256,
  encoding: report.encoding,
  profile: report.profile,
  read: report.read,
  inserted: report.inserted,
  updated: report.updated,
  duplicate: report.duplicate,
  rejected: report.rejected,
  reasons: Object.fromEntries(report.reasons),
  rejects_file: report.rejectsFile ?? null,
  seconds: report.seconds,
  dry_run: report.dryRun,
  earlier_import_id: report.earlier?.importId ?? null,
  ...report.notes,
});

/** Whether somebody has to look at a file: rows were rejected, or it is not what it says of itself. */
export const needsAttention = ({ rejected, notes }: ImportReport): boolean =>
  rejected > 0 || notes?.over_refunded !== undefined || (notes?.declared.some(({ matches }) => !matches) ?? false);

/** A number of rows as people read it. */
export const countText = (rows: number): string => rows.toLocaleString("en-US");

const delimiterNames: Readonly<Record<string, string>> = { "\t": "tabs", ";": "semicolons", "|": "vertical bars" };

/** What separates the cells, in a word. */
export const delimiterName = (delimiter: string): string => delimiterNames[delimiter] ?? "commas";

/** The lines about counts, of a report and of a recorded import alike. */
export const countFacts = (
  counts: Pick<ImportReport, "read" | "inserted" | "updated" | "duplicate" | "rejected">,
  notes: Partial<ImportNotes>,
) =>
  [
    ["read", countText(counts.read)],
    ["inserted", countText(counts.inserted)],
    ["updated", countText(counts.updated)],
    ["duplicate", countText(counts.duplicate)],
    ["rejected", countText(counts.rejected) + rejectedAmountText(counts.rejected, notes)],
    ["orders", notes.orders === undefined ? undefined : countText(notes.orders)],
    ["members created", (notes.members_created ?? 0) === 0 ? undefined : countText(notes.members_created!)],
  ] as const;

function rejectedAmountText(rejected: number, { rejected_amount: amount }: Partial<ImportNotes>): string {
  return rejected === 0 || amount === undefined || amount === "0.00" ? "" : `, ${amount} yuan`;
}

/** How a file was read. */
export function fileText(
  { encoding, sha256 }: Pick<ImportReport, "encoding" | "sha256">,
  notes: Partial<ImportNotes>,
): string {
  const delimiter = delimiterNames[notes.delimiter ?? ","];
  const header =
    notes.header_line === undefined || notes.header_line === 1 ? undefined : `header on line ${notes.header_line}`;
  return [encoding, delimiter, header, `sha256 ${sha256.slice(0, 16)}…`]
    .filter((part) => part !== undefined)
    .join(", ");
}

/** What the operator said of how a file is read; undefined where that was nothing. */
export function saidText({ options = {} }: Partial<ImportNotes>): string | undefined {
  const said = Object.entries(options).map(([name, value]) =>
    value === true ? name : `${name} ${typeof value === "string" ? value : value.join(" ")}`,
  );
  return said.length === 0 ? undefined : said.join(", ");
}

/** What a report says beside its counts: only what is out of the ordinary. */
export function noteLines(notes: Partial<ImportNotes>): readonly string[] {
  const {
    repeated_headers: headers = 0,
    explanations = 0,
    blank_rows: blankRows = 0,
    tail_rows: tailRows = 0,
  } = notes.passed_over ?? {};
  const passedOver = [
    ...(headers > 0 ? [`${countText(headers)} repeated ${headers === 1 ? "header" : "headers"}`] : []),
    ...(explanations > 0 ? [`${countText(explanations)} explaining the columns`] : []),
    ...(blankRows > 0 ? [`${countText(blankRows)} blank`] : []),
    ...(tailRows > 0 ? [`${countText(tailRows)} after the data`] : []),
  ];
  return [
    ...(notes.read_otherwise_by === undefined
      ? []
      : [`  import ${notes.read_otherwise_by} took in the same file, read another way: its rows are judged again`]),
    ...(passedOver.length > 0 ? [`  rows passed over: ${passedOver.join(", ")}`] : []),
    ...Object.entries(notes.other_rows ?? {}).map(
      ([word, rows]) =>
        `  ${countText(rows)} ${rows === 1 ? "row" : "rows"} of ${word} ${rows === 1 ? "is" : "are"} none of this kind`,
    ),
    ...(notes.statement === undefined ? [] : statementLines(notes.statement)),
    ...(notes.evidence === undefined ? [] : evidenceLines(notes.evidence)),
    ...(notes.over_refunded === undefined ? [] : [overRefundedLine(notes.over_refunded)]),
    ...(notes.declared ?? []).map(declaredLine),
  ];
}

const statementLines = ({
  money_account: account,
  opening,
  closing,
  gaps,
}: NonNullable<ImportNotes["statement"]>): readonly string[] => [
  `  ${account}: from ${opening} to ${closing} yuan`,
  ...gaps.map(
    ({ after, before, amount }) => `  a statement is missing: ${amount} yuan moved between ${after} and ${before}`,
  ),
];

const evidenceLines = ({ states }: NonNullable<ImportNotes["evidence"]>): readonly string[] =>
  evidenceStates.flatMap((state) => {
    const payments = states[state] ?? 0;
    return payments === 0
      ? []
      : [`  ${countText(payments)} new ${payments === 1 ? "payment" : "payments"}: ${evidenceTexts[state]}`];
  });

function overRefundedLine({ orders, such_as: some }: NonNullable<ImportNotes["over_refunded"]>): string {
  const said =
    orders === 1
      ? "order add up to more than its amount; it counts"
      : "orders add up to more than their amount; they count";
  return `  the refunds of ${countText(orders)} ${said} as refunded in full: ${some.join(", ")}${orders > some.length ? ", …" : ""}`;
}

function declaredLine({
  of,
  row_type: type,
  declared,
  read,
  matches,
  unreadable,
}: ImportNotes["declared"][number]): string {
  const rows = type === undefined ? "rows" : `${type} rows`;
  const what = of === "rows" ? `number of ${rows}` : `sum of ${of}${type === undefined ? "" : ` of ${rows}`}`;
  if (matches) return `  the file's own ${what} is right: ${declared}`;
  const without = unreadable === 0 ? "" : `, without ${countText(unreadable)} that cannot be read`;
  return `  the file's own ${what} is ${declared}, but ${read} ${of === "rows" ? "were" : "was"} read${without}`;
}

/** Lays out what one file came to. */
export function showReport(page: Page, report: ImportReport): void {
  if (report.earlier !== undefined) {
    const { importId, operator, rejected } = report.earlier;
    page.line(`${report.file}: nothing to do, import ${importId} of ${operator} took in the same file before`);
    if (rejected > 0)
      page.line(
        `  it rejected ${countText(rejected)} ${rejected === 1 ? "row" : "rows"} (\`accrue import show ${importId} --rejects\`); if their causes are mended, read it again with --force`,
      );
    return;
  }
  const notes = report.notes ?? {};
  const rate = report.seconds > 0 ? `, ${countText(Math.round(report.read / report.seconds))} rows/s` : "";
  page.heading(report.dryRun ? `${report.file}: dry run, nothing kept` : `${report.file}: import ${report.importId}`);
  page.facts([
    ...countFacts(report, notes),
    ["profile", report.profile === "native" ? undefined : report.profile],
    ["read with", saidText(notes)],
    ["member", report.member],
    ["file", fileText(report, notes)],
    ["took", `${report.seconds} s${rate}`],
    ["rejects file", report.rejectsFile],
  ]);
  for (const line of noteLines(notes)) page.line(line);
  for (const [code, rows] of report.reasons) page.line(`  ${countText(rows)} x ${code}`);
  for (const { line, column, message } of report.examples) {
    page.line(`  line ${line}${column === undefined ? "" : `, ${column}`}: ${message}`);
  }
}
