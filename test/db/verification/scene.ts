import { subjects } from "../../../src/cli/subjects.ts";
import type { Context } from "../../../src/db/context.ts";
import {
  correctionDocument,
  billCorrectionSubject,
  writeOffDocument,
  writeOffSubject,
} from "../../../src/domain/billing/adjust-subjects.ts";
import { coverageDocument, coverageSubject } from "../../../src/domain/payouts/coverage-subject.ts";
import { forcedMatchDocument, forcedMatchSubject } from "../../../src/domain/reconciliation/force-subject.ts";
import { reconVoidSubject } from "../../../src/domain/reconciliation/void-subject.ts";
import { lineNoOf } from "../../../src/domain/statements/model.ts";
import { proposeAdjustmentFile, proposeOpening } from "../../../src/domain/adjustments/propose.ts";
import { approve } from "../../../src/domain/approvals/decide.ts";
import { addAccount } from "../../../src/domain/accounts/add.ts";
import { closeAccount } from "../../../src/domain/accounts/change.ts";
import { changeMemberStatus } from "../../../src/domain/members/status.ts";
import { issueBills } from "../../../src/domain/billing/issue.ts";
import { confirmCollections, rejectCollections } from "../../../src/domain/collections/decide.ts";
import { recordCollection } from "../../../src/domain/collections/record.ts";
import { addMoneyAccount } from "../../../src/domain/money-accounts/add.ts";
import { correctionSubject, voidSubject } from "../../../src/domain/corrections/order-subjects.ts";
import { registerMember } from "../../../src/domain/members/register.ts";
import { verifyIdentity } from "../../../src/domain/members/verify-identity.ts";
import { suspendMerchant } from "../../../src/domain/merchants/decide.ts";
import { recordBatch } from "../../../src/domain/payouts/export.ts";
import { fileProvider } from "../../../src/domain/payouts/file-provider.ts";
import { handOver } from "../../../src/domain/payouts/hand-over.ts";
import { matchByHand, unmatch } from "../../../src/domain/reconciliation/match.ts";
import { reconcile } from "../../../src/domain/reconciliation/run.ts";
import { setRule } from "../../../src/domain/reconciliation/set-rule.ts";
import { retryPayouts } from "../../../src/domain/payouts/retry.ts";
import { approved, reopen, setPolicy } from "../../support/approved.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { contextOf } from "../../support/money/ground.ts";
import { orderFile, take } from "../orders/scene.ts";
import { box } from "../payouts/scene.ts";
import { noonOf, settleOn } from "../night/scene.ts";
import { account, fileOf, movesFrom, takeStatement } from "../statements/scene.ts";
import { setRate } from "../../support/rates.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import type { TestDatabase } from "../../support/database.ts";
import {
  importMembers,
  importMerchants,
  importOrders,
  importResults,
  importWithdrawals,
} from "../../support/imports.ts";

const at = (operator: string, date: string, database: TestDatabase) =>
  contextOf(database.db, operator, `${date}T12:00:00+08:00`);
const paid = (orderNo: string, member: string, merchant: string, amount: string, date: string, refunded = "") =>
  `${orderNo},${member},${merchant},${amount},paid,${date} 10:00:00,${refunded},,`;

/**
 * A world in which everything happened that is money or authority, each by the use case that does it, over some days of
 * March 2026: the three dates before the 4th are closed, one of them for the second time. It is noon of the 4th when it
 * ends.
 */
export async function everythingHappened(on: TestDatabase): Promise<void> {
  await peopleAndTerms(on);
  await statementsOf(on);
  await take(on, [
    paid("A1", "M1", "S1", "10000.00", "2026-03-01"),
    paid("A2", "M2", "S2", "5000.00", "2026-03-01"),
    paid("A3", "M4", "S1", "500.00", "2026-03-01"),
    paid("A4", "M4", "S1", "500.00", "2026-03-01"),
    "P1,M2,S1,100.00,pending,,,,",
  ]);
  await settleOn(on, {}, { clock: noonOf("2026-03-02") });
  await withdrawals(on);
  await importOrders(at("clerk", "2026-03-02", on), {
    input: {
      path: orderFile([
        paid("B1", "M3", "S2", "200.00", "2026-03-02"),
        paid("A2", "M2", "S2", "5000.00", "2026-03-01", "100.00"),
      ]),
    },
  });
  await settleOn(on, {}, { clock: noonOf("2026-03-03") });
  await reopen(at("amy", "2026-03-03", on), "2026-03-02", "an order was missing");
  await settleOn(on, {}, { clock: noonOf("2026-03-04") });
  await money(on);
  await matching(on);
  await putRight(on);
  await importOrders(at("clerk", "2026-03-04", on), {
    input: { path: orderFile([paid("C1", "M1", "S1", "300.00", "2026-03-04")]) },
  });
}

