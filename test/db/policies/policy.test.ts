import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inTransaction } from "../../../src/db/database.ts";
import { initialTerms, severeChanges, termsProblem } from "../../../src/domain/policies/model.ts";
import { subjects } from "../../../src/cli/subjects.ts";
import { approve } from "../../../src/domain/approvals/decide.ts";
import { propose } from "../../../src/domain/approvals/propose.ts";
import { planPolicy } from "../../../src/domain/policies/set.ts";
import { policyDocument, policySubject } from "../../../src/domain/policies/subject.ts";
import { policyHistory, showPolicy } from "../../../src/domain/policies/show.ts";
import { policyOn, putPolicy } from "../../../src/domain/policies/sql.ts";
import { billings, grantEvidences, grantOns, type PolicyTerms } from "../../../src/shared/policy.ts";
import { verify } from "../../../src/verification/verify.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { setPolicy } from "../../support/approved.ts";
import { addMember, earn } from "../../support/money/people.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, testDatabase, testNow } from "../../support/database.ts";
import { accrueOnTerminal, keys } from "../../support/pty.ts";
import { transcript } from "../../support/transcript.ts";

const database = await testDatabase();
const run = (line: string) => accrueInProcess(line.split(" "), { database, now: testNow });
const errorOf = async (line: string) => {
  const { stderr, exitCode } = await run(`${line} --json`);
  return { exitCode, ...(JSON.parse(stderr) as { error: { code: string; message: string } }).error };
};

