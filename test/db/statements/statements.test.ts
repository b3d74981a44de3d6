import { describe, expect, test } from "vitest";
import { verify } from "../../../src/verification/verify.ts";
import { ground, type Ground } from "../../support/money/ground.ts";
import { accrueInProcess } from "../../support/cli.ts";
import { cloneOf } from "../../support/database.ts";
import { writeScratch } from "../../support/files.ts";
import { transcript, withoutVolatile } from "../../support/transcript.ts";
import { account, alipayFile, alipayRows, fileOf, movesFrom, takeStatement } from "./scene.ts";

const here = await ground();
await account(here.as("amy"), "alipay-main", "alipay");
await account(here.as("amy"), "wechat-main", "wechat");
await account(here.as("amy"), "icbc-8812");
await account(here.as("amy"), "boc-1");

const unsound = async () => (await verify(here.as("auditor"))).checks.filter(({ ok }) => !ok);
const bookedOn = async (moneyAccount: string, on: Pick<Ground, "db"> = here) => {
  const [row] = await on.db.sql<{ bank: bigint; suspense: bigint }[]>`
    SELECT coalesce(sum(amount) FILTER (WHERE money_account = ${moneyAccount}), 0)::bigint AS bank,
      (SELECT coalesce(sum(amount), 0)::bigint FROM journal_lines WHERE account = 'suspense') AS suspense FROM journal_lines`;
  return row!;
};

test("Alipay's 账务明细 as it is downloaded: the lines it brings, what stands on the account, and the file again", async () => {
  const path = alipayFile(alipayRows);
  expect(
    withoutVolatile(
      await transcript(
        [
          `accrue statement import --account alipay-main ${path}`,
          `accrue statement import --account alipay-main ${path}`,
          "accrue statement list --account alipay-main",
          "accrue statement show 1",
          "accrue statement show 1 --json",
          "accrue statement list --json",
          "accrue money-account list",
        ],
        { database: here },
      ),
    ),
  ).toMatchInlineSnapshot(`
    "
    $ accrue statement import --account alipay-main <directory>/alipay.csv
    ! <directory>/alipay.csv: read as alipay: 12 of the 12 names in line 5 are its own, more than of any other profile
    <directory>/alipay.csv: import 1
      read       2
      inserted   2
      updated    0
      duplicate  0
      rejected   0
      profile    alipay
      file       gb18030, header on line 5, sha256 52a95a5125e13788…
      took       <seconds>, <rate>
      rows passed over: 4 after the data
      alipay-main: from 1000.00 to 1005.00 yuan

    $ accrue statement import --account alipay-main <directory>/alipay.csv
    ! <directory>/alipay.csv: read as alipay: 12 of the 12 names in line 5 are its own, more than of any other profile
    <directory>/alipay.csv: nothing to do, import 1 of tester took in the same file before

    $ accrue statement list --account alipay-main
    import  account      from                 to                   opening  closing  lines  new  missing before
         1  alipay-main  <time>  <time>  1000.00  1005.00      2    2

    $ accrue statement show 1
    statement of alipay-main, import 1
      file         <directory>/alipay.csv
      from         <time>
      to           <time>
      opening      1000.00 yuan
      closing      1005.00 yuan
      lines        2, 2 of them new
      imported by  tester at <time>
    line       time                 amount  balance  kind      counterparty  reference  remark
    L00000001  <time>  100.00  1100.00  交易付款  138***@x.com  O1
    L00000002  <time>  -95.00  1005.00  转账      139***@x.com  D00000001  D00000001

    $ accrue statement show 1 --json
    {"import_id":1,"money_account":"alipay-main","own_account":null,"file":"<directory>/alipay.csv","first_at":"<time>","last_at":"<time>","opening":"1000.00","total":"5.00","closing":"1005.00","lines":2,"new_lines":2,"gap_after":null,"gap":null,"operator":"tester","taken_at":"<time>","brought":[{"line":"L00000001","money_account":"alipay-main","channel_no":"2026020100001","occurred_at":"<time>","amount":"100.00","balance":"1100.00","kind":"交易付款","counterparty":"138***@x.com","counterparty_name":null,"reference":"O1","channel_ref":"2026020122001","remark":null},{"line":"L00000002","money_account":"alipay-main","channel_no":"2026020100002","occurred_at":"<time>","amount":"-95.00","balance":"1005.00","kind":"转账","counterparty":"139***@x.com","counterparty_name":null,"reference":"D00000001","channel_ref":"2026020122002","remark":"D00000001"}],"next":null}

    $ accrue statement list --json
    {"import_id":1,"money_account":"alipay-main","own_account":null,"file":"<directory>/alipay.csv","first_at":"<time>","last_at":"<time>","opening":"1000.00","total":"5.00","closing":"1005.00","lines":2,"new_lines":2,"gap_after":null,"gap":null,"operator":"tester","taken_at":"<time>"}

    $ accrue money-account list
    account      channel   booked  added by
    alipay-main  alipay   1005.00  amy
    boc-1        bank        0.00  amy
    icbc-8812    bank        0.00  amy
    wechat-main  wechat      0.00  amy
    "
  `);
  expect(await bookedOn("alipay-main")).toEqual({ bank: 100_500n, suspense: -100_500n });
  expect(await unsound()).toEqual([]);
});

