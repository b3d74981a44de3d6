import { spawn } from "node:child_process";
import { once } from "node:events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dry } from "../../../src/db/context.ts";
import { accountTotals } from "../../../src/domain/ledger/totals-sql.ts";
import { recordBatch } from "../../../src/domain/payouts/export.ts";
import { fileProvider } from "../../../src/domain/payouts/file-provider.ts";
import { handOver } from "../../../src/domain/payouts/hand-over.ts";
import { verify } from "../../../src/verification/verify.ts";
import { ground, noon } from "../../support/money/ground.ts";
import { balanceOf } from "../../support/money/people.ts";
import { cloneOf, dumpDatabase, type TestDatabase } from "../../support/database.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { approvedWithdrawal, box } from "./scene.ts";
import { compiledScript } from "../../support/script.ts";
import { importResults } from "../../support/imports.ts";

const here = await ground();
const cashier = here.as("cashier");

/** Withdrawals of 100 points that were sent: each pays 95.00. */
async function sent(count: number): Promise<readonly { memberNo: string; withdrawalNo: string; detailNo: string }[]> {
  const made = [];
  for (let index = 0; index < count; index += 1) made.push(await approvedWithdrawal(here.db, 100n));
  const provider = fileProvider("alipay", scratchDirectory());
  const { batchNo } = await recordBatch(cashier, box, provider, {});
  await handOver(cashier, box, provider, batchNo!);
  const rows = await here.db.sql<{ withdrawalNo: string; detailNo: string }[]>`
    SELECT w.withdrawal_no, d.detail_no FROM payout_details d JOIN withdrawals w USING (member_id, withdrawal_id)`;
  const details = new Map(rows.map(({ withdrawalNo, detailNo }) => [withdrawalNo, detailNo]));
  return made.map((one) => Object.assign(one, { detailNo: details.get(one.withdrawalNo)! }));
}

const fileOf = (rows: readonly string[], header = "detail_no,status,amount,reason,channel_ref") =>
  writeScratch("answer.csv", `${[header, ...rows].join("\n")}\n`);
const answer = async (rows: readonly string[], header?: string) => {
  const { updated, duplicate, rejected, reasons, examples } = await importResults(here.as("clerk"), {
    input: { path: fileOf(rows, header) },
    force: true,
  });
  return {
    updated,
    duplicate,
    rejected,
    reasons: Object.fromEntries(reasons),
    messages: examples.map(({ message }) => message),
  };
};
const stateOf = async (detailNo: string) =>
  (
    await here.db.sql<{ states: string }[]>`
    SELECT w.status || ' ' || d.state AS states FROM payout_details d JOIN withdrawals w USING (member_id, withdrawal_id) WHERE detail_no = ${detailNo}`
  )[0]!.states;
const unsound = async (on: Pick<TestDatabase, "db"> = here) =>
  (await verify({ ...cashier, db: on.db })).checks.filter(({ ok }) => !ok).map(({ name }) => name);

