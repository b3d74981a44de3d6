import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SecretBox } from "../../../src/domain/accounts/secret-box.ts";
import { inTransaction, connect } from "../../../src/db/database.ts";
import { targetFromUrl } from "../../../src/db/url.ts";
import type { AccrueError } from "../../../src/shared/errors.ts";
import { verify } from "../../../src/verification/verify.ts";
import { applyDecisionPlan, decideWithdrawals, planDecision } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { lacksEvidence } from "../../../src/domain/evidence/verdict-sql.ts";
import { risksOf } from "../../../src/domain/withdrawals/risk-sql.ts";
import { showWithdrawal } from "../../../src/domain/withdrawals/show.ts";
import { nextId } from "../../../src/db/numbers.ts";
import { setPolicy } from "../../support/approved.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { writeScratch } from "../../support/files.ts";
import { registered } from "../../support/operators.ts";
import { accrueOnTerminal } from "../../support/pty.ts";
import { newKey } from "../accounts/ground.ts";
import { contextOf, ground, noon } from "../../support/money/ground.ts";
import { addMember, addMerchant, balanceOf, earn, grant, record, refund, sell } from "../../support/money/people.ts";
import { importWithdrawals } from "../../support/imports.ts";

const here = await ground();
await registered(here.db, ["x"]);
let counter = 0;
const memberWith = async (yuan: number): Promise<string> => {
  const memberNo = `M${(counter += 1)}`;
  await addMember(here.db, memberNo);
  if (yuan > 0) await earn(here.db, memberNo, BigInt(yuan) * 100n);
  return memberNo;
};
const requestOf = async (memberNo: string, points: bigint, by = "alice", at?: string) =>
  (await requestWithdrawal(here.as(by, at), { memberNo, points })).withdrawalNo;
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: AccrueError) => error.code,
  );
const statusOf = async (withdrawalNo: string) =>
  (await here.db.sql`SELECT status FROM withdrawals WHERE withdrawal_no = ${withdrawalNo}`)[0]!["status"];
const inProcess = { database: here, now: new Date(noon), env: { ACCRUE_OPERATOR: "bob" } };
const run = async (...args: string[]) => {
  const { exitCode, stdout, stderr } = await accrueInProcess(["withdrawal", ...args, "--json"], inProcess);
  return {
    exitCode,
    document: stdout === "" ? undefined : (JSON.parse(stdout) as Record<string, unknown>),
    error:
      stderr === ""
        ? undefined
        : (JSON.parse(stderr) as { error: { code: string; details: { digest: string } } }).error,
  };
};

