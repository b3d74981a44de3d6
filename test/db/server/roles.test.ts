import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { commandLine, story } from "../../../src/demo/story.ts";
import { judgeRole } from "../../../src/doctor/privileges.ts";
import { secretKey } from "../payouts/scene.ts";
import { createRole, dropRole, onDatabase, plainClient } from "../../support/admin.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, testDatabase } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";

const database = await testDatabase();
const name = new URL(database.url).pathname.slice(1);
const role = `${name}_operator`;
const serverUrl = inject("testServer").url;
const operator = { url: onDatabase(await createRole(serverUrl, role), name) };
const admin = plainClient(database.superuserUrl);

/** The statements that the help topic has for a role that may work and not migrate. */
const grants = /```sql\n(GRANT [^`]*)```/
  .exec(readFileSync("src/cli/help/server.md", "utf8"))![1]!
  .replaceAll("accrue_operator", role)
  .replace("DATABASE accrue ", `DATABASE ${name} `);

afterAll(async () => {
  await admin.unsafe(`DROP OWNED BY ${role}`);
  await admin.end();
  await database.drop();
  await dropRole(serverUrl, role);
});

/** What the doctor says of what a role may do. */
async function privileges(url: string) {
  const { stdout } = await accrueInProcess(["doctor", "--json"], { database: { url } });
  return (
    JSON.parse(stdout) as { checks: { name: string; status: string; found: string; hint: string | null }[] }
  ).checks.find((check) => check.name === "privileges")!;
}

describe("the tests' own role", () => {
  test("is the owner, and no superuser: what any test does with the program, an ordinary owner can do", async () => {
    expect([
      ...(await database.db.sql`SELECT rolsuper AS is_superuser FROM pg_roles WHERE rolname = current_user`),
    ]).toEqual([{ isSuperuser: false }]);
    expect(await privileges(database.url)).toMatchObject({
      status: "ok",
      found: expect.stringMatching(/_owner, the owner: may do everything$/) as string,
    });
    expect(await privileges(database.superuserUrl)).toMatchObject({
      status: "ok",
      found: expect.stringContaining("a superuser: may do everything") as string,
    });
  });

  test("the doctor notices an owner who lost what foreign keys are checked with", async () => {
    const copy = await cloneOf(database);
    await copy.superuser.sql.begin("read write", (tx) =>
      tx.unsafe(`REVOKE UPDATE (journal_id) ON journal_transactions FROM ${new URL(copy.url).username}`),
    );
    expect(await privileges(copy.url)).toMatchObject({
      status: "wrong",
      found: expect.stringContaining("journal_transactions may not check foreign keys") as string,
    });
    await copy.drop();
  });
});

describe("a role with grants alone", () => {
  const cwd = scratchDirectory();
  cpSync("fixtures", join(cwd, "fixtures"), { recursive: true, filter: (file) => !file.endsWith(".rejects.csv") });
  const env = { ACCRUE_SECRET_KEY: secretKey.toString("hex"), ACCRUE_OPERATOR: "li.wei" };
  const run = (words: readonly string[], stdin = "") =>
    accrueInProcess(words, { database: operator, cwd, env, stdin, now: new Date("2026-01-04T02:00:00Z") });

  test("that has only some is told what it lacks, and the command that needs it where to look", async () => {
    await admin.unsafe(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}`);
    const { status, found, hint } = await privileges(operator.url);
    expect({ status, hint }).toEqual({
      status: "wrong",
      hint: expect.stringContaining("accrue help server") as string,
    });
    expect(found).toContain(
      `${role} has no DELETE on expected_payouts, member_aliases, member_contacts, merchant_aliases, open_lines, order_changes, uncollected_orders, unevidenced_orders; EXECUTE on make_partitions(), summarize_dates(); INSERT on account_closings, `,
    );
    expect(found).toContain("UPDATE on balances, business_dates, ");
    const refused = await run(["member", "register", "--name", "张三", "--yes", "--json"]);
    expect(refused.exitCode).toBe(4);
    expect(JSON.parse(refused.stderr)).toMatchObject({
      error: { code: "database_forbidden", hint: expect.stringContaining("accrue doctor") as string },
    });
  });

  test("that the help topic gives does the main job from the files to the payout, and can switch no guard off", async () => {
    await admin.unsafe(grants);
    expect(await privileges(operator.url)).toMatchObject({
      status: "ok",
      found: expect.stringMatching(
        /_operator, by grants: may do everything but migrate, which is for \w+_owner$/,
      ) as string,
    });
    for (const { words, exitCode = 0 } of story.flatMap(({ steps }) => steps)) {
      const { exitCode: ended, stderr } = await run(words);
      expect({ ended, stderr: ended === exitCode ? "" : stderr }, commandLine(words)).toEqual({
        ended: exitCode,
        stderr: "",
      });
    }
    writeFileSync(
      join(cwd, "more.csv"),
      "order_no,member_no,merchant_code,amount,paid_at\nN1,M1004,S001,1000.00,2026-01-03 09:00:00\n",
    );
    for (const line of [
      "order import more.csv",
      "merchant set-rate S001 25% --yes",
      "merchant alias S001 八号店 --source jd",
      "merchant unalias 八号店 --source jd",
      "member alias M1004 小刘 --source jd",
      "member unalias 小刘 --source jd",
      "policy set --fee 4% --effective-from 2026-02-01 --reason spring --yes",
      "approval approve A00000002 --yes --operator wang.fang",
      "settle --until 2026-01-02",
      "settle status",
      "money-account add icbc-8812 --channel bank",
      "merchant bill --period 2026-01-01..2026-01-01",
      "collection record S001 10 --received-on 2026-01-03 --reference T1 --proof slip",
      "collection confirm C00000001 --operator wang.fang",
      "account add M1004 --channel alipay --holder 刘洋 --account-file - --yes",
      "withdrawal request --member M1004 --points 20",
      "withdrawal approve W00000003 --yes --operator zhang.min",
      "payout export --channel alipay",
      "settle reopen 2026-01-02 --reason late --operator zhang.min --yes",
      "settle --until 2026-01-02",
      "verify --full",
      "report fund",
    ]) {
      const { exitCode, stderr } = await run(line.split(" "), "wang@example.com\n");
      expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }, line).toEqual({ exitCode: 0, stderr: "" });
    }
    const own = plainClient(operator.url);
    for (const statement of [
      "UPDATE points_entries SET kind = kind",
      "DELETE FROM journal_lines",
      "ALTER TABLE imports DISABLE TRIGGER ALL",
      "INSERT INTO schema_migrations VALUES (99, 'x', 'x', now())",
    ]) {
      await expect(own.unsafe(statement), statement).rejects.toMatchObject({ code: "42501" });
    }
    await own.end();
  });
});

test("what is to be thought of a role", () => {
  const facts = { role: "li", isSuperuser: false, isOwner: false, owner: "accrue", missing: [] };
  expect(judgeRole(facts)).toMatchObject({
    status: "ok",
    found: "li, by grants: may do everything but migrate, which is for accrue",
  });
  expect(judgeRole({ ...facts, missing: [{ privilege: "UPDATE", objects: ["orders", "members"] }] })).toMatchObject({
    status: "wrong",
    found: "li has no UPDATE on orders, members",
    hint: expect.stringContaining("connect as accrue, the owner") as string,
  });
});
