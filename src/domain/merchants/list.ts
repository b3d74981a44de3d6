import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { policyOn } from "../policies/sql.ts";
import { businessDateOf } from "../../shared/business-date.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import type { Bps } from "../../shared/rates.ts";
import { selectMerchants, type ListedMerchant, type MerchantFilter } from "./sql.ts";

/** A merchant of a list, with the platform's rate of today: the one in force where it has none of its own. */
export type RatedMerchant = ListedMerchant & { readonly platformBps: Bps };

/** Lists merchants by code, a page at a time, with the contribution rates in force today. */
export async function listMerchants(
  context: Context,
  filter: MerchantFilter,
  query: PageQuery,
): Promise<Page<RatedMerchant>> {
  const today = businessDateOf(context.clock(), context.zone);
  return reading(async () => {
    const { sql } = context.db;
    const { rows, next } = pageOf(
      await selectMerchants(sql, filter, oneMore(query), today),
      query.limit,
      ({ merchantCode }) => merchantCode,
    );
    const { contributionBps: platformBps } = await policyOn(sql, today);
    return { rows: rows.map((one) => Object.assign({}, one, { platformBps })), next };
  });
}
