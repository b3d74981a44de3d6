import { describe, expect, test } from "vitest";
import { namedCommands } from "../../src/cli/command-roles.ts";
import { manifest } from "../../src/cli/manifest.ts";
import { operatorRoles, type OperatorRole } from "../../src/shared/operator-roles.ts";
import { accrueInProcess } from "../support/cli.ts";
import { cloneOf, testDatabase } from "../support/database.ts";
import { registered } from "../support/operators.ts";
import { transcript } from "../support/transcript.ts";

const database = await testDatabase();
const keys = { ACCRUE_SECRET_KEY: "11".repeat(32), ACCRUE_SECRET_KEY_OLD: "22".repeat(32) };
const nameOf = (role: OperatorRole) => `${role}.one`;
for (const role of operatorRoles) await registered(database.db, [nameOf(role)], role);

const run = async (line: string, role: OperatorRole, on: { readonly url: string } = database) => {
  const env = { ACCRUE_OPERATOR: nameOf(role), ...keys };
  const { exitCode, stderr } = await accrueInProcess([...line.split(" "), "--json"], { database: on, env });
  return { exitCode, error: exitCode === 0 ? undefined : (JSON.parse(stderr) as { error: { code: string } }).error };
};

describe("every command has its roles", () => {
  test("the table names each command once, and no other", () => {
    expect(namedCommands().toSorted()).toEqual(manifest.map(({ path }) => path.join(" ")).toSorted());
    expect(new Set(namedCommands()).size).toBe(namedCommands().length);
    for (const { roles } of manifest) expect(roles).toContain("admin");
  });

  test("its help says which", async () => {
    const { stdout } = await accrueInProcess(["withdrawal", "approve", "--help"]);
    expect(stdout).toContain("\nMay be run by: approver, admin\n");
    expect((await accrueInProcess(["member", "list", "--help"])).stdout).toContain("\nMay be run by: every role\n");
  });
});

describe("whoever's role is another one", () => {
  test("is refused with what they asked for, who they are, and who may; the others are let through", async () => {
    expect(
      await transcript(
        [
          "accrue member register --member-no R1 --name 王 --yes --operator auditor.one",
          "accrue member register --member-no R1 --name 王 --yes --operator clerk.one",
          "accrue operator suspend alice --operator finance.one",
          "accrue member show R1 --reveal --operator auditor.one --fields member_no,name",
          "accrue member show R1 --operator auditor.one --fields member_no,name",
          "accrue member show R1 --reveal --operator approver.one --fields member_no,name",
        ],
        { database },
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue member register --member-no R1 --name 王 --yes --operator auditor.one
      ! error: \`accrue member register\` takes the role clerk or admin, and auditor.one is auditor
      ! hint: nothing was changed; ask an operator of such a role (\`accrue operator list\`), see \`accrue operator roles\`
      [exit 4]

      $ accrue member register --member-no R1 --name 王 --yes --operator clerk.one
      registered member R1
        name      王
        password  none

      $ accrue operator suspend alice --operator finance.one
      ! error: \`accrue operator suspend\` takes the role admin, and finance.one is finance
      ! hint: nothing was changed; ask an operator of such a role (\`accrue operator list\`), see \`accrue operator roles\`
      [exit 4]

      $ accrue member show R1 --reveal --operator auditor.one --fields member_no,name
      ! error: \`accrue member show --reveal\` takes the role clerk, approver, finance or admin, and auditor.one is auditor
      ! hint: nothing was changed; ask an operator of such a role (\`accrue operator list\`), see \`accrue operator roles\`
      [exit 4]

      $ accrue member show R1 --operator auditor.one --fields member_no,name
        member no  R1
        name       王*

      $ accrue member show R1 --reveal --operator approver.one --fields member_no,name
        member no  R1
        name       王
      "
    `);
  });

  test.each([
    ["settle", ["admin", "batch"]],
    ["merchant set-rate S1 20% --reason costs --yes", ["clerk", "finance", "admin"]],
    ["withdrawal approve W00000001 --yes", ["approver", "admin"]],
    ["payout export --channel alipay", ["finance", "admin"]],
    ["operator set alice --role clerk", ["admin"]],
    ["policy set --fee 4% --reason costs --yes", ["finance", "admin"]],
    ["db rotate-key", ["admin"]],
    ["approval approve A00000001 --yes", ["approver", "finance", "admin"]],
    ["order list", [...operatorRoles]],
  ] as const)("%s: is for %j", async (line, roles) => {
    for (const role of operatorRoles) {
      const { error } = await run(`${line} --dry-run`.replace("list --dry-run", "list"), role);
      const isRefused = error?.code === "role_not_allowed";
      expect([role, isRefused]).toEqual([role, !(roles as readonly string[]).includes(role)]);
      if (isRefused) expect(error).toMatchObject({ details: { operator: nameOf(role), role, allowed: roles } });
    }
  });

  test("does not migrate either, whose schema is older", async () => {
    const older = await cloneOf(database);
    await older.superuser.sql.begin("read write", (tx) =>
      tx.unsafe("DELETE FROM schema_migrations WHERE no = (SELECT max(no) FROM schema_migrations)"),
    );
    expect(await run("init", "clerk", older)).toMatchObject({ exitCode: 4, error: { code: "role_not_allowed" } });
    await older.drop();
  });
});
