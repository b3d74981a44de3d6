import { describe, expect, test } from "vitest";
import { subjects } from "../../../src/cli/subjects.ts";
import { connect, inTransaction } from "../../../src/db/database.ts";
import { targetFromUrl } from "../../../src/db/url.ts";
import { approve, reject, withdraw } from "../../../src/domain/approvals/decide.ts";
import { expireDue } from "../../../src/domain/approvals/expire.ts";
import { propose } from "../../../src/domain/approvals/propose.ts";
import { showProposal } from "../../../src/domain/approvals/read.ts";
import { policyHistory } from "../../../src/domain/policies/show.ts";
import { policyDocument, policySubject } from "../../../src/domain/policies/subject.ts";
import type { OperatorRole } from "../../../src/shared/operator-roles.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { setPolicy } from "../../support/approved.ts";
import { testDatabase, testNow } from "../../support/database.ts";

const here = await testDatabase();
const as = (name: string, facts: { role?: OperatorRole; later?: number } = {}) =>
  here.context({
    operator: { name, host: "test", role: facts.role ?? "admin" },
    clock: () => new Date(testNow.getTime() + (facts.later ?? 0)),
  });
const day = 86_400_000;

let months = 0;
/** A change of fee that nobody has proposed yet, from a date of its own in an order that leaves the others' ground. */
const change = (feeBps = 400) => {
  const effectiveFrom = `${2900 - months++}-01-01`;
  return policyDocument({ effectiveFrom, terms: { feeBps } });
};
const proposed = async (operator = "amy", document = change()) =>
  (await propose(as(operator), policySubject, document, { reason: "spring" })).proposal;
const refusalOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "done",
    (error: unknown) => (error as { code: string }).code,
  );
const fees = async () =>
  (await policyHistory(here.context())).map(({ policy }) => `${policy.effectiveFrom} ${policy.feeBps}`);

