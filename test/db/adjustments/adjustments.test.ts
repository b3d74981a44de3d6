import { describe, expect, test } from "vitest";
import { subjects } from "../../../src/cli/subjects.ts";
import { inTransaction } from "../../../src/db/database.ts";
import { proposeAdjustment, proposeAdjustmentFile, proposeOpening } from "../../../src/domain/adjustments/propose.ts";
import { approve, reject } from "../../../src/domain/approvals/decide.ts";
import { changeMemberStatus } from "../../../src/domain/members/status.ts";
import { memberStatement } from "../../../src/domain/members/statement.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { reportFund } from "../../../src/reports/fund.ts";
import type { AdjustmentClass } from "../../../src/shared/adjustment-classes.ts";
import { verify, verifyDate } from "../../../src/verification/verify.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { writeScratch } from "../../support/files.ts";
import { ground, noon, type Ground } from "../../support/money/ground.ts";
import { addMember, balanceOf, close, earn, grant, refund, tamper } from "../../support/money/people.ts";

const why = { reason: "as agreed" };

const refusalOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => (error as { code: string }).code,
  );

const accountsOf = async ({ db }: Ground) =>
  Object.fromEntries(
    (
      await db.sql<{ account: string; amount: bigint }[]>`
      SELECT account, sum(l.amount)::bigint AS amount FROM journal_lines l JOIN journal_transactions t USING (journal_id)
      WHERE t.kind = 'adjust' GROUP BY account HAVING sum(l.amount) <> 0 ORDER BY account`
    ).map(({ account, amount }) => [account, amount]),
  );

const asked = (memberNo: string, points: bigint, reasonClass: AdjustmentClass, reference: string) => ({
  memberNo,
  points,
  reasonClass,
  reference,
});

const adjust = async (on: Ground, ...one: Parameters<typeof asked>) => {
  const { made } = await proposeAdjustment(on.as("amy"), asked(...one), why);
  return approve(on.as("bob"), subjects, made!.proposal.proposalNo);
};

const fileOf = (...rows: readonly string[]) => ({
  path: writeScratch("points.csv", ["member_no,points,reference,reason_class,reason", ...rows, ""].join("\n")),
});

const soundness = async (on: Ground) => {
  const checks = [await verify(on.as("auditor")), await verifyDate(on.as("auditor"), "2026-03-05")];
  return checks.flatMap((one) => one.checks.filter(({ ok }) => !ok));
};

