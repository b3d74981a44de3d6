import fc from "fast-check";
import { expect, test } from "vitest";
import { correctionSubject, voidSubject } from "../../src/domain/corrections/order-subjects.ts";
import { undoSubject } from "../../src/domain/corrections/undo-subject.ts";
import { inTransaction } from "../../src/db/database.ts";
import { initialTerms } from "../../src/domain/policies/model.ts";
import { decideWithdrawals } from "../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../src/domain/withdrawals/request.ts";
import { recordedImport } from "../../src/imports/show.ts";
import { verify } from "../../src/verification/verify.ts";
import { peopleIn, settle, take } from "../db/orders/scene.ts";
import { approved } from "../support/approved.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../support/database.ts";
import { balanceOf, verifyEverybody } from "../support/money/people.ts";
import { standingOf } from "../support/standing.ts";
import { runs } from "../support/runs.ts";

const template = await testDatabase();
await peopleIn(template);
await inTransaction(template.db, verifyEverybody);

/** An order as a file says it. */
interface Sale {
  readonly member: number;
  readonly merchant: number;
  readonly amountFen: number;
  readonly refundedFen: number;
  readonly day: number;
  readonly status: "pending" | "paid" | "closed";
}

const yuan = (fen: number) => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, "0")}`;
const rowOf = (no: string, { member, merchant, amountFen, refundedFen, day, status }: Sale): string => {
  const paid = status === "pending" ? "," : `2026-02-0${day} 12:00:00,${yuan(refundedFen)}`;
  return `${no},M${member},S${merchant},${yuan(amountFen)},${status},${paid},,`;
};

const sale = fc
  .record({
    member: fc.integer({ min: 1, max: 3 }),
    merchant: fc.integer({ min: 1, max: 2 }),
    amountFen: fc.integer({ min: 1, max: 90_000 }),
    share: fc.integer({ min: 0, max: 60 }),
    day: fc.integer({ min: 1, max: 9 }),
    status: fc.constantFrom("pending", "paid", "paid", "paid", "closed"),
  })
  .map(({ share, ...one }): Sale =>
    Object.assign(one, { refundedFen: one.status === "pending" ? 0 : Math.floor((one.amountFen * share) / 100) }),
  );

/** What a later file says of an order: it is paid, more is refunded, or it is closed. */
const later = ({ amountFen, refundedFen, ...one }: Sale, ends: boolean): Sale => ({
  ...one,
  amountFen,
  refundedFen: Math.floor((amountFen + refundedFen) / 2),
  status: ends ? "closed" : "paid",
});

const stories = fc.record({
  base: fc.array(sale, { minLength: 2, maxLength: 4 }),
  wrong: fc.array(sale, { minLength: 1, maxLength: 3 }),
  /** Which of the base orders the wrong file changes, and whether it closes them. */
  changes: fc.array(fc.tuple(fc.nat({ max: 1 }), fc.boolean()), { maxLength: 2 }),
  /** Of the wrong orders what is corrected, where not the whole file is undone. */
  right: sale,
  way: fc.constantFrom("undo", "undo", "void", "correct"),
  isGrantedBefore: fc.boolean(),
  isGranted: fc.boolean(),
  isWithdrawn: fc.boolean(),
});
type Story = typeof stories extends fc.Arbitrary<infer T> ? T : never;

const baseRows = ({ base }: Story) => base.map((one, no) => rowOf(`A${no}`, one));
const lateRow = "L1,M1,S1,33.00,paid,2026-02-05 12:00:00,,,";

/** What is wrong with a file: more orders, and other orders than there were. */
const wrongRows = ({ base, wrong, changes, way }: Story): readonly string[] => {
  if (way !== "undo") return [rowOf("B0", { ...wrong[0]!, status: "paid" })];
  const changed = new Map(changes);
  return [
    ...wrong.map((one, no) => rowOf(`B${no}`, one)),
    ...[...changed].map(([no, ends]) => rowOf(`A${no}`, later(base[no]!, ends))),
  ];
};

/** The order that a correction makes of the wrong one: another amount, refund, member, merchant and day. */
const rightOf = ({ right }: Story): Sale => ({ ...right, status: "paid" });

/** The database in which the mistake was never made. */
async function withoutMistake(on: TestDatabase, story: Story): Promise<void> {
  await take(on, baseRows(story));
  if (story.isGrantedBefore) await settle(on);
  if (story.way === "correct") await take(on, [rowOf("B0", rightOf(story))]);
  await take(on, [lateRow]);
  await settle(on);
}

async function putRight(on: TestDatabase, story: Story, importId: bigint): Promise<void> {
  const order = { order_no: "B0", source: "default" };
  const { member, merchant, amountFen, refundedFen, day } = rightOf(story);
  if (story.way === "void") await approved(on.context(), voidSubject, order);
  else if (story.way === "correct")
    await approved(on.context(), correctionSubject, {
      ...order,
      member_no: `M${member}`,
      merchant_code: `S${merchant}`,
      amount_fen: String(amountFen),
      refunded_fen: String(refundedFen),
      paid_at: `2026-02-0${day} 12:00:00+08:00`,
    });
  else {
    const { kind, file } = await recordedImport(on, importId);
    await approved(on.context(), undoSubject, { import_id: String(importId), kind, file });
  }
}

/** What a database stands at, but for withdrawals. */
const standing = async (on: TestDatabase) => (await standingOf(on.db)).replace(/## withdrawals\n(?:\{.*\n)*/, "");

async function expectSound(on: TestDatabase): Promise<void> {
  const { checks } = await verify(on.context());
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
}

test(
  "what is put right is as if the mistake had never been made: granted or not, withdrawn against or not",
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(stories, async (story) => {
        const [right, wrong] = [await cloneOf(template), await cloneOf(template)];
        await withoutMistake(right, story);
        await take(wrong, baseRows(story));
        if (story.isGrantedBefore) await settle(wrong);
        await take(wrong, wrongRows(story));
        if (story.isGranted) await settle(wrong);
        await take(wrong, [lateRow]);
        const { availablePoints: points } = await balanceOf(wrong.db, "M1");
        const request =
          story.isWithdrawn && points >= initialTerms.minWithdrawalPoints ? { memberNo: "M1", points } : undefined;
        const withdrawal = request === undefined ? undefined : await requestWithdrawal(wrong.context(), request);
        await putRight(wrong, story, 2n);
        await expectSound(wrong);
        await settle(wrong);
        await expectSound(wrong);
        if (withdrawal !== undefined) {
          // Who has spent what was a mistake owes it.
          const { availablePoints: due } = await balanceOf(right.db, "M1");
          expect((await balanceOf(wrong.db, "M1")).availablePoints).toBe(due - points);
          const { withdrawalNo } = withdrawal;
          await decideWithdrawals(wrong.context(), { name: "cancel", withdrawalNos: [withdrawalNo], reason: "no" });
        }
        expect(await standing(wrong)).toBe(await standing(right));
        await Promise.all([right.drop(), wrong.drop()]);
      }),
      runs(4),
    );
  },
);
