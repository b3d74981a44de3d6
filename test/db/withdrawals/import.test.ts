import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dry } from "../../../src/db/context.ts";
import { SecretBox } from "../../../src/domain/accounts/secret-box.ts";
import { closeAccount } from "../../../src/domain/accounts/change.ts";
import { verify } from "../../../src/verification/verify.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { cloneOf, dumpDatabase, type TestDatabase } from "../../support/database.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { writeScratch } from "../../support/files.ts";
import { addOne, cardOf, newKey } from "../accounts/ground.ts";
import { contextOf, ground } from "../../support/money/ground.ts";
import { addMember, balanceOf, earn } from "../../support/money/people.ts";
import { tamper } from "../../support/money/people.ts";
import { importWithdrawals } from "../../support/imports.ts";

const here = await ground();
const box = new SecretBox(newKey());
let counter = 0;
const memberWith = async (yuan: number, facts: Parameters<typeof addMember>[2] = {}): Promise<string> => {
  const memberNo = `M${(counter += 1)}`;
  await addMember(here.db, memberNo, facts);
  if (yuan > 0) await earn(here.db, memberNo, BigInt(yuan) * 100n);
  return memberNo;
};

const header = "request_no,member_no,points";
const fileOf = (...rows: readonly string[]) => writeScratch("requests.csv", `${[header, ...rows].join("\n")}\n`);
const take = (rows: readonly string[], { db }: Pick<TestDatabase, "db"> = here, limits: { rows?: number } = {}) =>
  importWithdrawals(contextOf(db, "app"), { input: { path: fileOf(...rows) }, force: true, limits }, () => box);
const reasonsOf = async (...rows: string[]) => Object.fromEntries((await take(rows)).reasons);

describe("a file of requests", () => {
  test("holds the points of each, freezes its amounts, and says where it came from", async () => {
    const [one, other] = [await memberWith(1000), await memberWith(1000)];
    expect(await take([`A1,${one},100`, `A2,${other},"1,0"`, `A3,${other},５０`])).toMatchObject({
      kind: "withdrawals",
      read: 3,
      inserted: 2,
      rejected: 1,
    });
    expect(await balanceOf(here.db, one)).toEqual({ availablePoints: 110n, heldPoints: 100n });
    expect(await balanceOf(here.db, other)).toEqual({ availablePoints: 160n, heldPoints: 50n });
    const rows = await here.db.sql`
      SELECT w.request_no, w.status, w.points, w.gross_fen, w.fee_fen, w.net_fen, w.requested_by, k.line
      FROM withdrawals w JOIN withdrawal_request_keys k ON k.request_no = w.request_no ORDER BY 1`;
    expect([...rows]).toEqual([
      {
        requestNo: "A1",
        status: "requested",
        points: 100n,
        grossFen: 10_000n,
        feeFen: 500n,
        netFen: 9_500n,
        requestedBy: "app",
        line: 2,
      },
      {
        requestNo: "A3",
        status: "requested",
        points: 50n,
        grossFen: 5_000n,
        feeFen: 250n,
        netFen: 4_750n,
        requestedBy: "app",
        line: 4,
      },
    ]);
    const { checks } = await verify(here.as("auditor"));
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  });

  test("imported again is nothing but duplicates, whatever became of the requests", async () => {
    const memberNo = await memberWith(1000);
    await take([`B1,${memberNo},100`]);
    const [row] = await here.db.sql<
      { withdrawalNo: string }[]
    >`SELECT withdrawal_no FROM withdrawals WHERE request_no = 'B1'`;
    await decideWithdrawals(here.as("bob"), { name: "reject", withdrawalNos: [row!.withdrawalNo], reason: "no" });
    expect(await take([`B1,${memberNo},100`, `B2,${memberNo},10`, `B2,${memberNo},10`])).toMatchObject({
      read: 3,
      inserted: 1,
      duplicate: 2,
      rejected: 0,
    });
    expect(await balanceOf(here.db, memberNo)).toEqual({ availablePoints: 200n, heldPoints: 10n });
  });

  test("with another content under a known number is a conflict that says what differs, within the file too", async () => {
    const [one, other] = [await memberWith(1000), await memberWith(1000)];
    await take([`C1,${one},100`]);
    const report = await take([`C1,${other},100`, `C1,${one},101`, `C2,${one},10`, `C2,${other},10`]);
    expect(Object.fromEntries(report.reasons)).toEqual({ conflict_member: 2, conflict_points: 1 });
    expect(report.examples.map(({ column, message }) => [column, message])).toEqual([
      ["member_no", "the request is known with another member"],
      ["points", "the request is known with 100 points"],
      ["member_no", "the request is known with another member"],
    ]);
    expect(readFileSync(report.rejectsFile!, "utf8")).toContain("the request is known with 100 points");
  });

  test("as a dry run gives the same figures and keeps nothing", async () => {
    const memberNo = await memberWith(1000);
    const before = await dumpDatabase(here.db);
    const report = await importWithdrawals(
      dry(here.as("app")),
      { input: { path: fileOf(`D1,${memberNo},100`, `D2,${memberNo},200`) } },
      () => box,
    );
    expect(report).toMatchObject({ read: 2, inserted: 1, rejected: 1, dryRun: true });
    expect(await dumpDatabase(here.db)).toBe(before);
  });

  test("its importer is its requester, and cannot approve it", async () => {
    const memberNo = await memberWith(1000);
    await take([`E1,${memberNo},100`]);
    const [row] = await here.db.sql<
      { withdrawalNo: string }[]
    >`SELECT withdrawal_no FROM withdrawals WHERE request_no = 'E1'`;
    await expect(
      decideWithdrawals(here.as("app"), { name: "approve", withdrawalNos: [row!.withdrawalNo] }),
    ).rejects.toMatchObject({ code: "maker_is_checker" });
  });

  test("as an operator takes it in", async () => {
    const memberNo = await memberWith(1000);
    const path = writeScratch("apply.csv", `申请号,会员号,积分\nF1,${memberNo},100\nF2,${memberNo},abc\n`);
    const { stdout, exitCode } = await accrueInProcess(["withdrawal", "import", path, "--json"], { database: here });
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "withdrawals",
      read: 2,
      inserted: 1,
      updated: 0,
      duplicate: 0,
      rejected: 1,
      reasons: { points_not_points: 1 },
    });
    const again = await accrueInProcess(["withdrawal", "import", path], { database: here });
    expect(again.stdout).toContain("nothing to do, import");
  });
});

