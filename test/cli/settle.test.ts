import { describe, expect, test } from "vitest";
import { inTransaction } from "../../src/db/database.ts";
import { Inbox, paid } from "../db/night/scene.ts";
import { peopleIn } from "../db/orders/scene.ts";
import { accrueInProcess } from "../support/cli.ts";
import { cloneOf, testDatabase, testNow, type TestDatabase } from "../support/database.ts";
import { transcript } from "../support/transcript.ts";
import { tamper } from "../support/money/people.ts";

const database = await testDatabase();
await peopleIn(database);
const inbox = new Inbox();
const at = { database, now: testNow, cwd: inbox.path };

const said = (lines: readonly string[]) => transcript(lines, at);

test("plan, settle, status and reopen, as a person sees them", async () => {
  inbox.orders("a.csv", [
    paid("A1", "2026-02-28"),
    paid("A2", "2026-03-01", "150.00"),
    "A3,NOBODY,S1,1.00,paid,2026-03-01 10:00:00,,,",
  ]);
  inbox.orders("b.csv.part", [paid("B1", "2026-03-01")]);
  inbox.put("orders/c.csv", "what,is,this\n1,2,3\n");
  inbox.put("order/d.csv", "order_no\n");
  expect(
    await said([
      "accrue settle plan --inbox . --min-age 0s",
      "accrue settle --inbox . --min-age 0s",
      "accrue settle plan --inbox . --min-age 0s",
      "accrue settle --inbox . --min-age 0s --incomplete",
      "accrue settle --inbox . --min-age 0s",
      "accrue settle status",
    ]),
  ).toMatchInlineSnapshot(`
    "
    $ accrue settle plan --inbox . --min-age 0s
      dates to settle  2026-02-28 to 2026-03-01, 2 dates
      stale requests   0
      files            3
    file               bytes
    orders/a.csv         217
    orders/b.csv.part    127  left for next time: its name says that it is not complete
    orders/c.csv          19
    what these files bring comes to the orders below
    ./order/ is not read: only files in members/, merchants/, products/, orders/, withdrawals/, results/, statements/<account>/, evidence/ are

    $ accrue settle --inbox . --min-age 0s
    ! settlement run 1: failed
    !   closed  no date
    !   took    <seconds>
    ! file               outcome  read  inserted  updated  rejected
    ! orders/a.csv       done        3         2        0         1
    ! orders/b.csv.part  waiting     0         0        0         0
    ! orders/c.csv       failed      0         0        0         0
    ! ./order/           unread      0         0        0         0
    ! orders/a.csv: 1 rejected, see done/orders/a.rejects.csv
    ! orders/b.csv.part is left for next time: its name says that it is not complete
    ! orders/c.csv is now failed/orders/c.csv: csv_missing_column: orders/c.csv: no line names any of the columns
    ! ./order/ is not read: only files in members/, merchants/, products/, orders/, withdrawals/, results/, statements/<account>/, evidence/ are
    ! error: nothing of these files was imported, so no date is settled:
    !   orders/c.csv: csv_missing_column: orders/c.csv: no line names any of the columns
    ! hint: mend each and put it into the inbox again under its name; --incomplete settles and closes without them
    [exit 4]

    $ accrue settle plan --inbox . --min-age 0s
      dates to settle  2026-02-28 to 2026-03-01, 2 dates
      stale requests   0
      files            1
    file               bytes
    orders/b.csv.part    127  left for next time: its name says that it is not complete
    what these files bring comes to the orders below
    orders/c.csv was set aside, and no date is settled before it has come again: csv_missing_column: orders/c.csv: no line names any of the columns
    ./order/ is not read: only files in members/, merchants/, products/, orders/, withdrawals/, results/, statements/<account>/, evidence/ are
    orders of   waiting
    2026-02-28        1
    2026-03-01        1

    $ accrue settle --inbox . --min-age 0s --incomplete
    settlement run 2
      closed  2026-02-28 to 2026-03-01, 2 dates
      took    <seconds>
    file               outcome           read  inserted  updated  rejected
    orders/a.csv       before, import 1     3         2        0         1
    orders/b.csv.part  waiting              0         0        0         0
    ./order/           unread               0         0        0         0
    orders/a.csv: 1 rejected, see <directory>/done/orders/a.rejects.csv
    orders/b.csv.part is left for next time: its name says that it is not complete
    ./order/ is not read: only files in members/, merchants/, products/, orders/, withdrawals/, results/, statements/<account>/, evidence/ are
    date        orders  granted  clawed back   fund  expired  verified
    2026-02-28       1       21            0  21.00        0       264
    2026-03-01       1       32            0  32.00        0       267

    $ accrue settle --inbox . --min-age 0s
    settlement run 5
      closed  no date: all are closed
      took    <seconds>
    file               outcome  read  inserted  updated  rejected
    orders/b.csv.part  waiting     0         0        0         0
    ./order/           unread      0         0        0         0
    orders/b.csv.part is left for next time: its name says that it is not complete
    ./order/ is not read: only files in members/, merchants/, products/, orders/, withdrawals/, results/, statements/<account>/, evidence/ are

    $ accrue settle status
    date        state   step  since                run  by
    2026-03-01  closed        <time>    2  tester on desk-1
    2026-02-28  closed        <time>    2  tester on desk-1
    closed up to 2026-03-01
    "
  `);
  expect(
    await said([
      "accrue settle reopen 2026-03-01 --reason 'half was missing' --yes",
      "accrue settle reopen 2026-03-01 --reason 'half was missing' --operator amy",
      "accrue settle reopen 2026-03-01 --reason 'half was missing' --operator amy --dry-run",
      "accrue settle reopen 2026-03-01 --reason 'half was missing' --operator amy --yes",
      "accrue approval approve A00000001 --yes --operator boss",
      "accrue settle status",
      "accrue settle reopen 2026-02-30 --reason x --yes",
    ]),
  ).toMatchInlineSnapshot(`
    "
    $ accrue settle reopen 2026-03-01 --reason 'half was missing' --yes
    ! error: business date 2026-03-01 was closed by tester, who cannot reopen it too
    ! hint: another operator has to reopen it (--operator says who is at work)
    [exit 4]

    $ accrue settle reopen 2026-03-01 --reason 'half was missing' --operator amy
    ! error: Propose to reopen 2026-03-01, closed by tester at <time>? A confirmation is needed, and there is no terminal to ask on
    ! hint: give --yes
    [exit 2]

    $ accrue settle reopen 2026-03-01 --reason 'half was missing' --operator amy --dry-run
    dry run: A00000001 proposed: reopen business date 2026-03-01
      closed by  tester, settlement run 2
    it waits until <time> for another operator: accrue approval approve A00000001

    $ accrue settle reopen 2026-03-01 --reason 'half was missing' --operator amy --yes
    A00000001 proposed: reopen business date 2026-03-01
      closed by  tester, settlement run 2
    it waits until <time> for another operator: accrue approval approve A00000001

    $ accrue approval approve A00000001 --yes --operator boss
    A00000001 approved: reopen business date 2026-03-01
      business date  2026-03-01

    $ accrue settle status
    date        state   step  since                run  by
    2026-03-01  open          <time>    2  tester on desk-1
    2026-02-28  closed        <time>    2  tester on desk-1
    2026-03-01 open: reopened by boss: half was missing
    closed up to 2026-02-28

    $ accrue settle reopen 2026-02-30 --reason x --yes
    ! error: "2026-02-30" is no business date
    ! hint: write it like 2026-01-31
    [exit 2]
    "
  `);
});

