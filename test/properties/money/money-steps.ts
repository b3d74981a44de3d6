import fc from "fast-check";
import { expect } from "vitest";
import { addAccount } from "../../../src/domain/accounts/add.ts";
import { closeAccount } from "../../../src/domain/accounts/change.ts";
import type { Database } from "../../../src/db/database.ts";
import { recordBatch } from "../../../src/domain/payouts/export.ts";
import { fileProvider } from "../../../src/domain/payouts/file-provider.ts";
import { handOver } from "../../../src/domain/payouts/hand-over.ts";
import { retryPayouts } from "../../../src/domain/payouts/retry.ts";
import { AccrueError } from "../../../src/shared/errors.ts";
import { formatYuan } from "../../../src/shared/money.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { applyReview } from "../../../src/domain/withdrawals/review.ts";
import type { Verdict } from "../../../src/shared/verdict.ts";
import { box } from "../../db/payouts/scene.ts";
import { setPolicy } from "../../support/approved.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { contextOf } from "../../support/money/ground.ts";
import {
  decisionNames,
  maker,
  type Answer,
  type Decision,
  type ModelPolicy,
  type ModelVerdict,
  type ModelWithdrawal,
  type MoneyModel,
} from "./money-model.ts";
import { grant, refund, sell } from "../../support/money/people.ts";
import { importResults, importWithdrawals } from "../../support/imports.ts";

interface Asked {
  readonly member: number;
  readonly points: bigint;
}

/** Something that somebody does. `which` picks a withdrawal or an order; there may be none yet. */
export type Step =
  | { readonly do: "sell"; readonly member: number; readonly amountFen: bigint }
  | { readonly do: "refund"; readonly which: number; readonly percent: bigint }
  | { readonly do: "grant" | "expire" | "export" }
  | { readonly do: "policy"; readonly policy: ModelPolicy; readonly feeBps: number }
  | { readonly do: "account" | "close"; readonly member: number }
  | ({ readonly do: "request" } & Asked)
  | { readonly do: "file"; readonly rows: readonly Asked[] }
  | { readonly do: "decide"; readonly name: Decision; readonly which: number; readonly operator: string }
  | { readonly do: "plan"; readonly name: Decision; readonly maxPoints: bigint; readonly operator: string }
  | {
      readonly do: "review";
      readonly verdicts: readonly (Pick<ModelVerdict, "name"> & { readonly which: number })[];
      readonly operator: string;
    }
  | { readonly do: "answer"; readonly which: number; readonly answer: Answer; readonly isOtherAmount: boolean }
  | { readonly do: "retry"; readonly which: number };

const member = fc.integer({ min: 0, max: 1 });
const which = fc.integer({ min: 0, max: 5 });
const points = fc.bigInt({ min: 8n, max: 40n });
const operator = fc.constantFrom(maker, "bob", "carol");
const name = fc.constantFrom(...decisionNames);
const does = <Name extends string>(name: Name) => fc.constant(name);

export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: does("sell"), member, amountFen: fc.bigInt({ min: 0n, max: 30_000n }) }) },
  { weight: 2, arbitrary: fc.record({ do: does("refund"), which, percent: fc.bigInt({ min: 0n, max: 100n }) }) },
  { weight: 3, arbitrary: fc.record({ do: does("grant") }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: does("policy"),
      feeBps: fc.integer({ min: 0, max: 2000 }),
      policy: fc.record({
        minPoints: fc.bigInt({ min: 1n, max: 15n }),
        twoApproversAboveFen: fc.bigInt({ min: 1_500n, max: 3_500n }),
        pointValueFen: fc.constantFrom(100n, 100n, 50n, 130n),
      }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: does("account"), member }) },
  { weight: 1, arbitrary: fc.record({ do: does("close"), member }) },
  { weight: 4, arbitrary: fc.record({ do: does("request"), member, points }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: does("file"),
      rows: fc.array(fc.record({ member, points }), { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: does("plan"), name, maxPoints: points, operator }) },
  { weight: 4, arbitrary: fc.record({ do: does("decide"), name, which, operator }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: does("review"),
      verdicts: fc.array(fc.record({ name: fc.constantFrom("approve", "approve", "reject"), which }), {
        minLength: 1,
        maxLength: 4,
      }),
      operator,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: does("expire") }) },
  { weight: 3, arbitrary: fc.record({ do: does("export") }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: does("answer"),
      which,
      answer: fc.constantFrom<Answer>("success", "fail", "processing", "unknown"),
      isOtherAmount: fc.nat(7).map((no) => no === 0),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: does("retry"), which }) },
);

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => {
      if (error instanceof AccrueError) return error.code;
      throw error;
    },
  );

/** The cooling-off of what was added then is over at noon. */
const daysBefore = "2026-03-01T12:00:00+08:00";
/** Whatever was requested at noon is stale by then. */
const muchLater = "2026-05-05T12:00:00+08:00";

