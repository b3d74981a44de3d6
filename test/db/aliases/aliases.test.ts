import { describe, expect, test } from "vitest";
import { addAlias, aliasKeyOf, removeAlias } from "../../../src/domain/aliases/change.ts";
import { listAliases } from "../../../src/domain/aliases/list.ts";
import type { AliasHolder } from "../../../src/domain/aliases/model.ts";
import { connect, inTransaction } from "../../../src/db/database.ts";
import { targetFromUrl } from "../../../src/db/url.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { until } from "../orders/process.ts";
import { testDatabase, testNow } from "../../support/database.ts";
import { transcript } from "../../support/transcript.ts";
import { orderFile, peopleIn } from "../orders/scene.ts";
import { importAliases } from "../../support/imports.ts";

const database = await testDatabase();
await peopleIn(database);

async function take(holder: AliasHolder, rows: readonly string[], header: string, source?: string) {
  const report = await importAliases(database.context(), holder, {
    input: { path: orderFile(rows, header) },
    force: true,
    source,
  });
  const { read, inserted, updated, duplicate, rejected } = report;
  return {
    read,
    inserted,
    updated,
    duplicate,
    rejected,
    reasons: Object.fromEntries(report.reasons),
    messages: report.examples.map(({ column, message }) => `${column}: ${message}`),
  };
}

const namesOf = async (holder: AliasHolder, source: string) =>
  (await listAliases(database.context(), holder, { source }, { limit: 100 })).rows.map(
    ({ alias, holderNo }) => `${alias} ${holderNo}`,
  );

describe("one alias at a time", () => {
  test("is added, listed, refused to another, taken away and given anew; all of it recorded", async () => {
    expect(
      await transcript(
        [
          "accrue member alias M1 tb_nick --source taobao",
          "accrue member alias M1 tb_nick --source taobao",
          "accrue member alias M2 tb_nick --source taobao",
          "accrue member alias M2 tb_nick --source jd --dry-run",
          "accrue member alias M2 tb_nick --source jd --json",
          "accrue member aliases --alias tb_nick --limit 1",
          "accrue member aliases --alias tb_nick --after tb_nick,jd --json",
          "accrue member unalias tb_nick --source taobao",
          "accrue member unalias tb_nick --source taobao",
          "accrue member alias M2 tb_nick --source taobao",
          "accrue member aliases M1",
          "accrue merchant alias S1 茶庄旗舰店 --source taobao",
          "accrue merchant aliases S1",
          "accrue merchant unalias 茶庄旗舰店 --source taobao --json",
        ],
        { database, now: testNow, env: { ACCRUE_OPERATOR: "alice" } },
      ),
    ).toMatchInlineSnapshot(`
      "
      $ accrue member alias M1 tb_nick --source taobao
      taobao calls member M1 tb_nick

      $ accrue member alias M1 tb_nick --source taobao
      taobao calls member M1 tb_nick already; nothing to do

      $ accrue member alias M2 tb_nick --source taobao
      ! error: taobao calls member M1 "tb_nick" already
      ! hint: if that is wrong, take it away first: \`accrue member unalias "tb_nick" --source taobao\`
      [exit 4]

      $ accrue member alias M2 tb_nick --source jd --dry-run
      dry run: jd calls member M2 tb_nick

      $ accrue member alias M2 tb_nick --source jd --json
      {"member_no":"M2","alias":"tb_nick","source":"jd","changed":true,"dry_run":false}

      $ accrue member aliases --alias tb_nick --limit 1
      alias    source  member  added by
      tb_nick  jd      M2      alice
      more: --after 'tb_nick,jd'

      $ accrue member aliases --alias tb_nick --after tb_nick,jd --json
      {"alias":"tb_nick","source":"taobao","member_no":"M1","import_id":null,"added_by":"alice","added_at":"<time>"}

      $ accrue member unalias tb_nick --source taobao
      taobao's tb_nick is no longer member M1

      $ accrue member unalias tb_nick --source taobao
      ! error: taobao calls no member "tb_nick"
      ! hint: \`accrue member aliases --source taobao\` shows what it calls whom
      [exit 4]

      $ accrue member alias M2 tb_nick --source taobao
      taobao calls member M2 tb_nick

      $ accrue member aliases M1
      no aliases

      $ accrue merchant alias S1 茶庄旗舰店 --source taobao
      taobao calls merchant S1 茶庄旗舰店

      $ accrue merchant aliases S1
      alias       source  merchant  added by
      茶庄旗舰店  taobao  S1        alice

      $ accrue merchant unalias 茶庄旗舰店 --source taobao --json
      {"merchant_code":"S1","alias":"茶庄旗舰店","source":"taobao","dry_run":false}
      "
    `);
    const recorded = await database.db.sql`
      SELECT action, subject, details->>'source' AS source FROM operator_actions WHERE action LIKE '%alias' ORDER BY action_id`;
    expect(recorded.map(({ action, subject, source }) => `${action} ${subject} ${source}`)).toEqual([
      "member.alias M1 taobao",
      "member.alias M2 jd",
      "member.unalias M1 taobao",
      "member.alias M2 taobao",
      "merchant.alias S1 taobao",
      "merchant.unalias S1 taobao",
    ]);
  });

  test.each([
    [["member", "alias", "M9", "x", "--source", "jd"], 4, "member_unknown"],
    [["merchant", "alias", "S9", "x", "--source", "jd"], 4, "merchant_unknown"],
    [["merchant", "aliases", "S9"], 4, "merchant_unknown"],
    [["member", "alias", "M1", " ", "--source", "jd"], 2, "invalid_alias"],
    [["member", "alias", "M1", "1.23E+17", "--source", "jd"], 2, "invalid_alias"],
    [["member", "alias", "M1", "x", "--source", "a,b"], 2, "invalid_source"],
    [["member", "unalias", "nobody", "--source", "jd"], 4, "alias_unknown"],
    [["member", "aliases", "--after", "x"], 2, "invalid_after"],
    [["member", "alias", "M1", "x"], 2, "usage"],
  ])("%j ends with %i, %s", async (args, exitCode, code) => {
    const said = await accrueInProcess([...args, "--json"], { database });
    expect({
      exitCode: said.exitCode,
      code: (JSON.parse(said.stderr) as { error: { code: string } }).error.code,
    }).toEqual({ exitCode, code });
  });

  test("what is typed and what a file says are one alias, whatever the width and wrapping", async () => {
    expect(aliasKeyOf("  ｔｂ（店） ", "jd")).toEqual({ alias: "tb(店)", source: "jd" });
    await addAlias(database.context(), "member", "M1", aliasKeyOf("ｗｉｄｅ", "pos"));
    expect(await take("member", ['M1,"=""wide"""'], "member_no,alias", "pos")).toMatchObject({ duplicate: 1 });
    expect(await removeAlias(database.context(), "member", aliasKeyOf("'wide", "pos"))).toBe("M1");
  });
});