describe("two approvers", () => {
  const large = async (by = "alice") => requestOf(await memberWith(1_000_000), 10_001n, by);

  test("an amount above the policy's takes two operators, neither of them the requester", async () => {
    const withdrawalNo = await large();
    const [first] = await decideWithdrawals(here.as("bob"), { name: "approve", withdrawalNos: [withdrawalNo] });
    expect(first).toMatchObject({ status: "requested", firstApprovedBy: "bob", approvedBy: null, approvalsNeeded: 2 });
    expect(await codeOf(decideWithdrawals(here.as("bob"), { name: "approve", withdrawalNos: [withdrawalNo] }))).toBe(
      "approved_by_you",
    );
    expect(await codeOf(decideWithdrawals(here.as("alice"), { name: "approve", withdrawalNos: [withdrawalNo] }))).toBe(
      "maker_is_checker",
    );
    const listed = await accrueInProcess(["withdrawal", "list", "--status", "requested"], inProcess);
    expect(listed.stdout).toContain("requested, 1 of 2");
    const [second] = await decideWithdrawals(here.as("carol"), { name: "approve", withdrawalNos: [withdrawalNo] });
    expect(second).toMatchObject({
      status: "approved",
      firstApprovedBy: "bob",
      approvedBy: "carol",
      decidedBy: "carol",
    });
    const { actions } = await showWithdrawal(here.as("bob"), withdrawalNo);
    expect(actions.map(({ operator, details }) => [operator, details["approval"]])).toEqual([
      ["alice", undefined],
      ["bob", "1 of 2"],
      // What was refused is on record, too.
      ["bob", undefined],
      ["alice", undefined],
      ["carol", "2 of 2"],
    ]);
  });

  test("exactly the policy's amount takes one", async () => {
    const withdrawalNo = await requestOf(await memberWith(1_000_000), 10_000n);
    expect(await decideWithdrawals(here.as("bob"), { name: "approve", withdrawalNos: [withdrawalNo] })).toMatchObject([
      { status: "approved", approvalsNeeded: 1 },
    ]);
  });

  test("it can be rejected after the first approval, and the points come back", async () => {
    const memberNo = await memberWith(1_000_000);
    const withdrawalNo = await requestOf(memberNo, 10_001n);
    await decideWithdrawals(here.as("bob"), { name: "approve", withdrawalNos: [withdrawalNo] });
    await decideWithdrawals(here.as("carol"), { name: "reject", withdrawalNos: [withdrawalNo], reason: "no" });
    expect(await balanceOf(here.db, memberNo)).toEqual({ availablePoints: 210_000n, heldPoints: 0n });
  });

  test.each([
    [
      "a second approval without a first",
      "approved_by = 'carol', status = 'approved', decided_by = 'carol', decided_at = now()",
      "withdrawals_two_approvers",
    ],
    [
      "the requester as the first",
      "first_approved_by = 'ALICE', first_approved_at = now(), first_approval_risks = '{}'",
      "withdrawals_maker_is_not_first_checker",
    ],
    [
      "both at once",
      "first_approved_by = 'bob', first_approved_at = now(), first_approval_risks = '{}', approved_by = 'carol', status = 'approved', decided_by = 'carol', decided_at = now()",
      "who approved",
    ],
    ["fewer approvals than were asked for", "approvals_needed = 1", "what was requested in withdrawal"],
  ])("the database itself refuses %s", async (_what, change, said) => {
    const withdrawalNo = await large();
    await expect(
      inTransaction(here.db, (tx) =>
        tx.unsafe(`UPDATE withdrawals SET ${change} WHERE withdrawal_no = '${withdrawalNo}'`),
      ),
    ).rejects.toThrow(said);
  });

  test("the database itself refuses one operator as both, and a first approval taken back", async () => {
    const withdrawalNo = await large();
    await decideWithdrawals(here.as("bob"), { name: "approve", withdrawalNos: [withdrawalNo] });
    const change = (set: string) =>
      inTransaction(here.db, (tx) =>
        tx.unsafe(`UPDATE withdrawals SET ${set} WHERE withdrawal_no = '${withdrawalNo}'`),
      );
    await expect(
      change("approved_by = 'Bob', status = 'approved', decided_by = 'Bob', decided_at = now()"),
    ).rejects.toThrow("withdrawals_two_approvers");
    await expect(
      change("first_approved_by = NULL, first_approved_at = NULL, first_approval_risks = NULL"),
    ).rejects.toThrow("who approved");
  });
});

