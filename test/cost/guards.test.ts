import { expect, test } from "vitest";
import { inTransaction } from "../../src/db/database.ts";
import { testDatabase } from "../support/database.ts";

const on = await testDatabase();

test("the guard of who acted asks about an operator once a statement, however many rows it has", async () => {
  await inTransaction(on.db, async (tx) => {
    await tx`
      INSERT INTO operator_actions (action_id, operator, host, identity, action, subject_kind, subject)
      SELECT nextval('action_id_seq'), 'alice', 'here', (SELECT session_identity()), 'order.void', 'order', n
      FROM generate_series(1, 500) n`;
    const [read] = await tx<{ rows: number }[]>`
      SELECT (seq_tup_read + idx_tup_fetch)::integer AS rows FROM pg_stat_xact_user_tables WHERE relname = 'operators'`;
    expect(read!.rows).toBeGreaterThan(0);
    expect(read!.rows).toBeLessThan(500);
  });
});

test("guards that ask about the operators of all rows look first who they are", async () => {
  const guards = await on.db.sql<{ name: string; asked: string }[]>`
    SELECT proname AS name, substring(prosrc FROM 'FROM \\(\\s*SELECT DISTINCT.*?\\) (?:n|d)\\M') AS asked FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND prosrc ~ 'SELECT DISTINCT' AND prosrc ~ 'operator_problem'
    ORDER BY 1`;
  expect(guards.map(({ name }) => name)).toEqual([
    "refuse_decision_of_other_role",
    "refuse_journal_of_others",
    "refuse_other_operator",
    "refuse_request_of_others",
  ]);
  for (const { name, asked } of guards) expect(asked, name).toMatch(/OFFSET 0\s*\) (?:n|d)$/u);
});

test("guards that hold the new form of rows to the old one join them in memory, whatever the statement forbids", async () => {
  const guards = await on.db.sql<{ name: string; settings: string[] }[]>`
    SELECT proname AS name, proconfig AS settings FROM pg_proc
    WHERE pronamespace = current_schema()::regnamespace AND prosrc ~ 'new_rows n JOIN old_rows' ORDER BY 1`;
  expect(guards.map(({ name }) => name)).toEqual(["refuse_decision_of_other_role", "refuse_groundless_balance"]);
  for (const { name, settings } of guards)
    expect(settings, name).toEqual(expect.arrayContaining(["enable_hashjoin=on", "enable_nestloop=off"]));
});
