import { send, type Fragment, type Transaction } from "../../db/database.ts";
import type { MergeFacts } from "../../imports/kind.ts";

/** The staged rows, as requests are asked for. */
export const stagedRows = (tx: Transaction): Fragment => tx`
  SELECT record, line, request_no, member_no, points, NULL::bigint AS account_id, decode(account_digest, 'hex') AS account_digest, holder_sealed
  FROM staged_withdrawals`;

/** Writes the request numbers of the withdrawals just written, and which line brought each in. */
export async function insertRequestKeys(tx: Transaction, { importId }: MergeFacts): Promise<number> {
  const { count } = await send(tx`
    INSERT INTO withdrawal_request_keys (request_no, member_id, withdrawal_id, import_id, line)
    SELECT s.request_no, n.member_id, n.withdrawal_id, ${importId}, s.line
    FROM new_withdrawals n JOIN staged_withdrawals s ON s.record = n.record`);
  return count;
}
