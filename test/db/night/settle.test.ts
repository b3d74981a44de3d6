import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { dedicated, inTransaction } from "../../../src/db/database.ts";
import { stillHoldsSlot, takeSlot } from "../../../src/db/run-slots.ts";
import { runGrant } from "../../../src/domain/grants/run.ts";
import type { SettlementEvent, SettlementSummary } from "../../../src/night/events.ts";
import { settlementHistory } from "../../../src/night/history.ts";
import { planSettlement } from "../../../src/night/plan.ts";
import { reopen } from "../../support/approved.ts";
import { propose } from "../../../src/domain/approvals/propose.ts";
import { showProposal } from "../../../src/domain/approvals/read.ts";
import { policyDocument, policySubject } from "../../../src/domain/policies/subject.ts";
import { settlementStatus } from "../../../src/night/status.ts";
import { verify, verifyDate } from "../../../src/verification/verify.ts";
import { countStale, expireStale } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { peopleIn, take } from "../orders/scene.ts";
import { Inbox, noonOf, paid, settleOn } from "./scene.ts";
import { cloneOf, dumpDatabase, testDatabase, testNow, type TestDatabase } from "../../support/database.ts";
import { tamper, verifyEverybody } from "../../support/money/people.ts";
import { importOrders } from "../../support/imports.ts";

const people = await testDatabase();
await peopleIn(people);