/** Does one step in the database and in the model, and expects it to end alike. */
export async function play(db: Database, model: MoneyModel, merchantId: bigint, act: Step): Promise<void> {
  switch (act.do) {
    case "sell": {
      const orderNo = await sell(db, `M${act.member}`, { amountFen: act.amountFen, merchantId });
      model.orders.push({ orderNo, member: act.member, amountFen: act.amountFen, refundedFen: 0n, granted: 0n });
      return;
    }
    case "refund":
      return playRefund(db, model, act);
    case "grant":
      await grant(db);
      return model.grant();
    case "policy":
      return playPolicy(db, model, act);
    case "account": {
      const account = {
        memberNo: `M${act.member}`,
        channel: "alipay",
        number: "13800001111",
        holder: "张三",
        isDefault: false,
      } as const;
      return expect(await codeOf(addAccount(contextOf(db, "clerk", daysBefore), box, account))).toBe(
        model.addAccount(act.member),
      );
    }
    case "close": {
      const [open] = await db.sql<{ accountId: bigint }[]>`
        SELECT account_id FROM payout_accounts WHERE closed_at IS NULL AND member_id = (SELECT member_id FROM member_numbers WHERE member_no = ${`M${act.member}`})`;
      const name = { memberNo: `M${act.member}`, accountId: open?.accountId ?? 0n };
      return expect(await codeOf(closeAccount(contextOf(db, "clerk"), name, undefined))).toBe(
        model.closeAccount(act.member),
      );
    }
    case "request": {
      let made = "";
      const work = requestWithdrawal(contextOf(db, maker), { memberNo: `M${act.member}`, points: act.points }).then(
        ({ withdrawalNo }) => (made = withdrawalNo),
      );
      const outcome = await codeOf(work);
      return expect(outcome).toBe(model.request(made, act.member, act.points));
    }
    case "file":
      return playFile(db, model, act.rows);
    case "export":
      return playExport(db, model);
    case "expire":
      return expect(
        await codeOf(decideWithdrawals(contextOf(db, "cron", muchLater), { name: "expire", filter: {} })),
      ).toBe(model.decideAll("expire", 1_000_000n, "cron"));
    case "plan": {
      const work = decideWithdrawals(contextOf(db, act.operator), {
        name: act.name,
        filter: { maxGrossFen: act.maxPoints * 100n },
        reason: "sequence",
      });
      return expect(await codeOf(work)).toBe(model.decideAll(act.name, act.maxPoints * 100n, act.operator));
    }
    case "review":
      return playReview(db, model, act);
    default: {
      const withdrawal = subjectOf(model, act);
      return withdrawal === undefined ? undefined : playOn(db, model, withdrawal, act);
    }
  }
}

type StepOnOne = Extract<Step, { readonly do: "decide" | "answer" | "retry" }>;

/**
 * Answers are about what was sent, and failures are retried, as far as there are any: else few steps would come that
 * far.
 */
function subjectOf({ withdrawals }: MoneyModel, act: StepOnOne): ModelWithdrawal | undefined {
  const likely = { decide: [], answer: ["paying", "paid", "failed"], retry: ["failed"] }[act.do] as readonly string[];
  const candidates = withdrawals.filter(({ status }) => likely.includes(status));
  const among = candidates.length > 0 ? candidates : withdrawals;
  return among[act.which % among.length];
}

async function playOn(db: Database, model: MoneyModel, withdrawal: ModelWithdrawal, act: StepOnOne): Promise<void> {
  const { withdrawalNo } = withdrawal;
  switch (act.do) {
    case "decide": {
      const work = decideWithdrawals(contextOf(db, act.operator), {
        name: act.name,
        withdrawalNos: [withdrawalNo],
        reason: "sequence",
      });
      return expect(await codeOf(work)).toBe(model.decide(act.name, withdrawal, act.operator));
    }
    case "answer":
      return playAnswer(db, model, withdrawal, act);
    case "retry": {
      let made = "";
      const work = retryPayouts(contextOf(db, maker), [withdrawalNo]).then(
        ([retried]) => (made = retried!.withdrawalNo),
      );
      const outcome = await codeOf(work);
      expect(outcome).toBe(model.retry(withdrawal));
      if (outcome === "done") model.withdrawals.at(-1)!.withdrawalNo = made;
    }
  }
}

async function playRefund(
  db: Database,
  model: MoneyModel,
  { which, percent }: Extract<Step, { readonly do: "refund" }>,
): Promise<void> {
  const order = model.orders[which];
  if (order === undefined) return;
  const refundedFen = (order.amountFen * percent) / 100n;
  if (refundedFen <= order.refundedFen) return;
  await refund(db, order.orderNo, refundedFen);
  order.refundedFen = refundedFen;
}

async function playPolicy(
  db: Database,
  model: MoneyModel,
  { policy, feeBps }: Extract<Step, { readonly do: "policy" }>,
): Promise<void> {
  const boss = contextOf(db, "boss");
  const { minPoints: minWithdrawalPoints, ...others } = policy;
  const terms = { minWithdrawalPoints, ...others, feeBps };
  await setPolicy(boss, { effectiveFrom: "2026-03-05", terms });
  model.policy = policy;
}

