import {
  ageingBuckets,
  periodText,
  readPeriod,
  type AgeingBucket,
  type BillAmounts,
  type Period,
} from "../../../domain/billing/model.ts";
import type { OpenBill } from "../../../domain/billing/read-sql.ts";
import { usageError } from "../../../shared/errors.ts";
import { formatYuan, type Fen } from "../../../shared/money.ts";
import { documentOf, factsOf, id, yuan, type Fields, type Thing } from "../../fields.ts";

/**
 * Reads `--period`.
 *
 * @throws a usage error `invalid_period`
 */
export function readPeriodFlag(text: string): Period {
  const period = readPeriod(text);
  if (period !== undefined) return period;
  throw usageError("invalid_period", `--period ${text}: no period`, {
    hint: "write a month like 2026-01, or two dates like 2026-01-01..2026-01-15",
  });
}

const inYuan = (fen: Fen): string => `${formatYuan(fen)} yuan`;

const amountFields: Fields<BillAmounts> = {
  opening: yuan((one) => one.openingFen, { label: "balance before" }),
  contributed: yuan((one) => one.contributedFen, { label: "contributions" }),
  clawed_back: yuan((one) => one.clawedBackFen),
  collected: yuan((one) => one.collectedFen),
  adjusted: yuan((one) => one.adjustedFen, {
    fact: (one) => (one.adjustedFen === 0n ? undefined : formatYuan(one.adjustedFen)),
  }),
  closing: yuan((one) => one.closingFen, {
    heading: "balance",
    label: "balance after",
    fact: (one) => inYuan(one.closingFen),
  }),
};

/** What bills come to. */
const amounts: Thing<BillAmounts> = { fields: amountFields, facts: Object.keys(amountFields) };

/** What bills come to, as JSON has it: yuan. */
export const amountDocument = (one: BillAmounts) => documentOf(amounts, one);

/** The same for a page. */
export const amountFacts = (one: BillAmounts) => factsOf(amounts, one, "");

/** How long something has been open, in words. */
export const ageText = (bucket: AgeingBucket | null): string =>
  ageingBuckets.find((one) => one.bucket === bucket)?.label ?? "paid";

/** A bill, what is open of it, and how long that is overdue. */
export const bill: Thing<OpenBill> = {
  fields: {
    bill_no: id((one) => one.billNo, { heading: "bill" }),
    merchant_code: { of: (one) => one.merchantCode, isId: true, heading: "merchant" },
    merchant_name: { of: (one) => one.merchantName, heading: "name", rank: 2 },
    period_from: {
      of: (one) => one.periodFrom,
      text: ({ periodFrom: from, periodTo: to }) => periodText({ from, to }),
      heading: "period",
    },
    period_to: { of: (one) => one.periodTo },
    due_on: { of: (one) => one.dueOn },
    ...amountFields,
    open: yuan((one) => one.openFen),
    overdue: { of: (one) => one.bucket, text: (one) => ageText(one.bucket) },
  },
  columns: ["bill_no", "merchant_code", "merchant_name", "period_from", "due_on", "closing", "open", "overdue"],
};
