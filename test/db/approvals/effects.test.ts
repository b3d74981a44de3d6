import { describe, expect, test } from "vitest";
import { subjects } from "../../../src/cli/subjects.ts";
import { inTransaction } from "../../../src/db/database.ts";
import { approve, reject } from "../../../src/domain/approvals/decide.ts";
import { propose } from "../../../src/domain/approvals/propose.ts";
import { policyDocument, policySubject } from "../../../src/domain/policies/subject.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import type { PolicyTerms } from "../../../src/shared/policy.ts";
import { subjectKinds } from "../../../src/shared/subject-kinds.ts";
import { reopen, setPolicy } from "../../support/approved.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { writeScratch } from "../../support/files.ts";
import { importMerchants } from "../../support/imports.ts";
import { ground, noon } from "../../support/money/ground.ts";
import { addMember, addMerchant, close, earn } from "../../support/money/people.ts";
import { setRate } from "../../support/rates.ts";

const here = await ground();
await addMember(here.db, "M1");
await addMerchant(here.db, "S1");
await earn(here.db, "M1", 1_000_000n);
await close(here.db, "2026-03-01");

const bySql = (statement: string) =>
  inTransaction(here.db, (tx) => tx.unsafe(statement)).then(
    () => "done",
    (error: unknown) => (error as Error).message,
  );
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: unknown) => (error as { code: string }).code,
  );
const proposed = async (terms: Partial<PolicyTerms>, effectiveFrom = "2026-06-01") =>
  (await propose(here.as("amy"), policySubject, policyDocument({ effectiveFrom, terms }), { reason: "why" })).proposal
    .proposalNo;
const nobody = "nobody proposed and approved";

describe("the database ties effects to proposals", () => {
  test("a policy is what an approved proposal says, with the terms that it rests on, and is applied once", async () => {
    const first = { effectiveFrom: "2026-05-01", terms: { feeBps: 400 } };
    const { proposalNo } = await setPolicy(here.as("bob"), first);
    const insert = (facts: Record<string, unknown>) =>
      bySql(
        `INSERT INTO policies SELECT (jsonb_populate_record(p, '${JSON.stringify(facts)}')).* FROM policies p
         WHERE effective_from = '2026-05-01'`,
      );
    expect(await insert({ effective_from: "2026-05-02", proposal_no: null })).toContain(nobody);
    expect(await insert({ effective_from: "2026-05-02" })).toContain("policies_proposal_no");
    const waiting = await proposed({ feeBps: 300 }, "2026-05-03");
    expect(await insert({ effective_from: "2026-05-03", fee_bps: 300, proposal_no: waiting })).toContain(nobody);
    await reject(here.as("bob"), subjects, waiting, "no");
    expect(await insert({ effective_from: "2026-05-03", fee_bps: 300, proposal_no: waiting })).toContain(nobody);
    const approving = (facts: Record<string, unknown>, no: string) =>
      bySql(
        `INSERT INTO policies SELECT (jsonb_populate_record(p, '${JSON.stringify({ ...facts, proposal_no: no, set_by: "bob" })}')).* FROM policies p
         WHERE effective_from = '2026-05-01';
         UPDATE proposals SET state = 'approved', checker = 'bob', decided_at = made_at, result = '{}' WHERE proposal_no = '${no}'`,
      );
    const other = await proposed({ feeBps: 200 }, "2026-05-04");
    expect(await approving({ effective_from: "2026-05-04", fee_bps: 100 }, other)).toContain(nobody);
    expect(await approving({ effective_from: "2026-05-04", fee_bps: 200, points_bps: 1 }, other)).toContain(nobody);
    expect(await approving({ effective_from: "2026-05-04", fee_bps: 200 }, other)).toBe("done");
    expect(proposalNo).not.toBe(other);
  });

  test("a rate comes with its merchant, or by a proposal that says it; where a merchant is from, stays", async () => {
    const insert = (values: string) =>
      bySql(`INSERT INTO contribution_rates (merchant_id, effective_from, contribution_bps, set_by, set_at, proposal_no)
        SELECT merchant_id, ${values} FROM merchants WHERE merchant_code = 'S1'`);
    const rows = "merchant_code,name,contribution_rate\nS2,two,20%\n";
    await importMerchants(here.as("alice"), { input: { path: writeScratch("merchants.csv", rows) } });
    const { proposalNo } = await setRate(here.as("bob"), "S1", 2500, "2026-04-01");
    expect(await insert("'2026-05-01', 100, 'bob', now(), NULL")).toContain("changed by a proposal");
    expect(await insert("'0001-01-01', 100, 'bob', now(), NULL")).toContain("changed by a proposal");
    expect(await insert(`'2026-05-01', 2500, 'bob', now(), '${proposalNo}'`)).toContain(
      "contribution_rates_proposal_no",
    );
    expect(await insert(`'2026-05-01', 2500, 'bob', now(), '${await proposed({ feeBps: 250 })}'`)).toContain(nobody);
    expect(await bySql("UPDATE merchants SET import_id = -1 WHERE merchant_code = 'S2'")).toContain("stays as it is");
  });

  test("a date is reopened by the proposal of that reopening, not by an older one", async () => {
    const sql = (at: string) =>
      bySql(`UPDATE business_dates SET state = 'open', closed_at = NULL, reopened_by = 'bob', reopened_at = ${at},
        reopen_reason = 'x' WHERE business_date = '2026-03-01'`);
    expect(await sql("now()")).toContain(nobody);
    await reopen(here.as("bob"), "2026-03-01", "late");
    expect(await bySql("UPDATE business_dates SET reopened_at = now() WHERE reopened_at IS NOT NULL")).not.toBe("done");
  });

  test("who decides is who may: the database has the same roles for each subject as the program", async () => {
    for (const kind of subjectKinds) {
      const [row] = await here.db.sql<{ roles: string[] }[]>`SELECT roles_deciding(${kind}) AS roles`;
      expect(row!.roles, `${kind}: a migration replaces roles_deciding`).toEqual(subjects[kind].approvers);
    }
  });
});

