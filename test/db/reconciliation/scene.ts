import type { Context } from "../../../src/db/context.ts";
import type { TestDatabase } from "../../support/database.ts";
import { recordBatch } from "../../../src/domain/payouts/export.ts";
import { fileProvider } from "../../../src/domain/payouts/file-provider.ts";
import { handOver } from "../../../src/domain/payouts/hand-over.ts";
import { importResults } from "../../support/imports.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { approvedWithdrawal, box } from "../payouts/scene.ts";

/** A payout that was sent: its number, its batch and what it comes to. */
export interface Sent {
  readonly detailNo: string;
  readonly batchNo: string;
  readonly netFen: bigint;
}

/** Sends so many payouts of 10 points each (9.50 yuan net) to Alipay in one batch. */
export async function sendPayouts(on: TestDatabase, cashier: Context, count: number): Promise<readonly Sent[]> {
  for (let index = 0; index < count; index += 1) await approvedWithdrawal(on.db, 10n);
  const provider = fileProvider("alipay", scratchDirectory());
  const { batchNo } = await recordBatch(cashier, box, provider, {});
  await handOver(cashier, box, provider, batchNo!);
  return on.db.sql<
    Sent[]
  >`SELECT detail_no, batch_no, net_fen FROM payout_details WHERE batch_no = ${batchNo!} ORDER BY row_no`;
}

/** Takes in the channel's word that payouts are paid. */
export const answerPaid = (cashier: Context, payouts: readonly Sent[]) =>
  importResults(cashier, {
    input: {
      path: writeScratch(
        "answer.csv",
        [
          "detail_no,status,amount",
          ...payouts.map(({ detailNo, netFen }) => `${detailNo},success,${Number(netFen) / 100}`),
        ].join("\n"),
      ),
    },
  });

/** What stands on the accounts of money, in fen. */
export async function moneyOf(on: Pick<TestDatabase, "db">): Promise<Readonly<Record<string, bigint>>> {
  const rows = await on.db.sql<{ account: string; amount: bigint }[]>`
    SELECT account, sum(amount)::bigint AS amount FROM journal_lines
    WHERE account IN ('bank', 'suspense', 'payouts_payable', 'channel_fees') GROUP BY account HAVING sum(amount) <> 0`;
  return Object.fromEntries(rows.map(({ account, amount }) => [account, amount]));
}
