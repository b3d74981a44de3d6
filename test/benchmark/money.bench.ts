import { chmodSync } from "node:fs";
import { join } from "node:path";
import { inject, test } from "vitest";
import type postgres from "postgres";
import { daysAfter } from "../../src/shared/business-date.ts";
import { createDatabase, dropDatabases, onDatabase } from "../support/admin.ts";
import { expectPayouts, payingAccount, writeStatement } from "./expected-payouts.ts";
import { timed, timedProgram, type Measured } from "./measure.ts";
import { addOlderOrders } from "./older-orders.ts";
import { businessDate, populate, recordOf, writeOrders } from "./scene.ts";
import { timedSettlement } from "./settlement.ts";
import { checkpoint, comparison, onPlain, Pairs } from "./side-by-side.ts";

const orders = Number(process.env["ORDERS"] ?? 1_000_000);
const older = Number(process.env["OLDER"] ?? 1_000_000);
const merchants = Number(process.env["MERCHANTS"] ?? 60_000);
const lines = Number(process.env["LINES"] ?? Math.round(orders / 20));
const rounds = Number(process.env["ROUNDS"] ?? 3);
const members = Math.max(1000, orders / 2);

const { url, template } = inject("testServer");
const directory = inject("scratch");
const [orderFile, statementFile] = [join(directory, "orders.csv"), join(directory, "statement.csv")];
const scene = `${template}_money`;
const [ours, theirs] = [`${scene}_one`, `${scene}_other`];
const [yearBefore, dayBefore] = [daysAfter(businessDate, -365), daysAfter(businessDate, -1)];

/** Merchants whose orders of a year were granted and closed, and nothing of it billed; payouts that were sent. */
async function populateMoney(sql: postgres.Sql): Promise<void> {
  await populate(sql, members, merchants);
  await addOlderOrders(sql, { orders: older, members, merchants });
  await sql.begin((tx) => expectPayouts(tx as unknown as postgres.Sql, lines, dayBefore));
  await sql.unsafe(recordOf("payout.export", "payout_batch", "'P00000001'", "now()"));
}

/**
 * The bills of the year, and their period, as a few statements write them.
 *
 * @param contributions a query for merchant_id, contributed_fen and clawed_back_fen
 */
const billsByHand =
  (contributions: string) =>
  (sql: postgres.Sql): Promise<void> =>
    sql.begin(async (tx) => {
      await tx.unsafe(`
        SET LOCAL work_mem = '64MB';
        SET LOCAL jit = off;
        INSERT INTO merchant_bills (bill_no, merchant_id, period_from, period_to, due_on, opening_fen, contributed_fen, clawed_back_fen, collected_fen, adjusted_fen, closing_fen)
          SELECT 'B' || lpad((row_number() OVER (ORDER BY merchant_code))::text, 8, '0'), merchant_id, '${yearBefore}', '${dayBefore}', current_date + 15,
            0, contributed_fen, clawed_back_fen, 0, 0, contributed_fen + clawed_back_fen
          FROM (SELECT merchant_id, sum(contributed_fen)::bigint AS contributed_fen, sum(clawed_back_fen)::bigint AS clawed_back_fen
            FROM (${contributions}) c GROUP BY merchant_id) m
          JOIN merchants USING (merchant_id) ORDER BY merchant_code;
        INSERT INTO billing_periods (period_from, period_to, due_on, bills, opening_fen, contributed_fen, clawed_back_fen, collected_fen, adjusted_fen, closing_fen, issued_by, issued_at)
          SELECT '${yearBefore}', '${dayBefore}', current_date + 15, count(*), 0, sum(contributed_fen), sum(clawed_back_fen), 0, 0, sum(closing_fen), 'hand', now() FROM merchant_bills;
        UPDATE number_counters SET last = (SELECT count(*) FROM merchant_bills) WHERE kind = 'bill'`);
    }) as Promise<unknown> as Promise<void>;

const ofClosedDates = `SELECT merchant_id, contributed_fen, clawed_back_fen FROM merchant_contributions WHERE business_date BETWEEN '${yearBefore}' AND '${dayBefore}'`;
const ofEntries = `
  SELECT o.merchant_id, greatest(e.contribution_fen, 0) AS contributed_fen, least(e.contribution_fen, 0) AS clawed_back_fen
  FROM points_entries e JOIN orders o ON o.member_id = e.member_id AND o.order_id = e.ref_id
  WHERE e.business_date BETWEEN '${yearBefore}' AND '${dayBefore}'`;

async function billedByHand(contributions: string): Promise<Measured> {
  await createDatabase(url, theirs, scene);
  await checkpoint(url);
  const taken = await timed(() => onPlain(onDatabase(url, theirs), billsByHand(contributions)));
  await dropDatabases(url, [theirs]);
  return taken;
}

/** A night from an inbox of its own; with money, it takes in a statement, matches its lines, and bills. */
async function night(hasMoney: boolean): Promise<Measured> {
  await createDatabase(url, ours, scene);
  if (hasMoney)
    await onPlain(
      onDatabase(url, ours),
      async (sql) =>
        void (await sql.unsafe("SET session_replication_role = replica; UPDATE policies SET billing = 'monthly'")),
    );
  const taken = await timedSettlement(onDatabase(url, ours), {
    [orderFile]: "orders",
    ...(hasMoney ? { [statementFile]: `statements/${payingAccount}` } : {}),
  });
  await onPlain(onDatabase(url, ours), async (sql) => {
    const [done] =
      await sql`SELECT (SELECT count(*)::integer FROM merchant_bills) AS bills, (SELECT count(*)::integer FROM line_matches) AS matches`;
    if (done!["bills"] > 0 !== hasMoney || done!["matches"] !== (hasMoney ? lines : 0))
      throw new Error(`the night wrote ${String(done!["bills"])} bills and ${String(done!["matches"])} matches`);
  });
  await dropDatabases(url, [ours]);
  return taken;
}

test(`bills of ${merchants} merchants, and a night of ${orders} orders with billing and reconciling`, async () => {
  writeOrders(orderFile, orders, members, merchants);
  writeStatement(statementFile, lines, businessDate);
  chmodSync(directory, 0o777);
  await createDatabase(url, scene, template);
  await onPlain(onDatabase(url, scene), populateMoney);
  const bills = { contributions: new Pairs(), entries: new Pairs() };
  const nights = new Pairs();
  for (let round = 0; round < rounds; round += 1) {
    await createDatabase(url, ours, scene);
    await checkpoint(url);
    const billed = await timedProgram(
      ["merchant", "bill", "--period", `${yearBefore}..${dayBefore}`],
      onDatabase(url, ours),
    );
    await dropDatabases(url, [ours]);
    bills.contributions.add(billed, await billedByHand(ofClosedDates));
    bills.entries.add(billed, await billedByHand(ofEntries));
    const without = await night(false);
    nights.add(await night(true), without);
  }
  await dropDatabases(url, [scene]);
  console.log(
    comparison(`${merchants} merchants, median of ${rounds}`, {
      [`merchant bill over ${older} entries, against SQL by hand on what closed dates have by merchant`]:
        bills.contributions,
      "the same, against SQL by hand on the entries themselves": bills.entries,
      [`a night of ${orders} orders that bills and matches ${lines} lines, against one that does not`]: nights,
    }),
  );
});
