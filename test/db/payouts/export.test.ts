import { execFileSync, spawn } from "node:child_process";
import { dry, type Context } from "../../../src/db/context.ts";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { recordBatch, type ExportRequest } from "../../../src/domain/payouts/export.ts";
import { fileProvider } from "../../../src/domain/payouts/file-provider.ts";
import { handOver } from "../../../src/domain/payouts/hand-over.ts";
import type { FileChannel } from "../../../src/domain/payouts/model.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";
import { verify } from "../../../src/verification/verify.ts";
import { changeMemberStatus } from "../../../src/domain/members/status.ts";
import { noon, type Ground } from "../../support/money/ground.ts";
import { ground } from "../../support/money/ground.ts";
import { tamper } from "../../support/money/people.ts";
import { cloneOf, contextFor, dumpDatabase } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";
import { compiledScript } from "../../support/script.ts";
import { approvedWithdrawal, box, secretKey } from "./scene.ts";

const here = await ground();
const pay = here.as("cashier");

async function exportTo(
  directory: string,
  channel: FileChannel,
  request: ExportRequest & { partRows?: number } = {},
  on: Pick<Context, "db"> & Partial<Pick<Context, "ending">> = here,
) {
  const provider = fileProvider(channel, directory, request.partRows);
  const context = { ...pay, db: on.db, ending: on.ending ?? "commit" };
  const recorded = await recordBatch(context, box, provider, request);
  if (recorded.batchNo !== undefined) await handOver(context, box, provider, recorded.batchNo);
  return recorded;
}

const statusOf = async (withdrawalNo: string) =>
  (await here.db.sql<{ status: string }[]>`SELECT status FROM withdrawals WHERE withdrawal_no = ${withdrawalNo}`)[0]!
    .status;
const read = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory)
      .toSorted()
      .map((name) => [name, readFileSync(join(directory, name)).toString("hex")]),
  );
const gbk = (path: string) => new TextDecoder("gb18030", { fatal: true }).decode(readFileSync(path));
const isSound = async (on: Pick<Ground, "db"> = here) =>
  (await verify({ ...pay, db: on.db })).checks.filter(({ ok }) => !ok).map(({ name }) => name);

