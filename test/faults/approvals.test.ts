import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { startAccrue } from "../db/orders/process.ts";
import { propose } from "../../src/domain/approvals/propose.ts";
import { showProposal } from "../../src/domain/approvals/read.ts";
import { policyDocument, policySubject } from "../../src/domain/policies/subject.ts";
import { policyHistory } from "../../src/domain/policies/show.ts";
import { verify } from "../../src/verification/verify.ts";
import { testDatabase } from "../support/database.ts";

const here = await testDatabase();
const failpoints = pathToFileURL(resolve("test/support/failpoint.mjs")).href;
const approve = (proposalNo: string, failpoint?: string) =>
  startAccrue(["approval", "approve", proposalNo, "--yes", "--json", "--operator", "bob"], {
    database: here,
    env: failpoint === undefined ? {} : { NODE_OPTIONS: `--import=${failpoints}`, ACCRUE_FAILPOINT: failpoint },
  }).ended;

test(
  "an approval that is killed around its COMMIT is applied in whole or not at all; run again it is applied once",
  { timeout: 60_000 },
  async () => {
    for (const [when, state, again] of [
      ["before", "proposed", 0],
      ["after", "approved", 4],
    ] as const) {
      const document = policyDocument({ effectiveFrom: `29${again}0-01-01`, terms: { feeBps: 100 + again } });
      const context = { ...here.context({ operator: { name: "amy", host: "test" } }), clock: () => new Date() };
      const { proposal } = await propose(context, policySubject, document, { reason: "spring" });
      expect((await approve(proposal.proposalNo, `commit:1:${when}`)).exit).toBe("SIGKILL");
      expect((await showProposal(here.context(), proposal.proposalNo)).state).toBe(state);
      expect((await approve(proposal.proposalNo)).exit).toBe(again);
      const { state: now, actions } = await showProposal(here.context(), proposal.proposalNo);
      expect([now, actions.filter(({ action }) => action === "approval.approve").length]).toEqual(["approved", 1]);
      const set = (await policyHistory(here.context())).filter(
        ({ policy }) => policy.effectiveFrom === document.effective_from,
      );
      expect(set.map(({ policy }) => policy.feeBps)).toEqual([100 + again]);
    }
    expect((await verify(here.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
  },
);