describe("what one operator proposes", () => {
  test("another approves: it is applied in that moment, once, and both are on record", async () => {
    const { proposalNo, state, document } = await proposed();
    expect([proposalNo, state]).toEqual(["A00000001", "proposed"]);
    expect(await fees()).toEqual(["0001-01-01 500"]);
    const done = await approve(as("bob"), subjects, proposalNo, "agreed in the meeting");
    expect(done).toMatchObject({ state: "approved", checker: "bob", result: { changed: ["fee_bps"] } });
    expect(await fees()).toEqual(["0001-01-01 500", `${document["effective_from"] as string} 400`]);
    expect(await refusalOf(approve(as("eve"), subjects, proposalNo))).toBe("proposal_already_decided");
    const { actions } = await showProposal(here.context(), proposalNo);
    expect(actions.map(({ action, operator, details }) => [action, operator, details["code"]])).toEqual([
      ["approval.propose", "amy", undefined],
      ["approval.approve", "bob", undefined],
      ["approval.refuse", "eve", "proposal_already_decided"],
    ]);
  });

  test("nobody approves or rejects of their own; and each attempt is on record", async () => {
    const { proposalNo } = await proposed("amy");
    expect(await refusalOf(approve(as("amy"), subjects, proposalNo))).toBe("maker_is_checker");
    expect(await refusalOf(reject(as("amy"), subjects, proposalNo, "no"))).toBe("maker_is_checker");
    const { state, actions } = await showProposal(here.context(), proposalNo);
    expect(state).toBe("proposed");
    expect(actions.filter(({ action }) => action === "approval.refuse").map(({ details }) => details)).toEqual([
      { deed: "approve", code: "maker_is_checker" },
      { deed: "reject", code: "maker_is_checker" },
    ]);
  });

  test("is rejected with a reason, or taken back by its maker alone; neither is applied", async () => {
    const before = await fees();
    const [one, other] = [await proposed(), await proposed()];
    expect(await refusalOf(reject(as("bob"), subjects, one.proposalNo, " "))).toBe("invalid_reason");
    expect(await reject(as("bob"), subjects, one.proposalNo, "too low")).toMatchObject({
      state: "rejected",
      decisionReason: "too low",
      result: null,
    });
    expect(await refusalOf(withdraw(as("bob"), other.proposalNo))).toBe("proposal_not_own");
    expect(await withdraw(as("amy"), other.proposalNo)).toMatchObject({ state: "withdrawn", checker: "amy" });
    expect(await refusalOf(approve(as("bob"), subjects, "A00009999"))).toBe("proposal_unknown");
    expect(await fees()).toEqual(before);
  });

  test("takes a role that the subject names, to propose it and to decide about it", async () => {
    const asClerk = propose(as("cleo", { role: "clerk" }), policySubject, change(), { reason: "why not" });
    expect(await refusalOf(asClerk)).toBe("role_not_allowed");
    const { proposalNo } = await proposed();
    expect(await refusalOf(approve(as("cleo", { role: "clerk" }), subjects, proposalNo))).toBe("role_not_allowed");
    expect(await refusalOf(approve(as("fay", { role: "finance" }), subjects, proposalNo))).toBe("done");
  });

  test("is refused at once where it could not be applied", async () => {
    const propose2 = (document: ReturnType<typeof change>) => refusalOf(proposed("amy", document));
    expect(await propose2(policyDocument({ effectiveFrom: "2026-01-01", terms: { feeBps: 1 } }))).toBe(
      "policy_in_the_past",
    );
    expect(await propose2(policyDocument({ effectiveFrom: "2027-01-01", terms: { feeBps: 10_000 } }))).toBe(
      "invalid_policy",
    );
  });

  test("is stale when what it rests on has changed", async () => {
    const document = change();
    const { proposalNo } = await proposed("amy", document);
    await setPolicy(as("bob"), { effectiveFrom: document.effective_from, terms: { feeBps: 450 } });
    expect(await refusalOf(approve(as("bob"), subjects, proposalNo))).toBe("proposal_stale");
    expect(await refusalOf(reject(as("bob"), subjects, proposalNo, "stale"))).toBe("done");
  });

  test("waits until its time, is nobody's after that, and may be proposed anew", async () => {
    const document = change();
    const { proposalNo, expiresAt } = await proposed("amy", document);
    expect(expiresAt).toEqual(new Date(testNow.getTime() + 7 * day));
    const late = { later: 7 * day };
    expect(await refusalOf(approve(as("bob", late), subjects, proposalNo))).toBe("proposal_expired");
    expect(await refusalOf(withdraw(as("amy", late), proposalNo))).toBe("proposal_expired");
    const again = await propose(as("amy", late), policySubject, document, { reason: "still" });
    expect(again.isNew).toBe(true);
    expect(await showProposal(here.context(), proposalNo)).toMatchObject({ state: "expired", checker: null });
    const expire = () => inTransaction(here.db, (tx) => expireDue(tx, as("night", { later: 14 * day })));
    expect(await expire()).toBe(1);
    expect(await expire()).toBe(0);
  });

  test("waits once: the same again gives the proposal that is there", async () => {
    const document = change();
    const first = await proposed("amy", document);
    const again = await propose(as("bob"), policySubject, document, { reason: "me too" });
    expect([again.isNew, again.proposal.proposalNo]).toEqual([false, first.proposalNo]);
  });

  test("is kept by no dry run, of proposing or of deciding", async () => {
    const count = async () => (await here.db.sql`SELECT FROM proposals`).count;
    const [before, feesBefore] = [await count(), await fees()];
    const dry = { ending: "rollback" } as const;
    const { proposal, outcome } = await propose({ ...as("amy"), ...dry }, policySubject, change(), { reason: "why" });
    expect([proposal.state, outcome["changed"]]).toEqual(["proposed", ["fee_bps"]]);
    expect(await count()).toBe(before);
    const { proposalNo } = await proposed();
    expect(await approve({ ...as("bob"), ...dry }, subjects, proposalNo)).toMatchObject({ state: "approved" });
    expect(await refusalOf(approve({ ...as("amy"), ...dry }, subjects, proposalNo))).toBe("maker_is_checker");
    const { state, actions } = await showProposal(here.context(), proposalNo);
    expect([state, actions.length, await fees()]).toEqual(["proposed", 1, feesBefore]);
  });

  test("is decided by one of two who decide at once; the other is refused", async () => {
    const { proposalNo, document } = await proposed();
    const others = [connect(targetFromUrl(here.url)!), connect(targetFromUrl(here.url)!)];
    const settled = await Promise.all(
      others.map((db, index) => refusalOf(approve({ ...as(index === 0 ? "bob" : "eve"), db }, subjects, proposalNo))),
    );
    await Promise.all(others.map((db) => db.close()));
    expect(settled.toSorted()).toEqual(["done", "proposal_already_decided"]);
    expect((await fees()).filter((one) => one.startsWith(document["effective_from"] as string))).toHaveLength(1);
  });
});

