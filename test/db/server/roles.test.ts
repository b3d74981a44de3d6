import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { commandLine, story } from "../../../src/demo/story.ts";
import { judgeRole } from "../../../src/doctor/privileges.ts";
import { secretKey } from "../payouts/scene.ts";
import { createRole, onDatabase, plainClient } from "../../support/admin.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, testDatabase } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";
import { registered } from "../../support/operators.ts";
import { bySql, loginOf, nameOf, startRoleServer } from "../../support/role-server.ts";

const database = await testDatabase();
const there = await startRoleServer();
const { server, database: platform } = there;
afterAll(() => there.end());

/** What the doctor says of what a role may do, and of the group roles. */
async function checksOf(url: string) {
  const { stdout } = await accrueInProcess(["doctor", "--json"], { database: { url } });
  const { checks } = JSON.parse(stdout) as { checks: { name: string; status: string; found: string; hint: string }[] };
  const named = (name: string) => checks.find((check) => check.name === name)!;
  return { privileges: named("privileges"), groups: named("group roles") };
}

const run = async (line: string, options: Parameters<typeof accrueInProcess>[1] = { database: platform }) => {
  const { exitCode, stdout, stderr } = await accrueInProcess([...line.split(" "), "--json"], options);
  const document = (text: string) => JSON.parse(text.trim().split("\n").at(-1)!) as Record<string, unknown>;
  return exitCode === 0 ? document(stdout) : ((document(stderr)["error"] ?? {}) as Record<string, unknown>);
};

const membersOf = async (): Promise<readonly string[]> => {
  const rows = await platform.db.sql<{ text: string }[]>`
    SELECT g.rolname || ' ' || m.rolname AS text FROM pg_auth_members a JOIN pg_roles g ON g.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
    WHERE g.rolname LIKE 'accrue\_%' AND m.rolname LIKE 'login\_%' ORDER BY 1`;
  return rows.map(({ text }) => text);
};

describe("the tests' own role", () => {
  test("is the owner, and no superuser: what any test does with the program, an ordinary owner can do", async () => {
    expect([
      ...(await database.db.sql`SELECT rolsuper AS is_superuser FROM pg_roles WHERE rolname = current_user`),
    ]).toEqual([{ isSuperuser: false }]);
    expect((await checksOf(database.url)).privileges).toMatchObject({
      status: "ok",
      found: expect.stringMatching(/_owner, the owner: may do everything$/) as string,
    });
    expect((await checksOf(database.superuserUrl)).privileges).toMatchObject({
      status: "ok",
      found: expect.stringContaining("a superuser: may do everything") as string,
    });
  });

  test("the doctor notices an owner who lost what foreign keys are checked with", async () => {
    const copy = await cloneOf(database);
    await copy.superuser.sql.begin("read write", (tx) =>
      tx.unsafe(`REVOKE UPDATE (journal_id) ON journal_transactions FROM ${new URL(copy.url).username}`),
    );
    expect((await checksOf(copy.url)).privileges).toMatchObject({
      status: "wrong",
      found: expect.stringContaining("journal_transactions may not check foreign keys") as string,
    });
    await copy.drop();
  });
});