describe("an export", () => {
  test("takes the approved withdrawals of a channel, and no others, into a batch, and writes its file for its owner alone", async () => {
    const directory = scratchDirectory();
    const mine = await approvedWithdrawal(here.db, 100n, { number: "zhang@example.com" });
    const other = await approvedWithdrawal(here.db, 100n, { channel: "bank" });
    const nowhere = await approvedWithdrawal(here.db, 40n, null);
    const recorded = await exportTo(directory, "alipay");
    expect(recorded).toMatchObject({ details: 1, totalFen: 9_500n, files: 1, refused: [], refusedCount: 0 });
    expect(recorded.withoutAccount).toEqual({ count: 1, totalFen: 3_800n, withdrawalNos: [nowhere.withdrawalNo] });
    expect([
      await statusOf(mine.withdrawalNo),
      await statusOf(other.withdrawalNo),
      await statusOf(nowhere.withdrawalNo),
    ]).toEqual(["paying", "approved", "approved"]);
    const name = `payout-alipay-2026-03-05-${recorded.batchNo}-001.csv`;
    expect(readdirSync(directory)).toEqual([name]);
    expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    expect(gbk(join(directory, name))).toMatch(
      /^支付宝批量付款文件模板\r\n序号（必填）.*\r\n1,zhang@example\.com,张三,95\.00,D\d{8}\r\n$/,
    );
    expect(
      await here.db
        .sql`SELECT channel, details, total_fen, operator, handed_over_at IS NOT NULL AS done FROM payout_batches WHERE batch_no = ${recorded.batchNo!}`,
    ).toEqual([{ channel: "alipay", details: 1, totalFen: 9_500n, operator: "cashier", done: true }]);
    expect(await isSound()).toEqual([]);
  });

  test("as a plain file takes the accounts of every channel that is paid by files, and leaves those of Stripe to its calls", async () => {
    const wanted = [
      await approvedWithdrawal(here.db, 100n, { channel: "wechat" }),
      await approvedWithdrawal(here.db, 100n),
    ];
    const online = await approvedWithdrawal(here.db, 100n, { channel: "stripe" });
    const { batchNo } = await exportTo(scratchDirectory(), "csv");
    expect(await Promise.all([...wanted, online].map(({ withdrawalNo }) => statusOf(withdrawalNo)))).toEqual([
      "paying",
      "paying",
      "approved",
    ]);
    expect([
      ...(await here.db
        .sql`SELECT DISTINCT a.channel FROM payout_details d JOIN payout_accounts a USING (member_id, account_id) WHERE batch_no = ${batchNo!} ORDER BY 1`),
    ]).toEqual([{ channel: "alipay" }, { channel: "bank" }, { channel: "wechat" }]);
    expect(await isSound()).toEqual([]);
  });

  test("finds nothing left to send the second time, and writes nothing", async () => {
    const directory = scratchDirectory();
    const before = await dumpDatabase(here.db);
    expect(await exportTo(directory, "alipay")).toMatchObject({ batchNo: undefined, details: 0, files: 0 });
    expect([readdirSync(directory), await dumpDatabase(here.db)]).toEqual([[], before]);
  });

  test("splits over the channel's rows for a file; totals are integers that add up", async () => {
    const directory = scratchDirectory();
    for (let count = 0; count < 5; count += 1) await approvedWithdrawal(here.db, 33n, { channel: "wechat" });
    const { batchNo, files, totalFen } = await exportTo(directory, "wechat", {
      appid: "wx0123456789abcdef",
      partRows: 2,
    });
    expect([files, totalFen]).toEqual([3, 5n * 3_135n]);
    const texts = readdirSync(directory)
      .toSorted()
      .map((name) => readFileSync(join(directory, name), "utf8"));
    expect(
      texts.map((text) =>
        /商家批次单号（必填）,(\w+)\r\n[^]*转账总金额（必填，单位：元）,([\d.]+)\r\n转账总笔数（必填）,(\d+)/
          .exec(text)!
          .slice(1),
      ),
    ).toEqual([
      [`${batchNo}F1`, "62.70", "2"],
      [`${batchNo}F2`, "62.70", "2"],
      [`${batchNo}F3`, "31.35", "1"],
    ]);
  });

  test("stays within a number and a total, the oldest first", async () => {
    const [first, second, third] = [
      await approvedWithdrawal(here.db, 50n),
      await approvedWithdrawal(here.db, 50n),
      await approvedWithdrawal(here.db, 10n),
    ];
    expect(await exportTo(scratchDirectory(), "alipay", { limit: 1 })).toMatchObject({ details: 1 });
    expect(await exportTo(scratchDirectory(), "alipay", { maxTotalFen: 4_749n })).toMatchObject({
      details: 0,
      batchNo: undefined,
    });
    expect(await exportTo(scratchDirectory(), "alipay", { maxTotalFen: 4_750n })).toMatchObject({ details: 1 });
    expect([
      await statusOf(first.withdrawalNo),
      await statusOf(second.withdrawalNo),
      await statusOf(third.withdrawalNo),
    ]).toEqual(["paying", "paying", "approved"]);
  });

  test("a dry run goes the same way, and keeps and shows nothing", async () => {
    const directory = scratchDirectory();
    const before = await dumpDatabase(here.db);
    expect(await exportTo(directory, "alipay", {}, dry(pay))).toMatchObject({
      batchNo: undefined,
      details: 1,
      totalFen: 950n,
      files: 1,
    });
    expect([readdirSync(directory), await dumpDatabase(here.db)]).toEqual([[], before]);
    await exportTo(directory, "alipay");
  });

  test("leaves out what would break the file, and members who cannot be paid, each with its reason; they stay approved", async () => {
    const comma = await approvedWithdrawal(here.db, 10n, { holder: "张,三" });
    const formula = await approvedWithdrawal(here.db, 10n, { number: "+8613800001111" });
    const rare = await approvedWithdrawal(here.db, 10n, { holder: "张䶮" });
    const frozen = await approvedWithdrawal(here.db, 10n);
    await changeMemberStatus(here.as("clerk"), frozen.memberNo, "freeze", undefined);
    const tampered = await approvedWithdrawal(here.db, 10n);
    await tamper(
      here,
      (sql) => sql`
      UPDATE payout_accounts SET number_sealed = holder_sealed WHERE member_id = (SELECT member_id FROM member_numbers WHERE member_no = ${tampered.memberNo})`,
    );
    const fine = await approvedWithdrawal(here.db, 10n);
    const { details, refusedCount, refused } = await exportTo(scratchDirectory(), "alipay");
    expect([details, refusedCount]).toEqual([1, 5]);
    expect(refused.map(({ withdrawalNo, code }) => [withdrawalNo, code])).toEqual([
      [comma.withdrawalNo, "value_breaks_file"],
      [formula.withdrawalNo, "value_breaks_file"],
      [rare.withdrawalNo, "value_not_in_gbk"],
      [frozen.withdrawalNo, "member_frozen"],
      [tampered.withdrawalNo, "account_unreadable"],
    ]);
    expect(refused[0]).toMatchObject({
      memberNo: comma.memberNo,
      reason: "the holder's name has a comma, quote or other separator",
    });
    expect([await statusOf(comma.withdrawalNo), await statusOf(fine.withdrawalNo)]).toEqual(["approved", "paying"]);
    await decideWithdrawals(here.as("bob"), {
      name: "reject",
      withdrawalNos: refused.map((one) => one.withdrawalNo),
      reason: "cannot be paid",
    });
  });
});

