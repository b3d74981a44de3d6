import type { Sql, Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import type { Fen } from "../../shared/money.ts";
import { openBills } from "./account-sql.ts";

/** What a bill charges by now, and whose it is. */
export interface ChargedBill extends Row<"merchantBills", "billNo" | "merchantId" | "periodFrom" | "periodTo"> {
  readonly merchantCode: string;
  readonly merchantName: string;
  /** What it charges, with all that corrected it. */
  readonly chargeFen: Fen;
  readonly openFen: Fen;
}

/** The bill of a number, or undefined. */
export async function findChargedBill(sql: Sql, billNo: string): Promise<ChargedBill | undefined> {
  const [row] = await sql<ChargedBill[]>`
    SELECT b.bill_no, b.merchant_id, b.period_from, b.period_to, s.merchant_code, s.name AS merchant_name, b.charge_fen,
      b.open_fen
    FROM (${openBills(sql, sql`SELECT merchant_id FROM merchant_bills WHERE bill_no = ${billNo}`)}) b
    JOIN merchants s ON s.merchant_id = b.merchant_id WHERE b.bill_no = ${billNo}`;
  return row;
}

/** Writes what changes what a merchant owes. */
export async function insertMerchantAdjustment(tx: Transaction, one: Row<"merchantAdjustments">): Promise<void> {
  await tx`
    INSERT INTO merchant_adjustments (proposal_no, merchant_id, kind, bill_no, amount_fen, business_date, applied_by,
      applied_at)
    VALUES (${one.proposalNo}, ${one.merchantId}, ${one.kind}, ${one.billNo}, ${one.amountFen}, ${one.businessDate},
      ${one.appliedBy}, ${one.appliedAt})`;
}
