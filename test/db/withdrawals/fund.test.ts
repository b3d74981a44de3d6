import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inTransaction, type Ending } from "../../../src/db/database.ts";
import { postJournal } from "../../../src/domain/ledger/sql.ts";
import { recordBatch, type ExportRequest } from "../../../src/domain/payouts/export.ts";
import { fileProvider } from "../../../src/domain/payouts/file-provider.ts";
import type { FileChannel } from "../../../src/domain/payouts/model.ts";
import { retryPayouts } from "../../../src/domain/payouts/retry.ts";
import { decideWithdrawals, planDecision } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { lookAt, reviewQueue, type ReviewFilter } from "../../../src/domain/withdrawals/review.ts";
import { setPolicy } from "../../support/approved.ts";
import { contextOf, type Ground } from "../../support/money/ground.ts";
import { addMember, balanceOf, earn, grant, refund } from "../../support/money/people.ts";
import { addPayee, box, secretKey } from "../payouts/scene.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf } from "../../support/database.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { importResults } from "../../support/imports.ts";

let here: Ground;
beforeEach(async () => {
  const database = await cloneOf();
  here = Object.assign(database, { as: (operator: string) => contextOf(database.db, operator) });
});
afterEach(() => here.drop());

/** Takes money out of the fund by hand, as an adjustment would. */
const drainFund = (amountFen: bigint) =>
  inTransaction(here.db, (tx) =>
    postJournal(tx, { kind: "adjust", businessDate: "2026-03-05", operator: "carol", postedAt: new Date() }, [
      { account: "points_fund", amount: amountFen },
      { account: "platform_share", amount: -amountFen },
    ]),
  );

/** A member who has earned 210 points for each 1,000.00 yuan, and can be paid. */
async function earner(memberNo: string, amountFen: bigint, channel: "alipay" | "wechat" = "alipay"): Promise<string> {
  await addMember(here.db, memberNo);
  await addPayee(here.db, memberNo, { channel });
  return earn(here.db, memberNo, amountFen);
}

const request = async (memberNo: string, points: bigint) =>
  (await requestWithdrawal(here.as("alice"), { memberNo, points })).withdrawalNo;
const decide = (name: "approve" | "reject" | "cancel", withdrawalNo: string, operator = "bob") =>
  decideWithdrawals(here.as(operator), {
    name,
    withdrawalNos: [withdrawalNo],
    ...(name === "reject" ? { reason: "no" } : {}),
  });
const approve = (withdrawalNo: string, operator?: string) => decide("approve", withdrawalNo, operator);
const exportBatch = (channel: FileChannel = "csv", request: ExportRequest = {}, ending: Ending = "commit") =>
  recordBatch({ ...here.as("cashier"), ending }, box, fileProvider(channel, scratchDirectory()), request);
const statusOf = async (withdrawalNo: string) =>
  (await here.db.sql<{ status: string }[]>`SELECT status FROM withdrawals WHERE withdrawal_no = ${withdrawalNo}`)[0]!
    .status;

async function fail(withdrawalNo: string): Promise<void> {
  const [row] = await here.db.sql<{ line: string }[]>`
    SELECT d.detail_no || ',fail,' || to_char(d.net_fen / 100.0, 'FM999990.00') AS line
    FROM payout_details d JOIN withdrawals w USING (member_id, withdrawal_id) WHERE w.withdrawal_no = ${withdrawalNo}`;
  await importResults(here.as("cashier"), {
    input: { path: writeScratch("answer.csv", `detail_no,status,amount\n${row!.line}\n`) },
  });
}

