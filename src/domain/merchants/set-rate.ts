import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, reading, type Sql } from "../../db/database.ts";
import { policyOn } from "../policies/sql.ts";
import { isDateClosed, isDateClosedMeanwhile } from "../ledger/closed-dates-sql.ts";
import { businessDateOf, type BusinessDate } from "../../shared/business-date.ts";
import { refusedError } from "../../shared/errors.ts";
import { formatRate, type Bps } from "../../shared/rates.ts";
import { merchantUnknown, rateInClosedDate } from "./merchant-errors.ts";
import { findMerchant, lockMerchant, putRate, ratesOf, type MerchantRow } from "./sql.ts";

/** A merchant's new rate from a business date on; null for the platform's rate of each day. */
export interface WantedRate {
  readonly merchantCode: string;
  readonly contributionBps: Bps | null;
  /** Today, when not given. */
  readonly from?: BusinessDate | undefined;
}

/** The effect of setting a merchant's rate. */
export interface RateChange {
  readonly merchantCode: string;
  readonly merchantName: string;
  readonly effectiveFrom: BusinessDate;
  readonly contributionBps: Bps | null;
  /** Its own rate in force on that date before; null where that is the platform's. */
  readonly was: Bps | null;
  /** The platform's rate on that date. */
  readonly platformBps: Bps;
  /** The date from which a later rate is in force, if one is set. */
  readonly until: BusinessDate | undefined;
  /** False when the same rate is set for the same date already. */
  readonly isChanged: boolean;
}

/**
 * Plans the setting of a merchant's rate; changes nothing.
 *
 * @throws a refusal: `merchant_unknown`, `rate_in_closed_date`
 */
export async function planRate(context: Context, wanted: WantedRate): Promise<RateChange> {
  return reading(async () => {
    const { sql } = context.db;
    const change = await changeOf(context, sql, await findMerchant(sql, wanted.merchantCode), wanted);
    if (await isDateClosed(sql, change.effectiveFrom)) throw rateInClosedDate(change.effectiveFrom);
    return change;
  });
}

/**
 * Sets a merchant's contribution rate from a business date on, exactly as planned. It replaces a rate of the same date;
 * the record keeps the old one. A rate that is in force already is set all the same, so that the result does not depend
 * on the order in which two dates are set. Orders that were settled before keep the rates of their first settlement.
 *
 * @throws a refusal: `rate_plan_stale`, when somebody set another rate for that date since the plan was made;
 *   `rate_in_closed_date`
 */
export async function applyRatePlan(context: Context, seen: RateChange): Promise<RateChange> {
  const { merchantCode, effectiveFrom, contributionBps } = seen;
  return inTransaction(
    context.db,
    async (tx) => {
      const merchant = await lockMerchant(tx, merchantCode);
      if (await isDateClosedMeanwhile(tx, effectiveFrom)) throw rateInClosedDate(effectiveFrom);
      const present = await changeOf(context, tx, merchant, { merchantCode, contributionBps, from: effectiveFrom });
      if (present.was !== seen.was || present.until !== seen.until) throw planStale(merchantCode);
      if (!present.isChanged) return present;
      await putRate(tx, merchant!.merchantId, {
        effectiveFrom,
        contributionBps,
        setBy: context.operator.name,
        setAt: context.clock(),
      });
      await recordAction(tx, context, {
        action: "merchant.set-rate",
        subjectKind: "merchant",
        subject: merchantCode,
        details: { from: effectiveFrom, rate: rateText(contributionBps), was: rateText(present.was) },
      });
      return present;
    },
    context.ending,
  );
}

async function changeOf(
  { clock, zone }: Context,
  sql: Sql,
  merchant: MerchantRow | undefined,
  wanted: WantedRate,
): Promise<RateChange> {
  const { merchantCode, contributionBps, from } = wanted;
  if (merchant === undefined) throw merchantUnknown(merchantCode);
  const effectiveFrom = from ?? businessDateOf(clock(), zone);
  const rates = await ratesOf(sql, merchant.merchantId);
  const present = rates.findLast((rate) => rate.effectiveFrom <= effectiveFrom);
  const was = present?.contributionBps ?? null;
  const until = rates.find((rate) => rate.effectiveFrom > effectiveFrom)?.effectiveFrom;
  const { contributionBps: platformBps } = await policyOn(sql, effectiveFrom);
  const isChanged = was !== contributionBps || present?.effectiveFrom !== effectiveFrom;
  return {
    merchantCode,
    merchantName: merchant.name,
    effectiveFrom,
    contributionBps,
    was,
    platformBps,
    until,
    isChanged,
  };
}

const rateText = (bps: Bps | null): string => (bps === null ? "platform" : formatRate(bps));

const planStale = (merchantCode: string) =>
  refusedError("rate_plan_stale", `somebody set another rate of merchant ${merchantCode} since this change was shown`, {
    hint: `nothing was changed; look at \`accrue merchant show ${merchantCode}\` and decide again`,
    details: { merchant_code: merchantCode },
  });