describe("every refusal of the rule rejects its row alone, with a reason of its own", () => {
  test.each<[code: string, member: () => Promise<string>, points: number]>([
    ["member_unknown", async () => "M-nobody", 10],
    ["member_frozen", () => memberWith(1000, { status: "frozen" }), 10],
    ["member_closed", () => memberWith(1000, { status: "closed" }), 10],
    ["identity_unverified", () => memberWith(1000, { isVerified: false }), 10],
    ["withdrawal_below_minimum", () => memberWith(1000), 9],
    ["withdrawal_over_request_limit", () => memberWith(1000), 50_001],
    ["withdrawal_insufficient_points", () => memberWith(1000), 211],
  ])("%s", async (code, member, points) => {
    const [memberNo, fine] = [await member(), await memberWith(1000)];
    expect(await reasonsOf(`${code}1,${memberNo},${points}`, `${code}2,${fine},10`)).toEqual({ [code]: 1 });
    expect(await balanceOf(here.db, fine)).toEqual({ availablePoints: 200n, heldPoints: 10n });
  });

  test.each([
    ["request_no_empty", ",M1,10"],
    ["member_no_empty", "X1,,10"],
    ["points_empty", "X1,M1,"],
    ["points_not_points", "X1,M1,1.5"],
    ["points_not_points", "X1,M1,0"],
  ])("%s for the row %s", async (code, row) => {
    expect(await reasonsOf(row)).toEqual({ [code]: 1 });
  });

  test("of two requests of one member the earlier goes first: what it takes the later does not find, and what is refused takes nothing", async () => {
    const memberNo = await memberWith(1000); // 210 points
    expect(await reasonsOf(`G1,${memberNo},150`, `G2,${memberNo},100`, `G3,${memberNo},60`)).toEqual({
      withdrawal_insufficient_points: 1,
    });
    expect(await balanceOf(here.db, memberNo)).toEqual({ availablePoints: 0n, heldPoints: 210n });
  });

  test("the member's limit of a day counts over files, chunks and single requests", async () => {
    const memberNo = await memberWith(1_000_000);
    await requestWithdrawal(here.as("alice"), { memberNo, points: 40_000n });
    const report = await take([`H1,${memberNo},30000`, `H2,${memberNo},30001`, `H3,${memberNo},30000`], here, {
      rows: 1,
    });
    expect(Object.fromEntries(report.reasons)).toEqual({ withdrawal_over_daily_limit: 1 });
    expect(await reasonsOf(`H4,${memberNo},10`)).toEqual({ withdrawal_over_daily_limit: 1 });
  });

  test("the platform's limit of a day counts all members, for a file and for a single request", async () => {
    await tamper(
      here,
      (tx) => tx`
      INSERT INTO policies
      SELECT '2031-01-01', contribution_bps, points_bps, grant_delay_days, point_value_fen, fee_bps, min_withdrawal_points, 1000, 1000, set_by, set_at, 1000
      FROM policies WHERE effective_from < '2030-01-01'`,
    );
    const newYear = here.as("app", "2031-01-01T12:00:00+08:00");
    const [one, other] = [await memberWith(10_000), await memberWith(10_000)];
    await requestWithdrawal(newYear, { memberNo: one, points: 100n });
    const report = await importWithdrawals(
      newYear,
      { input: { path: fileOf(`I1,${one},600`, `I2,${other},301`, `I3,${other},290`) } },
      () => box,
    );
    expect(Object.fromEntries(report.reasons)).toEqual({ withdrawal_over_platform_limit: 1 });
    await requestWithdrawal(newYear, { memberNo: one, points: 10n });
    await expect(requestWithdrawal(newYear, { memberNo: other, points: 10n })).rejects.toMatchObject({
      code: "withdrawal_over_platform_limit",
      message:
        "all members requested 1000 points on 2031-01-01; 10 more are over the platform's limit of 1000 for one day",
    });
    await requestWithdrawal(here.as("app", "2030-12-31T23:59:59+08:00"), { memberNo: other, points: 1_400n });
  });

  test("points that the fund would not cover are refused, and the rows behind that it covers are taken", async () => {
    const copy = await cloneOf();
    try {
      for (const [memberNo, fen] of [
        ["P1", 2_500n],
        ["P2", 100_000n],
      ] as const) {
        await addMember(copy.db, memberNo);
        await earn(copy.db, memberNo, fen * 100n);
      }
      // What points are worth rose since they were granted: the fund holds half of it.
      await tamper(copy, (tx) => tx`UPDATE policies SET point_value_fen = 200`);
      const report = await take([`J1,P2,10000`, `J2,P1,500`, `J3,P2,1000`], copy);
      expect(Object.fromEntries(report.reasons)).toEqual({ fund_insufficient: 1 });
      expect(report.examples[0]).toMatchObject({ column: "points" });
    } finally {
      await copy.drop();
    }
  });
});

