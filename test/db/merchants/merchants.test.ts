import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { connect, inTransaction, type Transaction } from "../../../src/db/database.ts";
import { targetFromUrl } from "../../../src/db/url.ts";
import { merchantCodeProblem } from "../../../src/domain/merchants/model.ts";
import { subjects } from "../../../src/cli/subjects.ts";
import { approve } from "../../../src/domain/approvals/decide.ts";
import { propose } from "../../../src/domain/approvals/propose.ts";
import { rateDocument, rateSubject } from "../../../src/domain/merchants/rate-subject.ts";
import { reasonProblem } from "../../../src/shared/text.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, testDatabase, testNow } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";
import { accrueOnTerminal, keys } from "../../support/pty.ts";
import { setRate } from "../../support/rates.ts";
import { transcript } from "../../support/transcript.ts";
import { tamper } from "../../support/money/people.ts";
import { importMerchants } from "../../support/imports.ts";

const database = await testDatabase();
const directory = scratchDirectory();
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code ?? String(error),
  );
const said = (commandLines: readonly string[]) => transcript(commandLines, { database, cwd: directory, now: testNow });
let files = 0;

async function take(
  rows: readonly string[],
  options: { isPending?: boolean } = {},
  head = "merchant_code,name,contact,contribution_rate",
) {
  files += 1;
  const path = join(directory, `merchants-${files}.csv`);
  writeFileSync(path, `${[head, ...rows].join("\n")}\n`);
  const report = await importMerchants(database.context(), { input: { path }, force: true, ...options });
  const { read, inserted, updated, duplicate, rejected } = report;
  return {
    read,
    inserted,
    updated,
    duplicate,
    rejected,
    reasons: Object.fromEntries(report.reasons),
    messages: report.examples.map(({ column, message }) => `${column}: ${message}`),
  };
}

const ratesOf = async (merchantCode: string) => [
  ...(await database.db.sql`
    SELECT DISTINCT ON (c.effective_from) effective_from::text AS effective_from, contribution_bps FROM contribution_rates c JOIN merchants USING (merchant_id)
    WHERE merchant_code = ${merchantCode} ORDER BY c.effective_from, revision DESC`),
];

