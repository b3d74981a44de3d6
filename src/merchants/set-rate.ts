import { recordAction } from "../db/audit.ts";
import type { Context } from "../db/context.ts";
import { inTransaction, type Ending } from "../db/database.ts";
import { businessDateOf, type BusinessDate } from "../shared/business-date.ts";
import { formatRate, type Bps } from "../shared/rates.ts";
import { merchantUnknown } from "./merchant-errors.ts";
import { lockMerchant, putRate, ratesOf } from "./sql.ts";

/** What became of a merchant's rate. `was` is its own rate in force on that date before, undefined when it had none. */
export interface RateChange {
  readonly merchantCode: string;
  readonly effectiveFrom: BusinessDate;
  readonly contributionBps: Bps;
  readonly was: Bps | undefined;
  /** Until when: the date from which a later rate, set before, takes over. */
  readonly until: BusinessDate | undefined;
  readonly isChanged: boolean;
}

/**
 * Sets a merchant's own contribution rate from a business date on (today, when not given). A rate that started on the
 * same date is replaced, and the record keeps the old one. What was granted before is never touched: an order keeps the
 * rates of its first grant.
 *
 * @throws a refusal, `merchant_unknown`
 */
export async function setRate(
  context: Context,
  merchantCode: string,
  contributionBps: Bps,
  from: BusinessDate | undefined,
  ending: Ending,
): Promise<RateChange> {
  const now = context.clock();
  const effectiveFrom = from ?? businessDateOf(now, context.zone);
  return inTransaction(context.db.sql, async (tx) => {
    const merchant = await lockMerchant(tx, merchantCode);
    if (merchant === undefined) throw merchantUnknown(merchantCode);
    const rates = await ratesOf(tx, merchant.merchantId);
    const was = rates.findLast((rate) => rate.effectiveFrom <= effectiveFrom)?.contributionBps;
    const until = rates.find((rate) => rate.effectiveFrom > effectiveFrom)?.effectiveFrom;
    const change = { merchantCode, effectiveFrom, contributionBps, was, until };
    if (was === contributionBps) return { ...change, isChanged: false };
    await putRate(tx, merchant.merchantId, { effectiveFrom, contributionBps, setBy: context.operator.name, setAt: now });
    await recordAction(tx, context, {
      action: "merchant.set-rate", subjectKind: "merchant", subject: merchantCode,
      details: { from: effectiveFrom, rate: formatRate(contributionBps), was: was === undefined ? "platform" : formatRate(was) },
    });
    return { ...change, isChanged: true };
  }, ending);
}
