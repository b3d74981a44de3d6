import { describe, expect, test } from "vitest";
import type { Context } from "../../../src/db/context.ts";
import { inTransaction, type Database, type Sql, type Transaction } from "../../../src/db/database.ts";
import { postJournal } from "../../../src/domain/ledger/sql.ts";
import { recordBatch } from "../../../src/domain/payouts/export.ts";
import { fileProvider } from "../../../src/domain/payouts/file-provider.ts";
import { reportFund } from "../../../src/reports/fund.ts";
import { verify, type CheckResult } from "../../../src/verification/verify.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { setPolicy } from "../../support/approved.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, dumpDatabase } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";
import { transcript } from "../../support/transcript.ts";
import { contextOf, ground, noon } from "../../support/money/ground.ts";
import { addMember, addMerchant, close, earn, grant, refund, sell, tamper } from "../../support/money/people.ts";
import { addPayee, box } from "../payouts/scene.ts";

/** A small world in which everything has happened once; every test of a broken thing breaks a copy of it. */
const here = await ground();
const { db } = here;
const merchantId = await addMerchant(db, "S1");
for (const memberNo of ["M1", "M2", "M3"]) await addMember(db, memberNo);
await addMember(db, "M4", { status: "closed" });
const [o1, o2] = [
  await sell(db, "M1", { amountFen: 100_000n, merchantId }),
  await sell(db, "M2", { amountFen: 15_000n, merchantId }),
];
await sell(db, "M2", { amountFen: 3n, merchantId }); // contributes 0.01 yuan, earns no point
await sell(db, "M3", { amountFen: 9_900n, status: "pending", merchantId });
const [closedOrder] = [await sell(db, "M4", { amountFen: 50_000n, merchantId })];
await grant(db);
const bob = here.as("bob");
await addPayee(db, "M1");
const request = async (memberNo: string, points: bigint, on: Context = here.as("alice")) =>
  (await requestWithdrawal(on, { memberNo, points })).withdrawalNo;
const [w1, w2, w3] = [await request("M1", 50n), await request("M1", 30n), await request("M1", 20n)];
await decideWithdrawals(bob, { name: "approve", withdrawalNos: [w1] });
await decideWithdrawals(bob, { name: "reject", withdrawalNos: [w2], reason: "no" });
await recordBatch(here.as("cashier"), box, fileProvider("alipay", scratchDirectory()), {});
const m2Withdrawal = await request("M2", 30n);
await refund(db, o2, 15_000n); // the points are held: the clawback leaves a debt
await grant(db);
await refund(db, o1, 1_000n); // waits in the feed, as does a new order
await inTransaction(db, async (tx) => {
  // one of its refunds came as a row of its own
  await tx`INSERT INTO order_refunds (member_id, order_id, refund_no, refunded_fen, import_id) SELECT member_id, order_id, 'R1', 400, import_id FROM order_keys WHERE order_no = ${o1}`;
});
await close(db, "2026-03-04"); // the day before was settled
const waiting = await sell(db, "M3", { amountFen: 20_000n, merchantId });

async function failing(on: Database): Promise<readonly CheckResult[]> {
  const { ok, checks } = await verify(contextOf(on, "auditor"));
  const failed = checks.filter((check) => !check.ok);
  expect(ok).toBe(failed.length === 0);
  return failed;
}

/** Breaks a copy of the world with the guards switched off, and returns what `verify` then says of it to a superuser. */
async function afterBreaking(work: (sql: Sql) => Promise<unknown>): Promise<Map<string, CheckResult>> {
  const copy = await cloneOf(here);
  await inTransaction(copy.superuser, async (tx) => {
    await tx`SET LOCAL session_replication_role = replica`;
    await work(tx);
  });
  const failed = await failing(copy.superuser);
  await copy.drop();
  return new Map(failed.map((check) => [check.name, check]));
}

