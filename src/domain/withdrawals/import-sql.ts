import type { Fragment, Transaction } from "../../db/database.ts";

/** The staged rows, as requests are asked for. */
export const stagedRows = (tx: Transaction): Fragment => tx`
  SELECT record, line, request_no, member_no, points, NULL::bigint AS account_id,
    decode(account_digest, 'hex') AS account_digest, holder_sealed
  FROM staged_withdrawals`;
