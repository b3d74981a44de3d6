import { scryptSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inTransaction } from "../../../src/db/database.ts";
import { readAccountNumber } from "../../../src/domain/accounts/account-number.ts";
import { listMembers } from "../../../src/domain/members/list.ts";
import { registerMember } from "../../../src/domain/members/register.ts";
import { memberStatement } from "../../../src/domain/members/statement.ts";
import { verifyIdentity } from "../../../src/domain/members/verify-identity.ts";
import { changeMemberStatus, type StatusChange } from "../../../src/domain/members/status.ts";
import { decideWithdrawals } from "../../../src/domain/withdrawals/decide.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { adjustPoints } from "../../support/approved.ts";
import { addMember, earn } from "../../support/money/people.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { testDatabase, testNow } from "../../support/database.ts";
import { transcript } from "../../support/transcript.ts";

const database = await testDatabase();
const said = (commandLines: readonly string[], stdin?: string) =>
  transcript(commandLines, { database, now: testNow, ...(stdin === undefined ? {} : { stdin }) });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code ?? String(error),
  );

describe("registering, off a terminal", () => {
  test("takes flags, gives the next number, and never waits", async () => {
    expect(
      await said([
        "accrue member register --name 张三 --phone '138-0013 8000' --email Zhang@Example.com",
        "accrue member register --name 李四 --member-no VIP-1 --json",
        "accrue member register --name 王五 --dry-run",
        "accrue member register",
        "accrue member register --json",
      ]),
    ).toMatchInlineSnapshot(`
      "
      $ accrue member register --name 张三 --phone '138-0013 8000' --email Zhang@Example.com
      registered member M00000001
        name      张三
        phone     13800138000
        email     Zhang@Example.com
        password  none

      $ accrue member register --name 李四 --member-no VIP-1 --json
      {"member_no":"VIP-1","name":"李四","phone":null,"email":null,"status":"active","identity_verified":false,"available":0,"held":0,"has_password":false,"dry_run":false}

      $ accrue member register --name 王五 --dry-run
      dry run: would register member M00000002
        name      王五
        password  none

      $ accrue member register
      ! error: Name: not given, and there is no terminal to ask on
      ! hint: give --name
      [exit 2]

      $ accrue member register --json
      ! {"error":{"code":"missing_answer","message":"Name: not given, and there is no terminal to ask on","hint":"give --name","details":{}}}
      [exit 2]
      "
    `);
  });

  test("takes a password from standard input, never from the command line", async () => {
    expect(
      await said(["accrue member register --name 密 --member-no PW-1 --password-stdin"], "correct horse\n"),
    ).toContain("password  set");
    expect(await said(["accrue member register --name 密 --password-stdin"], "short\n")).toMatchInlineSnapshot(`
      "
      $ accrue member register --name 密 --password-stdin
      ! error: --password-stdin: a password has at least 8 characters
      ! hint: correct --password-stdin and run the command again
      [exit 2]
      "
    `);
    const [row] = await database.db.sql<
      { passwordHash: string }[]
    >`SELECT password_hash FROM members WHERE member_no = 'PW-1'`;
    expect(row!.passwordHash).toMatch(/^\$scrypt\$ln=17,r=8,p=1\$/);
    expect(row!.passwordHash).not.toContain("horse");
  });

  test("refuses what another member has, and what breaks a rule", async () => {
    await registerMember(database.context(), {
      name: "先来",
      memberNo: "TAKEN",
      phone: "13900000001",
      email: "First@x.cn",
    });
    expect(
      await said([
        "accrue member register --name 后 --member-no TAKEN",
        "accrue member register --name 后 --phone 139-0000-0001",
        "accrue member register --name 后 --email FIRST@x.cn --json",
        "accrue member register --name 后 --member-no 'A B'",
        "accrue member register --name ' '",
        "accrue member register --name 后 --phone 12",
        "accrue member register --name 后 --email nobody",
      ]),
    ).toMatchInlineSnapshot(`
      "
      $ accrue member register --name 后 --member-no TAKEN
      ! error: member number TAKEN is taken
      ! hint: \`accrue member show TAKEN\` says by whom; leave --member-no out to get the next free number
      [exit 4]

      $ accrue member register --name 后 --phone 139-0000-0001
      ! error: another member has the phone number 13900000001
      ! hint: \`accrue member list --phone 13900000001\` shows which
      [exit 4]

      $ accrue member register --name 后 --email FIRST@x.cn --json
      ! {"error":{"code":"email_taken","message":"another member has the e-mail address FIRST@x.cn","hint":"\`accrue member list --email FIRST@x.cn\` shows which","details":{"email":"FIRST@x.cn"}}}
      [exit 4]

      $ accrue member register --name 后 --member-no 'A B'
      ! error: --member-no: a member number takes no spaces and no commas
      ! hint: correct --member-no and run the command again
      [exit 2]

      $ accrue member register --name ' '
      ! error: --name: a name cannot be empty
      ! hint: correct --name and run the command again
      [exit 2]

      $ accrue member register --name 后 --phone 12
      ! error: --phone: a phone number has 5 to 20 digits, with or without a + in front
      ! hint: correct --phone and run the command again
      [exit 2]

      $ accrue member register --name 后 --email nobody
      ! error: --email: an e-mail address looks like name@example.com
      ! hint: correct --email and run the command again
      [exit 2]
      "
    `);
  });

  test("of twenty at once with the same phone one gets it; without a number each gets its own", async () => {
    const same = await Promise.all(
      Array.from({ length: 20 }, () =>
        codeOf(registerMember(database.context(), { name: "抢", phone: "13700000001" })),
      ),
    );
    expect(same.filter((code) => code === "done")).toHaveLength(1);
    expect(same.filter((code) => code === "phone_taken")).toHaveLength(19);
    const many = await Promise.all(
      Array.from({ length: 20 }, () => registerMember(database.context(), { name: "众" })),
    );
    expect(new Set(many.map(({ memberNo }) => memberNo)).size).toBe(20);
  });

  test("steps over numbers of its own shape that are taken already, one or many", async () => {
    const [row] = await database.db.sql<{ last: bigint }[]>`SELECT last FROM number_counters WHERE kind = 'member'`;
    const no = (at: bigint) => `M${at.toString().padStart(8, "0")}`;
    for (let ahead = 1n; ahead <= 12n; ahead += 1n) await addMember(database.db, no(row!.last + ahead));
    const { memberNo } = await registerMember(database.context(), { name: "新" });
    expect(memberNo).toBe(no(row!.last + 13n));
  });
});