async function playReview(
  db: Database,
  model: MoneyModel,
  { verdicts, operator }: Extract<Step, { readonly do: "review" }>,
): Promise<void> {
  const { withdrawals } = model;
  if (withdrawals.length === 0) return;
  const wanted = new Map(verdicts.map(({ name, which }) => [withdrawals[which % withdrawals.length]!, name]));
  const said = new Map(
    [...wanted].map(([{ withdrawalNo }, name]): [string, Verdict] => [
      withdrawalNo,
      name === "approve" ? { decision: name } : { decision: name, reason: "sequence" },
    ]),
  );
  const { overtaken, failure } = await applyReview(contextOf(db, operator), said);
  const expected = model.review(
    [...wanted].map(([withdrawal, name]) => ({ withdrawal, name })),
    operator,
  );
  expect({ overtaken: overtaken.map(({ code }) => code).sort(), outcome: failure?.code ?? "done" }).toEqual({
    ...expected,
    overtaken: expected.overtaken.toSorted(),
  });
}

async function playExport(db: Database, model: MoneyModel): Promise<void> {
  const cashier = contextOf(db, "cashier");
  const provider = fileProvider("csv", scratchDirectory());
  const expected = model.send();
  let counted = [0, 0];
  const outcome = await codeOf(
    (async () => {
      const { batchNo, details, refusedCount } = await recordBatch(cashier, box, provider, {});
      counted = [details, refusedCount];
      if (batchNo !== undefined) await handOver(cashier, box, provider, batchNo);
    })(),
  );
  expect({ outcome, sent: counted[0], refused: counted[1] }).toEqual(expected);
  // Whatever became of its payouts and their accounts, the files of every batch come out again byte for byte, or that
  // throws.
  for (const batch of await db.sql<{ batchNo: string }[]>`SELECT batch_no FROM payout_batches`)
    await handOver(cashier, box, fileProvider("csv", scratchDirectory()), batch.batchNo);
}

async function playAnswer(
  db: Database,
  model: MoneyModel,
  withdrawal: ModelWithdrawal,
  { answer, isOtherAmount }: Extract<Step, { readonly do: "answer" }>,
): Promise<void> {
  const [detail] = await db.sql<{ detailNo: string; netFen: bigint }[]>`
    SELECT d.detail_no, d.net_fen FROM payout_details d JOIN withdrawals w USING (member_id, withdrawal_id) WHERE w.withdrawal_no = ${withdrawal.withdrawalNo}`;
  expect(detail !== undefined).toBe(["paying", "paid", "failed"].includes(withdrawal.status));
  const { detailNo, netFen } = detail ?? { detailNo: "D99999999", netFen: 100n };
  const path = writeScratch(
    "answer.csv",
    `detail_no,status,amount\n${detailNo},${answer},${formatYuan(netFen + (isOtherAmount ? 1n : 0n))}\n`,
  );
  const { updated, duplicate, reasons } = await importResults(contextOf(db, "clerk"), { input: { path }, force: true });
  const outcome = [
    ...(updated === 1 ? ["updated"] : []),
    ...(duplicate === 1 ? ["duplicate"] : []),
    ...[...reasons].map(([code]) => code),
  ];
  expect(outcome).toEqual([detail === undefined ? "unknown_detail" : model.answer(withdrawal, answer, isOtherAmount)]);
}

let files = 0;

/** The rows of a file, one after the other, as the model takes single requests. */
async function playFile(db: Database, model: MoneyModel, rows: readonly Asked[]): Promise<void> {
  files += 1;
  const codes: Record<string, number> = {};
  const before = model.withdrawals.length;
  for (const [index, { member, points }] of rows.entries()) {
    const outcome = model.request(`F${files}-${index}`, member, points);
    if (outcome !== "done") codes[outcome] = (codes[outcome] ?? 0) + 1;
  }
  const lines = rows.map(({ member, points }, index) => `F${files}-${index},M${member},${points}`);
  const path = writeScratch("requests.csv", `${["request_no,member_no,points", ...lines].join("\n")}\n`);
  const report = await importWithdrawals(contextOf(db, maker), { input: { path } }, () => box);
  const made = model.withdrawals.slice(before);
  expect([report.inserted, Object.fromEntries(report.reasons)]).toEqual([made.length, codes]);
  expect(await importWithdrawals(contextOf(db, maker), { input: { path }, force: true }, () => box)).toMatchObject({
    inserted: 0,
    duplicate: made.length,
  });
  const numbers = await db.sql<
    { requestNo: string; withdrawalNo: string }[]
  >`SELECT request_no, withdrawal_no FROM withdrawals WHERE request_no IS NOT NULL`;
  const byRequest = new Map(numbers.map(({ requestNo, withdrawalNo }) => [requestNo, withdrawalNo]));
  for (const one of made) one.withdrawalNo = byRequest.get(one.withdrawalNo)!;
}
