import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { inTransaction } from "../../../src/db/database.ts";
import { subjects } from "../../../src/cli/subjects.ts";
import { approve } from "../../../src/domain/approvals/decide.ts";
import { propose } from "../../../src/domain/approvals/propose.ts";
import type { Subject } from "../../../src/domain/approvals/subject.ts";
import {
  correctionDocument,
  billCorrectionSubject,
  writeOffDocument,
  writeOffSubject,
} from "../../../src/domain/billing/adjust-subjects.ts";
import { issueBills } from "../../../src/domain/billing/issue.ts";
import { listBills, merchantStatement } from "../../../src/domain/billing/read.ts";
import { matchByHand } from "../../../src/domain/reconciliation/match.ts";
import { writeBills } from "../../../src/reports/bill-documents.ts";
import { reportFund } from "../../../src/reports/fund.ts";
import type { JsonObject } from "../../../src/shared/json.ts";
import { verify } from "../../../src/verification/verify.ts";
import { approved } from "../../support/approved.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";
import { until } from "../orders/process.ts";
import { fileOf, takeStatement } from "../statements/scene.ts";
import { at, day, endOfFebruary, pay, sold } from "./scene.ts";

/** S1 owes 420.00 on B00000001 and 30.00 on B00000003, S2 60.00 on B00000002: it is 2 March. */
const here = await testDatabase();
const today = "2026-03-02";
beforeAll(async () => {
  await endOfFebruary(here);
  await issueBills(at(here, "2026-03-01"), { from: "2026-02-01", to: "2026-02-28" });
  await day(here, "2026-03-01", [sold("C1", "S1", "2026-03-01")]);
  await issueBills(at(here, today), { from: "2026-03-01", to: "2026-03-01" });
});

async function onClone(work: (on: TestDatabase) => Promise<void>): Promise<void> {
  const on = await cloneOf(here);
  try {
    await work(on);
    expect((await verify(at(on, "2026-03-04", "auditor"))).checks.filter(({ ok }) => !ok)).toEqual([]);
  } finally {
    await on.drop();
  }
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    ({ code }: { code: string }) => code,
  );
const openOf = async (on: TestDatabase) =>
  (await listBills(at(on, today), {}, { limit: 10 })).rows.map(({ billNo, openFen }) => [billNo, Number(openFen)]);
const writeOff = (on: TestDatabase, code: string, fen: bigint) =>
  approved(at(on, today, "bob"), writeOffSubject, writeOffDocument(code, fen));
const correct = (on: TestDatabase, billNo: string, fen: bigint) =>
  approved(at(on, today, "bob"), billCorrectionSubject, correctionDocument(billNo, fen));
const owed = async (on: TestDatabase, code: string) => {
  const { standing, lines } = await merchantStatement(at(on, today), code, {});
  return [Number(standing.billedFen), standing.clearedTo, lines.at(-1)!.kind];
};
const accounts = async (on: TestDatabase) =>
  Object.fromEntries(
    (
      await on.db.sql<{ account: string; amount: bigint }[]>`
        SELECT account, sum(amount)::bigint AS amount FROM journal_lines
        WHERE account IN ('contributions_receivable', 'write_offs', 'platform_share') GROUP BY account`
    ).map(({ account, amount }) => [account, Number(amount)]),
  );

test("what is written off falls on the oldest bills first, and is lost; the bills stay", () =>
  onClone(async (on) => {
    const before = await accounts(on);
    const { contributionsFen } = await reportFund(at(on, today));
    await writeOff(on, "S1", 40_000n);
    expect(await openOf(on)).toEqual([
      ["B00000001", 2_000],
      ["B00000002", 6_000],
      ["B00000003", 3_000],
      ["B00000004", 0],
    ]);
    expect(await owed(on, "S1")).toEqual([5_000, "2026-01-31", "write_off"]);
    expect(await accounts(on)).toEqual({
      ...before,
      contributions_receivable: before["contributions_receivable"]! - 40_000,
      write_offs: 40_000,
    });
    expect((await reportFund(at(on, today))).contributionsFen).toBe(contributionsFen);
    await writeOff(on, "S1", 2_000n);
    expect(await owed(on, "S1")).toEqual([3_000, "2026-02-28", "write_off"]);
    // What comes after all is a prepayment.
    await pay(on, today, "S1", 4_000n);
    expect(await owed(on, "S1")).toEqual([-1_000, "2026-03-01", "write_off"]);
  }));

