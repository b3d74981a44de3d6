import fc from "fast-check";
import { expect, test } from "vitest";
import {
  billCorrectionSubject,
  correctionDocument,
  writeOffDocument,
  writeOffSubject,
} from "../../src/domain/billing/adjust-subjects.ts";
import { issueBills } from "../../src/domain/billing/issue.ts";
import { listBills, merchantStatement } from "../../src/domain/billing/read.ts";
import { forcedMatchDocument, forcedMatchSubject } from "../../src/domain/reconciliation/force-subject.ts";
import { matchByHand, unmatch } from "../../src/domain/reconciliation/match.ts";
import { reconVoidSubject } from "../../src/domain/reconciliation/void-subject.ts";
import { lineNoOf } from "../../src/domain/statements/model.ts";
import { verify } from "../../src/verification/verify.ts";
import { at, day, endOfFebruary, pay, sold } from "../db/billing/scene.ts";
import { fileOf, takeStatement } from "../db/statements/scene.ts";
import { approved } from "../support/approved.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../support/database.ts";

/** S1 owes 420.00 on B00000001 and 30.00 on B00000003, S2 60.00 on B00000002: it is 2 March. */
const here = await testDatabase();
const today = "2026-03-02";
await endOfFebruary(here);
await issueBills(at(here, "2026-03-01"), { from: "2026-02-01", to: "2026-02-28" });
await day(here, "2026-03-01", [sold("C1", "S1", "2026-03-01")]);
await issueBills(at(here, today), { from: "2026-03-01", to: "2026-03-01" });

const bills = ["B00000001", "B00000002", "B00000003"] as const;
type BillNo = (typeof bills)[number];
const ownerOf = (bill: BillNo) => (bill === "B00000002" ? "S2" : "S1");

interface Line {
  readonly fen: bigint;
  /** What it is matched with: whose money, how much, and by how much it differed. */
  matched: { readonly merchant?: string; readonly fen: bigint; readonly lost: bigint } | undefined;
  open: bigint;
}

/** What merchants owe as a child would keep it: what each bill charges, and three sums. */
class Receivables {
  readonly charges: Record<BillNo, bigint> = { B00000001: 42_000n, B00000002: 6_000n, B00000003: 3_000n };
  readonly settled: Record<string, bigint> = { S1: 0n, S2: 0n };
  /** Collections by hand that no line has shown. */
  unseenFen = 0n;
  writtenOffFen = 0n;
  readonly lines: Line[] = [];

  #of(merchant: string): readonly BillNo[] {
    return bills.filter((bill) => ownerOf(bill) === merchant);
  }

  owed(merchant: string): bigint {
    return this.#of(merchant).reduce((sum, bill) => sum + this.charges[bill], -this.settled[merchant]!);
  }

  /** What is paid goes to the oldest bills: what is open is the newest part. */
  open(bill: BillNo): bigint {
    let left = this.owed(ownerOf(bill));
    for (const one of this.#of(ownerOf(bill)).toReversed()) {
      const open = left < 0n ? 0n : left < this.charges[one] ? left : this.charges[one];
      if (one === bill) return open;
      left -= this.charges[one];
    }
    throw new Error(bill);
  }

  writeOff(merchant: string, fen: bigint): string {
    const owed = this.owed(merchant);
    if (fen > (owed > 0n ? owed : 0n)) return "write_off_too_large";
    this.settled[merchant]! += fen;
    this.writtenOffFen += fen;
    return "done";
  }

  correct(bill: BillNo, fen: bigint): string {
    if (this.charges[bill] + fen < 0n) return "correction_too_large";
    this.charges[bill] += fen;
    return "done";
  }

  match(line: Line | undefined, bill: BillNo, isForced: boolean): string {
    if (line === undefined) return "line_unknown";
    if (line.open === 0n) return "line_matched";
    const open = this.open(bill);
    if (open === 0n) return "thing_not_expected";
    if (line.open < 0n) return "match_direction";
    const rest = line.open - open;
    if (isForced ? rest === 0n : rest < 0n) return isForced ? "match_not_refused" : "match_too_large";
    const before = line.matched;
    // A line may be for two bills; by two merchants the model keeps apart no more than one.
    if (before !== undefined) return "skipped";
    this.settled[ownerOf(bill)]! += open;
    line.matched = { merchant: ownerOf(bill), fen: open, lost: isForced ? rest : 0n };
    line.open = isForced ? 0n : rest;
    return "done";
  }

  makeVoid(line: Line | undefined): string {
    if (line === undefined) return "line_unknown";
    if (line.open === 0n) return "line_matched";
    line.matched = { ...(line.matched ?? { fen: 0n }), lost: line.open };
    line.open = 0n;
    return "done";
  }

  unmatch(line: Line | undefined): string {
    if (line === undefined) return "line_unknown";
    if (line.matched === undefined) return "line_not_matched";
    const { merchant, fen } = line.matched;
    if (merchant !== undefined) this.settled[merchant]! -= fen;
    line.matched = undefined;
    line.open = line.fen;
    return "done";
  }

  get accounts(): Readonly<Record<string, bigint>> {
    const sum = (of: (line: Line) => bigint) => this.lines.reduce((total, line) => total + of(line), 0n);
    return {
      contributions_receivable: this.owed("S1") + this.owed("S2"),
      bank: sum(({ fen }) => fen) + this.unseenFen,
      suspense: -sum(({ open }) => open),
      write_offs: this.writtenOffFen - sum(({ matched }) => matched?.lost ?? 0n),
    };
  }
}