describe("an adjustment", () => {
  test("moves points once it is approved, the money with them, and the statement says why", async () => {
    const on = await ground();
    await addMember(on.db, "M1");
    await earn(on.db, "M1", 1_000_000n);
    const { made } = await proposeAdjustment(on.as("amy"), asked("M1", 50n, "goodwill", "T-1"), why);
    expect(await balanceOf(on.db, "M1")).toMatchObject({ availablePoints: 2_100n });
    const { result } = await approve(on.as("bob"), subjects, made!.proposal.proposalNo);
    expect(result).toEqual({ rows: 1, points: "50", fund: "50.00", business_date: "2026-03-05" });
    await adjust(on, "M1", -20n, "correction", "T-2");
    expect(await balanceOf(on.db, "M1")).toMatchObject({ availablePoints: 2_130n });
    expect(await accountsOf(on)).toEqual({
      platform_share: 3_000n,
      points_available: -30n,
      points_fund: -3_000n,
      points_issued: 30n,
    });
    const { entries } = await memberStatement(on.as("amy"), "M1", { limit: 9 });
    expect(entries.slice(1)).toMatchObject([
      { kind: "adjust", availablePoints: 50n, proposalNo: "A00000001", reasonClass: "goodwill", reference: "T-1" },
      { kind: "adjust", availablePoints: -20n, reasonClass: "correction", availableAfter: 2_130n },
    ]);
    expect(await reportFund(on.as("amy"))).toMatchObject({ fundFen: 213_000n, worthFen: 213_000n, payoutsFen: 0n });
    expect(await soundness(on)).toEqual([]);
  });

  test("is nothing new under a reference that was applied with the same content, and refused with another", async () => {
    const on = await ground();
    await addMember(on.db, "M1");
    await adjust(on, "M1", 50n, "goodwill", "T-1");
    const again = await proposeAdjustment(on.as("amy"), asked("M1", 50n, "goodwill", "T-1"), why);
    expect(again).toEqual({ made: undefined, duplicate: 1 });
    const other = proposeAdjustment(on.as("amy"), asked("M1", 60n, "goodwill", "T-1"), why);
    expect(await refusalOf(other)).toBe("reference_used");
  });

  test("is applied once, however many proposals have its reference", async () => {
    const on = await ground();
    await addMember(on.db, "M1");
    const one = await proposeAdjustment(on.as("amy"), asked("M1", 50n, "goodwill", "T-1"), why);
    const same = await proposeAdjustment(on.as("carol"), asked("M1", 50n, "goodwill", "T-1"), why);
    expect([same.made!.isNew, same.made!.proposal.proposalNo]).toEqual([false, one.made!.proposal.proposalNo]);
    const other = await proposeAdjustment(on.as("amy"), asked("M1", 70n, "goodwill", "T-1"), why);
    await approve(on.as("bob"), subjects, other.made!.proposal.proposalNo);
    expect(await refusalOf(approve(on.as("bob"), subjects, one.made!.proposal.proposalNo))).toBe("reference_used");
    expect(await balanceOf(on.db, "M1")).toMatchObject({ availablePoints: 70n });
    await reject(on.as("bob"), subjects, one.made!.proposal.proposalNo, "applied with another figure");
    expect(await soundness(on)).toEqual([]);
  });

  test("never takes a member below zero, nor what a withdrawal holds, at the proposal or at the approval", async () => {
    const on = await ground();
    await addMember(on.db, "M1");
    await earn(on.db, "M1", 100_000n);
    const take = (points: bigint, reference: string) =>
      proposeAdjustment(on.as("amy"), asked("M1", -points, "correction", reference), why);
    expect(await refusalOf(take(211n, "T-1"))).toBe("points_insufficient");
    const { made } = await take(200n, "T-2");
    await requestWithdrawal(on.as("alice"), { memberNo: "M1", points: 20n });
    expect(await refusalOf(approve(on.as("bob"), subjects, made!.proposal.proposalNo))).toBe("points_insufficient");
    expect(await balanceOf(on.db, "M1")).toEqual({ availablePoints: 190n, heldPoints: 20n });
  });

  test("takes what a closed member left behind, and writes off what one who left owes; nothing else", async () => {
    const on = await ground();
    for (const memberNo of ["M1", "M2"]) await addMember(on.db, memberNo);
    await earn(on.db, "M1", 100_000n);
    const order = await earn(on.db, "M2", 100_000n);
    // From before members with points could not be closed.
    await tamper(on, (tx) => tx`UPDATE members SET status = 'closed' WHERE member_no = 'M1'`);
    await tamper(
      on,
      (tx) => tx`INSERT INTO operator_actions (action_id, at, operator, host, action, subject_kind, subject, identity)
        VALUES (nextval('action_id_seq'), now(), 'setup', 'test', 'member.close', 'member', 'M1', 'asserted')`,
    );
    expect(await refusalOf(adjust(on, "M1", 5n, "goodwill", "T-1"))).toBe("member_closed");
    await adjust(on, "M1", -210n, "forfeit", "T-2");
    expect(await balanceOf(on.db, "M1")).toMatchObject({ availablePoints: 0n });

    expect(await refusalOf(changeMemberStatus(on.as("amy"), "M2", "close", undefined))).toBe("member_has_points");
    await adjust(on, "M2", -200n, "forfeit", "T-3");
    await refund(on.db, order, 100_000n);
    await grant(on.db);
    expect(await balanceOf(on.db, "M2")).toMatchObject({ availablePoints: -200n });
    expect(await refusalOf(adjust(on, "M2", 200n, "write_off", "T-4"))).toBe("member_not_closed");
    await changeMemberStatus(on.as("amy"), "M2", "close", undefined);
    expect(await refusalOf(adjust(on, "M2", 201n, "write_off", "T-5"))).toBe("debt_too_small");
    await adjust(on, "M2", 200n, "write_off", "T-6");
    expect(await balanceOf(on.db, "M2")).toMatchObject({ availablePoints: 0n });
    // Forfeited 410 points and wrote off 200: the platform's share has 210 yuan more than before.
    expect(await accountsOf(on)).toMatchObject({ platform_share: -21_000n, points_fund: 21_000n });
    expect(await reportFund(on.as("amy"))).toMatchObject({ fundFen: 0n, worthFen: 0n, debtsFen: 0n });
    expect(await soundness(on)).toEqual([]);
  });

  test("is dated with the day of its approval, and refused when that is closed", async () => {
    const on = await ground();
    await addMember(on.db, "M1");
    const { made } = await proposeAdjustment(on.as("amy"), asked("M1", 50n, "goodwill", "T-1"), why);
    await close(on.db, "2026-03-05");
    expect(await refusalOf(approve(on.as("bob"), subjects, made!.proposal.proposalNo))).toBe("business_date_closed");
    const later = on.as("bob", "2026-03-06T12:00:00+08:00");
    expect((await approve(later, subjects, made!.proposal.proposalNo)).result).toMatchObject({
      business_date: "2026-03-06",
    });
  });
});

