import fc from "fast-check";
import { expect } from "vitest";
import {
  billCorrectionSubject,
  correctionDocument,
  writeOffDocument,
  writeOffSubject,
} from "../../../src/domain/billing/adjust-subjects.ts";
import { issueBills } from "../../../src/domain/billing/issue.ts";
import { forcedMatchDocument, forcedMatchSubject } from "../../../src/domain/reconciliation/force-subject.ts";
import { matchByHand, unmatch } from "../../../src/domain/reconciliation/match.ts";
import { reconcile } from "../../../src/domain/reconciliation/run.ts";
import { reconVoidSubject } from "../../../src/domain/reconciliation/void-subject.ts";
import { lineNoOf } from "../../../src/domain/statements/model.ts";
import { formatYuan } from "../../../src/shared/money.ts";
import { at, day, pay, sold } from "../../db/billing/scene.ts";
import { fileOf, movesFrom, takeStatement } from "../../db/statements/scene.ts";
import { approved } from "../../support/approved.ts";
import type { TestDatabase } from "../../support/database.ts";
import type { Matching, ModelThing } from "./matching-model.ts";
import { merchants, type ModelBill } from "./receivables-model.ts";

/** The accounts from which merchants pay. */
export const payers = { S1: "6222000000000001", S2: "6222000000000002" } as const;

const does = <Name extends string>(name: Name) => fc.constant(name);
/** Which of some things there are; round again where it is beyond the last. */
const which = fc.nat(7);
/** How much of a bill: what is open of it, of older ones as well, all that its merchant owes, one of two parts, and others. */
const amount = fc.constantFrom("open", "open", "open", "up to", "up to", "all", "all", "half", "odd", "more");
const merchant = fc.constantFrom(...merchants);
const fen = fc.constantFrom(1n, 1_500n, 3_000n, 6_000n, 42_000n);

export const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: does("sell"), merchant, fen: fc.integer({ min: 1, max: 30_000 }) }) },
  { weight: 2, arbitrary: fc.record({ do: does("refund"), which, percent: fc.constantFrom(1n, 30n, 50n, 100n) }) },
  { weight: 3, arbitrary: fc.record({ do: does("end day") }) },
  { weight: 2, arbitrary: fc.record({ do: does("bill") }) },
  { weight: 2, arbitrary: fc.record({ do: does("pay"), which, amount }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: does("line"),
      says: fc.constantFrom("bill", "bill", "bill", "payer", "payer", "both", "reference", "nothing", "out"),
      which,
      amount,
      repeated: fc.nat(3),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: does("reconcile") }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: does("match"),
      line: which,
      thing: fc.constantFrom("bill", "collection"),
      which,
      isForced: fc.nat(3).map((no) => no === 0),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: does("unmatch"), line: which }) },
  { weight: 1, arbitrary: fc.record({ do: does("void"), line: which }) },
  { weight: 1, arbitrary: fc.record({ do: does("void collection"), which }) },
  { weight: 1, arbitrary: fc.record({ do: does("write off"), merchant, fen }) },
  { weight: 1, arbitrary: fc.record({ do: does("correct"), which, fen, isLess: fc.boolean() }) },
);
export type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;
type StepOf<Name extends Step["do"]> = Extract<Step, { readonly do: Name }>;

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    ({ code }: { code: string }) => code,
  );

function amountOf(model: Matching, bill: ModelBill, how: StepOf<"pay">["amount"]): bigint {
  const [open, upTo, all] = [model.open(bill), model.openUpTo(bill), model.balance(bill.merchant)];
  const fen = { open, "up to": upTo, all, half: open / 2n, odd: open + 1n, more: all + 5_000n }[how];
  return fen > 0n ? fen : 700n;
}