describe("a plan by filter", () => {
  test("takes what fits and leaves out what this operator cannot decide, saying how many and why", async () => {
    const memberNo = await memberWith(10_000);
    const [small, mine, big] = [
      await requestOf(memberNo, 20n),
      await requestOf(memberNo, 30n, "bob"),
      await requestOf(memberNo, 200n),
    ];
    const plan = await planDecision(here.as("bob"), { name: "approve", filter: { memberNo, maxGrossFen: 10_000n } });
    expect(plan).toMatchObject({
      count: 1,
      points: 20n,
      grossFen: 2_000n,
      netFen: 1_900n,
      leftOut: [{ code: "maker_is_checker", count: 1 }],
    });
    expect(plan.withdrawals.map(({ withdrawalNo }) => withdrawalNo)).toEqual([small]);
    await applyDecisionPlan(here.as("bob"), plan);
    expect([await statusOf(small), await statusOf(mine), await statusOf(big)]).toEqual([
      "approved",
      "requested",
      "requested",
    ]);
    const above = await planDecision(here.as("carol"), { name: "approve", filter: { memberNo, minGrossFen: 20_000n } });
    expect(above.withdrawals.map(({ withdrawalNo }) => withdrawalNo)).toEqual([big]);
  });

  test("--before counts business dates of the requests", async () => {
    const memberNo = await memberWith(10_000);
    const old = await requestOf(memberNo, 20n, "alice", "2026-03-04T23:59:59+08:00");
    await requestOf(memberNo, 20n, "alice", "2026-03-05T00:00:00+08:00");
    const plan = await planDecision(here.as("bob"), { name: "cancel", filter: { memberNo, before: "2026-03-05" } });
    expect(plan.withdrawals.map(({ withdrawalNo }) => withdrawalNo)).toEqual([old]);
  });

  test("is refused as stale when one came in, went, or was approved once since; then nothing is changed", async () => {
    const memberNo = await memberWith(1_000_000);
    const request = { name: "approve", filter: { memberNo } } as const;
    const first = await requestOf(memberNo, 10_001n);
    const stale = async (meanwhile: () => Promise<unknown>) => {
      const plan = await planDecision(here.as("bob"), request);
      await meanwhile();
      expect(await codeOf(applyDecisionPlan(here.as("bob"), plan))).toBe("withdrawal_plan_stale");
      expect(await statusOf(first)).toBe("requested");
    };
    let second = "";
    await stale(async () => void (second = await requestOf(memberNo, 20n)));
    await stale(() => decideWithdrawals(here.as("carol"), { name: "cancel", withdrawalNos: [second] }));
    await stale(() => decideWithdrawals(here.as("carol"), { name: "approve", withdrawalNos: [first] }));
    expect(await codeOf(planDecision(here.as("bob"), request, { digest: "0000000000000000" }))).toBe(
      "withdrawal_plan_stale",
    );
  });

  test("is refused when it is of more withdrawals than one decision takes", async () => {
    const memberNo = await memberWith(10_000);
    await requestOf(memberNo, 20n);
    await requestOf(memberNo, 30n);
    const request = { name: "approve", filter: { memberNo }, maxWithdrawals: 1 } as const;
    expect(await codeOf(planDecision(here.as("bob"), request))).toBe("withdrawal_plan_too_large");
    expect(await planDecision(here.as("bob"), { ...request, maxWithdrawals: 2 })).toMatchObject({ count: 2 });
  });

  test("the same withdrawals have the same digest, another decision another", async () => {
    const memberNo = await memberWith(10_000);
    const numbers = [await requestOf(memberNo, 20n), await requestOf(memberNo, 30n)];
    const byFilter = await planDecision(here.as("bob"), { name: "approve", filter: { memberNo } });
    const byName = await planDecision(here.as("carol"), { name: "approve", withdrawalNos: numbers.toReversed() });
    const cancel = await planDecision(here.as("bob"), { name: "cancel", filter: { memberNo } });
    expect(byFilter.digest).toMatch(/^[0-9a-f]{16}$/);
    expect(byName.digest).toBe(byFilter.digest);
    expect(cancel.digest).not.toBe(byFilter.digest);
  });

  test("named withdrawals that were approved once since are a stale plan too", async () => {
    const withdrawalNo = await requestOf(await memberWith(1_000_000), 10_001n);
    const plan = await planDecision(here.as("bob"), { name: "approve", withdrawalNos: [withdrawalNo] });
    await decideWithdrawals(here.as("carol"), { name: "approve", withdrawalNos: [withdrawalNo] });
    expect(await codeOf(applyDecisionPlan(here.as("bob"), plan))).toBe("withdrawal_plan_stale");
  });
});

