import fc from "fast-check";
import { expect, test } from "vitest";
import { addAlias } from "../../src/domain/aliases/change.ts";
import { listBills, merchantStatement } from "../../src/domain/billing/read.ts";
import { allChecks } from "../../src/verification/checks.ts";
import { everything } from "../../src/verification/scope.ts";
import { verify } from "../../src/verification/verify.ts";
import { at, endOfFebruary } from "../db/billing/scene.ts";
import { setPolicy } from "../support/approved.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../support/database.ts";
import { balanceOf } from "../support/money/people.ts";
import { runs } from "../support/runs.ts";
import { Matching } from "./receivables/matching-model.ts";
import { dayAfter, merchants, type GrantOn, type ModelBill } from "./receivables/receivables-model.ts";
import { payers, play, playBill, step } from "./receivables/receivables-steps.ts";

/** At the end of February S1 contributed 300.00 and 150.00, of which 30.00 were clawed back, and S2 60.00. */
const here = await testDatabase();
await endOfFebruary(here);
for (const code of merchants)
  await addAlias(at(here, "2026-03-01"), "merchant", code, { alias: payers[code], source: "payer" });
const movesBefore = [
  { merchant: "S1", date: "2026-02-27", what: "contributed", fen: 30_000n },
  { merchant: "S1", date: "2026-02-28", what: "contributed", fen: 15_000n },
  { merchant: "S1", date: "2026-02-28", what: "clawedBack", fen: -3_000n },
  { merchant: "S2", date: "2026-02-27", what: "contributed", fen: 6_000n },
] as const;
const pointsBefore = 336n;
const openings = [
  { do: "sell", merchant: "S1", fen: 10_000 },
  { do: "sell", merchant: "S2", fen: 20_000 },
  { do: "end day" },
] as const;

/** The invariants that are about money, and so have to hold after every step. */
const moneyChecks = allChecks.filter(({ name }) =>
  [
    "journal_balances",
    "accounts_match_subledgers",
    "bills_match_books",
    "collections_banked",
    "merchants_owe_receivable",
    "statements_add_up",
    "matches_add_up",
    "banks_match_statements",
    "waiting_matches_orders",
  ].includes(name),
);

async function hold(on: TestDatabase, model: Matching): Promise<void> {
  const context = at(on, model.today);
  const { rows } = await listBills(context, {}, { limit: 100 });
  const amountsOf = (one: Omit<ModelBill, "merchant" | "from">) =>
    [one.openingFen, one.contributedFen, one.clawedBackFen, one.collectedFen, one.adjustedFen, one.closingFen].join(
      " ",
    );
  expect(rows.map((one) => [one.billNo, one.merchantCode, one.periodFrom, amountsOf(one), one.openFen])).toEqual(
    model.bills.map((one) => [one.billNo, one.merchant, one.from, amountsOf(one), model.open(one)]),
  );
  for (const code of merchants)
    expect((await merchantStatement(context, code, {})).standing.billedFen, code).toBe(model.owed(code));
  const accounts = await on.db.sql<{ account: string; amount: bigint }[]>`
    SELECT account, sum(amount)::bigint AS amount FROM journal_lines WHERE unit = 'fen' GROUP BY account
    HAVING sum(amount) <> 0`;
  expect(Object.fromEntries(accounts.map(({ account, amount }) => [account, amount]))).toEqual(
    Object.fromEntries(Object.entries(model.accounts(pointsBefore)).filter(([, amount]) => amount !== 0n)),
  );
  expect((await balanceOf(on.db, "M1")).availablePoints).toBe(model.points + pointsBefore);
  const waiting = await on.db.sql<{ orderNo: string }[]>`
    SELECT o.order_no FROM uncollected_orders u JOIN orders o USING (member_id, order_id)`;
  expect(waiting.map(({ orderNo }) => orderNo).toSorted()).toEqual(
    model.orders
      .filter(({ waitsSince }) => waitsSince !== undefined)
      .map(({ orderNo }) => orderNo)
      .toSorted(),
  );
  for (const { name, find } of moneyChecks)
    expect([name, (await find(on.db.sql, everything(on.db.sql), model.today)).violations]).toEqual([name, []]);
}

test("whatever merchants sell, refund and pay, statements show, rules and operators match, force, void, write off and correct, a simple model says the same after every step", async () => {
  const grantOn = fc.constantFrom<GrantOn>("paid_order", "collection", "collection");
  await fc.assert(
    fc.asyncProperty(grantOn, grantOn, fc.array(step, { minLength: 20, maxLength: 30 }), async (early, late, steps) => {
      const on = await cloneOf(here);
      const model = new Matching((date) => (date < "2026-03-03" ? early : late), movesBefore);
      try {
        for (const [effectiveFrom, terms] of [
          ["2026-03-01", { grantOn: early }],
          ["2026-03-03", { grantOn: late }],
        ] as const)
          await setPolicy(at(on, model.today, "boss"), { effectiveFrom, terms });
        await playBill(on, model);
        for (const one of [...openings, ...steps]) {
          await play(on, model, one);
          await hold(on, model);
        }
        await play(on, model, { do: "end day" });
        await playBill(on, model);
        await hold(on, model);
        const { checks } = await verify(at(on, dayAfter(model.today), "auditor"));
        expect(checks.filter(({ ok }) => !ok)).toEqual([]);
      } finally {
        await on.drop();
      }
    }),
    runs(2),
  );
}, 240_000);