describe("rows that name a payout account", () => {
  const long = "request_no,member_no,points,channel,account,account_name";
  const takeLong = async (...rows: string[]) => {
    const report = await importWithdrawals(
      here.as("app"),
      { input: { path: writeScratch("long.csv", `${[long, ...rows].join("\n")}\n`) }, force: true },
      () => box,
    );
    return {
      inserted: report.inserted,
      duplicate: report.duplicate,
      reasons: Object.fromEntries(report.reasons),
      report,
    };
  };
  const before = here.as("setup", "2026-03-01T12:00:00+08:00");
  const accountOf = async (requestNo: string) =>
    (await here.db.sql`SELECT account_id FROM withdrawals WHERE request_no = ${requestNo}`)[0]!["accountId"];

  test("go to that account of the member, others to the default one", async () => {
    const memberNo = await memberWith(1000);
    const first = await addOne(before, box, { memberNo, number: "13800001111", isDefault: true });
    const second = await addOne(before, box, { memberNo, number: "13800002222" });
    expect(
      await takeLong(
        `K1,${memberNo},10,,,`,
        `K2,${memberNo},10,支付宝,138 0000 2222,张三`,
        `K3,${memberNo},10,alipay,+8613800001111, 张 三`,
      ),
    ).toMatchObject({ inserted: 3 });
    expect([await accountOf("K1"), await accountOf("K2"), await accountOf("K3")]).toEqual([
      first.accountId,
      second.accountId,
      first.accountId,
    ]);
    expect(
      await takeLong(
        `K2,${memberNo},10,alipay,13800002222,张三`,
        `K2,${memberNo},10,,,`,
        `K2,${memberNo},10,alipay,13800001111,张三`,
      ),
    ).toMatchObject({ duplicate: 2, reasons: { conflict_account: 1 } });
  });

  test("are rejected for an account that is not the member's or is closed, another name, and what is no account; no message tells the number", async () => {
    const [memberNo, other] = [await memberWith(1000), await memberWith(1000)];
    const { accountId } = await addOne(before, box, { memberNo, number: "13800003333" });
    await addOne(before, box, { memberNo: other, number: "13800004444" });
    const { reasons, report } = await takeLong(
      `L1,${memberNo},10,alipay,13800004444,张三`,
      `L2,${memberNo},10,alipay,13800003333,李四`,
      `L3,${memberNo},10,alipay,,张三`,
      `L4,${memberNo},10,bank,6222020000000000019,张三`,
      `L5,${memberNo},10,cash,13800003333,张三`,
    );
    expect(reasons).toEqual({
      account_unknown: 1,
      account_holder_differs: 1,
      account_empty: 1,
      invalid_account_number: 1,
      channel_unknown: 1,
    });
    expect(JSON.stringify(report.examples)).not.toMatch(/1380000|622202/);
    await closeAccount(before, { memberNo, accountId }, undefined);
    expect((await takeLong(`L6,${memberNo},10,alipay,13800003333,张三`)).reasons).toEqual({ account_unknown: 1 });
  });

  test("are told by `withdrawal show`: which import, which line, and the account as a list shows it", async () => {
    const memberNo = await memberWith(1000);
    const { accountId } = await addOne(here.as("li", "2026-02-01T12:00:00+08:00"), box, {
      memberNo,
      channel: "bank",
      number: cardOf("411111111111111"),
      bankName: "招商银行",
    });
    const { importId } = await take([`S1,${memberNo},10`, `S2,${memberNo},10`]);
    const [row] = await here.db.sql<
      { withdrawalNo: string }[]
    >`SELECT withdrawal_no FROM withdrawals WHERE request_no = 'S2' AND account_id = ${accountId}`;
    const { stdout } = await accrueInProcess(["withdrawal", "show", row!.withdrawalNo], { database: here });
    expect(stdout).toContain(`paid to        bank 4111 **** 1111, 招商银行\n`);
    expect(stdout).toContain(`request        S2, of import ${importId}, line 3\n`);
    const { stdout: json } = await accrueInProcess(["withdrawal", "show", row!.withdrawalNo, "--json"], {
      database: here,
    });
    expect(JSON.parse(json)).toMatchObject({
      channel: "bank",
      account: { channel: "bank", number: "4111 **** 1111", bank: "招商银行", closed: false },
      request_no: "S2",
      import_id: Number(importId),
      line: 3,
    });
  });

  test("need the secret key, and nothing of the file is imported without it", async () => {
    const memberNo = await memberWith(1000);
    const path = writeScratch(
      "keyless.csv",
      `${long}\nQ1,${memberNo},10,,,\nQ2,${memberNo},10,alipay,13800005555,张三\n`,
    );
    const { exitCode, stderr } = await accrueInProcess(["withdrawal", "import", path, "--json"], { database: here });
    expect([
      exitCode,
      (JSON.parse(stderr.trim().split("\n").at(-1)!) as { error: { code: string } }).error.code,
    ]).toEqual([2, "secret_key_missing"]);
    expect(await balanceOf(here.db, memberNo)).toEqual({ availablePoints: 210n, heldPoints: 0n });
  });
});