describe("off a terminal", () => {
  test("a filter needs --yes with the digest of its plan, or with the most that it may come to", async () => {
    const memberNo = await memberWith(10_000);
    const withdrawalNo = await requestOf(memberNo, 50n);
    const filter = ["approve", "--member", memberNo];
    for (const args of [filter, [...filter, "--yes"]])
      expect(await run(...args)).toMatchObject({ exitCode: 2, error: { code: "plan_needed" } });
    expect(await run(...filter, "--yes", "--max-total", "49.99")).toMatchObject({
      exitCode: 4,
      error: { code: "withdrawal_plan_over_total" },
    });
    const dry = await run(...filter, "--dry-run");
    expect(dry.document).toMatchObject({
      decision: "approve",
      count: 1,
      points: 50,
      gross: "50.00",
      net: "47.50",
      left_out: {},
      dry_run: true,
      withdrawals: [{ withdrawal_no: withdrawalNo, status: "approved" }],
    });
    expect(await statusOf(withdrawalNo)).toBe("requested");
    const digest = String(dry.document!["plan"]);
    expect((await run(...filter, "--yes")).error!.details.digest).toBe(digest);
    const other = await requestOf(memberNo, 10n);
    expect(await run(...filter, "--yes", "--plan", digest)).toMatchObject({
      exitCode: 4,
      error: { code: "withdrawal_plan_stale" },
    });
    await run("cancel", other, "--yes");
    expect(await run(...filter, "--yes", "--plan", digest)).toMatchObject({
      exitCode: 0,
      document: { count: 1, plan: digest, dry_run: false },
    });
    expect(await statusOf(withdrawalNo)).toBe("approved");
    expect(await run(...filter, "--yes", "--max-total", "1")).toMatchObject({
      exitCode: 0,
      document: { count: 0, withdrawals: [] },
    });
  });

  test("a file names withdrawals, one a line", async () => {
    const memberNo = await memberWith(10_000);
    const numbers = [await requestOf(memberNo, 50n), await requestOf(memberNo, 60n)];
    const path = writeScratch("numbers.txt", `\uFEFFwithdrawal_no\r\n${numbers.join("\r\n\r\n")}\r\n`);
    expect(await run("reject", "--file", path, "--reason", "no", "--yes")).toMatchObject({
      exitCode: 0,
      document: [{ status: "rejected" }, { status: "rejected" }],
    });
    for (const [text, code] of [
      ["W00000001\nabc\n", "invalid_withdrawal_no"],
      ["\n", "nothing_named"],
      [`${"W00000001\n".repeat(200_001)}`, "too_many_withdrawals"],
    ] as const) {
      expect(await run("approve", "--file", writeScratch("bad.txt", text), "--yes")).toMatchObject({
        exitCode: 2,
        error: { code },
      });
    }
    const { stderr } = await accrueInProcess(["withdrawal", "approve", "--file", "-", "--yes"], {
      ...inProcess,
      stdin: "W00000001\n# those of May\n",
    });
    expect(stderr).toBe(
      'error: standard input, line 2: "# those of May" is no withdrawal number\nhint: write one number a line, like W00000001\n',
    );
    expect(await run("approve", "--file", "/nowhere", "--yes")).toMatchObject({
      exitCode: 2,
      error: { code: "numbers_unreadable" },
    });
  });

  test("numbers and a filter exclude each other, and one of them is needed", async () => {
    expect(await run("approve", "W00000001", "--max-amount", "1")).toMatchObject({
      exitCode: 2,
      error: { code: "conflicting_options" },
    });
    expect(await run("approve", "--yes")).toMatchObject({ exitCode: 2, error: { code: "nothing_named" } });
    expect(await run("approve", "--risk", "some")).toMatchObject({ exitCode: 2, error: { code: "invalid_choice" } });
  });
});

test("on a terminal a large plan is confirmed by typing what it comes to", async () => {
  const memberNo = await memberWith(1_000_000);
  for (let no = 0; no < 101; no += 1) await requestOf(memberNo, 10n);
  const session = () =>
    accrueOnTerminal(["withdrawal", "cancel", "--member", memberNo], {
      database: here,
      env: { ACCRUE_OPERATOR: "bob" },
    });
  for (const [answer, said] of [
    ["101", "that is not the gross total"],
    ["1,010", "cancelled: 101 withdrawals"],
  ] as const) {
    const terminal = session();
    await terminal.expect("Type the gross total to go on:");
    terminal.send(`${answer}\r`);
    await terminal.expect(said);
    expect(await terminal.exit()).toBe(0);
  }
});

