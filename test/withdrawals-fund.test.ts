import { describe, expect, test } from "vitest";
import { decideWithdrawals } from "../src/withdrawals/decide.ts";
import { requestWithdrawal } from "../src/withdrawals/request.ts";
import { inTransaction } from "../src/db/database.ts";
import { postJournal } from "../src/ledger/sql.ts";
import { ground } from "./money/ground.ts";
import { addMember, earn } from "./money/people.ts";

const here = await ground();

/** Takes money out of the fund by hand, as an adjustment would. */
const drainFund = (amountFen: bigint) =>
  inTransaction(here.db.sql, (tx) =>
    postJournal(tx, { kind: "adjust", businessDate: "2026-03-05", operator: "carol", postedAt: new Date() }, [
      { account: "points_fund", amount: amountFen },
      { account: "platform_share", amount: -amountFen },
    ]));

describe("a points fund that does not cover everything", () => {
  test("refuses a request that it cannot pay beside those that are open, and a second approval that it cannot pay beside the first", async () => {
    await addMember(here.db, "M1");
    await earn(here.db, "M1", 100_000n); // 210 points, 210.00 yuan in the fund
    const request = (points: bigint) => requestWithdrawal(here.as("alice"), { memberNo: "M1", points });
    const approve = (withdrawalNo: string) => decideWithdrawals(here.as("bob"), { name: "approve", withdrawalNos: [withdrawalNo] });

    const first = await request(100n);
    await drainFund(1_000n); // 200.00 left, 100.00 of it free
    await expect(request(101n)).rejects.toMatchObject({
      code: "fund_insufficient",
      message: "the points fund would not cover it: 100.00 yuan are free of other open withdrawals, 101.00 are asked for",
      details: { free: "100.00", gross: "101.00" },
    });
    const second = await request(100n);

    await drainFund(1n);
    await approve(first.withdrawalNo);
    await expect(approve(second.withdrawalNo)).rejects.toMatchObject({
      code: "fund_insufficient",
      message: "the points fund holds 199.99 yuan, all approved withdrawals with these come to 200.00",
    });
    await drainFund(-1n);
    await approve(second.withdrawalNo);
  });
});
