import type { BillDocument } from "../domain/billing/documents-sql.ts";
import { periodText } from "../domain/billing/model.ts";
import { htmlPage } from "./html-page.ts";
import { markup, type Markup } from "./markup.ts";
import { formatYuan } from "../shared/money.ts";
import { formatRate, fullBps } from "../shared/rates.ts";

/** A merchant's bill as one HTML file, to be read or printed. */
export function billHtml(bill: BillDocument): string {
  const { billNo, merchantCode, merchantName, contact, periodFrom, periodTo, dueOn } = bill;
  const title = `Bill ${billNo}`;
  const header = markup`<h1>${title}</h1>
<p><bdi>${merchantName}</bdi> <span class="soft"><bdi>${merchantCode}</bdi>${contact === null ? "" : `, ${contact}`}</span></p>
<p>${periodText({ from: periodFrom, to: periodTo })}: business dates ${periodFrom} to ${periodTo}. Due on <strong>${dueOn}</strong>.</p>`;
  return htmlPage(title, header, [sums(bill), lines(bill), collections(bill), adjustments(bill)]);
}

function sums({
  openingFen,
  contributedFen,
  clawedBackFen,
  collectedFen,
  adjustedFen,
  closingFen,
  periodFrom,
  periodTo,
}: BillDocument): Markup {
  const rows: readonly (readonly [string, bigint])[] = [
    [`balance before ${periodFrom}`, openingFen],
    ["contributions", contributedFen],
    ["clawed back", clawedBackFen],
    ["paid", -collectedFen],
    ["adjustments", adjustedFen],
  ];
  const verdict =
    closingFen < 0n
      ? markup`<p class="good">Prepaid: ${formatYuan(-closingFen)} yuan.</p>`
      : markup`<p>To pay: <strong>${formatYuan(closingFen)} yuan</strong>.</p>`;
  return markup`<section><h2>Balance</h2>${verdict}${table(
    ["", "yuan"],
    [...rows, [`balance after ${periodTo}`, closingFen] as const].map(([name, amountFen]) => [
      name,
      formatYuan(amountFen),
    ]),
  )}</section>`;
}

function lines({ lines, orders, unevidencedOrders }: BillDocument): Markup {
  if (lines.length === 0) return markup`<section><h2>Contributions</h2><p class="soft">None.</p></section>`;
  const rows = lines.map(({ date, bps, orders, contributed, clawed_back }) => [
    date,
    formatRate(bps),
    orders,
    formatYuan(BigInt(contributed)),
    formatYuan(BigInt(clawed_back)),
  ]);
  const evidence =
    unevidencedOrders === null || orders === null || orders === 0n
      ? markup``
      : markup`<p>${String(unevidencedOrders)} of ${String(orders)} orders (${formatRate(Number((unevidencedOrders * fullBps) / orders))}) are without evidence: no channel had shown their payment when their dates were closed.</p>`;
  return markup`<section><h2>Contributions by date and rate</h2>${table(["date", "rate", "orders", "contributed", "clawed back"], rows)}${evidence}</section>`;
}

function collections({ collections }: BillDocument): Markup {
  if (collections.length === 0) return markup``;
  const rows = collections.map(({ date, no, reference, amount }) => [date, no, reference, formatYuan(BigInt(amount))]);
  return markup`<section><h2>Payments</h2>${table(["booked on", "number", "reference", "yuan"], rows)}</section>`;
}

function adjustments({ adjustments }: BillDocument): Markup {
  if (adjustments.length === 0) return markup``;
  const rows = adjustments.map(({ date, no, kind, bill, amount }) => [
    date,
    no,
    kind === "correction" ? `correction of bill ${bill}` : "written off",
    formatYuan(BigInt(amount)),
  ]);
  return markup`<section><h2>Adjustments</h2>${table(["booked on", "number", "what", "yuan"], rows)}</section>`;
}

/** A table whose first column names the row. */
function table(headings: readonly string[], rows: readonly (readonly string[])[]): Markup {
  const cell = (text: string, index: number) =>
    index === 0 ? markup`<th scope="row">${text}</th>` : markup`<td class="number"><bdi>${text}</bdi></td>`;
  const head = headings.map((text, index) =>
    index === 0 ? markup`<th scope="col">${text}</th>` : markup`<th scope="col" class="number">${text}</th>`,
  );
  return markup`<table><thead><tr>${head}</tr></thead><tbody>
${rows.map(
  (row) => markup`<tr>${row.map(cell)}</tr>
`,
)}</tbody></table>`;
}