const bill = fc.constantFrom(...bills);
const merchant = fc.constantFrom("S1", "S2");
const which = fc.integer({ min: 0, max: 3 });
const fen = fc.constantFrom(1n, 2_000n, 3_000n, 6_000n, 42_000n);
const does = <Name extends string>(name: Name) => fc.constant(name);
const step = fc.oneof(
  fc.record({ do: does("pay"), merchant, fen }),
  fc.record({ do: does("line"), fen: fc.oneof(fen, fc.constant(-500n)), repeated: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ do: does("match"), which, bill, isForced: fc.boolean() }),
  fc.record({ do: does("void"), which }),
  fc.record({ do: does("unmatch"), which }),
  fc.record({ do: does("write-off"), merchant, fen }),
  fc.record({
    do: does("correct"),
    bill,
    fen: fc.oneof(
      fen,
      fen.map((one) => -one),
    ),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    ({ code }: { code: string }) => code,
  );

async function play(on: TestDatabase, model: Receivables, one: Step): Promise<void> {
  const bob = at(on, today, "bob");
  const [lineId, line] = "which" in one ? [BigInt(one.which + 1), model.lines[one.which]] : [0n, undefined];
  switch (one.do) {
    case "pay":
      await pay(on, today, one.merchant, one.fen);
      model.settled[one.merchant]! += one.fen;
      model.unseenFen += one.fen;
      return;
    case "line": {
      model.lines.push({ fen: one.fen, open: one.fen, matched: undefined });
      // The new line, with as many before it as an overlapping statement repeats.
      let balance = 0n;
      const moves = model.lines.map(({ fen: moved }, index) => ({
        at: `${today} 10:00:0${Math.min(index, 9)}`,
        fen: moved,
        no: `N${String(index).padStart(2, "0")}`,
        balance: (balance += moved),
      }));
      await takeStatement(at(on, today), "icbc-8812", fileOf(moves.slice(-1 - one.repeated)));
      return;
    }
    case "match": {
      if (line?.matched !== undefined && line.open !== 0n) return;
      const work = one.isForced
        ? approved(bob, forcedMatchSubject, forcedMatchDocument(lineId, [one.bill]))
        : matchByHand(bob, lineId, [one.bill], "theirs");
      return expect(await codeOf(work)).toBe(model.match(line, one.bill, one.isForced));
    }
    case "void":
      return expect(await codeOf(approved(bob, reconVoidSubject, { no: lineNoOf(lineId) }))).toBe(model.makeVoid(line));
    case "unmatch":
      return expect(await codeOf(unmatch(bob, lineId, "not theirs"))).toBe(model.unmatch(line));
    case "write-off": {
      const work = approved(bob, writeOffSubject, writeOffDocument(one.merchant, one.fen));
      return expect(await codeOf(work)).toBe(model.writeOff(one.merchant, one.fen));
    }
    case "correct": {
      const work = approved(bob, billCorrectionSubject, correctionDocument(one.bill, one.fen));
      return expect(await codeOf(work)).toBe(model.correct(one.bill, one.fen));
    }
  }
}

async function hold(on: TestDatabase, model: Receivables): Promise<void> {
  const { rows } = await listBills(at(on, today), {}, { limit: 10 });
  for (const no of bills) expect(rows.find(({ billNo }) => billNo === no)?.openFen, no).toBe(model.open(no));
  for (const code of ["S1", "S2"])
    expect((await merchantStatement(at(on, today), code, {})).standing.billedFen, code).toBe(model.owed(code));
  const accounts = await on.db.sql<{ account: string; amount: bigint }[]>`
    SELECT account, sum(amount)::bigint AS amount FROM journal_lines GROUP BY account`;
  const booked = Object.fromEntries(accounts.map(({ account, amount }) => [account, amount]));
  for (const [account, amount] of Object.entries(model.accounts)) expect(booked[account] ?? 0n, account).toBe(amount);
}

test("whatever merchants pay, statements show, operators match, force, void, write off and correct, a simple model says the same, and every invariant holds", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 12, maxLength: 20 }), async (steps) => {
      const on = await cloneOf(here);
      const model = new Receivables();
      try {
        for (const one of steps) {
          await play(on, model, one);
          await hold(on, model);
        }
        await day(on, today, []);
        await issueBills(at(on, "2026-03-03"), { from: today, to: today });
        await hold(on, model);
        const { checks } = await verify(at(on, "2026-03-03", "auditor"));
        expect(checks.filter(({ ok }) => !ok)).toEqual([]);
      } finally {
        await on.drop();
      }
    }),
    { numRuns: Number(process.env["ACCRUE_TEST_RUNS"] ?? 3) },
  );
}, 240_000);