describe("the same batch once more", () => {
  test("is the same files byte for byte, months later and whatever was exported since", async () => {
    const directory = scratchDirectory();
    for (let count = 0; count < 3; count += 1) await approvedWithdrawal(here.db, 20n, { channel: "bank" });
    const { batchNo } = await exportTo(directory, "bank", { partRows: 2 });
    const first = read(directory);
    expect(Object.keys(first)).toHaveLength(2);
    await approvedWithdrawal(here.db, 20n, { channel: "bank" });
    await exportTo(scratchDirectory(), "bank");
    const again = scratchDirectory();
    await handOver(here.as("other", "2026-09-01T00:00:00+08:00"), box, fileProvider("bank", again), batchNo!);
    expect(read(again)).toEqual(first);
    await handOver(pay, box, fileProvider("bank", directory), batchNo!);
    expect(read(directory)).toEqual(first);
  });

  test("is refused when it would come out otherwise, and never written over something else", async () => {
    const directory = scratchDirectory();
    const { memberNo } = await approvedWithdrawal(here.db, 20n, { channel: "bank" });
    const { batchNo } = await exportTo(directory, "bank");
    const [name] = readdirSync(directory);
    writeFileSync(join(directory, name!), "mine");
    await expect(handOver(pay, box, fileProvider("bank", directory), batchNo!)).rejects.toMatchObject({
      code: "payout_file_exists",
    });
    expect(readFileSync(join(directory, name!), "utf8")).toBe("mine");
    await tamper(
      here,
      (sql) =>
        sql`UPDATE payout_accounts SET bank_name = '工商银行' WHERE member_id = (SELECT member_id FROM member_numbers WHERE member_no = ${memberNo})`,
    );
    await expect(handOver(pay, box, fileProvider("bank", scratchDirectory()), batchNo!)).rejects.toMatchObject({
      code: "payout_file_differs",
    });
    await expect(handOver(pay, box, fileProvider("bank", directory), "P99999999")).rejects.toMatchObject({
      code: "payout_batch_unknown",
    });
  });
});