test("WeChat's 资金账单: backticks, a word for the direction, and the totals of its tail", async () => {
  const path = writeScratch(
    "wechat.csv",
    `\uFEFF${[
      "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号",
      "`2026-02-01 10:00:00,`4200001,`1000039401,`交易,`交易,`收入,`200.00,`200.00,`system,`,`O7",
      "`2026-02-01 10:00:00,`4200001,`1000039402,`扣除交易手续费,`扣除交易手续费,`支出,`1.20,`198.80,`system,`结算总金额 200.00,`O7",
      "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额",
      "`2,`1,`200.00,`1,`1.20",
    ].join("\r\n")}\r\n`,
  );
  const report = await takeStatement(here.as("amy"), "wechat-main", path);
  expect(report).toMatchObject({
    inserted: 2,
    rejected: 0,
    profile: "wechat",
    notes: { statement: { opening: "0.00", closing: "198.80", gaps: [] }, declared: [{ of: "rows", matches: true }] },
  });
  const lines = await here.db
    .sql`SELECT amount_fen, kind, reference, channel_ref, remark FROM statement_lines WHERE money_account = 'wechat-main' ORDER BY line_id`;
  expect([...lines]).toEqual([
    { amountFen: 20_000n, kind: "交易", reference: "O7", channelRef: "4200001", remark: null },
    { amountFen: -120n, kind: "扣除交易手续费", reference: "O7", channelRef: "4200001", remark: "结算总金额 200.00" },
  ]);
});

test("a bank's file: newest first, debits and credits apart, dates alone, no numbers, rows of zero", async () => {
  const path = writeScratch(
    "bank.csv",
    [
      "交易日期,借方发生额,贷方发生额,余额,对方户名,对方账号,摘要,币种,本方账号",
      "2026-02-03,,10.00,110.00,王芳,6222,货款,人民币,6212000",
      '2026-02-02,"1,000.00",-,100.00,李四,6223,付款,CNY,6212000',
      '2026-02-02,0.00,0.00,"1,100.00",,,对账,CNY,6212000',
      '2026-02-01,,"1,100.00","1,100.00",茶庄,6224,B00000001,RMB,6212000',
    ].join("\n"),
  );
  expect(await takeStatement(here.as("amy"), "icbc-8812", path)).toMatchObject({
    profile: "bank",
    inserted: 3,
    notes: { other_rows: { "0.00": 1 }, statement: { opening: "0.00", closing: "110.00" } },
  });
  const lines = await here.db
    .sql`SELECT line_key LIKE '~%' AS has_hash, amount_fen, balance_fen, counterparty_name, remark FROM statement_lines WHERE money_account = 'icbc-8812' ORDER BY line_id`;
  expect([...lines]).toEqual([
    { hasHash: true, amountFen: 110_000n, balanceFen: 110_000n, counterpartyName: "茶庄", remark: "B00000001" },
    { hasHash: true, amountFen: -100_000n, balanceFen: 10_000n, counterpartyName: "李四", remark: "付款" },
    { hasHash: true, amountFen: 1_000n, balanceFen: 11_000n, counterpartyName: "王芳", remark: "货款" },
  ]);
  expect(await unsound()).toEqual([]);
});

test("statements that overlap bring each line once; where one is missing, that is told until it comes", async () => {
  const on = Object.assign(await cloneOf(here), { as: here.as });
  const clerk = { ...here.as("amy"), db: on.db };
  const moves = movesFrom(
    0n,
    [1n, 2n, 3n, 4n, 5n, 6n].map((day) => ({ at: `2026-02-0${day} 10:00:00`, fen: day * 100n })),
  );
  expect(await takeStatement(clerk, "boc-1", fileOf(moves.slice(0, 2)))).toMatchObject({ inserted: 2, duplicate: 0 });
  const late = await takeStatement(clerk, "boc-1", fileOf(moves.slice(4)));
  expect(late.notes!.statement).toEqual({
    money_account: "boc-1",
    opening: "10.00",
    closing: "21.00",
    gaps: [{ after: "2026-02-02 10:00:00", before: "2026-02-05 10:00:00", amount: "7.00" }],
  });
  expect((await bookedOn("boc-1", on)).bank).toBe(2_100n);
  expect(await takeStatement(clerk, "boc-1", fileOf(moves.slice(1, 5)))).toMatchObject({
    inserted: 2,
    duplicate: 2,
    notes: { statement: { gaps: [] } },
  });
  expect((await bookedOn("boc-1", on)).bank).toBe(2_100n);
  expect((await verify({ ...here.as("auditor"), db: on.db })).checks.filter(({ ok }) => !ok)).toEqual([]);
  await on.drop();
});

test("the lines of a day in no order are put in one by their balances; a file without rows says nothing", async () => {
  const on = await cloneOf(here);
  const clerk = { ...here.as("amy"), db: on.db };
  const moves = movesFrom(
    500n,
    [100n, -300n, 900n, -50n].map((fen) => ({ at: "2026-02-01", fen })),
  );
  const report = await takeStatement(clerk, "boc-1", fileOf([moves[2]!, moves[0]!, moves[3]!, moves[1]!]));
  expect(report).toMatchObject({ inserted: 4, notes: { statement: { opening: "5.00", closing: "11.50" } } });
  expect(await takeStatement(clerk, "boc-1", fileOf([]))).toMatchObject({ read: 0, inserted: 0 });
  await on.drop();
});

test("times come before the order of the file, which may lead from balance to balance as well, another way round", async () => {
  const on = await cloneOf(here);
  const [first, second, third] = movesFrom(
    0n,
    [
      ["01 10:00:00", -300n],
      ["01 10:00:01", 200n],
      ["02 10:00:02", 100n],
    ].map(([at, fen]) => ({ at: `2026-02-${String(at)}`, fen: fen as bigint })),
  );
  const report = await takeStatement({ ...here.as("amy"), db: on.db }, "boc-1", fileOf([second!, first!, third!]));
  expect(report.notes!.statement).toMatchObject({ opening: "0.00", closing: "0.00" });
  await on.drop();
});

describe("what is refused, and leaves nothing behind", () => {
  const bank = (...rows: readonly string[]) =>
    writeScratch("refused.csv", ["交易时间,流水号,金额,余额,币种,本方账号", ...rows].join("\n"));
  const known = bank("2026-03-01 10:00:00,N1,5.00,5.00,CNY,A1");

  test("each in its own words", async () => {
    await account(here.as("amy"), "own-1");
    await account(here.as("amy"), "own-2");
    await takeStatement(here.as("amy"), "own-1", known);
    await takeStatement(here.as("amy"), "own-2", bank("2026-03-01 10:00:00,M1,5.00,5.00,CNY,A2"));
    const alipay = alipayFile(alipayRows.slice(0, 1));
    const [before] = await here.db.sql`SELECT count(*) FROM statement_lines`;
    const refused = [
      `accrue statement import ${known}`,
      `accrue statement import --account nobodys ${known}`,
      `accrue statement import --account nobodys ${bank("2026-03-02 10:00:00,N2,5.00,10.00,,")}`,
      `accrue statement import --account own-1 ${bank("2026-03-02 10:00:00,N2,5.00,10.00,,", "2026-03-02 11:00:00,N3,5.00,16.00,,", "2026-03-02 12:00:00,N4,5.00,21.00,,")}`,
      `accrue statement import --account own-1 ${bank("2026-03-02 10:00:00,N2,5.00,10.00,USD,")}`,
      `accrue statement import --account own-1 ${bank("2026-03-02 10:00:00,N2,5.00,10.00,,A1", "2026-03-02 11:00:00,N3,5.00,15.00,,A7")}`,
      `accrue statement import --account own-1 ${bank("2026-03-02 10:00:00,N2,5.00,10.00,,A9")}`,
      `accrue statement import --account own-1 ${bank("2026-03-02 10:00:00,N2,5.00,10.00,,A2")}`,
      `accrue statement import --account own-2 ${bank("2026-03-01 10:00:00,N1,5.00,5.00,,")}`,
      `accrue statement import --account own-1 ${bank("2026-03-01 10:00:00,N1,6.00,6.00,,")}`,
      `accrue statement import --account own-1 ${bank("2026-03-02 10:00:00,N2,5.00,10.00,,", "2026-03-02 10:00:00,N2,5.00,15.00,,")}`,
      `accrue statement import --account own-1 ${alipay}`,
      `accrue statement import --account own-1 ${bank("2026-03-02 10:00:00,N2,fünf,10.00,,", "gestern,N3,5.00,15.00,,")} --max-rejects 10`,
      "accrue statement show 99",
      "accrue statement show 1 --after 7",
    ];
    expect(withoutVolatile(await transcript(refused, { database: here }))).toMatchInlineSnapshot(`
      "
      $ accrue statement import <directory>/refused.csv
      ! error: it is not said which account the statement is of
      ! hint: give --account NAME; \`accrue money-account list\` shows them
      [exit 2]

      $ accrue statement import --account nobodys <directory>/refused.csv
      ! error: this is no statement of nobodys: import 4 took it in as one of own-1
      ! hint: nothing was imported; say which account it is of with --account
      [exit 4]

      $ accrue statement import --account nobodys <directory>/refused.csv
      ! error: there is no money account nobodys
      ! hint: \`accrue money-account list\` shows them; \`accrue money-account add\` adds one
      [exit 4]

      $ accrue statement import --account own-1 <directory>/refused.csv
      ! error: line 3: 5.00 yuan leave 16.00, so 11.00 stood before it, but the line before it leaves 10.00
      ! hint: nothing was imported: a row is missing or was changed; fetch the statement from the channel again
      [exit 4]

      $ accrue statement import --account own-1 <directory>/refused.csv
      ! error: line 2 is in USD: the platform's accounts are kept in yuan
      ! hint: nothing was imported; import the statement of the account in CNY
      [exit 4]

      $ accrue statement import --account own-1 <directory>/refused.csv
      ! error: line 3 is of account A7, those before it of A1
      ! hint: nothing was imported; export one account at a time
      [exit 4]

      $ accrue statement import --account own-1 <directory>/refused.csv
      ! error: this is no statement of own-1: its statements are of A1, this one of A9
      ! hint: nothing was imported; say which account it is of with --account
      [exit 4]

      $ accrue statement import --account own-1 <directory>/refused.csv
      ! error: this is no statement of own-1: its statements are of A1, this one of A2
      ! hint: nothing was imported; say which account it is of with --account
      [exit 4]

      $ accrue statement import --account own-2 <directory>/refused.csv
      ! error: this is no statement of own-2: line 2, N1, is one of own-1
      ! hint: nothing was imported; say which account it is of with --account
      [exit 4]

      $ accrue statement import --account own-1 <directory>/refused.csv
      ! error: line 2: number N1 is line L00000008 already, with another amount, time or balance
      ! hint: nothing was imported; \`accrue statement show\` shows what was imported before
      [exit 4]

      $ accrue statement import --account own-1 <directory>/refused.csv
      ! error: line 3: number N2 stands in the file twice
      ! hint: nothing was imported; export the statement again
      [exit 4]

      $ accrue statement import --account own-1 <directory>/alipay.csv
      ! <directory>/alipay.csv: read as alipay: 12 of the 12 names in line 5 are its own, more than of any other profile
      ! error: own-1 is an account at bank, and the file is a statement of alipay
      ! hint: say which account it is of with --account, or how it is to be read with --profile
      [exit 4]

      $ accrue statement import --account own-1 <directory>/refused.csv --max-rejects 10
      ! error: <directory>/refused.csv: 2 of the first 2 rows rejected, such a file goes in whole or not at all; nothing of it was imported
      !   1 x amount_not_a_number
      !   1 x occurred_at_not_a_time
      !   line 2, 金额: "fünf" is not a number such as 12 or 2.55
      !   line 3, 交易时间: "gestern" is not a date or time such as <time>
      ! hint: fetch the file anew from where it came from
      [exit 4]

      $ accrue statement show 99
      ! error: import 99 is no statement of an account
      ! hint: \`accrue statement list\` shows them
      [exit 4]

      $ accrue statement show 1 --after 7
      ! error: "7" is no line of a statement
      ! hint: lines are called like L00000012; \`accrue statement show\` lists those of a statement
      [exit 2]
      "
    `);
    const codes: string[] = [];
    for (const line of refused) {
      const { stderr } = await accrueInProcess([...line.split(" ").slice(1), "--json"], { database: here });
      codes.push((JSON.parse(stderr.trimEnd().split("\n").at(-1)!) as { error: { code: string } }).error.code);
    }
    expect(codes).toEqual([
      "money_account_needed",
      "statement_of_another_account",
      "money_account_unknown",
      "statement_does_not_add_up",
      "statement_currency",
      "statement_of_several_accounts",
      "statement_of_another_account",
      "statement_of_another_account",
      "statement_of_another_account",
      "statement_line_conflict",
      "statement_line_conflict",
      "statement_of_other_channel",
      "too_many_rejects",
      "statement_unknown",
      "invalid_line",
    ]);
    expect((await here.db.sql`SELECT count(*) FROM statement_lines`)[0]).toEqual(before);
    expect(await unsound()).toEqual([]);
  });

  test("lines in no order that end where they begin: any of them could be the last", async () => {
    const [first, second, third, fourth] = movesFrom(
      500n,
      [100n, -300n, 700n, -500n].map((fen) => ({ at: "2026-02-01", fen })),
    );
    await expect(
      takeStatement(here.as("amy"), "own-1", fileOf([first!, third!, second!, fourth!])),
    ).rejects.toMatchObject({
      code: "statement_order_unknown",
      message: "the lines of 2026-02-01 stand in no order and end where they begin, so nothing says which came last",
    });
    expect(await unsound()).toEqual([]);
  });

  test.each([
    ["交易时间,金额,余额,收支类型\n2026-03-01,5.00,5.00,转", "direction_not_known"],
    ["交易日期,借方金额,贷方金额,余额\n2026-03-01,5.00,5.00,5.00", "amount_both_ways"],
    ["交易时间,金额,余额\n2026-03-01,100000001.00,5.00", "amount_too_large"],
    ["交易时间,金额,余额\n2026-03-01,5.00,", "balance_empty"],
  ])("a row that cannot be read takes its file with it: %s", async (content, code) => {
    await expect(takeStatement(here.as("amy"), "own-1", writeScratch("bad.csv", content))).rejects.toMatchObject({
      code: "too_many_rejects",
      details: { reasons: { [code]: 1 } },
    });
  });
});
