import type { Context } from "../../../src/db/context.ts";
import { addMoneyAccount } from "../../../src/domain/money-accounts/add.ts";
import { confirmCollections } from "../../../src/domain/collections/decide.ts";
import { recordCollection, type CollectionInput } from "../../../src/domain/collections/record.ts";
import { importOrders } from "../../support/imports.ts";
import { contextOf } from "../../support/money/ground.ts";
import type { TestDatabase } from "../../support/database.ts";
import { noonOf, settleOn } from "../night/scene.ts";
import { orderFile, peopleIn } from "../orders/scene.ts";

/** Somebody at work at noon of a date. */
export const at = (on: TestDatabase, date: string, operator = "amy"): Context =>
  contextOf(on.db, operator, `${date}T12:00:00+08:00`);

/** A paid order of a merchant's: of 100.00 yuan it contributes 30.00. */
export const sold = (orderNo: string, merchantCode: string, date: string, amount = "100.00", refunded = ""): string =>
  `${orderNo},M1,${merchantCode},${amount},paid,${date} 10:00:00,${refunded},,`;

/** Takes orders in on the day after a date, and settles everything up to it. */
export async function day(on: TestDatabase, date: string, orders: readonly string[]): Promise<void> {
  const next = nextDay(date);
  if (orders.length > 0) await importOrders(at(on, next), { input: { path: orderFile(orders) }, force: true });
  await settleOn(on, {}, { clock: noonOf(next) });
}

const nextDay = (date: string): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);

/** People, merchants, one account of the platform's, and two closed days at the end of February 2026. */
export async function endOfFebruary(on: TestDatabase): Promise<void> {
  await peopleIn(on, ["M1"]);
  await addMoneyAccount(at(on, "2026-02-01"), "icbc-8812", "bank");
  await day(on, "2026-02-27", [sold("A1", "S1", "2026-02-27", "1000.00"), sold("A2", "S2", "2026-02-27", "200.00")]);
  await day(on, "2026-02-28", [
    sold("B1", "S1", "2026-02-28", "500.00"),
    sold("A1", "S1", "2026-02-27", "1000.00", "100.00"),
  ]);
}

/**
 * Money of a merchant's, recorded by one operator and confirmed by another, on a date. Gives the collection's number.
 */
export async function pay(
  on: TestDatabase,
  date: string,
  merchantCode: string,
  amountFen: bigint,
  more: Partial<CollectionInput> = {},
): Promise<string> {
  const { count } = await on.db.sql`SELECT FROM collections`;
  const input = { merchantCode, amountFen, receivedOn: date, reference: `R${count + 1}`, proof: "slip", ...more };
  const { collection } = await recordCollection(at(on, date, "amy"), input);
  await confirmCollections(at(on, date, "bob"), [collection.collectionNo]);
  return collection.collectionNo;
}
