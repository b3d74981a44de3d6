import type { DecidedMerchant } from "../../../domain/merchants/decide.ts";
import type { RatedMerchant } from "../../../domain/merchants/list.ts";
import type { MerchantStory } from "../../../domain/merchants/show.ts";
import type { RateRow } from "../../../domain/merchants/sql.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import { formatRate, type Bps } from "../../../shared/rates.ts";
import type { Page } from "../../../ui/page.ts";
import { documentsOf, factsOf, id, tableOf, type Fields, type Thing } from "../../fields.ts";
import { actionsField, actionsSection } from "../../story-view.ts";

/** Whose rate a merchant has: its own, or the platform's. */
export const rateOrigin = (ownBps: Bps | null): "own" | "platform" => (ownBps === null ? "platform" : "own");

const rateOf = ({ ownBps, platformBps }: Pick<RatedMerchant, "ownBps" | "platformBps">): string =>
  formatRate(ownBps ?? platformBps);

const suspensionText = ({ status, suspendedAt }: RatedMerchant, zone: string): string =>
  suspendedAt === null ? status : `suspended, since ${formatInstant(suspendedAt, zone)}`;

const fields: Fields<RatedMerchant> = {
  merchant_code: id((one) => one.merchantCode, { heading: "merchant" }),
  name: { of: (one) => one.name },
  contact: { of: (one) => one.contact, rank: 2 },
  status: { of: (one) => one.status, fact: suspensionText },
  suspended_at: { of: (one) => one.suspendedAt },
  contribution_rate: {
    of: rateOf,
    heading: "rate",
    align: "right",
    fact: (one) => `${rateOf(one)} (${rateOrigin(one.ownBps) === "own" ? "its own" : "the platform's"})`,
  },
  rate_from: { of: (one) => rateOrigin(one.ownBps), heading: "of" },
  registered_at: { of: (one) => one.registeredAt },
};

/** One merchant of a list; its rate is the one in force today. */
export const listedMerchant: Thing<RatedMerchant> = {
  fields,
  columns: ["merchant_code", "name", "contact", "status", "contribution_rate", "rate_from"],
};

const ownRate: Thing<RateRow> = {
  fields: {
    effective_from: { of: (rate) => rate.effectiveFrom, text: fromText, heading: "from", key: true },
    contribution_rate: {
      of: ({ contributionBps }) => (contributionBps === null ? null : formatRate(contributionBps)),
      text: ({ contributionBps }) => (contributionBps === null ? "platform's" : formatRate(contributionBps)),
      heading: "rate",
      align: "right",
    },
    set_by: { of: (rate) => rate.setBy },
    set_at: { of: (rate) => rate.setAt, key: true },
  },
};

function fromText({ effectiveFrom }: RateRow): string {
  return effectiveFrom === "0001-01-01" ? "the beginning" : effectiveFrom;
}

type ShownMerchant = MerchantStory & MerchantStory["merchant"];

/** A merchant's story as its fields take it. */
export const shownMerchant = (story: MerchantStory): ShownMerchant => ({ ...story.merchant, ...story });

/** The whole story of one merchant. */
export const merchantStory: Thing<ShownMerchant> = {
  fields: {
    ...fields,
    registered_at: {
      of: (one) => one.registeredAt,
      label: "registered",
      fact: (one, zone) =>
        `${formatInstant(one.registeredAt, zone)} by ${one.registeredBy}${one.importId === null ? "" : `, import ${one.importId}`}`,
    },
    registered_by: { of: (one) => one.registeredBy },
    import_id: { of: (one) => one.importId },
    rates: { of: ({ rates }) => documentsOf(ownRate, rates) },
    products: { of: ({ products }) => products },
    orders: {
      of: ({ orders }) => orders?.orders,
      fact: ({ orders }) =>
        orders &&
        `${orders.orders} (${formatYuan(orders.netFen)} yuan net)` +
          (orders.archivedOrders === 0n ? "" : `, and ${orders.archivedOrders} archived`),
    },
    orders_archived: { of: ({ orders }) => orders?.archivedOrders },
    orders_net: { of: ({ orders }) => orders && formatYuan(orders.netFen) },
    orders_without_evidence: {
      of: ({ orders }) => orders?.unevidencedOrders,
      label: "no evidence",
      fact: ({ orders }) =>
        orders === undefined || orders.unevidencedOrders === 0n
          ? undefined
          : `${orders.unevidencedOrders} of ${orders.paidOrders} paid orders: no channel shows their payment`,
    },
    actions: actionsField,
  },
  facts: [
    "name",
    "contact",
    "status",
    "contribution_rate",
    "products",
    "orders",
    "orders_without_evidence",
    "registered_at",
  ],
};

/** Lays out the whole story of one merchant. */
export function merchantPage(page: Page, story: ShownMerchant, zone: string): void {
  page.heading(`Merchant ${story.merchantCode}`).facts(factsOf(merchantStory, story, zone));
  if (story.rates.length > 0) tableOf(page.line().heading("Its own contribution rates"), ownRate, story.rates, zone);
  actionsSection(page, story.actions, zone);
}

/** A merchant whose status an operator changed. */
export const decidedMerchantDocument = ({ merchant, was, isChanged }: DecidedMerchant, isDry: boolean) => ({
  merchant_code: merchant.merchantCode,
  status: merchant.status,
  was,
  suspended_at: merchant.suspendedAt?.toISOString() ?? null,
  changed: isChanged,
  dry_run: isDry,
});
