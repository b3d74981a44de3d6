import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inTransaction } from "../../../src/db/database.ts";
import {
  accounts,
  burnLines,
  grantLines,
  holdLines,
  releaseLines,
  type JournalLine,
} from "../../../src/domain/ledger/model.ts";
import { postJournal, postJournals, type JournalHead } from "../../../src/domain/ledger/sql.ts";
import { accountTotals, fundMoney } from "../../../src/domain/ledger/totals-sql.ts";
import { ground } from "../../support/money/ground.ts";

const here = await ground();
const amount = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });

function balancesPerUnit(lines: readonly JournalLine[]): boolean {
  const sum = (unit: "fen" | "points") =>
    lines.filter(({ account }) => accounts[account] === unit).reduce((total, line) => total + line.amount, 0n);
  return sum("fen") === 0n && sum("points") === 0n;
}

const head = (kind: JournalHead["kind"], more: Partial<JournalHead> = {}): JournalHead => ({
  kind,
  businessDate: "2026-03-05",
  operator: "alice",
  postedAt: new Date("2026-03-05T04:00:00Z"),
  ...more,
});

describe("the lines of every kind of posting", () => {
  test("balance in fen and in points, whatever the amounts, and none of them is zero", () => {
    fc.assert(
      fc.property(amount, amount, amount, (a, b, c) => {
        for (const lines of [
          grantLines({ contributionFen: a, points: c }),
          holdLines(a),
          releaseLines(a),
          burnLines({ points: a, netFen: b, feeFen: c }),
        ]) {
          if (!balancesPerUnit(lines) || lines.some((line) => line.amount === 0n)) return false;
        }
        return true;
      }),
    );
  });

  test("put an order of 100.00 yuan on the accounts as the rule says", () => {
    expect(grantLines({ contributionFen: 3000n, points: 21n })).toEqual([
      { account: "contributions_receivable", amount: 3000n },
      { account: "points_fund", amount: -2100n },
      { account: "platform_share", amount: -900n },
      { account: "points_issued", amount: 21n },
      { account: "points_available", amount: -21n },
    ]);
  });

  test("leave out what did not move: a contribution too small for a point is the platform's", () => {
    expect(grantLines({ contributionFen: 1n, points: 0n })).toEqual([
      { account: "contributions_receivable", amount: 1n },
      { account: "platform_share", amount: -1n },
    ]);
  });

  test("put a yuan for each point into the fund and have the platform's share carry the rounding, of grants and clawbacks alike", () => {
    // 150.00 yuan: 45.00 contributed, 31.50 the member's share, 32 points.
    const fenOf = (lines: ReturnType<typeof grantLines>) =>
      Object.fromEntries(
        lines.filter(({ account }) => accounts[account] === "fen").map(({ account, amount }) => [account, amount]),
      );
    expect(fenOf(grantLines({ contributionFen: 4_500n, points: 32n }))).toEqual({
      contributions_receivable: 4_500n,
      points_fund: -3_200n,
      platform_share: -1_300n,
    });
    expect(fenOf(grantLines({ contributionFen: -4_500n, points: -32n }))).toEqual({
      contributions_receivable: -4_500n,
      points_fund: 3_200n,
      platform_share: 1_300n,
    });
  });

  test("of a hold and its release cancel each other", () => {
    const net = new Map<string, bigint>();
    for (const line of [...holdLines(7n), ...releaseLines(7n)])
      net.set(line.account, (net.get(line.account) ?? 0n) + line.amount);
    expect([...net.values()]).toEqual([0n, 0n]);
  });
});

describe("posting to the journal", () => {
  test("writes the head and all its lines, and the accounts carry them", async () => {
    const id = await inTransaction(here.db, (tx) =>
      postJournal(tx, head("grant", { runId: 1n }), grantLines({ contributionFen: 3000n, points: 21n })),
    );
    const [row] = await here.db.sql`SELECT * FROM journal_transactions WHERE journal_id = ${id!}`;
    expect(row).toEqual({
      journalId: id,
      kind: "grant",
      runId: 1n,
      withdrawalNo: null,
      documentNo: null,
      businessDate: "2026-03-05",
      operator: "alice",
      postedAt: new Date("2026-03-05T04:00:00Z"),
    });
    expect(
      await here.db
        .sql`SELECT line_no, account, unit, amount FROM journal_lines WHERE journal_id = ${id!} ORDER BY line_no LIMIT 2`,
    ).toEqual([
      { lineNo: 1, account: "contributions_receivable", unit: "fen", amount: 3000n },
      { lineNo: 2, account: "points_fund", unit: "fen", amount: -2100n },
    ]);
    expect(await fundMoney(here.db.sql)).toBe(2100n);
    expect(await accountTotals(here.db.sql)).toEqual({
      contributions_receivable: 3000n,
      points_fund: -2100n,
      platform_share: -900n,
      payouts_payable: 0n,
      fee_income: 0n,
      bank: 0n,
      suspense: 0n,
      channel_fees: 0n,
      tax_payable: 0n,
      write_offs: 0n,
      points_issued: 21n,
      points_redeemed: 0n,
      points_available: -21n,
      points_held: 0n,
    });
  });

  test("of many transactions takes them all at once, and skips those without a line", async () => {
    const ids = await inTransaction(here.db, (tx) =>
      postJournals(tx, [
        { head: head("hold", { withdrawalNo: "W00000001" }), lines: holdLines(5n) },
        { head: head("hold", { withdrawalNo: "W00000002" }), lines: holdLines(0n) },
        { head: head("release", { withdrawalNo: "W00000001" }), lines: releaseLines(5n) },
      ]),
    );
    expect(ids).toHaveLength(2);
    expect(
      await here.db
        .sql`SELECT kind, withdrawal_no FROM journal_transactions WHERE journal_id IN ${here.db.sql(ids)} ORDER BY 1`,
    ).toEqual([
      { kind: "hold", withdrawalNo: "W00000001" },
      { kind: "release", withdrawalNo: "W00000001" },
    ]);
    expect(await inTransaction(here.db, (tx) => postJournal(tx, head("adjust"), []))).toBeUndefined();
  });

  test("is refused by the database when a unit does not balance, and nothing of it stays", async () => {
    const before = await here.db.sql`SELECT count(*) FROM journal_transactions`;
    await expect(
      inTransaction(here.db, (tx) =>
        postJournal(tx, head("adjust"), [
          { account: "points_fund", amount: 5n },
          { account: "points_issued", amount: -5n },
        ]),
      ),
    ).rejects.toThrow(/journal transaction \d+ does not balance: (fen|points) differs by -?5/);
    expect(await here.db.sql`SELECT count(*) FROM journal_transactions`).toEqual(before);
  });
});