test("as JSON, for scripts and monitors", async () => {
  const { stdout, exitCode } = await accrueInProcess(["settle", "--json"], {
    ...at,
    env: { ACCRUE_INBOX: inbox.path },
  });
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    state: "complete",
    operator: "tester",
    closed: ["2026-03-01"],
    failure: null,
    files: [
      { folder: "orders", name: "b.csv.part", outcome: "waiting" },
      { folder: ".", name: "order/", outcome: "unread" },
    ],
    steps: [
      { step_no: 1, step: "import", business_date: null, counts: { waiting_files: 1, unread_files: 1 } },
      { step: "grant", business_date: "2026-03-01" },
      { step: "expire" },
      { step: "verify" },
      { step: "close" },
    ],
  });
  const status = await accrueInProcess(["settle", "status", "--json", "--limit", "1"], at);
  expect(JSON.parse(status.stdout)).toMatchObject({
    last_closed: "2026-03-01",
    running: null,
    last_run: { state: "complete" },
    dates: [{ business_date: "2026-03-01", state: "closed", reopened_by: "boss" }],
  });
  const plan = await accrueInProcess(["settle", "plan", "--json", "--inbox", inbox.path], at);
  expect((await accrueInProcess(["settle", "--dry-run", "--json", "--inbox", inbox.path], at)).stdout).toBe(
    plan.stdout,
  );
  expect(JSON.parse(plan.stdout)).toMatchObject({
    dry_run: true,
    dates: [],
    last_closed: "2026-03-01",
    files: [{ name: "b.csv.part", waits_for: "its name says that it is not complete" }],
  });
});

