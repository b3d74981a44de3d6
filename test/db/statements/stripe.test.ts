import { expect, test } from "vitest";
import { reconcile } from "../../../src/domain/reconciliation/run.ts";
import { statementKind } from "../../../src/domain/statements/import.ts";
import { runImport } from "../../../src/imports/run-import.ts";
import { verify } from "../../../src/verification/verify.ts";
import { cloneOf, type TestDatabase } from "../../support/database.ts";
import { writeScratch } from "../../support/files.ts";
import { contextOf, ground } from "../../support/money/ground.ts";
import { tamper } from "../../support/money/people.ts";
import { answerPaid, moneyOf, sendPayouts } from "../reconciliation/scene.ts";
import { account } from "./scene.ts";

const here = await ground();
await account(here.as("amy"), "stripe-main", "stripe");

/** Lines of Stripe's itemized report: the number, time (UTC), gross, fee, category, source and description. */
const report = (...rows: readonly string[]) =>
  writeScratch(
    "itemized.csv",
    [
      "balance_transaction_id,created_utc,created,available_on_utc,currency,gross,fee,net,reporting_category,source_id,description",
      ...rows,
      "",
    ].join("\n"),
  );
const row = (no: string, time: string, gross: string, fee: string, net: string, category: string, source = "") =>
  `${no},${time},${time},2026-03-06 00:00:00,cny,${gross},${fee},${net},${category},${source},`;
const first = [
  row("txn_1", "2026-03-04 01:00:00", "100.00", "3.20", "96.80", "charge", "ch_1"),
  row("txn_2", "2026-03-04 02:00:00", "-9.50", "0.00", "-9.50", "transfer", "tr_1"),
];
const second = [row("txn_3", "2026-03-05 01:00:00", "0.00", "0.30", "-0.30", "fee", "")];
const take = (on: TestDatabase, path: string, stated?: readonly [bigint, bigint]) =>
  runImport(
    contextOf(on.db, "amy"),
    statementKind("stripe-main", stated && { openingFen: stated[0], closingFen: stated[1] }),
    { input: { path }, force: true },
  );
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    ({ code }: { code: string }) => code,
  );

test("Stripe's itemized report is held to what its summary says stood before and after; fees are lines of their own, and overlaps are known", async () => {
  const on = await cloneOf(here);
  expect(await codeOf(take(on, report(...first)))).toBe("statement_without_balance");
  expect(await codeOf(take(on, report(...first), [1_000n, 9_731n]))).toBe("statement_total_differs");
  expect(await take(on, report(...first), [1_000n, 9_730n])).toMatchObject({ inserted: 2, duplicate: 0 });
  expect(await take(on, report(...first, ...second), [1_000n, 9_700n])).toMatchObject({ inserted: 1, duplicate: 2 });
  // Another file of the same lines may put them behind others: only what they say themselves counts.
  expect(await take(on, report(first[1]!, ...second), [10_680n, 9_700n])).toMatchObject({ inserted: 0, duplicate: 2 });
  const changed = row("txn_2", "2026-03-04 02:00:00", "-9.00", "0.00", "-9.00", "transfer", "tr_1");
  expect(await codeOf(take(on, report(changed), [0n, -900n]))).toBe("statement_line_conflict");
  const dollars = first[0]!.replace(",cny,", ",usd,");
  expect(await codeOf(take(on, report(dollars), [0n, 9_680n]))).toBe("statement_currency");
  const own = writeScratch("own.csv", "occurred_at,line_no,amount,balance\n2026-03-05 10:00:00,N1,1.00,98.00\n");
  expect(await codeOf(take(on, own, [9_700n, 9_800n]))).toBe("statement_has_balance");
  expect(await moneyOf(on)).toEqual({ bank: 9_700n, suspense: -9_700n });
  expect(await reconcile(contextOf(on.db, "amy"))).toMatchObject({
    totals: [{ moneyAccount: "stripe-main", thing: "fee", matches: 2n, amountFen: -350n }],
  });
  expect(await moneyOf(on)).toEqual({ bank: 9_700n, suspense: -10_050n, channel_fees: 350n });
  expect((await verify(contextOf(on.db, "auditor"))).checks.filter(({ ok }) => !ok)).toEqual([]);
});

test("a transfer to a member is seen leaving by its number", async () => {
  const on = await cloneOf(here);
  const [payout] = await sendPayouts(on, contextOf(on.db, "cashier"), 1);
  await answerPaid(contextOf(on.db, "cashier"), [payout!]);
  await tamper(on, async (sql) => {
    await sql`UPDATE payout_batches SET channel = 'stripe', payer = 'acct test cny', business_date = '2026-03-03'`;
    await sql`UPDATE expected_payouts SET channel_ref = 'tr_1'`;
  });
  await take(on, report(...first), [0n, 8_730n]);
  const { totals } = await reconcile(contextOf(on.db, "amy"));
  expect(totals.map(({ thing, amountFen }) => [thing, amountFen])).toEqual([
    ["fee", -320n],
    ["payout", -950n],
  ]);
});