describe("a file of adjustments", () => {
  const propose = (on: Ground, input: { path: string }, rows: number, points: bigint) =>
    proposeAdjustmentFile(on.as("amy"), { input, control: { rows, points } }, why);

  test("is one proposal, applied as one; what was applied before is left out", async () => {
    const on = await ground();
    for (const memberNo of ["M1", "M2"]) await addMember(on.db, memberNo);
    const file = fileOf(
      "M1,30,R1,campaign,May",
      "M2,40,R2,活动,",
      "M1,-10,R3,correction,too much",
      "M2,5,R4,goodwill,",
    );
    const { made } = await propose(on, file, 4, 65n);
    expect(made!.proposal.document).toMatchObject({
      rows: 4,
      members: 2,
      given: "75",
      taken: "10",
      classes: { campaign: { rows: 2, points: "70" }, correction: { rows: 1, points: "-10" } },
    });
    expect((await propose(on, file, 4, 65n)).made).toMatchObject({ isNew: false });
    await approve(on.as("bob"), subjects, made!.proposal.proposalNo);
    expect([await balanceOf(on.db, "M1"), await balanceOf(on.db, "M2")]).toMatchObject([
      { availablePoints: 20n },
      { availablePoints: 45n },
    ]);
    expect(await propose(on, file, 4, 65n)).toEqual({ made: undefined, duplicate: 4 });
    const more = fileOf("M1,30,R1,campaign,May", "M2,1,R5,goodwill,more");
    const second = await propose(on, more, 2, 31n);
    expect([second.duplicate, second.made!.proposal.document["rows"]]).toEqual([1, 1]);
    expect(await soundness(on)).toEqual([]);
  });

  test("is held to what was said of it, and taken whole or not at all", async () => {
    const on = await ground();
    await addMember(on.db, "M1");
    const good = "M1,30,R1,campaign,May";
    expect(await refusalOf(propose(on, fileOf(good), 2, 30n))).toBe("control_totals_differ");
    expect(await refusalOf(propose(on, fileOf(good), 1, 31n))).toBe("control_totals_differ");
    const wrong = [
      ["M9,30,R2,campaign,", 60n, "member_unknown"],
      ["M1,30,R1,goodwill,", 60n, "reference_repeated"],
      ["M1,-31,R2,correction,", -1n, "points_insufficient"],
      ["M1,-3,R2,goodwill,", 27n, "points_wrong_way"],
      ["M1,3.5,R2,goodwill,", 33n, "points_not_points"],
      ["M1,3,R2,present,", 33n, "reason_class_unknown"],
      ["M1,3,R2,,", 33n, "reason_class_empty"],
      ["M1,3,,goodwill,", 33n, "reference_empty"],
      ["M1,3", 33n, "too_few_cells"],
    ] as const;
    for (const [row, points, reason] of wrong) {
      const said = await propose(on, fileOf(good, row), 2, points).catch((error: unknown) => error);
      expect(said).toMatchObject({ code: "file_not_whole", details: { reasons: { [reason]: expect.anything() } } });
    }
    expect((await on.db.sql`SELECT FROM proposals`).count).toBe(0);
  });

  test("has its rows frozen: whoever changes one behind the guards is found, and it cannot be approved", async () => {
    const on = await ground();
    await addMember(on.db, "M1");
    const { made } = await propose(on, fileOf("M1,30,R1,campaign,May"), 1, 30n);
    const { proposalNo } = made!.proposal;
    const tried = (statement: string) => inTransaction(on.db, (tx) => tx.unsafe(statement));
    await expect(tried("UPDATE proposed_adjustments SET points = 3000")).rejects.toThrow("permission denied");
    await expect(
      tried(`INSERT INTO proposed_adjustments VALUES ('${proposalNo}', 99, 'M1', 5, 'goodwill', 'x', 'y')`),
    ).rejects.toThrow("rows come with their proposal");
    await tamper(on, (tx) => tx`UPDATE proposed_adjustments SET points = 3000`);
    expect(await refusalOf(approve(on.as("bob"), subjects, proposalNo))).toBe("proposal_altered");
    expect((await soundness(on)).map(({ name }) => name)).toEqual(["proposals_sealed"]);
  });
});

