import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toAccrueError } from "../../../src/db/errors.ts";
import { nearestName } from "../../../src/domain/operators/model.ts";
import { skeletonOf } from "../../../src/shared/text.ts";
import { createRole, dropRole, onDatabase, plainClient } from "../../support/admin.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, emptyDatabaseUrl, testDatabase } from "../../support/database.ts";
import { transcript } from "../../support/transcript.ts";

const database = await testDatabase();

const run = async (line: string, env: Record<string, string> = {}, on: { readonly url: string } = database) => {
  const { exitCode, stderr, stdout } = await accrueInProcess([...line.split(" "), "--json"], { database: on, env });
  const { error } = stderr === "" ? {} : (JSON.parse(stderr) as { error?: Record<string, unknown> });
  return { exitCode, code: error?.["code"], hint: error?.["hint"], details: error?.["details"], stdout };
};

describe("an operator", () => {
  test("is registered, shown, given another role, suspended and let work again", async () => {
    expect(
      await transcript(
        [
          "accrue operator add zhang.min --role clerk --dry-run",
          "accrue operator add zhang.min --role clerk",
          "accrue operator add zhang.min --role clerk",
          "accrue operator set zhang.min --role batch",
          "accrue operator suspend zhang.min",
          "accrue member list --operator zhang.min",
          "accrue operator resume zhang.min",
          "accrue operator resume zhang.min",
          "accrue operator show zhang.min",
        ],
        { database },
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue operator add zhang.min --role clerk --dry-run
      dry run: operator zhang.min is registered as clerk

      $ accrue operator add zhang.min --role clerk
      operator zhang.min is registered as clerk

      $ accrue operator add zhang.min --role clerk
      operator zhang.min is registered as clerk already; nothing to do

      $ accrue operator set zhang.min --role batch
      operator zhang.min is batch

      $ accrue operator suspend zhang.min
      operator zhang.min is suspended

      $ accrue member list --operator zhang.min
      ! error: operator zhang.min is suspended
      ! hint: an admin lets them work again by \`accrue operator resume\`; \`accrue operator show\` says who suspended them when
      [exit 4]

      $ accrue operator resume zhang.min
      operator zhang.min is active

      $ accrue operator resume zhang.min
      operator zhang.min is active already; nothing to do

      $ accrue operator show zhang.min
      Operator zhang.min
        role        batch
        identity    asserted
        status      active
        added by    tester, <time>
        changed by  tester, <time>

      Who did what when
      time                 operator  identity  host    action            details
      <time>  tester    asserted  desk-1  operator.add      role=clerk state=active
      <time>  tester    asserted  desk-1  operator.set      role=batch state=active
      <time>  tester    asserted  desk-1  operator.suspend  role=batch state=suspended
      <time>  tester    asserted  desk-1  operator.resume   role=batch state=active
      "
    `);
    expect(JSON.parse((await run("operator show zhang.min")).stdout)).toMatchObject({
      operator: "zhang.min",
      role: "batch",
      login_role: null,
      identity: "asserted",
      status: "active",
      actions: [{ action: "operator.add", operator: "tester", identity: "asserted" }, {}, {}, {}],
    });
  });

  test.each([
    ["operator add alice --role clerk", 4, "operator_exists"],
    ["operator add Alice --role clerk", 4, "operator_look_alike"],
    ["operator add al1ce --role clerk", 4, "operator_look_alike"],
    ["operator add ａｌｉｃｅ --role clerk", 2, "invalid_operator"],
    ["operator add wu.hao --role boss", 2, "invalid_choice"],
    ["operator add wu.hao --role clerk --login nobody_here", 4, "login_role_unfit"],
    ["operator set alice", 2, "nothing_to_set"],
    ["operator set nobody --role clerk", 4, "operator_unknown"],
    ["operator show nobody", 4, "operator_unknown"],
    ["operator suspend tester", 4, "operator_is_self"],
  ])("%s: exit %i, %s", async (line, exitCode, code) => {
    expect(await run(line)).toMatchObject({ exitCode, code });
  });

  test("who leaves no admin behind is refused, and two admins cannot end each other", async () => {
    const clone = await cloneOf();
    const others = await clone.db.sql<{ name: string }[]>`SELECT name FROM operators WHERE name <> 'tester'`;
    for (const { name } of others.slice(1)) await run(`operator suspend ${name}`, {}, clone);
    const last = others[0]!.name;
    const ended = await Promise.all([
      run(`operator suspend ${last}`, {}, clone),
      run("operator suspend tester", { ACCRUE_OPERATOR: last }, clone),
    ]);
    expect(ended.map(({ exitCode }) => exitCode).toSorted()).toEqual([0, 4]);
    const [left] = await clone.db.sql<{ name: string }[]>`SELECT name FROM operators WHERE state = 'active'`;
    expect(await run(`operator set ${left!.name} --role clerk`, { ACCRUE_OPERATOR: left!.name }, clone)).toMatchObject({
      code: "last_admin",
    });
    await clone.drop();
  });
});

describe("a role that approves or moves money", () => {
  test("takes another admin where there is one: it is proposed, and approved by neither its maker nor whoever gets it", async () => {
    const asked = "--role finance --reason joined";
    expect(await run("operator add fen.li --role finance")).toMatchObject({ exitCode: 4, code: "role_needs_approval" });
    expect(await run(`operator add fen.li ${asked} --dry-run`)).toMatchObject({ exitCode: 0 });
    expect(
      await transcript(
        [
          `accrue operator add fen.li ${asked}`,
          "accrue approval approve A00000001 --yes",
          "accrue approval approve A00000001 --yes --operator amy",
          "accrue operator show fen.li --fields operator,role,added_by",
          "accrue operator set fen.li --role approver --reason 'wants to'",
          "accrue operator set fen.li --role clerk",
          "accrue approval approve A00000002 --yes --operator amy",
        ],
        { database },
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue operator add fen.li --role finance --reason joined
      A00000001 proposed: operator fen.li is finance
        role  not registered → finance
      it waits until <time> for another operator: accrue approval approve A00000001

      $ accrue approval approve A00000001 --yes
      ! error: proposal A00000001 is tester's own, who cannot decide about it too
      ! hint: another operator has to decide (--operator says who is at work); \`accrue approval withdraw\` takes your own back
      [exit 4]

      $ accrue approval approve A00000001 --yes --operator amy
      A00000001 approved: operator fen.li is finance
        operator  fen.li

      $ accrue operator show fen.li --fields operator,role,added_by
        operator  fen.li
        role      finance
        added by  amy, <time>

      $ accrue operator set fen.li --role approver --reason 'wants to'
      A00000002 proposed: operator fen.li is approver
        role  finance → approver
      it waits until <time> for another operator: accrue approval approve A00000002

      $ accrue operator set fen.li --role clerk
      operator fen.li is clerk

      $ accrue approval approve A00000002 --yes --operator amy
      ! error: what proposal A00000002 rests on has changed since it was made: role
      ! hint: nothing was changed; reject it, and have what is still wanted proposed anew
      [exit 4]
      "
    `);
  });

  test("is given at once by the only admin; and nobody approves their own", async () => {
    const clone = await cloneOf();
    const others = await clone.db.sql<{ name: string }[]>`SELECT name FROM operators WHERE name <> 'tester'`;
    await clone.superuser.sql.begin("read write", async (tx) => {
      await tx`SET LOCAL session_replication_role = replica`;
      await tx`UPDATE operators SET role = 'clerk' WHERE name <> 'tester'`;
    });
    const [first, second] = others.map(({ name }) => name);
    const ends = async (line: string, by = "tester") => {
      const { exitCode, code } = await run(line, { ACCRUE_OPERATOR: by }, clone);
      return code ?? exitCode;
    };
    expect(await ends(`operator set ${first} --role admin --reason first`)).toBe(0);
    expect(await ends(`operator set ${second} --role admin`)).toBe("role_needs_approval");
    expect(await ends(`operator set ${second} --role admin --reason second`)).toBe(0);
    expect(await ends("approval approve A00000001 --yes", first)).toBe(0);
    expect(await ends(`operator set ${second} --role finance --reason x`)).toBe(0);
    expect(await ends("approval approve A00000002 --yes", second)).toBe("operator_is_self");
    expect(await ends("approval approve A00000002 --yes", first)).toBe(0);
    await clone.drop();
  });
});

describe("whoever is not registered", () => {
  test.each([
    ["alicia", "alice"],
    ["Bob", "bob"],
    ["carl", "carol"],
    ["1i.wei", "li.wei"],
    ["nobody.near", undefined],
  ])("%s is refused, to read or to write (meant: %s)", async (name, meant) => {
    for (const line of ["member list", "member register --name 王 --member-no X1 --yes", "verify"]) {
      expect(await run(line, { ACCRUE_OPERATOR: name })).toMatchObject({
        exitCode: 4,
        code: "operator_unknown",
        hint: expect.stringContaining(meant === undefined ? "give --operator" : `did you mean ${meant}? `) as string,
      });
    }
    expect(await database.db.sql`SELECT FROM members WHERE member_no = 'X1'`).toHaveLength(0);
  });

  test("may still look after the machine: doctor, db, config, version", async () => {
    for (const line of ["doctor", "db status", "config show", "version", "init"])
      expect((await run(line, { ACCRUE_OPERATOR: "nobody.here" })).code, line).toBeUndefined();
  });
});

describe("a login role of one's own", () => {
  test("says who is at work, whatever else is said; and nobody else works in that name", async () => {
    const role = `${new URL(database.url).pathname.slice(1)}_wu`;
    const own = {
      url: onDatabase(await createRole(database.superuserUrl, role), new URL(database.url).pathname.slice(1)),
    };
    const admin = plainClient(database.superuserUrl);
    await admin.unsafe(`GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO ${role};
      GRANT UPDATE ON number_counters TO ${role}; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${role}`);
    expect((await run(`operator add wu.hao --role clerk --login ${role}`)).exitCode).toBe(0);
    const register = "member register --name 王 --yes --member-no";
    expect(await run(`${register} L1`, { ACCRUE_OPERATOR: "" }, own)).toMatchObject({ exitCode: 0 });
    expect(
      await database.db.sql`SELECT operator, login_role, identity FROM operator_actions WHERE subject = 'L1'`,
    ).toEqual([{ operator: "wu.hao", loginRole: role, identity: "proven" }]);
    const refused = { exitCode: 4, code: "operator_not_this_login" };
    expect(await run(`${register} L2`, { ACCRUE_OPERATOR: "alice" }, own)).toMatchObject(refused);
    expect(await run(`${register} L2`, { ACCRUE_OPERATOR: "wu.hao" })).toMatchObject(refused);
    const psql = plainClient(own.url);
    await expect(
      psql`INSERT INTO operator_actions (action_id, operator, host, action, subject_kind, subject) VALUES (-1, 'alice', 'h', 'x', 'member', 'M')`,
    ).rejects.toMatchObject({ code: "ACC02" });
    await psql.end();
    expect((await run("operator suspend wu.hao")).exitCode).toBe(0);
    expect(await run("member list", { ACCRUE_OPERATOR: "" }, own)).toMatchObject({ code: "operator_suspended" });
    await admin.unsafe(`DROP OWNED BY ${role}`);
    await admin.end();
    await dropRole(database.superuserUrl, role);
  });
});

describe("the first one", () => {
  test("is who runs init; a database from before there were operators has none until then", async () => {
    const fresh = { url: await emptyDatabaseUrl() };
    expect(JSON.parse((await run("init", { ACCRUE_OPERATOR: "amy" }, fresh)).stdout)).toMatchObject({
      first_operator: "amy",
    });
    expect(JSON.parse((await run("init", { ACCRUE_OPERATOR: "bob" }, fresh)).stdout)).toMatchObject({
      first_operator: null,
    });
    expect(await run("member list", { ACCRUE_OPERATOR: "bob" }, fresh)).toMatchObject({ code: "operator_unknown" });
    const empty = await cloneOf();
    await empty.superuser.sql.begin("read write", (tx) =>
      tx.unsafe("SET session_replication_role = replica; DELETE FROM operators"),
    );
    expect(await run("member list", {}, empty)).toMatchObject({ exitCode: 4, code: "operators_absent" });
    expect(JSON.parse((await run("init", {}, empty)).stdout)).toMatchObject({ first_operator: "tester" });
    expect((await run("verify", {}, empty)).exitCode).toBe(0);
    await empty.drop();
  });
});

describe("the database itself", () => {
  const owner = plainClient(database.url);

  test.each([
    [
      "a record of somebody unknown",
      `INSERT INTO operator_actions (action_id, operator, host, action, subject_kind, subject) VALUES (-1, 'zoe', 'h', 'x', 'member', 'M')`,
      "zoe is no registered operator",
    ],
    [
      "an identity that the session does not have",
      `INSERT INTO operator_actions (action_id, operator, host, action, subject_kind, subject, identity) VALUES (-1, 'bob', 'h', 'x', 'member', 'M', 'proven')`,
      "the identity of bob is recorded by the database itself",
    ],
    [
      "another login role than the session's",
      `INSERT INTO operator_actions (action_id, operator, host, action, subject_kind, subject, login_role) VALUES (-1, 'bob', 'h', 'x', 'member', 'M', 'bob')`,
      "the identity of bob is recorded by the database itself",
    ],
    [
      "an operator added by one who is none",
      "INSERT INTO operators VALUES ('zoe', 'zoe', 'admin', NULL, 'active', 'zoe', now())",
      "zoe is no registered operator",
    ],
    [
      "another name for an operator",
      "UPDATE operators SET name = 'zoe', changed_by = 'bob', changed_at = now() WHERE name = 'alice'",
      "stays whose it is",
    ],
    [
      "an operator changed by nobody",
      "UPDATE operators SET role = 'clerk' WHERE name = 'alice'",
      "nobody is no registered operator",
    ],
    ["an operator who goes", "DELETE FROM operators WHERE name = 'alice'", "never deleted"],
    [
      "all admins gone",
      "UPDATE operators SET role = 'clerk', changed_by = 'tester', changed_at = now() WHERE name <> 'tester'; UPDATE operators SET role = 'clerk', changed_by = 'tester', changed_at = now() WHERE name = 'tester'",
      "the last admin stays one",
    ],
  ])("refuses %s", async (_what, statement, message) => {
    await expect(owner.unsafe(statement)).rejects.toMatchObject({
      message: expect.stringContaining(message) as string,
    });
  });

  test("and a command that comes upon that says so: operator_refused", () => {
    expect(toAccrueError(Object.assign(new Error("bob is suspended"), { code: "ACC02" }))).toMatchObject({
      kind: "refused",
      code: "operator_refused",
      message: "the database refuses the operator: bob is suspended",
    });
  });

  test("refuses whoever was suspended while at work: nothing of the step is kept", async () => {
    const clone = await cloneOf();
    const sql = plainClient(clone.url);
    await sql`UPDATE operators SET state = 'suspended', changed_by = 'bob', changed_at = now() WHERE name = 'amy'`;
    await expect(
      sql`INSERT INTO operator_actions (action_id, operator, host, action, subject_kind, subject) VALUES (-1, 'amy', 'h', 'x', 'member', 'M')`,
    ).rejects.toMatchObject({ code: "ACC02", message: "operator amy is suspended" });
    await sql.end();
    await clone.drop();
  });
});

describe("the skeleton of a name", () => {
  test("does not tell apart what eyes do not", () => {
    for (const [one, other] of [
      ["li.wei", "L1-WEl"],
      ["bob", "B0B"],
      ["morn", "mom"],
      ["zhang min", "Zhang_Min"],
      ["rené", "Rene"],
      ["ｌｉ", "li"],
    ] as const)
      expect(skeletonOf(one), other).toBe(skeletonOf(other));
    expect(new Set(["li.wei", "li.wen", "王伟", "王芳", "wang"].map((name) => skeletonOf(name))).size).toBe(5);
  });

  test("is its own, and does not change with case, form or blanks", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), (name) => {
        const skeleton = skeletonOf(name);
        expect(skeletonOf(skeleton)).toBe(skeleton);
        expect(skeletonOf(` ${name.normalize("NFD")}. `)).toBe(skeleton);
      }),
    );
  });

  test("a slip of one letter leads to who was meant", () => {
    const names = ["alice", "bob", "zhang.min", "王小芳"];
    fc.assert(
      fc.property(
        fc.constantFrom("alice", "zhang.min"),
        fc.nat(8),
        fc.constantFrom("", "x", "é"),
        (name, at, letter) => {
          const typed = name.slice(0, at % name.length) + letter + name.slice((at % name.length) + 1);
          expect(nearestName(typed, names)).toBe(name);
        },
      ),
    );
    expect(nearestName("xyz", names)).toBeUndefined();
  });
});