async function peopleAndTerms(on: TestDatabase): Promise<void> {
  const early = at("clerk", "2026-02-10", on);
  await importMerchants(early, {
    input: {
      path: writeScratch("merchants.csv", "merchant_code,name,contribution_rate\nS1,茶庄,30%\nS2,书店,\nS3,花店,\n"),
    },
  });
  await importMembers(early, {
    input: {
      path: writeScratch(
        "members.csv",
        "member_no,name,phone,identity_verified\nM1,张三,13800000001,yes\nM2,李四,13800000002,yes\nM3,王五,,no\n",
      ),
    },
  });
  await registerMember(early, { memberNo: "M4", name: "赵六", email: "zhao@example.com" });
  await verifyIdentity(early, "M3");
  await changeMemberStatus(early, "M4", "close", undefined);
  await changeMemberStatus(early, "M3", "freeze", "look");
  await suspendMerchant(early, "S3", {});
  await setRate(early, "S2", 2000, "2026-02-20");
  await setRate(early, "S2", 2500, "2026-02-20");
  const terms = { effectiveFrom: "2026-02-20", terms: { twoApproversAboveFen: 50_000n, feeBps: 400 } };
  await setPolicy(early, terms);
  const [alipay, other] = [
    { memberNo: "M1", channel: "alipay", number: "13800001111", holder: "张三", isDefault: false },
    { memberNo: "M2", channel: "alipay", number: "13900001111", holder: "李四", isDefault: false },
  ] as const;
  await addAccount(early, box, alipay);
  await addAccount(early, box, other);
  const gone = await addAccount(early, box, { ...other, number: "13700001111" });
  await closeAccount(early, { memberNo: "M2", accountId: gone.accountId }, "old");
}

async function statementsOf(on: TestDatabase): Promise<void> {
  const early = at("clerk", "2026-02-10", on);
  await account(early, "icbc-8812");
  const moves = movesFrom(
    1_000n,
    [1n, 2n, 3n].map((day) => ({ at: `2026-02-0${day} 10:00:00`, fen: day * 100n, no: `N${day}` })),
  );
  for (const part of [moves.slice(0, 2), moves.slice(1)]) await takeStatement(early, "icbc-8812", fileOf(part));
}

async function withdrawals(on: TestDatabase): Promise<void> {
  const [alice, bob, carol] = [
    at("alice", "2026-03-02", on),
    at("bob", "2026-03-02", on),
    at("carol", "2026-03-02", on),
  ];
  const ask = async (memberNo: string, points: bigint) =>
    (await requestWithdrawal(alice, { memberNo, points })).withdrawalNo;
  const approve = (...withdrawalNos: string[]) => decideWithdrawals(bob, { name: "approve", withdrawalNos });
  const [large, paidOne, failed, rejected] = [
    await ask("M1", 600n),
    await ask("M1", 50n),
    await ask("M1", 60n),
    await ask("M2", 40n),
  ];
  await approve(large, paidOne, failed);
  await decideWithdrawals(carol, { name: "approve", withdrawalNos: [large] });
  await decideWithdrawals(bob, { name: "reject", withdrawalNos: [rejected], reason: "no" });
  const provider = fileProvider("alipay", scratchDirectory());
  const { batchNo } = await recordBatch(carol, box, provider, {});
  await handOver(carol, box, provider, batchNo!);
  const details = await on.db.sql<{ detailNo: string; withdrawalNo: string; netFen: bigint }[]>`
    SELECT detail_no, withdrawal_no, d.net_fen FROM payout_details d JOIN withdrawals w USING (member_id, withdrawal_id)`;
  const row = (withdrawalNo: string, status: string) => {
    const { detailNo, netFen } = details.find((one) => one.withdrawalNo === withdrawalNo)!;
    return `${detailNo},${status},${(Number(netFen) / 100).toFixed(2)}`;
  };
  const answers = ["detail_no,status,amount", row(paidOne, "success"), row(failed, "fail")];
  await importResults(carol, { input: { path: writeScratch("answer.csv", `${answers.join("\n")}\n`) } });
  const [again] = await retryPayouts(alice, [failed]);
  await approve(again!.withdrawalNo);
  await recordBatch(carol, box, provider, {});
  await importWithdrawals(
    alice,
    { input: { path: writeScratch("requests.csv", "request_no,member_no,points\nR1,M2,30\n") } },
    () => box,
  );
  await ask("M2", 20n);
}