test("a file does what the same requests do one by one, however it is cut into chunks", async () => {
  const people = await cloneOf();
  const members = ["N1", "N2", "N3"];
  for (const memberNo of members) {
    await addMember(people.db, memberNo, { status: memberNo === "N3" ? "frozen" : "active" });
    await earn(people.db, memberNo, 25_000n);
  }
  const asked = fc.record({ memberNo: fc.constantFrom(...members, "N4"), points: fc.integer({ min: 8, max: 40 }) });
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(asked, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 4 }),
        async (rows, rowsPerChunk) => {
          const [byFile, byHand] = [await cloneOf(people), await cloneOf(people)];
          try {
            const report = await take(
              rows.map(({ memberNo, points }, index) => `R${index},${memberNo},${points}`),
              byFile,
              { rows: rowsPerChunk },
            );
            const codes: Record<string, number> = {};
            for (const { memberNo, points } of rows) {
              await requestWithdrawal(contextOf(byHand.db, "app"), { memberNo, points: BigInt(points) }).catch(
                ({ code }: { code: string }) => {
                  codes[code] = (codes[code] ?? 0) + 1;
                },
              );
            }
            expect(Object.fromEntries(report.reasons)).toEqual(codes);
            const heldIn = ({ db }: TestDatabase) => db.sql`
          SELECT m.member_no, w.points, w.gross_fen, w.fee_fen, w.net_fen, b.available_points, b.held_points
          FROM members m JOIN balances b USING (member_id) LEFT JOIN withdrawals w USING (member_id) ORDER BY w.withdrawal_no, 1`;
            expect([...(await heldIn(byFile))]).toEqual([...(await heldIn(byHand))]);
            const { checks } = await verify(contextOf(byFile.db, "auditor"));
            expect(checks.filter(({ ok }) => !ok)).toEqual([]);
          } finally {
            await Promise.all([byFile.drop(), byHand.drop()]);
          }
        },
      ),
      { numRuns: Number(process.env["ACCRUE_TEST_RUNS"] ?? 6) },
    );
  } finally {
    await people.drop();
  }
}, 120_000);
