import { describe, expect, test } from "vitest";
import { subjects } from "../../../src/cli/subjects.ts";
import { approve } from "../../../src/domain/approvals/decide.ts";
import { inTransaction } from "../../../src/db/database.ts";
import { propose } from "../../../src/domain/approvals/propose.ts";
import { listActions } from "../../../src/domain/operators/actions.ts";
import type { ActionFilter } from "../../../src/domain/operators/actions-sql.ts";
import { policyDocument, policySubject } from "../../../src/domain/policies/subject.ts";
import { applyReview } from "../../../src/domain/withdrawals/review.ts";
import { plainClient } from "../../support/admin.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { ground, noon } from "../../support/money/ground.ts";
import { addMember, earn } from "../../support/money/people.ts";
import { registered } from "../../support/operators.ts";
import { transcript } from "../../support/transcript.ts";

const here = await ground();
await registered(here.db, ["aude"], "auditor");
await registered(here.db, ["ada"], "approver");
await registered(here.db, ["cora"], "clerk");
await addMember(here.db, "M1");
await earn(here.db, "M1", 1_000_000n);

const run = (line: string, operator: string) =>
  accrueInProcess(line.split(" "), { database: here, now: new Date(noon), env: { ACCRUE_OPERATOR: operator } });
const codeOf = async (line: string, operator: string) => {
  const { exitCode, stderr } = await run(`${line} --json`, operator);
  return exitCode === 0 ? "done" : (JSON.parse(stderr) as { error: { code: string } }).error.code;
};
const search = async (filter: ActionFilter) =>
  (await listActions(here.context(), filter, { limit: 100 })).rows.map(({ operator, action, subject, details }) =>
    `${operator} ${action} ${subject} ${String(details["deed"] ?? "")} ${String(details["code"] ?? "")}`.trimEnd(),
  );

describe("what an operator is refused", () => {
  test("of approvals is on record with its reason: withdrawals by name, a plan as a whole, a command by its words", async () => {
    for (const _ of [1, 2]) await run("withdrawal request --member M1 --points 20", "cora");
    expect(await codeOf("withdrawal approve W00000001 --yes", "cora")).toBe("role_not_allowed");
    await run("withdrawal request --member M1 --points 20", "alice");
    expect(await codeOf("withdrawal approve W00000003 --yes", "alice")).toBe("maker_is_checker");
    expect(await codeOf("withdrawal approve W00000001 W00000002 --yes", "ada")).toBe("done");
    expect(await codeOf("withdrawal approve W00000001 W00000002 --yes", "bob")).toBe("withdrawal_already_decided");
    expect(await codeOf("withdrawal approve --max-amount 50 --plan 0123 --yes", "ada")).toBe("withdrawal_plan_stale");
    const { overtaken } = await applyReview(
      here.context({ operator: { name: "bob", host: "desk-2" } }),
      new Map([["W00000001", { decision: "approve" }]]),
    );
    expect(overtaken).toHaveLength(1);
    expect(await codeOf("withdrawal approve W00000001 --yes --dry-run", "ada")).toBe("withdrawal_already_decided");
    expect(await search({ refusals: true })).toEqual([
      "bob withdrawal.refuse W00000001 approve withdrawal_already_decided",
      "ada withdrawal.refuse withdrawal approve approve withdrawal_plan_stale",
      "bob withdrawal.refuse W00000002 approve withdrawal_already_decided",
      "bob withdrawal.refuse W00000001 approve withdrawal_already_decided",
      "alice withdrawal.refuse W00000003 approve maker_is_checker",
      "cora command.refuse withdrawal approve  role_not_allowed",
    ]);
  });

  test("of proposals too: by whom, which, and why", async () => {
    const document = policyDocument({ effectiveFrom: "2026-09-01", terms: { feeBps: 400 } });
    const { proposal } = await propose(here.context(), policySubject, document, { reason: "spring" });
    const { proposalNo } = proposal;
    for (const operator of [
      { name: "tester", host: "desk-1" },
      { name: "ada", host: "desk-1", role: "approver" as const },
    ])
      await expect(approve(here.context({ operator }), subjects, proposalNo)).rejects.toThrow();
    expect(await search({ refusals: true, subject: proposalNo })).toEqual([
      `ada approval.refuse ${proposalNo} approve role_not_allowed`,
      `tester approval.refuse ${proposalNo} approve maker_is_checker`,
    ]);
  });
});

