import fc from "fast-check";
import { expect, test } from "vitest";
import { SecretBox } from "../src/accounts/secret-box.ts";
import type { Database } from "../src/db/database.ts";
import { AccrueError } from "../src/shared/errors.ts";
import { verify } from "../src/verification/verify.ts";
import { decideWithdrawals } from "../src/withdrawals/decide.ts";
import { importWithdrawals } from "../src/withdrawals/import.ts";
import { requestWithdrawal } from "../src/withdrawals/request.ts";
import { newKey } from "./accounts/ground.ts";
import { cloneOf } from "./support/database.ts";
import { writeScratch } from "./support/files.ts";
import { contextOf } from "./money/ground.ts";
import { addMember, addMerchant, balanceOf, grant, refund, sell } from "./money/people.ts";

/** The money as a child would keep it: one list of orders, one of withdrawals, and sums. */
class Model {
  readonly orders: { orderNo: string; member: number; amountFen: bigint; refundedFen: bigint; granted: bigint; fundFen: bigint }[] = [];
  readonly withdrawals: { withdrawalNo: string; member: number; points: bigint; status: string }[] = [];

  available(member: number): bigint {
    const granted = this.orders.filter((one) => one.member === member).reduce((sum, one) => sum + one.granted, 0n);
    const gone = this.withdrawals.filter((one) => one.member === member && one.status in open).reduce((sum, one) => sum + one.points, 0n);
    return granted - gone;
  }

  held(member: number): bigint {
    return this.withdrawals.filter((one) => one.member === member && one.status in open).reduce((sum, one) => sum + one.points, 0n);
  }

  grossFen(...statuses: string[]): bigint {
    return this.withdrawals.filter(({ status }) => statuses.includes(status)).reduce((sum, { points }) => sum + points * 100n, 0n);
  }

  fundFen(): bigint {
    return this.orders.reduce((sum, { fundFen }) => sum + fundFen, 0n);
  }

  /** 30 % of 70 % of the net amount: a point for each yuan of it, halves up. */
  grant(): void {
    for (const order of this.orders) {
      const netFen = order.amountFen - order.refundedFen;
      order.granted = (netFen * 21n + 5_000n) / 10_000n;
      order.fundFen = (netFen * 21n + 50n) / 100n;
    }
  }

  requestOutcome(member: number, points: bigint): string {
    if (points < 10n) return "withdrawal_below_minimum";
    if (this.available(member) < points) return "withdrawal_insufficient_points";
    return this.fundFen() - this.grossFen("requested", "approved") < points * 100n ? "fund_insufficient" : "done";
  }

  decisionOutcome(name: Decision, { status, points }: { status: string; points: bigint }): string {
    if (name === "approve") {
      if (status !== "requested") return "withdrawal_already_decided";
      return this.grossFen("approved") + points * 100n > this.fundFen() ? "fund_insufficient" : "done";
    }
    return status in open ? "done" : "withdrawal_already_decided";
  }
}

const open: Readonly<Record<string, true>> = { requested: true, approved: true };
type Decision = "approve" | "reject" | "cancel";
const endings: Readonly<Record<Decision, string>> = { approve: "approved", reject: "rejected", cancel: "cancelled" };

type Step =
  | { readonly do: "sell"; readonly member: number; readonly amountFen: bigint }
  | { readonly do: "refund"; readonly which: number; readonly percent: bigint }
  | { readonly do: "grant" }
  | { readonly do: "request"; readonly member: number; readonly points: bigint }
  | { readonly do: "file"; readonly rows: readonly { readonly member: number; readonly points: bigint }[] }
  | { readonly do: "plan"; readonly name: Decision; readonly maxPoints: bigint }
  | { readonly do: Decision; readonly which: number };

