import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import { holdNumbers, nextNumber, takeNumbers } from "../../db/numbers.ts";
import { tuneBulk } from "../../db/planner.ts";
import { policyOn } from "../policies/sql.ts";
import { businessDateOf, daysAfter, type BusinessDate } from "../../shared/business-date.ts";
import { refusedError, type AccrueError } from "../../shared/errors.ts";
import { formatYuan } from "../../shared/money.ts";
import {
  billedWithin,
  firstUnclosed,
  insertBills,
  insertPeriod,
  lastBilledPeriod,
  type BilledPeriod,
} from "./issue-sql.ts";
import { periodText, type Period } from "./model.ts";

/** A billed period, and whether this call billed it. */
export interface IssuedBills {
  readonly period: BilledPeriod;
  readonly isNew: boolean;
}

/**
 * Bills all merchants for a period whose dates are closed, in one transaction of a few statements, however many they
 * are. A period is billed once: the same again changes nothing. Bills are due so many days after they are issued as the
 * policy of the period's last date says: nobody owes by a day that was over before they could know.
 *
 * @throws refused `period_overlaps` (another that was billed), `period_gap` (after the last that was billed),
 * `period_not_closed`
 */
export async function issueBills(context: Context, period: Period): Promise<IssuedBills> {
  return inTransaction(
    context.db,
    async (tx) => {
      // One after the other: bills are numbered without gaps, and of two at once the second finds the period billed.
      await holdNumbers(tx, "bill");
      const present = await billedWithin(tx, period);
      if (present !== undefined) {
        if (present.periodFrom === period.from && present.periodTo === period.to)
          return { period: present, isNew: false };
        throw overlapping(period, present);
      }
      return { period: await issue(tx, context, period), isNew: true };
    },
    context.ending,
  );
}

async function issue(tx: Transaction, context: Context, period: Period): Promise<BilledPeriod> {
  const last = await lastBilledPeriod(tx);
  const next = last && daysAfter(last.periodTo, 1);
  if (next !== undefined && next !== period.from) throw gap(period, next);
  const unclosed = await firstUnclosed(tx, period);
  if (unclosed !== undefined) throw notClosed(period, unclosed);
  const today = businessDateOf(context.clock(), context.zone);
  const { paymentTermDays } = await policyOn(tx, period.to);
  const dueOn = daysAfter(today > period.to ? today : period.to, paymentTermDays);
  await tuneBulk(tx);
  const numberBefore = (await nextNumber(tx, "bill")) - 1n;
  const bills = await insertBills(tx, { period, previousFrom: last?.periodFrom, dueOn, numberBefore });
  if (bills > 0) await takeNumbers(tx, "bill", bills);
  const billed = await insertPeriod(tx, period, dueOn, context.operator.name, context.clock());
  await recordAction(tx, context, {
    action: "merchant.bill",
    subjectKind: "billing_period",
    subject: periodText(period),
    details: { bills, closing: formatYuan(billed.closingFen), due_on: dueOn },
  });
  return billed;
}

const spanOf = ({ periodFrom, periodTo }: BilledPeriod): string => periodText({ from: periodFrom, to: periodTo });

const overlapping = (period: Period, present: BilledPeriod): AccrueError =>
  refusedError("period_overlaps", `${periodText(period)} has dates that ${spanOf(present)} billed already`, {
    hint: `periods follow each other; \`accrue merchant bills --period ${spanOf(present)}\` shows that one's bills`,
    details: { period: periodText(period), billed: spanOf(present) },
  });

const gap = (period: Period, next: BusinessDate): AccrueError =>
  refusedError(
    "period_gap",
    `${periodText(period)} does not follow what was billed last: the next bills begin with ${next}`,
    { hint: `bill from ${next} on first, so that nothing is left out`, details: { period: periodText(period), next } },
  );

const notClosed = (period: Period, date: BusinessDate): AccrueError =>
  refusedError(
    "period_not_closed",
    `${periodText(period)} cannot be billed yet: business date ${date} is not closed, and may take further entries`,
    {
      hint: "`accrue settle` closes dates that are over",
      details: { period: periodText(period), business_date: date },
    },
  );