describe("audit list", () => {
  test("finds what was done, by whom, with what, from where and when; what was revealed, and what was refused", async () => {
    expect(await codeOf("member show M1 --reveal", "cora")).toBe("done");
    expect(await codeOf("member show M1 --reveal", "aude")).toBe("role_not_allowed");
    expect(await codeOf("audit list", "cora")).toBe("role_not_allowed");
    expect(await codeOf("audit list --after x", "aude")).toBe("invalid_record_id");
    expect(
      await transcript(
        [
          "accrue audit list --reveals --fields operator,identity,host,action,kind,subject",
          "accrue audit list --subject W00000003 --limit 1 --fields operator,action,details",
          "accrue audit list --by cora --kind command --csv --fields operator,action,subject,details",
          "accrue audit list --action withdrawal.request --by alice --json --all --fields operator,subject",
          "accrue audit list --host desk-2 --fields operator,action,subject",
          "accrue audit list --from 2000-01-01 --to 2000-01-31",
        ],
        { database: here, env: { ACCRUE_OPERATOR: "aude" } },
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue audit list --reveals --fields operator,identity,host,action,kind,subject
      operator  identity  host    action         kind    subject
      cora      asserted  desk-1  member.reveal  member  M1

      $ accrue audit list --subject W00000003 --limit 1 --fields operator,action,details
      operator  action             details
      alice     withdrawal.refuse  code=maker_is_checker deed=approve
      more: --after 35

      $ accrue audit list --by cora --kind command --csv --fields operator,action,subject,details
      ﻿operator,action,subject,details
      cora,command.refuse,audit list,"{""code"":""role_not_allowed"",""role"":""clerk""}"
      cora,command.refuse,withdrawal approve,"{""code"":""role_not_allowed"",""role"":""clerk""}"

      $ accrue audit list --action withdrawal.request --by alice --json --all --fields operator,subject
      {"operator":"alice","subject":"W00000003"}

      $ accrue audit list --host desk-2 --fields operator,action,subject
      operator  action             subject
      bob       withdrawal.refuse  W00000001

      $ accrue audit list --from 2000-01-01 --to 2000-01-31
      no records
      "
    `);
  });

  test("gives page after page, the newest first, none twice; --all is all of them", async () => {
    const all = (await run("audit list --all --json --fields record", "aude")).stdout.trimEnd().split("\n");
    const pages: string[] = [];
    for (let after = ""; ; after = ` --after ${(JSON.parse(pages.at(-1)!) as { record: number }).record}`) {
      const page = (await run(`audit list --limit 9 --json --fields record${after}`, "aude")).stdout.trimEnd();
      if (page === "") break;
      pages.push(...page.split("\n"));
    }
    expect(pages.length).toBeGreaterThan(18);
    expect(pages).toEqual(all);
  });

  test("reads few rows of very many, by operator, by subject, and what is watched", async () => {
    const sql = plainClient(here.superuserUrl);
    await sql`
      INSERT INTO operator_actions (action_id, operator, host, identity, action, subject_kind, subject)
      SELECT nextval('action_id_seq'), 'night', 'desk-3', (SELECT session_identity()), 'withdrawal.expire',
        'withdrawal', 'W' || n
      FROM generate_series(100000000, 100020000) n`;
    await sql`ANALYZE operator_actions`;
    await sql.end();
    const readBy = (filter: ActionFilter) =>
      inTransaction(here.db, async (tx) => {
        const rowsRead = async () => {
          const [row] = await tx<{ rows: bigint }[]>`
            SELECT idx_tup_fetch + seq_tup_read AS rows FROM pg_stat_xact_user_tables
            WHERE relname = 'operator_actions'`;
          return Number(row!.rows);
        };
        const before = await rowsRead();
        await listActions({ ...here.context(), db: { ...here.db, sql: tx as never } }, filter, { limit: 50 });
        return (await rowsRead()) - before;
      });
    for (const filter of [{ operator: "aude" }, { subject: "W00000003" }, { reveals: true }, { refusals: true }])
      expect(await readBy(filter), JSON.stringify(filter)).toBeLessThan(200);
  });
});
