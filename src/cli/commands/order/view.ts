import { evidenceTexts } from "../../../domain/evidence/model.ts";
import type { OrderRow } from "../../../domain/orders/list-sql.ts";
import type { OrderEntry, OrderVersion } from "../../../domain/orders/show-sql.ts";
import type { OrderStory } from "../../../domain/orders/show.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import { formatRate } from "../../../shared/rates.ts";
import type { Page } from "../../../ui/page.ts";
import { documentsOf, factsOf, figure, id, tableOf, yuan, type Fields, type Thing } from "../../fields.ts";
import { listedPayment } from "./evidence-view.ts";

const fields: Fields<OrderRow> = {
  source: { of: (one) => one.source, rank: 2 },
  order_no: id((one) => one.orderNo, { heading: "order" }),
  member_no: id((one) => one.memberNo, { heading: "member", label: "member" }),
  merchant_code: id((one) => one.merchantCode, {
    heading: "merchant",
    label: "merchant",
    fact: (one) => `${one.merchantCode} ${one.merchantName}`,
  }),
  amount: yuan((one) => one.amountFen),
  refunded_amount: yuan((one) => one.refundedFen, { heading: "refunded", label: "refunded" }),
  status: { of: (one) => one.status },
  paid_at: { of: (one) => one.paidAt, key: true },
  business_date: { of: (one) => one.businessDate, key: true },
  skus: { of: (one) => one.skus ?? [], label: "products", fact: (one) => one.skus?.join(", ") },
};

/** One order of a list. */
export const listedOrder: Thing<OrderRow> = {
  fields,
  columns: ["order_no", "source", "member_no", "merchant_code", "amount", "refunded_amount", "status", "paid_at"],
};

const orderEntry: Thing<OrderEntry> = {
  fields: {
    entry_no: { of: (entry) => entry.entryNo, heading: "entry" },
    kind: { of: (entry) => entry.kind },
    points: figure((entry) => entry.points),
    business_date: { of: (entry) => entry.businessDate, key: true },
    run_id: figure((entry) => entry.runId, { heading: "run" }),
    operator: { of: (entry) => entry.operator, heading: "by", rank: 2 },
    net_amount: yuan((entry) => entry.netFen),
    contribution_rate: {
      of: (entry) => formatRate(entry.contributionBps),
      heading: "rates",
      text: (entry) => `${formatRate(entry.contributionBps)} x ${formatRate(entry.pointsBps)}`,
    },
    points_rate: { of: (entry) => formatRate(entry.pointsBps) },
    contribution: yuan((entry) => entry.contributionFen),
    created_at: { of: (entry) => entry.createdAt },
  },
  columns: ["entry_no", "kind", "points", "net_amount", "contribution_rate", "business_date", "run_id", "operator"],
};

const orderVersion: Thing<OrderVersion> = {
  fields: {
    member_no: id((one) => one.memberNo, { heading: "member" }),
    merchant_code: id((one) => one.merchantCode, { heading: "merchant" }),
    amount: yuan((one) => one.amountFen),
    refunded_amount: yuan((one) => one.refundedFen, { heading: "refunded" }),
    status: { of: (one) => one.status },
    paid_at: { of: (one) => one.paidAt },
    until: { of: (one) => one.until, heading: "until", key: true },
    import_id: { of: (one) => one.importId },
    proposal_no: {
      of: (one) => one.proposalNo,
      heading: "ended by",
      text: (one) => one.proposalNo ?? `import ${one.importId}`,
      key: true,
    },
    by: { of: (one) => one.by, rank: 2 },
  },
  columns: [
    "until",
    "proposal_no",
    "member_no",
    "merchant_code",
    "amount",
    "refunded_amount",
    "status",
    "paid_at",
    "by",
  ],
};

/** The payments of an order that channels show, in a line; undefined where there are none. */
const evidenceText = ({ payments }: OrderStory, zone: string): string | undefined =>
  payments.length === 0
    ? undefined
    : payments
        .map(
          ({ channel, paymentNo, amountFen, paidAt, state }) =>
            `${channel} ${paymentNo}, ${formatYuan(amountFen)} yuan, ${formatInstant(paidAt, zone)}: ${evidenceTexts[state]}`,
        )
        .join("; ");

/** The whole story of an order. */
export const orderStory: Thing<OrderStory> = {
  fields: {
    ...fields,
    points_granted: {
      of: (one) => one.pointsGranted,
      label: "points",
      fact: (one) =>
        `${one.pointsGranted}${one.isInFeed && !one.waitsForEvidence ? " (the next grant run looks at it)" : ""}`,
    },
    is_settled: { of: (one) => !one.isInFeed && !one.waitsForEvidence },
    waits_since: {
      of: (one) => one.waitsSince,
      label: "waits",
      fact: ({ waitsSince, merchantCode }) =>
        waitsSince === null
          ? undefined
          : `until merchant ${merchantCode} has paid up to ${waitsSince}, when its contribution was booked`,
    },
    waits_for_evidence: {
      of: (one) => one.waitsForEvidence,
      label: "no evidence",
      fact: ({ waitsForEvidence }) =>
        waitsForEvidence ? "no points until a channel shows its payment (`accrue order import-evidence`)" : undefined,
    },
    evidence: { of: (one) => documentsOf(listedPayment, one.payments), label: "evidence", fact: evidenceText },
    import_id: {
      of: (one) => one.importId,
      label: "came from",
      fact: (one) =>
        `import ${one.importId}, line ${one.line}${one.importFile === null ? "" : ` of ${one.importFile}`}`,
    },
    import_line: { of: (one) => one.line },
    import_file: { of: (one) => one.importFile },
    imported_by: {
      of: (one) => one.importedBy,
      label: "imported by",
      fact: (one, zone) =>
        one.importedBy === null ? undefined : `${one.importedBy}, ${formatInstant(one.importedAt!, zone)}`,
    },
    imported_at: { of: (one) => one.importedAt },
    entries: { of: (one) => documentsOf(orderEntry, one.entries) },
    history: { of: (one) => documentsOf(orderVersion, one.history) },
    skipped: { of: (one) => one.skips.map(({ runId, points, reason }) => ({ run_id: runId, points, reason })) },
  },
  facts: [
    "member_no",
    "merchant_code",
    "amount",
    "refunded_amount",
    "status",
    "paid_at",
    "skus",
    "points_granted",
    "waits_since",
    "waits_for_evidence",
    "evidence",
    "import_id",
    "imported_by",
  ],
};

/** Lays out the whole story of an order. */
export function orderPage(page: Page, story: OrderStory, zone: string): void {
  page.heading(`order ${story.orderNo} (${story.source})`).facts(factsOf(orderStory, story, zone));
  if (story.entries.length > 0) tableOf(page.line(), orderEntry, story.entries, zone);
  if (story.history.length > 0) tableOf(page.line().line("before:"), orderVersion, story.history, zone);
  for (const { runId, points, reason } of story.skips) page.line(`run ${runId} skipped ${points} points: ${reason}`);
}