describe("the database", () => {
  const refused = (statement: string, on = here.db) =>
    inTransaction(on, (tx) => tx.unsafe(statement)).then(
      () => "done",
      (error: unknown) => String((error as Error).message),
    );

  test("keeps a proposal as it was made, and what was decided about it", async () => {
    const { proposalNo } = await proposed();
    const at = `WHERE proposal_no = '${proposalNo}'`;
    const set = (values: string) => refused(`UPDATE proposals SET ${values} ${at}`);
    const decided = "checker = 'bob', decided_at = made_at";
    for (const [values, why] of [
      ["maker = 'bob'", "what was proposed is frozen"],
      [`document = '{}', state = 'approved', ${decided}, result = '{}'`, "what was proposed is frozen"],
      ["state = 'approved', checker = 'amy', decided_at = made_at, result = '{}'", "maker_is_not_checker"],
      ["state = 'approved', checker = ' ＡMY ', decided_at = made_at, result = '{}'", "is no registered operator"],
      ["state = 'withdrawn', checker = 'bob', decided_at = made_at", "maker_is_not_checker"],
      ["state = 'approved', checker = 'bob', decided_at = expires_at, result = '{}'", "proposals_in_time"],
      ["state = 'expired', decided_at = made_at", "proposals_expired"],
      [`state = 'rejected', ${decided}`, "proposals_decision_reason"],
      [`state = 'approved', ${decided}`, "proposals_result"],
    ] as const) {
      expect(await set(values), values).toContain(why);
    }
    expect(await refused(`DELETE FROM proposals ${at}`)).toContain("are never deleted");
    expect(
      await refused(
        `INSERT INTO proposals (proposal_no, subject_kind, document, basis, reason, maker, made_at, expires_at, state, checker, decided_at, result)
         SELECT 'A99999999', subject_kind, document, basis, reason, maker, made_at, expires_at, 'approved', 'bob', made_at, '{}' FROM proposals ${at}`,
      ),
    ).toContain("before anybody decides");
    expect(await refusalOf(approve(as("bob"), subjects, proposalNo))).toBe("done");
    expect(await set("state = 'rejected', decision_reason = 'x', result = NULL")).toContain("what was decided");
  });

  test("knows a proposal's digest: one that was written over past the guards is not approved", async () => {
    const { proposalNo } = await proposed();
    await inTransaction(here.superuser, async (tx) => {
      await tx`SET LOCAL session_replication_role = replica`;
      await tx`UPDATE proposals SET document = jsonb_set(document, '{terms,fee_bps}', '1') WHERE proposal_no = ${proposalNo}`;
    });
    expect(await refusalOf(approve(as("bob"), subjects, proposalNo))).toBe("proposal_altered");
    await reject(as("bob"), subjects, proposalNo, "not what it was");
  });
});

test("at a terminal's end of it: --expires-in says how long it waits, and --yes is named where nobody can be asked", async () => {
  const run = async (line: string) => {
    const { stdout, stderr, exitCode } = await accrueInProcess(line.split(" "), { database: here, now: testNow });
    return { exitCode, ...(JSON.parse(exitCode === 0 ? stdout : stderr) as Record<string, unknown>) };
  };
  const line = "policy set --effective-from 2026-04-01 --fee 3% --reason spring --yes --json";
  expect(await run(`${line} --expires-in 0`)).toMatchObject({ exitCode: 2, error: { code: "invalid_days" } });
  const made: Readonly<Record<string, unknown>> = await run(`${line} --expires-in 2`);
  const no = made["proposal_no"] as string;
  expect(made).toMatchObject({ exitCode: 0, status: "proposed", new: true, expires_at: "2026-03-04T04:00:00.000Z" });
  expect(await run(`approval approve ${no} --operator bob --json`)).toMatchObject({
    exitCode: 2,
    error: { code: "confirmation_needed" },
  });
  const listed = await accrueInProcess(["approval", "list", "--status", "proposed", "--maker", "TESTER", "--csv"], {
    database: here,
  });
  expect(listed.stdout.trim().split("\n")).toHaveLength(2);
  expect(await run(`approval withdraw ${no} --json`)).toMatchObject({ status: "withdrawn", dry_run: false });
});