describe("the policy, at a terminal", () => {
  test("is shown, changed from a date on, and kept as a history", async () => {
    expect(
      await transcript(
        [
          "accrue policy show",
          "accrue policy set --effective-from 2026-04-01 --fee 4% --two-approvers-above none --reason 'as agreed' --confirm none --operator amy",
          "accrue approval approve A00000001 --yes",
          "accrue policy set --effective-from 2026-03-02 --max-platform-daily 1000000 --cooling-off-hours 1 --reason why --dry-run",
          "accrue policy set --effective-from 2026-04-01 --fee 4% --reason again",
          "accrue policy show --date 2026-04-01 --json",
          "accrue policy set --effective-from 2026-03-02 --fee 6% --reason more --yes --json --operator amy",
          "accrue approval approve A00000002 --yes --json",
        ],
        { database, now: testNow },
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue policy show
      Policy from 0001-01-01
        contribution of merchants without a rate of their own  30%
        share of the contribution that becomes points          70%
        grant delay                                            0 days
        a point is worth                                       1.00 yuan
        fee of a withdrawal                                    5%
        minimum of one withdrawal                              10 points
        maximum of one withdrawal                              50000 points
        a member's limit of a day                              100000 points
        the platform's limit of a day                          none
        two approvers above                                    10000.00 yuan
        cooling-off after a change of account                  24 hours
        requests expire after                                  30 days
        bills are due after                                    15 days
        merchants are billed                                   by hand
        an order earns on                                      paid order
        evidence of the payment before an order earns          none
        least cash behind the points                           none
        lowest rate of a merchant                              none
        highest rate of a merchant                             none
        only proven operators approve                          as soon as an operator has a login role
        merchants are suspended when overdue for               none
        set by                                                 tester, <time>

      $ accrue policy set --effective-from 2026-04-01 --fee 4% --two-approvers-above none --reason 'as agreed' --confirm none --operator amy
      A00000001 proposed: policy from 2026-04-01: fee of a withdrawal 4%, two approvers above none
        fee of a withdrawal  5% → 4%
        two approvers above  10000.00 yuan → none
        severe               one operator alone approves any amount
      it waits until <time> for another operator: accrue approval approve A00000001

      $ accrue approval approve A00000001 --yes
      A00000001 approved: policy from 2026-04-01: fee of a withdrawal 4%, two approvers above none
        changed  fee_bps, two_approvers_above_fen

      $ accrue policy set --effective-from 2026-03-02 --max-platform-daily 1000000 --cooling-off-hours 1 --reason why --dry-run
      dry run: A00000002 proposed: policy from 2026-03-02: the platform's limit of a day 1000000 points, cooling-off after a change of account 1 hour
        from                                   2026-03-02 until the policy set for 2026-04-01
        the platform's limit of a day          none → 1000000 points
        cooling-off after a change of account  24 hours → 1 hour
      it waits until <time> for another operator: accrue approval approve A00000002

      $ accrue policy set --effective-from 2026-04-01 --fee 4% --reason again
      the policy from 2026-04-01 says that already; nothing to do

      $ accrue policy show --date 2026-04-01 --json
      {"effective_from":"2026-04-01","until":null,"contribution_rate":"30%","points_rate":"70%","grant_delay_days":0,"point_value":"1.00","fee_rate":"4%","min_withdrawal_points":10,"max_withdrawal_points":50000,"max_daily_points":100000,"max_platform_daily_points":null,"two_approvers_above":null,"cooling_off_hours":24,"request_expiry_days":30,"payment_term_days":15,"billing":"by_hand","grant_on":"paid_order","grant_evidence":"none","min_cash_coverage":null,"min_contribution_rate":null,"max_contribution_rate":null,"proven_identity":"auto","suspend_overdue_days":null,"set_by":"tester","set_at":"<time>"}

      $ accrue policy set --effective-from 2026-03-02 --fee 6% --reason more --yes --json --operator amy
      {"effective_from":"2026-03-02","until":"2026-04-01","changed":["fee_rate"],"severe":[],"was":{"contribution_rate":"30%","points_rate":"70%","grant_delay_days":0,"point_value":"1.00","fee_rate":"5%","min_withdrawal_points":10,"max_withdrawal_points":50000,"max_daily_points":100000,"max_platform_daily_points":null,"two_approvers_above":"10000.00","cooling_off_hours":24,"request_expiry_days":30,"payment_term_days":15,"billing":"by_hand","grant_on":"paid_order","grant_evidence":"none","min_cash_coverage":null,"min_contribution_rate":null,"max_contribution_rate":null,"proven_identity":"auto","suspend_overdue_days":null},"now":{"contribution_rate":"30%","points_rate":"70%","grant_delay_days":0,"point_value":"1.00","fee_rate":"6%","min_withdrawal_points":10,"max_withdrawal_points":50000,"max_daily_points":100000,"max_platform_daily_points":null,"two_approvers_above":"10000.00","cooling_off_hours":24,"request_expiry_days":30,"payment_term_days":15,"billing":"by_hand","grant_on":"paid_order","grant_evidence":"none","min_cash_coverage":null,"min_contribution_rate":null,"max_contribution_rate":null,"proven_identity":"auto","suspend_overdue_days":null},"proposal_no":"A00000002","kind":"policy","title":"policy from 2026-03-02: fee of a withdrawal 6%","status":"proposed","reason":"more","proposed_by":"amy","proposed_at":"<time>","expires_at":"<time>","decided_by":null,"decided_at":null,"decision_reason":null,"digest":"<sha256>","document":{"terms":{"fee_bps":600},"effective_from":"2026-03-02"},"basis":{"until":"2026-04-01","billing":"by_hand","fee_bps":500,"grant_on":"paid_order","points_bps":7000,"grant_evidence":"none","point_value_fen":"100","proven_identity":null,"contribution_bps":3000,"grant_delay_days":0,"max_daily_points":"100000","cooling_off_hours":24,"payment_term_days":15,"request_expiry_days":30,"max_contribution_bps":null,"min_contribution_bps":null,"suspend_overdue_days":null,"max_withdrawal_points":"50000","min_cash_coverage_bps":null,"min_withdrawal_points":"10","two_approvers_above_fen":"1000000","max_platform_daily_points":null},"result":null,"new":true,"outcome":{"changed":["fee_bps"]},"dry_run":false}

      $ accrue approval approve A00000002 --yes --json
      {"proposal_no":"A00000002","kind":"policy","title":"policy from 2026-03-02: fee of a withdrawal 6%","status":"approved","reason":"more","proposed_by":"amy","proposed_at":"<time>","expires_at":"<time>","decided_by":"tester","decided_at":"<time>","decision_reason":null,"digest":"<sha256>","document":{"terms":{"fee_bps":600},"effective_from":"2026-03-02"},"basis":{"until":"2026-04-01","billing":"by_hand","fee_bps":500,"grant_on":"paid_order","points_bps":7000,"grant_evidence":"none","point_value_fen":"100","proven_identity":null,"contribution_bps":3000,"grant_delay_days":0,"max_daily_points":"100000","cooling_off_hours":24,"payment_term_days":15,"request_expiry_days":30,"max_contribution_bps":null,"min_contribution_bps":null,"suspend_overdue_days":null,"max_withdrawal_points":"50000","min_cash_coverage_bps":null,"min_withdrawal_points":"10","two_approvers_above_fen":"1000000","max_platform_daily_points":null},"result":{"changed":["fee_bps"]},"dry_run":false}
      "
    `);
    const history = (await run("policy show --history --json")).stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(history).toMatchObject([
      { effective_from: "0001-01-01", until: "2026-03-02", fee_rate: "5%" },
      { effective_from: "2026-03-02", until: "2026-04-01", fee_rate: "6%", two_approvers_above: "10000.00" },
      { effective_from: "2026-04-01", until: null, fee_rate: "4%", two_approvers_above: null },
    ]);
    expect((await run("policy show --history")).stdout.match(/^Policy from .*$/gmu)).toEqual([
      "Policy from 0001-01-01 until 2026-03-02",
      "Policy from 2026-03-02 until 2026-04-01",
      "Policy from 2026-04-01",
    ]);
  });

  test("is set from a date on also where it says what is in force: whichever of two is set first, the same holds", async () => {
    const [one, other] = [await cloneOf(database), await cloneOf(database)];
    const set = (on: typeof one, line: string) =>
      accrueInProcess(`policy set ${line} --reason agreed --yes`.split(" "), { database: on, now: testNow });
    const approve = async (on: typeof one, proposalNo: string) =>
      accrueInProcess(["approval", "approve", proposalNo, "--yes", "--operator", "amy"], {
        database: on,
        now: testNow,
      });
    const lines = ["--effective-from 2026-05-01 --fee 3%", "--effective-from 2026-06-01 --fee 4%"] as const;
    for (const [on, wanted] of [
      [one, lines],
      [other, lines.toReversed()],
    ] as const) {
      for (const line of wanted) {
        const proposalNo = /A\d{8}/.exec((await set(on, line)).stdout)![0];
        expect((await approve(on, proposalNo)).exitCode).toBe(0);
      }
    }
    const terms = async ({ db }: typeof one) => [
      ...(await db.sql`SELECT effective_from, fee_bps FROM policies WHERE effective_from > '2026-04-01' ORDER BY 1`),
    ];
    expect(await terms(other)).toEqual([
      { effectiveFrom: "2026-05-01", feeBps: 300 },
      { effectiveFrom: "2026-06-01", feeBps: 400 },
    ]);
    expect(await terms(other)).toEqual(await terms(one));
    await Promise.all([one.drop(), other.drop()]);
  });

  test("every change is on record, old and new", async () => {
    const actions = await database.db
      .sql`SELECT operator, subject, details FROM operator_actions WHERE action = 'policy.set' ORDER BY action_id`;
    expect([...actions]).toEqual([
      {
        operator: "tester",
        subject: "2026-04-01",
        details: { fee_bps: "500 -> 400", two_approvers_above_fen: "1000000 -> none" },
      },
      { operator: "tester", subject: "2026-03-02", details: { fee_bps: "500 -> 600" } },
    ]);
  });

  test.each([
    [
      "policy set --effective-from 2026-03-01 --fee 4% --reason why",
      4,
      "policy_in_the_past",
      "a policy cannot count from 2026-03-01: that day is over",
    ],
    ["policy set --effective-from 2026-03-05 --reason why", 2, "no_policy_term", "no rate and no limit is given"],
    [
      "policy set --effective-from 2026-03-05 --fee 5 --reason why",
      2,
      "invalid_policy_term",
      "--fee 5: not a value of fee of a withdrawal",
    ],
    [
      "policy set --effective-from 2026-03-05 --max-daily many --reason why",
      2,
      "invalid_policy_term",
      "--max-daily many",
    ],
    [
      "policy set --effective-from 2026-03-05 --point-value 1.001 --reason why",
      2,
      "invalid_policy_term",
      "--point-value 1.001",
    ],
    [
      "policy set --effective-from 2026-03-05 --two-approvers-above -1 --reason why",
      2,
      "invalid_policy_term",
      "--two-approvers-above -1",
    ],
    [
      "policy set --effective-from 2026-03-05 --max-daily none --reason why",
      2,
      "invalid_policy_term",
      "--max-daily none",
    ],
    ["policy set --effective-from 5.3.2026 --fee 4% --reason why", 2, "invalid_business_date", "5.3.2026"],
    [
      "policy set --effective-from 2026-03-05 --fee 4% --reason why",
      2,
      "confirmation_needed",
      "Propose this policy from 2026-03-05?",
    ],
    [
      "policy set --effective-from 2026-03-05 --point-value 2 --yes --reason why",
      2,
      "confirmation_needed",
      "From then on every point that members hold is worth more.",
    ],
    [
      "policy set --effective-from 2026-03-05 --point-value 2 --confirm 3 --reason why",
      2,
      "confirmation_mismatch",
      '--confirm 3 is not the new value of "a point is worth"',
    ],
    [
      "policy set --effective-from 2026-03-05 --min-withdrawal 60000 --yes --reason why",
      2,
      "invalid_policy",
      "the maximum of one withdrawal (50000 points) cannot be below the minimum (60000)",
    ],
    ["policy show --date 2026-03-05 --history", 2, "conflicting_options", "--date and --history exclude each other"],
  ])("%s is refused", async (line, exitCode, code, message) => {
    expect(await errorOf(line)).toMatchObject({ exitCode, code, message: expect.stringContaining(message) as string });
  });
});

test("on a terminal the old and the new terms are shown before anything is asked, and Enter alone changes nothing", async () => {
  const before = await policyHistory(database.context());
  const session = accrueOnTerminal(
    ["policy", "set", "--effective-from", "2099-01-01", "--request-expiry-days", "none", "--reason", "why"],
    { database },
  );
  await session.expect("requests expire after: 30 days → none, from 2099-01-01");
  await session.expect("Propose this policy from 2099-01-01?");
  session.send(keys.enter);
  await session.expect("nothing was changed");
  expect(await session.exit()).toBe(0);
  expect(await policyHistory(database.context())).toEqual(before);
});

test("on a terminal the new value of each severe change is typed, whatever --yes says; anything else changes nothing", async () => {
  const before = await policyHistory(database.context());
  const line = [
    "policy",
    "set",
    "--effective-from",
    "2099-01-01",
    "--point-value",
    "2",
    "--cooling-off-hours",
    "0",
    "--reason",
    "as agreed",
    "--yes",
  ];
  const unsure = accrueOnTerminal(line, { database });
  await unsure.expect("a point is worth: 1.00 yuan → 2.00 yuan, from 2099-01-01");
  await unsure.expect("every point that members hold is worth more, money goes to a new payout account at once.");
  await unsure.expect('Type the new value of "a point is worth" to go on:');
  unsure.send(`y${keys.enter}`);
  await unsure.expect("nothing was changed");
  expect(await unsure.exit()).toBe(0);
  expect(await policyHistory(database.context())).toEqual(before);
  const sure = accrueOnTerminal(line, { database });
  await sure.expect('Type the new value of "a point is worth"');
  sure.send(`2${keys.enter}`);
  await sure.expect('Type the new value of "cooling-off after a change of account"');
  sure.send(`0${keys.enter}`);
  expect(await sure.exit()).toBe(0);
  expect(sure.screen).toContain("proposed: policy from 2099-01-01: a point is worth 2.00 yuan");
});

test("off a terminal the refusal says what to give, once for each severe change", async () => {
  const line = "policy set --effective-from 2098-01-01 --point-value 3.50 --cooling-off-hours 0 --reason agreed --json";
  const { stderr } = await run(line);
  const { hint } = (JSON.parse(stderr) as { error: { hint: string } }).error;
  expect(hint).toBe("give --confirm 3.50 --confirm 0");
  expect((await run(`${line} ${hint.replace("give ", "")} --confirm 7`)).exitCode).toBe(2);
  const { exitCode, stdout } = await run(`${line} ${hint.replace("give ", "")}`);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ severe: ["point_value", "cooling_off_hours"] });
});

describe("a change of policy", () => {
  test("is severe when it makes points worth more, drops the second approver or the cooling-off, and never the other way round", () => {
    const severe = (was: Partial<PolicyTerms>, now: Partial<PolicyTerms>) =>
      severeChanges({ ...initialTerms, ...was }, { ...initialTerms, ...now }).map(({ name }) => name);
    expect(severe({}, { pointValueFen: 101n })).toEqual(["pointValueFen"]);
    expect(severe({}, { pointValueFen: 99n, feeBps: 0 })).toEqual([]);
    expect(severe({}, { twoApproversAboveFen: null })).toEqual(["twoApproversAboveFen"]);
    expect(severe({}, { twoApproversAboveFen: 4_999_999n })).toEqual([]);
    expect(severe({}, { twoApproversAboveFen: 5_000_000n })).toEqual(["twoApproversAboveFen"]); // 50,000 points of 1 yuan: no withdrawal is over it
    expect(severe({}, { maxWithdrawalPoints: 100n })).toEqual([]);
    expect(severe({}, { coolingOffHours: 0 })).toEqual(["coolingOffHours"]);
    fc.assert(
      fc.property(anyTerms, anyTerms, (one, other) => {
        for (const { name } of severeChanges(one, other))
          expect(severeChanges(other, one).map((change) => change.name)).not.toContain(name);
      }),
    );
  });

  const change = { effectiveFrom: "2026-05-01", terms: { feeBps: 100 } };

  test("is stale when another policy of that date was approved since it was proposed", async () => {
    const [amy, wang] = ["amy", "wang"].map((name) => database.context({ operator: { name, host: "test" } }));
    const { proposal } = await propose(amy!, policySubject, policyDocument(change), { reason: "spring" });
    await setPolicy(wang!, { effectiveFrom: "2026-04-15", terms: { pointsBps: 6000 } });
    await expect(approve(wang!, subjects, proposal.proposalNo)).rejects.toMatchObject({
      code: "proposal_stale",
      message: `what proposal ${proposal.proposalNo} rests on has changed since it was made: points bps`,
    });
  });

  test("set in advance ends where the next one begins, and asking twice for the same writes nothing the second time", async () => {
    const records = async () => (await database.db.sql`SELECT FROM operator_actions WHERE action = 'policy.set'`).count;
    const before = await records();
    const change = { effectiveFrom: "2026-05-02", terms: { contributionBps: 3000 } };
    await setPolicy(database.context(), { effectiveFrom: "2026-06-01", terms: { feeBps: 200 } });
    for (const isNew of [true, false]) {
      const plan = await planPolicy(database.context(), change);
      expect(plan).toMatchObject({ changed: [], isNew, until: "2026-06-01" });
      await setPolicy(database.context(), change);
      expect(await records()).toBe(before + 2);
    }
    expect((await policyHistory(database.context())).map(({ policy }) => policy.effectiveFrom)).toContain("2026-05-02");
  });

  test("leaves what was requested before as it was, and the ledger whole", async () => {
    const own = await cloneOf(database);
    try {
      await addMember(own.db, "M1");
      await earn(own.db, "M1", 100_000n);
      const context = own.context({ clock: () => new Date("2026-03-05T04:00:00Z") });
      const before = await requestWithdrawal(context, { memberNo: "M1", points: 100n });
      await setPolicy(context, { effectiveFrom: "2026-03-05", terms: { feeBps: 1000, pointValueFen: 90n } });
      const after = await requestWithdrawal(context, { memberNo: "M1", points: 100n });
      expect([before.feeFen, before.grossFen, after.feeFen, after.grossFen]).toEqual([600n, 10_000n, 900n, 9_000n]);
      expect((await showPolicy(context)).policy.pointValueFen).toBe(90n);
      expect((await verify(context)).ok).toBe(true);
    } finally {
      await own.drop();
    }
  });
});

const near = (...bounds: readonly bigint[]) =>
  fc.constantFrom(...bounds.flatMap((one) => [one - 1n, one, one + 1n])).filter((value) => value >= 0n);
const nearNumber = (...bounds: readonly bigint[]) => near(...bounds).map(Number);
const orNull = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: null, freq: 4 });

const anyTerms: fc.Arbitrary<PolicyTerms> = fc.record({
  contributionBps: nearNumber(1n, 9999n),
  pointsBps: nearNumber(1n, 9999n),
  grantDelayDays: nearNumber(0n, 365n),
  pointValueFen: near(1n, 1_000_000n),
  feeBps: nearNumber(0n, 9998n, 9999n),
  minWithdrawalPoints: near(1n, 10n),
  maxWithdrawalPoints: near(10n, 100n),
  maxDailyPoints: near(100n, 1000n),
  maxPlatformDailyPoints: orNull(near(1000n)),
  twoApproversAboveFen: orNull(near(0n, 1_000_000n)),
  coolingOffHours: nearNumber(0n, 8760n),
  requestExpiryDays: orNull(nearNumber(1n, 365n)),
  paymentTermDays: nearNumber(0n, 365n),
  billing: fc.constantFrom(...billings),
  grantOn: fc.constantFrom(...grantOns),
  grantEvidence: fc.constantFrom(...grantEvidences),
  minCashCoverageBps: orNull(nearNumber(1n, 10_000n).filter((bps) => bps <= 10_000)),
  minContributionBps: orNull(nearNumber(0n, 10_000n).filter((bps) => bps <= 10_000)),
  maxContributionBps: orNull(nearNumber(0n, 10_000n).filter((bps) => bps <= 10_000)),
  provenIdentity: orNull(fc.boolean()),
  suspendOverdueDays: orNull(nearNumber(1n, 365n)),
});

test("the rule for terms and the database's own checks never disagree", async () => {
  await fc.assert(
    fc.asyncProperty(anyTerms, async (terms) => {
      const policy = { ...terms, effectiveFrom: "2027-01-01", setBy: "tester", setAt: testNow };
      const taken = await inTransaction(
        database.db,
        async (tx) => {
          await putPolicy(tx, policy, null);
          return policyOn(tx, "2027-06-01");
        },
        "rollback",
      ).catch((error: unknown) => (error as { code?: string }).code);
      expect(taken).toEqual(termsProblem(terms) === undefined ? policy : "23514");
    }),
    { numRuns: 300 },
  );
});

test("a new platform starts with terms that can be", () => expect(termsProblem(initialTerms)).toBeUndefined());
