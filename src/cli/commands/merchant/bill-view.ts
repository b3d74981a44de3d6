import { readPeriod, type BillAmounts, type Period } from "../../../domain/billing/model.ts";
import type { OpenBill } from "../../../domain/billing/read-sql.ts";
import { usageError } from "../../../shared/errors.ts";
import { formatYuan } from "../../../shared/money.ts";

/**
 * Reads `--period`.
 *
 * @throws a usage error `invalid_period`
 */
export function readPeriodFlag(text: string): Period {
  const period = readPeriod(text);
  if (period !== undefined) return period;
  throw usageError("invalid_period", `--period ${text}: no period`, { hint: "write a month like 2026-01, or two dates like 2026-01-01..2026-01-15" });
}

/** What bills come to, as JSON has it: yuan. */
export const amountDocument = (amounts: BillAmounts) => ({
  opening: formatYuan(amounts.openingFen), contributed: formatYuan(amounts.contributedFen), clawed_back: formatYuan(amounts.clawedBackFen),
  collected: formatYuan(amounts.collectedFen), adjusted: formatYuan(amounts.adjustedFen), closing: formatYuan(amounts.closingFen),
});

/** The same for a page. */
export const amountFacts = (amounts: BillAmounts): readonly (readonly [string, string | undefined])[] => [
  ["balance before", formatYuan(amounts.openingFen)], ["contributions", formatYuan(amounts.contributedFen)], ["clawed back", formatYuan(amounts.clawedBackFen)],
  ["collected", formatYuan(amounts.collectedFen)], ["adjusted", amounts.adjustedFen === 0n ? undefined : formatYuan(amounts.adjustedFen)],
  ["balance after", `${formatYuan(amounts.closingFen)} yuan`],
];

/** A bill as JSON has it. */
export const billDocument = (bill: OpenBill) => ({
  bill_no: bill.billNo, merchant_code: bill.merchantCode, merchant_name: bill.merchantName, period_from: bill.periodFrom, period_to: bill.periodTo,
  due_on: bill.dueOn, ...amountDocument(bill), open: formatYuan(bill.openFen), overdue: bill.bucket,
});
