import type { Context } from "../../src/db/context.ts";
import { applyRatePlan, planRate, type RateChange } from "../../src/domain/merchants/set-rate.ts";

/** Sets a merchant's rate from a date on, with nobody who is asked; null is the platform's. */
export async function setRate(
  context: Context,
  merchantCode: string,
  contributionBps: number | null,
  from: string,
): Promise<RateChange> {
  return applyRatePlan(context, await planRate(context, { merchantCode, contributionBps, from }));
}
