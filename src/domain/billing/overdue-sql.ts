import type { Fragment, Sql, Transaction } from "../../db/database.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import { openBills } from "./account-sql.ts";

/** A merchant with a bill that is open for too long: the oldest such bill, and what is open of all that are. */
export interface OverdueMerchant {
  readonly merchantId: bigint;
  readonly merchantCode: string;
  readonly billNo: string;
  readonly days: number;
  readonly openFen: Fen;
}

/** Active merchants of which a bill was due so many days before a date, or more, and is open. */
const overdue = (sql: Sql, today: BusinessDate, days: number): Fragment => sql`
  SELECT s.merchant_id, s.merchant_code, min(b.bill_no) AS bill_no, max(${today}::date - b.due_on) AS days,
    sum(b.open_fen)::bigint AS open_fen
  FROM (${openBills(sql)}) b JOIN merchants s ON s.merchant_id = b.merchant_id
  WHERE b.open_fen > 0 AND b.due_on <= ${today}::date - ${days}::integer AND s.status = 'active'
  GROUP BY s.merchant_id, s.merchant_code`;

/** How many active merchants are overdue for so many days, or more. */
export async function countOverdue(sql: Sql, today: BusinessDate, days: number): Promise<number> {
  const [row] = await sql<{ merchants: number }[]>`
    SELECT count(*)::integer AS merchants FROM (${overdue(sql, today, days)}) o`;
  return row!.merchants;
}

/**
 * Suspends the merchants that are overdue for so many days, or more.
 *
 * @returns those that were, in the order of their codes
 */
export async function suspendOverdueMerchants(
  tx: Transaction,
  today: BusinessDate,
  days: number,
  at: Date,
): Promise<readonly OverdueMerchant[]> {
  return tx<OverdueMerchant[]>`
    WITH late AS MATERIALIZED (${overdue(tx, today, days)}), suspended AS (
      UPDATE merchants m SET status = 'suspended', suspended_at = ${at} FROM late
      WHERE m.merchant_id = late.merchant_id AND m.status = 'active' RETURNING m.merchant_id
    )
    SELECT late.* FROM late JOIN suspended USING (merchant_id) ORDER BY merchant_code`;
}