describe("freezing, unfreezing and closing", () => {
  test("what is said, done again refused, and closed is final", async () => {
    await addMember(database.db, "F1", { isVerified: false });
    expect(
      await said([
        "accrue member freeze F1 --reason 电话被盗 --dry-run",
        "accrue member freeze F1 --reason 电话被盗",
        "accrue member freeze F1",
        "accrue member unfreeze F1 --json",
        "accrue member unfreeze F1",
        "accrue member verify-identity F1 --dry-run",
        "accrue member verify-identity F1 --json",
        "accrue member verify-identity F1",
        "accrue member close F1",
        "accrue member close F1 --dry-run",
        "accrue member close F1 --confirm F2",
        "accrue member close F1 --confirm F1 --reason 本人要求",
        "accrue member close F1",
        "accrue member close F1 --json",
        "accrue member freeze F1",
        "accrue member unfreeze F1 --json",
        "accrue member verify-identity F1",
        "accrue member freeze NOBODY",
        "accrue member verify-identity NOBODY",
        "accrue member freeze F1 --reason ' '",
      ]),
    ).toMatchInlineSnapshot(`
      "
      $ accrue member freeze F1 --reason 电话被盗 --dry-run
      dry run: member F1 is frozen (was active)

      $ accrue member freeze F1 --reason 电话被盗
      member F1 is frozen (was active)

      $ accrue member freeze F1
      member F1 is frozen already; nothing to do

      $ accrue member unfreeze F1 --json
      {"member_no":"F1","status":"active","was":"frozen","identity_verified":false,"available":0,"held":0,"changed":true,"dry_run":false}

      $ accrue member unfreeze F1
      member F1 is active already; nothing to do

      $ accrue member verify-identity F1 --dry-run
      dry run: the identity of member F1 is verified

      $ accrue member verify-identity F1 --json
      {"member_no":"F1","status":"active","identity_verified":true,"changed":true,"dry_run":false}

      $ accrue member verify-identity F1
      the identity of member F1 is verified already; nothing to do

      $ accrue member close F1
      ! error: Close member F1 for good? It takes the member's number to be typed, and there is no terminal to ask on
      ! hint: give --confirm F1
      [exit 2]

      $ accrue member close F1 --dry-run
      dry run: member F1 is closed (was active)

      $ accrue member close F1 --confirm F2
      ! error: Close member F1 for good? --confirm F2 is not the member's number
      ! hint: give --confirm F1
      [exit 2]

      $ accrue member close F1 --confirm F1 --reason 本人要求
      member F1 is closed (was active)

      $ accrue member close F1
      member F1 is closed already; nothing to do

      $ accrue member close F1 --json
      {"member_no":"F1","status":"closed","was":"closed","identity_verified":true,"available":0,"held":0,"changed":false,"dry_run":false}

      $ accrue member freeze F1
      ! error: member F1 is closed, and closed is final
      ! hint: \`accrue member show F1\` says who closed it and when
      [exit 4]

      $ accrue member unfreeze F1 --json
      ! {"error":{"code":"member_closed","message":"member F1 is closed, and closed is final","hint":"\`accrue member show F1\` says who closed it and when","details":{"member_no":"F1"}}}
      [exit 4]

      $ accrue member verify-identity F1
      ! error: member F1 is closed, and closed is final
      ! hint: \`accrue member show F1\` says who closed it and when
      [exit 4]

      $ accrue member freeze NOBODY
      ! error: there is no member NOBODY
      ! hint: \`accrue member list\` shows member numbers
      [exit 4]

      $ accrue member verify-identity NOBODY
      ! error: there is no member NOBODY
      ! hint: \`accrue member list\` shows member numbers
      [exit 4]

      $ accrue member freeze F1 --reason ' '
      ! error: --reason: a reason cannot be empty
      ! hint: correct --reason and run the command again
      [exit 2]
      "
    `);
    const actions = await database.db
      .sql`SELECT action, details FROM operator_actions WHERE subject = 'F1' ORDER BY action_id`;
    expect(actions.map(({ action, details }) => `${action} ${JSON.stringify(details)}`)).toEqual([
      'member.freeze {"was":"active","reason":"电话被盗"}',
      'member.unfreeze {"was":"frozen"}',
      "member.verify-identity {}",
      'member.close {"was":"active","reason":"本人要求"}',
    ]);
  });

  test("closing is refused while withdrawals are open, and while points are left that nobody forfeited", async () => {
    await addMember(database.db, "F2");
    await earn(database.db, "F2", 100_000n);
    const { withdrawalNo } = await requestWithdrawal(database.context(), { memberNo: "F2", points: 150n });
    expect(await said(["accrue member close F2 --confirm F2"])).toBe(
      `\n$ accrue member close F2 --confirm F2\n! error: member F2 has open withdrawals: ${withdrawalNo}\n! hint: finish, reject or cancel them first\n[exit 4]\n`,
    );
    await decideWithdrawals(database.context(), { name: "cancel", withdrawalNos: [withdrawalNo] });
    expect(await said(["accrue member close F2 --confirm F2"])).toBe(
      "\n$ accrue member close F2 --confirm F2\n! error: member F2 has 210 points, which nobody could pay out any more\n" +
        "! hint: have them withdrawn first, or forfeited: `accrue points adjust F2 -210 --reason-class forfeit …`, which another operator approves\n[exit 4]\n",
    );
    await adjustPoints(database.context(), {
      memberNo: "F2",
      points: -210n,
      reasonClass: "forfeit",
      reference: "F2 left",
    });
    expect(await said(["accrue member close F2 --confirm F2"])).toMatchInlineSnapshot(`
      "
      $ accrue member close F2 --confirm F2
      member F2 is closed (was active)
      "
    `);
  });

  test("ten operators do the same at once: one does it, and for nine it is so already", async () => {
    for (const [at, change] of (["freeze", "unfreeze", "close"] as const satisfies readonly StatusChange[]).entries()) {
      await addMember(database.db, `F3${at}`, { status: change === "unfreeze" ? "frozen" : "active" });
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () => changeMemberStatus(database.context(), `F3${at}`, change, undefined)),
      );
      expect(outcomes.filter(({ isChanged }) => isChanged)).toHaveLength(1);
      expect(new Set(outcomes.map(({ member }) => member.status))).toEqual(
        new Set([{ freeze: "frozen", unfreeze: "active", close: "closed" }[change]]),
      );
      const actions = await database.db
        .sql`SELECT FROM operator_actions WHERE subject = ${`F3${at}`} AND action = ${`member.${change}`}`;
      expect(actions).toHaveLength(1);
    }
  });

  test("closing meets a withdrawal request: never both", async () => {
    for (let round = 1; round <= 5; round += 1) {
      const memberNo = `F4${round}`;
      await addMember(database.db, memberNo);
      await earn(database.db, memberNo, 100_000n);
      const outcomes = await Promise.all([
        codeOf(changeMemberStatus(database.context(), memberNo, "close", undefined)),
        codeOf(requestWithdrawal(database.context(), { memberNo, points: 100n })),
      ]);
      expect([
        ["member_has_points", "done"],
        ["member_has_open_withdrawals", "done"],
      ]).toContainEqual(outcomes);
    }
  });
});

