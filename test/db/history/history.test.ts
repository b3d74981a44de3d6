import { appendFileSync, existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readArchiveNo } from "../../../src/cli/commands/history/list.ts";
import { inTransaction } from "../../../src/db/database.ts";
import { voidSubject } from "../../../src/domain/corrections/order-subjects.ts";
import { undoSubject } from "../../../src/domain/corrections/undo-subject.ts";
import { evidenceKind } from "../../../src/domain/evidence/import.ts";
import { listEvidence } from "../../../src/domain/evidence/list.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";
import { showMember } from "../../../src/domain/members/show.ts";
import { memberStatement } from "../../../src/domain/members/statement.ts";
import { showMerchant } from "../../../src/domain/merchants/show.ts";
import { showOrder } from "../../../src/domain/orders/show.ts";
import { archiveHistory } from "../../../src/history/archive.ts";
import { attachArchive, listArchives } from "../../../src/history/attach.ts";
import { runImport } from "../../../src/imports/run-import.ts";
import { recordedImport, showImport } from "../../../src/imports/show.ts";
import { fundByDay } from "../../../src/reports/fund.ts";
import { approved, reopen } from "../../support/approved.ts";
import { plainClient } from "../../support/admin.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "../../support/database.ts";
import { writeScratch } from "../../support/files.ts";
import { noonOf } from "../night/scene.ts";
import { takeBy } from "../orders/parts.ts";
import { take } from "../orders/scene.ts";
import {
  archiveFebruary,
  by,
  night,
  olderOrders,
  refundOfA2,
  someDirectory,
  threeNights,
  wrongChecks,
} from "./scene.ts";

const template = await testDatabase();
await threeNights(template);

let here: TestDatabase;
let directory: string;
beforeEach(async () => {
  here = await cloneOf(template);
  directory = someDirectory();
});
afterEach(() => here.drop());

const context = () => here.context({ clock: noonOf("2026-02-22") });
const attach = (archiveNo = 1, from?: string) => attachArchive(context(), archiveNo, from);
const unknownNumber = { kind: "usage", code: "invalid_archive_no" };
const orderNos = async () =>
  (await here.db.sql<{ orderNo: string }[]>`SELECT order_no FROM orders ORDER BY order_no`).map(
    ({ orderNo }) => orderNo,
  );
const meddle = async (statement: string) => {
  const sql = plainClient(here.superuserUrl);
  await sql.unsafe(statement).finally(() => sql.end());
};

