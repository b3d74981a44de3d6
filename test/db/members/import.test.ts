import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { changeMemberStatus } from "../../../src/domain/members/status.ts";
import { connect, inTransaction, type Transaction } from "../../../src/db/database.ts";
import { targetFromUrl } from "../../../src/db/url.ts";
import { tamper } from "../../support/money/people.ts";
import { registerMember } from "../../../src/domain/members/register.ts";
import { verifyIdentity } from "../../../src/domain/members/verify-identity.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { importMembers } from "../../support/imports.ts";

const database = await testDatabase();
const directory = scratchDirectory();
let files = 0;

const header = "member_no,name,email,phone,identity_verified";

function fileOf(rows: readonly string[], head = header): string {
  files += 1;
  const path = join(directory, `members-${files}.csv`);
  writeFileSync(path, `${[head, ...rows].join("\n")}\n`);
  return path;
}

const rejectsOf = (path: string) => path.replace(/\.csv$/, ".rejects.csv");

async function take(on: TestDatabase, rows: readonly string[], head = header) {
  const path = fileOf(rows, head);
  const report = await importMembers(on.context(), { input: { path }, force: true });
  const { read, inserted, updated, duplicate, rejected } = report;
  return {
    read,
    inserted,
    updated,
    duplicate,
    rejected,
    reasons: Object.fromEntries(report.reasons),
    messages: report.examples.map(({ message }) => message),
  };
}

const membersOf = (on: TestDatabase) => dumpDatabase(on.db, ["members", "member_contacts", "balances"]);

const phonesOf = async (prefix: string) => [
  ...(await database.db.sql`
    SELECT m.member_no, m.phone, (SELECT string_agg(c.value, ' ') FROM member_contacts c WHERE c.member_id = m.member_id) AS key
    FROM members m WHERE m.member_no LIKE ${`${prefix}%`} ORDER BY m.member_no`),
];

/** All that is stored of the members whose numbers begin so, without what differs between two imports. */
const storyOf = async (prefix: string): Promise<string> =>
  JSON.stringify(
    await database.db.sql`
      SELECT m.member_no, m.name, m.email, m.phone, m.status, m.identity_verified_at IS NOT NULL AS is_verified, b.available_points::text,
             (SELECT string_agg(c.kind || c.value, ' ' ORDER BY c.kind) FROM member_contacts c WHERE c.member_id = m.member_id) AS contacts
      FROM members m JOIN member_numbers n ON n.member_no = m.member_no AND n.member_id = m.member_id JOIN balances b ON b.member_id = m.member_id
      WHERE m.member_no LIKE ${`${prefix}%`} ORDER BY m.member_no`,
  );

/** A fresh database with some members, dropped at the end. */
async function onClone<T>(rows: readonly string[], work: (on: TestDatabase) => Promise<T>): Promise<T> {
  const clone = await cloneOf(database);
  try {
    if (rows.length > 0) expect(await take(clone, rows)).toMatchObject({ inserted: rows.length });
    return await work(clone);
  } finally {
    await clone.drop();
  }
}

