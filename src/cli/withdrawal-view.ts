import type { WithdrawalAmounts, WithdrawalStatus } from "../withdrawals/model.ts";
import { formatYuan, type Fen } from "../shared/money.ts";
import type { Page } from "../ui/page.ts";

/** What every command says of a withdrawal. */
export interface WithdrawalFacts extends WithdrawalAmounts {
  readonly withdrawalNo: string;
  readonly memberNo: string;
  readonly points: bigint;
  readonly status: WithdrawalStatus;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly reason: string | null;
}

/** A withdrawal as JSON has it. */
export const withdrawalDocument = (withdrawal: WithdrawalFacts) => ({
  withdrawal_no: withdrawal.withdrawalNo,
  member_no: withdrawal.memberNo,
  points: withdrawal.points,
  gross: formatYuan(withdrawal.grossFen),
  fee: formatYuan(withdrawal.feeFen),
  net: formatYuan(withdrawal.netFen),
  status: withdrawal.status,
  requested_by: withdrawal.requestedBy,
  requested_at: withdrawal.requestedAt.toISOString(),
  decided_by: withdrawal.decidedBy,
  decided_at: withdrawal.decidedAt?.toISOString() ?? null,
  reason: withdrawal.reason,
});

/** Lays out withdrawals, one a row. */
export function withdrawalsTable(page: Page, withdrawals: readonly WithdrawalFacts[], more?: string): void {
  page.table(
    [
      { heading: "withdrawal" }, { heading: "member" }, { heading: "points", align: "right" }, { heading: "gross", align: "right" },
      { heading: "fee", align: "right" }, { heading: "net", align: "right" }, { heading: "status" }, { heading: "requested by" },
    ],
    withdrawals.map((one) => [
      one.withdrawalNo, one.memberNo, one.points.toString(), formatYuan(one.grossFen),
      formatYuan(one.feeFen), formatYuan(one.netFen), one.status, one.requestedBy,
    ]),
    more,
  );
}

/** How many, and what they come to: `2 withdrawals, 150 points, 150.00 yuan gross, 142.50 net`. */
export function totalsText(withdrawals: readonly Pick<WithdrawalFacts, "points" | "grossFen" | "netFen">[]): string {
  const sum = (pick: (one: Pick<WithdrawalFacts, "points" | "grossFen" | "netFen">) => Fen) => withdrawals.reduce((total, one) => total + pick(one), 0n);
  const count = withdrawals.length === 1 ? "1 withdrawal" : `${withdrawals.length} withdrawals`;
  return `${count}, ${sum((one) => one.points)} points, ${formatYuan(sum((one) => one.grossFen))} yuan gross, ${formatYuan(sum((one) => one.netFen))} net`;
}