describe("expiring", () => {
  test("lets go what the policy calls stale, gives the points back, and nothing else; named ones that are not are refused", async () => {
    const memberNo = await memberWith(10_000);
    const old = await requestOf(memberNo, 20n, "alice", "2026-02-03T11:59:59+08:00");
    const young = await requestOf(memberNo, 30n, "alice", "2026-02-03T12:00:00+08:00");
    expect(await codeOf(decideWithdrawals(here.as("cron"), { name: "expire", withdrawalNos: [young] }))).toBe(
      "withdrawal_not_stale",
    );
    expect(await run("expire", "--yes")).toMatchObject({
      exitCode: 0,
      document: { decision: "expire", count: 1, withdrawals: [{ withdrawal_no: old, status: "expired" }] },
    });
    expect(await balanceOf(here.db, memberNo)).toEqual({ availablePoints: 2_070n, heldPoints: 30n });
    const nothing = await accrueInProcess(["withdrawal", "expire", "--yes"], inProcess);
    expect(nothing).toMatchObject({ exitCode: 0, stdout: "nothing to expire\n" });
  });

  test("is refused where the policy lets nothing expire", async () => {
    await setPolicy(here.as("bob"), { effectiveFrom: "2032-01-01", terms: { requestExpiryDays: null } });
    expect(await codeOf(decideWithdrawals(here.as("cron", "2032-01-01T12:00:00+08:00"), { name: "expire" }))).toBe(
      "withdrawal_expiry_not_set",
    );
  });
});

/** When nobody is new any more. */
const old = "2026-04-05T12:00:00+08:00";
const twoShops = async (): Promise<string> => {
  const memberNo = await memberWith(5_000);
  await earn(here.db, memberNo, 500_000n);
  return memberNo;
};

describe("what may be risky", () => {
  const risks = async (withdrawalNo: string) => {
    const keys = await here.db.sql<
      { memberId: bigint; withdrawalId: bigint }[]
    >`SELECT member_id, withdrawal_id FROM withdrawal_keys WHERE withdrawal_no = ${withdrawalNo}`;
    return (await risksOf(here.db.sql, keys, lacksEvidence(here.db.sql))).get(keys[0]!.withdrawalId);
  };

  test("nothing, for an old member with points of several merchants", async () => {
    expect(await risks(await requestOf(await twoShops(), 20n, "alice", old))).toEqual([]);
  });

  test("a new account", async () => {
    expect(await risks(await requestOf(await twoShops(), 20n))).toEqual(["new_account"]);
  });

  test("points of one merchant only", async () => {
    expect(await risks(await requestOf(await memberWith(1000), 20n, "alice", old))).toEqual(["single_merchant"]);
  });

  test("much that was refunded", async () => {
    const memberNo = await twoShops();
    const orderNo = await sell(here.db, memberNo, {
      amountFen: 1_000_000n,
      merchantId: await addMerchant(here.db, `R${memberNo}`),
    });
    await refund(here.db, orderNo, 600_000n);
    expect(await risks(await requestOf(memberNo, 20n, "alice", old))).toEqual([]); // 30 % of what was bought
    await refund(here.db, orderNo, 600_100n);
    await grant(here.db);
    expect(await risks(await requestOf(memberNo, 20n, "alice", old))).toEqual(["many_refunds"]);
  });

  test("far more than the member is used to withdraw", async () => {
    const memberNo = await twoShops();
    for (let no = 0; no < 3; no += 1)
      await decideWithdrawals(here.as("bob"), {
        name: "approve",
        withdrawalNos: [await requestOf(memberNo, 20n, "alice", old)],
      });
    expect(await risks(await requestOf(memberNo, 100n, "alice", old))).toEqual([]);
    expect(await risks(await requestOf(memberNo, 101n, "alice", old))).toEqual(["unusual_amount"]);
  });

  test("a payout account that was just added, and one that others are paid to", async () => {
    const numbers: string[] = [];
    for (let no = 0; no < 3; no += 1) {
      const memberNo = await twoShops();
      numbers.push(await requestOf(memberNo, 20n, "alice", old));
      await inTransaction(here.db, async (tx) => {
        const accountId = await nextId(tx);
        await record(tx, "account.add", "member", memberNo, { account_id: Number(accountId), number: "***" }, "x");
        await tx`
          INSERT INTO payout_accounts (member_id, account_id, channel, number_masked, key_id, number_sealed, holder_sealed, number_digest, is_default, added_by, added_at)
          SELECT member_id, ${accountId}, 'alipay', '***', '0123456789abcdef', decode(repeat('00', 40), 'hex'), decode(repeat('00', 40), 'hex'), decode(repeat('ab', 32), 'hex'),
            false, 'x', ${no === 0 ? "2026-04-04" : "2026-01-01"} FROM members WHERE member_no = ${memberNo}`;
        await tx`UPDATE withdrawals SET account_id = ${accountId}, account_channel = 'alipay' WHERE withdrawal_no = ${numbers[no]!}`;
      });
    }
    expect(await risks(numbers[0]!)).toEqual(["payout_account_changed", "shared_payout_account"]);
    expect(await risks(numbers[1]!)).toEqual(["shared_payout_account"]);
  });

  test("is stored with the approval, and --risk none leaves it out", async () => {
    const [memberNo, shopper] = [await memberWith(1000), await twoShops()];
    const [risky, fine] = [await requestOf(memberNo, 20n, "alice", old), await requestOf(shopper, 20n, "alice", old)];
    const plan = await planDecision(here.as("bob"), { name: "approve", filter: { memberNo, risk: "none" } });
    expect(plan).toMatchObject({ count: 0, leftOut: [{ code: "risky", count: 1, risks: { single_merchant: 1 } }] });
    await decideWithdrawals(here.as("bob"), { name: "approve", filter: { memberNo: shopper, risk: "none" } });
    await decideWithdrawals(here.as("bob"), { name: "approve", withdrawalNos: [risky] });
    const rows = await here.db
      .sql`SELECT approval_risks FROM withdrawals WHERE withdrawal_no IN ${here.db.sql([risky, fine])} ORDER BY withdrawal_no`;
    expect([...rows]).toEqual([{ approvalRisks: ["single_merchant"] }, { approvalRisks: [] }]);
    expect((await showWithdrawal(here.as("bob"), risky)).actions.at(-1)!.details).toMatchObject({
      risks: "single_merchant",
    });
  });
});

