import { send, type Fragment, type Transaction } from "../../db/database.ts";
import type { MergeFacts } from "../../imports/kind.ts";

export async function createStaging(tx: Transaction): Promise<void> {
  await tx`
    CREATE TEMP TABLE staged_withdrawals (
      record integer, line integer, pass integer, request_no text, member_no text, points bigint, account_digest text, holder_sealed text
    ) ON COMMIT DROP`;
}

/** The staged rows of one pass. */
export const stagedRows = (tx: Transaction, pass: number): Fragment => tx`
  SELECT record, line, request_no, member_no, points, NULL::bigint AS account_id, decode(account_digest, 'hex') AS account_digest, holder_sealed
  FROM staged_withdrawals WHERE pass = ${pass}`;

/** Writes the request numbers of the withdrawals just written, and which line brought each in. */
export async function insertRequestKeys(tx: Transaction, pass: number, { importId }: MergeFacts): Promise<number> {
  const { count } = await send(tx`
    INSERT INTO withdrawal_request_keys (request_no, member_id, withdrawal_id, import_id, line)
    SELECT s.request_no, n.member_id, n.withdrawal_id, ${importId}, s.line
    FROM new_withdrawals n JOIN (${stagedRows(tx, pass)}) s ON s.record = n.record`);
  return count;
}
