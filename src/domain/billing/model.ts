import { daysAfter, isBusinessDate, type BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";

/** A span of business dates, both ends included. */
export interface Period {
  readonly from: BusinessDate;
  readonly to: BusinessDate;
}

/**
 * Reads a period: a month, `2026-01`, or two dates, `2026-01-01..2026-01-15`.
 *
 * @returns undefined when the text is neither
 */
export function readPeriod(text: string): Period | undefined {
  if (isBusinessDate(`${text}-01`)) return monthOf(`${text}-01`);
  const [from = "", to = "", ...more] = text.split("..");
  return more.length === 0 && isBusinessDate(from) && isBusinessDate(to) && from <= to ? { from, to } : undefined;
}

/** The calendar month that a date is in. */
export function monthOf(date: BusinessDate): Period {
  const from = `${date.slice(0, 8)}01`;
  return { from, to: daysAfter(`${daysAfter(from, 31).slice(0, 8)}01`, -1) };
}

/** A month as `2026-01`, any other period by its two dates. */
export function periodText({ from, to }: Period): string {
  const month = monthOf(from);
  return month.from === from && month.to === to ? from.slice(0, 7) : `${from}..${to}`;
}

/**
 * What a bill, or all bills of a period, come to, in fen: closing = opening + contributed + clawed back - collected +
 * adjusted. A balance below zero is a prepayment.
 */
export interface BillAmounts {
  readonly openingFen: Fen;
  readonly contributedFen: Fen;
  /** Zero or below. */
  readonly clawedBackFen: Fen;
  readonly collectedFen: Fen;
  readonly adjustedFen: Fen;
  readonly closingFen: Fen;
}

/** How long what is open of a bill is overdue, by the last day of each range. */
export const ageingBuckets = [
  { bucket: "not_due", label: "not due", lastDay: 0 },
  { bucket: "1_7", label: "1-7 days", lastDay: 7 },
  { bucket: "8_30", label: "8-30 days", lastDay: 30 },
  { bucket: "31_90", label: "31-90 days", lastDay: 90 },
  { bucket: "over_90", label: "over 90 days", lastDay: Number.POSITIVE_INFINITY },
] as const;

export type AgeingBucket = (typeof ageingBuckets)[number]["bucket"];