describe("what becomes of a row", () => {
  test("a new member goes in with number, contacts and a balance; the same row again is a duplicate", async () => {
    await onClone([], async (on) => {
      const row = "A1,张三,Zhang@Example.com,138 0013-8000,是";
      expect(await take(on, [row])).toMatchObject({ read: 1, inserted: 1, rejected: 0 });
      expect(await membersOf(on)).toContain('"name": "张三", "email": "Zhang@Example.com", "phone": "13800138000"');
      expect(await take(on, [row])).toMatchObject({ inserted: 0, duplicate: 1 });
      expect(await take(on, ["A1,张三,,,"])).toMatchObject({ duplicate: 1 });
    });
  });

  test("what is filled in or changed is updated, and blank cells never erase", async () => {
    await onClone(["A1,张三,,,", "A2,李四,li@x.cn,13900000000,"], async (on) => {
      expect(await take(on, ["A1,张三丰,z@x.cn,,", "A2,,LI@x.cn,13911111111,yes"])).toMatchObject({
        updated: 2,
        rejected: 0,
      });
      expect(await take(on, ["A1,,,,", "A2,,,,"])).toMatchObject({ duplicate: 2 });
      const dump = await membersOf(on);
      expect(dump).toContain('"name": "张三丰", "email": "z@x.cn", "phone": null');
      expect(dump).toContain('"value": "13911111111"');
      expect(dump).not.toContain("13900000000");
      const actions = await on.db
        .sql`SELECT subject, details->>'changed' AS changed FROM operator_actions WHERE action = 'member.update' ORDER BY 1`;
      expect([...actions]).toEqual([
        { subject: "A1", changed: "name email" },
        { subject: "A2", changed: "email phone identity_verified" },
      ]);
    });
  });

  test("a verified identity keeps its name and cannot be taken back; a closed member changes no more", async () => {
    await onClone(["A1,张三,,,yes", "A2,李四,,,", "A3,王五,,,"], async (on) => {
      await verifyIdentity(on.context(), "A2");
      await changeMemberStatus(on.context(), "A3", "close", undefined);
      const before = await membersOf(on);
      expect(await take(on, ["A1,张叁,,,", "A2,李四,,,no", "A3,王伍,,,", "A3,王五,,,", "A9,,,,"])).toMatchObject({
        duplicate: 1,
        rejected: 4,
        messages: [
          "the identity is verified under another name",
          "the identity is verified already, and cannot become unverified",
          "the member is closed, and closed is final",
          "a new member needs a name",
        ],
        reasons: { conflict_name: 1, conflict_identity: 1, member_closed: 1, name_missing: 1 },
      });
      expect(await membersOf(on)).toBe(before);
    });
  });

  test.each([
    ["A 1,张三,,,", "not_a_member_no", 'member_no: "A 1": a member number takes no spaces and no commas'],
    [",张三,,,", "member_no_empty", "member_no: the cell is empty"],
    ["1.23E+17,张三,,,", "member_no_scientific_notation", "is a number in scientific notation"],
    [`A1,${"张".repeat(101)},,,`, "not_a_name", "a name has at most 100 characters"],
    ["A1,张三,nobody,,", "not_an_email", '"nobody": an e-mail address looks like name@example.com'],
    ["A1,张三,,1234,", "not_a_phone", '"1234": a phone number has 5 to 20 digits'],
    ["A1,张三,,,maybe", "identity_verified_not_a_boolean", 'identity_verified: "maybe" is not yes or no'],
  ])("%s is rejected as %s", async (row, code, message) => {
    const path = fileOf([row]);
    const report = await importMembers(database.context(), { input: { path } });
    expect(report.reasons).toEqual([[code, 1]]);
    const { column, message: said } = report.examples[0]!;
    expect(`${column}: ${said}`).toContain(message);
  });
});

describe("phones and addresses belong to one member", () => {
  test("one that another member has is rejected, in the database and in the same file, whatever the case", async () => {
    await onClone(["A1,张三,a@x.cn,13800000001,"], async (on) => {
      expect(
        await take(on, ["B1,李四,,13800000001,", "B2,王五,A@X.cn,,", "B3,赵六,b@x.cn,,", "B4,孙七,B@x.cn,,"]),
      ).toMatchObject({
        inserted: 1,
        rejected: 3,
        messages: [
          "member A1 has this phone number",
          "member A1 has this e-mail address",
          "member B3 has this e-mail address",
        ],
      });
      expect(await membersOf(on)).not.toContain("孙七");
    });
  });

  test("a row that is rejected takes nothing: what it wanted goes to the next", async () => {
    await onClone(["A1,张三,a@x.cn,,"], async (on) => {
      expect(await take(on, ["B1,李四,a@x.cn,13800000002,", "B2,王五,,13800000002,"])).toMatchObject({
        inserted: 1,
        rejected: 1,
      });
      expect(await membersOf(on)).toContain("王五");
    });
  });

  test("a chain of moves arrives in any order of its rows", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), async (order) => {
        run += 1;
        const [no, phone] = [
          (at: number) => `K${run}-${at}`,
          (at: number) => `1350${String(run).padStart(3, "0")}${1000 + at}`,
        ];
        await take(
          database,
          [0, 1, 2, 3].map((at) => `${no(at)},名,,${phone(at + 1)},`),
        );
        // Each moves to the phone of the one before; a newcomer takes the last.
        const moves = [0, 1, 2, 3, 4].map((at) => `${no(at)},名,,${phone(at)},`);
        expect(
          await take(
            database,
            order.map((at) => moves[at]!),
          ),
        ).toMatchObject({ updated: 4, inserted: 1, rejected: 0 });
        expect(await phonesOf(`K${run}-`)).toEqual(
          [0, 1, 2, 3, 4].map((at) => ({ memberNo: no(at), phone: phone(at), key: phone(at) })),
        );
      }),
      { numRuns: 20 },
    );
  });

  test("members who want each other's phones wait in a circle: both are rejected, and who waited for them too", async () => {
    await onClone(["A1,甲,,13800000021,", "A2,乙,,13800000022,"], async (on) => {
      const before = await membersOf(on);
      expect(await take(on, ["A1,,,13800000022,", "A2,,,13800000021,"])).toMatchObject({
        updated: 0,
        rejected: 2,
        messages: ["member A2 has this phone number", "member A1 has this phone number"],
      });
      expect(await membersOf(on)).toBe(before);
    });
  });

  test("rows that wait for each other without end are rejected after so many rounds, and every row is accounted for", async () => {
    // Each row shares its phone with the row before and its address with the row behind: one is decided per round.
    const rows = Array.from(
      { length: 300 },
      (_, at) => `C${at},名${at},c${(at + 1) >> 1}@x.cn,1390000${1000 + (at >> 1)},`,
    );
    await onClone([], async (on) => {
      const { inserted, rejected } = await take(on, rows);
      expect(inserted + rejected).toBe(300);
      expect(inserted).toBeGreaterThan(50);
      expect(await take(on, rows)).toMatchObject({ duplicate: inserted });
    });
  });
});