describe("a database that nobody tampered with", () => {
  test("passes every check, and each has looked at something", async () => {
    const { ok, checks } = await verify(contextOf(db, "auditor"));
    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect(ok).toBe(true);
    // No payout failed here, and nobody has a rate of their own: test/db/verification/tampering.test.ts has both.
    expect(checks.filter(({ checked }) => checked === 0n).map(({ name }) => name)).toEqual([
      "bills_match_books",
      "collections_banked",
      "statements_add_up",
      "matches_add_up",
      "banks_match_statements",
      "waiting_matches_orders",
      "unevidenced_match_orders",
      "grants_have_evidence",
      "evidence_unchanged",
      "retries_match",
      "rates_recorded",
      "money_recorded",
      "proposals_sealed",
      "adjustments_proposed",
      "voids_approved",
      "archives_add_up",
    ]);
  });

  test("passes while empty", async () => {
    const empty = await cloneOf();
    expect(await failing(empty.db)).toEqual([]);
    await empty.drop();
  });

  test("is left as it was, also by the attempts to change what must not change", async () => {
    const before = await dumpDatabase(db);
    await verify(contextOf(db, "auditor"));
    expect(await dumpDatabase(db)).toEqual(before);
  });

  test("tells progress by check, and stops when asked to", async () => {
    const phases: string[] = [];
    const controller = new AbortController();
    const context = contextOf(db, "auditor");
    const onProgress: Context["onProgress"] = ({ phase, at, total }) => {
      expect(total).toBeGreaterThan(30);
      phases.push(`${phase} ${at}`);
      if (phases.length === 3) controller.abort(new Error("stopped"));
    };
    await expect(verify({ ...context, signal: controller.signal, onProgress })).rejects.toThrow("stopped");
    expect(phases).toEqual([
      "verifying orders and entries",
      "verifying balances_match_entries",
      "verifying held_matches_withdrawals",
    ]);
  });
});

const withdrawal = (no: string) => ({ withdrawal_no: no });