describe("opening balances", () => {
  const propose = (
    on: Ground,
    rows: readonly string[],
    control: { points: bigint; fundFen: bigint },
    date = "2026-02-28",
  ) => {
    const path = writeScratch("opening.csv", ["member_no,points,fund", ...rows, ""].join("\n"));
    return proposeOpening(on.as("amy"), { input: { path }, date, control }, why);
  };

  test("give each member what they bring, dated, and the fund its money; held to the point and the fen", async () => {
    const on = await ground();
    for (const memberNo of ["M1", "M2", "M3"]) await addMember(on.db, memberNo);
    await earn(on.db, "M3", 100_000n);
    const rows = ["M1,100,99.50", "M2,50,50.00"];
    const control = { points: 150n, fundFen: 14_950n };
    expect(await refusalOf(propose(on, rows, { ...control, points: 151n }))).toBe("control_totals_differ");
    expect(await refusalOf(propose(on, rows, { ...control, fundFen: 14_951n }))).toBe("control_totals_differ");
    expect(await refusalOf(propose(on, rows, control, "2026-03-06"))).toBe("opening_in_the_future");
    const { made } = await propose(on, rows, control);
    await approve(on.as("bob"), subjects, made!.proposal.proposalNo);
    expect(await accountsOf(on)).toEqual({
      points_available: -150n,
      points_fund: -14_950n,
      points_issued: 150n,
      suspense: 14_950n,
    });
    const { entries } = await memberStatement(on.as("amy"), "M1", { limit: 9 });
    expect(entries).toMatchObject([{ businessDate: "2026-02-28", availablePoints: 100n, reasonClass: "opening" }]);
    expect(await reportFund(on.as("amy"))).toMatchObject({
      fundFen: 35_950n,
      worthFen: 36_000n,
      shortfallFen: 50n,
      payoutsFen: 0n,
      cashFen: 14_950n,
    });
    expect(await soundness(on)).toEqual([]);
    for (const row of ["M1,100,99.50", "M3,5,5.00"])
      expect(
        await propose(on, [row], {
          points: row.startsWith("M1") ? 100n : 5n,
          fundFen: row.startsWith("M1") ? 9_950n : 500n,
        }).catch((e: unknown) => e),
      ).toMatchObject({ code: "file_not_whole", details: { reasons: { member_has_entries: 1 } } });
  });

  test("are refused where an entry came between proposal and approval, or the date was closed", async () => {
    const on = await ground();
    await addMember(on.db, "M1");
    const { made } = await propose(on, ["M1,100,"], { points: 100n, fundFen: 10_000n });
    await earn(on.db, "M1", 100_000n);
    expect(await refusalOf(approve(on.as("bob"), subjects, made!.proposal.proposalNo))).toBe("file_not_whole");
    await addMember(on.db, "M2");
    const second = await propose(on, ["M2,100,"], { points: 100n, fundFen: 0n });
    await close(on.db, "2026-02-28");
    expect(await refusalOf(approve(on.as("bob"), subjects, second.made!.proposal.proposalNo))).toBe(
      "business_date_closed",
    );
  });
});