/** Points are given to one member and taken from another, and a former system's balance comes with the fund's money. */
async function putRight(on: TestDatabase): Promise<void> {
  const [amy, bob] = [at("amy", "2026-03-04", on), at("bob", "2026-03-04", on)];
  const rows = ["member_no,points,reference,reason_class", "M1,40,T-1,goodwill", "M2,-15,T-2,correction", ""];
  const input = { path: writeScratch("adjust.csv", rows.join("\n")) };
  const given = await proposeAdjustmentFile(amy, { input, control: { rows: 2, points: 25n } }, { reason: "as agreed" });
  await approve(bob, subjects, given.made!.proposal.proposalNo);
  await registerMember(amy, { memberNo: "M5", name: "钱七" });
  const opening = { path: writeScratch("opening.csv", "member_no,points\nM5,70\n") };
  const control = { points: 70n, fundFen: 6_990n };
  const brought = await proposeOpening(amy, { input: opening, date: "2026-03-04", control }, { reason: "moved" });
  await approve(bob, subjects, brought.made!.proposal.proposalNo);
  await approved(bob, correctionSubject, { order_no: "A4", source: "default", amount_fen: "60000" });
  await approved(bob, voidSubject, { order_no: "P1", source: "default" });
}

/**
 * The payout that was paid is seen leaving, the collection coming, money for a bill, and a fee; a match of a fee and one
 * of a bill are taken back.
 */
async function matching(on: TestDatabase): Promise<void> {
  const amy = at("amy", "2026-03-04", on);
  const [paidOne] = await on.db.sql<
    { detailNo: string; netFen: bigint }[]
  >`SELECT detail_no, net_fen FROM payout_details WHERE state = 'paid'`;
  await account(amy, "alipay-main", "alipay");
  const times = { at: "2026-03-04 10:00:00" };
  await takeStatement(
    amy,
    "alipay-main",
    fileOf(
      movesFrom(0n, [
        { ...times, fen: 500_000n, no: "Z1" },
        { ...times, fen: -paidOne!.netFen, no: "Z2", remark: paidOne!.detailNo },
        { ...times, fen: -100n, no: "Z3" },
        { ...times, fen: -200n, no: "Z4" },
      ]),
    ),
  );
  const [bill] = await on.db.sql<
    { closingFen: bigint }[]
  >`SELECT closing_fen FROM merchant_bills WHERE bill_no = 'B00000002'`;
  const came = [
    { ...times, fen: 200_000n, no: "T1" },
    { ...times, fen: bill!.closingFen, no: "T3", remark: "B00000002" },
    { ...times, fen: 900_000n, no: "T4" },
  ];
  await takeStatement(amy, "icbc-8812", fileOf(movesFrom(1_600n, came)));
  await reconcile(amy);
  const lineOf = async (no: string) =>
    (await on.db.sql<{ lineId: bigint }[]>`SELECT line_id FROM statement_lines WHERE line_key = ${no}`)[0]!.lineId;
  await matchByHand(amy, await lineOf("Z3"), ["fee"], "a fee");
  await matchByHand(amy, await lineOf("Z4"), ["fee"], "a fee");
  await unmatch(amy, await lineOf("Z4"), "no fee");
  await matchByHand(amy, await lineOf("T4"), ["B00000001"], "theirs");
  await unmatch(amy, await lineOf("T4"), "not theirs");
  await setRule(amy, { rule: "batch_no", isOn: false });
  await byTwo(at("bob", "2026-03-04", on), await lineOf("T4"), await lineOf("Z4"));
}

/** A bill is corrected and written off in part, a line forced upon it, another one void, and payouts are let go. */
async function byTwo(bob: Context, forced: bigint, voided: bigint): Promise<void> {
  await approved(bob, billCorrectionSubject, correctionDocument("B00000001", -500n));
  await approved(bob, writeOffSubject, writeOffDocument("S1", 1_000n));
  await approved(bob, forcedMatchSubject, forcedMatchDocument(forced, ["B00000001"]));
  await approved(bob, reconVoidSubject, { no: lineNoOf(voided) });
  await setPolicy(bob, { effectiveFrom: "2026-03-05", terms: { minCashCoverageBps: 1_000 } });
  await approved(bob, coverageSubject, coverageDocument("2026-03-05", 50_000n));
}

async function money(on: TestDatabase): Promise<void> {
  const [amy, bob] = [at("amy", "2026-03-04", on), at("bob", "2026-03-04", on)];
  await addMoneyAccount(amy, "icbc-8812", "bank");
  await issueBills(amy, { from: "2026-03-01", to: "2026-03-02" });
  const slip = { receivedOn: "2026-03-03", proof: "slip" };
  await recordCollection(amy, { ...slip, merchantCode: "S1", amountFen: 200_000n, reference: "T1" });
  await recordCollection(amy, { ...slip, merchantCode: "S2", amountFen: 5_000n, reference: "T2" });
  await confirmCollections(bob, ["C00000001"]);
  await rejectCollections(bob, ["C00000002"], "unreadable");
}