let on: TestDatabase;
let inbox: Inbox;
beforeEach(async () => {
  on = await cloneOf(people);
  inbox = new Inbox();
});
afterEach(async () => {
  expect((await verify(on.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
  await on.drop();
});

const night = (input = {}, overrides = {}) => settleOn(on, { inbox: inbox.path, ...input }, overrides);
const states = async () =>
  Object.fromEntries(
    (
      await on.db.sql<
        { businessDate: string; state: string }[]
      >`SELECT business_date, state FROM business_dates ORDER BY 1`
    ).map(({ businessDate, state }) => [businessDate, state]),
  );
const pointsOf = async (memberNo: string) =>
  (
    await on.db.sql<{ availablePoints: bigint }[]>`
  SELECT available_points FROM balances JOIN members USING (member_id) WHERE member_no = ${memberNo}`
  )[0]!.availablePoints;
const reportOf = (path: string) => JSON.parse(readFileSync(join(inbox.path, path), "utf8")) as Record<string, unknown>;

describe("a night", () => {
  test("imports the inbox, grants, claws back, verifies and closes every date up to yesterday", async () => {
    inbox.put("members/new.csv", "member_no,name\nN1,新人\n");
    inbox.orders("a.csv", [
      paid("A1", "2026-02-27"),
      paid("A2", "2026-02-28"),
      "A3,N1,S1,200.00,paid,2026-03-01 09:00:00,,,",
    ]);
    inbox.orders("b.csv", [paid("A1", "2026-02-27", "100.00", "50.00"), paid("B2", "2026-03-02")]);
    const summary = await night();
    expect(summary).toMatchObject({
      state: "complete",
      closed: ["2026-02-27", "2026-02-28", "2026-03-01"],
      failure: undefined,
    });
    expect(
      summary.steps.map(({ stepNo, step, businessDate }) => `${stepNo} ${step} ${businessDate ?? ""}`).slice(0, 6),
    ).toEqual([
      "1 import ",
      "2 grant 2026-02-27",
      "3 expire 2026-02-27",
      "4 verify 2026-02-27",
      "5 close 2026-02-27",
      "6 grant 2026-02-28",
    ]);
    expect(await states()).toEqual({ "2026-02-27": "closed", "2026-02-28": "closed", "2026-03-01": "closed" });
    expect([await pointsOf("M1"), await pointsOf("N1")]).toEqual([32n, 42n]);
    expect(inbox.files).toEqual([
      "done/members/new.csv",
      "done/members/new.csv.report.json",
      "done/orders/a.csv",
      "done/orders/a.csv.report.json",
      "done/orders/b.csv",
      "done/orders/b.csv.report.json",
    ]);
    expect(reportOf("done/orders/b.csv.report.json")).toMatchObject({
      outcome: "done",
      read: 2,
      inserted: 1,
      updated: 1,
      rejected: 0,
    });
    expect(
      await on.db
        .sql`SELECT state, counts->>'orders' AS orders FROM settlement_steps WHERE step = 'grant' ORDER BY step_no`,
    ).toMatchObject([
      { state: "done", orders: "1" },
      { state: "done", orders: "1" },
      { state: "done", orders: "1" },
    ]);
  });

  test("told step by step, and summed up at its end", async () => {
    inbox.orders("a.csv", [paid("A1", "2026-03-01")]);
    const events: SettlementEvent[] = [];
    const summary = await night({ onEvent: (event: SettlementEvent) => events.push(event) });
    expect(events.map((event) => ("step" in event ? `${event.type} ${event.step}` : event.type))).toEqual([
      "run_started",
      "step_started import",
      "file",
      "step_ended import",
      ...["grant", "expire", "verify", "close"].flatMap((step) => [`step_started ${step}`, `step_ended ${step}`]),
      "run_ended",
    ]);
    expect(events.at(-1)).toMatchObject({
      type: "run_ended",
      runId: summary.runId,
      summary: { closed: ["2026-03-01"] },
    });
  });

  test("a second one has nothing to do; missed ones are caught up, one date after the other", async () => {
    await take(on, [paid("A1", "2026-02-27")]);
    await settleOn(on, {}, { clock: noonOf("2026-02-28") });
    const before = await dumpDatabase(on.db);
    expect(await settleOn(on, {}, { clock: noonOf("2026-02-28") })).toMatchObject({ closed: [] });
    expect(await dumpDatabase(on.db)).toBe(before);
    expect(await night({}, { clock: noonOf("2026-03-03") })).toMatchObject({
      closed: ["2026-02-28", "2026-03-01", "2026-03-02"],
    });
  });

  test("an order that comes late is settled in the next open date, which says where it came from", async () => {
    await settleOn(on, {}, { clock: noonOf("2026-03-01") });
    inbox.orders("late.csv", [
      paid("L1", "2026-02-28"),
      paid("L2", "2026-02-20"),
      paid("L3", "2026-02-20"),
      paid("T1", "2026-03-01"),
    ]);
    const { steps } = await night();
    expect(steps.find(({ step }) => step === "grant")).toMatchObject({
      businessDate: "2026-03-01",
      counts: { orders: 4n, late_orders: { "2026-02-20": 2, "2026-02-28": 1 } },
    });
    expect([...(await on.db.sql`SELECT DISTINCT business_date FROM points_entries`)]).toEqual([
      { businessDate: "2026-03-01" },
    ]);
  });

  describe("with requests that nobody decided", () => {
    const expired = ({ steps }: SettlementSummary) =>
      steps.filter(({ step }) => step === "expire").map(({ counts }) => counts["requests"]);
    const daysOfGrace = (days: number | null) =>
      tamper(on, async (tx) => {
        await tx`UPDATE policies SET request_expiry_days = ${days}`;
        await verifyEverybody(tx);
      });
    beforeEach(async () => {
      await take(on, [paid("A1", "2026-02-01")]);
      await settleOn(on, {}, { clock: noonOf("2026-02-02") });
    });

    test("lets those expire that the policy lets expire", async () => {
      await daysOfGrace(3);
      await requestWithdrawal(on.context({ clock: noonOf("2026-02-03") }), { memberNo: "M1", points: 20n });
      expect(expired(await night({}, { clock: noonOf("2026-02-07") }))).toEqual([1, 0, 0, 0, 0]);
      expect(await pointsOf("M1")).toBe(21n);
    });

    test("lets proposals expire that nobody decided about in their time, once", async () => {
      const document = policyDocument({ effectiveFrom: "2026-09-01", terms: { feeBps: 1 } });
      const proposing = on.context({ clock: noonOf("2026-02-02") });
      const words = { reason: "spring", expiresIn: 1 };
      const { proposal } = await propose(proposing, policySubject, document, words);
      const later = on.context({ clock: noonOf("2026-02-04") });
      expect(await planSettlement(later, { quietMs: 0 })).toMatchObject({ expiringProposals: 1 });
      const { steps } = await night({}, { clock: noonOf("2026-02-04") });
      const counts = steps.filter(({ step }) => step === "expire").map((step) => step.counts["proposals"]);
      expect(counts).toEqual([1, 0]);
      const { state, actions } = await showProposal(on.context(), proposal.proposalNo);
      expect([state, actions.at(-1)!.action]).toEqual(["expired", "approval.expire"]);
    });

    test("lets none expire where the policy gives them for ever", async () => {
      await daysOfGrace(null);
      await requestWithdrawal(on.context({ clock: noonOf("2026-02-03") }), { memberNo: "M1", points: 20n });
      const later = { clock: noonOf("2026-02-07") };
      expect(await planSettlement(on.context(later), { inbox: undefined, until: undefined, quietMs: 0 })).toMatchObject(
        { staleRequests: undefined },
      );
      expect(expired(await night({}, later))).toEqual([0, 0, 0, 0, 0]);
      expect(await pointsOf("M1")).toBe(1n);
    });

    test("lets all of them expire and counts them right, however many, some per transaction", async () => {
      await daysOfGrace(3);
      await tamper(on, (tx) => tx`UPDATE policies SET min_withdrawal_points = 1`);
      for (let number = 0; number < 7; number += 1)
        await requestWithdrawal(on.context({ clock: noonOf("2026-02-03") }), { memberNo: "M1", points: 3n });
      const later = on.context({ clock: noonOf("2026-02-20") });
      expect(await countStale(later)).toBe(7);
      expect(await expireStale(later, 3)).toBe(7);
      expect(
        [
          ...(await on.db
            .sql`SELECT xmin::text AS transaction, count(*)::integer AS count FROM withdrawals WHERE status = 'expired' GROUP BY 1 ORDER BY 2`),
        ].map(({ count }) => Number(count)),
      ).toEqual([1, 3, 3]);
      expect([await countStale(later), await expireStale(later, 3), await pointsOf("M1")]).toEqual([0, 0, 21n]);
    });
  });

  test("up to a date of one's choice, which has to be over; a month and more only for who names the last date", async () => {
    await take(on, [paid("A1", "2026-01-10")]);
    inbox.orders("a.csv", [paid("A2", "2026-01-10")]);
    const atOnce = { inbox: inbox.path };
    await expect(night({ ...atOnce, until: "2026-03-02" })).rejects.toMatchObject({
      kind: "refused",
      code: "business_date_not_over",
    });
    await expect(night(atOnce)).rejects.toMatchObject({
      kind: "refused",
      code: "too_many_dates",
      message: expect.stringContaining("51 business dates from 2026-01-10 to 2026-03-01") as string,
    });
    expect(inbox.files).toEqual(["orders/a.csv"]);
    expect((await night({ until: "2026-01-12" })).closed).toEqual(["2026-01-10", "2026-01-11", "2026-01-12"]);
  });
});

describe("the inbox", () => {
  test("a file that may still be being written is left for next time", async () => {
    inbox.orders("whole.csv", [paid("A1", "2026-03-01")]);
    for (const name of ["up.csv.part", ".hidden.csv", "up.tmp", "up.csv~"])
      inbox.orders(name, [paid("A2", "2026-03-01")]);
    inbox.put("orders/fresh.csv", "order_no\n", new Date());
    const { files } = await night();
    expect(files.map(({ name, outcome, reason }) => [name, outcome, reason])).toEqual([
      [".hidden.csv", "waiting", "its name says that it is not complete"],
      ["fresh.csv", "waiting", "it was changed a moment ago"],
      ["up.csv.part", "waiting", "its name says that it is not complete"],
      ["up.csv~", "waiting", "its name says that it is not complete"],
      ["up.tmp", "waiting", "its name says that it is not complete"],
      ["whole.csv", "done", undefined],
    ]);
    expect(inbox.files.filter((name) => name.startsWith("orders/"))).toHaveLength(5);
  });

  test("what lies where nothing is ever read is named, in the plan too, and stays; hidden names and empty folders are nobody's files", async () => {
    for (const name of ["loose.csv", "order/a.csv", "orders/2026/a.csv", "done/kept.txt", ".trash/a.csv"])
      inbox.put(name, "order_no\n");
    mkdirSync(join(inbox.path, "lost+found"));
    const strays = [
      ["./loose.csv", "unread"],
      ["./order/", "unread"],
      ["orders/2026/", "unread"],
    ];
    const { strays: planned } = await planSettlement(on.context(), { inbox: inbox.path, until: undefined, quietMs: 0 });
    expect(planned.map(({ folder, name }) => [`${folder}/${name}`, "unread"])).toEqual(strays);
    const before = inbox.files;
    const { files, steps } = await night();
    expect(files.map(({ folder, name, outcome }) => [`${folder}/${name}`, outcome])).toEqual(strays);
    expect(files[0]!.reason).toBe(
      "only files in members/, merchants/, products/, orders/, withdrawals/, results/, statements/<account>/, evidence/ are",
    );
    expect(steps[0]!.counts).toMatchObject({ files: 0, waiting_files: 0, unread_files: 3 });
    expect(inbox.files).toEqual(before);
  });

  test("a run that only looked at files takes nothing from what monitors are told of the one before", async () => {
    inbox.orders("a.csv", [paid("A1", "2026-03-01")]);
    const { runId } = await night();
    inbox.orders("b.csv.part", [paid("A2", "2026-03-01")]);
    inbox.put("loose.csv", "order_no\n");
    expect((await night()).files.map(({ outcome }) => outcome)).toEqual(["waiting", "unread"]);
    expect((await settlementHistory(on.context())).lastEventful).toMatchObject({ run_id: Number(runId) });
  });

  test("a file that changes while it is imported is left, and what came to it is imported next time", async () => {
    const path = inbox.orders("a.csv", [paid("A1", "2026-03-01")]);
    const onProgress = ({ phase }: { phase: string }) => {
      if (phase === "importing orders")
        writeFileSync(path, `${readFileSync(path, "utf8")}${paid("A2", "2026-03-01")}\n`);
    };
    expect((await night({ quietMs: 0 }, { onProgress })).files[0]).toMatchObject({ outcome: "waiting" });
    expect((await night({ quietMs: 0 })).files[0]).toMatchObject({
      outcome: "done",
      inserted: expect.any(Number) as number,
    });
    expect((await on.db.sql`SELECT FROM orders`).count).toBe(2);
  });

  test("a name that is taken is numbered, so nothing is replaced", async () => {
    for (const [run, ending] of [
      ["A1", ".csv"],
      ["A2", ".csv"],
      ["A3", ".csv"],
    ] as const) {
      inbox.orders(`day${ending}`, [paid(run, "2026-03-01"), `${run}X,NOBODY,S1,1.00,paid,2026-03-01 10:00:00,,,`]);
      await night();
    }
    expect(inbox.files.filter((name) => !name.endsWith(".json"))).toEqual([
      "done/orders/day-2.csv",
      "done/orders/day-2.rejects.csv",
      "done/orders/day-3.csv",
      "done/orders/day-3.rejects.csv",
      "done/orders/day.csv",
      "done/orders/day.rejects.csv",
    ]);
  });

  test("a file whose run died between taking it in and moving it is known by its hash, and moved", async () => {
    const path = inbox.orders("a.csv", [paid("A1", "2026-03-01"), "A2,NOBODY,S1,1.00,paid,2026-03-01 10:00:00,,,"]);
    mkdirSync(join(inbox.path, "done/orders"), { recursive: true });
    await importOrders(on.context(), { input: { path }, rejectsPath: join(inbox.path, "done/orders/a.rejects.csv") });
    expect((await night()).files).toMatchObject([
      { outcome: "done", earlierImportId: 1n, read: 0, rejectsFile: join(inbox.path, "done/orders/a.rejects.csv") },
    ]);
    expect(inbox.files).toEqual(["done/orders/a.csv", "done/orders/a.csv.report.json", "done/orders/a.rejects.csv"]);
  });

  test("a file that was imported by hand, read another way, is judged again once, and moved", async () => {
    const path = inbox.orders("a.csv", [paid("A1", "2026-03-01")]);
    await importOrders(on.context(), { input: { path }, createsMembers: true });
    expect((await night()).files).toMatchObject([{ outcome: "done", read: 1, duplicate: 1 }]);
    expect(inbox.files).toEqual(["done/orders/a.csv", "done/orders/a.csv.report.json"]);
    expect((await night()).files).toEqual([]);
  });

  test("that is not there, or cannot be written: said so, and nothing is lost", async () => {
    await expect(night({ inbox: join(inbox.path, "none") })).rejects.toMatchObject({
      kind: "usage",
      code: "inbox_unreadable",
      message: expect.stringContaining("there is no such directory") as string,
    });
    await expect(night({ inbox: inbox.put("file", "") })).rejects.toMatchObject({
      code: "inbox_unreadable",
      message: expect.stringContaining("it is no directory") as string,
    });
    inbox.orders("a.csv", [paid("A1", "2026-03-01")]);
    writeFileSync(join(inbox.path, "done"), "in the way");
    await expect(night()).rejects.toMatchObject({ kind: "usage", code: "inbox_unwritable" });
    expect(inbox.files).toContain("orders/a.csv");
    rmSync(join(inbox.path, "done"));
    expect(await night()).toMatchObject({ closed: ["2026-03-01"] });
  });
});

describe("a closed date takes no further entries", () => {
  test("not from a grant run, nor from whoever writes to the tables", async () => {
    await night();
    await take(on, [paid("A1", "2026-03-01")]);
    const closed = { kind: "refused", code: "business_date_closed" };
    await expect(runGrant(on.context(), { businessDate: "2026-03-01" })).rejects.toMatchObject(closed);
    await expect(
      runGrant(on.context(), { businessDate: "2026-02-01" }),
      "before the first that was settled",
    ).rejects.toMatchObject(closed);
    await expect(
      inTransaction(
        on.db,
        (tx) => tx`
      INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, created_at, business_date)
      SELECT member_id, 7, 1, 'adjust', 1, 0, now(), '2026-03-01' FROM members LIMIT 1`,
      ),
    ).rejects.toMatchObject(closed);
    await expect(
      inTransaction(
        on.db,
        (tx) => tx`
      INSERT INTO journal_transactions (journal_id, kind, business_date, operator, posted_at) VALUES (77, 'adjust', '2026-03-01', 'tester', now())`,
      ),
    ).rejects.toMatchObject(closed);
    expect(await runGrant(on.context(), { businessDate: "2026-03-02" })).toMatchObject({ orders: 1n });
  });

  test("closing waits for an entry that is on its way to the date", async () => {
    const writer = dedicated(on.db);
    let isClosed = false;
    let closing: Promise<unknown> | undefined;
    await inTransaction(
      writer,
      async (tx) => {
        await tx`INSERT INTO journal_transactions (journal_id, kind, business_date, operator, posted_at) VALUES (77, 'adjust', '2026-03-01', 'tester', now())`;
        closing = night().then(() => (isClosed = true));
        await expect
          .poll(async () => (await on.db.sql`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`).count, {
            timeout: 60_000,
          })
          .toBe(1);
        expect(isClosed).toBe(false);
      },
      "rollback",
    );
    await closing;
    expect(await states()).toEqual({ "2026-03-01": "closed" });
    await writer.close();
  });

  test("and is not rewritten, nor taken away", async () => {
    await night();
    const refused = { code: "23000" };
    for (const change of [
      "SET state = 'running', closed_at = NULL",
      "SET operator = 'me'",
      "SET business_date = '2026-03-02'",
    ]) {
      await expect(
        inTransaction(on.db, (tx) => tx.unsafe(`UPDATE business_dates ${change}`)),
        change,
      ).rejects.toMatchObject(refused);
    }
    await expect(inTransaction(on.db, (tx) => tx`DELETE FROM business_dates`)).rejects.toMatchObject(refused);
    await expect(
      inTransaction(
        on.db,
        (tx) => tx`
      UPDATE business_dates SET state = 'open', closed_at = NULL, reopened_by = ' Tester', reopened_at = now(), reopen_reason = 'x'`,
      ),
    ).rejects.toMatchObject(refused);
  });
});

describe("reopening", () => {
  const amy = { operator: { name: "amy", host: "desk-1" } };
  test("the newest closed date, by another operator than who closed it; the next night settles it again", async () => {
    await settleOn(on, {}, { clock: noonOf("2026-03-01") });
    await night();
    await expect(reopen(on.context(), "2026-03-01", "half was missing")).rejects.toMatchObject({
      kind: "refused",
      code: "reopened_by_closer",
    });
    await expect(reopen(on.context(amy), "2026-02-28", "half was missing")).rejects.toMatchObject({
      code: "later_date_closed",
      hint: expect.stringContaining("reopen 2026-03-01 first") as string,
    });
    await expect(reopen(on.context(amy), "2026-03-02", "half was missing")).rejects.toMatchObject({
      code: "date_not_closed",
    });
    await reopen(on.context(amy), "2026-03-01", "half was missing");
    expect((await settlementStatus(on.context(), 5)).dates[0]).toMatchObject({
      businessDate: "2026-03-01",
      state: "open",
      reopenedBy: "amy",
      reopenReason: "half was missing",
    });
    expect([
      ...(await on.db
        .sql`SELECT operator, details->>'reason' AS reason FROM operator_actions WHERE action = 'settle.reopen'`),
    ]).toEqual([{ operator: "amy", reason: "half was missing" }]);
    await take(on, [paid("A1", "2026-03-01")]);
    expect(await night()).toMatchObject({ closed: ["2026-03-01"] });
    expect([...(await on.db.sql`SELECT DISTINCT business_date FROM points_entries`)]).toEqual([
      { businessDate: "2026-03-01" },
    ]);
  });

  test("the only one that was ever closed: what comes for the dates before it is late all the same, what comes for itself is not", async () => {
    await settleOn(on, {}, { clock: noonOf("2026-03-01") });
    await reopen(on.context(amy), "2026-02-28", "half was missing");
    inbox.orders("late.csv", [paid("L1", "2026-02-20"), paid("L2", "2026-02-28")]);
    const { steps } = await settleOn(on, { inbox: inbox.path }, { clock: noonOf("2026-03-01") });
    expect(steps.find(({ step }) => step === "grant")).toMatchObject({
      businessDate: "2026-02-28",
      counts: { orders: 2n, late_orders: { "2026-02-20": 1 } },
    });
  });
});

describe("one at a time", () => {
  test("another one is told who is at work, at once, or waits for its end", async () => {
    const living = dedicated(on.db);
    await inTransaction(living, (tx) => takeSlot(tx, "settle", 77n, { name: "cron", host: "db-1" }, testNow));
    await expect(night()).rejects.toMatchObject({
      kind: "busy",
      code: "settlement_busy",
      message: "another settlement is at work: run 77 of cron on db-1, since 2026-03-02T04:00:00.000Z",
      details: { run_id: 77 },
    });
    const notes: string[] = [];
    const waiting = night({ waitMs: 20_000 }, { onNote: (text: string) => notes.push(text) });
    await expect.poll(() => notes).toEqual(["another settlement is at work; waiting for it to end"]);
    await inTransaction(living, (tx) => tx`UPDATE run_slots SET run_id = NULL WHERE name = 'settle'`);
    expect(await waiting).toMatchObject({ closed: ["2026-03-01"], tookOver: undefined });
    await living.close();
  });

  describe("while somebody runs `accrue grant run` by hand", () => {
    const grantRun = async () => {
      const living = dedicated(on.db);
      await inTransaction(living, (tx) => takeSlot(tx, "grant", 77n, { name: "amy", host: "desk-1" }, testNow));
      return living;
    };

    test("it waits for that one's end, too", async () => {
      await take(on, [paid("A1", "2026-03-01")]);
      const living = await grantRun();
      const notes: string[] = [];
      const waiting = night({ waitMs: 20_000 }, { onNote: (text: string) => notes.push(text) });
      await expect.poll(() => notes).toEqual(["a grant run is at work; waiting for it to end"]);
      await inTransaction(living, (tx) => tx`UPDATE run_slots SET run_id = NULL WHERE name = 'grant'`);
      expect(await waiting).toMatchObject({ closed: ["2026-03-01"] });
      expect(await pointsOf("M1")).toBe(21n);
      await living.close();
    });

    test("which does not come: nothing has failed, the date is open and says for whom it waits", async () => {
      await take(on, [paid("A1", "2026-03-01")]);
      const living = await grantRun();
      await expect(night({ waitMs: 100 })).rejects.toMatchObject({
        kind: "busy",
        code: "grant_run_busy",
        details: { operator: "amy" },
      });
      const { dates, lastRun } = await settlementStatus(on.context(), 5);
      expect(dates[0]).toMatchObject({
        businessDate: "2026-03-01",
        state: "open",
        step: "grant",
        error: expect.stringContaining(
          "grant_run_busy: another grant run is at work: run 77 of amy on desk-1",
        ) as string,
      });
      expect(lastRun).toMatchObject({
        state: "interrupted",
        summary: { failure: { code: "grant_run_busy", business_date: "2026-03-01", step: "grant" } },
      });
      await living.close();
      expect(await night()).toMatchObject({ closed: ["2026-03-01"] });
    });
  });

  test("fired twice at the same moment: one settles, the other exits", async () => {
    inbox.orders("a.csv", [paid("A1", "2026-03-01")]);
    const outcomes = await Promise.allSettled([night(), night(), night()]);
    const done = outcomes.filter((outcome) => outcome.status === "fulfilled").map(({ value }) => value);
    const lost = outcomes
      .filter((outcome) => outcome.status === "rejected")
      .map(({ reason }) => (reason as { code: string }).code);
    expect(done.flatMap(({ closed }) => closed)).toEqual(["2026-03-01"]);
    expect(lost.filter((code) => code !== "settlement_busy")).toEqual([]);
    expect(await pointsOf("M1")).toBe(21n);
  });

  test("one whose session is gone is taken over; where it was is told meanwhile", async () => {
    await inTransaction(on.db, async (tx) => {
      await tx`UPDATE number_counters SET last = 1 WHERE kind = 'run'`;
      await tx`INSERT INTO settlement_runs (run_id, state, operator, host, started_at) VALUES (1, 'running', 'cron', 'db-1', now())`;
      await tx`INSERT INTO settlement_steps (run_id, step_no, business_date, step, state, started_at) VALUES (1, 1, '2026-03-01', 'grant', 'running', now())`;
      await tx`INSERT INTO business_dates (business_date, state, step, run_id, since, operator, host) VALUES ('2026-03-01', 'running', 'grant', 1, now(), 'cron', 'db-1')`;
      await tx`UPDATE run_slots SET run_id = 1, backend_pid = 0, backend_started_at = '2026-01-01', operator = 'cron', host = 'db-1', taken_at = now() WHERE name = 'settle'`;
    });
    expect((await settlementStatus(on.context(), 5)).dates[0]).toMatchObject({
      state: "interrupted",
      step: "grant",
      operator: "cron",
      host: "db-1",
    });
    expect(await night()).toMatchObject({ tookOver: 1n, closed: ["2026-03-01"] });
    expect([
      ...(await on.db
        .sql`SELECT r.state, s.state AS step_state FROM settlement_runs r JOIN settlement_steps s USING (run_id) WHERE run_id = 1`),
    ]).toEqual([{ state: "interrupted", stepState: "interrupted" }]);
  });

  test("one that lost its slot stops at its next note, and leaves the slot alone", async () => {
    const onEvent = ({ type }: SettlementEvent) => {
      if (type === "step_started")
        void inTransaction(on.db, (tx) => tx`UPDATE run_slots SET run_id = 99 WHERE name = 'settle'`);
    };
    await expect(night({ onEvent })).rejects.toMatchObject({ kind: "busy", code: "settlement_lost" });
    expect(await inTransaction(on.db, (tx) => stillHoldsSlot(tx, "settle", 99n))).toBe(false);
    expect([...(await on.db.sql`SELECT run_id FROM run_slots WHERE name = 'settle'`)]).toEqual([{ runId: 99n }]);
  });
});

describe("what goes wrong", () => {
  test("a date that does not add up stays open, failed, and says why", async () => {
    await take(on, [paid("A1", "2026-02-28")]);
    await inTransaction(
      on.db,
      (tx) =>
        tx`UPDATE balances SET available_points = 5 WHERE member_id = (SELECT member_id FROM members WHERE member_no = 'M2')`,
    );
    await expect(night()).rejects.toMatchObject({
      kind: "findings",
      code: "verification_failed",
      details: { business_date: "2026-02-28", checks: ["balances_match_entries"] },
    });
    expect(
      (await settlementStatus(on.context(), 5)).dates.map(({ businessDate, state, step, error }) => [
        businessDate,
        state,
        step,
        error,
      ]),
    ).toEqual([
      ["2026-03-01", "open", undefined, undefined],
      [
        "2026-02-28",
        "failed",
        "verify",
        "verification_failed: 2026-02-28 does not add up: balances_match_entries (1 wrong)",
      ],
    ]);
    await inTransaction(on.db, (tx) => tx`UPDATE balances SET available_points = 0 WHERE available_points = 5`);
    expect(await night()).toMatchObject({ closed: ["2026-02-28", "2026-03-01"] });
  });

  test("an interrupt stops between two steps: the date is open again, and the next run goes on", async () => {
    const stop = new AbortController();
    const onEvent = (event: SettlementEvent) => {
      if (event.type === "step_ended" && event.step === "grant") stop.abort(new Error("stopped"));
    };
    await take(on, [paid("A1", "2026-03-01")]);
    const events: SettlementEvent[] = [];
    await expect(
      night({ onEvent: (event: SettlementEvent) => (events.push(event), onEvent(event)) }, { signal: stop.signal }),
    ).rejects.toThrow("stopped");
    expect(events.at(-1)).toMatchObject({ type: "run_ended", summary: { state: "interrupted", closed: [] } });
    expect(await night()).toMatchObject({ closed: ["2026-03-01"], tookOver: undefined });
    expect(await pointsOf("M1")).toBe(21n);
  });
});

test("the rows of one date are verified by themselves, and a wrong one among them is found", async () => {
  await take(on, [paid("A1", "2026-02-28"), paid("A2", "2026-03-01")]);
  await night();
  expect((await verifyDate(on.context(), "2026-03-01")).checks.filter(({ ok }) => !ok)).toEqual([]);
  const broken = await cloneOf(on);
  await inTransaction(broken.superuser, async (tx) => {
    await tx`SET LOCAL session_replication_role = replica`;
    await tx`UPDATE points_entries SET available_points = 22 WHERE business_date = '2026-02-28'`;
  });
  const failing = async (date: string) =>
    (await verifyDate(broken.context(), date)).checks.filter(({ ok }) => !ok).map(({ name }) => name);
  expect(await failing("2026-02-28")).toEqual([
    "orders_granted_as_due",
    "runs_match_entries",
    "accounts_match_subledgers",
    "balances_match_entries",
  ]);
  expect(await failing("2026-03-01"), "of the other date only what a member has of both").toEqual([
    "balances_match_entries",
  ]);
  await broken.drop();
});