describe("importing merchants", () => {
  test("a new merchant is active, its rate counts from the beginning; the same again is a duplicate", async () => {
    const rows = ["S1,茶庄,021-1234,30%", "S2,书店,,"];
    expect(await take(rows)).toMatchObject({ read: 2, inserted: 2 });
    expect(await ratesOf("S1")).toEqual([{ effectiveFrom: "0001-01-01", contributionBps: 3000 }]);
    expect(await ratesOf("S2")).toEqual([]);
    expect(await take(rows)).toMatchObject({ duplicate: 2, updated: 0 });
    expect(await take(["S1,,,0.3"])).toMatchObject({ duplicate: 1 });
  });

  test("a changed name or contact is updated; another rate of a known merchant takes a second operator", async () => {
    await take(["S3,面馆,a,20%", "S4,酒家,,"]);
    expect(await take(["S3,老面馆,,20%", "S4,,0571-88,"])).toMatchObject({ updated: 2 });
    expect(await take(["S3,新面馆,,25%", "S4,,,12.5%", "S3,,b,"])).toEqual({
      read: 3,
      inserted: 0,
      updated: 1,
      duplicate: 0,
      rejected: 2,
      reasons: { rate_needs_approval: 2 },
      messages: [
        "contribution_rate: the rate of a known merchant is changed by a proposal, which another operator approves: `accrue merchant set-rate S3 25% --reason …`; a blank cell leaves it as it is",
        "contribution_rate: the rate of a known merchant is changed by a proposal, which another operator approves: `accrue merchant set-rate S4 12.5% --reason …`; a blank cell leaves it as it is",
      ],
    });
    expect(await ratesOf("S3")).toEqual([{ effectiveFrom: "0001-01-01", contributionBps: 2000 }]);
    expect(await ratesOf("S4")).toEqual([]);
    const { stdout } = await accrueInProcess(["merchant", "show", "S3", "--json"], { database, now: testNow });
    const { actions } = JSON.parse(stdout) as { actions: { action: string; details: Record<string, unknown> }[] };
    expect(actions.map(({ action, details }) => `${action} ${String(details["changed"])}`)).toEqual([
      "merchant.update name",
      "merchant.update contact",
    ]);
  });

  test("the same merchant several times in one file is taken in the order of the lines", async () => {
    expect(await take(["S5,一,,10%", "S5,二,,10%", "S5,三,,10%"])).toMatchObject({ inserted: 1, updated: 2 });
    const { stdout } = await accrueInProcess(["merchant", "show", "S5", "--json"], { database, now: testNow });
    expect(JSON.parse(stdout)).toMatchObject({ name: "三", contribution_rate: "10%", rate_from: "own" });
  });

  test("with --pending new merchants wait for approval, and known ones keep their status", async () => {
    expect(await take(["S6,新店,,", "S1,茶庄二,,"], { isPending: true })).toMatchObject({ inserted: 1, updated: 1 });
    const statuses = await database.db
      .sql`SELECT merchant_code, status FROM merchants WHERE merchant_code IN ('S1', 'S6') ORDER BY 1`;
    expect([...statuses]).toEqual([
      { merchantCode: "S1", status: "active" },
      { merchantCode: "S6", status: "pending" },
    ]);
    await take(["S1,茶庄,,"]);
  });

  test.each([
    ["X9,,,", "name_missing", "name: a new merchant needs a name"],
    [",店,,", "merchant_code_empty", "merchant_code: the cell is empty"],
    ["X 9,店,,", "not_a_merchant_code", 'merchant_code: "X 9": a merchant code takes no spaces and no commas'],
    ["X9,店,,130%", "contribution_rate_not_a_rate", 'contribution_rate: "130%" is not a rate from 0% to 100%'],
    ["X9,店,,30", "contribution_rate_not_a_rate", 'contribution_rate: "30" is not a rate'],
    [`X9,${"店".repeat(201)},,`, "name_too_long", "at most 200 are taken"],
  ])("%s is rejected as %s", async (row, code, message) => {
    const taken = await take([row]);
    expect(taken.reasons).toEqual({ [code]: 1 });
    expect(taken.messages[0]).toContain(message);
  });

  test("the command takes --pending, prints the report and exits 3 when rows were rejected", async () => {
    const path = join(directory, "new.csv");
    writeFileSync(path, "商家编号,商家名称,让利比例\nP1,甲店,30%\nP2,,30%\n");
    const { exitCode, stdout } = await accrueInProcess(["merchant", "import", path, "--pending", "--json"], {
      database,
    });
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      kind: "merchants",
      read: 2,
      inserted: 1,
      rejected: 1,
      reasons: { name_missing: 1 },
    });
    expect((await accrueInProcess(["merchant", "list", "--status", "pending"], { database })).stdout).toContain("P1");
  });
});

