import { beforeAll, expect, test } from "vitest";
import { issueBills } from "../../../src/domain/billing/issue.ts";
import { coverageRefusal } from "../../../src/domain/ledger/coverage.ts";
import { recordBatch } from "../../../src/domain/payouts/export.ts";
import { fileProvider } from "../../../src/domain/payouts/file-provider.ts";
import { addAccount } from "../../../src/domain/accounts/add.ts";
import { verifyIdentity } from "../../../src/domain/members/verify-identity.ts";
import { forcedMatchDocument, forcedMatchSubject } from "../../../src/domain/reconciliation/force-subject.ts";
import { feeWord, matchByHand, unmatch } from "../../../src/domain/reconciliation/match.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { reportFund } from "../../../src/reports/fund.ts";
import { coverageDocument, coverageSubject } from "../../../src/domain/payouts/coverage-subject.ts";
import { approved, setPolicy } from "../../support/approved.ts";
import { verify } from "../../../src/verification/verify.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";
import { at, endOfFebruary, pay } from "../billing/scene.ts";
import { noonOf, settleOn } from "../night/scene.ts";
import { account, fileOf, movesFrom, takeStatement } from "../statements/scene.ts";
import { box } from "../payouts/scene.ts";

const here = await testDatabase();
const march = "2026-03-01";
beforeAll(async () => {
  await endOfFebruary(here);
  await issueBills(at(here, march), { from: "2026-02-01", to: "2026-02-28" });
  await verifyIdentity(at(here, march), "M1");
  await addAccount(at(here, "2026-02-20"), box, {
    memberNo: "M1",
    channel: "alipay",
    number: "13800001111",
    holder: "名M1",
    isDefault: true,
  });
});

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => (error as { code: string }).code,
  );
const setLeast = async (on: TestDatabase, minCashCoverageBps: number | null) => {
  const boss = at(on, march, "boss");
  await setPolicy(boss, { effectiveFrom: march, terms: { minCashCoverageBps } });
};
const request = (on: TestDatabase, points: bigint) =>
  requestWithdrawal(at(on, march, "amy"), { memberNo: "M1", points });
const figures = async (on: TestDatabase) => {
  const { fundFen, worthFen, coverageBps, cashFen, cashCoverageBps, contributionsFen, collectedFen } = await reportFund(
    at(on, march),
  );
  return { fundFen, worthFen, coverageBps, cashFen, cashCoverageBps, contributionsFen, collectedFen };
};

test("the fund is covered as soon as merchants owe, in cash once they pay, and no prepayment counts", async () => {
  const on = await cloneOf(here);
  const booked = { fundFen: 33_600n, worthFen: 33_600n, coverageBps: 10_000, contributionsFen: 48_000n };
  expect(await figures(on)).toEqual({ ...booked, cashFen: 0n, cashCoverageBps: 0, collectedFen: 0n });
  await pay(on, march, "S2", 6_000n);
  expect(await figures(on)).toEqual({ ...booked, cashFen: 4_200n, cashCoverageBps: 1_250, collectedFen: 6_000n });
  await pay(on, march, "S1", 142_000n);
  expect(await figures(on)).toEqual({ ...booked, cashFen: 33_600n, cashCoverageBps: 10_000, collectedFen: 148_000n });
});

test("what would leave less cash than the policy asks for is refused, at each of the three steps", async () => {
  const on = await cloneOf(here);
  await pay(on, march, "S1", 24_000n); // half of all that is owed: 168.00 of cash behind 336.00
  await setLeast(on, 4_000);
  // 33.60 may go: (168.00 - 33.60) / (336.00 - 33.60) is 44.4 %; 60.00 leave 39.1 %.
  expect(await codeOf(request(on, 60n))).toBe("cash_coverage_insufficient");
  const { withdrawalNo } = await request(on, 30n);
  expect(await codeOf(request(on, 30n))).toBe("cash_coverage_insufficient");
  await setLeast(on, 5_000);
  expect(
    await codeOf(decideWithdrawals(at(on, march, "bob"), { name: "approve", withdrawalNos: [withdrawalNo] })),
  ).toBe("cash_coverage_insufficient");
  await setLeast(on, 4_000);
  expect(
    await codeOf(decideWithdrawals(at(on, march, "bob"), { name: "approve", withdrawalNos: [withdrawalNo] })),
  ).toBe("done");
  await setLeast(on, 5_000);
  const send = () => recordBatch(at(on, march, "carol"), box, fileProvider("alipay", scratchDirectory()), {});
  expect(await codeOf(send())).toBe("cash_coverage_insufficient");
  // Two operators let so much go today, and no more; on a day without a least coverage there is nothing to allow.
  const allow = (yuan: bigint, date: string) =>
    codeOf(approved(at(on, march, "bob"), coverageSubject, coverageDocument(date, yuan * 100n)));
  expect([await allow(29n, march), await codeOf(send())]).toEqual(["done", "cash_coverage_insufficient"]);
  expect([await allow(31n, "2026-03-02"), await codeOf(send())]).toEqual(["done", "cash_coverage_insufficient"]);
  expect([await allow(31n, "2026-02-28"), await allow(31n, march)]).toEqual(["coverage_not_limited", "done"]);
  await setPolicy(at(on, "2026-02-28", "boss"), { effectiveFrom: "2026-02-28", terms: { minCashCoverageBps: 1 } });
  expect(await allow(31n, "2026-02-28")).toBe("exception_in_past");
  expect(await codeOf(send())).toBe("done");
});