describe("what is over before a date", () => {
  test("moves into files, what waits stays, and the books hold without it", async () => {
    expect(await archiveFebruary(here, directory)).toMatchObject([
      {
        firstId: 0n,
        endId: 16_000_000n,
        orders: 4n,
        entries: 5n,
        availablePoints: 162n,
        contributionFen: 23_130n,
        untilDate: "2026-02-03",
        staying: 1n,
        left: null,
        archiveNo: 1,
      },
    ]);
    expect(await orderNos()).toEqual(["A5", "B1", "B2"]);
    const [name] = readdirSync(directory);
    expect(name).toMatch(/^accrue-history-0001-[0-9a-f]{8}$/u);
    expect(readdirSync(join(directory, name!)).toSorted()).toEqual([
      "manifest.json",
      "orders.copy.gz",
      "points_entries.copy.gz",
    ]);
    expect(await wrongChecks(here)).toEqual([]);
  });

  test("is the same again when it is attached, from wherever its files are", async () => {
    const before = await dumpDatabase(here.db);
    const [archived] = await archiveFebruary(here, directory);
    expect(await dumpDatabase(here.db)).not.toBe(before);
    renameSync(archived!.directory!, join(directory, "elsewhere"));
    await attach(1, join(directory, "elsewhere"));
    expect(await dumpDatabase(here.db)).toBe(before);
    expect(await wrongChecks(here)).toEqual([]);
    expect(await archiveFebruary(here, directory)).toMatchObject([{ archiveNo: 2, orders: 4n }]);
    await expect(attach(1)).rejects.toMatchObject({ code: "archive_attached" });
    expect((await listArchives(context(), { limit: 1 })).rows).toMatchObject([{ archiveNo: 2, attachedBy: null }]);
  });

  test("is archived again when more of it is over, and both come back", async () => {
    await archiveFebruary(here, directory);
    await night(here, "2026-02-23", "paid.csv", [olderOrders[4]!.replace(",pending,,", ",paid,2026-02-19 10:00:00,")]);
    // A5 was settled in the next date that was open.
    const later = here.context({ clock: noonOf("2026-02-24") });
    expect(await archiveHistory(later, { before: "2026-02-22", directory })).toMatchObject([
      { archiveNo: 2, orders: 1n, staying: 0n, untilDate: "2026-02-21" },
    ]);
    expect(await wrongChecks(here)).toEqual([]);
    for (const archiveNo of [2, 1]) await attachArchive(later, archiveNo, undefined);
    expect(await wrongChecks(here)).toEqual([]);
    expect(await orderNos()).toEqual(["A1", "A2", "A3", "A4", "A5", "B1", "B2"]);
  });

  test("is told by a dry run, which writes nothing", async () => {
    const before = await dumpDatabase(here.db);
    expect(await archiveFebruary(here, directory, { ending: "rollback" })).toMatchObject([
      { orders: 4n, staying: 1n, left: null, archiveNo: null, directory: null },
    ]);
    expect(readdirSync(directory)).toEqual([]);
    expect(await dumpDatabase(here.db)).toBe(before);
  });

  test("is left where the partition has later orders, or nothing is over", async () => {
    const early = { before: "2026-02-02", directory };
    expect(await archiveHistory(context(), early)).toMatchObject([{ left: "later_orders", newestDate: "2026-02-02" }]);
    await archiveFebruary(here, directory);
    expect(await archiveFebruary(here, directory)).toMatchObject([{ left: "nothing_over", orders: 0n, staying: 1n }]);
  });

  test("is refused of dates that are not closed, and where the books do not add up", async () => {
    await expect(archiveHistory(context(), { before: "2026-02-21", directory })).rejects.toMatchObject({
      code: "history_not_closed",
      hint: expect.stringContaining("--before 2026-02-20") as string,
    });
    await meddle("SET session_replication_role = replica; UPDATE balances SET available_points = available_points + 1");
    await expect(archiveFebruary(here, directory)).rejects.toMatchObject({
      code: "history_not_verified",
      message: expect.stringContaining("balances_match_entries") as string,
    });
    const empty = await testDatabase();
    await expect(archiveFebruary(empty, directory)).rejects.toMatchObject({
      code: "history_not_closed",
      message: "no business date is closed yet, so nothing can be archived",
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  test("is not archived beside a settlement, nor into a directory that cannot be written to", async () => {
    await meddle(`UPDATE run_slots SET run_id = 9, backend_pid = pg_backend_pid(), backend_started_at = NULL, operator = 'x',
      host = 'x', taken_at = now() WHERE name = 'settle'`);
    // The session that took it is gone, so it is free.
    expect(await archiveFebruary(here, directory, { ending: "rollback" })).toMatchObject([{ orders: 4n }]);
    await inTransaction(here.db, async (tx) => {
      await tx`SELECT FROM run_slots WHERE name = 'settle' FOR UPDATE`;
      await expect(archiveFebruary(here, directory)).rejects.toMatchObject({ kind: "busy", code: "settlement_busy" });
    });
    await expect(archiveFebruary(here, join(directory, "nowhere"))).rejects.toMatchObject({
      code: "history_unwritable",
      message: expect.stringContaining("there is no such directory") as string,
    });
    expect(await orderNos()).toContain("A1");
  });
});

describe("beside what is archived", () => {
  test("an old withdrawal that ends meanwhile keeps the entry of that, in the same partition", async () => {
    let ended: Promise<unknown> = Promise.reject(new Error("it never came to that"));
    ended.catch(() => {});
    const end = { name: "cancel", withdrawalNos: ["W00000001"], reason: "changed her mind" } as const;
    await archiveFebruary(here, directory, {
      onProgress: ({ phase }) => {
        if (phase === "writing orders") ended = decideWithdrawals(by(here, "alice", "2026-02-22"), end);
      },
    });
    await ended;
    expect(await here.db.sql`SELECT kind FROM points_entries WHERE ref_id < 16000000 ORDER BY kind`).toEqual([
      { kind: "hold" },
      { kind: "release" },
    ]);
    expect(await wrongChecks(here)).toEqual([]);
  });

  test("whoever reads on and on is waited for a while, and then nothing is archived", async () => {
    await inTransaction(here.db, async (tx) => {
      await tx`SELECT FROM orders`;
      await expect(archiveFebruary(here, directory)).rejects.toMatchObject({
        kind: "busy",
        code: "database_contention",
      });
    });
    expect(readdirSync(directory)).toEqual([]);
    expect(await archiveFebruary(here, directory)).toMatchObject([{ archiveNo: 1 }]);
  });
});

describe("what is attached", () => {
  test("is what was archived, or nothing is changed", async () => {
    const [archived] = await archiveFebruary(here, directory);
    const at = (name: string) => join(archived!.directory!, name);
    const before = await dumpDatabase(here.db);
    expect(() => readArchiveNo("one")).toThrow(expect.objectContaining(unknownNumber) as Error);
    await expect(attach(2)).rejects.toMatchObject({ code: "archive_unknown" });
    await expect(attach(1, join(directory, "nowhere"))).rejects.toMatchObject({ code: "history_files_missing" });
    appendFileSync(at("manifest.json"), " ");
    await expect(attach()).rejects.toMatchObject({ code: "history_files_changed" });
    expect(await dumpDatabase(here.db)).toBe(before);
  });

  test.each([
    ["with a byte more", (path: string) => appendFileSync(path, "x"), "history_files_changed"],
    ["with other bytes", (path: string) => writeFileSync(path, readHalf(path)), "history_files_changed"],
    ["that is gone", (path: string) => rmSync(path), "history_files_missing"],
  ])("is refused of a file %s", async (_how, spoil, code) => {
    const [archived] = await archiveFebruary(here, directory);
    spoil(join(archived!.directory!, "points_entries.copy.gz"));
    const before = await dumpDatabase(here.db);
    await expect(attach()).rejects.toMatchObject({ code });
    expect(await dumpDatabase(here.db)).toBe(before);
    expect(await wrongChecks(here)).toEqual([]);
  });

  test("is refused where it does not come to what is carried, and where its partition is gone", async () => {
    await archiveFebruary(here, directory);
    await meddle(`SET session_replication_role = replica; UPDATE carried_points SET available_points = available_points + 1
      WHERE member_id = (SELECT min(member_id) FROM carried_points)`);
    await expect(attach()).rejects.toMatchObject({
      code: "history_files_changed",
      message: expect.stringContaining("the points of 1 members") as string,
    });
    await meddle("ALTER TABLE orders DETACH PARTITION orders_01");
    await expect(attach()).rejects.toMatchObject({ code: "history_partition_missing" });
  });
});

/** Bytes of the same number, not the same. */
const readHalf = (path: string): Buffer => Buffer.alloc(statSync(path).size, 7);

describe("an order that is archived", () => {
  beforeEach(async () => void (await archiveFebruary(here, directory)));

  test("is a duplicate when it comes again, and not taken when it says something else", async () => {
    expect(await take(here, [...olderOrders.slice(2, 4), refundOfA2])).toMatchObject({ duplicate: 3, rejected: 0 });
    expect(await take(here, [olderOrders[0]!.replace("500.00", "501.00")])).toMatchObject({
      rejected: 1,
      reasons: { order_archived: 1 },
    });
    const refunds = { reading: { profile: "refunds", constants: { source: "default" } } };
    expect(await takeBy(here, "refunds", "order_no,refund_no,refunded_amount", ["A1,R1,20.00"], refunds)).toMatchObject(
      { rejected: 1, reasons: { order_archived: 1 } },
    );
    expect(await wrongChecks(here)).toEqual([]);
  });

  test("cannot be shown, voided or undone, and says where it is", async () => {
    const refusal = {
      code: "order_archived",
      message: "order A1 is archived, in archive 1",
      hint: expect.stringContaining("accrue history attach 1") as string,
    };
    await expect(showOrder(context(), "A1", undefined)).rejects.toMatchObject(refusal);
    await expect(showOrder(context(), "A9", undefined)).rejects.toMatchObject({ code: "order_unknown" });
    await expect(approved(context(), voidSubject, { order_no: "A1", source: "default" })).rejects.toMatchObject(
      refusal,
    );
    for (const importId of [1n, 2n]) {
      const { kind, file } = await recordedImport(context(), importId);
      const undone = approved(context(), undoSubject, { import_id: String(importId), kind, file });
      if (importId === 2n) await expect(undone).rejects.toMatchObject({ code: "nothing_to_undo" });
      else expect((await undone).result).toMatchObject({ orders: 1 });
    }
    expect(await wrongChecks(here)).toEqual([]);
  });

  test("counts with its member, its merchant and in the statement, which begins with what is carried", async () => {
    const { orders, balance } = await showMember(context(), "M1", false);
    expect(orders).toEqual([
      { status: "archived", orders: 2, netFen: null },
      { status: "paid", orders: 1, netFen: 20_000n },
    ]);
    const { entries } = await memberStatement(context(), "M1", { limit: 10 });
    expect(
      entries.map(({ kind, businessDate, availablePoints, availableAfter, heldAfter }) => [
        kind,
        businessDate,
        availablePoints,
        availableAfter,
        heldAfter,
      ]),
    ).toEqual([
      ["archived", "2026-02-03", 143n, 143n, 0n],
      ["hold", "2026-02-10", -50n, 93n, 50n],
      ["grant", "2026-02-20", 42n, 135n, 50n],
    ]);
    expect(balance).toMatchObject({ availablePoints: 135n, heldPoints: 50n });
    expect((await showMerchant(context(), "S1", true)).orders).toMatchObject({ orders: 2n, archivedOrders: 2n });
  });

  test("is what a payment that a channel shows says of it", async () => {
    const payments = "order_no,payment_no,channel,amount,paid_at\nA1,P1,wechat,500.00,2026-02-01 10:00:00\n";
    await runImport(context(), evidenceKind, { input: { path: writeScratch("payments.csv", payments) } });
    const { rows } = await listEvidence(context(), {}, { limit: 5 });
    expect(rows).toMatchObject([{ orderNo: "A1", state: "order_archived" }]);
  });

  test("keeps its dates closed, and what was owed on days that were never written down unknown", async () => {
    // As if the dates after it had been reopened one by one.
    await meddle(`SET session_replication_role = replica; DELETE FROM business_dates WHERE business_date > '2026-02-03';
      DELETE FROM account_closings WHERE business_date = '2026-02-02'`);
    await expect(reopen(by(here, "bob", "2026-02-22"), "2026-02-03", "late")).rejects.toMatchObject({
      code: "date_archived",
    });
    await expect(fundByDay(here.db.sql, "2026-02-02", 1)).rejects.toMatchObject({ code: "history_archived" });
  });

  test("leaves its import as it was recorded", async () => {
    expect(await showImport(context(), 1n)).toMatchObject({ inserted: 5 });
    expect(existsSync(directory)).toBe(true);
  });
});
