import { describe, expect, test } from "vitest";
import { addAlias, removeAlias } from "../../../src/domain/aliases/change.ts";
import { inTransaction } from "../../../src/db/database.ts";
import { registerMember } from "../../../src/domain/members/register.ts";
import { verify } from "../../../src/verification/verify.ts";
import { until } from "./process.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf, dumpDatabase, testDatabase, type TestDatabase } from "../../support/database.ts";
import { partsHeader, partsProfile, shopHeader, shopProfile, takeBy } from "./parts.ts";
import { orderFile, peopleIn, settle, take } from "./scene.ts";

const database = await testDatabase();
await peopleIn(database);
await registerMember(database.context(), {
  memberNo: "M4",
  name: "四",
  phone: "13800000004",
  email: "Four@Example.com",
});
const alias = (holder: "member" | "merchant", holderNo: string, name: string, source: string) =>
  addAlias(database.context(), holder, holderNo, { alias: name, source });
await alias("member", "M1", "nick", "taobao");
await alias("member", "M2", "nick", "jd");
await alias("merchant", "S1", "旗舰店", "taobao");

const taken = (profile: string, ...rows: string[]) => takeBy(database, profile, shopHeader, rows);
const row = (no: string, buyer: string, { from = "taobao", name = "", code = "S1", paid = "2026-02-01" } = {}) =>
  `${from},${no},${buyer},${name},${code},100,${paid}`;
const buyerOf = async (orderNo: string, on: TestDatabase = database) => {
  const [found] = await on.db.sql<{ memberNo: string; merchantCode: string }[]>`
    SELECT member_no, merchant_code FROM orders JOIN members USING (member_id) JOIN merchants USING (merchant_id) WHERE order_no = ${orderNo}`;
  return found === undefined ? undefined : `${found.memberNo} ${found.merchantCode}`;
};

describe("whom an order belongs to", () => {
  test("one alias is another member at another source; a shop is found by its alias", async () => {
    const profile = shopProfile("alias", "alias");
    expect(
      await taken(
        profile,
        row("A1", "nick", { code: "旗舰店" }),
        row("A2", "nick", { from: "jd", code: "旗舰店" }),
        row("A3", "nobody", { code: "旗舰店" }),
      ),
    ).toMatchObject({
      inserted: 1,
      rejected: 2,
      reasons: { unknown_merchant_alias: 1, unknown_member_alias: 1 },
      messages: [
        expect.stringMatching(/^3 code: no merchant has this alias; .*`accrue merchant alias`/u) as string,
        expect.stringMatching(
          /^4 buyer: no member has this alias; .*`accrue member alias` .*--create-members/u,
        ) as string,
      ],
    });
    expect(await buyerOf("A1")).toBe("M1 S1");
    expect(await taken(shopProfile("alias"), row("A2", "nick", { from: "jd" }))).toMatchObject({ inserted: 1 });
    expect(await buyerOf("A2")).toBe("M2 S1");
  });

  test("by phone and by e-mail, whatever its case and hyphens", async () => {
    expect(await taken(shopProfile("phone"), row("P1", "138-0000-0004"), row("P2", "13800000099"))).toMatchObject({
      inserted: 1,
      reasons: { unknown_member_phone: 1 },
    });
    expect(
      await taken(shopProfile("email"), row("P3", "FOUR@example.com"), row("P4", "five@example.com")),
    ).toMatchObject({ inserted: 1, reasons: { unknown_member_email: 1 } });
    expect([await buyerOf("P1"), await buyerOf("P3")]).toEqual(["M4 S1", "M4 S1"]);
  });

  test("the same text as an alias and as a number is not the same row", async () => {
    await alias("member", "M2", "M1", "taobao");
    const rows = [row("H", "M1")];
    expect(await taken(shopProfile("number"), ...rows)).toMatchObject({ inserted: 1 });
    expect(await taken(shopProfile("number"), ...rows)).toMatchObject({ duplicate: 1 });
    expect(await taken(shopProfile("alias"), ...rows)).toMatchObject({ reasons: { conflict_member: 1 } });
  });

  test("a merchant named for the whole file whom nobody knows: the file is refused, and not each row of it rejected", async () => {
    const path = orderFile(["F1,M1,S1,1.00,paid,2026-02-01,,,"]);
    const before = await dumpDatabase(database.db);
    const { exitCode, stdout, stderr } = await accrueInProcess(["order", "import", path, "--merchant", "S99"], {
      database,
    });
    expect([exitCode, stdout, stderr]).toEqual([
      4,
      "",
      "error: there is no merchant S99\nhint: `accrue merchant list` shows merchant codes\n",
    ]);
    expect(await dumpDatabase(database.db)).toBe(before);
    expect(await accrueInProcess(["order", "import", path, "--merchant", "", "--json"], { database })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('"merchant_blank"') as string,
    });
    expect((await accrueInProcess(["order", "import", path, "--merchant", "Ｓ2"], { database })).exitCode).toBe(0);
    expect(await buyerOf("F1")).toBe("M1 S2");
  });

  test("an alias that is taken away leads nowhere; the orders that came in under it stay", async () => {
    await removeAlias(database.context(), "member", { alias: "nick", source: "jd" });
    expect(
      await taken(shopProfile("alias"), row("A2", "nick", { from: "jd" }), row("A9", "nick", { from: "jd" })),
    ).toMatchObject({ duplicate: 1, reasons: { unknown_member_alias: 1 } });
    expect(await buyerOf("A2")).toBe("M2 S1");
  });
});

