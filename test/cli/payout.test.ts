import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { inTransaction } from "../../src/db/database.ts";
import { requireRoomFor } from "../../src/domain/payouts/publish-file.ts";
import { retryPayouts } from "../../src/domain/payouts/retry.ts";
import { decideWithdrawals } from "../../src/domain/withdrawals/decide.ts";
import { verify } from "../../src/verification/verify.ts";
import { ground, noon } from "../support/money/ground.ts";
import { balanceOf, tamper } from "../support/money/people.ts";
import { accrueInProcess } from "../support/cli.ts";
import { cloneOf } from "../support/database.ts";
import { scratchDirectory, writeScratch } from "../support/files.ts";
import { approvedWithdrawal, secretKey } from "../db/payouts/scene.ts";

const here = await ground();
const cwd = scratchDirectory();
const env = { ACCRUE_SECRET_KEY: secretKey.toString("hex"), ACCRUE_OPERATOR: "cashier" };
const run = (args: readonly string[], now = noon) =>
  accrueInProcess(args, { database: here, env, cwd, now: new Date(now) });
const json = async (args: readonly string[]) =>
  JSON.parse((await run([...args, "--json"])).stdout) as Record<string, unknown>;
const codeOf = async (args: readonly string[]) => {
  const { exitCode, stderr } = await run([...args, "--json"]);
  return [exitCode, (JSON.parse(stderr.trim().split("\n").at(-1)!) as { error: { code: string } }).error.code];
};

let paid: { memberNo: string; withdrawalNo: string };
let failed: { memberNo: string; withdrawalNo: string };
let open: { memberNo: string; withdrawalNo: string };
beforeAll(async () => {
  [paid, failed, open] = [
    await approvedWithdrawal(here.db, 100n),
    await approvedWithdrawal(here.db, 100n),
    await approvedWithdrawal(here.db, 100n),
  ];
  mkdirSync(join(cwd, "out"));
});

describe("what can fail outside the database is tried first, in a dry run, too", () => {
  const isUntouched = async () => {
    expect((await here.db.sql`SELECT FROM payout_batches`).count).toBe(0);
    expect([...(await here.db.sql`SELECT DISTINCT status FROM withdrawals`)]).toEqual([{ status: "approved" }]);
  };

  test.each(["missing", "a-file"])(
    "a directory %s: nothing is recorded, and the next export goes through",
    async (output) => {
      writeFileSync(join(cwd, "a-file"), "");
      for (const dry of [[], ["--dry-run"]])
        expect(await codeOf(["payout", "export", "--channel", "alipay", "--output", output, ...dry])).toEqual([
          2,
          "payout_directory_unusable",
        ]);
      await isUntouched();
    },
  );

  test("a name that something has already", async () => {
    const there = join(cwd, "out", "payout-alipay-2026-03-05-P00000001-001.csv");
    writeFileSync(there, "from another database");
    for (const dry of [[], ["--dry-run"]])
      expect(await codeOf(["payout", "export", "--channel", "alipay", "--output", "out", ...dry])).toEqual([
        4,
        "payout_file_exists",
      ]);
    await isUntouched();
    rmSync(there);
    expect(readdirSync(join(cwd, "out"))).toEqual([]);
  });

  test("a disk without room for the files", async () => {
    await expect(requireRoomFor(cwd, [{ name: "a.csv", byteSize: 2 ** 60 }])).rejects.toMatchObject({
      kind: "usage",
      code: "payout_directory_unusable",
      message: expect.stringContaining("do not fit on its disk") as string,
    });
  });
});

