import type { Context } from "../../../db/context.ts";
import { businessDateOf, formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import { formatRate, fullBps } from "../../../shared/rates.ts";
import { divideRoundHalfUp } from "../../../shared/rounding.ts";
import type { Page } from "../../../ui/page.ts";
import { decisions } from "../../../domain/withdrawals/model.ts";
import type { WithdrawalRow } from "../../../domain/withdrawals/read-sql.ts";
import type { PointsSource, ReviewedAccount } from "../../../domain/withdrawals/review-sql.ts";
import type { ReviewOutcome, ReviewSubject } from "../../../domain/withdrawals/review.ts";
import { riskTexts } from "../../../domain/withdrawals/risk.ts";
import type { Verdict } from "../../../shared/verdict.ts";
import { verdictText, type Decided } from "../../review-dialogue.ts";
import { approvalsOf, listedDocument, payeeText, totalsText } from "./view.ts";

const sourcesShown = 3;
const verdictsListed = 10;
const dayMs = 86_400_000;

/** Lays out one withdrawal for a reviewer, on one screen of 80 columns and 24 lines with room for the question. */
export function reviewScreen(
  page: Page,
  subject: ReviewSubject,
  verdict: Verdict | undefined,
  { zone, clock }: Pick<Context, "zone" | "clock">,
): void {
  const { withdrawal, member, balance, account, risks, sources, others, refusal } = subject;
  const { requestedAt, requestedBy } = withdrawal;
  const dateOf = (at: Date) => businessDateOf(at, zone);
  page
    .line()
    .heading(`Withdrawal ${withdrawal.withdrawalNo}: ${amountText(withdrawal)}`)
    .facts(
      [
        ["requested", `${formatInstant(requestedAt, zone)} by ${requestedBy}, ${agoText(requestedAt, clock())}`],
        ["approvals", withdrawal.approvalsNeeded === 1 ? undefined : approvalsText(withdrawal)],
        ["risk", risks.length === 0 ? "nothing speaks against it" : riskTexts[risks[0]!]],
        ...risks.slice(1).map((risk) => ["", riskTexts[risk]] as const),
        ["member", `${member.memberNo} ${member.name}, ${member.status}, since ${dateOf(member.registeredAt)}`],
        ["balance", `${balance.availablePoints} points available, ${balance.heldPoints} held`],
        ["account", account === undefined ? "none yet: it can be approved, not paid" : payeeText(account)],
        ["", account === undefined ? undefined : `changed ${dateOf(account.changedAt)}${sharedText(account)}`],
        ["bought", boughtText(sources)],
        ...sources.slice(0, sourcesShown).map((source) => ["", sourceText(source)] as const),
        [
          "withdrew",
          others.length === 0
            ? "never before"
            : `${countText(others[0]!.others, "other time")}, ${others[0]!.paid} paid`,
        ],
        ...others.map(
          ({ withdrawalNo, businessDate, points, status }) =>
            ["", `${businessDate}  ${withdrawalNo}  ${points} points, ${status}`] as const,
        ),
        ["approve", refusal === undefined ? undefined : `no: it ${refusal.reason}`],
        ["decided", verdict === undefined ? undefined : `${verdictText(verdict)}; nothing is written yet`],
      ],
      true,
    );
}

const amountText = ({ points, grossFen, netFen }: WithdrawalRow): string =>
  `${points} points, ${formatYuan(grossFen)} yuan gross, ${formatYuan(netFen)} net`;

const countText = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

function agoText(then: Date, now: Date): string {
  const days = Math.floor((now.getTime() - then.getTime()) / dayMs);
  return days < 1 ? "within a day" : `${countText(days, "day")} ago`;
}

const approvalsText = (withdrawal: WithdrawalRow): string =>
  `${approvalsOf(withdrawal)} of ${withdrawal.approvalsNeeded}${withdrawal.firstApprovedBy === null ? "" : `, by ${withdrawal.firstApprovedBy}`}`;

const sharedText = ({ otherMembers }: ReviewedAccount): string =>
  otherMembers === 0 ? "" : `, the same as of ${countText(otherMembers, "other member")}`;

function boughtText(sources: readonly PointsSource[]): string {
  const orders = sources.reduce((sum, source) => sum + source.orders, 0);
  if (orders === 0) return "nothing";
  const amountFen = sources.reduce((sum, source) => sum + source.amountFen, 0n);
  const refundedFen = sources.reduce((sum, source) => sum + source.refundedFen, 0n);
  const refundBps = amountFen === 0n ? 0n : divideRoundHalfUp(refundedFen * fullBps, amountFen);
  return `${countText(orders, "order")} at ${countText(sources.length, "merchant")}, ${formatYuan(amountFen)} yuan, ${formatRate(Number(refundBps))} refunded`;
}

const sourceText = ({ points, orders, unevidencedOrders, merchantCode, merchantName }: PointsSource): string =>
  `${points} points of ${countText(orders, "order")} at ${merchantCode} ${merchantName}` +
  (unevidencedOrders === 0 ? "" : `, ${unevidencedOrders} of them without evidence`);

/** Lays out what a reviewer has decided, before it is written. */
export function reviewSummary(page: Page, decided: readonly Decided<ReviewSubject>[], skipped: number): void {
  page.line().heading(`Decided, and not written yet: ${countText(decided.length, "withdrawal")}`);
  page.facts([
    ...(["approve", "reject"] as const).map((name) => [name, totalsOf(decided, name)] as const),
    ["skipped", skipped === 0 ? undefined : `${skipped}`],
  ]);
  page.table(
    [
      { heading: "withdrawal", key: true },
      { heading: "member", key: true },
      { heading: "gross", align: "right" },
      { heading: "decision" },
    ],
    decided
      .slice(0, verdictsListed)
      .map(({ subject: { withdrawal }, verdict }) => [
        withdrawal.withdrawalNo,
        withdrawal.memberNo,
        formatYuan(withdrawal.grossFen),
        verdictText(verdict),
      ]),
    decided.length > verdictsListed ? `… and ${decided.length - verdictsListed} more` : undefined,
  );
}

function totalsOf(decided: readonly Decided<ReviewSubject>[], name: Verdict["decision"]): string | undefined {
  const of = decided.filter(({ verdict }) => verdict.decision === name).map(({ subject }) => subject.withdrawal);
  if (of.length === 0) return undefined;
  const sum = (amountOf: (one: WithdrawalRow) => bigint) => of.reduce((total, one) => total + amountOf(one), 0n);
  return totalsText({
    count: of.length,
    points: sum(({ points }) => points),
    grossFen: sum(({ grossFen }) => grossFen),
    netFen: sum(({ netFen }) => netFen),
  });
}

/** What came of a review, as JSON has it. */
export const outcomeDocument = ({ decided, overtaken }: ReviewOutcome, isDry: boolean) => ({
  decided: decided.flatMap(({ withdrawals }) =>
    withdrawals.map((one) => ({ ...listedDocument(one), risks: one.risks ?? [] })),
  ),
  overtaken: overtaken.map(({ withdrawalNo, code, reason }) => ({ withdrawal_no: withdrawalNo, code, reason })),
  dry_run: isDry,
});

/** Lays out what came of a review. */
export function outcomePage(page: Page, { decided, overtaken }: ReviewOutcome, isDry: boolean): void {
  for (const plan of decided) {
    const { name, reason } = plan.request;
    page.line(
      `${isDry ? "dry run: " : ""}${decisions[name].to}: ${totalsText(plan)}${reason === undefined ? "" : ` (${reason})`}`,
    );
    const waiting = plan.withdrawals.filter(({ status }) => status === "requested").length;
    if (waiting > 0) page.line(`  ${waiting} of them ${waiting === 1 ? "needs" : "need"} another approver`);
  }
  for (const { withdrawalNo, reason } of overtaken) page.line(`left as it is: withdrawal ${withdrawalNo} ${reason}`);
}