describe("unknown buyers", () => {
  const created = (on: TestDatabase, profile: string, ...rows: string[]) =>
    takeBy(on, profile, shopHeader, rows, { createsMembers: true });
  const membersOf = async (on: TestDatabase, names: readonly string[]) =>
    (
      await on.db.sql<{ memberNo: string; name: string; line: string }[]>`
      SELECT m.member_no, m.name, concat_ws(' ', m.status, m.identity_verified_at, m.email, m.phone, b.available_points, i.kind,
             (SELECT string_agg(a.source || ':' || a.alias, ' ') FROM member_aliases a WHERE a.member_id = m.member_id),
             (SELECT string_agg(c.value, ' ') FROM member_contacts c WHERE c.member_id = m.member_id)) AS line
      FROM members m JOIN member_numbers n USING (member_id, member_no) JOIN balances b USING (member_id) LEFT JOIN imports i USING (import_id)
      WHERE m.name IN ${on.db.sql(names)} ORDER BY m.name`
    ).map(({ name, line }) => `${name}: ${line}`);

  test("are registered by name and alias, once, and only for orders that are taken", async () => {
    const profile = shopProfile("alias");
    const report = await created(
      database,
      profile,
      row("C1", "new-1", { name: "新一" }),
      row("C2", "new-1", { name: "新一" }),
      row("C3", "new-1", { from: "jd", name: "京一" }),
      row("C4", "nick", { name: "不是新" }),
      row("C5", "new-2", { name: "没有店", code: "S9" }),
      row("C6", "new-3", { name: "待审店", code: "SP" }),
      row("C7", "new-4", { name: "停业后", code: "SX", paid: "2026-02-11" }),
      row("C8", "new-5", { code: "SX", paid: "2026-02-09" }),
      row("A1", "new-6", { name: "别人的单" }),
    );
    expect(report).toMatchObject({
      inserted: 5,
      rejected: 4,
      membersCreated: 3,
      // Of a buyer whom nobody knows, too, it is told first what is wrong with the merchant: that is why he was not
      // registered.
      reasons: { unknown_merchant: 1, merchant_pending: 1, merchant_suspended: 1, conflict_unknown_member: 1 },
      messages: expect.arrayContaining([
        "10 buyer: the order is known with member M1, and nobody is known by what stands here: " +
          "if it is another name of the same, `accrue member alias M1 NAME --source SOURCE` says so; if not, one of the two files is wrong",
      ]) as string[],
    });
    expect(
      await membersOf(database, ["新一", "京一", "不是新", "没有店", "待审店", "停业后", "new-5", "别人的单"]),
    ).toEqual(
      ["new-5: active 0 taobao:new-5", "京一: active 0 jd:new-1", "新一: active 0 taobao:new-1"].map((line) =>
        line.replace(" 0 ", " 0 orders "),
      ),
    );
    expect(await created(database, profile, row("C1", "new-1", { name: "新一" }))).toMatchObject({
      duplicate: 1,
      membersCreated: 0,
    });
  });

  test("by number are registered with that number, by phone or e-mail with that", async () => {
    expect(
      await created(
        database,
        shopProfile("number"),
        row("N1", "N-77", { name: "号" }),
        row("N2", "no good", { name: "坏号" }),
      ),
    ).toMatchObject({ membersCreated: 1, reasons: { unknown_member: 1 } });
    expect(await buyerOf("N1")).toBe("N-77 S1");
    expect(await created(database, shopProfile("phone"), row("N3", "13900000001", { name: "话" }))).toMatchObject({
      membersCreated: 1,
    });
    expect(await created(database, shopProfile("email"), row("N4", "New@Example.com", { name: "信" }))).toMatchObject({
      membersCreated: 1,
    });
    expect(await membersOf(database, ["号", "坏号", "话", "信"])).toEqual([
      "信: active new@example.com 0 orders new@example.com",
      "号: active 0 orders",
      "话: active 13900000001 0 orders 13900000001",
    ]);
  });

  test("get the same numbers in whatever order the files come, and step aside where somebody has one", async () => {
    const [one, other] = [await cloneOf(database), await cloneOf(database)];
    const profile = shopProfile("alias");
    const rows = [row("X1", "x-1"), row("X2", "x-2"), row("X3", "x-1")];
    await created(one, profile, ...rows);
    for (const single of rows.toReversed()) await created(other, profile, single);
    expect(await dumpDatabase(other.db)).toBe(await dumpDatabase(one.db));
    const [number] = (await buyerOf("X1", one))!.split(" ");
    expect(number).toMatch(/^taobao-[0-9a-f]{12}$/u);
    const third = await cloneOf(database);
    await registerMember(third.context(), { memberNo: number!, name: "先到" });
    expect(await created(third, profile, ...rows)).toMatchObject({ inserted: 3, membersCreated: 2 });
    expect(await buyerOf("X1", third)).toMatch(new RegExp(`^${number}-\\d+ S1$`, "u"));
    for (const clone of [one, other, third]) {
      expect((await verify(clone.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
      await clone.drop();
    }
  });

  test("of orders that several rows make are registered as well", async () => {
    const report = await takeBy(
      database,
      partsProfile("sum"),
      `${partsHeader},name`,
      ["L,buyer-l,S1,10,paid,2026-02-01,,,李", "L,buyer-l,S1,5,paid,2026-02-01,,,李"],
      { createsMembers: true },
    );
    expect(report).toMatchObject({ inserted: 2, membersCreated: 1, orders: 1 });
    expect(await membersOf(database, ["李"])).toEqual(["李: active 0 orders shop:buyer-l"]);
  });

  test("that another session registers meanwhile end the import: nothing of the file is kept", async () => {
    const other = await cloneOf(database);
    const importing = await inTransaction(other.db, async (tx) => {
      await tx`INSERT INTO member_numbers (member_no, member_id) VALUES ('R-1', 1)`;
      const started = created(other, shopProfile("number"), row("R1", "R-1")).catch((error: unknown) => error);
      await until(
        async () =>
          (
            await other.db
              .sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
          ).count > 0,
      );
      return { started };
    });
    expect(await importing.started).toMatchObject({ code: "members_changed_meanwhile" });
    expect(await buyerOf("R1", other)).toBeUndefined();
    await other.drop();
  });

  test("are registered by the command when it is told to, and counted in the report", async () => {
    const path = orderFile(["Q1,Q-1,S1,10,paid,2026-02-01,,,"]);
    expect(await accrueInProcess(["order", "import", path, "--json"], { database })).toMatchObject({ exitCode: 3 });
    const { exitCode, stdout } = await accrueInProcess(
      ["order", "import", path, "--create-members", "--force", "--json"],
      { database },
    );
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ inserted: 1, members_created: 1 });
    const page = await accrueInProcess(
      ["order", "import", orderFile(["Q2,Q-2,S1,10,paid,2026-02-01,,,"]), "--create-members"],
      { database },
    );
    expect(page.stdout).toMatch(/members created +1/u);
  });
});

test("and every invariant holds", async () => {
  await take(database, []);
  await settle(database);
  expect((await verify(database.context())).checks.filter(({ ok }) => !ok)).toEqual([]);
});