describe("a points fund that does not cover everything", () => {
  test("refuses a request that it cannot pay beside those that are open, and a second approval that it cannot pay beside the first", async () => {
    await earner("M1", 100_000n); // 210 points, 210.00 yuan in the fund
    const first = await request("M1", 100n);
    await drainFund(1_000n); // 200.00 left, 100.00 of it free
    await expect(request("M1", 101n)).rejects.toMatchObject({
      code: "fund_insufficient",
      message:
        "the points fund would not cover it: 100.00 yuan are free of other open withdrawals, 101.00 are asked for",
      details: { free: "100.00", gross: "101.00" },
    });
    const second = await request("M1", 100n);

    await drainFund(1n);
    await approve(first);
    await expect(approve(second)).rejects.toMatchObject({
      code: "fund_insufficient",
      message: "the points fund holds 199.99 yuan, all approved withdrawals with these come to 200.00",
    });
    await drainFund(-1n);
    await approve(second);
  });

  test("is held by the first of two approvals as well: the second withdrawal is refused to its first approver", async () => {
    await setPolicy(here.as("boss"), { effectiveFrom: "2026-03-05", terms: { twoApproversAboveFen: 5_000n } });
    await earner("M1", 100_000n);
    const [first, second] = [await request("M1", 100n), await request("M1", 100n)];
    await drainFund(1_001n);
    await approve(first);
    await expect(approve(second, "carol")).rejects.toMatchObject({
      code: "fund_insufficient",
      details: { fund: "199.99", committed: "200.00" },
    });
    await approve(first, "carol");
    await expect(approve(second, "carol")).rejects.toMatchObject({ code: "fund_insufficient" });
  });

  test("refuses to send more than it covers, as a dry run too; what is under way counts, and what is sent is less by then", async () => {
    await earner("M1", 200_000n);
    const [first, second] = [await request("M1", 210n), await request("M1", 210n)];
    for (const one of [first, second]) await approve(one);
    await drainFund(21_000n);
    for (const ending of ["rollback", "commit"] as const) {
      await expect(exportBatch("csv", {}, ending)).rejects.toMatchObject({
        kind: "refused",
        code: "fund_insufficient",
        message: "the points fund holds 210.00 yuan, all payouts under way with these come to 420.00 gross",
        hint: "nothing was sent; send fewer (--limit, --max-total): `accrue report fund` shows what the fund has to cover",
      });
    }
    expect([await statusOf(first), await statusOf(second)]).toEqual(["approved", "approved"]);
    expect(await exportBatch("alipay", { limit: 1 })).toMatchObject({ details: 1 });
    await expect(exportBatch("csv")).rejects.toMatchObject({
      code: "fund_insufficient",
      details: { fund: "210.00", paying: "420.00" },
    });
    expect([await statusOf(first), await statusOf(second)]).toEqual(["paying", "approved"]);
  });

  test("of two approvals at once, and of two exports at once, it covers one", async () => {
    await earner("M1", 100_000n);
    await earner("M2", 100_000n, "wechat");
    const [first, second] = [await request("M1", 210n), await request("M2", 210n)];
    await drainFund(1n);
    const outcomesOf = async (work: readonly Promise<unknown>[]) =>
      (await Promise.allSettled(work))
        .map((one) => (one.status === "fulfilled" ? "done" : (one.reason as { code: string }).code))
        .toSorted();
    expect(await outcomesOf([approve(first, "bob"), approve(second, "carol")])).toEqual(["done", "fund_insufficient"]);
    await drainFund(-1n);
    for (const one of [first, second]) if ((await statusOf(one)) === "requested") await approve(one);
    await drainFund(1n);
    expect(await outcomesOf([exportBatch("alipay"), exportBatch("wechat", { appid: "wx0123456789abcdef" })])).toEqual([
      "done",
      "fund_insufficient",
    ]);
    expect([await statusOf(first), await statusOf(second)].toSorted()).toEqual(["approved", "paying"]);
  });
});