describe("a channel's answer", () => {
  test("success burns the hold and pays out of the fund; failure gives the points back; the rest stays", async () => {
    const [paid, failed, processing, unknown] = await sent(4);
    const before = await accountTotals(here.db.sql);
    expect(
      await answer([
        `${paid!.detailNo},success,95.00,,A1`,
        `${failed!.detailNo},failed,95.00,the account is closed,`,
        `${processing!.detailNo},processing,95.00,,`,
        `${unknown!.detailNo},timeout,95.00,,`,
      ]),
    ).toMatchObject({ updated: 4, duplicate: 0, rejected: 0 });
    expect([
      await stateOf(paid!.detailNo),
      await stateOf(failed!.detailNo),
      await stateOf(processing!.detailNo),
      await stateOf(unknown!.detailNo),
    ]).toEqual(["paid paid", "failed failed", "paying processing", "paying unknown"]);
    expect([
      await balanceOf(here.db, paid!.memberNo),
      await balanceOf(here.db, failed!.memberNo),
      await balanceOf(here.db, unknown!.memberNo),
    ]).toEqual([
      { availablePoints: 110n, heldPoints: 0n },
      { availablePoints: 210n, heldPoints: 0n },
      { availablePoints: 110n, heldPoints: 100n },
    ]);
    const after = await accountTotals(here.db.sql);
    expect({
      fund: after.points_fund - before.points_fund,
      payable: after.payouts_payable - before.payouts_payable,
      fee: after.fee_income - before.fee_income,
      redeemed: after.points_redeemed - before.points_redeemed,
      held: after.points_held - before.points_held,
      available: after.points_available - before.points_available,
    }).toEqual({ fund: 10_000n, payable: -9_500n, fee: -500n, redeemed: -100n, held: 200n, available: -100n });
    expect(await unsound()).toEqual([]);
  });

  test("comes by the words of WeChat and of banks", async () => {
    const [paid, failed] = await sent(2);
    expect(
      await answer(
        [
          `${paid!.detailNo},9500.00,转账成功,,`,
          `${paid!.detailNo},￥95.00,转账成功,,1030000071`,
          `${failed!.detailNo},95,FAIL,余额不足,`,
        ],
        "商家明细单号,转账金额,明细状态,失败原因,微信明细单号",
      ),
    ).toMatchObject({ updated: 2, rejected: 1, reasons: { conflict_amount: 1 } });
    expect([await stateOf(paid!.detailNo), await stateOf(failed!.detailNo)]).toEqual(["paid paid", "failed failed"]);
  });

  test("processing and unknown go on to whatever comes", async () => {
    const [one, other] = await sent(2);
    expect(await answer([`${one!.detailNo},unknown,95.00,,`, `${other!.detailNo},processing,95.00,,`])).toMatchObject({
      updated: 2,
    });
    expect(await answer([`${one!.detailNo},processing,95.00,,`, `${other!.detailNo},unknown,95.00,,`])).toMatchObject({
      updated: 2,
    });
    expect(await answer([`${one!.detailNo},success,95.00,,B1`, `${other!.detailNo},failed,95.00,,`])).toMatchObject({
      updated: 2,
    });
    expect([await stateOf(one!.detailNo), await stateOf(other!.detailNo)]).toEqual(["paid paid", "failed failed"]);
  });

  test("the same file again is nothing to do, and its rows again are duplicates", async () => {
    const [paid, failed] = await sent(2);
    const path = fileOf([`${paid!.detailNo},success,95.00,,C1`, `${failed!.detailNo},failed,95.00,closed,`]);
    expect(await importResults(cashier, { input: { path } })).toMatchObject({ updated: 2 });
    const before = await dumpDatabase(here.db);
    expect(await importResults(cashier, { input: { path } })).toMatchObject({
      read: 0,
      earlier: { operator: "cashier" },
    });
    expect(await importResults(cashier, { input: { path }, force: true })).toMatchObject({ updated: 0, duplicate: 2 });
    expect(await dumpDatabase(here.db)).toBe(before);
  });

  test("what a person has to settle is rejected, and nothing of it is changed", async () => {
    const [paid, failed, open] = await sent(3);
    await answer([
      `${paid!.detailNo},success,95.00,,D1`,
      `${failed!.detailNo},failed,95.00,,D2`,
      `${open!.detailNo},processing,95.00,,D3`,
    ]);
    const before = await dumpDatabase(here.db);
    expect(
      await answer([
        "D99999999,success,95.00,,",
        `${open!.detailNo},success,94.99,,D3`,
        `${open!.detailNo},success,95.00,,D9`,
        `${paid!.detailNo},failed,95.00,,D1`,
        `${failed!.detailNo},success,95.00,,D2`,
      ]),
    ).toEqual({
      updated: 0,
      duplicate: 0,
      rejected: 5,
      reasons: {
        unknown_detail: 1,
        conflict_amount: 1,
        conflict_channel_ref: 1,
        conflict_after_success: 1,
        conflict_after_failure: 1,
      },
      messages: [
        "no payout was ever sent under this number",
        "95.00 were sent",
        "it is processing as D3 already: was it paid twice?",
        "it is paid already, and that is final",
        "it failed already and its points were given back: if money did move, settle it with the channel",
      ],
    });
    expect(
      await answer([
        `${paid!.detailNo},success,95.00,,D8`,
        `${paid!.detailNo},processing,95.00,,`,
        `${open!.detailNo},maybe,95.00,,`,
        `,success,95.00,,`,
      ]),
    ).toMatchObject({
      rejected: 4,
      reasons: { conflict_channel_ref: 1, conflict_after_success: 1, status_not_known: 1, detail_no_empty: 1 },
    });
    expect(await dumpDatabase(here.db)).toBe(before);
  });

  test("about another channel's payout is rejected where the channel is named", async () => {
    const [one] = await sent(1);
    const path = fileOf([`${one!.detailNo},success,95.00,,E1`]);
    expect(await importResults(dry(cashier), { input: { path } }, "wechat")).toMatchObject({
      rejected: 1,
      reasons: [["other_channel", 1]],
    });
    expect(await importResults(cashier, { input: { path } }, "alipay")).toMatchObject({ updated: 1 });
  });

  test("a dry run tells the same figures and keeps nothing", async () => {
    const [one] = await sent(1);
    const before = await dumpDatabase(here.db);
    expect(
      await importResults(dry(cashier), { input: { path: fileOf([`${one!.detailNo},success,95.00,,F1`]) } }),
    ).toMatchObject({ updated: 1, importId: undefined });
    expect(await dumpDatabase(here.db)).toBe(before);
  });
});