describe("the database refuses, whoever asks", () => {
  test("points that nobody proposed, and what nobody approved", async () => {
    const on = await ground();
    await addMember(on.db, "M1");
    const { made } = await proposeAdjustment(on.as("amy"), asked("M1", 50n, "goodwill", "T-1"), why);
    const { proposalNo } = made!.proposal;
    const entry = `INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, created_at, business_date)
      SELECT member_id, 7, 1, 'adjust', 50, 0, now(), '2026-03-05' FROM members`;
    const posting = `INSERT INTO adjustment_postings VALUES ('${proposalNo}', '2026-03-05', 1, 50, 5000, 'platform_share', 'amy', now())`;
    const row = (points: number) =>
      `INSERT INTO adjustments SELECT 7, member_id, '${proposalNo}', 1, ${points}, 'goodwill', 'T-1' FROM members`;
    const tried = (statements: string) =>
      inTransaction(on.db, (tx) => tx.unsafe(statements)).then(
        () => "done",
        (error: unknown) => (error as Error).message,
      );
    expect(await tried(entry)).toBe("an entry adjusts points, and nobody proposed it");
    expect(await tried(row(50))).toBe("adjustment 7 is not what was proposed");
    expect(await tried(`${posting};${row(500)}`)).toBe("adjustment 7 is not what was proposed");
    expect(await tried(`${posting};${row(50)};${entry}`)).toBe(
      `proposal ${proposalNo} was applied, and nobody approved it`,
    );
    expect((await on.db.sql`SELECT FROM adjustments`).count).toBe(0);
  });
});

describe("the commands", () => {
  test("propose, list and say what is missing", async () => {
    const on = await ground();
    await addMember(on.db, "M1");
    const run = async (line: string, operator = "amy") =>
      accrueInProcess(line.split(" "), { database: on, now: new Date(noon), env: { ACCRUE_OPERATOR: operator } });
    const error = async (line: string) => {
      const { stderr } = await run(`${line} --reason x --json`);
      return (JSON.parse(stderr) as { error: { code: string } }).error.code;
    };
    const adjusting = "points adjust M1 +50 --reason-class goodwill";
    expect(await error("points adjust")).toBe("adjustment_incomplete");
    expect(await error("points adjust M1 0")).toBe("invalid_points");
    expect(await error(adjusting)).toBe("adjustment_incomplete");
    expect(await error(`${adjusting} --reference x --file a.csv`)).toBe("conflicting_options");
    expect(await error("points adjust --file a.csv")).toBe("adjustment_incomplete");
    expect(await error("points adjust --file a.csv --control-points many --control-rows 1")).toBe("invalid_points");
    expect(await error("points adjust M1 -5 --reason-class goodwill --reference T-1")).toBe("points_wrong_way");
    expect(await error("points adjust M9 5 --reason-class goodwill --reference T-1")).toBe("member_unknown");
    expect(await error(`${adjusting} --reference 1.5E+9`)).toBe("invalid_reference");
    expect(await error("points list --after A1")).toBe("invalid_after");
    expect((await run(`${adjusting} --reference T-1 --reason late`)).stdout).toMatchInlineSnapshot(`
      "A00000001 proposed: M1 +50 points, goodwill, reference T-1
        money  the platform's share puts 50.00 yuan into the fund
      it waits until 2026-03-12 12:00:00 for another operator: accrue approval approve A00000001
      "
    `);
    expect((await run("points list --member M1")).stdout).toMatchInlineSnapshot(`
      "proposal   row  member  points  class     reference  reason  status    proposed by  decided by  date
      A00000001    1  M1         +50  goodwill  T-1        late    proposed  amy
      "
    `);
    expect((await run("approval approve A00000001 --yes", "bob")).stdout).toMatchInlineSnapshot(`
      "A00000001 approved: M1 +50 points, goodwill, reference T-1
        fund           50.00
        rows           1
        points         50
        business date  2026-03-05
      "
    `);
    expect((await run(`${adjusting} --reference T-1 --reason late`)).stdout).toMatchInlineSnapshot(`
      "applied already under the same reference: 1 of 1; nothing to do
      "
    `);
    expect((await run("member statement M1")).stdout).toMatchInlineSnapshot(`
      "Statement of member M1
      date        kind    explained by  available  held  available after  held after
      2026-03-05  adjust  goodwill T-1        +50     0               50           0

      now: 50 points available, 0 held
      "
    `);
    const path = writeScratch("opening.csv", "会员号,积分\nM1,5\n");
    expect(
      (await run(`opening import ${path} --date 2026-03-01 --control-points 5 --control-fund 5 --reason move`)).stderr,
    ).toContain("1 of 1 rows cannot be taken");
    expect(await error(`opening import ${path} --date 2026-03-01 --control-points x --control-fund 5`)).toBe(
      "invalid_points",
    );
  });
});