describe("the group roles of a server", () => {
  test("are made by init, with their privileges; operators' login roles are members, and follow the registry", async () => {
    expect(await run("init")).toMatchObject({ group_roles: "current" });
    expect((await checksOf(platform.url)).groups).toMatchObject({ status: "ok" });
    expect(await membersOf()).toContain(`accrue_clerk ${loginOf("clerk")}`);
    expect(await run(`operator set ${nameOf("clerk")} --role auditor --dry-run`)).toMatchObject({ left_for_dba: [] });
    expect(await membersOf()).toContain(`accrue_clerk ${loginOf("clerk")}`);
    await run(`operator set ${nameOf("clerk")} --role auditor`);
    expect((await membersOf()).filter((one) => one.endsWith(loginOf("clerk")))).toEqual([
      `accrue_auditor ${loginOf("clerk")}`,
    ]);
    await run(`operator suspend ${nameOf("clerk")}`);
    expect((await membersOf()).filter((one) => one.endsWith(loginOf("clerk")))).toEqual([]);
    await run(`operator set ${nameOf("clerk")} --role clerk`);
    await run(`operator resume ${nameOf("clerk")}`);
    expect(await membersOf()).toContain(`accrue_clerk ${loginOf("clerk")}`);
    // An admin who is no owner changes the registry, and the database does the rest.
    const asAdmin = { database: { url: there.urlOf("admin") }, env: { ACCRUE_OPERATOR: undefined } };
    expect(await run(`operator suspend ${nameOf("auditor")}`, asAdmin)).toMatchObject({
      changed: true,
      left_for_dba: [],
    });
    expect((await membersOf()).filter((one) => one.endsWith(loginOf("auditor")))).toEqual([]);
    await run(`operator resume ${nameOf("auditor")}`, asAdmin);
  });

  test("the doctor sees a privilege too many or too few, and a member who is none; init mends the first", async () => {
    await bySql(platform.url, "GRANT INSERT ON policies TO accrue_clerk; REVOKE SELECT ON orders FROM accrue_auditor");
    await bySql(server.url, `GRANT accrue_finance TO ${loginOf("clerk")}`);
    const { found, hint } = (await checksOf(platform.url)).groups;
    expect(found.split("; ")).toEqual([
      "accrue_auditor has no SELECT on orders",
      "accrue_clerk has INSERT on policies too",
      `not done: REVOKE accrue_finance FROM "${loginOf("clerk")}"`,
    ]);
    expect(hint).toContain("accrue operator grant-sql");
    expect((await checksOf(there.urlOf("auditor"))).privileges.found).toBe(
      `${loginOf("auditor")} has no SELECT on orders`,
    );
    expect(await run("init")).toMatchObject({ group_roles: "granted" });
    await bySql(server.url, `REVOKE accrue_finance FROM ${loginOf("clerk")}`);
    expect((await checksOf(platform.url)).groups).toMatchObject({ status: "ok" });
  });

  test("where init may not make them, it says so, and a DBA has the SQL", async () => {
    const made = await run("init", { database });
    expect(made).toMatchObject({ group_roles: "left" });
    const { statements } = (await run("operator grant-sql", { database })) as unknown as { statements: string[] };
    expect(statements.filter((one) => one.includes("CREATE ROLE"))).toHaveLength(6);
    expect(statements).toContain(
      `GRANT "accrue_clerk" TO "${new URL(database.url).username}" WITH ADMIN OPTION`.replaceAll(
        '"accrue_clerk"',
        "accrue_clerk",
      ),
    );
    // Here they are there already, and the SQL changes nothing, whoever carries it out.
    const here = (await run("operator grant-sql")) as unknown as { statements: string[] };
    await bySql(onDatabase(server.url, "platform"), here.statements.join(";\n"));
    expect((await checksOf(platform.url)).groups).toMatchObject({ status: "ok" });
    const { stdout } = await accrueInProcess(["operator", "grant-sql"], { database: platform });
    expect(stdout.split("\n").at(-2)).toBe("COMMIT;");
  });
});

describe("a login role that operators share", () => {
  const cwd = scratchDirectory();
  cpSync("fixtures", join(cwd, "fixtures"), { recursive: true, filter: (file) => !file.endsWith(".rejects.csv") });
  const env = { ACCRUE_SECRET_KEY: secretKey.toString("hex"), ACCRUE_OPERATOR: "li.wei" };

  test("does the main job as a member of accrue_admin, from the files to the payout, and can switch no guard off", async () => {
    const shared = { url: onDatabase(await createRole(server.url, "accrue_shared"), "platform") };
    const lacking = await run("member register --name 张三 --yes", { database: shared, env });
    expect(lacking).toMatchObject({ code: "database_forbidden" });
    await bySql(server.url, "GRANT accrue_admin TO accrue_shared");
    expect((await checksOf(shared.url)).privileges).toMatchObject({
      status: "ok",
      found: "accrue_shared, by grants: may do everything but migrate, which is for accrue_owner",
    });
    // Others here have login roles, and who shares one is vouched for by nobody: the policy lets them approve.
    await bySql(
      onDatabase(server.url, "platform"),
      "SET session_replication_role = replica; UPDATE policies SET proven_identity = false",
    );
    // Roles that approve take another admin here, where the story has one alone.
    await registered(platform.db, ["zhang.min"]);
    for (const { words, exitCode = 0 } of story.flatMap(({ steps }) => steps)) {
      const options = { database: shared, cwd, env, now: new Date("2026-01-04T02:00:00Z") };
      const { exitCode: ended, stderr } = await accrueInProcess(words, options);
      expect({ ended, stderr: ended === exitCode ? "" : stderr }, commandLine(words)).toEqual({
        ended: exitCode,
        stderr: "",
      });
    }
    for (const line of [
      "withdrawal request --member M1002 --points 20",
      "withdrawal request --member M1002 --points 20",
      "withdrawal approve W00000003 --yes --operator zhang.min",
    ])
      expect(
        await run(line, { database: shared, env, now: new Date("2026-01-04T02:00:00Z") }),
        line,
      ).not.toHaveProperty("code");
    const own = plainClient(shared.url);
    for (const statement of [
      "UPDATE points_entries SET kind = kind",
      "DELETE FROM journal_lines",
      "ALTER TABLE imports DISABLE TRIGGER ALL",
      "INSERT INTO schema_migrations VALUES (99, 'x', 'x', now())",
    ]) {
      await expect(own.unsafe(statement), statement).rejects.toMatchObject({ code: "42501" });
    }
    await own.end();
  }, 60_000);
});

