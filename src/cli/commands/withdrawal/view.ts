import type { Payee } from "../../../domain/withdrawals/payee-sql.ts";
import type { ReviewedAccount } from "../../../domain/withdrawals/review-sql.ts";
import type { WithdrawalAmounts, WithdrawalStatus } from "../../../domain/withdrawals/model.ts";
import { allRisks, riskTexts, type Risk } from "../../../domain/withdrawals/risk.ts";
import { formatYuan, type Fen } from "../../../shared/money.ts";
import type { Page } from "../../../ui/page.ts";

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
  readonly approvalsNeeded: number;
  readonly firstApprovedBy: string | null;
  readonly approvedBy: string | null;
  readonly accountChannel: Payee["accountChannel"];
}

/** What a list says besides: the account, and what speaks against it (null where nobody looked). */
export interface ListedWithdrawal extends WithdrawalFacts, Payee {
  readonly risks: readonly Risk[] | null;
}

/** How many operators have approved a withdrawal. */
export const approvalsOf = ({ firstApprovedBy, approvedBy }: Pick<WithdrawalFacts, "firstApprovedBy" | "approvedBy">): number =>
  [firstApprovedBy, approvedBy].filter((name) => name !== null).length;

/** Its status, and what keeps it from going on: `requested, 1 of 2` where two operators have to approve it, `approved, no account`. */
export function statusText(withdrawal: WithdrawalFacts): string {
  const { status, approvalsNeeded, accountChannel } = withdrawal;
  const isRequested = status === "requested";
  return [
    status,
    ...(isRequested && approvalsNeeded > 1 ? [`${approvalsOf(withdrawal)} of ${approvalsNeeded}`] : []),
    ...((isRequested || status === "approved") && accountChannel === null ? ["no account"] : []),
  ].join(", ");
}

/** Where a withdrawal is paid to: `bank 6222 **** 1234, 招商银行`. */
export const payeeText = ({ channel, numberMasked, bankName, closedAt }: Omit<ReviewedAccount, "changedAt" | "otherMembers">): string =>
  `${channel} ${numberMasked}${closedAt === null ? "" : ", closed"}${bankName === null ? "" : `, ${bankName}`}`;

/** A withdrawal as JSON has it. */
export const withdrawalDocument = (withdrawal: WithdrawalFacts) => ({
  withdrawal_no: withdrawal.withdrawalNo,
  member_no: withdrawal.memberNo,
  points: withdrawal.points,
  gross: formatYuan(withdrawal.grossFen),
  fee: formatYuan(withdrawal.feeFen),
  net: formatYuan(withdrawal.netFen),
  status: withdrawal.status,
  channel: withdrawal.accountChannel,
  requested_by: withdrawal.requestedBy,
  requested_at: withdrawal.requestedAt.toISOString(),
  decided_by: withdrawal.decidedBy,
  decided_at: withdrawal.decidedAt?.toISOString() ?? null,
  reason: withdrawal.reason,
  approvals: approvalsOf(withdrawal),
  approvals_needed: withdrawal.approvalsNeeded,
});

/** A withdrawal of a list as JSON has it. */
export const listedDocument = (withdrawal: ListedWithdrawal) => {
  const account = accountOf(withdrawal);
  return { ...withdrawalDocument(withdrawal), account: account === undefined ? null : accountFacts(account), risks: withdrawal.risks };
};

/** A withdrawal's account as JSON has it. */
export const accountFacts = ({ channel, numberMasked, bankName, closedAt }: Parameters<typeof payeeText>[0]) => ({
  channel, number: numberMasked, bank: bankName, closed: closedAt !== null,
});

function accountOf({ accountChannel, accountNumber, accountBank, accountClosedAt }: Payee): Parameters<typeof payeeText>[0] | undefined {
  if (accountChannel === null || accountNumber === null) return undefined;
  return { channel: accountChannel, numberMasked: accountNumber, bankName: accountBank, closedAt: accountClosedAt };
}

/** Lays out withdrawals, one a row, with the account each is paid to and what speaks against it; what that means is said below. */
export function withdrawalsTable(page: Page, withdrawals: readonly ListedWithdrawal[], more?: string): void {
  page.table(
    [
      { heading: "withdrawal", key: true }, { heading: "member", key: true }, { heading: "points", align: "right" }, { heading: "gross", align: "right" },
      { heading: "fee", align: "right" }, { heading: "net", align: "right" }, { heading: "status", atLeast: 9 }, { heading: "requested by", rank: 2 },
      { heading: "paid to", atLeast: 20 }, { heading: "risks", key: true },
    ],
    withdrawals.map((one) => [
      one.withdrawalNo, one.memberNo, one.points.toString(), formatYuan(one.grossFen),
      formatYuan(one.feeFen), formatYuan(one.netFen), statusText(one), one.requestedBy,
      payeeCell(one), (one.risks ?? []).join(", "),
    ]),
    more,
  );
  const told = new Set(withdrawals.flatMap(({ risks }) => risks ?? []));
  for (const risk of allRisks) if (told.has(risk)) page.line(`${risk}: ${riskTexts[risk]}`);
}

function payeeCell(withdrawal: Payee): string {
  const account = accountOf(withdrawal);
  return account === undefined ? "" : payeeText(account);
}

/** What some withdrawals come to. */
export interface WithdrawalTotals {
  readonly count: number;
  readonly points: bigint;
  readonly grossFen: Fen;
  readonly netFen: Fen;
}

/** How many, and what they come to: `2 withdrawals, 150 points, 150.00 yuan gross, 142.50 net`. */
export const totalsText = ({ count, points, grossFen, netFen }: WithdrawalTotals): string =>
  `${count === 1 ? "1 withdrawal" : `${count} withdrawals`}, ${points} points, ${formatYuan(grossFen)} yuan gross, ${formatYuan(netFen)} net`;