/** Does one step in the database and in the model, and expects it to end alike. */
export async function play(on: TestDatabase, model: Matching, act: Step): Promise<void> {
  const context = at(on, model.today, "bob");
  // Mostly one of which something is open: else few would ever be paid.
  const open = model.bills.filter((bill) => model.open(bill) > 0n);
  const billOf = (no: number, among = open.length > 0 && no < 6 ? open : model.bills) => among[no % among.length]!;
  switch (act.do) {
    case "sell":
      model.sell(act.merchant, BigInt(act.fen));
      return;
    case "refund":
      model.refund(act.which, act.percent);
      return;
    case "end day": {
      const rows = model.orders.filter(({ isChanged }) => isChanged);
      await day(
        on,
        model.today,
        rows.map((one) =>
          sold(one.orderNo, one.merchant, one.date, formatYuan(one.amountFen), formatYuan(one.refundedFen)),
        ),
      );
      return model.endDay();
    }
    case "bill":
      return playBill(on, model);
    case "pay":
      return playPay(on, model, billOf(act.which), act.amount);
    case "line":
      return playLine(on, model, billOf(act.which), act);
    case "reconcile":
      await reconcile(context);
      return model.reconcile();
    case "void collection": {
      const collection = model.collections[act.which];
      if (collection === undefined) return;
      const work = approved(context, reconVoidSubject, { no: collection.collectionNo });
      return expect(await codeOf(work)).toBe(model.makeVoid(collection));
    }
    case "write off": {
      const work = approved(context, writeOffSubject, writeOffDocument(act.merchant, act.fen));
      return expect(await codeOf(work)).toBe(model.writeOff(act.merchant, act.fen));
    }
    case "correct": {
      const [bill, fen] = [billOf(act.which), act.isLess ? -act.fen : act.fen];
      const work = approved(context, billCorrectionSubject, correctionDocument(bill.billNo, fen));
      return expect(await codeOf(work)).toBe(model.correct(bill, fen));
    }
    default:
      return playMatching(on, model, act);
  }
}

export async function playBill(on: TestDatabase, model: Matching): Promise<void> {
  const { unbilled } = model;
  if (unbilled === undefined) return;
  await issueBills(at(on, model.today), unbilled);
  model.bill(unbilled);
}

async function playPay(
  on: TestDatabase,
  model: Matching,
  bill: ModelBill,
  how: StepOf<"pay">["amount"],
): Promise<void> {
  const { merchant } = bill;
  const [fen, reference] = [amountOf(model, bill, how), `T${model.collections.length}`];
  const collectionNo = await pay(on, model.today, merchant, fen, { reference });
  model.note({ collectionNo, merchant, fen, reference, state: "unseen" });
}

/** The next line, in a statement that begins with as many before it as an overlapping one repeats. */
async function playLine(
  on: TestDatabase,
  model: Matching,
  bill: ModelBill,
  { says, which, amount: how, repeated }: StepOf<"line">,
): Promise<void> {
  const { lines, collections, today } = model;
  const shown = says === "reference" ? collections[which % collections.length] : undefined;
  const no = shown?.reference ?? `N${String(lines.length).padStart(3, "0")}`;
  if (lines.some((line) => line.no === no)) return;
  const amountFen = shown === undefined ? amountOf(model, bill, how) : shown.fen + (how === "odd" ? 1n : 0n);
  lines.push({
    no,
    at: `${today} 10:00:00`,
    fen: says === "out" ? -500n : amountFen,
    bill: says === "bill" || says === "both" ? bill.billNo : undefined,
    payer: says === "payer" || says === "both" ? bill.merchant : undefined,
    parts: [],
  });
  const moves = movesFrom(
    0n,
    lines.map(({ no: lineNo, at: time, fen, payer, bill: remark = "" }) => {
      return { no: lineNo, at: time, fen, remark, counterparty: payer === undefined ? "" : payers[payer] };
    }),
  );
  await takeStatement(at(on, today), "icbc-8812", fileOf(moves.slice(-1 - repeated)));
}

async function playMatching(
  on: TestDatabase,
  model: Matching,
  act: StepOf<"match" | "unmatch" | "void">,
): Promise<void> {
  const bob = at(on, model.today, "bob");
  const index = act.line % (model.lines.length + 1);
  const [lineId, line] = [BigInt(index + 1), model.lines[index]];
  switch (act.do) {
    case "void":
      return expect(await codeOf(approved(bob, reconVoidSubject, { no: lineNoOf(lineId) }))).toBe(
        model.makeLineVoid(line),
      );
    case "unmatch":
      return expect(await codeOf(unmatch(bob, lineId, "not theirs"))).toBe(model.unmatch(line));
    case "match": {
      const [thing, no] = thingOf(model, act);
      const work = act.isForced
        ? approved(bob, forcedMatchSubject, forcedMatchDocument(lineId, [no]))
        : matchByHand(bob, lineId, [no], "theirs");
      return expect(await codeOf(work)).toBe(model.match(line, thing, act.isForced));
    }
  }
}

/** What a line is to be matched with, and its number: a bill where there is no collection yet. */
function thingOf({ bills, collections }: Matching, { thing, which }: StepOf<"match">): readonly [ModelThing, string] {
  const collection = thing === "collection" ? collections[which % collections.length] : undefined;
  if (collection !== undefined) return [{ collection }, collection.collectionNo];
  const bill = bills[which % bills.length]!;
  return [{ bill }, bill.billNo];
}