describe("a directory that cannot be written any more when the batch is recorded", () => {
  test("leaves the batch recorded: another export is refused until its files are in place", async () => {
    await approvedWithdrawal(here.db, 20n);
    const missing = join(scratchDirectory(), "missing");
    mkdirSync(missing);
    const { batchNo } = await recordBatch(pay, box, fileProvider("csv", missing), {});
    rmdirSync(missing);
    await expect(handOver(pay, box, fileProvider("csv", missing), batchNo!)).rejects.toMatchObject({
      kind: "usage",
      code: "payout_file_unwritable",
    });
    mkdirSync(missing);
    await approvedWithdrawal(here.db, 20n);
    const refusal = await exportTo(missing, "csv").catch(
      (error: unknown) => error as { code: string; details: { batch_no: string } },
    );
    expect(refusal).toMatchObject({ code: "payout_batch_not_handed_over" });
    await handOver(
      pay,
      box,
      fileProvider("csv", missing),
      (refusal as { details: { batch_no: string } }).details.batch_no,
    );
    expect(await exportTo(missing, "csv")).toMatchObject({ details: 1 });
    expect(readdirSync(missing)).toHaveLength(2);
  });
});

describe("killed with SIGKILL", () => {
  /** Runs an export in a process of its own, whose `step` is replaced by its death. */
  async function exportAndDie(url: string, directory: string, failpoint: string): Promise<void> {
    const script = compiledScript(`
      import files from "node:fs/promises";
      import { syncBuiltinESMExports } from "node:module";
      import { connect } from "./src/db/database.ts";
      import { targetFromUrl } from "./src/db/url.ts";
      import { SecretBox } from "./src/domain/accounts/secret-box.ts";
      import { recordBatch } from "./src/domain/payouts/export.ts";
      import { handOver } from "./src/domain/payouts/hand-over.ts";
      import { fileProvider } from "./src/domain/payouts/file-provider.ts";
      const die = () => { process.kill(process.pid, "SIGKILL"); return new Promise(() => {}); };
      ${failpoint}
      syncBuiltinESMExports();
      const [url, directory, key] = process.argv.slice(2);
      const context = {
        db: connect(targetFromUrl(url)), clock: () => new Date(${Date.parse(noon)}), operator: { name: "cashier", host: "test" }, zone: "Asia/Shanghai",
        signal: new AbortController().signal, onProgress: globalThis.onStep ?? (() => {}), onNote() {},
      };
      const box = new SecretBox(Buffer.from(key, "hex"));
      const provider = { ...fileProvider("alipay", directory, 2), ...globalThis.steps };
      const { batchNo } = await recordBatch(context, box, provider, {});
      if (globalThis.isBetween) await die();
      await handOver(context, box, provider, batchNo);`);
    const child = spawn(process.execPath, [script, url, directory, secretKey.toString("hex")], { stdio: "inherit" });
    expect(await once(child, "exit")).toEqual([null, "SIGKILL"]);
  }

  const failpoints: readonly (readonly [when: string, failpoint: string])[] = [
    ["while the first part is recorded", "globalThis.steps = { fileOf: die };"],
    ["with parts recorded, before the commit", "globalThis.onStep = ({ done }) => { if (done === 4) die(); };"],
    ["recorded, before any file", "globalThis.isBetween = true;"],
    [
      "as the temporary file is opened",
      "const { open } = files; files.open = (path, flags, mode) => (flags === 'wx' ? die() : open(path, flags, mode));",
    ],
    ["before the rename", "files.rename = die;"],
    [
      "after the first rename",
      "const { rename } = files; files.rename = async (...paths) => { await rename(...paths); await die(); };",
    ],
    [
      "before the second file",
      "let count = 0; const { rename } = files; files.rename = async (...paths) => { if ((count += 1) === 2) await die(); await rename(...paths); };",
    ],
    [
      "with all files in place, before that is recorded",
      "let count = 0; const { rename } = files; files.rename = async (...paths) => { await rename(...paths); if ((count += 1) === 3) await die(); };",
    ],
  ];

  test(
    "at any step: never a file without its batch, never a withdrawal in two; the next command ends with the same files",
    { timeout: 120_000 },
    async () => {
      const origin = await ground();
      for (let count = 0; count < 5; count += 1) await approvedWithdrawal(origin.db, 10n + BigInt(count));
      for (const [when, failpoint] of failpoints) {
        const on = await cloneOf(origin);
        const directory = scratchDirectory();
        await exportAndDie(on.url, directory, failpoint);
        const batches = await on.db.sql<{ batchNo: string }[]>`SELECT batch_no FROM payout_batches`;
        const known = new Set(
          (await on.db.sql<{ name: string }[]>`SELECT name FROM payout_files`).map(({ name }) => name),
        );
        const seen = readdirSync(directory).filter((name) => !name.startsWith("."));
        expect([when, seen.filter((name) => !known.has(name))]).toEqual([when, []]);
        // As an operator goes on: the refusal names the batch, and it is written again.
        const context = contextFor(on.db, { clock: pay.clock });
        const provider = fileProvider("alipay", directory, 2);
        if (batches.length > 0)
          await expect(recordBatch(context, box, provider, {})).rejects.toMatchObject({
            code: "payout_batch_not_handed_over",
          });
        const batchNo = batches[0]?.batchNo ?? (await recordBatch(context, box, provider, {})).batchNo!;
        await handOver(context, box, provider, batchNo);
        expect([
          when,
          readdirSync(directory).length,
          existsSync(join(directory, `payout-alipay-2026-03-05-${batchNo}-003.csv`)),
        ]).toEqual([when, 3, true]);
        expect(await recordBatch(context, box, provider, {})).toMatchObject({ batchNo: undefined, details: 0 });
        expect(
          await on.db
            .sql`SELECT count(*)::int AS details, count(DISTINCT withdrawal_id)::int AS withdrawals FROM payout_details`,
        ).toEqual([{ details: 5, withdrawals: 5 }]);
        expect([when, await isSound(on)]).toEqual([when, []]);
        await on.drop();
      }
    },
  );
});