describe("passwords", () => {
  test("set from standard input, checked for a front end; a wrong one, an unknown member and none set look the same", async () => {
    await addMember(database.db, "P1");
    await addMember(database.db, "P2");
    expect(
      await said(
        [
          "accrue member set-password P1 --password-stdin --dry-run",
          "accrue member verify-password P1 --password-stdin",
        ],
        "correct horse",
      ),
    ).toContain("[exit 4]");
    expect(
      await said(
        [
          "accrue member set-password P1 --password-stdin",
          "accrue member verify-password P1 --password-stdin",
          "accrue member verify-password P1 --password-stdin --json",
          "accrue member set-password NOBODY --password-stdin",
          "accrue member verify-password P2 --password-stdin",
          "accrue member verify-password NOBODY --password-stdin --json",
          "accrue member set-password P1",
          "accrue member verify-password P1",
        ],
        "correct horse\r\n",
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue member set-password P1 --password-stdin
      member P1 has a new password

      $ accrue member verify-password P1 --password-stdin
      the password matches

      $ accrue member verify-password P1 --password-stdin --json
      {"member_no":"P1","match":true}

      $ accrue member set-password NOBODY --password-stdin
      ! error: there is no member NOBODY
      ! hint: \`accrue member list\` shows member numbers
      [exit 4]

      $ accrue member verify-password P2 --password-stdin
      ! error: member number and password do not match
      ! hint: check both and try again
      [exit 4]

      $ accrue member verify-password NOBODY --password-stdin --json
      ! {"error":{"code":"password_mismatch","message":"member number and password do not match","hint":"check both and try again","details":{}}}
      [exit 4]

      $ accrue member set-password P1
      ! error: New password: not given, and there is no terminal to ask on
      ! hint: give --password-stdin
      [exit 2]

      $ accrue member verify-password P1
      ! error: Password: not given, and there is no terminal to ask on
      ! hint: give --password-stdin
      [exit 2]
      "
    `);
    expect(await said(["accrue member verify-password P1 --password-stdin"], "incorrect")).toContain(
      "error: member number and password do not match",
    );
    expect(await said(["accrue member set-password P1 --password-stdin"], "1234567")).toContain(
      "error: --password-stdin: a password has at least 8 characters",
    );
    const actions = await database.db
      .sql`SELECT action, details FROM operator_actions WHERE subject = 'P1' AND action <> 'member.verify-identity'`;
    expect([...actions]).toEqual([{ action: "member.set-password", details: {} }]);
  });

  test("hashed with older parameters is hashed anew when the right one comes, once, and by no wrong one", async () => {
    await addMember(database.db, "P4");
    const stored = async () =>
      (await database.db.sql<{ passwordHash: string }[]>`SELECT password_hash FROM members WHERE member_no = 'P4'`)[0]!
        .passwordHash;
    const verify = (password: string) => said(["accrue member verify-password P4 --password-stdin"], password);
    const [salt, hash] = [
      Buffer.alloc(16, 7),
      scryptSync("correct horse", Buffer.alloc(16, 7), 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 }),
    ].map((bytes) => bytes.toString("base64").replaceAll("=", ""));
    const old = `$scrypt$ln=15,r=8,p=1$${salt}$${hash}`;
    await inTransaction(database.db, (tx) => tx`UPDATE members SET password_hash = ${old} WHERE member_no = 'P4'`);
    expect(await verify("incorrect")).toContain("[exit 4]");
    expect(await stored()).toBe(old);
    expect(await verify("correct horse")).toContain("the password matches");
    const renewed = await stored();
    expect(renewed).toMatch(/^\$scrypt\$ln=17,r=8,p=1\$/u);
    expect(await verify("correct horse")).toContain("the password matches");
    expect(await stored()).toBe(renewed);
  });

  test("a frozen member's is checked as any, a closed one's is refused and cannot be set", async () => {
    await addMember(database.db, "P3");
    await said(["accrue member set-password P3 --password-stdin"], "correct horse");
    await changeMemberStatus(database.context(), "P3", "freeze", undefined);
    expect(await said(["accrue member verify-password P3 --password-stdin"], "correct horse")).toContain(
      "the password matches",
    );
    await changeMemberStatus(database.context(), "P3", "close", undefined);
    expect(
      await said(
        ["accrue member verify-password P3 --password-stdin", "accrue member set-password P3 --password-stdin"],
        "correct horse",
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue member verify-password P3 --password-stdin
      ! error: member P3 is closed, and closed is final
      ! hint: \`accrue member show P3\` says who closed it and when
      [exit 4]

      $ accrue member set-password P3 --password-stdin
      ! error: member P3 is closed, and closed is final
      ! hint: \`accrue member show P3\` says who closed it and when
      [exit 4]
      "
    `);
    expect(await said(["accrue member verify-password P3 --password-stdin"], "incorrect")).toContain("do not match");
  });
});

describe("the story of a member", () => {
  test("facts, balance, orders, open withdrawals, entries, who did what; masked unless revealed, and revealing is recorded", async () => {
    await registerMember(database.context(), {
      name: "故事",
      memberNo: "T1",
      phone: "13812345678",
      email: "story@x.cn",
    });
    await verifyIdentity(database.context(), "T1");
    await earn(database.db, "T1", 100_000n);
    await requestWithdrawal(database.context(), { memberNo: "T1", points: 100n });
    const shown = await said([
      "accrue member show T1",
      "accrue member show T1 --json",
      "accrue member show NOBODY",
      "accrue member show NOBODY --reveal",
    ]);
    expect(shown.replaceAll(/\bO\d+/g, "<order>").replaceAll(/\bW\d{8}/g, "<withdrawal>")).toMatchInlineSnapshot(`
      "
      $ accrue member show T1
      Member T1
        name               故*
        phone              138****5678
        email              s***@x.cn
        status             active
        identity verified  yes, <time>
        password set       no
        registered         <time> by tester
        available          110 points
        held               100 points
        orders             1 paid (1000.00 yuan net)
        open withdrawals   <withdrawal> (100 points)

      Latest points entries
      date        kind   explained by  available  held  available after  held after
      2026-03-01  grant  <order>              +210     0              210           0
      2026-03-02  hold   <withdrawal>          -100  +100              110         100
      all of them: accrue member statement T1

      Who did what when
      time                 operator  identity  host       action                  details
      <time>  tester    asserted  test-host  member.register         has_password=false
      <time>  tester    asserted  test-host  member.verify-identity

      $ accrue member show T1 --json
      {"member_no":"T1","name":"故*","phone":"138****5678","email":"s***@x.cn","status":"active","identity_verified":true,"available":110,"held":100,"identity_verified_at":"<time>","has_password":false,"registered_by":"tester","registered_at":"<time>","import_id":null,"orders":{"pending":0,"paid":1,"closed":0},"open_withdrawals":[{"withdrawal_no":"<withdrawal>","points":100}],"entries":[{"at":"<time>","business_date":"2026-03-01","kind":"grant","source":"default","order_no":"<order>","withdrawal_no":null,"proposal_no":null,"reason_class":null,"reference":null,"available":210,"held":0,"available_after":210,"held_after":0},{"at":"<time>","business_date":"2026-03-02","kind":"hold","source":null,"order_no":null,"withdrawal_no":"<withdrawal>","proposal_no":null,"reason_class":null,"reference":null,"available":-100,"held":100,"available_after":110,"held_after":100}],"actions":[{"at":"<time>","operator":"tester","identity":"asserted","host":"test-host","action":"member.register","details":{"has_password":false}},{"at":"<time>","operator":"tester","identity":"asserted","host":"test-host","action":"member.verify-identity","details":{}}]}

      $ accrue member show NOBODY
      ! error: there is no member NOBODY
      ! hint: \`accrue member list\` shows member numbers
      [exit 4]

      $ accrue member show NOBODY --reveal
      ! error: there is no member NOBODY
      ! hint: \`accrue member list\` shows member numbers
      [exit 4]
      "
    `);
    const revealed = await said(["accrue member show T1 --reveal"]);
    for (const text of [
      "name               故事",
      "phone              13812345678",
      "email              story@x.cn",
      "member.reveal",
    ])
      expect(revealed).toContain(text);
  });

  test("the statement: every move of points with what was there after it, by business date, in any range", async () => {
    const memberId = await addMember(database.db, "T2");
    await earn(database.db, "T2", 100_000n);
    await earn(database.db, "T2", 100_000n); // at the same instant: which of the two comes first does not show
    const { withdrawalNo } = await requestWithdrawal(database.context(), { memberNo: "T2", points: 100n });
    await decideWithdrawals(database.context(), { name: "reject", withdrawalNos: [withdrawalNo], reason: "证件不符" });
    // Too small to move a point: it counts for the platform, and is no business of the member's.
    await inTransaction(
      database.db,
      (tx) => tx`
      INSERT INTO points_entries (member_id, ref_id, entry_no, kind, available_points, held_points, run_id, net_fen, contribution_fen, created_at, contribution_bps, points_bps, business_date)
      VALUES (${memberId}, nextval('id_seq'), 1, 'contribution', 0, 0, 1, 100, 30, ${testNow}, 3000, 7000, '2026-03-01')`,
    );
    const shown = await said([
      "accrue member statement T2",
      "accrue member statement T2 --from 2026-03-02 --json",
      "accrue member statement T2 --to 2026-03-01 --limit 1",
      "accrue member statement T2 --to 2026-02-01",
      "accrue member statement T2 --from yesterday",
      "accrue member statement NOBODY",
    ]);
    expect(shown.replaceAll(/\bO\d+/g, "<order>").replaceAll(/\bW\d{8}/g, "<withdrawal>")).toMatchInlineSnapshot(`
      "
      $ accrue member statement T2
      Statement of member T2
      date        kind     explained by  available  held  available after  held after
      2026-03-01  grant    <order>              +210     0              210           0
      2026-03-01  grant    <order>              +210     0              420           0
      2026-03-02  hold     <withdrawal>          -100  +100              320         100
      2026-03-02  release  <withdrawal>          +100  -100              420           0

      now: 420 points available, 0 held

      $ accrue member statement T2 --from 2026-03-02 --json
      {"member_no":"T2","available":420,"held":0,"cut":false,"entries":[{"at":"<time>","business_date":"2026-03-02","kind":"hold","source":null,"order_no":null,"withdrawal_no":"<withdrawal>","proposal_no":null,"reason_class":null,"reference":null,"available":-100,"held":100,"available_after":320,"held_after":100},{"at":"<time>","business_date":"2026-03-02","kind":"release","source":null,"order_no":null,"withdrawal_no":"<withdrawal>","proposal_no":null,"reason_class":null,"reference":null,"available":100,"held":-100,"available_after":420,"held_after":0}]}

      $ accrue member statement T2 --to 2026-03-01 --limit 1
      Statement of member T2
      date        kind   explained by  available  held  available after  held after
      2026-03-01  grant  <order>              +210     0              420           0
      older entries are left out: take more with --limit, or earlier ones with --to

      now: 420 points available, 0 held

      $ accrue member statement T2 --to 2026-02-01
      Statement of member T2
      no entries

      now: 420 points available, 0 held

      $ accrue member statement T2 --from yesterday
      ! error: --from yesterday: no business date
      ! hint: write it like 2026-01-31
      [exit 2]

      $ accrue member statement NOBODY
      ! error: there is no member NOBODY
      ! hint: \`accrue member list\` shows member numbers
      [exit 4]
      "
    `);
    const { entries, balance } = await memberStatement(database.context(), "T2", { limit: 100 });
    expect(entries.at(-1)).toMatchObject({ availableAfter: balance.availablePoints, heldAfter: balance.heldPoints });
    for (const [at, entry] of entries.entries()) {
      expect(entry.availableAfter).toBe((entries[at - 1]?.availableAfter ?? 0n) + entry.availablePoints);
      expect(entry.heldAfter).toBe((entries[at - 1]?.heldAfter ?? 0n) + entry.heldPoints);
    }
  });
});

describe("masks", () => {
  const masked = async (texts: readonly string[]) => [
    ...(await database.db.sql<{ name: string; phone: string; email: string }[]>`
      SELECT mask_name(t) AS name, mask_phone(t) AS phone, mask_email(t) AS email
      FROM unnest(${[...texts]}::text[]) WITH ORDINALITY AS x (t, n) ORDER BY n`),
  ];

  test("show what helps to recognise a member and no more, nor how long it is", async () => {
    const names = await masked(["张三丰", "𠮷野", "Anna", "王"]);
    expect(names.map(({ name }) => name)).toEqual(["张*", "𠮷*", "A*", "王*"]);
    const phones = await masked(["13812345678", "+8613812345678", "12345"]);
    expect(phones.map(({ phone }) => phone)).toEqual(["138****5678", "+86****5678", "****45"]);
    const addresses = await masked(["a.b@example.com", "张三@例子.中国"]);
    expect(addresses.map(({ email }) => email)).toEqual(["a***@example.com", "张***@例子.中国"]);
  });

  test("are those of payout accounts whose number is a phone or an address", async () => {
    const numbers = fc.sample(
      fc.stringMatching(/^(?:[1-9]\d{4,11}|[a-z]{1,9}(?:\.[a-z]{2,9})?@[a-z]{2,9}\.cn)$/u),
      200,
    );
    const shown = await masked(numbers);
    for (const [at, number] of numbers.entries())
      expect(readAccountNumber("alipay", number)).toEqual({
        number,
        masked: number.includes("@") ? shown[at]!.email : shown[at]!.phone,
      });
  });
});

describe("lists", () => {
  test("filters, pages and masks; revealing is recorded before anybody sees", async () => {
    await registerMember(database.context(), { name: "列一", memberNo: "L1", phone: "13512345671", email: "One@x.cn" });
    await registerMember(database.context({ clock: () => new Date("2026-01-31T16:00:00Z") }), {
      name: "列二",
      memberNo: "L2",
    });
    await registerMember(database.context({ clock: () => new Date("2026-01-31T15:59:59Z") }), {
      name: "列三",
      memberNo: "L3",
    });
    await said(["accrue member verify-identity L2", "accrue member freeze L3"]);
    expect(
      await said([
        "accrue member list --name 列",
        "accrue member list --name 列 --limit 2 --json",
        "accrue member list --name 列 --after L2",
        "accrue member list --name 列 --verified --json",
        "accrue member list --name 列 --unverified --status active",
        "accrue member list --name 列 --registered-from 2026-02-01 --registered-to 2026-02-01",
        "accrue member list --name 列 --registered-to 2026-01-31",
        "accrue member list --phone '135 1234 5671' --reveal",
        "accrue member list --email ONE@X.CN --json",
        "accrue member list --name 没有",
        "accrue member list --status gone",
        "accrue member list --verified --unverified",
        "accrue member list --registered-from 2026-02-30",
        "accrue member list --limit 10001",
      ]),
    ).toMatchInlineSnapshot(`
      "
      $ accrue member list --name 列
      member no  name  phone        email      status  verified  available  held
      L1         列*   135****5671  O***@x.cn  active  no                0     0
      L2         列*                           active  yes               0     0
      L3         列*                           frozen  no                0     0

      $ accrue member list --name 列 --limit 2 --json
      {"member_no":"L1","name":"列*","phone":"135****5671","email":"O***@x.cn","status":"active","identity_verified":false,"available":0,"held":0,"registered_at":"<time>"}
      {"member_no":"L2","name":"列*","phone":null,"email":null,"status":"active","identity_verified":true,"available":0,"held":0,"registered_at":"<time>"}
      ! {"note":"more: --after L2"}

      $ accrue member list --name 列 --after L2
      member no  name  phone  email  status  verified  available  held
      L3         列*                 frozen  no                0     0

      $ accrue member list --name 列 --verified --json
      {"member_no":"L2","name":"列*","phone":null,"email":null,"status":"active","identity_verified":true,"available":0,"held":0,"registered_at":"<time>"}

      $ accrue member list --name 列 --unverified --status active
      member no  name  phone        email      status  verified  available  held
      L1         列*   135****5671  O***@x.cn  active  no                0     0

      $ accrue member list --name 列 --registered-from 2026-02-01 --registered-to 2026-02-01
      member no  name  phone  email  status  verified  available  held
      L2         列*                 active  yes               0     0

      $ accrue member list --name 列 --registered-to 2026-01-31
      member no  name  phone  email  status  verified  available  held
      L3         列*                 frozen  no                0     0

      $ accrue member list --phone '135 1234 5671' --reveal
      member no  name  phone        email     status  verified  available  held
      L1         列一  13512345671  One@x.cn  active  no                0     0

      $ accrue member list --email ONE@X.CN --json
      {"member_no":"L1","name":"列*","phone":"135****5671","email":"O***@x.cn","status":"active","identity_verified":false,"available":0,"held":0,"registered_at":"<time>"}

      $ accrue member list --name 没有
      no members

      $ accrue member list --status gone
      ! error: --status gone: not one of active, frozen, closed
      [exit 2]

      $ accrue member list --verified --unverified
      ! error: --verified and --unverified exclude each other
      ! hint: leave both out to see all
      [exit 2]

      $ accrue member list --registered-from 2026-02-30
      ! error: --registered-from 2026-02-30: no business date
      ! hint: write it like 2026-01-31
      [exit 2]

      $ accrue member list --limit 10001
      ! error: --limit 10001: give a number from 1 to 10000
      [exit 2]
      "
    `);
    const actions = await database.db.sql`SELECT details FROM operator_actions WHERE action = 'member.list.reveal'`;
    expect([...actions]).toEqual([{ details: { members: 1, first: "L1", last: "L1", filter: "phone" } }]);
  });

  test("pages of any size, put together, are the whole list", async () => {
    const all = (await listMembers(database.context(), {}, false, { limit: 10_000 })).rows;
    expect(all.length).toBeGreaterThan(20);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async (limit) => {
        const pages = [];
        let after: string | undefined;
        do {
          const { rows, next } = await listMembers(database.context(), {}, false, { limit, after });
          pages.push(...rows);
          after = next;
        } while (after !== undefined);
        expect(pages).toEqual(all);
      }),
      { numRuns: 8 },
    );
  });

  test("on a terminal of 80 columns a row stays one line, with Chinese names", async () => {
    const { stdout } = await accrueInProcess(["member", "list", "--name", "列"], {
      database,
      terminal: { columns: 80 },
      env: { NO_COLOR: "1" },
    });
    expect(stdout.trimEnd().split("\n")).toHaveLength(4);
  });
});
