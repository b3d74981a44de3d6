import { expect, test } from "vitest";
import { subjects } from "../../../src/cli/subjects.ts";
import { reject } from "../../../src/domain/approvals/decide.ts";
import { propose } from "../../../src/domain/approvals/propose.ts";
import { reviewQueue, type ReviewFilter } from "../../../src/domain/approvals/review.ts";
import { showProposal } from "../../../src/domain/approvals/read.ts";
import { nameSubject } from "../../../src/domain/members/name-subject.ts";
import { registerMember } from "../../../src/domain/members/register.ts";
import { policyDocument, policySubject } from "../../../src/domain/policies/subject.ts";
import type { OperatorRole } from "../../../src/shared/operator-roles.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { testDatabase, testNow } from "../../support/database.ts";
import { accrueOnTerminal, keys, type TerminalSession } from "../../support/pty.ts";

const here = await testDatabase();
const as = (name: string, role: OperatorRole = "admin", later = 0) => ({
  ...here.context({ operator: { name, host: "test", role } }),
  clock: () => new Date(testNow.getTime() + later),
});
let years = 2900;
/** Proposes a change of fee from a date of its own, none of which is another's ground. */
const proposed = async (feeBps: number, maker = "amy") => {
  const document = policyDocument({ effectiveFrom: `${(years -= 1)}-01-01`, terms: { feeBps } });
  const { proposal } = await propose({ ...as(maker), clock: () => new Date() }, policySubject, document, {
    reason: "spring",
  });
  return { proposalNo: proposal.proposalNo };
};
const queueOf = async (context: ReturnType<typeof as>, filter: ReviewFilter = {}) => {
  const numbers: string[] = [];
  for await (const one of reviewQueue(context, subjects, filter)) numbers.push(one);
  return numbers;
};
const stateOf = async (proposalNo: string) => {
  const { state, checker, decisionReason } = await showProposal(here.context(), proposalNo);
  return [state, checker, decisionReason];
};
const answer = async (session: TerminalSession, { proposalNo }: { proposalNo: string }, typed: string) => {
  await session.expect(`Proposal ${proposalNo}`);
  await session.expect(`? ${proposalNo}`);
  await session.expect("quit (");
  session.send(typed + keys.enter);
};

test("a review goes through what waits, oldest first, writes at the end, and leaves what cannot be decided any more", async () => {
  const [first, second, gone, stale] = [
    await proposed(400),
    await proposed(300),
    await proposed(250),
    await proposed(200),
  ];
  const session = accrueOnTerminal(["approval", "review"], { database: here, env: { ACCRUE_OPERATOR: "bob" } });
  await answer(session, first, "a");
  expect(session.screen).toContain("fee of a withdrawal  5% → 4%");
  await reject({ ...as("eve"), clock: () => new Date() }, subjects, gone.proposalNo, "no");
  await answer(session, second, "r");
  await session.expect("Why");
  session.send(`too low${keys.enter}`);
  await session.expect(`proposal ${gone.proposalNo} is rejected already, by eve`);
  await answer(session, stale, "a");
  await session.expect("Decided, and not written yet: 3 proposals");
  expect(await stateOf(first.proposalNo)).toEqual(["proposed", null, null]);
  await session.expect("write, back, discard (");
  session.send(`w${keys.enter}`);
  await session.expect(`${first.proposalNo} approved: policy from`);
  await session.expect(`${second.proposalNo} rejected`);
  // The first one changed the ground of the last.
  await session.expect(`left as it is: what proposal ${stale.proposalNo} rests on has changed`);
  expect(await session.exit()).toBe(0);
  expect(await stateOf(first.proposalNo)).toEqual(["approved", "bob", null]);
  expect(await stateOf(second.proposalNo)).toEqual(["rejected", "bob", "too low"]);
  expect(await stateOf(stale.proposalNo)).toEqual(["proposed", null, null]);
});

test("its queue leaves out one's own, what another role decides, and what is over; a filter narrows it", async () => {
  const [one, other] = [await proposed(190, "amy"), await proposed(180, "pat")];
  const later = Date.now() - testNow.getTime();
  expect((await queueOf(as("bob", "admin", later))).slice(-2)).toEqual([one.proposalNo, other.proposalNo]);
  expect(await queueOf(as("amy", "admin", later))).toEqual([other.proposalNo]);
  expect(await queueOf(as("bob", "admin", later), { maker: "pat", kind: "policy" })).toEqual([other.proposalNo]);
  expect(await queueOf(as("bob", "admin", later), { kind: "merchant_rate" })).toEqual([]);
  expect(await queueOf(as("ada", "approver", later))).toEqual([]);
  expect(await queueOf(as("bob", "admin", later + 8 * 86_400_000))).toEqual([]);
});

test("names of members are masked; --reveal shows them to whoever decides, and is recorded", async () => {
  await registerMember(here.context(), { name: "张三", memberNo: "M1" });
  const { proposal } = await propose(
    { ...as("amy"), clock: () => new Date() },
    nameSubject,
    { member_no: "M1", name: "张珊" },
    { reason: "x" },
  );
  const on = { database: here, env: { ACCRUE_OPERATOR: "bob" } };
  const approving = accrueOnTerminal(["approval", "approve", proposal.proposalNo, "--reveal"], on);
  await approving.expect("Approve proposal");
  expect(approving.screen).toContain("张三 → 张珊");
  approving.send(`n${keys.enter}`);
  await approving.exit();
  const session = accrueOnTerminal(["approval", "review", "--kind", "member_name"], on);
  await answer(session, proposal, "q");
  expect(session.screen).toContain("张* → 张*");
  await session.exit();
  const revealing = accrueOnTerminal(["approval", "review", "--kind", "member_name", "--reveal"], on);
  await answer(revealing, proposal, "q");
  expect(revealing.screen).toContain("张三 → 张珊");
  await revealing.exit();
  const { actions } = await showProposal(here.context(), proposal.proposalNo);
  expect(actions.map(({ action }) => action)).toEqual(["approval.propose", "approval.reveal", "approval.reveal"]);
});

test("off a terminal it says what to use instead", async () => {
  const { exitCode, stderr } = await accrueInProcess(["approval", "review", "--json"], { database: here });
  expect(exitCode).toBe(2);
  expect(JSON.parse(stderr)).toMatchObject({
    error: { code: "review_needs_terminal", hint: expect.stringContaining("accrue approval approve") },
  });
});