describe("what speaks against it and where it is paid to is told off a terminal as on it", () => {
  const accounted = async () => {
    const memberNo = await memberWith(1000);
    const numbers = [await requestOf(memberNo, 20n, "alice", old), await requestOf(memberNo, 30n, "alice", old)];
    await inTransaction(here.db, async (tx) => {
      const accountId = await nextId(tx);
      await record(
        tx,
        "account.add",
        "member",
        memberNo,
        { account_id: Number(accountId), number: "6222 **** 0128" },
        "x",
      );
      await tx`
        INSERT INTO payout_accounts (member_id, account_id, channel, number_masked, bank_name, key_id, number_sealed, holder_sealed, number_digest, is_default, added_by, added_at)
        SELECT member_id, ${accountId}, 'bank', '6222 **** 0128', '招商银行', '0123456789abcdef', decode(repeat('00', 40), 'hex'), decode(repeat('00', 40), 'hex'),
          sha256(convert_to(member_no, 'UTF8')), false, 'x', '2026-01-01'
        FROM members WHERE member_no = ${memberNo}`;
      await tx`UPDATE withdrawals SET account_id = ${accountId}, account_channel = 'bank' WHERE withdrawal_no = ${numbers[0]!}`;
    });
    return { memberNo, numbers };
  };
  const text = async (...args: string[]) => (await accrueInProcess(["withdrawal", ...args], inProcess)).stdout;

  test("by lists, which are narrowed to it page by page, and by a dry run of an approval", async () => {
    const {
      memberNo,
      numbers: [first, second],
    } = await accounted();
    const shopper = await twoShops();
    const fine = await requestOf(shopper, 20n, "alice", old);
    const account = { channel: "bank", number: "6222 **** 0128", bank: "招商银行", closed: false };
    const lines = async (...args: string[]) =>
      (await accrueInProcess(["withdrawal", "list", "--json", ...args], inProcess)).stdout
        .trim()
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(await lines("--member", memberNo)).toMatchObject([
      { withdrawal_no: first, account, risks: ["single_merchant"] },
      { withdrawal_no: second, account: null, risks: ["single_merchant"] },
    ]);
    expect((await lines("--member", memberNo, "--risk", "none")).length).toBe(0);
    expect(await lines("--member", memberNo, "--risk", "single_merchant", "--limit", "1")).toMatchObject([
      { withdrawal_no: first },
    ]);
    expect(await text("list", "--member", memberNo, "--risk", "any", "--limit", "1")).toContain(
      `more: --after ${first}`,
    );
    expect(await lines("--member", memberNo, "--risk", "any", "--after", first!)).toMatchObject([
      { withdrawal_no: second },
    ]);
    expect(await lines("--member", shopper, "--risk", "none")).toMatchObject([{ withdrawal_no: fine, risks: [] }]);
    expect(await text("list", "--member", memberNo)).toMatch(
      / alice +bank 6222 \*{4} 0128, 招商银行 +single_merchant\n[\s\S]*single_merchant: all points come from one merchant\n$/u,
    );
    const dry = ["approve", "--member", memberNo, "--max-amount", "20", "--max-total", "20", "--dry-run"];
    expect(await text(...dry)).toMatch(/ alice +bank 6222 \*{4} 0128, 招商银行 +single_merchant\n/u);
    expect((await run(...dry)).document).toMatchObject({ withdrawals: [{ account, risks: ["single_merchant"] }] });
    expect((await run("approve", first!, "--yes")).exitCode).toBe(0);
    expect(await lines("--member", memberNo, "--status", "approved")).toMatchObject([{ account, risks: null }]);
  });

  test("by a plan that leaves out what is risky: how many of each risk", async () => {
    const { memberNo } = await accounted();
    const line = ["approve", "--member", memberNo, "--risk", "none", "--max-total", "1000"];
    expect(await text(...line)).toBe("nothing to approve\n  left out: 2 x risky (2 x single_merchant)\n");
    expect((await run(...line)).document).toMatchObject({
      left_out: { risky: 2 },
      left_out_risks: { single_merchant: 2 },
    });
  });
});

