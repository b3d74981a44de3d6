import type { DecidedMerchant } from "../../../domain/merchants/decide.ts";
import type { MerchantStory } from "../../../domain/merchants/show.ts";
import type { ListedMerchant, RateRow } from "../../../domain/merchants/sql.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import { formatRate, type Bps } from "../../../shared/rates.ts";
import type { Page } from "../../../ui/page.ts";
import { actionDocuments, actionsSection } from "../../story-view.ts";

/** Whose rate a merchant has: its own, or the platform's. */
export const rateOrigin = (ownBps: Bps | null): "own" | "platform" => (ownBps === null ? "platform" : "own");

/** One merchant of a list; its rate is the one in force today. */
export const listedMerchantDocument = (merchant: ListedMerchant, platformBps: Bps) => ({
  merchant_code: merchant.merchantCode,
  name: merchant.name,
  contact: merchant.contact,
  status: merchant.status,
  suspended_at: merchant.suspendedAt?.toISOString() ?? null,
  contribution_rate: formatRate(merchant.ownBps ?? platformBps),
  rate_from: rateOrigin(merchant.ownBps),
  registered_at: merchant.registeredAt.toISOString(),
});

const rateDocument = ({ effectiveFrom, contributionBps, setBy, setAt }: RateRow) => ({
  effective_from: effectiveFrom, contribution_rate: contributionBps === null ? null : formatRate(contributionBps), set_by: setBy, set_at: setAt.toISOString(),
});

/** The whole story of one merchant. */
export const merchantDocument = (story: MerchantStory) => ({
  ...listedMerchantDocument({ ...story.merchant, ownBps: story.ownBps }, story.platformBps),
  registered_by: story.merchant.registeredBy,
  import_id: story.merchant.importId,
  rates: story.rates.map(rateDocument),
  products: story.products,
  ...(story.orders === undefined ? {} : { orders: story.orders.orders, orders_net: formatYuan(story.orders.netFen) }),
  actions: actionDocuments(story.actions),
});

/** A merchant whose status an operator changed. */
export const decidedMerchantDocument = ({ merchant, was, isChanged }: DecidedMerchant, isDry: boolean) => ({
  merchant_code: merchant.merchantCode,
  status: merchant.status,
  was,
  suspended_at: merchant.suspendedAt?.toISOString() ?? null,
  changed: isChanged,
  dry_run: isDry,
});

/** Lays out the whole story of one merchant. */
export function merchantPage(page: Page, story: MerchantStory, zone: string): void {
  const { merchant, ownBps, platformBps, rates, products, orders, actions } = story;
  page.heading(`Merchant ${merchant.merchantCode}`).facts([
    ["name", merchant.name],
    ["contact", merchant.contact ?? undefined],
    ["status", merchant.suspendedAt === null ? merchant.status : `suspended, since ${formatInstant(merchant.suspendedAt, zone)}`],
    ["contribution rate", `${formatRate(ownBps ?? platformBps)} (${rateOrigin(ownBps) === "own" ? "its own" : "the platform's"})`],
    ["products", products.toString()],
    ["orders", orders === undefined ? undefined : `${orders.orders} (${formatYuan(orders.netFen)} yuan net)`],
    ["registered", `${formatInstant(merchant.registeredAt, zone)} by ${merchant.registeredBy}${merchant.importId === null ? "" : `, import ${merchant.importId}`}`],
  ]);
  if (rates.length > 0) {
    page.line().heading("Its own contribution rates").table(
      [{ heading: "from", key: true }, { heading: "rate", align: "right" }, { heading: "set by" }, { heading: "set at", key: true }],
      rates.map((rate) => [fromText(rate), rate.contributionBps === null ? "platform's" : formatRate(rate.contributionBps), rate.setBy, formatInstant(rate.setAt, zone)]),
    );
  }
  actionsSection(page, actions, zone);
}

const fromText = ({ effectiveFrom }: RateRow): string => (effectiveFrom === "0001-01-01" ? "the beginning" : effectiveFrom);
