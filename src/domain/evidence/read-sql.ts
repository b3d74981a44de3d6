import type { Fragment, Sql } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { PageQuery } from "../../shared/page.ts";
import type { EvidenceState } from "./model.ts";
import { paymentsWithOrders, verdictOf } from "./verdict-sql.ts";

/** A payment that a channel shows, with what it says of its order. */
export interface ListedPayment extends Row<
  "orderEvidence",
  "paymentNo" | "channel" | "orderNo" | "source" | "amountFen" | "paidAt" | "importId" | "line"
> {
  readonly state: EvidenceState;
  /** Null where there is no order. */
  readonly orderAmountFen: bigint | null;
  readonly orderPaidAt: Date | null;
  readonly merchantCode: string | null;
}

/** Payments `e` of a condition, with their orders `o`. */
const paymentsWith = (sql: Sql, condition: Fragment): Fragment => sql`
  SELECT e.payment_no, e.channel, e.order_no, e.source, e.amount_fen, e.paid_at, e.import_id, e.line,
    ${verdictOf(sql)} AS state, o.amount_fen AS order_amount_fen, o.paid_at AS order_paid_at, s.merchant_code
  FROM ${paymentsWithOrders(sql)}
  LEFT JOIN merchants s ON s.merchant_id = o.merchant_id
  WHERE ${condition}`;

/** The payments of one order's number, the first one first. */
export const paymentsOfOrder = (
  sql: Sql,
  { orderNo, source }: { readonly orderNo: string; readonly source: string },
): Promise<readonly ListedPayment[]> =>
  sql<ListedPayment[]>`
    ${paymentsWith(sql, sql`e.order_no = ${orderNo} AND e.source = ${source}`)}
      ORDER BY e.paid_at, e.payment_no, e.channel`;

/** What a list of payments can be narrowed to; the dates are those of the payments, in the platform's zone. */
export interface PaymentFilter {
  readonly state?: EvidenceState | undefined;
  readonly channel?: string | undefined;
  readonly merchantCode?: string | undefined;
  readonly from?: BusinessDate | undefined;
  readonly to?: BusinessDate | undefined;
}

/** What a payment is known by. */
export interface PaymentKey {
  readonly paymentNo: string;
  readonly channel: string;
}

/** One page of payments, in the order of their numbers. */
export async function selectPayments(
  sql: Sql,
  { state, channel, merchantCode, from, to }: PaymentFilter,
  { after, limit }: PageQuery<PaymentKey>,
  zone: string,
): Promise<readonly ListedPayment[]> {
  const wanted = where(sql, [
    after !== undefined && sql`(e.payment_no, e.channel) > (${after.paymentNo}, ${after.channel})`,
    channel !== undefined && sql`e.channel = ${channel}`,
    from !== undefined && sql`e.paid_at >= (${from}::date)::timestamp AT TIME ZONE ${zone}`,
    to !== undefined && sql`e.paid_at < (${to}::date + 1)::timestamp AT TIME ZONE ${zone}`,
  ]);
  return sql<ListedPayment[]>`
    SELECT * FROM (${paymentsWith(sql, wanted)}) p
    WHERE ${where(sql, [
      state !== undefined && sql`state = ${state}`,
      merchantCode !== undefined && sql`merchant_code = ${merchantCode}`,
    ])}
    ORDER BY payment_no, channel LIMIT ${limit}`;
}