describe("a member below zero", () => {
  /** M1 has asked for all 420 points when an order is returned: 105 below zero, and 420 held. */
  async function debtor(): Promise<string> {
    const returned = await earner("M1", 200_000n);
    const withdrawalNo = await request("M1", 420n);
    await refund(here.db, returned, 50_000n);
    await grant(here.db);
    expect(await balanceOf(here.db, "M1")).toEqual({ availablePoints: -105n, heldPoints: 420n });
    return withdrawalNo;
  }

  async function queueOf(filter: ReviewFilter): Promise<readonly string[]> {
    const numbers: string[] = [];
    for await (const withdrawalNo of reviewQueue(here.as("bob"), filter)) numbers.push(withdrawalNo);
    return numbers;
  }

  test("is not approved, by number, by filter or in a review, and what to do is said", async () => {
    const withdrawalNo = await debtor();
    await expect(approve(withdrawalNo)).rejects.toMatchObject({
      kind: "refused",
      code: "member_in_debt",
      message: `withdrawal ${withdrawalNo} belongs to member M1, whose points are below zero`,
      hint: "reject or cancel it, which fills the balance up with its points, or wait until later grants have: `accrue member show`",
    });
    expect(await planDecision(here.as("bob"), { name: "approve", filter: {} })).toMatchObject({
      count: 0,
      leftOut: [{ code: "member_in_debt", count: 1 }],
    });
    expect(
      await planDecision(here.as("bob"), { name: "reject", filter: { risk: "none" }, reason: "no" }),
    ).toMatchObject({ count: 0, leftOut: [{ code: "risky", count: 1 }] });
    expect(await lookAt(here.as("bob"), withdrawalNo)).toMatchObject({
      refusal: { code: "member_in_debt" },
      risks: expect.arrayContaining(["member_in_debt"]),
    });
    expect(await queueOf({ risk: "member_in_debt" })).toEqual([withdrawalNo]);
    const { stdout } = await accrueInProcess(["withdrawal", "list", "--risk", "member_in_debt", "--json"], {
      database: here,
    });
    expect(JSON.parse(stdout)).toMatchObject({
      withdrawal_no: withdrawalNo,
      risks: expect.arrayContaining(["member_in_debt"]),
    });
    expect(await queueOf({ risk: "none" })).toEqual([]);
  });

  test("gets the points of a withdrawal that is cancelled, which cover the debt; what is left is asked for again", async () => {
    const withdrawalNo = await debtor();
    await decide("cancel", withdrawalNo);
    expect(await balanceOf(here.db, "M1")).toEqual({ availablePoints: 315n, heldPoints: 0n });
    await approve(await request("M1", 315n));
    expect(await exportBatch()).toMatchObject({ details: 1, refusedCount: 0 });
  });

  test("is approved when later grants have filled the balance up", async () => {
    const withdrawalNo = await debtor();
    await earn(here.db, "M1", 49_999n);
    expect(await balanceOf(here.db, "M1")).toMatchObject({ availablePoints: 0n });
    expect(await approve(withdrawalNo)).toMatchObject([{ status: "approved" }]);
  });

  test("is not sent what was approved before; the others are, and exit code and words say so", async () => {
    const returned = await earner("M1", 200_000n);
    await earner("M2", 100_000n);
    const [owing, fine] = [await request("M1", 420n), await request("M2", 100n)];
    for (const one of [owing, fine]) await approve(one);
    await refund(here.db, returned, 50_000n);
    await grant(here.db);
    const env = { ACCRUE_SECRET_KEY: secretKey.toString("hex") };
    const { stdout, exitCode } = await accrueInProcess(
      ["payout", "export", "--channel", "alipay", "--output", scratchDirectory(), "--json"],
      { database: here, env },
    );
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      payouts: 1,
      refusals: [
        {
          withdrawal_no: owing,
          code: "member_in_debt",
          reason:
            "the member is 105 points below zero: reject or cancel it, which fills the balance up with its points, or wait until later grants have: `accrue member show`",
        },
      ],
    });
    expect([await statusOf(owing), await statusOf(fine)]).toEqual(["approved", "paying"]);
  });

  test("is not paid anew what failed", async () => {
    const returned = await earner("M1", 200_000n);
    const [small, large] = [await request("M1", 20n), await request("M1", 400n)];
    await approve(small);
    await exportBatch();
    await fail(small);
    await refund(here.db, returned, 50_000n);
    await grant(here.db); // 85 below zero, 400 held
    await expect(retryPayouts(here.as("alice"), [small])).rejects.toMatchObject({
      kind: "refused",
      code: "member_in_debt",
      message: `withdrawal ${small} belongs to member M1, who is 85 points below zero`,
      hint: "nothing was changed; reject or cancel what else of the member is open, or wait for later grants, until the balance is filled up: `accrue member show`",
    });
    await decide("reject", large);
    expect(await retryPayouts(here.as("alice"), [small])).toMatchObject([{ failedWithdrawalNo: small, points: 20n }]);
  });
});

describe("a fee that leaves nothing", () => {
  test("is refused by name, and in a file rejects its row alone", async () => {
    await earner("M1", 1_000_000n);
    const terms = { pointValueFen: 1n, feeBps: 5_000, minWithdrawalPoints: 1n };
    await setPolicy(here.as("boss"), { effectiveFrom: "2026-03-05", terms });
    await expect(request("M1", 1n)).rejects.toMatchObject({
      kind: "refused",
      code: "withdrawal_net_zero",
      message: "1 point is worth 0.01 yuan and the fee is 0.01: nothing would be paid",
      hint: "request more points; `accrue policy show` shows what a point is worth, and the fee",
      details: { points: 1n, gross: "0.01", fee: "0.01" },
    });
    const path = writeScratch("requests.csv", "request_no,member_no,points\nR1,M1,1\nR2,M1,2\nR3,M1,3\n");
    const { stdout, exitCode } = await accrueInProcess(["withdrawal", "import", path, "--json"], {
      database: here,
      now: new Date("2026-03-05T04:00:00Z"),
    });
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      read: 3,
      inserted: 2,
      rejected: 1,
      reasons: { withdrawal_net_zero: 1 },
    });
    expect(await balanceOf(here.db, "M1")).toMatchObject({ heldPoints: 5n });
  });
});