test("the same member several times in one file is taken in the order of the lines", async () => {
  await onClone([], async (on) => {
    expect(await take(on, ["A1,张三,,,", "A1,张叁,,13800000031,", "A1,张叁,,,yes", "A1,张三,,,"])).toMatchObject({
      inserted: 1,
      updated: 2,
      rejected: 1,
      reasons: { conflict_name: 1 },
    });
  });
});

test("independent members end the same whatever the order of rows, however often, in one file or two", async () => {
  const cell = (values: readonly string[]) => fc.constantFrom(...values);
  const row = fc.record({
    no: fc.integer({ min: 10, max: 21 }),
    email: fc.boolean(),
    phone: fc.boolean(),
    verified: cell(["", "yes", "是"]),
  });
  type Row = typeof row extends fc.Arbitrary<infer Value> ? Value : never;
  const text =
    (run: string) =>
    ({ no, email, phone, verified }: Row) =>
      `${run}${no},名${no},${email ? `${run}${no}@x.cn` : ""},${phone ? `137${run.slice(1)}${no}` : ""},${verified}`;
  const shuffledTwice = fc
    .array(row, { minLength: 1, maxLength: 30 })
    .chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })));
  let runs = 1000;
  await fc.assert(
    fc.asyncProperty(shuffledTwice, async ([rows, shuffled]) => {
      const [one, other] = [`P${(runs += 1)}`, `P${(runs += 1)}`];
      const half = shuffled.length >> 1;
      await take(database, rows.map(text(one)));
      for (const part of [shuffled.slice(half), shuffled.slice(0, half), shuffled])
        await take(database, part.map(text(other)));
      expect(await storyOf(other)).toBe((await storyOf(one)).replaceAll(one.slice(1), other.slice(1)));
    }),
    { numRuns: 15 },
  );
});

test("a registration that meets an import waits for it, and is refused by the key", async () => {
  await onClone([], async (on) => {
    const rows = Array.from({ length: 2000 }, (_, at) => `R${at},名${at},,1360000${1000 + at},`);
    const importing = take(on, rows);
    const registering = registerMember(on.context(), { name: "另一个", memberNo: "R1999" }).then(
      () => "registered",
      (error: { code: string }) => error.code,
    );
    const [imported, registered] = await Promise.allSettled([importing, registering]);
    const outcome = `${imported.status === "fulfilled" ? imported.value.inserted : (imported.reason as { code: string }).code} ${registered.status === "fulfilled" ? registered.value : "?"}`;
    expect([
      "2000 member_no_taken",
      "1999 registered",
      "members_changed_meanwhile registered",
      "2000 registered",
    ]).toContain(outcome);
    expect(outcome).not.toBe("2000 registered");
  });
});

