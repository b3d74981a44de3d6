import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { policyOn } from "../policies/sql.ts";
import { businessDateOf } from "../../shared/business-date.ts";
import type { Bps } from "../../shared/rates.ts";
import { selectMerchants, type ListedMerchant, type MerchantFilter } from "./sql.ts";

/** A page of merchants with today's rates; `next` is the code to continue after, when there are more. */
export interface MerchantPage {
  readonly merchants: readonly ListedMerchant[];
  readonly platformBps: Bps;
  readonly next?: string;
}

/** Lists merchants by code, a page at a time, with the contribution rates in force today. */
export async function listMerchants(
  context: Context,
  filter: MerchantFilter,
  page: { readonly after?: string | undefined; readonly limit: number },
): Promise<MerchantPage> {
  const today = businessDateOf(context.clock(), context.zone);
  return reading(async () => {
    const { sql } = context.db;
    const rows = await selectMerchants(sql, filter, { ...page, limit: page.limit + 1 }, today);
    const { contributionBps: platformBps } = await policyOn(sql, today);
    if (rows.length <= page.limit) return { merchants: rows, platformBps };
    const merchants = rows.slice(0, page.limit);
    return { merchants, platformBps, next: merchants.at(-1)!.merchantCode };
  });
}