test("of exports at the same time, each withdrawal is in one batch", async () => {
  const withdrawals = [];
  for (let count = 0; count < 6; count += 1) withdrawals.push((await approvedWithdrawal(here.db, 10n)).withdrawalNo);
  const directory = scratchDirectory();
  const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => exportTo(directory, "alipay", { limit: 3 })));
  expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
  const refused = outcomes.flatMap((one) => (one.status === "rejected" ? [(one.reason as { code: string }).code] : []));
  // One may come while another is recorded, and its files are not yet in place.
  expect(refused.filter((code) => code !== "payout_batch_not_handed_over")).toEqual([]);
  await exportTo(directory, "alipay");
  const details = await here.db.sql<{ withdrawalNo: string }[]>`
    SELECT w.withdrawal_no FROM payout_details d JOIN withdrawals w USING (member_id, withdrawal_id) WHERE w.withdrawal_no = ANY(${withdrawals}::text[]) ORDER BY 1`;
  expect(details.map(({ withdrawalNo }) => withdrawalNo)).toEqual(withdrawals);
  expect(await isSound()).toEqual([]);
});

test("a withdrawal that somebody takes back behind the program's back while it is exported: nothing is kept", async () => {
  const [, second] = [await approvedWithdrawal(here.db, 10n), await approvedWithdrawal(here.db, 10n)];
  const script = compiledScript(`
    import { connect, inTransaction } from "./src/db/database.ts";
    import { targetFromUrl } from "./src/db/url.ts";
    const db = connect(targetFromUrl(process.argv[2]));
    await inTransaction(db, (tx) => tx.unsafe(process.argv[3]));
    await db.close();`);
  const file = fileProvider("alipay", scratchDirectory(), 1);
  const provider = {
    ...file,
    fileOf: (part: Parameters<typeof file.fileOf>[0]) => {
      const statement = `UPDATE withdrawals SET reason = 'by hand', status = 'paying' WHERE withdrawal_no = '${second.withdrawalNo}'`;
      execFileSync(process.execPath, [script, here.url, statement]);
      return file.fileOf(part);
    },
  };
  const batches = async () => here.db.sql`SELECT count(*) FROM payout_batches`;
  const before = await batches();
  await expect(recordBatch(pay, box, provider, {})).rejects.toMatchObject({
    kind: "busy",
    code: "payouts_changed_meanwhile",
  });
  expect(await batches()).toEqual(before);
});
