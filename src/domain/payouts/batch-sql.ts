import type { Sql, Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import type { Fen } from "../../shared/money.ts";
import type { PayoutChannel } from "./model.ts";
import { sealedAccount, type SealedPayee } from "./payee-sql.ts";

/** A batch as it was recorded. */
export type BatchRow = Row<"payoutBatches">;

export const batchColumns = (sql: Sql) => sql`
  b.batch_no, b.channel, b.template, b.appid, b.payer, b.business_date, b.details, b.total_fen, b.digest, b.operator,
  b.host, b.created_at, b.handed_over_at`;

/** The batch with a number, or undefined. */
export async function findBatch(sql: Sql, batchNo: string): Promise<BatchRow | undefined> {
  const [row] = await sql<BatchRow[]>`SELECT ${batchColumns(sql)} FROM payout_batches b WHERE b.batch_no = ${batchNo}`;
  return row;
}

/** The oldest recorded batch of a channel that was not handed over, or undefined. */
export async function findNotHandedOver(sql: Sql, channel: PayoutChannel): Promise<BatchRow | undefined> {
  const [row] = await sql<BatchRow[]>`
    SELECT ${batchColumns(sql)} FROM payout_batches b WHERE b.channel = ${channel} AND b.handed_over_at IS NULL
    ORDER BY b.batch_no LIMIT 1`;
  return row;
}

/** The batches of a channel with payouts that are unanswered or may not have been sent, oldest first. */
export async function selectUnsettled(sql: Sql, channel: PayoutChannel): Promise<readonly string[]> {
  const rows = await sql<{ batchNo: string }[]>`
    SELECT b.batch_no FROM payout_batches b
    WHERE b.channel = ${channel} AND (b.handed_over_at IS NULL
      OR EXISTS (SELECT FROM payout_details d
        WHERE d.batch_no = b.batch_no AND d.state IN ('sent', 'processing', 'unknown')))
    ORDER BY b.batch_no`;
  return rows.map(({ batchNo }) => batchNo);
}

/** A part of a batch, with its file if it has one. */
export interface PartRow {
  readonly fileNo: number;
  readonly firstRowNo: number;
  readonly rows: number;
  readonly totalFen: Fen;
  readonly name: string | null;
  readonly sha256: string | null;
}

/** The parts of a batch, in their order. */
export async function selectParts(sql: Sql, batchNo: string): Promise<readonly PartRow[]> {
  return sql<PartRow[]>`
    SELECT d.file_no, d.first_row_no, d.rows, d.total_fen, f.name, f.sha256
    FROM (SELECT file_no, min(row_no) AS first_row_no, count(*)::integer AS rows, sum(net_fen)::bigint AS total_fen
          FROM payout_details WHERE batch_no = ${batchNo} GROUP BY file_no) d
    LEFT JOIN payout_files f ON f.batch_no = ${batchNo} AND f.file_no = d.file_no
    ORDER BY d.file_no`;
}

/** A detail of a recorded batch, with the account that it pays to. */
export interface SentRow extends SealedPayee {
  readonly detailNo: string;
}

/**
 * The details of one part of a batch, in order: all of a file's, or, for a part without a file, those without a final
 * answer.
 */
export async function selectPart(
  sql: Sql,
  batchNo: string,
  { firstRowNo, rows, name }: Pick<PartRow, "firstRowNo" | "rows" | "name">,
): Promise<readonly SentRow[]> {
  const wanted = name === null ? sql`d.state IN ('sent', 'processing', 'unknown')` : sql`true`;
  return sql<SentRow[]>`
    SELECT d.detail_no, ${sealedAccount(sql)}
    FROM payout_details d
    JOIN withdrawals w ON w.member_id = d.member_id AND w.withdrawal_id = d.withdrawal_id
    JOIN payout_accounts a ON a.member_id = d.member_id AND a.account_id = d.account_id
    WHERE d.batch_no = ${batchNo} AND d.row_no BETWEEN ${firstRowNo} AND ${firstRowNo + rows - 1} AND ${wanted}
    ORDER BY d.row_no`;
}

/** Marks a batch as handed over. @returns false when it was marked already */
export async function markHandedOver(tx: Transaction, batchNo: string, at: Date): Promise<boolean> {
  const { count } =
    await tx`UPDATE payout_batches SET handed_over_at = ${at} WHERE batch_no = ${batchNo} AND handed_over_at IS NULL`;
  return count === 1;
}
