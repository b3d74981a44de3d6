import type { Collection } from "../../../domain/collections/sql.ts";
import { formatYuan } from "../../../shared/money.ts";
import type { Page } from "../../../ui/page.ts";

/** A collection as JSON has it. */
export const collectionDocument = (one: Collection) => ({
  collection_no: one.collectionNo, merchant_code: one.merchantCode, money_account: one.moneyAccount, amount: formatYuan(one.amountFen),
  received_on: one.receivedOn, reference: one.reference, proof: one.proof, opening: one.isOpening, status: one.state,
  recorded_by: one.recordedBy, recorded_at: one.recordedAt.toISOString(), decided_by: one.decidedBy, decided_at: one.decidedAt?.toISOString() ?? null,
  reason: one.reason, business_date: one.businessDate,
});

/** Collections in a table. */
export const collectionsTable = (page: Page, collections: readonly Collection[], more?: string): Page => page.table(
  [{ heading: "collection", key: true }, { heading: "merchant" }, { heading: "yuan", align: "right" }, { heading: "received" }, { heading: "into", rank: 2 }, { heading: "reference" },
    { heading: "status" }, { heading: "recorded by", rank: 2 }, { heading: "booked on" }],
  collections.map((one) => [
    one.collectionNo, one.merchantCode, formatYuan(one.amountFen), one.receivedOn, one.moneyAccount, one.reference,
    one.isOpening ? `${one.state}, opening` : one.state, one.recordedBy, one.businessDate ?? "",
  ]),
  more,
);