describe("by SQL, past the program, a clerk with the grants of clerks", () => {
  const psql = plainClient(there.urlOf("clerk"));
  afterAll(() => psql.end());
  const clerk = nameOf("clerk");

  test.each([
    [
      "approves a withdrawal",
      "UPDATE withdrawals SET status = 'approved', approved_by = 'CLERK', decided_by = 'CLERK', decided_at = now(), approval_risks = '{}' WHERE status = 'requested'",
      "ACC02",
      "takes approver or admin",
    ],
    [
      "approves one in another's name",
      "UPDATE withdrawals SET status = 'approved', approved_by = 'bob', decided_by = 'bob', decided_at = now(), approval_risks = '{}' WHERE status = 'requested'",
      "ACC02",
      "and nobody else's",
    ],
    [
      "rejects one",
      "UPDATE withdrawals SET status = 'rejected', decided_by = 'CLERK', decided_at = now(), reason = 'x' WHERE status = 'requested'",
      "ACC02",
      "takes approver or admin",
    ],
    [
      "sends one",
      "UPDATE withdrawals SET status = 'paying' WHERE status = 'approved'",
      "ACC02",
      "who sends no payouts",
    ],
    [
      "asks for one in another's name",
      "INSERT INTO withdrawals SELECT (jsonb_populate_record(w, jsonb_build_object('withdrawal_id', -1, 'withdrawal_no', 'W9', 'status', 'requested', 'requested_by', 'bob', 'approved_by', NULL, 'decided_by', NULL, 'decided_at', NULL, 'approval_risks', NULL, 'reason', NULL))).* FROM withdrawals w LIMIT 1",
      "ACC02",
      "and nobody else's",
    ],
    [
      "approves a proposal",
      "UPDATE proposals SET state = 'approved', checker = 'CLERK', decided_at = made_at, result = '{}'",
      "ACC02",
      "takes finance or admin",
    ],
    [
      "proposes in another's name",
      "INSERT INTO proposals (proposal_no, subject_kind, document, basis, digest, reason, maker, made_at, expires_at, state) VALUES ('A99999999', 'policy', '{}', '{}', '', 'x', 'bob', now(), now() + interval '1 day', 'proposed')",
      "ACC02",
      "and nobody else's",
    ],
    ["changes an entry", "UPDATE points_entries SET available_points = 5", "42501", "permission denied"],
    ["deletes an entry", "DELETE FROM points_entries", "42501", "permission denied"],
    [
      "writes an entry past the table",
      "INSERT INTO points_entries_01 SELECT * FROM points_entries LIMIT 1",
      "42501",
      "permission denied",
    ],
    [
      "grants points",
      "INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, created_at, business_date, run_id, net_fen, contribution_fen, contribution_bps, points_bps) SELECT member_id, -1, 1, 'grant', 5, 0, now(), current_date, 1, 1, 1, 1, 1 FROM members LIMIT 1",
      "ACC02",
      "and grant is none of that",
    ],
    [
      "adjusts points",
      "INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, created_at, business_date) SELECT member_id, -1, 1, 'adjust', 5, 0, now(), current_date FROM members LIMIT 1",
      "23000",
      "nobody proposed it",
    ],
    [
      "posts an adjustment to the journal",
      "INSERT INTO journal_transactions (journal_id, kind, business_date, operator, posted_at) VALUES (-1, 'adjust', current_date, 'CLERK', now())",
      "ACC02",
      "may propose an adjustment and not post it",
    ],
    [
      "gives a member points without an entry",
      "UPDATE balances SET available_points = available_points + 5",
      "ACC02",
      "is not what its entries come to",
    ],
    [
      "posts a collection to the journal",
      "INSERT INTO journal_transactions (journal_id, kind, business_date, operator, posted_at) VALUES (-1, 'collection', current_date, 'CLERK', now())",
      "ACC02",
      "and collection is none of that",
    ],
    [
      "posts to the journal in another's name",
      "INSERT INTO journal_transactions (journal_id, kind, business_date, operator, posted_at) VALUES (-1, 'hold', current_date, 'bob', now())",
      "ACC02",
      "and nobody else's",
    ],
    [
      "adds lines to what was posted",
      "INSERT INTO journal_lines (journal_id, line_no, account, unit, amount) SELECT journal_id, n, CASE n WHEN 98 THEN 'points_held' ELSE 'points_available' END, 'points', n - 98.5 + (n - 98.5) FROM (SELECT min(journal_id) AS journal_id FROM journal_transactions WHERE kind = 'hold') t, generate_series(98, 99) n",
      "ACC02",
      "cannot add these lines",
    ],
    [
      "moves money by holding points",
      "WITH t AS (INSERT INTO journal_transactions (journal_id, kind, business_date, operator, posted_at) VALUES (-1, 'hold', current_date, 'CLERK', now()) RETURNING journal_id) INSERT INTO journal_lines (journal_id, line_no, account, unit, amount) VALUES (-1, 1, 'points_fund', 'fen', 5), (-1, 2, 'platform_share', 'fen', -5)",
      "ACC02",
      "cannot add these lines",
    ],
    [
      "sets a policy",
      'INSERT INTO policies SELECT (jsonb_populate_record(p, \'{"effective_from": "2030-01-01"}\')).* FROM policies p LIMIT 1',
      "42501",
      "permission denied",
    ],
    ["changes a policy", "UPDATE policies SET fee_bps = 0", "42501", "permission denied"],
    ["changes what the journal says", "UPDATE journal_lines SET amount = amount + 1", "42501", "permission denied"],
    ["changes what is on record", "DELETE FROM operator_actions", "42501", "permission denied"],
    [
      "gives a known merchant another rate",
      "INSERT INTO contribution_rates (merchant_id, effective_from, contribution_bps, set_by, set_at) SELECT merchant_id, current_date, 1, 'CLERK', now() FROM merchants LIMIT 1",
      "23000",
      "is changed by a proposal",
    ],
    [
      "gives one a rate under a proposal that says something else",
      "INSERT INTO contribution_rates (merchant_id, effective_from, contribution_bps, set_by, set_at, proposal_no) SELECT merchant_id, current_date, 1, 'CLERK', now(), 'A00000001' FROM merchants LIMIT 1",
      "23000",
      "nobody proposed and approved",
    ],
    ["has a known merchant come with a new import", "UPDATE merchants SET import_id = -1", "23000", "stays as it is"],
    [
      "makes an operator",
      "INSERT INTO operators VALUES ('zoe', 'zoe', 'admin', NULL, 'active', 'CLERK', now())",
      "42501",
      "permission denied",
    ],
    [
      "makes themselves an admin",
      "UPDATE operators SET role = 'admin', changed_by = 'CLERK' WHERE name = 'CLERK'",
      "42501",
      "permission denied",
    ],
    [
      "makes themselves a member of another group",
      `GRANT accrue_approver TO ${loginOf("clerk")}`,
      "42501",
      "permission denied",
    ],
    ["switches a guard off", "ALTER TABLE withdrawals DISABLE TRIGGER ALL", "42501", "must be owner"],
    ["switches all guards off", "SET session_replication_role = replica", "42501", "permission denied"],
    [
      "replaces a guard",
      "CREATE OR REPLACE FUNCTION operator_problem(named text, roles text[] DEFAULT NULL) RETURNS text LANGUAGE sql AS 'SELECT NULL::text'",
      "42501",
      "permission denied",
    ],
    [
      "hides the registry behind a table of their own",
      "CREATE TEMP TABLE operators (LIKE public.operators); INSERT INTO withdrawals SELECT (jsonb_populate_record(w, jsonb_build_object('withdrawal_id', -1, 'withdrawal_no', 'W9', 'status', 'requested', 'requested_by', 'bob', 'approved_by', NULL, 'decided_by', NULL, 'decided_at', NULL, 'approval_risks', NULL, 'reason', NULL))).* FROM withdrawals w LIMIT 1",
      "ACC02",
      "and nobody else's",
    ],
    [
      "records what another did",
      "INSERT INTO operator_actions (action_id, operator, host, action, subject_kind, subject) VALUES (-1, 'bob', 'h', 'x', 'member', 'M')",
      "ACC02",
      "and nobody else's",
    ],
  ])("%s: refused", async (_what, statement, code, message) => {
    const text = statement.replaceAll("CLERK", clerk);
    await expect(
      psql.unsafe(`BEGIN; SET LOCAL default_transaction_read_only = off; ${text}; SET CONSTRAINTS ALL IMMEDIATE`),
    ).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
    await psql.unsafe("ROLLBACK");
  });

  test("and so is a login role of the group whom the registry does not know", async () => {
    const unknown = onDatabase(await createRole(server.url, "login_unknown"), "platform");
    await bySql(server.url, "GRANT accrue_clerk TO login_unknown");
    const post =
      "INSERT INTO journal_transactions (journal_id, kind, business_date, operator, posted_at) VALUES (-1, 'hold', current_date, 'bob', now())";
    await expect(bySql(unknown, post)).rejects.toMatchObject({
      code: "ACC02",
      message: expect.stringContaining("login_unknown") as string,
    });
  });

  test("nor does an admin give a role alone, or the login role of one, that another admin could approve", async () => {
    const by = nameOf("admin");
    await bySql(
      onDatabase(server.url, "platform"),
      `SET session_replication_role = replica;
       INSERT INTO operators VALUES ('vera', 'vera', 'admin', 'login_vera', 'active', 'tester', now())`,
    );
    for (const statement of [
      `INSERT INTO operators VALUES ('zoe', 'zoe', 'approver', NULL, 'active', '${by}', now())`,
      `UPDATE operators SET role = 'finance', changed_by = '${by}' WHERE name = '${nameOf("clerk")}'`,
      `UPDATE operators SET login_role = NULL, changed_by = '${by}' WHERE name = '${nameOf("finance")}'`,
    ])
      await expect(
        bySql(there.urlOf("admin"), `BEGIN; SET LOCAL default_transaction_read_only = off; ${statement}; COMMIT`),
        statement,
      ).rejects.toMatchObject({ code: "ACC02", message: expect.stringContaining("takes another admin") as string });
  });

  test("nor does finance set a policy past a proposal", async () => {
    const policy = `INSERT INTO policies SELECT (jsonb_populate_record(p,
      '{"effective_from": "2030-01-01", "set_by": "${nameOf("finance")}"}')).* FROM policies p LIMIT 1`;
    await expect(
      bySql(there.urlOf("finance"), `BEGIN; SET LOCAL default_transaction_read_only = off; ${policy}; COMMIT`),
    ).rejects.toMatchObject({ message: expect.stringContaining("nobody proposed and approved") as string });
  });

  test("nor does an auditor read what is private", async () => {
    for (const columns of [
      "password_hash FROM members",
      "name FROM members",
      "email FROM members",
      "phone FROM members",
      "value FROM member_contacts",
      "document FROM proposals",
      "basis FROM proposals",
      "number_sealed FROM payout_accounts",
      "cells FROM import_rejects",
    ])
      await expect(bySql(there.urlOf("auditor"), `SELECT ${columns}`), columns).rejects.toMatchObject({
        code: "42501",
      });
    const auditor = plainClient(there.urlOf("auditor"));
    expect([...(await auditor.unsafe("SELECT name, phone FROM masked_members WHERE member_no = 'M1001'"))]).toEqual([
      { name: "王*", phone: "138****0000" },
    ]);
    await expect(auditor.unsafe("SELECT document FROM masked_proposals")).resolves.not.toHaveLength(0);
    await auditor.end();
  });
});

test("what is to be thought of a role", () => {
  const facts = { role: "li", isSuperuser: false, isOwner: false, owner: "accrue", operatorRole: null, missing: [] };
  expect(judgeRole(facts)).toMatchObject({
    status: "ok",
    found: "li, by grants: may do everything but migrate, which is for accrue",
  });
  expect(judgeRole({ ...facts, operatorRole: "clerk" })).toMatchObject({
    status: "ok",
    found: "li, by grants: may do what the role clerk takes",
  });
  expect(judgeRole({ ...facts, missing: [{ privilege: "UPDATE", objects: ["orders", "members"] }] })).toMatchObject({
    status: "wrong",
    found: "li has no UPDATE on orders, members",
    hint: expect.stringContaining("connect as accrue, the owner") as string,
  });
  expect(readFileSync("src/cli/help/server.md", "utf8")).toContain("GRANT accrue_admin TO");
});
