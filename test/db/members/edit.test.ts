import { expect, test } from "vitest";
import { contextFor, testDatabase } from "../../support/database.ts";
import { registered } from "../../support/operators.ts";
import { transcript } from "../../support/transcript.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { verify } from "../../../src/verification/verify.ts";

const here = await testDatabase();
await registered(here.db, ["cora"], "clerk");
await registered(here.db, ["ada"], "approver");
const run = (line: string, operator = "cora") =>
  accrueInProcess(line.split(" "), { database: here, env: { ACCRUE_OPERATOR: operator } });
const codeOf = async (line: string, operator?: string) => {
  const { exitCode, stderr } = await run(`${line} --json`, operator);
  return exitCode === 0 ? "done" : (JSON.parse(stderr) as { error: { code: string } }).error.code;
};
for (const [no, phone] of [
  ["M1", "13800138000"],
  ["M2", "13800138002"],
])
  await run(`member register --member-no ${no} --name 张三 --phone ${phone} --email ${no}@b.cn --yes`);

test("contacts are changed at once, by one who says why; a name waits for another operator", async () => {
  expect(
    await transcript(
      [
        "accrue member edit M1 --phone 138-0013-8001 --email none --reason 'new phone'",
        "accrue member edit M1 --phone 13800138001 --reason 'new phone'",
        "accrue member verify-identity M1",
        "accrue member edit M1 --name 张珊 --reason 'married, saw the passport'",
        "accrue approval approve A00000001 --yes",
        "accrue approval show A00000001 --operator ada --fields title,document,basis",
        "accrue approval show A00000001 --operator ada --reveal --json --fields document,basis",
        "accrue audit list --reveals --operator ada --json --fields operator,action,subject",
        "accrue approval approve A00000001 --yes --operator ada",
        "accrue member show M1 --reveal --operator ada --fields name,phone,email,identity_verified",
        "accrue member unverify M1 --reason 'another person on the photo'",
        "accrue member unverify M1 --reason 'another person on the photo'",
      ],
      { database: here, env: { ACCRUE_OPERATOR: "cora" } },
    ),
  ).toMatchInlineSnapshot(`
    "
    $ accrue member edit M1 --phone 138-0013-8001 --email none --reason 'new phone'
    member M1 has these contacts
      phone  138****8001
      email  none

    $ accrue member edit M1 --phone 13800138001 --reason 'new phone'
    member M1 has these contacts already; nothing to do
      phone  138****8001
      email  none

    $ accrue member verify-identity M1
    the identity of member M1 is verified

    $ accrue member edit M1 --name 张珊 --reason 'married, saw the passport'
    A00000001 proposed: member M1 is called 张*
      name      张* → 张*
      identity  verified
    it waits until <time> for another operator: accrue approval approve A00000001

    $ accrue approval approve A00000001 --yes
    ! error: \`accrue approval approve\` takes the role approver, finance or admin, and cora is clerk
    ! hint: nothing was changed; ask an operator of such a role (\`accrue operator list\`), see \`accrue operator roles\`
    [exit 4]

    $ accrue approval show A00000001 --operator ada --fields title,document,basis
      title     member M1 is called 张*
      document  {"name":"张*","member_no":"M1"}
      basis     {"was":"张*","identity_verified":true}

    $ accrue approval show A00000001 --operator ada --reveal --json --fields document,basis
    {"document":{"name":"张珊","member_no":"M1"},"basis":{"was":"张三","identity_verified":true}}

    $ accrue audit list --reveals --operator ada --json --fields operator,action,subject
    {"operator":"ada","action":"approval.reveal","subject":"A00000001"}

    $ accrue approval approve A00000001 --yes --operator ada
    A00000001 approved: member M1 is called 张*
      member no  M1

    $ accrue member show M1 --reveal --operator ada --fields name,phone,email,identity_verified
      name               张珊
      phone              13800138001
      email              none
      identity verified  yes

    $ accrue member unverify M1 --reason 'another person on the photo'
    the identity of member M1 is not verified

    $ accrue member unverify M1 --reason 'another person on the photo'
    the identity of member M1 is not verified already; nothing to do
    "
  `);
  const actions = await here.db.sql`SELECT action, details FROM operator_actions
    WHERE subject_kind = 'member' AND subject = 'M1' AND action LIKE 'member.%' ORDER BY action_id`;
  expect(actions.map(({ action, details }) => [action, details])).toEqual([
    ["member.register", { has_password: false }],
    ["member.edit", { changed: "phone email", reason: "new phone" }],
    ["member.verify-identity", {}],
    ["member.rename", { proposal_no: "A00000001" }],
    ["member.reveal", {}],
    ["member.unverify", { reason: "another person on the photo" }],
  ]);
});

test("contacts stay unique, one's own in other letters are one's own; closed members stay as they are", async () => {
  expect(await codeOf("member edit M1 --phone 13800138002 --reason x")).toBe("phone_taken");
  expect(await codeOf("member edit M1 --email m2@B.cn --reason x")).toBe("email_taken");
  expect(await codeOf("member edit M2 --email M2@B.CN --reason x")).toBe("done");
  expect(await codeOf("member edit M1 --phone 13800138000 --reason back")).toBe("done");
  expect(await codeOf("member edit M2 --phone 13800138001 --reason x")).toBe("done");
  expect(await codeOf("member edit M2 --phone 1 --reason x")).toBe("invalid_phone");
  expect(await codeOf("member edit M2 --email x --reason x")).toBe("invalid_email");
  expect(await codeOf("member edit M2 --reason x")).toBe("nothing_to_edit");
  expect(await codeOf("member edit M2 --name 王 --phone none --reason x")).toBe("conflicting_options");
  expect(await codeOf(`member edit M2 --name ${"王".repeat(101)} --reason x`)).toBe("invalid_name");
  expect(await codeOf("member edit M7 --phone none --reason x")).toBe("member_unknown");
  expect(await codeOf("member edit M7 --name 王 --reason x")).toBe("member_unknown");
  expect(await codeOf("member unverify M7 --reason x")).toBe("member_unknown");
  await run("member close M2 --confirm M2");
  for (const words of ["edit M2 --phone none", "edit M2 --name 王", "unverify M2"])
    expect(await codeOf(`member ${words} --reason x`), words).toBe("member_closed");
});

test("a name that was proposed for another one, or before the identity was verified, is stale", async () => {
  await run("member register --member-no M3 --name 王 --yes");
  for (const name of ["李", "赵"]) await run(`member edit M3 --name ${name} --reason x`);
  const numbers = [...(await here.db.sql`SELECT proposal_no FROM proposals WHERE state = 'proposed' ORDER BY 1`)].map(
    (row) => row["proposalNo"] as string,
  );
  expect(await codeOf(`approval approve ${numbers[0]} --yes`, "ada")).toBe("done");
  expect(await codeOf(`approval approve ${numbers[1]} --yes`, "ada")).toBe("proposal_stale");
  await run("member edit M3 --name 孙 --reason x");
  await run("member verify-identity M3");
  expect(await codeOf("approval approve A00000004 --yes", "ada")).toBe("proposal_stale");
  expect((await verify(contextFor(here.db))).checks.filter(({ ok }) => !ok)).toEqual([]);
});

test("an identity that was taken back and is verified by nobody's record is found", async () => {
  await here.superuser.sql.begin(
    "read write",
    (tx) => tx`UPDATE members SET identity_verified_at = now() WHERE member_no = 'M1'`,
  );
  const { checks } = await verify(contextFor(here.db));
  expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(["standings_recorded"]);
});
