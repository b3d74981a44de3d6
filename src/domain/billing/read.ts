import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { merchantUnknown } from "../merchants/merchant-errors.ts";
import { findMerchant } from "../merchants/sql.ts";
import { businessDateOf, type BusinessDate } from "../../shared/business-date.ts";
import type { Fen } from "../../shared/money.ts";
import { standingOf, type MerchantStanding } from "./account-sql.ts";
import { lastBilledPeriod } from "./issue-sql.ts";
import type { Period } from "./model.ts";
import { oneMore, pageOf, type Page, type PageQuery } from "../../shared/page.ts";
import {
  balanceBefore,
  billsOfMerchant,
  openByAge,
  selectBills,
  statementLines,
  type BillFilter,
  type OpenBill,
  type OpenByAge,
  type StatementLine,
} from "./read-sql.ts";

/** Lists bills in the order of their numbers, a page at a time, with what is open of each today. */
export async function listBills(
  { db, clock, zone }: Context,
  filter: BillFilter,
  query: PageQuery,
): Promise<Page<OpenBill>> {
  const today = businessDateOf(clock(), zone);
  return pageOf(
    await reading(() => selectBills(db.sql, filter, oneMore(query), today)),
    query.limit,
    ({ billNo }) => billNo,
  );
}

/** What is open of all bills today, by how long it is overdue. */
export const openBillsByAge = ({ db, clock, zone }: Context): Promise<readonly OpenByAge[]> =>
  reading(() => openByAge(db.sql, businessDateOf(clock(), zone)));

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
 * Tells one merchant's story: what it contributed by date and rate, what it paid, its bills and what is open of each.
 * Contributions are shown once their date is closed.
 *
 * @param from the first date; the beginning of the last billed period, or of everything, when not given
 * @param to the last date; today when not given
 * @throws refused `merchant_unknown`
 */
export async function merchantStatement(
  { db, clock, zone }: Context,
  merchantCode: string,
  { from, to }: Partial<Period>,
): Promise<MerchantStatement> {
  const today = businessDateOf(clock(), zone);
  return reading(() =>
    db.sql.begin("isolation level repeatable read read only", async (sql) => {
      const merchant = await findMerchant(sql, merchantCode);
      if (merchant === undefined) throw merchantUnknown(merchantCode);
      const { merchantId } = merchant;
      const period = { from: from ?? (await lastBilledPeriod(sql))?.periodFrom ?? beginning, to: to ?? today };
      const openingFen = await balanceBefore(sql, merchantId, period.from);
      const lines = await statementLines(sql, merchantId, period, openingFen);
      return {
        merchantCode,
        merchantName: merchant.name,
        period,
        openingFen,
        lines,
        closingFen: lines.at(-1)?.balanceFen ?? openingFen,
        bills: await billsOfMerchant(sql, merchantId, period, today),
        standing: await standingOf(sql, merchantId),
      };
    }),
  );
}