test("a night that fails: what it did, why it stopped, and where that is told afterwards", async () => {
  const failing = await cloneOf();
  await peopleIn(failing);
  const files = new Inbox();
  files.orders("a.csv", [paid("F1", "2026-03-01"), "F2,NOBODY,S1,1.00,paid,2026-03-01 10:00:00,,,"]);
  files.put("orders/c.csv", "what,is,this\n1,2,3\n");
  const on = { database: failing, now: testNow, cwd: files.path };
  const tell = (...lines: readonly string[]) => transcript(lines, on);
  const oneMore = (points: number) =>
    inTransaction(
      failing.db,
      (tx) => tx`
    UPDATE balances SET available_points = available_points + ${points} WHERE member_id = (SELECT member_id FROM members WHERE member_no = 'M2')`,
    );
  expect(await tell("accrue settle --inbox none", "accrue settle status")).toMatchInlineSnapshot(`
    "
    $ accrue settle --inbox none
    ! error: cannot read the inbox none: there is no such directory
    ! hint: name a directory with folders such as orders/ and members/ (--inbox, ACCRUE_INBOX or \`inbox\` in the settings file)
    [exit 2]

    $ accrue settle status
    date        state  step  since  run  by
    2026-03-01  open
    run 1 of tester on desk-1 failed at import, <time>: inbox_unreadable: cannot read the inbox none: there is no such directory
    no date is closed yet
    "
  `);
  await oneMore(5);
  expect(
    await tell("accrue settle --inbox . --incomplete", "accrue settle status", "accrue settle --incomplete --json"),
  ).toMatchInlineSnapshot(`
    "
    $ accrue settle --inbox . --incomplete
    ! settlement run 2: failed
    !   closed  no date
    !   took    <seconds>
    ! file          outcome  read  inserted  updated  rejected
    ! orders/a.csv  done        2         1        0         1
    ! orders/c.csv  failed      0         0        0         0
    ! orders/a.csv: 1 rejected, see done/orders/a.rejects.csv
    ! orders/c.csv is now failed/orders/c.csv: csv_missing_column: orders/c.csv: no line names any of the columns
    ! date        orders  granted  clawed back   fund  expired  verified
    ! 2026-03-01       1       21            0  21.00        0
    ! error: 2026-03-01 does not add up: balances_match_entries (1 wrong)
    ! hint: \`accrue verify --business-date 2026-03-01\` shows what is wrong, \`accrue verify\` whose; the date stays open with all that was settled, and when it adds up the next run closes it
    [exit 7]

    $ accrue settle status
    date        state   step    since                run  by
    2026-03-01  failed  verify  <time>    2  tester on desk-1
    2026-03-01 failed: verification_failed: 2026-03-01 does not add up: balances_match_entries (1 wrong)
    no date is closed yet

    $ accrue settle --incomplete --json
    ! {"error":{"code":"verification_failed","message":"2026-03-01 does not add up: balances_match_entries (1 wrong)","hint":"\`accrue verify --business-date 2026-03-01\` shows what is wrong, \`accrue verify\` whose; the date stays open with all that was settled, and when it adds up the next run closes it","details":{"business_date":"2026-03-01","checks":["balances_match_entries"]}}}
    [exit 7]
    "
  `);
  await oneMore(-5);
  expect(await tell("accrue settle --incomplete", "accrue settle status")).toMatchInlineSnapshot(`
    "
    $ accrue settle --incomplete
    settlement run 5
      closed  2026-03-01
      took    <seconds>
    file          outcome           read  inserted  updated  rejected
    orders/a.csv  before, import 1     2         1        0         1
    orders/a.csv: 1 rejected, see <directory>/done/orders/a.rejects.csv
    date        orders  granted  clawed back  fund  expired  verified
    2026-03-01       0        0            0  0.00        0       264

    $ accrue settle status
    date        state   step  since                run  by
    2026-03-01  closed        <time>    5  tester on desk-1
    closed up to 2026-03-01
    "
  `);
  await failing.drop();
});

