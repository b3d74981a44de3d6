import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { merchantUnknown } from "../merchants/merchant-errors.ts";
import { findMerchant } from "../merchants/sql.ts";
import { businessDateOf, type BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import { standingOf, type MerchantStanding } from "./account-sql.ts";
import { lastBilledPeriod } from "./issue-sql.ts";
import type { Period } from "./model.ts";
import { balanceBefore, billsOfMerchant, openByAge, selectBills, statementLines, type BillFilter, type OpenBill, type OpenByAge, type StatementLine } from "./read-sql.ts";

/** One page of bills, with what is open of all bills by age; and the key that the next page starts after, if there is one. */
export interface BillPage {
  readonly bills: readonly OpenBill[];
  readonly ageing: readonly OpenByAge[];
  readonly nextAfter: string | undefined;
}

/** Lists bills in the order of their numbers, a page at a time, with what is open of each today. */
export async function listBills(
  { db, clock, zone }: Context, filter: BillFilter, page: { readonly after?: string | undefined; readonly limit: number },
): Promise<BillPage> {
  const today = businessDateOf(clock(), zone);
  const [found, ageing] = await reading(async () =>
    [await selectBills(db.sql, filter, { ...page, limit: page.limit + 1 }, today), await openByAge(db.sql, today)] as const);
  const bills = found.slice(0, page.limit);
  return { bills, ageing, nextAfter: found.length > page.limit ? bills.at(-1)?.billNo : undefined };
}

/** What was booked for a merchant over a span, and what it stands at now. */
export interface MerchantStatement {
  readonly merchantCode: string;
  readonly merchantName: string;
  readonly period: Period;
  readonly openingFen: Fen;
  readonly lines: readonly StatementLine[];
  readonly closingFen: Fen;
  readonly bills: readonly OpenBill[];
  readonly standing: MerchantStanding;
}

/** Before every date that anything was booked on. */
const beginning: BusinessDate = "0001-01-01";

/**
 * Tells one merchant's story: what it contributed by date and rate, what it paid, its bills and what is open of each. Contributions are
 * told once their date is closed.
 *
 * @param from the first date; the beginning of the last billed period, or of everything, when not given
 * @param to the last date; today when not given
 * @throws refused `merchant_unknown`
 */
export async function merchantStatement({ db, clock, zone }: Context, merchantCode: string, { from, to }: Partial<Period>): Promise<MerchantStatement> {
  const today = businessDateOf(clock(), zone);
  return reading(() => db.sql.begin("isolation level repeatable read read only", async (sql) => {
    const merchant = await findMerchant(sql, merchantCode);
    if (merchant === undefined) throw merchantUnknown(merchantCode);
    const { merchantId } = merchant;
    const period = { from: from ?? (await lastBilledPeriod(sql))?.periodFrom ?? beginning, to: to ?? today };
    const openingFen = await balanceBefore(sql, merchantId, period.from);
    const lines = await statementLines(sql, merchantId, period, openingFen);
    return {
      merchantCode, merchantName: merchant.name, period, openingFen, lines, closingFen: lines.at(-1)?.balanceFen ?? openingFen,
      bills: await billsOfMerchant(sql, merchantId, period, today), standing: await standingOf(sql, merchantId),
    };
  }));
}