describe("aliases from a file", () => {
  test("new, the same again, somebody else's, of nobody, of no source", async () => {
    const rows = [
      "M1,昵称一,douyin",
      "M2,昵称二,douyin",
      "M2,昵称一,douyin",
      "M9,昵称三,douyin",
      "M3,昵称三,",
      "M3,昵称四,a b",
    ];
    const first = await take("member", rows, "会员号,别名,来源");
    expect(first).toMatchObject({
      read: 6,
      inserted: 2,
      updated: 0,
      duplicate: 0,
      rejected: 4,
      reasons: { alias_taken: 1, unknown_member: 1, source_empty: 1, not_a_source: 1 },
      messages: [
        "别名: member M1 has this alias",
        "会员号: no member has this number; import the member first",
        "来源: the cell is empty",
        '来源: "a b": a source takes no spaces and no commas',
      ],
    });
    expect(await take("member", rows.slice(0, 2), "会员号,别名,来源")).toMatchObject({
      inserted: 0,
      duplicate: 2,
      rejected: 0,
    });
    expect(await namesOf("member", "douyin")).toEqual(["昵称一 M1", "昵称二 M2"]);
  });

  test("a merchant may have several, and the source may be said once for the whole file", async () => {
    expect(
      await take("merchant", ["S1,旗舰店", "S1,1001", "S2,1002", "S9,1003"], "merchant_code,alias", "jd"),
    ).toMatchObject({
      inserted: 3,
      rejected: 1,
      messages: ["merchant_code: no merchant has this code; import the merchant first"],
    });
    expect(await namesOf("merchant", "jd")).toEqual(["1001 S1", "1002 S2", "旗舰店 S1"]);
  });

  test("the command prints the report, and its import leaves its number on each alias", async () => {
    const path = orderFile(["M1,a,wechat", "M2,b,wechat"], "member_no,alias,source");
    const { stdout, exitCode } = await accrueInProcess(["member", "import-aliases", path, "--json"], { database });
    const report = JSON.parse(stdout) as { import_id: number };
    expect({ exitCode, ...report }).toMatchObject({ exitCode: 0, kind: "member_aliases", read: 2, inserted: 2 });
    const { rows } = await listAliases(database.context(), "member", { source: "wechat" }, { limit: 10 });
    expect(rows.map(({ importId }) => Number(importId))).toEqual([report.import_id, report.import_id]);
  });

  test("an alias that another session gives to somebody else meanwhile ends the import: nothing of the file is kept", async () => {
    const other = connect(targetFromUrl(database.url)!);
    const importing = await inTransaction(other, async (tx) => {
      await tx`INSERT INTO member_aliases (alias, source, member_id, added_by, added_at) SELECT 'wanted', 'pos', member_id, 'x', '2026-01-01' FROM members WHERE member_no = 'M2'`;
      const started = take("member", ["M1,free,pos", "M1,wanted,pos"], "member_no,alias,source").catch(
        (error: unknown) => error,
      );
      await until(
        async () =>
          (
            await database.db
              .sql`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
          ).count > 0,
      );
      return { started };
    });
    expect(await importing.started).toMatchObject({ kind: "busy", code: "aliases_changed_meanwhile" });
    expect(await namesOf("member", "pos")).toEqual(["wanted M2"]);
    await other.close();
  });
});