test("a run that died before it came to a date is told of", async () => {
  const dead = await cloneOf(database);
  await inTransaction(
    dead.db,
    (tx) =>
      tx`INSERT INTO settlement_runs (run_id, state, operator, host, started_at) VALUES (77, 'running', 'cron', 'db-1', ${testNow})`,
  );
  expect(await transcript(["accrue settle status"], { ...at, database: dead })).toContain(
    "run 77 of cron on db-1 died; the next one takes over\n",
  );
  const { stdout } = await accrueInProcess(["settle", "status", "--json"], { ...at, database: dead });
  expect(JSON.parse(stdout)).toMatchObject({ last_run: { run_id: 77, state: "interrupted", failure: null } });
  await dead.drop();
});

test("a grant run for a closed date is refused, and one date can be verified by itself", async () => {
  expect(
    await said([
      "accrue grant run --business-date 2026-03-01",
      "accrue verify --business-date 2026-03-01 --full",
      "accrue verify --business-date 2026-03-01",
    ]),
  ).toMatchInlineSnapshot(`
    "
    $ accrue grant run --business-date 2026-03-01
    ! error: business date 2026-03-01 is closed: it takes no further entries
    ! hint: what arrives late is settled in the next open date (\`accrue settle status\`); reopening one is for another operator: \`accrue settle reopen\`
    [exit 4]

    $ accrue verify --business-date 2026-03-01 --full
    ! error: --full is everything, --business-date one date
    ! hint: give one of them
    [exit 2]

    $ accrue verify --business-date 2026-03-01
    check                      checked  result  what holds
    orders_granted_as_due            1  ok      the entries of each order that the date moved add up to what its net amount is due
    no_order_forgotten               1  ok      every order paid on the date that is due something is settled, or waits for the next run
    entries_explained                1  ok      an order, a withdrawal or an adjustment explains every entry of the date, and none was written twice
    withdrawal_entries               0  ok      each withdrawal that the date moved has the entries of its state
    runs_match_entries               1  ok      the records of the date's grant runs say what its entries say
    journal_balances                 1  ok      every journal transaction of the date adds up to zero in each unit
    accounts_match_subledgers       14  ok      the date moved the control accounts by what its entries and payouts add up to
    balances_match_entries           2  ok      who moved most has what all their entries add up to, and all together what the accounts carry
    rates_in_force                   1  ok      each order that the date settled was so at rates in force on the date it was paid
    terms_in_force                   0  ok      each withdrawal that the date moved has the point value, fee and approvals of a policy in force on its own
    documents_posted                 1  ok      each grant run and each withdrawal has the postings that the date calls for
    decisions_recorded               0  ok      each request, approval, decision and payout of what the date moved is recorded, by who it was
    dates_closed                     2  ok      each closed date was settled, has its sums, and was reopened by somebody else if at all
    running_recorded                 8  ok      each policy, closing, run, import, batch and matching is recorded, by who it was
    guards_in_place                165  ok      the schema with its guards and privileges is as this version made it
    fund_told                        1  ok      the fund covers what is owed to members, or the shortfall is told
    changes_refused                 72  ok      entries, journal and audit refuse UPDATE and DELETE, whoever asks

    fund 53.00, points worth 53.00, shortfall 0.00, debts 0.00, cash 0.00

    verified: all 17 checks hold
    "
  `);
});