test("ten approvers over the same thousand requests: each is decided once, and nine are told that they lost", async () => {
  const rows: string[] = [];
  for (let no = 0; no < 20; no += 1) {
    const memberNo = await memberWith(1_000_000);
    for (let request = 0; request < 50; request += 1) rows.push(`T${no}-${request},${memberNo},10`);
  }
  const path = writeScratch("thousand.csv", `request_no,member_no,points\n${rows.join("\n")}\n`);
  expect(await importWithdrawals(here.as("race"), { input: { path } }, () => new SecretBox(newKey()))).toMatchObject({
    inserted: 1000,
  });
  const numbers = (
    await here.db.sql<
      { withdrawalNo: string }[]
    >`SELECT withdrawal_no FROM withdrawals WHERE requested_by = 'race' ORDER BY 1`
  ).map(({ withdrawalNo }) => withdrawalNo);
  const approvers = Array.from({ length: 10 }, (_, index) => `approver${index}`);
  await registered(here.db, approvers);
  const outcomes = await Promise.all(
    approvers.map(async (approver, index) => {
      const db = connect(targetFromUrl(here.url)!);
      const context = contextOf(db, approver);
      // Half of them in pieces of their own, so that some overlap only in part.
      const pieces =
        index % 2 === 0 ? [numbers] : [numbers.slice(0, 400 + index * 20), numbers.slice(400 + index * 20)];
      const said: string[] = [];
      for (const withdrawalNos of pieces)
        said.push(await codeOf(decideWithdrawals(context, { name: "approve", withdrawalNos })));
      await db.close();
      return said;
    }),
  );
  expect(new Set(outcomes.flat())).toEqual(new Set(["done", "withdrawal_already_decided"]));
  const [row] = await here.db.sql<{ approved: number; recorded: number }[]>`
    SELECT (SELECT count(*)::integer FROM withdrawals WHERE requested_by = 'race' AND status = 'approved') AS approved,
           (SELECT count(*)::integer FROM operator_actions WHERE action = 'withdrawal.approve' AND operator LIKE 'approver%') AS recorded`;
  expect(row!.recorded).toBe(row!.approved);
  expect(row!.approved).toBeGreaterThan(0);
  const { checks } = await verify(here.as("auditor"));
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
}, 60_000);

test("the digest tells plans apart by what is in them, never by the order they were named in", async () => {
  const memberNo = await memberWith(100_000);
  const numbers: string[] = [];
  for (let no = 0; no < 6; no += 1) numbers.push(await requestOf(memberNo, 10n));
  const digests = new Map<string, string>();
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(numbers, { minLength: 1 }), async (some) => {
      const { digest } = await planDecision(here.as("bob"), { name: "approve", withdrawalNos: some });
      const key = some.toSorted().join();
      expect(digests.get(key) ?? digest).toBe(digest);
      digests.set(key, digest);
      expect(new Set(digests.values()).size).toBe(digests.size);
    }),
    { numRuns: 30 },
  );
});
