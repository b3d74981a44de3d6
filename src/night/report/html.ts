import { formatInstant } from "../../shared/business-date.ts";
import { cashCoverageBps } from "../../domain/ledger/coverage.ts";
import { formatYuan, type Fen } from "../../shared/money.ts";
import { formatRate, fullBps } from "../../shared/rates.ts";
import { bar, columnChart, lineChart } from "./charts.ts";
import { htmlPage } from "../../reports/html-page.ts";
import { markup, type Markup } from "../../reports/markup.ts";
import type { NightReport } from "./night.ts";

const grouped = (value: bigint | number): string => value.toLocaleString("en-US");

const counted = (count: bigint, what: string): string => `${grouped(count)} ${what}${count === 1n ? "" : "s"}`;

/** `1,234.50` */
const yuan = (fen: Fen): string => formatYuan(fen).replace(/\d+/, (whole) => grouped(BigInt(whole)));

/** The night's report as one HTML file. Each chart has its figures beside it in a table. */
export function nightHtml(report: NightReport): string {
  const header = markup`<h1>The night of <span class="number">${report.businessDate}</span></h1>
${settlementLine(report)}`;
  return htmlPage(`The night of ${report.businessDate}`, header, [
    keyFigures(report),
    pointsSection(report),
    merchantsSection(report),
    suspendedSection(report),
    rejectsSection(report),
    fundSection(report),
    agesSection(report),
  ]);
}

function settlementLine({ settlement, zone }: NightReport): Markup {
  if (settlement === undefined)
    return markup`<p class="soft">No settlement has come to this date. Times are in ${zone}.</p>`;
  const { state, runId, operator, host, since, error } = settlement;
  const stateMarkup = markup`<span class="${state === "failed" ? "bad" : state === "closed" ? "good" : "soft"}">${state}</span>`;
  const why = error === null ? markup`` : markup`<p class="bad">${error}</p>`;
  return markup`<p>This date is ${stateMarkup} since ${formatInstant(since, zone)} (${zone}), by <bdi>${operator}</bdi> on <bdi>${host}</bdi>, settlement run ${runId}.</p>${why}`;
}

