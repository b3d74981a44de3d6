import type postgres from "postgres";
import { writeRows } from "./write-rows.ts";

/** The account that payouts leave. */
export const payingAccount = "alipay-main";

const netFen = (no: number): number => 1000 + (no % 5000);

/**
 * So many payouts of one batch of a date that are said to be paid and that no statement has shown, and the account that
 * they leave. Written with triggers off: payouts have a story that nobody asks for here.
 */
export async function expectPayouts(tx: postgres.Sql, count: number, date: string): Promise<void> {
  await tx.unsafe(`
    SET LOCAL session_replication_role = replica;
    INSERT INTO money_accounts VALUES ('${payingAccount}', 'alipay', 'setup', now());
    INSERT INTO payout_batches (batch_no, channel, template, business_date, details, total_fen, digest, operator, host, created_at)
      VALUES ('P00000001', 'alipay', 'alipay-1', '${date}', 1, 1, repeat('0', 64), 'setup', 'setup', now());
    INSERT INTO expected_payouts (detail_no, batch_no, net_fen, paid_on)
      SELECT 'D' || lpad(n::text, 8, '0'), 'P00000001', 1000 + n % 5000, '${date}' FROM generate_series(1, ${count}) n`);
}

/** Writes the account's statement of a date, in the tool's own form: each payout leaves, out of a balance of ten billion fen. */
export function writeStatement(path: string, count: number, date: string): void {
  let balanceFen = 10_000_000_000;
  const yuan = (fen: number) => `${Math.trunc(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;
  writeRows(path, "occurred_at,line_no,amount,balance,remark", count, (no) => {
    balanceFen -= netFen(no);
    return `${date} 10:00:00,N${no},-${yuan(netFen(no))},${yuan(balanceFen)},提现 D${String(no).padStart(8, "0")}`;
  });
}
