import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../../../src/db/context.ts";
import { connect, inTransaction } from "../../../src/db/database.ts";
import { targetFromUrl } from "../../../src/db/url.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { archiveHistory } from "../../../src/history/archive.ts";
import { verify } from "../../../src/verification/verify.ts";
import type { TestDatabase } from "../../support/database.ts";
import { verifyEverybody } from "../../support/money/people.ts";
import { scratchDirectory } from "../../support/files.ts";
import { Inbox, noonOf, settleOn } from "../night/scene.ts";
import { peopleIn } from "../orders/scene.ts";

/** From here on ids go into the second partition. */
export const secondPartition = 16_000_000;

const order = (no: string, member: string, merchant: string, amount: string, date: string, more = "paid") => {
  const [status, refunded = ""] = more.split(" ");
  return `${no},${member},${merchant},${amount},${status},${status === "pending" ? "" : `${date} 10:00:00`},${refunded},,`;
};

/** The orders of the first two nights, and what becomes of them later. */
export const olderOrders = [
  order("A1", "M1", "S1", "500.00", "2026-02-01"),
  order("A2", "M1", "S2", "300.00", "2026-02-01"),
  order("A3", "M2", "S1", "90.00", "2026-02-02"),
  order("A4", "M3", "S2", "1.00", "2026-02-02"),
  order("A5", "M2", "S2", "70.00", "2026-02-01", "pending"),
];
export const refundOfA2 = order("A2", "M1", "S2", "300.00", "2026-02-01", "paid 120.00");
export const laterOrders = [
  order("B1", "M1", "S1", "200.00", "2026-02-20"),
  order("B2", "M3", "S1", "40.00", "2026-02-20"),
];

/** Settles what lies in a new inbox, at noon of a date; by sessions of its own, for each keeps some ids for itself. */
export async function night(on: TestDatabase, date: string, file: string, rows: readonly string[]): Promise<void> {
  const inbox = new Inbox();
  inbox.orders(file, rows);
  const db = connect(targetFromUrl(on.url)!);
  await settleOn(on, { inbox: inbox.path }, { db, clock: noonOf(date) }).finally(() => db.close());
}

/**
 * Three nights of February 2026: orders of its first days with ids of the first partition, one of them refunded later,
 * one not paid yet; 50 points of M1 asked for and approved; then orders of the 20th with ids of the second partition.
 */
export async function threeNights(on: TestDatabase): Promise<void> {
  await peopleIn(on);
  await inTransaction(on.db, verifyEverybody);
  await night(on, "2026-02-03", "a.csv", olderOrders);
  await night(on, "2026-02-10", "refund.csv", [refundOfA2]);
  const { withdrawalNo } = await requestWithdrawal(by(on, "alice", "2026-02-10"), { memberNo: "M1", points: 50n });
  await decideWithdrawals(by(on, "bob", "2026-02-12"), { name: "approve", withdrawalNos: [withdrawalNo] });
  await inTransaction(on.db, (tx) => tx`SELECT setval('id_seq', ${secondPartition})`);
  await night(on, "2026-02-21", "b.csv", laterOrders);
}

export const by = (on: TestDatabase, name: string, date: string): Context =>
  on.context({ operator: { ...on.context().operator, name }, clock: noonOf(date) });

export const someDirectory = (): string => mkdtempSync(join(scratchDirectory(), "archives-"));

/** Archives what is over before 20 February. */
export const archiveFebruary = (on: TestDatabase, directory: string, overrides: Partial<Context> = {}) =>
  archiveHistory(on.context({ clock: noonOf("2026-02-22"), ...overrides }), { before: "2026-02-20", directory });

/** The names of the checks that do not hold. */
export const wrongChecks = async (on: TestDatabase): Promise<readonly string[]> =>
  (await verify(on.context({ clock: noonOf("2026-02-22") }))).checks.filter(({ ok }) => !ok).map(({ name }) => name);