test("a correction changes what its own bill charges, either way, and the next bill says it", () =>
  onClone(async (on) => {
    const before = await accounts(on);
    await correct(on, "B00000003", -1_000n);
    await correct(on, "B00000002", 500n);
    expect(await openOf(on)).toEqual([
      ["B00000001", 42_000],
      ["B00000002", 6_500],
      ["B00000003", 2_000],
      ["B00000004", 0],
    ]);
    expect(await accounts(on)).toEqual({
      ...before,
      contributions_receivable: before["contributions_receivable"]! - 500,
      platform_share: before["platform_share"]! + 500,
    });
    await writeOff(on, "S1", 12_000n);
    await pay(on, today, "S1", 25_000n);
    await day(on, today, [sold("D1", "S1", today)]);
    await issueBills(at(on, "2026-03-03"), { from: today, to: today });
    expect(await openOf(on)).toEqual([
      ["B00000001", 5_000],
      ["B00000002", 6_500],
      ["B00000003", 2_000],
      ["B00000004", 0],
      ["B00000005", 3_000],
      ["B00000006", 0],
    ]);
    const directory = scratchDirectory();
    await writeBills(at(on, "2026-03-03"), { from: today, to: today }, directory);
    const html = readFileSync(join(directory, "B00000005.html"), "utf8");
    for (const part of ["correction of bill B00000003", "-10.00", "written off", "-120.00"])
      expect(html).toContain(part);
    expect(readFileSync(join(directory, `bills-${today}..${today}.csv`), "utf8")).toContain(
      "450.00,30.00,0.00,250.00,-130.00,100.00",
    );
  }));

test("nothing is written off that is not owed, and no bill is corrected below nothing", () =>
  onClone(async (on) => {
    expect(await codeOf(writeOff(on, "S1", 45_001n))).toBe("write_off_too_large");
    expect(await codeOf(writeOff(on, "S9", 1n))).toBe("merchant_unknown");
    expect(await codeOf(correct(on, "B00000003", -3_001n))).toBe("correction_too_large");
    expect(await codeOf(correct(on, "B00000099", 1n))).toBe("bill_unknown");
    expect(await codeOf(correct(on, "B00000003", -3_000n))).toBe("done");
    expect(await codeOf(correct(on, "B00000003", -1n))).toBe("correction_too_large");
  }));

test("what was proposed on another balance is stale, and the database takes nothing that was not proposed and approved", () =>
  onClone(async (on) => {
    const document = writeOffDocument("S2", 6_000n);
    const { proposal } = await propose(at(on, today, "amy"), writeOffSubject, document, { reason: "gone" });
    await pay(on, today, "S2", 1_000n);
    await expect(approve(at(on, today, "bob"), subjects, proposal.proposalNo)).rejects.toMatchObject({
      code: "proposal_stale",
    });
    const insert = (amountFen: number) =>
      inTransaction(
        on.db,
        (tx) => tx`
      INSERT INTO merchant_adjustments (proposal_no, merchant_id, kind, amount_fen, business_date, applied_by, applied_at)
      SELECT ${proposal.proposalNo}, merchant_id, 'write_off', ${amountFen}, ${today}, 'bob', now() FROM merchants
      WHERE merchant_code = 'S2'`,
      );
    await expect(insert(-5_000)).rejects.toThrow(/says -6000 of amount_fen, and not -5000/u);
    await expect(insert(-6_000)).rejects.toThrow(/was applied, and nobody approved it/u);
  }));

/** Has something proposed by amy; gives its number. */
const proposed = async <Document extends JsonObject>(
  on: TestDatabase,
  subject: Subject<Document>,
  document: Document,
) => (await propose(at(on, today, "amy"), subject, document, { reason: "gone" })).proposal.proposalNo;
const approving = (on: TestDatabase, proposalNo: string) => codeOf(approve(at(on, today, "bob"), subjects, proposalNo));

test("of two who write off or correct at once, one is told that the balance is another by now", () =>
  onClone(async (on) => {
    const same = await proposed(on, writeOffSubject, writeOffDocument("S1", 100n));
    const off = [200n, 300n].map((fen) => proposed(on, writeOffSubject, writeOffDocument("S1", fen)));
    const corrected = [1n, 2n].map((fen) => proposed(on, billCorrectionSubject, correctionDocument("B00000002", fen)));
    const atOnce = async (...nos: readonly string[]) =>
      (await Promise.all(nos.map((no) => approving(on, no)))).toSorted();
    const [offNos, correctedNos] = [await Promise.all(off), await Promise.all(corrected)];
    expect(await atOnce(...offNos)).toEqual(["done", "proposal_stale"]);
    expect(await atOnce(...correctedNos)).toEqual(["done", "proposal_stale"]);
    expect(await atOnce(same, same)).toEqual(["proposal_stale", "proposal_stale"]);
  }));

test("a bill's money is matched or written off, and never both at once", () =>
  onClone(async (on) => {
    const line = { at: `${today} 10:00:00`, no: "N1", fen: 42_000n, balance: 42_000n };
    await takeStatement(at(on, today), "icbc-8812", fileOf([line]));
    const proposalNo = await proposed(on, writeOffSubject, writeOffDocument("S1", 45_000n));
    let ends: Promise<readonly string[]> | undefined;
    await inTransaction(on.superuser, async (tx) => {
      // Both have looked at what is owed before either can book anything.
      await tx`LOCK TABLE journal_lines IN SHARE ROW EXCLUSIVE MODE`;
      ends = Promise.all([
        approving(on, proposalNo),
        codeOf(matchByHand(at(on, today, "carol"), 1n, ["B00000001"], "theirs")),
      ]);
      await until(async () => {
        const waiting = await on.superuser.sql`
          SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        return waiting.count === 2;
      });
    });
    expect((await ends!).filter((code) => code === "done")).toHaveLength(1);
  }));
