import { recordAction } from "../../db/audit.ts";
import type { Transaction } from "../../db/database.ts";
import { businessDateOf, type BusinessDate } from "../../shared/business-date.ts";
import { refusedError, type AccrueError } from "../../shared/errors.ts";
import { formatYuan, type Fen } from "../../shared/money.ts";
import { formatRate, type Bps } from "../../shared/rates.ts";
import type { Subject } from "../approvals/subject.ts";
import { policyOn } from "../policies/sql.ts";
import { insertCoverageException } from "../ledger/coverage-sql.ts";

/** What is proposed when payouts have to go although too little cash would be left behind the points. */
export type CoverageDocument = {
  readonly business_date: BusinessDate;
  /** The gross of all payouts that are asked for on the day, up to which they may go. */
  readonly max_payouts_fen: string;
};

/** What is proposed for a day. */
export const coverageDocument = (businessDate: BusinessDate, payoutsFen: Fen): CoverageDocument => ({
  business_date: businessDate,
  max_payouts_fen: String(payoutsFen),
});

async function leastOf(tx: Transaction, date: BusinessDate): Promise<Bps> {
  const { minCashCoverageBps } = await policyOn(tx, date);
  if (minCashCoverageBps === null) throw notLimited(date);
  return minCashCoverageBps;
}

/**
 * Lets payouts go on a day although the cash behind the points falls below the policy's least coverage. It rests on that
 * policy.
 */
export const coverageSubject: Subject<CoverageDocument> = {
  kind: "coverage_exception",
  proposers: ["finance", "admin"],
  approvers: ["finance", "admin"],
  title: ({ business_date: date, max_payouts_fen: payouts }) =>
    `payouts of up to ${formatYuan(BigInt(payouts))} yuan on ${date}, whatever cash is left`,
  facts: (_document, { least }) => [["least cash behind the points", `${least as string}, not held that day`]],
  basis: async (tx, { business_date: date }) => ({ least: formatRate(await leastOf(tx, date)) }),
  apply: async (tx, context, { business_date: businessDate, max_payouts_fen: payouts }, { proposalNo, reason }) => {
    const today = businessDateOf(context.clock(), context.zone);
    if (businessDate < today) throw inPast(businessDate, today);
    const maxPayoutsFen = BigInt(payouts);
    await insertCoverageException(tx, {
      proposalNo,
      businessDate,
      maxPayoutsFen,
      appliedBy: context.operator.name,
      appliedAt: context.clock(),
    });
    await recordAction(tx, context, {
      action: "payout.allow",
      subjectKind: "proposal",
      subject: proposalNo,
      details: { business_date: businessDate, payouts: formatYuan(maxPayoutsFen), reason },
    });
    return { business_date: businessDate, payouts: formatYuan(maxPayoutsFen) };
  },
};

const notLimited = (date: BusinessDate): AccrueError =>
  refusedError("coverage_not_limited", `the policy of ${date} asks for no least cash behind the points`, {
    hint: "nothing has to be allowed: payouts go as far as the fund covers them",
    details: { business_date: date },
  });

const inPast = (date: BusinessDate, today: BusinessDate): AccrueError =>
  refusedError("exception_in_past", `payouts of ${date} cannot be allowed: it is ${today}`, {
    hint: "give today or a later day with --on",
    details: { business_date: date },
  });
