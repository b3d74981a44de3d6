import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import { selectPayments, type ListedPayment, type PaymentFilter, type PaymentKey } from "./read-sql.ts";

/** Lists payments that channels show by their numbers, with what they say of orders, a page at a time. */
export async function listEvidence(
  { db, zone }: Pick<Context, "db" | "zone">,
  filter: PaymentFilter,
  query: PageQuery<PaymentKey>,
): Promise<Page<ListedPayment, PaymentKey>> {
  return pageOf(
    await reading(() => selectPayments(db.sql, filter, oneMore(query), zone)),
    query.limit,
    ({ paymentNo, channel }) => ({ paymentNo, channel }),
  );
}
