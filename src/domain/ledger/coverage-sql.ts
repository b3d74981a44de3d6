import type { Sql, Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";

/** Writes that payouts may go on a day although too little cash is left behind the points. */
export async function insertCoverageException(tx: Transaction, one: Row<"coverageExceptions">): Promise<void> {
  await tx`
    INSERT INTO coverage_exceptions (proposal_no, business_date, max_payouts_fen, applied_by, applied_at)
    VALUES (${one.proposalNo}, ${one.businessDate}, ${one.maxPayoutsFen}, ${one.appliedBy}, ${one.appliedAt})`;
}

/** Up to how much gross payouts may go on a day whatever cash is left; 0 where nobody allowed that. */
export async function allowedPayouts(sql: Sql, date: BusinessDate): Promise<Fen> {
  const [row] = await sql<{ allowedFen: Fen }[]>`
    SELECT coalesce(max(max_payouts_fen), 0)::bigint AS allowed_fen FROM coverage_exceptions
    WHERE business_date = ${date}`;
  return row!.allowedFen;
}
