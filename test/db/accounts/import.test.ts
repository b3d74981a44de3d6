import { readFileSync, statSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { dry } from "../../../src/db/context.ts";
import { SecretBox } from "../../../src/domain/accounts/secret-box.ts";
import { revealAccount } from "../../../src/domain/accounts/secrets.ts";
import { sealedAccountsOf } from "../../../src/domain/accounts/sql.ts";
import { addOne, cardOf, newKey } from "./ground.ts";
import { ground } from "../../support/money/ground.ts";
import { addMember } from "../../support/money/people.ts";
import { rejectsOf } from "../orders/scene.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { writeScratch } from "../../support/files.ts";
import { importAccounts } from "../../support/imports.ts";

const here = await ground();
const key = newKey();
const box = new SecretBox(key);
const env = { ACCRUE_SECRET_KEY: key.toString("base64") };
const header = "member_no,channel,account,account_name,bank,branch";
const card = "6222021234567890128";

const fileOf = (rows: readonly string[]) => writeScratch("accounts.csv", `${[header, ...rows].join("\n")}\n`);
const take = async (rows: readonly string[], isDry = false) => {
  const context = here.as("li");
  const report = await importAccounts(isDry ? dry(context) : context, box, {
    input: { path: fileOf(rows) },
    force: true,
  });
  const { read, inserted, updated, duplicate, rejected } = report;
  return { counts: [read, inserted, updated, duplicate, rejected], reasons: Object.fromEntries(report.reasons) };
};
const numbersOf = async (memberId: bigint) =>
  (await sealedAccountsOf(here.db.sql, memberId)).map(
    (row) => `${revealAccount(box, row).number}${row.isDefault ? " default" : ""}`,
  );

const one = await addMember(here.db, "M1");
const two = await addMember(here.db, "M2", { name: "买买提·阿里" });
await addMember(here.db, "M3", { isVerified: false });
await addMember(here.db, "M4", { status: "closed" });

describe("a file of payout accounts", () => {
  const good = [
    `M1,bank,${card},张三,工商银行,102100099996`,
    "M1,支付宝,138-0013-8000,张三,,",
    "M2,微信,oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,买买提•阿里,,",
  ];

  test("is imported, the first account of each member as the default; the same file again is nothing but duplicates", async () => {
    expect(await take(good, true)).toEqual({ counts: [3, 3, 0, 0, 0], reasons: {} });
    expect(await numbersOf(one)).toEqual([]);
    expect(await take(good)).toEqual({ counts: [3, 3, 0, 0, 0], reasons: {} });
    expect(await numbersOf(one)).toEqual([`${card} default`, "13800138000"]);
    expect(await numbersOf(two)).toEqual(["oUpF8uMuAJO_M2pxb1Q9zNjWeS6o default"]);
    expect(await take([...good.toReversed(), "M1,alipay,+8613800138000,张 三,,"])).toEqual({
      counts: [4, 0, 0, 4, 0],
      reasons: {},
    });
    expect(await numbersOf(one)).toHaveLength(2);
    const actions = await here.db
      .sql`SELECT subject, details FROM operator_actions WHERE action = 'account.add' ORDER BY action_id`;
    expect([...actions]).toMatchObject([
      { subject: "M1", details: { channel: "bank", number: "6222 **** 0128", default: true } },
      { subject: "M1", details: { channel: "alipay", number: "138****8000", default: false } },
      { subject: "M2", details: { channel: "wechat", default: true } },
    ]);
  });

  test("has each row refused for its own reason, and the others taken", async () => {
    expect(
      await take([
        "M9,alipay,a@b.cn,张三,,",
        "M3,alipay,a@b.cn,张三,,",
        "M4,alipay,a@b.cn,张三,,",
        "M1,alipay,a@b.cn,李四,,",
        "M1,alipay,new@b.cn,张三,,",
        `M1,bank,4111111111111112,张三,工商银行,`,
        `M1,bank,4111111111111111,张三,,`,
        "M1,bank,4111111111111111,张三,工商银行,12",
        "M1,alipay,a@b.cn,张三,工商银行,",
        `M1,bank,${card},张三,招商银行,`,
        "M1,paypal,a@b.cn,张三,,",
        "M1,bank,6.22202E+18,张三,工商银行,",
        "M1,alipay,a@b.cn,,,",
        "M1,,a@b.cn,张三,,",
      ]),
    ).toEqual({
      counts: [14, 1, 0, 0, 13],
      reasons: {
        member_unknown: 1,
        identity_unverified: 1,
        member_closed: 1,
        account_holder_mismatch: 1,
        invalid_account_number: 1,
        bank_missing: 1,
        invalid_branch_code: 1,
        bank_unexpected: 1,
        account_bank_differs: 1,
        channel_unknown: 1,
        account_scientific_notation: 1,
        account_name_empty: 1,
        channel_empty: 1,
      },
    });
  });

  test("leaves no number and no holder in the clear: not of what it took, and not of what it rejected", async () => {
    const rejected = "4000000000000000000";
    await take([
      `M1,bank,${rejected},张三,工商银行,`,
      `M1,bank,${rejected},张三,工商银行`,
      `M1,bank,${cardOf("400000000000000")},李四光,工商银行,`,
    ]);
    const tables = await here.db.sql<
      { table: string }[]
    >`SELECT relname AS table FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`;
    for (const { table } of tables) {
      const text = JSON.stringify(await here.db.sql.unsafe(`SELECT t::text FROM ${table} t`));
      for (const secret of [card, rejected, "400000000000000", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "13800138000", "李四光"])
        expect(text.includes(secret), `${secret} in ${table}`).toBe(false);
    }
    const [kept] = await here.db.sql<
      { cells: string[] }[]
    >`SELECT cells FROM import_rejects WHERE code = 'account_holder_mismatch' ORDER BY import_id DESC LIMIT 1`;
    expect(kept!.cells).toEqual(["M1", "bank", "<missing>", "<missing>", "工商银行", ""]);
  });

  test("ends like any import: exit 3, and a rejects file for one's own eyes that is mended and imported again", async () => {
    const path = fileOf(["M1,alipay,mended@b.cn,张三丰,,"]);
    expect(await accrueInProcess(["account", "import", path, "--json"], { database: here, env })).toMatchObject({
      exitCode: 3,
    });
    const rejects = rejectsOf(path);
    expect(statSync(rejects).mode & 0o777).toBe(0o600);
    const mended = writeScratch("mended.csv", readFileSync(rejects, "utf8").replace("张三丰", "张三"));
    expect(
      JSON.parse((await accrueInProcess(["account", "import", mended, "--json"], { database: here, env })).stdout),
    ).toMatchObject({ inserted: 1, rejected: 0 });
    expect(await accrueInProcess(["account", "import", mended], { database: here })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("no secret key is set") as string,
    });
  });

  test("holds no more than ten open accounts of a member, those of the same file among them", async () => {
    const memberId = await addMember(here.db, "MANY");
    await addOne(here.as("li"), box, { memberNo: "MANY", number: "first@b.cn" });
    const rows = Array.from({ length: 12 }, (_, index) => `MANY,alipay,many${index}@b.cn,张三,,`);
    expect(await take(rows)).toEqual({ counts: [12, 9, 0, 0, 3], reasons: { too_many_accounts: 3 } });
    expect((await numbersOf(memberId)).filter((number) => number.endsWith("default"))).toEqual(["first@b.cn default"]);
  });

  test("of many rows is taken piece by piece, each in a few statements", async () => {
    await here.db.sql.begin("read write", async (tx) => {
      await tx`CREATE TEMP TABLE bulk ON COMMIT DROP AS SELECT nextval('id_seq') AS member_id, 'B' || n AS member_no FROM generate_series(1, 3000) n`;
      await tx`INSERT INTO member_numbers (member_no, member_id) SELECT member_no, member_id FROM bulk`;
      await tx`
        INSERT INTO members (member_id, member_no, name, status, identity_verified_at, registered_by, registered_at)
        SELECT member_id, member_no, '张三', 'active', '2026-01-01', 'setup', '2026-01-01' FROM bulk`;
      await tx`INSERT INTO balances (member_id) SELECT member_id FROM bulk`;
    });
    const rows = Array.from(
      { length: 3_000 },
      (_, index) => `B${index + 1},bank,${cardOf(String(400_000_000_000_000 + index))},张三,工商银行,`,
    );
    expect(await take(rows)).toEqual({ counts: [3000, 3000, 0, 0, 0], reasons: {} });
  });
});