test(
  "any answers in any order, split over any files: the first last word counts, and the books add up",
  { timeout: 120_000 },
  async () => {
    const payouts = await sent(4);
    const origin = here;
    const word = fc.constantFrom("success", "failed", "processing", "unknown");
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ which: fc.nat(3), word, file: fc.nat(2) }), { minLength: 1, maxLength: 12 }),
        async (said) => {
          const on = await cloneOf(origin);
          const rows = [0, 1, 2].flatMap((file) => said.filter((one) => one.file === file));
          for (const file of [0, 1, 2]) {
            const path = fileOf(
              said
                .filter((one) => one.file === file)
                .map(({ which, word }) => `${payouts[which]!.detailNo},${word},95.00,,`),
            );
            await importResults({ ...cashier, db: on.db }, { input: { path }, force: true });
          }
          const expected = payouts.map((_payout, which) => {
            const words = rows.filter((one) => one.which === which).map((one) => one.word);
            const last = words.find((one) => one === "success" || one === "failed") ?? words.at(-1) ?? "sent";
            return last === "success" ? "paid" : last;
          });
          const states = await on.db.sql<{ state: string }[]>`
        SELECT state FROM payout_details WHERE detail_no = ANY(${payouts.map((one) => one.detailNo)}::text[]) ORDER BY detail_no`;
          expect(states.map(({ state }) => state)).toEqual(expected);
          expect(await unsound(on)).toEqual([]);
          await on.drop();
        },
      ),
      { numRuns: 6 },
    );
  },
);

test(
  "killed at any step, an answer is taken wholly or not at all; the same file again ends the same",
  { timeout: 120_000 },
  async () => {
    const payouts = await sent(6);
    const path = fileOf(
      payouts.map(({ detailNo }, index) => `${detailNo},${index % 2 === 0 ? "success" : "failed"},95.00,,G${index}`),
    );
    const finished = await cloneOf(here);
    await importResults({ ...cashier, db: finished.db }, { input: { path } });
    const expected = await dumpDatabase(finished.db);
    await finished.drop();
    for (let step = 1; step <= 3; step += 1) {
      const on = await cloneOf(here);
      const before = await dumpDatabase(on.db);
      // Dies at the first, second, … look at the clock, which lie between the steps, or else when all is done.
      const script = compiledScript(`
      import { connect } from "./src/db/database.ts";
      import { targetFromUrl } from "./src/db/url.ts";
      import { resultKind } from "./src/domain/payouts/result.ts";
      import { runImport } from "./src/imports/run-import.ts";
      let looks = 0;
      const clock = () => { if ((looks += 1) === ${step}) process.kill(process.pid, "SIGKILL"); return new Date(${Date.parse(noon)}); };
      await runImport({
        db: connect(targetFromUrl(process.argv[2])), clock, operator: { name: "cashier", host: "test" }, zone: "Asia/Shanghai",
        signal: new AbortController().signal, onProgress() {}, onNote() {},
      }, resultKind(), { input: { path: process.argv[3] }, limits: { rows: 2 } });
      process.kill(process.pid, "SIGKILL");`);
      const child = spawn(process.execPath, [script, on.url, path], { stdio: "inherit" });
      expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
      const left = await dumpDatabase(on.db);
      expect([before, expected]).toContain(left);
      await importResults({ ...cashier, db: on.db }, { input: { path } });
      expect([(await dumpDatabase(on.db)) === expected, await unsound(on)]).toEqual([true, []]);
      await on.drop();
    }
  },
);