describe("bounds of rates", () => {
  test("hold for what is proposed, approved and imported, of the rate's date or of today; the database keeps them", async () => {
    const bounds = { minContributionBps: 500, maxContributionBps: 4000 };
    await setPolicy(here.as("bob"), { effectiveFrom: "2026-03-05", terms: bounds });
    const set = (bps: number | null, from: string) => codeOf(setRate(here.as("bob"), "S1", bps, from));
    expect(await set(4001, "2026-04-10")).toBe("rate_out_of_bounds");
    expect(await set(499, "2026-04-10")).toBe("rate_out_of_bounds");
    expect(await set(4000, "2026-04-10")).toBe("done");
    expect(await set(null, "2026-04-11")).toBe("done");
    const { stderr } = await accrueInProcess("merchant set-rate S1 50% --from 2026-04-12 --reason x --yes".split(" "), {
      database: here,
      now: new Date(noon),
    });
    expect(stderr).toMatchInlineSnapshot(`
      "error: a rate of 50% is out of the policy's bounds, 5% to 40%
      hint: give one within them; \`accrue policy set --min-contribution-rate\` and \`--max-contribution-rate\` propose others
      "
    `);
    const rows = "merchant_code,name,contribution_rate\nS3,three,41%\nS4,four,40%\nS1,,40%\n";
    const report = await importMerchants(here.as("alice"), { input: { path: writeScratch("bounded.csv", rows) } });
    expect([report.inserted, Object.fromEntries(report.reasons)]).toEqual([
      1,
      { rate_out_of_bounds: 1, rate_needs_approval: 1 },
    ]);
    expect(
      await bySql(`WITH m AS (INSERT INTO merchants (merchant_id, merchant_code, name, status, import_id, registered_by, registered_at)
          VALUES (-5, 'S5', 'five', 'active', -5, 'bob', '${noon}'))
        INSERT INTO contribution_rates (merchant_id, effective_from, contribution_bps, set_by, set_at)
          VALUES (-5, '0001-01-01', 5000, 'bob', '${noon}')`),
    ).toContain("out of the bounds of the policy");
    expect(await codeOf(proposed({ contributionBps: 4500 }, "2026-03-06"))).toBe("invalid_policy");
  });
});

describe("proven identity", () => {
  test("is what approvals take once an operator has a login role, or as the policy says; what is refused is on record", async () => {
    const [{ withdrawalNo }, second] = [
      await requestWithdrawal(here.as("alice"), { memberNo: "M1", points: 20n }),
      await proposed({ feeBps: 150 }, "2026-08-02"),
    ];
    const approveIt = () =>
      codeOf(decideWithdrawals(here.as("bob"), { name: "approve", withdrawalNos: [withdrawalNo] }));
    expect(await codeOf(proposed({ provenIdentity: true }, "2026-08-01"))).toBe("identity_not_proven");
    await here.db.sql.begin(
      "read write",
      (tx) => tx`INSERT INTO operators (name, skeleton, role, login_role, state, added_by, added_at)
        VALUES ('zoe', 'zoe', 'approver', 'nobody_logs_in', 'active', 'bob', now())`,
    );
    expect(await approveIt()).toBe("identity_not_proven");
    expect(await codeOf(approve(here.as("bob"), subjects, second))).toBe("identity_not_proven");
    expect(await codeOf(reject(here.as("bob"), subjects, second, "no"))).toBe("done");
    const changes = `approved_by = 'bob', decided_by = 'bob', decided_at = '${noon}', approval_risks = '{}'`;
    const byHand = `UPDATE withdrawals SET status = 'approved', ${changes} WHERE withdrawal_no = '${withdrawalNo}'`;
    expect(await bySql(byHand)).toContain("does not vouch for");
    const [row] = await here.db
      .sql`SELECT details FROM operator_actions WHERE subject = ${withdrawalNo} OR subject = ${second}
      ORDER BY action_id DESC LIMIT 1 OFFSET 1`;
    expect(row!["details"]).toEqual({ deed: "approve", code: "identity_not_proven" });
    await here.superuser.sql.begin("read write", async (tx) => {
      await tx`SET LOCAL session_replication_role = replica`;
      await tx`UPDATE policies SET proven_identity = false`;
    });
    expect(await approveIt()).toBe("done");
  });
});
