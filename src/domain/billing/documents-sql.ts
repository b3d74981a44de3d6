import type { Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Bill } from "./account-sql.ts";

/** A bill with what it is made of; amounts are fen, written out, for JSON has no integers of that size. */
export interface BillDocument extends Bill {
  readonly contact: string | null;
  /** The orders that it charges, and how many of them no channel showed the payment of; null where none was kept. */
  readonly orders: bigint | null;
  readonly unevidencedOrders: bigint | null;
  /** By date and rate: what orders contributed, how many were new, and what was clawed back. */
  readonly lines: readonly {
    readonly date: BusinessDate;
    readonly bps: number;
    readonly orders: string;
    readonly contributed: string;
    readonly clawed_back: string;
  }[];
  readonly collections: readonly {
    readonly date: BusinessDate;
    readonly no: string;
    readonly reference: string;
    readonly amount: string;
  }[];
  readonly adjustments: readonly {
    readonly date: BusinessDate;
    readonly no: string;
    readonly kind: Row<"merchantAdjustments">["kind"];
    /** The bill that it corrects. */
    readonly bill: string | null;
    readonly amount: string;
  }[];
}

/** Gathers what the bills of a period are made of in a temporary table: in one pass, however many bills there are. */
export async function gatherBillDocuments(tx: Transaction, periodFrom: BusinessDate): Promise<void> {
  await tx`
    CREATE TEMP TABLE bill_documents ON COMMIT DROP AS
    SELECT b.bill_no, s.merchant_code, s.name AS merchant_name, s.contact, b.period_from, b.period_to, b.due_on,
      b.opening_fen, b.contributed_fen, b.clawed_back_fen, b.collected_fen, b.adjusted_fen, b.closing_fen,
      l.orders, l.unevidenced_orders, coalesce(l.lines, '[]') AS lines, coalesce(c.collections, '[]') AS collections,
      coalesce(a.adjustments, '[]') AS adjustments
    FROM merchant_bills b
    JOIN merchants s ON s.merchant_id = b.merchant_id
    LEFT JOIN (
      SELECT merchant_id, sum(orders)::bigint AS orders, sum(unevidenced_orders)::bigint AS unevidenced_orders,
        jsonb_agg(jsonb_build_object('date', business_date, 'bps', contribution_bps,
        'orders', orders::text, 'contributed', contributed_fen::text, 'clawed_back', clawed_back_fen::text)
          ORDER BY business_date, contribution_bps) AS lines
      FROM (
        SELECT m.merchant_id, m.business_date, m.contribution_bps, sum(m.orders)::bigint AS orders,
          sum(m.contributed_fen)::bigint AS contributed_fen, sum(m.clawed_back_fen)::bigint AS clawed_back_fen,
          sum(m.unevidenced_orders)::bigint AS unevidenced_orders
        FROM merchant_contributions m JOIN billing_periods p ON p.period_from = ${periodFrom}
          AND m.business_date BETWEEN p.period_from AND p.period_to
        GROUP BY m.merchant_id, m.business_date, m.contribution_bps
      ) days GROUP BY merchant_id
    ) l ON l.merchant_id = b.merchant_id
    LEFT JOIN (
      SELECT merchant_id, jsonb_agg(jsonb_build_object('date', business_date, 'no', collection_no,
        'reference', reference, 'amount', amount_fen::text)
        ORDER BY business_date, collection_no) AS collections
      FROM collections c JOIN billing_periods p ON p.period_from = ${periodFrom}
        AND c.business_date BETWEEN p.period_from AND p.period_to
      WHERE c.state = 'confirmed' GROUP BY merchant_id
    ) c ON c.merchant_id = b.merchant_id
    LEFT JOIN (
      SELECT merchant_id, jsonb_agg(jsonb_build_object('date', business_date, 'no', proposal_no, 'kind', kind,
        'bill', bill_no, 'amount', amount_fen::text) ORDER BY business_date, proposal_no) AS adjustments
      FROM merchant_adjustments a JOIN billing_periods p ON p.period_from = ${periodFrom}
        AND a.business_date BETWEEN p.period_from AND p.period_to
      GROUP BY merchant_id
    ) a ON a.merchant_id = b.merchant_id
    WHERE b.period_from = ${periodFrom}`;
  await tx`CREATE UNIQUE INDEX ON bill_documents (bill_no)`;
}

/** The gathered bills after a number, in the order of their numbers. */
export const nextBillDocuments = (tx: Transaction, after: string, limit: number): Promise<readonly BillDocument[]> =>
  tx<BillDocument[]>`SELECT * FROM bill_documents WHERE bill_no > ${after} ORDER BY bill_no LIMIT ${limit}`;
