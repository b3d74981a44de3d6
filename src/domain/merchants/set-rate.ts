import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { reading, type Sql, type Transaction } from "../../db/database.ts";
import { rateBounds } from "../policies/model.ts";
import { policyOn } from "../policies/sql.ts";
import { isDateClosed, isDateClosedMeanwhile } from "../ledger/closed-dates-sql.ts";
import { businessDateOf, type BusinessDate } from "../../shared/business-date.ts";
import { formatRate, type Bps } from "../../shared/rates.ts";
import { merchantUnknown, rateInClosedDate, rateOutOfBounds } from "./merchant-errors.ts";
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
 * @throws a refusal: `merchant_unknown`, `rate_in_closed_date`, `rate_out_of_bounds`
 */
export async function planRate(context: Context, wanted: WantedRate): Promise<RateChange> {
  return reading(async () => {
    const { sql } = context.db;
    const change = await changeOf(context, sql, await findMerchant(sql, wanted.merchantCode), wanted);
    if (await isDateClosed(sql, change.effectiveFrom)) throw rateInClosedDate(change.effectiveFrom);
    await requireWithinBounds(context, sql, change);
    return change;
  });
}

/**
 * Sets a merchant's contribution rate from a business date on. It replaces a rate of the same date; the record keeps the
 * old one. A rate that is in force already is set all the same, so that the result does not depend on the order in which
 * two dates are set. Orders that were settled before keep the rates of their first settlement.
 *
 * @param proposalNo the proposal that it is applied of
 * @throws a refusal: `merchant_unknown`, `rate_in_closed_date`, `rate_out_of_bounds`
 */
export async function setRate(
  tx: Transaction,
  context: Context,
  wanted: Required<WantedRate>,
  proposalNo: string,
): Promise<RateChange> {
  const merchant = await lockMerchant(tx, wanted.merchantCode);
  const change = await changeOf(context, tx, merchant, wanted);
  const { merchantCode, effectiveFrom, contributionBps, was, isChanged } = change;
  if (await isDateClosedMeanwhile(tx, effectiveFrom)) throw rateInClosedDate(effectiveFrom);
  if (!isChanged) return change;
  await requireWithinBounds(context, tx, change);
  const [setBy, setAt] = [context.operator.name, context.clock()];
  await putRate(tx, merchant!.merchantId, { effectiveFrom, contributionBps, setBy, setAt }, proposalNo);
  await recordAction(tx, context, {
    action: "merchant.set-rate",
    subjectKind: "merchant",
    subject: merchantCode,
    details: { from: effectiveFrom, rate: ownRateText(contributionBps), was: ownRateText(was) },
  });
  return change;
}

/** A merchant's own rate in force on a date, and what is around it. */
export interface RateInForce extends Pick<RateChange, "was" | "platformBps" | "until"> {
  readonly name: string;
  /** The date from which it is in force; undefined for the platform's. */
  readonly since: BusinessDate | undefined;
}

/**
 * Reads which rate a merchant has on a date, locked until the transaction ends.
 *
 * @throws refused `merchant_unknown`
 */
export async function rateInForce(tx: Transaction, merchantCode: string, date: BusinessDate): Promise<RateInForce> {
  return rateOn(tx, merchantCode, await lockMerchant(tx, merchantCode), date);
}

async function rateOn(
  sql: Sql,
  merchantCode: string,
  merchant: MerchantRow | undefined,
  date: BusinessDate,
): Promise<RateInForce> {
  if (merchant === undefined) throw merchantUnknown(merchantCode);
  const rates = await ratesOf(sql, merchant.merchantId);
  const present = rates.findLast((rate) => rate.effectiveFrom <= date);
  return {
    name: merchant.name,
    was: present?.contributionBps ?? null,
    since: present?.effectiveFrom,
    until: rates.find((rate) => rate.effectiveFrom > date)?.effectiveFrom,
    platformBps: (await policyOn(sql, date)).contributionBps,
  };
}

async function changeOf(
  { clock, zone }: Context,
  sql: Sql,
  merchant: MerchantRow | undefined,
  wanted: WantedRate,
): Promise<RateChange> {
  const { merchantCode, contributionBps, from } = wanted;
  const effectiveFrom = from ?? businessDateOf(clock(), zone);
  const { name: merchantName, since, ...rates } = await rateOn(sql, merchantCode, merchant, effectiveFrom);
  const isChanged = rates.was !== contributionBps || since !== effectiveFrom;
  return { merchantCode, merchantName, effectiveFrom, contributionBps, ...rates, isChanged };
}

/** Refuses a rate that the policy does not let merchants have, of its date or of today where that is later. */
async function requireWithinBounds(
  { clock, zone }: Context,
  sql: Sql,
  { effectiveFrom, contributionBps }: RateChange,
): Promise<void> {
  if (contributionBps === null) return;
  const today = businessDateOf(clock(), zone);
  const bounds = rateBounds(await policyOn(sql, effectiveFrom > today ? effectiveFrom : today));
  if (contributionBps < bounds.least || contributionBps > bounds.most) throw rateOutOfBounds(contributionBps, bounds);
}

/** A merchant's own rate, in words that records and scripts read. */
export const ownRateText = (bps: Bps | null): string => (bps === null ? "platform" : formatRate(bps));