describe("status and plan", () => {
  const json = async (on: TestDatabase, ...args: readonly string[]) =>
    JSON.parse((await accrueInProcess(["settle", ...args, "--json"], { database: on, now: testNow })).stdout) as Record<
      string,
      unknown
    >;

  test("of a platform that was never settled", async () => {
    const fresh = await cloneOf();
    expect(await json(fresh, "status")).toEqual({
      last_closed: null,
      running: null,
      last_run: null,
      more: false,
      dates: [expect.objectContaining({ business_date: "2026-03-01", state: "open", run_id: null })],
    });
    expect(await json(fresh, "plan")).toEqual({
      dry_run: true,
      dates: ["2026-03-01"],
      last_closed: null,
      stale_requests: 0,
      expiring_proposals: 0,
      files: [],
      unread: [],
      missing: [],
      failed: [],
      orders: [],
    });
    expect(await transcript(["accrue settle status"], { database: fresh, now: testNow })).toContain(
      "no date is closed yet",
    );
    await fresh.drop();
  });

  test("of years of dates tell the newest, and that there are more", async () => {
    const old = await cloneOf();
    await tamper(
      old,
      (tx) => tx`
      INSERT INTO business_dates (business_date, state, run_id, since, operator, host, closed_at)
      SELECT date '2026-02-28' - n, 'closed', 1, ${testNow}, 'cron', 'db-1', ${testNow} FROM generate_series(0, 1999) n`,
    );
    const [few, all] = [await json(old, "status"), await json(old, "status", "--limit", "5000")] as {
      dates: unknown[];
      more: boolean;
    }[];
    expect([few!.dates.length, few!.more, all!.dates.length, all!.more]).toEqual([14, true, 2001, false]);
    expect(await transcript(["accrue settle status --limit 2"], { database: old, now: testNow })).toContain(
      "2 dates; --limit shows older ones, too\nclosed up to 2026-02-28\n",
    );
    expect(await json(old, "plan")).toMatchObject({ dates: ["2026-03-01"], last_closed: "2026-02-28" });
    await old.drop();
  });

  test.each([
    [["status", "--limit", "0"], 2, "invalid_limit"],
    [["plan", "--until", "2026-02-30"], 2, "invalid_business_date"],
    [["plan", "--until", "2026-03-02"], 4, "business_date_not_over"],
    [["plan", "--inbox", "/no/such/inbox"], 2, "inbox_unreadable"],
    [["plan", "--min-age", "5x"], 2, "invalid_duration"],
    [["--wait", "soon"], 2, "invalid_duration"],
    [["--expect", "pos-{date}.csv"], 2, "invalid_expected_file"],
    [["plan", "--expect", "orders/pos.csv"], 2, "invalid_expected_file"],
    [["--max-rejects", "some"], 2, "invalid_max_rejects"],
  ])("settle %j is refused", async (args, exitCode, code) => {
    const refused = await accrueInProcess(["settle", ...args, "--json"], at);
    expect([refused.exitCode, refused.stdout, JSON.parse(refused.stderr)]).toMatchObject([
      exitCode,
      "",
      { error: { code } },
    ]);
  });
});
