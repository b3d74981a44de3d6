import type { CollectionStory } from "../../../domain/collections/read.ts";
import type { Collection } from "../../../domain/collections/sql.ts";
import { lineNoOf } from "../../../domain/statements/model.ts";
import { formatYuan } from "../../../shared/money.ts";
import type { Page } from "../../../ui/page.ts";
import { documentOf, factsOf, id, tableOf, yuan, type Fields, type Thing } from "../../fields.ts";
import { actionsField, actionsSection, byText } from "../../story-view.ts";

const fields: Fields<Collection> = {
  collection_no: id((one) => one.collectionNo, { heading: "collection" }),
  merchant_code: { of: (one) => one.merchantCode, isId: true, heading: "merchant", label: "merchant" },
  money_account: { of: (one) => one.moneyAccount, heading: "into", rank: 2, label: "into" },
  amount: yuan((one) => one.amountFen, {
    heading: "yuan",
    fact: (one) => `${formatYuan(one.amountFen)} yuan${one.isOpening ? ", opening" : ""}`,
  }),
  received_on: { of: (one) => one.receivedOn, heading: "received" },
  reference: { of: (one) => one.reference, isId: true },
  proof: { of: (one) => one.proof },
  opening: { of: (one) => one.isOpening },
  status: {
    of: (one) => one.state,
    text: (one) =>
      [one.state, one.isOpening && "opening", one.reversedBy !== null && "taken back"].filter(Boolean).join(", "),
    fact: (one) => one.state,
  },
  line: { of: (one) => (one.lineId === null ? null : lineNoOf(one.lineId)), isId: true },
  reverses: { of: (one) => one.reverses, isId: true, label: "takes back" },
  reversed_by: { of: (one) => one.reversedBy, isId: true, label: "taken back by" },
  recorded_by: {
    of: (one) => one.recordedBy,
    rank: 2,
    fact: (one, zone) => byText(one.recordedBy, one.recordedAt, zone),
  },
  recorded_at: { of: (one) => one.recordedAt },
  decided_by: { of: (one) => one.decidedBy, fact: (one, zone) => byText(one.decidedBy, one.decidedAt, zone) },
  decided_at: { of: (one) => one.decidedAt },
  reason: { of: (one) => one.reason },
  business_date: { of: (one) => one.businessDate, heading: "booked on", label: "booked on" },
};

/** Money that came in of a merchant. */
export const collection: Thing<Collection> = {
  fields,
  columns: [
    "collection_no",
    "merchant_code",
    "amount",
    "received_on",
    "money_account",
    "reference",
    "status",
    "recorded_by",
    "business_date",
  ],
};

/** A collection as JSON has it. */
export const collectionDocument = (one: Collection) => documentOf(collection, one);

/** Collections in a table. */
export const collectionsTable = (page: Page, collections: readonly Collection[]): void =>
  tableOf(page, collection, collections, "");

type ShownCollection = Collection & CollectionStory;

/** A collection, and who did what with it when. */
export const collectionStory: Thing<ShownCollection> = {
  fields: { ...fields, actions: actionsField },
  facts: [
    "merchant_code",
    "amount",
    "received_on",
    "money_account",
    "reference",
    "proof",
    "status",
    "line",
    "reverses",
    "reversed_by",
    "recorded_by",
    "decided_by",
    "reason",
    "business_date",
  ],
};

/** Lays out a collection. */
export function collectionPage(page: Page, one: ShownCollection, zone: string): void {
  page.heading(`Collection ${one.collectionNo}`).facts(factsOf(collectionStory, one, zone));
  actionsSection(page, one.actions, zone);
}