describe("an import that waits for somebody else keeps nothing, and can be run again", () => {
  /** Runs an import while another session has written something that it then commits. */
  async function takenBeside(rows: readonly string[], write: (tx: Transaction) => Promise<unknown>): Promise<unknown> {
    const other = connect(targetFromUrl(database.url)!);
    let imported: Promise<unknown> = Promise.resolve();
    await inTransaction(other, async (tx) => {
      await write(tx);
      imported = take(rows).catch((error: unknown) => error);
      for (let waiting = 0; waiting === 0;) {
        const [row] = await database.db.sql<{ waiting: number }[]>`
          SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        waiting = row!.waiting;
      }
    });
    await other.close();
    return imported;
  }

  test("a known merchant was changed", async () => {
    await take(["B1,等店,,"]);
    const rows = ["B1,等店二,,", "B2,新店,,"];
    expect(
      await takenBeside(rows, (tx) => tx`UPDATE merchants SET name = '别人改的' WHERE merchant_code = 'B1'`),
    ).toMatchObject({ kind: "busy", code: "merchants_changed_meanwhile" });
    expect(await take(rows)).toMatchObject({ inserted: 1, updated: 1 });
  });

  test("the code of a new one was taken, and the file has a rate for it", async () => {
    const rows = ["B3,新店,,20%", "B4,又一家,,25%"];
    const registered = await takenBeside(
      rows,
      (tx) => tx`
      INSERT INTO merchants (merchant_id, merchant_code, name, status, registered_by, registered_at) VALUES (nextval('id_seq'), 'B3', '先来的', 'active', 'other', now())`,
    );
    expect(registered).toMatchObject({ kind: "busy", code: "merchants_changed_meanwhile" });
    expect(await take(rows)).toMatchObject({ inserted: 1, rejected: 1 });
  });
});

test("approving and suspending: what is said, and what is refused", async () => {
  await take(["D1,待批店,,"], { isPending: true });
  expect(
    await said([
      "accrue merchant approve D1 --reason 资料齐全",
      "accrue merchant approve D1",
      "accrue merchant suspend D1 --from 2026-02-01 --dry-run",
      "accrue merchant suspend D1 --from '2026-02-01 08:30' --reason 投诉 --json",
      "accrue merchant suspend D1",
      "accrue merchant suspend D1 --from '2026-02-01 08:30' --json",
      "accrue merchant suspend D1 --from 2026-02-02",
      "accrue merchant approve D1 --json",
      "accrue merchant approve D1 --json --dry-run",
      "accrue merchant suspend D1 --from 05/06/2026",
      "accrue merchant suspend D1 --reason ' '",
      "accrue merchant approve NOBODY",
      "accrue merchant suspend NOBODY --json",
    ]),
  ).toMatchInlineSnapshot(`
    "
    $ accrue merchant approve D1 --reason 资料齐全
    merchant D1 is active (was pending)

    $ accrue merchant approve D1
    merchant D1 is active already; nothing to do

    $ accrue merchant suspend D1 --from 2026-02-01 --dry-run
    dry run: merchant D1 is suspended: orders paid at or after <time> are rejected (was active)

    $ accrue merchant suspend D1 --from '2026-02-01 08:30' --reason 投诉 --json
    {"merchant_code":"D1","status":"suspended","was":"active","suspended_at":"<time>","changed":true,"dry_run":false}

    $ accrue merchant suspend D1
    merchant D1 is suspended since <time> already; nothing to do

    $ accrue merchant suspend D1 --from '2026-02-01 08:30' --json
    {"merchant_code":"D1","status":"suspended","was":"suspended","suspended_at":"<time>","changed":false,"dry_run":false}

    $ accrue merchant suspend D1 --from 2026-02-02
    ! error: merchant D1 is suspended already, from another time
    ! hint: to suspend it from another time, \`accrue merchant approve D1\` first
    [exit 4]

    $ accrue merchant approve D1 --json
    {"merchant_code":"D1","status":"active","was":"suspended","suspended_at":null,"changed":true,"dry_run":false}

    $ accrue merchant approve D1 --json --dry-run
    {"merchant_code":"D1","status":"active","was":"active","suspended_at":null,"changed":false,"dry_run":true}

    $ accrue merchant suspend D1 --from 05/06/2026
    ! error: --from "05/06/2026" could put the month first or the day first; write the year first: 2026-01-02
    ! hint: write it like 2026-01-31 or '2026-01-31 18:00'
    [exit 2]

    $ accrue merchant suspend D1 --reason ' '
    ! error: --reason: a reason cannot be empty
    ! hint: correct --reason and run the command again
    [exit 2]

    $ accrue merchant approve NOBODY
    ! error: there is no merchant NOBODY
    ! hint: \`accrue merchant list\` shows merchant codes
    [exit 4]

    $ accrue merchant suspend NOBODY --json
    ! {"error":{"code":"merchant_unknown","message":"there is no merchant NOBODY","hint":"\`accrue merchant list\` shows merchant codes","details":{"merchant_code":"NOBODY"}}}
    [exit 4]
    "
  `);
  const actions = await database.db
    .sql`SELECT action, details FROM operator_actions WHERE subject = 'D1' ORDER BY action_id`;
  expect([...actions]).toEqual([
    { action: "merchant.approve", details: { was: "pending", reason: "资料齐全" } },
    {
      action: "merchant.suspend",
      details: { was: "active", suspended_at: "2026-02-01T00:30:00.000Z", reason: "投诉" },
    },
    { action: "merchant.approve", details: { was: "suspended", suspended_at: "2026-02-01T00:30:00.000Z" } },
  ]);
});

test("setting rates: from a date, over one of the same date, the same again, and what is refused", async () => {
  await take(["R1,店,,20%"]);
  expect(
    await said([
      "accrue merchant set-rate R1 25% --reason r --dry-run",
      "accrue merchant set-rate R1 25% --reason r",
      "accrue merchant set-rate R1 25% --reason r --yes",
      "accrue merchant set-rate R1 25% --reason r --yes",
      "accrue approval approve A00000001 --yes",
      "accrue approval approve A00000001 --yes --operator amy",
      "accrue merchant set-rate R1 25% --reason r",
      "accrue merchant set-rate R1 0.26 --reason r --yes",
      "accrue merchant set-rate R1 24% --reason r --yes",
      "accrue approval approve A00000002 --yes --operator amy",
      "accrue approval approve A00000003 --yes --operator amy",
      "accrue merchant set-rate R1 22.5% --from 2026-02-01 --reason r --json --yes",
      "accrue approval show A00000004",
      "accrue approval approve A00000004 --yes --operator amy",
      "accrue merchant set-rate R1 platform --from 2026-05-01 --reason r --yes",
      "accrue approval approve A00000005 --yes --operator amy --json",
      "accrue merchant set-rate R1 platform --from 2026-05-01 --reason r",
      "accrue merchant set-rate R1 30 --reason r",
      "accrue merchant set-rate R1 30% --from 2026-02-30 --reason r",
      "accrue merchant set-rate NOBODY 30% --reason r",
      "accrue merchant set-rate R1",
    ]),
  ).toMatchInlineSnapshot(`
    "
    $ accrue merchant set-rate R1 25% --reason r --dry-run
    dry run: A00000001 proposed: merchant R1 gives 25% from 2026-03-02
      merchant         店
      rate             20% → 25%
      platform's rate  30%
    it waits until <time> for another operator: accrue approval approve A00000001

    $ accrue merchant set-rate R1 25% --reason r
    ! error: Propose the rate of merchant R1 from 2026-03-02? A confirmation is needed, and there is no terminal to ask on
    ! hint: give --yes
    [exit 2]

    $ accrue merchant set-rate R1 25% --reason r --yes
    A00000001 proposed: merchant R1 gives 25% from 2026-03-02
      merchant         店
      rate             20% → 25%
      platform's rate  30%
    it waits until <time> for another operator: accrue approval approve A00000001

    $ accrue merchant set-rate R1 25% --reason r --yes
    A00000001 waits already, proposed by tester: merchant R1 gives 25% from 2026-03-02
      merchant         店
      rate             20% → 25%
      platform's rate  30%
    it waits until <time> for another operator: accrue approval approve A00000001

    $ accrue approval approve A00000001 --yes
    ! error: proposal A00000001 is tester's own, who cannot decide about it too
    ! hint: another operator has to decide (--operator says who is at work); \`accrue approval withdraw\` takes your own back
    [exit 4]

    $ accrue approval approve A00000001 --yes --operator amy
    A00000001 approved: merchant R1 gives 25% from 2026-03-02
      was  20%

    $ accrue merchant set-rate R1 25% --reason r
    merchant R1 gives 25% from 2026-03-02 already; nothing to do

    $ accrue merchant set-rate R1 0.26 --reason r --yes
    A00000002 proposed: merchant R1 gives 26% from 2026-03-02
      merchant         店
      rate             25% → 26%
      platform's rate  30%
    it waits until <time> for another operator: accrue approval approve A00000002

    $ accrue merchant set-rate R1 24% --reason r --yes
    A00000003 proposed: merchant R1 gives 24% from 2026-03-02
      merchant         店
      rate             25% → 24%
      platform's rate  30%
    it waits until <time> for another operator: accrue approval approve A00000003

    $ accrue approval approve A00000002 --yes --operator amy
    A00000002 approved: merchant R1 gives 26% from 2026-03-02
      was  25%

    $ accrue approval approve A00000003 --yes --operator amy
    ! error: what proposal A00000003 rests on has changed since it was made: was
    ! hint: nothing was changed; reject it, and have what is still wanted proposed anew
    [exit 4]

    $ accrue merchant set-rate R1 22.5% --from 2026-02-01 --reason r --json --yes
    {"merchant_code":"R1","contribution_rate":"22.5%","rate_from":"own","effective_from":"2026-02-01","until":"2026-03-02","was":"20%","changed":true,"proposal_no":"A00000004","kind":"merchant_rate","title":"merchant R1 gives 22.5% from 2026-02-01","status":"proposed","reason":"r","proposed_by":"tester","proposed_at":"<time>","expires_at":"<time>","decided_by":null,"decided_at":null,"decision_reason":null,"digest":"<sha256>","document":{"merchant_code":"R1","effective_from":"2026-02-01","contribution_bps":2250},"basis":{"was":2000,"name":"店","until":"2026-03-02","platform_bps":3000},"result":null,"new":true,"outcome":{"was":"20%"},"dry_run":false}

    $ accrue approval show A00000004
    Proposal A00000004: merchant R1 gives 22.5% from 2026-02-01
      merchant         店
      rate             20% → 22.5%
      platform's rate  30%
      until            the rate set for 2026-03-02
      status           proposed
      reason           r
      proposed by      tester, <time>
      waits until      <time>
      digest  <sha256>

    Who did what when
    time                 operator  identity  host    action            details
    <time>  tester    asserted  desk-1  approval.propose  kind=merchant_rate digest=<sha256> reason=r

    $ accrue approval approve A00000004 --yes --operator amy
    A00000004 approved: merchant R1 gives 22.5% from 2026-02-01
      was  20%

    $ accrue merchant set-rate R1 platform --from 2026-05-01 --reason r --yes
    A00000005 proposed: merchant R1 gives the platform's rate from 2026-05-01
      merchant         店
      rate             26% → the platform's rate
      platform's rate  30%
    it waits until <time> for another operator: accrue approval approve A00000005

    $ accrue approval approve A00000005 --yes --operator amy --json
    {"proposal_no":"A00000005","kind":"merchant_rate","title":"merchant R1 gives the platform's rate from 2026-05-01","status":"approved","reason":"r","proposed_by":"tester","proposed_at":"<time>","expires_at":"<time>","decided_by":"amy","decided_at":"<time>","decision_reason":null,"digest":"<sha256>","document":{"merchant_code":"R1","effective_from":"2026-05-01","contribution_bps":null},"basis":{"was":2600,"name":"店","until":null,"platform_bps":3000},"result":{"was":"26%"},"dry_run":false}

    $ accrue merchant set-rate R1 platform --from 2026-05-01 --reason r
    merchant R1 gives the platform's 30% from 2026-05-01 already; nothing to do

    $ accrue merchant set-rate R1 30 --reason r
    ! error: "30" is no rate from 0% to 100% in steps of 0.01%
    ! hint: write it like 25% or 0.25; \`platform\` gives it the platform's
    [exit 2]

    $ accrue merchant set-rate R1 30% --from 2026-02-30 --reason r
    ! error: --from 2026-02-30: no business date
    ! hint: write it like 2026-01-31
    [exit 2]

    $ accrue merchant set-rate NOBODY 30% --reason r
    ! error: there is no merchant NOBODY
    ! hint: \`accrue merchant list\` shows merchant codes
    [exit 4]

    $ accrue merchant set-rate R1
    ! error: required option '--reason <text>' not specified
    ! hint: see \`accrue merchant set-rate --help\`
    [exit 2]
    "
  `);
  expect(await ratesOf("R1")).toEqual([
    { effectiveFrom: "0001-01-01", contributionBps: 2000 },
    { effectiveFrom: "2026-02-01", contributionBps: 2250 },
    { effectiveFrom: "2026-03-02", contributionBps: 2600 },
    { effectiveFrom: "2026-05-01", contributionBps: null },
  ]);
  const actions = await database.db
    .sql`SELECT operator, details FROM operator_actions WHERE subject = 'R1' ORDER BY action_id`;
  expect(actions.map(({ operator, details }) => [operator as string, details as unknown])).toEqual([
    ["amy", { from: "2026-03-02", rate: "25%", was: "20%" }],
    ["amy", { from: "2026-03-02", rate: "26%", was: "25%" }],
    ["amy", { from: "2026-02-01", rate: "22.5%", was: "20%" }],
    ["amy", { from: "2026-05-01", rate: "platform", was: "26%" }],
  ]);
});

test("two rates of two dates hold the same whichever is set first, also where one is in force already", async () => {
  await take(["E1,店,,20%", "E2,店,,20%"]);
  const rates = [
    [2500, "2026-04-01"],
    [2000, "2026-05-01"],
  ] as const;
  for (const [bps, from] of rates) await setRate(database.context(), "E1", bps, from);
  for (const [bps, from] of rates.toReversed()) await setRate(database.context(), "E2", bps, from);
  expect((await ratesOf("E1")).slice(1)).toEqual([
    { effectiveFrom: "2026-04-01", contributionBps: 2500 },
    { effectiveFrom: "2026-05-01", contributionBps: 2000 },
  ]);
  expect(await ratesOf("E2")).toEqual(await ratesOf("E1"));
});

test("no rate counts from a closed date, at the proposal or at the approval", async () => {
  const on = await cloneOf(database);
  await tamper(
    on,
    (tx) => tx`
    INSERT INTO business_dates (business_date, state, run_id, since, operator, host, closed_at)
    SELECT day, 'closed', 1, now(), 'cron', 'h', now() FROM unnest('{2026-03-01,2026-03-02}'::date[]) day`,
  );
  await inTransaction(
    on.db,
    (tx) => tx`
    INSERT INTO merchants (merchant_id, merchant_code, name, status, registered_by, registered_at) VALUES (nextval('id_seq'), 'C1', '店', 'active', 'x', now())`,
  );
  for (const date of ["0001-01-01", "2026-02-28", "2026-03-01", "2026-03-02"]) {
    await expect(setRate(on.context(), "C1", 2500, date)).rejects.toMatchObject({
      kind: "refused",
      code: "rate_in_closed_date",
      message: `a rate cannot count from ${date}: that business date is closed`,
      details: { effective_from: date },
    });
  }
  const document = rateDocument({ merchantCode: "C1", contributionBps: 2500, from: "2026-03-03" });
  const { proposal } = await propose(on.context(), rateSubject, document, { reason: "contract" });
  await tamper(
    on,
    (tx) => tx`
    INSERT INTO business_dates (business_date, state, run_id, since, operator, host, closed_at) VALUES ('2026-03-03', 'closed', 1, now(), 'cron', 'h', now())`,
  );
  const amy = on.context({ operator: { name: "amy", host: "test" } });
  expect(await codeOf(approve(amy, subjects, proposal.proposalNo))).toBe("rate_in_closed_date");
  await on.drop();
});

test("on a terminal a rate is proposed after the old and the new one were shown, and a no changes nothing", async () => {
  await take(["R3,老城茶庄,,20%"]);
  for (const [answer, outcome] of [
    ["", "nothing was changed"],
    ["y", "proposed: merchant R3 gives the platform's rate from 2026-05-01"],
  ] as const) {
    const session = accrueOnTerminal("merchant set-rate R3 platform --from 2026-05-01 --reason ended".split(" "), {
      database,
    });
    await session.expect("R3 老城茶庄");
    await session.expect("20% → the platform's 30%");
    await session.expect("Propose the rate of merchant R3 from 2026-05-01?");
    session.send(answer + keys.enter);
    await session.expect(outcome);
    expect(await session.exit()).toBe(0);
  }
  expect(await ratesOf("R3")).toEqual([{ effectiveFrom: "0001-01-01", contributionBps: 2000 }]);
});

test("a merchant that went back to the platform's rate is listed with it, and no file gives it a rate of its own again", async () => {
  await take(["R4,店,,20%"]);
  await setRate(database.context(), "R4", null, "2026-03-01");
  const { stdout } = await accrueInProcess(["merchant", "show", "R4", "--json"], { database, now: testNow });
  expect(JSON.parse(stdout)).toMatchObject({
    contribution_rate: "30%",
    rate_from: "platform",
    rates: [{ contribution_rate: "20%" }, { contribution_rate: null }],
  });
  expect((await accrueInProcess(["merchant", "show", "R4"], { database, now: testNow })).stdout).toMatch(
    /^2026-03-01 +platform's {2}/mu,
  );
  expect(await take(["R4,,,20%"])).toMatchObject({ rejected: 1, reasons: { rate_needs_approval: 1 } });
});

test("of ten rates that were proposed on the same ground and are approved at once, one is set; the others are stale", async () => {
  await take(["R2,店,,"]);
  const numbers: string[] = [];
  for (let at = 0; at < 10; at += 1) {
    const document = rateDocument({ merchantCode: "R2", contributionBps: 1000 + at, from: "2026-04-01" });
    const { proposal } = await propose(database.context(), rateSubject, document, { reason: "contract" });
    numbers.push(proposal.proposalNo);
  }
  const amy = database.context({ operator: { name: "amy", host: "test" } });
  const outcomes = await Promise.all(numbers.map((no) => codeOf(approve(amy, subjects, no))));
  expect(outcomes.sort()).toEqual(["done", ...Array.from({ length: 9 }, () => "proposal_stale")]);
  const [row, ...others] = await ratesOf("R2");
  expect(others).toEqual([]);
  const actions = await database.db.sql<{ was: string; rate: string }[]>`
    SELECT details->>'was' AS was, details->>'rate' AS rate FROM operator_actions WHERE subject = 'R2' ORDER BY action_id`;
  expect(actions).toEqual([{ was: "platform", rate: `${row!["contributionBps"] / 100}%` }]);
});

test("show and list tell rates, their origin, products and who did what", async () => {
  await take(["L1,列表甲店,010-1,", "L2,列表乙店,,8%", "L3,列表丙店,,"]);
  await setRate(database.context(), "L2", 900, "2026-05-01");
  const shown = await said([
    "accrue merchant list --name 列表 --limit 2",
    "accrue merchant list --name 列表 --after L2 --json",
    "accrue merchant list --name 没有",
    "accrue merchant list --status gone",
    "accrue merchant list --limit 0",
    "accrue merchant list --name 列表 --limit 1 --json",
    "accrue merchant show L1 --orders",
    "accrue merchant show L2",
    "accrue merchant show L1 --orders --json",
    "accrue merchant show NOBODY",
  ]);
  expect(shown.replaceAll(/import \d+/g, "import <no>").replaceAll(/"import_id":\d+/g, '"import_id":<no>'))
    .toMatchInlineSnapshot(`
      "
      $ accrue merchant list --name 列表 --limit 2
      merchant  name      contact  status  rate  of
      L1        列表甲店  010-1    active   30%  platform
      L2        列表乙店           active    8%  own
      more: --after L2

      $ accrue merchant list --name 列表 --after L2 --json
      {"merchant_code":"L3","name":"列表丙店","contact":null,"status":"active","suspended_at":null,"contribution_rate":"30%","rate_from":"platform","registered_at":"<time>"}

      $ accrue merchant list --name 没有
      no merchants

      $ accrue merchant list --status gone
      ! error: --status gone: not one of pending, active, suspended
      [exit 2]

      $ accrue merchant list --limit 0
      ! error: --limit 0: give a number from 1 to 10000
      [exit 2]

      $ accrue merchant list --name 列表 --limit 1 --json
      {"merchant_code":"L1","name":"列表甲店","contact":"010-1","status":"active","suspended_at":null,"contribution_rate":"30%","rate_from":"platform","registered_at":"<time>"}
      ! {"note":"more: --after L1"}

      $ accrue merchant show L1 --orders
      Merchant L1
        name               列表甲店
        contact            010-1
        status             active
        contribution rate  30% (the platform's)
        products           0
        orders             0 (0.00 yuan net)
        registered         <time> by tester, import <no>

      $ accrue merchant show L2
      Merchant L2
        name               列表乙店
        status             active
        contribution rate  8% (its own)
        products           0
        registered         <time> by tester, import <no>

      Its own contribution rates
      from           rate  set by  set at
      the beginning    8%  tester  <time>
      2026-05-01       9%  tester  <time>

      Who did what when
      time                 operator  identity  host       action             details
      <time>  tester    asserted  test-host  merchant.set-rate  was=8% from=2026-05-01 rate=9%

      $ accrue merchant show L1 --orders --json
      {"merchant_code":"L1","name":"列表甲店","contact":"010-1","status":"active","suspended_at":null,"contribution_rate":"30%","rate_from":"platform","registered_at":"<time>","registered_by":"tester","import_id":<no>,"rates":[],"products":0,"orders":0,"orders_archived":0,"orders_net":"0.00","orders_without_evidence":0,"actions":[]}

      $ accrue merchant show NOBODY
      ! error: there is no merchant NOBODY
      ! hint: \`accrue merchant list\` shows merchant codes
      [exit 4]
      "
    `);
});

test("codes and reasons: what is taken and why not", () => {
  expect([
    merchantCodeProblem(""),
    merchantCodeProblem("a".repeat(65)),
    merchantCodeProblem("a\u200bb"),
    merchantCodeProblem("a，b"),
    merchantCodeProblem("S-1/甲"),
  ]).toEqual([
    "a merchant code cannot be empty",
    "a merchant code has at most 64 characters",
    "a merchant code takes printable characters only",
    "a merchant code takes no spaces and no commas",
    undefined,
  ]);
  expect([reasonProblem(" "), reasonProblem("因")]).toEqual(["a reason cannot be empty", undefined]);
});