describe("from approved to answered", () => {
  test("export says what it sends, what it cannot, and for whom it has no account", async () => {
    const comma = await approvedWithdrawal(here.db, 10n, { holder: "张,三" });
    const nowhere = await approvedWithdrawal(here.db, 10n, null);
    const dry = await run(["payout", "export", "--channel", "alipay", "--dry-run"]);
    expect([dry.exitCode, dry.stdout]).toEqual([
      3,
      [
        "dry run: 3 payouts, 285.00 yuan to alipay, in 1 file",
        "1 cannot be sent and stays approved:",
        `  ${comma.withdrawalNo} of ${comma.memberNo}: the holder's name has a comma, quote or other separator`,
        `without a payout account: 1 payout, 9.50 yuan (${nowhere.withdrawalNo})`,
        "  an account that is added now counts for later requests: `accrue withdrawal cancel`, then request anew",
        "",
      ].join("\n"),
    ]);
    const { exitCode, stdout } = await run(["payout", "export", "--channel", "alipay", "--output", "out"]);
    expect([exitCode, stdout]).toEqual([
      3,
      expect.stringMatching(
        /^batch P\d{8} to alipay: 3 payouts, 285\.00 yuan\n {2}digest {2}[0-9a-f]{64}\n {2}file {4}.*\/out\/payout-alipay-2026-03-05-P\d{8}-001\.csv: 3 payouts, 285\.00 yuan\n1 cannot/,
      ),
    ]);
    await decideWithdrawals(here.as("bob"), {
      name: "reject",
      withdrawalNos: [comma.withdrawalNo, nowhere.withdrawalNo],
      reason: "cannot be paid",
    });
    expect((await run(["payout", "export", "--channel", "alipay"])).stdout).toBe(
      "nothing to send: no approved withdrawal to an account of alipay can be paid\n",
    );
  });

  test("the same batch again gives the same file, and JSON tells all of it", async () => {
    const { batch_no: batchNo } = JSON.parse((await run(["payout", "list", "--json"])).stdout.split("\n")[0]!) as {
      batch_no: string;
    };
    mkdirSync(join(cwd, "again"));
    const document = await json(["payout", "export", "--batch", batchNo, "--output", "again"]);
    const [file] = document["files"] as [{ path: string; rows: number; total: string; sha256: string }];
    expect(document).toMatchObject({
      batch_no: batchNo,
      channel: "alipay",
      template: "alipay-1",
      payouts: 3,
      total: "285.00",
      operator: "cashier",
    });
    expect(file).toMatchObject({ rows: 3, total: "285.00", sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
    expect(readFileSync(file.path)).toEqual(readFileSync(file.path.replace("/again/", "/out/")));
  });

  test("result takes the answer in; list and show tell it; what waits is told by age", async () => {
    const details = new Map(
      (
        await here.db.sql<{ withdrawalNo: string; detailNo: string }[]>`
      SELECT w.withdrawal_no, d.detail_no FROM payout_details d JOIN withdrawals w USING (member_id, withdrawal_id)`
      ).map((row) => [row.withdrawalNo, row.detailNo]),
    );
    const [paidNo, failedNo] = [details.get(paid.withdrawalNo)!, details.get(failed.withdrawalNo)!];
    const answer = writeScratch(
      "answer.csv",
      `detail_no,status,amount,reason\n${paidNo},success,95.00,\n${failedNo},failed,95.00,账号不存在\nD99999999,success,1.00,\n`,
    );
    const { exitCode, stdout } = await run(["payout", "result", answer]);
    expect([exitCode, stdout]).toEqual([3, expect.stringMatching(/updated +2\n[^]*1 x unknown_detail/)]);
    expect((await run(["payout", "list"])).stdout).toMatch(
      /batch +channel +date +payouts +total +paid +failed +unanswered +by\nP\d{8} +alipay +2026-03-05 +3 +285\.00 +1 +1 +1 +cashier\n/,
    );
    expect((await run(["payout", "list", "--unanswered"], "2026-03-08T12:00:00+08:00")).stdout).toBe(
      "channel  sent          payouts  total\nalipay   2-3 days ago        1  95.00\n",
    );
    const shown = (await run(["payout", "show", (await json(["payout", "list"]))["batch_no"] as string])).stdout;
    expect(shown).toMatch(
      /paid +1 payout, 95\.00 yuan\n +failed +1 payout, 95\.00 yuan\n +unanswered +1 payout, 95\.00 yuan/,
    );
    expect(shown).toContain("账号不存在");
    expect((await run(["payout", "show", failedNo])).stdout).toMatch(
      new RegExp(`^Payout ${failedNo}\n[^]*state +failed\n[^]*reason +账号不存在\n[^]*payout.failed`),
    );
    expect((await run(["withdrawal", "show", paid.withdrawalNo])).stdout).toMatch(
      /status +paid[^]*payout\.export[^]*payout\.paid/,
    );
  });
});

describe("retry", () => {
  test("asks for a failed withdrawal anew: its points are held again, and its payout gets a number of its own that names the failed one", async () => {
    expect(await balanceOf(here.db, failed.memberNo)).toEqual({ availablePoints: 210n, heldPoints: 0n });
    expect((await run(["payout", "retry", failed.withdrawalNo, "--dry-run"])).stdout).toBe(
      `dry run: ${failed.withdrawalNo} can be requested anew: 100 points of member ${failed.memberNo}, 95.00 yuan net\n`,
    );
    const [again] = (await json(["payout", "retry", failed.withdrawalNo, "--yes"])) as unknown as readonly {
      withdrawal_no: string;
    }[];
    expect(await balanceOf(here.db, failed.memberNo)).toEqual({ availablePoints: 110n, heldPoints: 100n });
    expect(await codeOf(["payout", "retry", failed.withdrawalNo, "--yes"])).toEqual([4, "payout_retried_already"]);
    await decideWithdrawals(here.as("bob"), { name: "approve", withdrawalNos: [again!.withdrawal_no] });
    expect((await run(["payout", "export", "--channel", "alipay", "--output", "out"])).exitCode).toBe(0);
    const rows = await here.db.sql<{ withdrawalNo: string; isLinked: boolean }[]>`
      SELECT w.withdrawal_no, d.previous_detail_no = f.detail_no AS is_linked
      FROM payout_details d JOIN withdrawals w USING (member_id, withdrawal_id) JOIN payout_details f ON f.member_id = d.member_id AND f.state = 'failed'
      WHERE d.previous_detail_no IS NOT NULL`;
    expect(rows).toEqual([{ withdrawalNo: again!.withdrawal_no, isLinked: true }]);
  });

  test("is refused for what did not fail: paid, unanswered, never sent, unknown; and where the points are gone, with the rule's own reason", async () => {
    expect(await codeOf(["payout", "retry", paid.withdrawalNo, "--yes"])).toEqual([4, "payout_not_failed"]);
    expect((await run(["payout", "retry", open.withdrawalNo, "--yes"])).stderr).toMatch(
      /is paying, not failed: its payout D\d{8} is sent, and money may have moved/,
    );
    expect(await codeOf(["payout", "retry", "W99999999", "--yes"])).toEqual([4, "withdrawal_unknown"]);
    expect((await run(["payout", "retry", "D00000001", "--yes"])).stderr).toContain(
      "withdrawal D00000001 does not exist: that is a payout's number, and `accrue payout show D00000001` names its withdrawal\n",
    );
    const copy = await cloneOf(here);
    await tamper(copy, (sql) => sql`DELETE FROM payout_retries`);
    await inTransaction(copy.db, (tx) => tx`UPDATE members SET status = 'frozen' WHERE member_no = ${failed.memberNo}`);
    await expect(retryPayouts({ ...here.as("cashier"), db: copy.db }, [failed.withdrawalNo])).rejects.toMatchObject({
      code: "member_frozen",
    });
    await copy.drop();
  });
});

test("wrong words on the command line are usage errors", async () => {
  expect(await codeOf(["payout", "export"])).toEqual([2, "payout_channel_or_batch"]);
  expect(await codeOf(["payout", "export", "--channel", "alipay", "--batch", "P00000001"])).toEqual([
    2,
    "payout_channel_or_batch",
  ]);
  expect(await codeOf(["payout", "export", "--channel", "wechat"])).toEqual([2, "invalid_appid"]);
  expect(
    await codeOf([
      "payout",
      "export",
      "--channel",
      "wechat",
      "--appid",
      "wx0123456789abcdef",
      "--rows-per-file",
      "1001",
    ]),
  ).toEqual([2, "too_many_rows_per_file"]);
  expect(await codeOf(["payout", "export", "--channel", "alipay", "--limit", "0"])).toEqual([2, "invalid_count"]);
  expect(await codeOf(["payout", "show", "D99999999"])).toEqual([4, "payout_unknown"]);
  expect(await codeOf(["payout", "show", "P99999999"])).toEqual([4, "payout_batch_unknown"]);
});

describe("verify", () => {
  const broken = async (statement: string) => {
    const copy = await cloneOf(here);
    await tamper(copy, (sql) => sql.unsafe(statement));
    const { checks } = await verify({ ...here.as("cashier"), db: copy.db });
    await copy.drop();
    return checks.filter(({ ok }) => !ok).map(({ name, found }) => `${name} ${found}`);
  };

  test.each([
    [
      "a withdrawal that is paid while its payout waits",
      `UPDATE payout_details SET state = 'unknown' WHERE state = 'paid'`,
      ["payouts_match 1", "matches_add_up 1"],
    ],
    [
      "another amount than the withdrawal's",
      `UPDATE payout_details SET net_fen = net_fen + 1 WHERE state = 'paid'`,
      ["payouts_match 1", "payout_batches 2", "matches_add_up 1"],
    ],
    [
      "a payout that is gone",
      `DELETE FROM payout_details WHERE state = 'failed'`,
      [
        "payouts_match 1",
        "payout_batches 2",
        "retries_match 1",
        "decisions_recorded 1",
        "numbers_without_gaps 1",
        "keys_lead_to_rows 1",
      ],
    ],
    ["a batch with another total", `UPDATE payout_batches SET total_fen = total_fen + 1`, ["payout_batches 2"]],
    [
      "a payout without its batch",
      `UPDATE payout_details SET batch_no = 'P99999999' WHERE state = 'paid'`,
      ["payout_batches 4", "matches_add_up 1", "decisions_recorded 1", "numbers_without_gaps 1"],
    ],
  ])("finds %s", async (_what, statement, found) => {
    expect(await broken(statement)).toEqual(found);
  });

  test("and nothing where nothing is wrong", async () => {
    expect(await broken("SELECT 1")).toEqual([]);
  });
});