function keyFigures({ days, merchants, imported, fund, ages }: NightReport): Markup {
  const [day, stand] = [days.at(-1)!, fund.at(-1)!];
  const lacks = stand.worthFen - stand.fundFen;
  const open = ages.reduce((sum, { withdrawals }) => sum + withdrawals, 0n);
  const figures: readonly (readonly [string, string])[] = [
    ["points granted", grouped(day.grantedPoints)],
    ["points clawed back", grouped(day.clawedBackPoints)],
    ["orders that earned", grouped(merchants[0]?.allOrders ?? 0n)],
    ["rows rejected", `${grouped(imported.rejected)} of ${grouped(imported.read)}`],
    ...(stand.cashFen === null
      ? []
      : [
          [
            "cash behind the points, yuan",
            `${yuan(stand.cashFen)}${coverText(stand.cashFen, stand.worthFen)}`,
          ] as const,
        ]),
    [lacks > 0n ? "fund lacks, yuan" : "fund above liability, yuan", yuan(lacks > 0n ? lacks : -lacks)],
    ["open withdrawals", grouped(open)],
  ];
  return markup`<dl>${figures.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** How much of what is owed the cash covers: `, 40.5%`. */
function coverText(cashFen: Fen, worthFen: Fen): string {
  const bps = cashCoverageBps({ cashFen, worthFen });
  return bps === undefined ? "" : `, ${formatRate(bps)}`;
}

/** `3 of 10 (30%)` */
const shareText = (part: bigint | null, whole: bigint | null): string =>
  part === null || whole === null || whole === 0n
    ? ""
    : `${grouped(part)} of ${grouped(whole)} (${formatRate(Number((part * fullBps) / whole))})`;

function pointsSection({ days }: NightReport): Markup {
  const total = days.reduce((sum, { grantedPoints }) => sum + grantedPoints, 0n);
  const text = {
    title: "Points by day",
    labels: days.map(({ businessDate }) => businessDate),
    unit: 1n,
    format: grouped,
    description: `Points granted (upwards) and clawed back (downwards) on each of ${days.length} days up to ${days.at(-1)!.businessDate}; ${grouped(total)} were granted in all.`,
  };
  const chart = columnChart(text, [
    { name: "granted", className: "one", values: days.map(({ grantedPoints }) => grantedPoints) },
    { name: "clawed back", className: "two", values: days.map(({ clawedBackPoints }) => -clawedBackPoints) },
  ]);
  const rows = days.map((day) => [
    markup`${day.businessDate}`,
    markup`${grouped(day.grantedPoints)}`,
    markup`${grouped(day.clawedBackPoints)}`,
  ]);
  return markup`<section><h2>Points granted by day</h2><figure>
<ul class="key"><li>${box("one")}granted</li><li>${box("two")}clawed back, below the line</li></ul>
${chart}</figure>${figuresOf(table(["date", "granted", "clawed back"], rows))}</section>`;
}

function merchantsSection({ merchants, businessDate }: NightReport): Markup {
  const first = merchants[0];
  if (first === undefined)
    return markup`<section><h2>Points granted by merchant</h2><p class="soft">No order earned a point on ${businessDate}.</p></section>`;
  const isEvidenceKept = merchants.some(({ unevidencedOrders }) => unevidencedOrders !== null);
  const rows = merchants.map((one) => [
    markup`<bdi>${one.name}</bdi> <span class="soft"><bdi>${one.merchantCode}</bdi></span>`,
    markup`${grouped(one.orders)}`,
    markup`${grouped(one.grantedPoints)}`,
    ...(isEvidenceKept ? [markup`${shareText(one.unevidencedOrders, one.contributingOrders)}`] : []),
    bar(one.grantedPoints, first.grantedPoints),
  ]);
  const others = first.allMerchants - BigInt(merchants.length);
  const rest = first.allPoints - merchants.reduce((sum, { grantedPoints }) => sum + grantedPoints, 0n);
  const more =
    others === 0n
      ? markup``
      : markup`<p class="soft">${counted(others, "more merchant")}: ${counted(rest, "point")}.</p>`;
  return markup`<section><h2>Points granted by merchant</h2>${table(["merchant", "orders", "points", ...(isEvidenceKept ? ["without evidence"] : [])], rows)}${more}</section>`;
}

function suspendedSection({ suspended }: NightReport): Markup {
  const first = suspended[0];
  if (first === undefined) return markup``;
  const rows = suspended.map(({ merchantCode, name, overdueDays }) => [
    markup`<bdi>${name}</bdi> <span class="soft"><bdi>${merchantCode}</bdi></span>`,
    markup`${grouped(overdueDays)}`,
  ]);
  return markup`<section><h2>Merchants suspended</h2><p>${counted(BigInt(first.all), "merchant")} with bills that are overdue too long: new orders of theirs are rejected until an operator makes them active again.</p>${table(["merchant", "days overdue"], rows)}</section>`;
}

function rejectsSection({ imported }: NightReport): Markup {
  const { files, read, inserted, updated, duplicate, rejected, reasons, setAside, named } = imported;
  const intake = markup`<p>${counted(files, "file")}, ${counted(read, "row")}: ${grouped(inserted)} inserted, ${grouped(updated)} updated, ${grouped(duplicate)} duplicate, ${grouped(rejected)} rejected.</p>`;
  const sorted = Object.entries(reasons).sort(([, one], [, other]) => other - one);
  const longest = BigInt(sorted[0]?.[1] ?? 0);
  const rows = sorted.map(([reason, count]) => [
    markup`${reason.replaceAll("_", " ")}`,
    markup`${grouped(count)}`,
    bar(BigInt(count), longest),
  ]);
  return markup`<section><h2>Rejects by reason</h2>${intake}${filesTable(named, files)}${setAsideLines(setAside)}${sorted.length === 0 ? markup`` : table(["reason", "rows"], rows)}</section>`;
}

function filesTable(named: NightReport["imported"]["named"], files: bigint): Markup {
  if (named.length === 0) return markup``;
  const rows = named.map(({ kind, file, ...one }) => [
    markup`<bdi>${file}</bdi> <span class="soft">${kind.replaceAll("_", " ")}</span>`,
    ...[one.read, one.inserted, one.updated, one.duplicate, one.rejected].map((count) => markup`${grouped(count)}`),
  ]);
  const others = files - BigInt(named.length);
  const more = others === 0n ? markup`` : markup`<p class="soft">${counted(others, "more file")}.</p>`;
  return markup`<details open><summary>The files</summary>${table(["file", "read", "inserted", "updated", "duplicate", "rejected"], rows)}${more}</details>`;
}

const maxSetAside = 10;

function setAsideLines(setAside: NightReport["imported"]["setAside"]): Markup {
  if (setAside.length === 0) return markup``;
  const lines = setAside
    .slice(0, maxSetAside)
    .map(({ file, reason }) => markup`<li><bdi>${file}</bdi>: ${reason}</li>`);
  const others =
    setAside.length > maxSetAside ? markup`<li>… and ${grouped(setAside.length - maxSetAside)} more</li>` : markup``;
  return markup`<p class="bad">${counted(BigInt(setAside.length), "file")} set aside, because nothing of it could be read:</p><ul class="files">${lines}${others}</ul>`;
}

function fundSection({ fund }: NightReport): Markup {
  const last = fund.at(-1)!;
  const text = {
    title: "Liability against fund",
    labels: fund.map(({ businessDate }) => businessDate),
    unit: 100n,
    format: (fen: bigint) => yuan(fen).replace(/\.00$/, ""),
    description: `The points fund and what is owed to members, in yuan, at the end of each day. On ${last.businessDate} the fund holds ${yuan(last.fundFen)} and ${yuan(last.worthFen)} are owed.`,
  };
  const chart = lineChart(text, [
    { name: "fund", className: "one", values: fund.map(({ fundFen }) => fundFen) },
    { name: "liability", className: "two", values: fund.map(({ worthFen }) => worthFen) },
  ]);
  const lacks = last.worthFen - last.fundFen;
  const verdict =
    lacks > 0n
      ? markup`<p class="bad">The fund lacks ${yuan(lacks)} yuan.</p>`
      : markup`<p>The fund covers what is owed to members.</p>`;
  const debts =
    last.debtsFen === 0n
      ? markup``
      : markup`<p class="soft">Members below zero owe ${yuan(last.debtsFen)} yuan. It takes nothing off what is owed to others.</p>`;
  const rows = fund.map(({ businessDate, fundFen, worthFen, debtsFen, cashFen }) => [
    markup`${businessDate}`,
    ...[fundFen, worthFen, debtsFen, cashFen].map((fen) => markup`${fen === null ? "" : yuan(fen)}`),
  ]);
  return markup`<section><h2>Liability against fund</h2>${verdict}${debts}<figure>
<ul class="key"><li>${dash("one")}in the fund: ${yuan(last.fundFen)} yuan</li><li>${dash("two")}liability, what is owed to members: ${yuan(last.worthFen)} yuan</li></ul>
${chart}</figure>${figuresOf(table(["date", "fund", "liability", "members owe", "cash"], rows))}</section>`;
}

function agesSection({ ages }: NightReport): Markup {
  if (ages.every(({ withdrawals }) => withdrawals === 0n))
    return markup`<section><h2>Open withdrawals by age</h2><p class="soft">None is open.</p></section>`;
  const longest = ages.reduce((max, { grossFen }) => (grossFen > max ? grossFen : max), 0n);
  const rows = ages.map(({ label, withdrawals, grossFen }) => [
    markup`${label}`,
    markup`${grouped(withdrawals)}`,
    markup`${yuan(grossFen)}`,
    bar(grossFen, longest),
  ]);
  return markup`<section><h2>Open withdrawals by age</h2>${table(["since the request", "withdrawals", "yuan, gross"], rows)}</section>`;
}

/** A table whose first column names the row and whose others are figures; a column beyond the headings holds bars. */
function table(headings: readonly string[], rows: readonly (readonly Markup[])[]): Markup {
  const hasBars = rows.some((row) => row.length > headings.length);
  const head = headings.map((heading, index) =>
    index === 0 ? markup`<th scope="col">${heading}</th>` : markup`<th scope="col" class="number">${heading}</th>`,
  );
  const cell = (content: Markup, index: number) =>
    index === 0
      ? markup`<th scope="row">${content}</th>`
      : index < headings.length
        ? markup`<td class="number">${content}</td>`
        : markup`<td class="measure">${content}</td>`;
  return markup`<table><thead><tr>${head}${hasBars ? markup`<td class="measure"></td>` : markup``}</tr></thead><tbody>
${rows.map(
  (row) => markup`<tr>${row.map(cell)}</tr>
`,
)}</tbody></table>`;
}

const figuresOf = (figures: Markup): Markup => markup`<details><summary>The figures</summary>${figures}</details>`;

const box = (className: string): Markup =>
  markup`<svg viewBox="0 0 28 10" aria-hidden="true"><rect class="${className}" width="28" height="10"/></svg>`;

const dash = (className: string): Markup =>
  markup`<svg viewBox="0 0 28 10" aria-hidden="true"><polyline class="${className}" points="1,5 27,5"/></svg>`;