describe("every check fails when what it proves is broken, and names the thing", () => {
  test("a balance that is not the sum of its entries", async () => {
    const failed = await afterBreaking(
      (sql) =>
        sql`UPDATE balances SET available_points = available_points + 7 WHERE member_id = (SELECT member_id FROM members WHERE member_no = 'M3')`,
    );
    expect([...failed.keys()]).toEqual(["balances_match_entries", "fund_told"]);
    expect(failed.get("balances_match_entries")).toMatchObject({
      found: 1n,
      violations: [{ member_no: "M3", available: 7n, available_by_entries: 0n }],
    });
    expect(failed.get("fund_told")).toMatchObject({
      found: 1n,
      violations: [{ points_owed: 210n, points_owed_by_balances: 217n }],
    });
  });

  test("held points that no open withdrawal holds", async () => {
    const failed = await afterBreaking(
      (sql) => sql`UPDATE balances SET held_points = held_points + 1 WHERE held_points = 30`,
    );
    expect(failed.get("held_matches_withdrawals")).toMatchObject({
      violations: [{ member_no: "M2", held: 31n, open_withdrawals: 30n }],
    });
  });

  test("an order whose entries do not add up to what it is due", async () => {
    const failed = await afterBreaking((sql) => sql`DELETE FROM order_changes`);
    expect(failed.get("orders_granted_as_due")).toMatchObject({
      found: 1n,
      violations: [
        {
          order_no: o1,
          member_no: "M1",
          net: "990.00",
          points: 210n,
          points_due: 208n,
          contribution: "300.00",
          contribution_due: "297.00",
        },
      ],
    });
  });

  test("an order whose rates changed between its entries", async () => {
    const failed = await afterBreaking(
      (sql) => sql`UPDATE points_entries SET points_bps = 6000 WHERE entry_no = 2 AND kind = 'clawback'`,
    );
    expect(failed.get("orders_granted_as_due")).toMatchObject({
      violations: [{ order_no: o2, rates_frozen: false, points_rate: "60%" }],
    });
  });

  test("a paid order that no run has settled and none will", async () => {
    const failed = await afterBreaking(
      (sql) =>
        sql`DELETE FROM order_changes WHERE order_id = (SELECT order_id FROM orders WHERE order_no = ${waiting})`,
    );
    expect([...failed.keys()]).toEqual(["no_order_forgotten"]);
    expect(failed.get("no_order_forgotten")).toMatchObject({
      violations: [{ order_no: waiting, member_no: "M3", net: "200.00", business_date: "2026-03-01" }],
    });
  });

  test("a closed member's order that no run recorded as skipped", async () => {
    const failed = await afterBreaking((sql) => sql`DELETE FROM grant_skips`);
    expect([...failed.keys()]).toEqual(["no_order_forgotten"]);
    expect(failed.get("no_order_forgotten")).toMatchObject({
      violations: [{ order_no: closedOrder, member_no: "M4", net: "500.00" }],
    });
  });

  test("an order granted twice: its entries are numbered with a gap", async () => {
    const failed = await afterBreaking(
      (sql) => sql`
      INSERT INTO points_entries SELECT member_id, ref_id, available_points, held_points, run_id, net_fen, contribution_fen, created_at, contribution_bps, points_bps, business_date, 3, kind
      FROM points_entries WHERE ref_id = (SELECT order_id FROM orders WHERE order_no = ${o1})`,
    );
    expect(failed.get("entries_explained")).toMatchObject({
      violations: [{ member_no: "M1", explained_by: o1, entries: 2n, last_entry_no: 3, numbered_without_gap: false }],
    });
    expect([...failed.keys()]).toEqual(
      expect.arrayContaining(["balances_match_entries", "runs_match_entries", "accounts_match_subledgers"]),
    );
  });

  test("an entry that neither an order nor a withdrawal explains", async () => {
    const failed = await afterBreaking(
      (sql) => sql`
      INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, created_at, business_date)
      SELECT member_id, 999, 1, 'adjust', 1000, 0, registered_at, '2026-03-01' FROM members WHERE member_no = 'M3'`,
    );
    expect(failed.get("entries_explained")).toMatchObject({
      violations: [{ member_no: "M3", explained_by: "nothing (ref_id 999)", kinds: "adjust" }],
    });
  });

  test("a withdrawal in a state that its entries do not tell", async () => {
    const failed = await afterBreaking(
      (sql) =>
        sql`UPDATE withdrawals SET status = 'requested', decided_by = NULL, decided_at = NULL WHERE withdrawal_no = ${w2}`,
    );
    expect(failed.get("withdrawal_entries")).toMatchObject({
      violations: [
        { ...withdrawal(w2), member_no: "M1", status: "requested", points: 30n, held: 30n, released: 30n, burned: 0n },
      ],
    });
    expect(failed.has("held_matches_withdrawals")).toBe(true);
  });

  test("a run whose record is not what its entries say", async () => {
    const failed = await afterBreaking(
      (sql) => sql`UPDATE grant_runs SET points_granted = 1, contribution_fen = contribution_fen + 1 WHERE run_id = 1`,
    );
    expect([...failed.keys()]).toEqual(["runs_match_entries", "documents_posted"]);
    expect(failed.get("runs_match_entries")).toMatchObject({
      violations: [
        { run_id: 1n, figure: "contribution" },
        { run_id: 1n, business_date: "2026-03-01", figure: "points_granted", recorded: 1n, by_entries: 242n },
      ],
    });
  });

  test("entries of a run that never was", async () => {
    const failed = await afterBreaking((sql) => sql`DELETE FROM grant_runs WHERE run_id = 1`);
    expect(failed.get("runs_match_entries")!.violations).toContainEqual({
      run_id: 1n,
      business_date: null,
      figure: "points_granted",
      recorded: null,
      by_entries: 242n,
    });
  });

  test("a journal transaction that does not balance, one without lines, and lines without a head", async () => {
    const failed = await afterBreaking(async (sql) => {
      await sql`UPDATE journal_lines SET amount = amount + 5 WHERE journal_id = 1 AND account = 'platform_share'`;
      await sql`INSERT INTO journal_transactions SELECT 9001, kind, run_id, withdrawal_no, business_date, operator, posted_at FROM journal_transactions WHERE journal_id = 1`;
      await sql`DELETE FROM journal_transactions WHERE withdrawal_no = ${w3}`;
    });
    expect(failed.get("journal_balances")).toMatchObject({
      found: 3n,
      violations: [
        { journal_id: 1n, kind: "grant", run_id: 1n, unit: "yuan", difference: "0.05" },
        { kind: null, unit: "points", difference: 0n },
        { journal_id: 9001n, unit: null },
      ],
    });
    expect(failed.get("accounts_match_subledgers")).toMatchObject({
      violations: [{ account: "platform_share", unit: "yuan" }],
    });
  });

  test("a control account that carries more than its sub-ledger", async () => {
    const failed = await afterBreaking((tx) =>
      postJournal(
        tx as Transaction,
        { kind: "adjust", businessDate: "2026-03-05", operator: "x", postedAt: new Date(noon) },
        [
          { account: "points_fund", amount: -100n },
          { account: "platform_share", amount: 100n },
        ],
      ),
    );
    expect([...failed.keys()]).toEqual(["accounts_match_subledgers"]);
    expect(failed.get("accounts_match_subledgers")).toMatchObject({
      found: 2n,
      violations: [
        { account: "platform_share", journal: "-89.01", sub_ledger: "-90.01" },
        { account: "points_fund", journal: "-211.00", sub_ledger: "-210.00" },
      ],
    });
  });

  test("a debt that no clawback explains", async () => {
    const failed = await afterBreaking(async (sql) => {
      await sql`ALTER TABLE balances DROP CONSTRAINT balances_available`;
      await sql`UPDATE balances SET available_points = -33 WHERE available_points < 0`;
    });
    expect(failed.get("debts_are_clawbacks")).toMatchObject({
      checked: 1n,
      violations: [{ member_no: "M2", available: -33n, clawed_back: 32n }],
    });
  });

  test("an approval by the one who requested, under a name that only differs in case or width", async () => {
    const failed = await afterBreaking(
      (sql) => sql`UPDATE withdrawals SET approved_by = 'ＡLICE' WHERE withdrawal_no = ${w1}`,
    );
    expect([...failed.keys()]).toEqual(["decisions_recorded", "maker_is_not_checker"]);
    expect(failed.get("maker_is_not_checker")).toMatchObject({
      found: 1n,
      violations: [{ ...withdrawal(w1), requested_by: "alice", approved_by: "ＡLICE", withdrawals: 1n }],
    });
  });

  test("an order of a member or a merchant who does not exist", async () => {
    const failed = await afterBreaking(async (sql) => {
      await sql`UPDATE orders SET merchant_id = 424242 WHERE order_no = ${o1}`;
      await sql`DELETE FROM members WHERE member_no = 'M3'`;
    });
    const violations = failed.get("no_orphans")!.violations;
    expect(violations).toContainEqual({ order_no: o1, kind: "order", missing: "merchant", missing_id: 424242n });
    expect(violations).toContainEqual(expect.objectContaining({ kind: "order", missing: "member" }));
    expect(failed.get("keys_lead_to_rows")!.violations).toContainEqual({ kind: "member", key: "M3", row: null });
  });

  test("a number that leads nowhere, and a row that no number leads to", async () => {
    const failed = await afterBreaking(async (sql) => {
      await sql`UPDATE order_keys SET order_no = 'X1' WHERE order_no = ${o1}`;
      await sql`DELETE FROM withdrawal_keys WHERE withdrawal_no = ${m2Withdrawal}`;
    });
    expect([...failed.keys()]).toEqual(["keys_lead_to_rows"]);
    expect(failed.get("keys_lead_to_rows")!.violations).toEqual([
      { kind: "order", key: "X1@default", row: `${o1}@default` },
      { kind: "withdrawal", key: null, row: m2Withdrawal },
    ]);
  });

  test.each([
    [
      "switched off",
      "ALTER TABLE journal_lines DISABLE TRIGGER journal_lines_append_only",
      {
        object: "table journal_lines",
        part: "trigger journal_lines_append_only",
        found: expect.stringMatching(/, switched off$/u) as string,
      },
    ],
    [
      "missing",
      "DROP TRIGGER orders_never_deleted ON orders",
      { object: "table orders", part: "trigger orders_never_deleted", found: null },
    ],
    [
      "changed",
      "DROP TRIGGER imports_append_only ON imports; CREATE TRIGGER imports_append_only BEFORE DELETE ON imports FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
      {
        object: "table imports",
        part: "trigger imports_append_only",
        found: expect.stringContaining("BEFORE DELETE ON") as string,
      },
    ],
    [
      "opened by a grant",
      "GRANT UPDATE ON points_entries TO PUBLIC",
      { object: "table points_entries", part: "others may", expected: null, found: "PUBLIC UPDATE" },
    ],
  ])("a guard that is %s", async (_what, statement, violation) => {
    const failed = await afterBreaking((sql) => sql.unsafe(statement));
    expect(failed.get("guards_in_place")).toMatchObject({ found: 1n, violations: [violation] });
  });

  test("a guard that lets a change through although it looks as if it were there", async () => {
    const failed = await afterBreaking((sql) =>
      sql.unsafe(`
      CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$; GRANT ALL ON journal_lines TO CURRENT_USER`),
    );
    expect(failed.get("changes_refused")!.violations).toContainEqual({
      statement: "DELETE FROM journal_lines WHERE false",
      state: "not refused",
    });
  });

  test("more violations than it names are counted", async () => {
    const copy = await cloneOf(here);
    for (let no = 100; no < 125; no += 1) await addMember(copy.db, `M${no}`);
    await tamper(copy, (sql) => sql`UPDATE balances SET available_points = 1 WHERE available_points = 0`);
    const [check] = await failing(copy.db);
    expect(check).toMatchObject({ name: "balances_match_entries", found: 27n });
    expect(check!.violations).toHaveLength(20);
    const { stdout } = await accrueInProcess(["verify"], { database: copy });
    expect(stdout).toContain("… and 7 more");
    await copy.drop();
  });
});

