import type { Payee } from "../../../domain/withdrawals/payee-sql.ts";
import type { ReviewedAccount } from "../../../domain/withdrawals/review-sql.ts";
import type { WithdrawalAmounts, WithdrawalStatus } from "../../../domain/withdrawals/model.ts";
import { allRisks, riskTexts, type Risk } from "../../../domain/withdrawals/risk.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan, type Fen } from "../../../shared/money.ts";
import type { Page } from "../../../ui/page.ts";
import { documentOf, figure, id, tableOf, yuan, type Fields, type Thing } from "../../fields.ts";

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
export const approvalsOf = ({
  firstApprovedBy,
  approvedBy,
}: Pick<WithdrawalFacts, "firstApprovedBy" | "approvedBy">): number =>
  [firstApprovedBy, approvedBy].filter((name) => name !== null).length;

/**
 * Its status, and what keeps it from going on: `requested, 1 of 2` where two operators have to approve it, `approved,
 * no account`.
 */
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
export const payeeText = ({
  channel,
  numberMasked,
  bankName,
  closedAt,
}: Omit<ReviewedAccount, "changedAt" | "otherMembers">): string =>
  `${channel} ${numberMasked}${closedAt === null ? "" : ", closed"}${bankName === null ? "" : `, ${bankName}`}`;

/** A withdrawal's account as JSON has it. */
export const accountFacts = ({ channel, numberMasked, bankName, closedAt }: Parameters<typeof payeeText>[0]) => ({
  channel,
  number: numberMasked,
  bank: bankName,
  closed: closedAt !== null,
});

function accountOf({
  accountChannel,
  accountNumber,
  accountBank,
  accountClosedAt,
}: Payee): Parameters<typeof payeeText>[0] | undefined {
  if (accountChannel === null || accountNumber === null) return undefined;
  return { channel: accountChannel, numberMasked: accountNumber, bankName: accountBank, closedAt: accountClosedAt };
}

const inYuan = (fen: Fen): string => `${formatYuan(fen)} yuan`;

/** What every command says of a withdrawal. */
export const withdrawalFields: Fields<WithdrawalFacts> = {
  withdrawal_no: id((one) => one.withdrawalNo, { heading: "withdrawal" }),
  member_no: id((one) => one.memberNo, { heading: "member" }),
  points: figure((one) => one.points),
  gross: yuan((one) => one.grossFen, { fact: (one) => inYuan(one.grossFen) }),
  fee: yuan((one) => one.feeFen),
  net: yuan((one) => one.netFen, { fact: (one) => inYuan(one.netFen) }),
  status: { of: (one) => one.status, text: statusText, atLeast: 9 },
  channel: { of: (one) => one.accountChannel },
  requested_by: {
    of: (one) => one.requestedBy,
    rank: 2,
    fact: (one, zone) => `${one.requestedBy}, ${formatInstant(one.requestedAt, zone)}`,
  },
  requested_at: { of: (one) => one.requestedAt },
  decided_by: {
    of: (one) => one.decidedBy,
    fact: ({ decidedBy, decidedAt }, zone) =>
      decidedBy === null ? undefined : `${decidedBy}, ${formatInstant(decidedAt!, zone)}`,
  },
  decided_at: { of: (one) => one.decidedAt },
  reason: { of: (one) => one.reason },
  approvals: { of: approvalsOf },
  approvals_needed: { of: (one) => one.approvalsNeeded },
};

/** A withdrawal as JSON has it. */
export const withdrawalDocument = (withdrawal: WithdrawalFacts) => documentOf({ fields: withdrawalFields }, withdrawal);

/** A withdrawal of a list: with the account that it is paid to, and what speaks against it. */
export const listedWithdrawal: Thing<ListedWithdrawal> = {
  fields: {
    ...withdrawalFields,
    account: {
      of: (one) => optional(accountOf(one), accountFacts) ?? null,
      text: (one) => optional(accountOf(one), payeeText) ?? "",
      heading: "paid to",
      atLeast: 20,
    },
    risks: { of: (one) => one.risks, key: true },
  },
  columns: [
    "withdrawal_no",
    "member_no",
    "points",
    "gross",
    "fee",
    "net",
    "status",
    "requested_by",
    "account",
    "risks",
  ],
};

const optional = <Value, Result>(value: Value | undefined, use: (value: Value) => Result): Result | undefined =>
  value === undefined ? undefined : use(value);

/** A withdrawal of a list as JSON has it. */
export const listedDocument = (withdrawal: ListedWithdrawal) => documentOf(listedWithdrawal, withdrawal);

/** What is said below a table of withdrawals: what the risks in it mean. */
export const riskLegend = { words: ({ risks }: ListedWithdrawal) => risks ?? [], meanings: riskTexts };

/**
 * Lays out withdrawals, one a row, with the account each is paid to and what speaks against it; what that means is said
 * below.
 */
export function withdrawalsTable(page: Page, withdrawals: readonly ListedWithdrawal[], more?: string): void {
  tableOf(page, listedWithdrawal, withdrawals, "", { more });
  const met = new Set(withdrawals.flatMap(riskLegend.words));
  for (const risk of allRisks) if (met.has(risk)) page.line(`${risk}: ${riskTexts[risk]}`);
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
