import type { ImportKind } from "../../imports/kind.ts";
import { mergeJudged, stagedKind } from "../../imports/staged.ts";
import { evidenceColumns, type EvidenceColumn } from "./columns.ts";
import { evidenceRowReader, stagedPayment } from "./import-row.ts";
import { insertPayments, judgePayments, paymentsOf } from "./import-sql.ts";
import { evidenceProfiles } from "./profiles.ts";

const judged = {
  name: "payments",
  judge: judgePayments,
  reasons: {
    payment_conflict: [
      "payment_no",
      (importId: string) =>
        `import ${importId} brought this payment with another order, amount or time: one of the two files was changed; ` +
        "fetch the bill from the channel again",
    ],
  },
  // Nothing else writes payments, and imports of one kind come one after the other.
  changedMeanwhile: () => new Error("fewer payments were written than were new"),
} as const;

/**
 * A channel's transaction bill: payments, by the number that the merchant gave to the order. They are kept as they are,
 * whether the order is known yet or not; what they say of it follows from the two. A payment that is known with the
 * same content is a duplicate.
 *
 * Rejected: `payment_conflict` for a known payment with other content, and rows that cannot be read.
 */
export const evidenceKind: ImportKind<EvidenceColumn> = {
  ...stagedKind<EvidenceColumn>({
    kind: "order_evidence",
    name: judged.name,
    columns: evidenceColumns,
    profiles: evidenceProfiles,
    staged: stagedPayment,
    tables: { judged_payments: ["record integer", "outcome text", "detail text", "line integer", ...stagedPayment] },
    rowReader: evidenceRowReader,
    merge: (tx, facts) =>
      mergeJudged<EvidenceColumn>({ ...judged, insert: () => insertPayments(tx, facts.importId) }, tx, facts),
    atEnd: async (tx, { importId }) => ({
      inserted: 0,
      updated: 0,
      duplicate: 0,
      evidence: await paymentsOf(tx, importId),
    }),
  }),
  longIds: "payment_no",
};