/** Runs an import against a transaction of somebody else's that commits only when the import already waits for it. */
async function meeting(
  others: (tx: Transaction) => Promise<unknown>,
  importing: () => Promise<unknown>,
): Promise<unknown> {
  const other = connect(targetFromUrl(database.url)!);
  try {
    let imported: Promise<unknown> = Promise.resolve();
    await inTransaction(other, async (tx) => {
      await others(tx);
      imported = importing().then(
        () => "done",
        (error: unknown) => error,
      );
      for (let waiting = 0; waiting === 0;) {
        const [row] = await database.db.sql<{ waiting: number }[]>`
          SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        waiting = row!.waiting;
      }
    });
    return await imported;
  } finally {
    await other.close();
  }
}

describe("an import that waits for somebody else's change of the same member", () => {
  const busy = {
    kind: "busy",
    code: "members_changed_meanwhile",
    hint: "nothing of this file was kept; import it again",
  };

  test("a number or a status: nothing is kept, and importing again does it", async () => {
    await take(database, ["W1,等一,,,", "W2,等二,,,"]);
    const rows = ["W9,等九,,13300000009,", "W1,等一,,13300000001,", "W2,等贰,,,"];
    const takeRows = () => take(database, rows);
    expect(await meeting((tx) => tx`INSERT INTO member_numbers VALUES ('W9', 1)`, takeRows)).toMatchObject(busy);
    await tamper(database, (sql) => sql`DELETE FROM member_numbers WHERE member_no = 'W9'`);
    expect(
      await meeting((tx) => tx`UPDATE members SET status = 'closed' WHERE member_no = 'W2'`, takeRows),
    ).toMatchObject(busy);
    expect(await takeRows()).toMatchObject({ inserted: 1, updated: 1, rejected: 1, reasons: { member_closed: 1 } });
  });

  test("a phone: it is taken, and the row that wanted it is rejected", async () => {
    const taken = { report: undefined as unknown };
    const takeRows = async () =>
      void (taken.report = await take(database, ["W3,等三,,13300000003,", "W4,等四,,13300000004,"]));
    expect(
      await meeting(
        (tx) => tx`INSERT INTO member_contacts (value, kind, member_id) VALUES ('13300000003', 'phone', 1)`,
        takeRows,
      ),
    ).toBe("done");
    await tamper(database, (sql) => sql`DELETE FROM member_contacts WHERE value = '13300000003'`);
    expect(taken.report).toMatchObject({ inserted: 1, rejected: 1, reasons: { phone_taken: 1 } });
  });
});

test("the command: report, rejects file, exit 3; mended and imported again, exit 0", async () => {
  await onClone([], async (on) => {
    const path = fileOf(["M1,张三,,13800000041,", "M2,李四,,13800000041,"], "会员号,姓名,邮箱,手机号,实名认证");
    const first = await accrueInProcess(["member", "import", path, "--json"], { database: on });
    expect(first.exitCode).toBe(3);
    expect(JSON.parse(first.stdout)).toMatchObject({
      kind: "members",
      read: 2,
      inserted: 1,
      updated: 0,
      duplicate: 0,
      rejected: 1,
      reasons: { phone_taken: 1 },
      rejects_file: rejectsOf(path),
    });
    const again = await accrueInProcess(["member", "import", path], { database: on });
    expect(again.stdout).toContain("took in the same file before");
    writeFileSync(
      rejectsOf(path),
      "会员号,姓名,邮箱,手机号,实名认证,_record,_line,_column,_reason\nM2,李四,,13800000042,,2,3,手机号,mended\n",
    );
    const mended = await accrueInProcess(["member", "import", rejectsOf(path), "--json"], { database: on });
    expect(mended.exitCode).toBe(0);
    expect(JSON.parse(mended.stdout)).toMatchObject({ read: 1, inserted: 1 });
    const dry = await accrueInProcess(["member", "import", fileOf(["M3,王五,,,"]), "--dry-run", "--json"], {
      database: on,
    });
    expect(JSON.parse(dry.stdout)).toMatchObject({ inserted: 1, import_id: null, dry_run: true });
    expect(await membersOf(on)).not.toContain("王五");
  });
});
