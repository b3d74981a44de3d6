import { actionsOf, type RecordedAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { lacksEvidence } from "../evidence/verdict-sql.ts";
import { policyOn } from "../policies/sql.ts";
import { businessDateOf } from "../../shared/business-date.ts";
import type { Bps } from "../../shared/rates.ts";
import { merchantUnknown } from "./merchant-errors.ts";
import {
  countOrders,
  countProducts,
  findMerchant,
  ratesOf,
  type MerchantRow,
  type OrderTotals,
  type RateRow,
} from "./sql.ts";

/** Everything about one merchant. `ownBps` is null where the platform's rate is in force today. */
export interface MerchantStory {
  readonly merchant: MerchantRow;
  readonly platformBps: Bps;
  readonly ownBps: Bps | null;
  readonly rates: readonly RateRow[];
  readonly products: number;
  readonly orders: OrderTotals | undefined;
  readonly actions: readonly RecordedAction[];
}

/**
 * Reads everything about one merchant: facts, today's rate, its own rates, products, and the actions of operators.
 *
 * @param withOrders also counts the merchant's orders, which reads all orders of the platform
 * @throws a refusal, `merchant_unknown`
 */
export async function showMerchant(
  context: Context,
  merchantCode: string,
  withOrders: boolean,
): Promise<MerchantStory> {
  const today = businessDateOf(context.clock(), context.zone);
  return reading(async () => {
    const { sql } = context.db;
    const merchant = await findMerchant(sql, merchantCode);
    if (merchant === undefined) throw merchantUnknown(merchantCode);
    const [rates, policy, products, orders, actions] = await Promise.all([
      ratesOf(sql, merchant.merchantId),
      policyOn(sql, today),
      countProducts(sql, merchant.merchantId),
      withOrders ? countOrders(sql, merchant.merchantId, lacksEvidence(sql)) : undefined,
      actionsOf(context, "merchant", merchantCode),
    ]);
    const ownBps = rates.findLast(({ effectiveFrom }) => effectiveFrom <= today)?.contributionBps ?? null;
    return { merchant, platformBps: policy.contributionBps, ownBps, rates, products, orders, actions };
  });
}