const member = fc.integer({ min: 0, max: 1 });
const which = fc.integer({ min: 0, max: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("sell" as const), member, amountFen: fc.bigInt({ min: 0n, max: 30_000n }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("refund" as const), which, percent: fc.bigInt({ min: 0n, max: 100n }) }) },
  { weight: 3, arbitrary: fc.constant({ do: "grant" as const }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("request" as const), member, points: fc.bigInt({ min: 8n, max: 40n }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("file" as const), rows: fc.array(fc.record({ member, points: fc.bigInt({ min: 8n, max: 40n }) }), { minLength: 1, maxLength: 4 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("plan" as const), name: fc.constantFrom<Decision>("approve", "reject", "cancel"), maxPoints: fc.bigInt({ min: 8n, max: 40n }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom<Decision>("approve", "reject", "cancel"), which }) },
);

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(() => "done", (error: unknown) => {
    if (error instanceof AccrueError) return error.code;
    throw error;
  });

async function play(db: Database, model: Model, merchantId: bigint, act: Step): Promise<void> {
  switch (act.do) {
    case "sell": {
      const orderNo = await sell(db, `M${act.member}`, { amountFen: act.amountFen, merchantId });
      model.orders.push({ orderNo, member: act.member, amountFen: act.amountFen, refundedFen: 0n, granted: 0n, fundFen: 0n });
      return;
    }
    case "refund": {
      const order = model.orders[act.which];
      if (order === undefined) return;
      const refundedFen = (order.amountFen * act.percent) / 100n;
      if (refundedFen <= order.refundedFen) return;
      await refund(db, order.orderNo, refundedFen);
      order.refundedFen = refundedFen;
      return;
    }
    case "grant":
      await grant(db);
      return model.grant();
    case "request": {
      const expected = model.requestOutcome(act.member, act.points);
      let withdrawalNo = "";
      const work = requestWithdrawal(contextOf(db, "alice"), { memberNo: `M${act.member}`, points: act.points }).then((made) => (withdrawalNo = made.withdrawalNo));
      expect(await codeOf(work)).toBe(expected);
      if (expected === "done") model.withdrawals.push({ withdrawalNo, member: act.member, points: act.points, status: "requested" });
      return;
    }
    case "file": return importRequests(db, model, act.rows);
    case "plan": {
      const fits = model.withdrawals.filter(({ status, points }) => points <= act.maxPoints && (act.name === "approve" ? status === "requested" : status in open));
      const sumFen = fits.reduce((sum, { points }) => sum + points * 100n, 0n);
      const expected = act.name === "approve" && model.grossFen("approved") + sumFen > model.fundFen() ? "fund_insufficient" : "done";
      const filter = { maxGrossFen: act.maxPoints * 100n };
      expect(await codeOf(decideWithdrawals(contextOf(db, "bob"), { name: act.name, filter, reason: "sequence" }))).toBe(expected);
      if (expected === "done") for (const one of fits) one.status = endings[act.name];
      return;
    }
    default: {
      const withdrawal = model.withdrawals[act.which];
      if (withdrawal === undefined) return;
      const expected = model.decisionOutcome(act.do, withdrawal);
      const work = decideWithdrawals(contextOf(db, "bob"), { name: act.do, withdrawalNos: [withdrawal.withdrawalNo], reason: "sequence" });
      expect(await codeOf(work)).toBe(expected);
      if (expected === "done") withdrawal.status = endings[act.do];
    }
  }
}

let files = 0;

/** The rows of a file, one after the other, as the model takes single requests. */
async function importRequests(db: Database, model: Model, rows: readonly { readonly member: number; readonly points: bigint }[]): Promise<void> {
  files += 1;
  const codes: Record<string, number> = {};
  let taken = 0;
  for (const [index, { member, points }] of rows.entries()) {
    const outcome = model.requestOutcome(member, points);
    const requestNo = `F${files}-${index}`;
    if (outcome === "done") {
      model.withdrawals.push({ withdrawalNo: requestNo, member, points, status: "requested" });
      taken += 1;
    } else codes[outcome] = (codes[outcome] ?? 0) + 1;
  }
  const lines = rows.map(({ member, points }, index) => `F${files}-${index},M${member},${points}`);
  const path = writeScratch("requests.csv", `${["request_no,member_no,points", ...lines].join("\n")}\n`);
  const report = await importWithdrawals(contextOf(db, "alice"), { input: { path } }, () => new SecretBox(newKey()));
  expect([report.inserted, Object.fromEntries(report.reasons)]).toEqual([taken, codes]);
  const numbers = await db.sql<{ requestNo: string; withdrawalNo: string }[]>`SELECT request_no, withdrawal_no FROM withdrawals WHERE request_no IS NOT NULL`;
  const byRequest = new Map(numbers.map(({ requestNo, withdrawalNo }) => [requestNo, withdrawalNo]));
  for (const one of model.withdrawals) one.withdrawalNo = byRequest.get(one.withdrawalNo) ?? one.withdrawalNo;
}

test("whatever members buy, return and withdraw and operators decide, the database says what a simple model says, and every invariant holds after every step", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 20 }), async (steps) => {
      const copy = await cloneOf();
      const model = new Model();
      try {
        const merchantId = await addMerchant(copy.db, "S1");
        for (const no of [0, 1]) await addMember(copy.db, `M${no}`);
        for (const act of [{ do: "sell", member: 0, amountFen: 25_000n } as const, { do: "grant" } as const, ...steps]) {
          await play(copy.db, model, merchantId, act);
          for (const no of [0, 1]) {
            expect(await balanceOf(copy.db, `M${no}`)).toEqual({ availablePoints: model.available(no), heldPoints: model.held(no) });
          }
          const { checks } = await verify(contextOf(copy.db, "auditor"));
          expect(checks.filter(({ ok }) => !ok)).toEqual([]);
        }
      } finally {
        await copy.drop();
      }
    }),
    { numRuns: Number(process.env["ACCRUE_TEST_RUNS"] ?? 6) },
  );
}, 180_000);