test("the refusal tells the figures, and nothing is left to cover once all is paid", () => {
  expect(coverageRefusal(undefined, 1n)).toBeUndefined();
  expect(coverageRefusal({ cashFen: 100n, worthFen: 100n, minBps: 10_000, allowedFen: 0n }, 100n)).toBeUndefined();
  expect(coverageRefusal({ cashFen: 99n, worthFen: 100n, minBps: 1, allowedFen: 0n }, 100n)?.code).toBe(
    "cash_coverage_insufficient",
  );
  expect(coverageRefusal({ cashFen: 16_800n, worthFen: 33_600n, minBps: 5_000, allowedFen: 0n }, 10n)).toMatchObject({
    message:
      "the cash behind the points would cover 49.98% of what they are worth, and the policy asks for 50%: 168.00 yuan of cash, 336.00 owed, 0.10 asked for with this",
    details: { cash: "168.00", points_worth: "336.00", payouts: "0.10", minimum: "50%" },
  });
});

test("money that went out of an account, and nobody knows what for, is no cash behind the points", async () => {
  const on = await cloneOf(here);
  await pay(on, march, "S1", 24_000n);
  expect((await figures(on)).cashFen).toBe(16_800n); // the fund's share of what was paid
  await account(at(on, march), "alipay-main", "alipay");
  const [first, second] = movesFrom(20_000n, [
    { at: `${march} 09:00:00`, no: "N1", fen: -10_000n, remark: "who knows" },
    { at: `${march} 09:30:00`, no: "N2", fen: 500n, remark: "who knows" },
  ]);
  await takeStatement(at(on, march), "alipay-main", fileOf([first!]));
  expect((await figures(on)).cashFen).toBe(14_000n);
  // What came in and is as unknown makes up for nothing.
  await takeStatement(at(on, march), "alipay-main", fileOf([first!, second!]));
  expect((await figures(on)).cashFen).toBe(14_000n);
  await matchByHand(at(on, march), 1n, [feeWord], "the channel's fee");
  expect((await figures(on)).cashFen).toBe(14_000n);
});

test("what a forced match gives up of a merchant's money was never paid, as if it was written off", async () => {
  const on = await cloneOf(here);
  const booked = { fundFen: 33_600n, worthFen: 33_600n, coverageBps: 10_000, contributionsFen: 48_000n };
  const moves = movesFrom(0n, [{ at: `${march} 09:00:00`, no: "N1", fen: 40_000n }]);
  await takeStatement(at(on, march), "icbc-8812", fileOf(moves));
  const document = forcedMatchDocument(1n, ["B00000001"]); // over 420.00
  await approved(at(on, march, "bob"), forcedMatchSubject, document);
  expect(await figures(on)).toEqual({ ...booked, cashFen: 28_000n, cashCoverageBps: 8_333, collectedFen: 40_000n });
  await settleOn(on, {}, { clock: noonOf("2026-03-02") });
  await unmatch(at(on, "2026-03-02"), 1n, "not theirs");
  expect(await figures(on)).toEqual({ ...booked, cashFen: 0n, cashCoverageBps: 0, collectedFen: 0n });
  await settleOn(on, {}, { clock: noonOf("2026-03-03") });
  expect((await verify(at(on, "2026-03-03"))).checks.filter(({ ok }) => !ok)).toEqual([]);
});