describe("the commands", () => {
  test("verify ends with 0 and says what holds, in words and as JSON", async () => {
    expect(await transcript(["accrue verify", "accrue report fund"], { database: here, now: new Date(noon) }))
      .toMatchInlineSnapshot(`
        "
        $ accrue verify
        check                      checked  result  what holds
        balances_match_entries           4  ok      available and held are the sums of each member's entries
        held_matches_withdrawals         4  ok      held is the sum of each member's open withdrawals
        orders_granted_as_due            3  ok      each settled order's entries add up to what its net amount is due
        no_order_forgotten               5  ok      every paid order that is due something is settled, or waits for the next run
        refunds_add_up                   1  ok      no order is refunded by less than its refund rows add up to
        entries_explained                9  ok      an order, a withdrawal or an adjustment explains every entry, and none was written twice
        withdrawal_entries               4  ok      each withdrawal has the entries of its state
        payouts_match                    2  ok      each withdrawal that was sent has one payout, in the same state
        payout_batches                   2  ok      payout batches and their files say what is in them
        runs_match_entries               2  ok      each grant run's record says what its entries say
        journal_balances                 7  ok      every journal transaction adds up to zero in each unit
        accounts_match_subledgers       14  ok      control accounts carry what entries, payouts and collections add up to
        closings_match_journal          16  ok      sums written down at the closing of a date are those of the journal
        cash_told                        1  ok      the cash behind the points written down at the closing of a date is what follows from the books
        merchants_match_entries          1  ok      what merchants contributed on closed dates is what their orders' entries add up to
        bills_match_books                0  ok      each bill says what was contributed, clawed back and collected, and opens where the last one closed
        collections_banked               0  ok      each collection's money is booked on the account that it came in on, once
        merchants_owe_receivable         1  ok      what merchants owe, each by itself, is what the journal says they owe together
        statements_add_up                0  ok      each statement brought the lines it says, and what is booked on an account is what its last one closes with
        matches_add_up                   0  ok      what is open of each line, and which payouts no statement has shown, is what was not matched
        banks_match_statements           0  ok      each of the platform's accounts is booked as its statements say, and what none has shown
        debts_are_clawbacks              1  ok      available is below zero only where clawbacks explain it
        rates_in_force                   3  ok      each order was settled at rates that were in force on the date it was paid
        terms_in_force                   4  ok      each withdrawal has the point value, fee and approvals of a policy in force on its date
        documents_posted                 7  ok      each grant run, withdrawal and collection has the postings it calls for, on their days
        feed_matches_orders              2  ok      each change that waits for a grant run says what its order stands at
        waiting_matches_orders           0  ok      each order that waits for its merchant's money says what it stands at, and since when it is booked
        unevidenced_match_orders         0  ok      each order that waits for evidence of its payment says what it stands at, and earned nothing
        grants_have_evidence             0  ok      where the policy asks for evidence, a channel shows the payment of each order that was settled
        evidence_unchanged               0  ok      the payments that channels show are as they were imported
        order_dates                      6  ok      each order's business date is the day of its payment, and none is of a day to come
        imports_match_rows               9  ok      each import brought in the rows that it says it did
        retries_match                    0  ok      each withdrawal in place of a failed one names it, and so does its payout
        dates_closed                     1  ok      each closed date was settled, has its sums, and was reopened by somebody else if at all
        decisions_recorded               7  ok      each request, approval, decision and payout is recorded, by who it was
        running_recorded                14  ok      each policy, closing, run, import, batch and matching is recorded, by who it was
        rates_recorded                   0  ok      each rate of a merchant's own is recorded, by who set it
        accounts_recorded                1  ok      each payout account is recorded, by who added or closed it
        money_recorded                   0  ok      each money account, collection and billing is recorded, by who it was
        standings_recorded               5  ok      identities verified, members and merchants stand as was last recorded
        proposals_sealed                 0  ok      each proposal says what was proposed, is recorded as it was decided, and nobody decided about their own
        adjustments_proposed             0  ok      each adjustment was proposed and approved as it is, has its entry, and adds up to what was posted
        voids_approved                   0  ok      each void order is so by an approved proposal, which did what it says
        operators_recorded              23  ok      each operator is as last recorded, and looks like nobody else
        sequences_ahead                 12  ok      no sequence lies behind the numbers that were given
        numbers_without_gaps            20  ok      revisions, steps, and the payouts and files of a batch are numbered without gaps
        guards_in_place                165  ok      the schema with its guards and privileges is as this version made it
        archives_add_up                  0  ok      what is carried of archived orders is what was archived, member by member and date by date
        maker_is_not_checker             1  ok      nobody approved a withdrawal that they requested
        fund_told                        1  ok      the fund covers what is owed to members, or the shortfall is told
        no_orphans                      26  ok      every member, merchant and order that is named exists
        keys_lead_to_rows               15  ok      every order, withdrawal and member number leads to its row
        changes_refused                 72  ok      entries, journal and audit refuse UPDATE and DELETE, whoever asks

        fund 210.00, points worth 210.00, shortfall 0.00, debts 0.00, cash 0.00

        verified: all 53 checks hold

        $ accrue report fund
        Points fund on 2026-03-05
          in the fund             210.00 yuan
          points available        110
          points held             100
          owed to members         210.00 yuan
          members owe             nothing
          coverage                100%
          cash behind the points  0.00 yuan
          cash coverage           0%
          open withdrawals        3, 100.00 yuan gross
          contributions           300.01 yuan
          of that collected       0.00 yuan
          platform share          90.01 yuan
          fee income              0.00 yuan
          paid out                0.00 yuan
        "
      `);
    const { exitCode, stdout } = await accrueInProcess(["verify", "--json"], { database: here });
    expect(exitCode).toBe(0);
    const document = JSON.parse(stdout) as {
      ok: boolean;
      checks: { name: string; ok: boolean; checked: number; violations: unknown[] }[];
    };
    expect(document.ok).toBe(true);
    expect(document.checks.every(({ ok, violations }) => ok && violations.length === 0)).toBe(true);
    expect(document.checks.find(({ name }) => name === "fund_told")).toMatchObject({ shortfall: "0.00" });
  });

  test("verify ends with 7 and names what is wrong", async () => {
    const copy = await cloneOf(here);
    await tamper(
      copy,
      (sql) =>
        sql`UPDATE balances SET available_points = 7 WHERE member_id = (SELECT member_id FROM members WHERE member_no = 'M3')`,
    );
    const { exitCode, stdout } = await accrueInProcess(["verify"], { database: copy });
    expect(exitCode).toBe(7);
    expect(stdout).toContain(
      "balances_match_entries: not true that available and held are the sums of each member's entries\n  member no M3, available 7, available by entries 0",
    );
    expect(stdout).toMatch(/NOT verified: 2 of \d+ checks found something wrong/u);
    const json = await accrueInProcess(["verify", "--json"], { database: copy });
    expect(json.exitCode).toBe(7);
    expect((JSON.parse(json.stdout) as { ok: boolean }).ok).toBe(false);
    await copy.drop();
  });

  test("a fund that lacks money is told in figures, and is no violation", async () => {
    const copy = await cloneOf();
    await addMember(copy.db, "M1");
    for (let order = 0; order < 3; order += 1) await earn(copy.db, "M1", 15_000n); // 32 points each, 32.00 yuan into the fund
    const boss = contextOf(copy.db, "boss");
    await setPolicy(boss, { effectiveFrom: "2026-03-05", terms: { pointValueFen: 102n } });
    const { ok, checks } = await verify(contextOf(copy.db, "auditor"));
    expect(ok).toBe(true);
    expect(checks.find(({ name }) => name === "fund_told")!.facts).toEqual({
      fund: "96.00",
      points_worth: "97.92",
      shortfall: "1.92",
      debts: "0.00",
      cash: "0.00",
    });
    expect(await reportFund(contextOf(copy.db, "auditor"))).toMatchObject({ shortfallFen: 192n, coverageBps: 9803 });
    expect(await transcript(["accrue report fund"], { database: copy, now: new Date(noon) })).toContain(
      "98.03%, 1.92 yuan short",
    );
    await copy.drop();
  });

  test("an empty fund covers nothing, and says so without a rate", async () => {
    const copy = await cloneOf();
    expect(await transcript(["accrue report fund"], { database: copy, now: new Date(noon) })).toContain(
      "no points to cover",
    );
    expect(await transcript(["accrue report fund --json"], { database: copy, now: new Date(noon) }))
      .toMatchInlineSnapshot(`
      "
      $ accrue report fund --json
      {"business_date":"2026-03-05","fund":"0.00","points_available":0,"points_held":0,"point_value":"1.00","points_worth":"0.00","debt_points":0,"debts":"0.00","shortfall":"0.00","coverage":null,"cash":"0.00","cash_coverage":null,"open_withdrawals":0,"open_gross":"0.00","contributions":"0.00","collected":"0.00","platform_share":"0.00","fee_income":"0.00","paid_out":"0.00"}
      "
    `);
    await copy.drop();
  });
});
