import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { afterAll, describe, expect, it } from "vitest";
import { cellAt } from "../../../src/csv/header.ts";
import { openByProfile, type ProfileChoice } from "../../../src/imports/choose-profiles.ts";
import { nativeProfile } from "../../../src/imports/profile.ts";
import { readProfile } from "../../../src/imports/read-profile.ts";
import { readingBy } from "../../../src/imports/ruled-cells.ts";
import { orderColumns } from "../../../src/domain/orders/columns.ts";
import { orderKind } from "../../../src/domain/orders/import.ts";
import { orderProfiles } from "../../../src/domain/orders/profiles/index.ts";
import {
  isMadeOfLines,
  orderRowReader,
  stagedLineColumns,
  stagedOrderColumns,
} from "../../../src/domain/orders/row-reader.ts";
import type { AccrueError } from "../../../src/shared/errors.ts";

const directory = mkdtempSync(join(tmpdir(), "accrue-profiles-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const { needs } = orderKind();
const kind = { kind: "orders", columns: orderColumns, profiles: orderProfiles, needs: needs! } as const;

/** Reads a file as an import does: the profile it chose, and of each row what it says, or the code of its refusal. */
async function read(text: string, choice: ProfileChoice = {}) {
  const { source, profile, reason } = await openByProfile(
    kind,
    { path: "-", stdin: Readable.from([Buffer.from(text)]) },
    choice,
  );
  const names: readonly string[] = isMadeOfLines(profile) ? stagedLineColumns : stagedOrderColumns;
  let cells: readonly string[] = [];
  const readRow = readingBy(profile, orderRowReader(profile, "Asia/Shanghai"));
  const rows: unknown[] = [];
  for await (const batch of source.batches()) {
    for (const record of batch) {
      cells = record.cells;
      const row = record.problem ?? readRow((key) => cellAt(cells, source.match.columnIndex[key]));
      if ("code" in row) rows.push(row.code);
      else if ("other" in row) rows.push({ other: row.other });
      else
        rows.push(
          Object.fromEntries(names.flatMap((name, at) => (row.values[at] === null ? [] : [[name, row.values[at]]]))),
        );
    }
  }
  return { profile: profile.name, reason, rows, source };
}

const failure = (work: Promise<unknown>): Promise<AccrueError> =>
  work.then(
    () => {
      throw new Error("was not refused");
    },
    (error: unknown) => error as AccrueError,
  );

describe("every platform's file is recognized by its header, and read as the platform means it", () => {
  it("native: one row is one order", async () => {
    const { profile, reason, rows } = await read(
      "order_no,member_no,merchant_code,amount,paid_at\nA1,M1,S1,1.50,2026-01-02\n",
    );
    expect({ profile, reason }).toEqual({
      profile: "native",
      reason: "read as native: 5 of the 5 names in line 1 are its own, more than of any other profile",
    });
    expect(rows).toEqual([
      {
        order_no: "A1",
        source: "default",
        member_no: "M1",
        merchant_code: "S1",
        amount_fen: 150n,
        status: "paid",
        paid_at: "2026-01-02 00:00:00 Asia/Shanghai",
      },
    ]);
  });

  it("a consumer's bill is no file of orders, whatever columns are mapped; as the tool's own file it is read", async () => {
    const bill =
      "交易时间,商户名称,交易说明,金额,收/付款方式,交易状态,收/支,交易分类,交易订单号,商家订单号,备注\n2026-01-02 10:00:00,店,买,1.50,卡,交易成功,支出,网购,A1,B1,\n";
    const map = ["order_no=交易订单号", "member_no=商户名称", "amount=金额", "merchant_code=商户名称"];
    for (let count = 0; count <= map.length; count += 1) {
      expect(await failure(read(bill, { map: map.slice(0, count) }))).toMatchObject({
        code: "file_not_of_kind",
        details: { kind: "orders", profile: "jd-consumer" },
      });
    }
    expect(await read(bill, { map, profile: "native" })).toMatchObject({
      profile: "native",
      rows: [{ order_no: "A1" }],
    });
  });

  it("Taobao: buyers and shops by name, states in Chinese with either comma, 0元 and 无退款申请", async () => {
    const { profile, rows } = await read(
      "订单编号,买家会员名,总金额,买家实际支付金额,退款金额,订单状态,订单付款时间,店铺Id,店铺名称\n" +
        '="2016052312345678901",小明,100.00元,0,无退款申请,等待买家付款,,0,某某旗舰店\n' +
        '\'2016052312345678902,小明,￥80.5,80.5,0元,"买家已付款,等待卖家发货",2016/5/23 22:02,0,某某旗舰店\n' +
        '="2016052312345678903",t**1,80.5,80.5,80.5,交易关闭,2016-05-23 22:02:11,0,某某旗舰店\n' +
        "2016052312345678904,小明,80.5,80.5,,交易中,2016-05-23 22:02:11,0,某某旗舰店\n",
    );
    expect(profile).toBe("taobao");
    const known = { source: "taobao", member_no: "小明", merchant_code: "某某旗舰店" };
    expect(rows).toEqual([
      { order_no: "2016052312345678901", ...known, amount_fen: 10_000n, status: "pending" },
      {
        order_no: "2016052312345678902",
        ...known,
        amount_fen: 8050n,
        refunded_fen: 0n,
        status: "paid",
        paid_at: "2016-05-23 22:02:00 Asia/Shanghai",
      },
      "member_no_masked",
      "unknown_status",
    ]);
  });

  it("JD: each row repeats the order's amount; what is paid back may stand in the same cell", async () => {
    const { profile, rows } = await read(
      "订单号,商品ID,结算金额,应付金额,订单状态,下单帐号,客户姓名,付款确认时间\n" +
        "100,7,131.77(已退款89.84),31.77,完成,jd_a,王五,2026-01-02 03:04:05\n" +
        "100,8,131.77（已退款89.84）,31.77,完成,jd_a,王五,2026-01-02 03:04:05\n" +
        "101,8,20,20,(删除)等待付款,jd_a,,\n",
      { constants: { merchant_code: "S1" }, override: { merchant_by: "code" } },
    );
    expect(profile).toBe("jd");
    const row = {
      order_no: "100",
      source: "jd",
      member_no: "jd_a",
      merchant_code: "S1",
      amount_micros: 131_770_000n,
      refunded_fen: 8984n,
      status: "paid",
      paid_at: "2026-01-02 03:04:05 Asia/Shanghai",
      member_name: "王五",
    };
    expect(rows).toEqual([
      { ...row, skus: '{"7"}' },
      { ...row, skus: '{"8"}' },
      {
        order_no: "101",
        source: "jd",
        member_no: "jd_a",
        merchant_code: "S1",
        amount_micros: 20_000_000n,
        status: "closed",
        skus: '{"8"}',
      },
    ]);
  });

  it("Douyin: the parts of an order are summed; who bought has to be named, and ciphertext is nobody", async () => {
    const header = "主订单编号,子订单编号,选购商品,订单应付金额,收件人,订单提交时间,订单状态,会员\n";
    const rows =
      '"\t6917000000000000001","\t6917000000000000002",茶,10.5,##密文,2026-01-02 03:04:05,已发货,M1\n' +
      '"\t6917000000000000001","\t6917000000000000003",茶,-,##密文,2026-01-02 03:04:05,已发货,M1\n' +
      '"\t6917000000000000004","\t6917000000000000004",茶,3,##密文,2026-01-02 03:04:05,待支付,$$x\n' +
      '"\t6917000000000000005","\t6917000000000000005",茶,3,##密文,2026-01-02 03:04:05,待支付,M1\n';
    const constants = { merchant_code: "S1" };
    expect(await failure(read(header + rows, { constants }))).toMatchObject({
      code: "column_not_in_file",
      message: "standard input, read as douyin: no column of it has member_no",
    });
    const mapped = await read(header + rows, { constants, map: ["会员号=会员"] });
    expect(mapped.rows).toEqual([
      {
        order_no: "6917000000000000001",
        source: "douyin",
        member_no: "M1",
        merchant_code: "S1",
        amount_micros: 10_500_000n,
        status: "paid",
        paid_at: "2026-01-02 03:04:05 Asia/Shanghai",
        line_no: "6917000000000000002",
      },
      "amount_empty",
      "member_no_encrypted",
      {
        order_no: "6917000000000000005",
        source: "douyin",
        member_no: "M1",
        merchant_code: "S1",
        amount_micros: 3_000_000n,
        status: "pending",
        line_no: "6917000000000000005",
      },
    ]);
  });

  it("Pinduoduo: neither buyer nor shop is named; thousands separators", async () => {
    const text =
      '订单成交时间,商品,订单号,订单状态,用户实付金额(元),商家实收金额(元),商品数量(件),备注\n2026-01-02 03:04,茶,"260102-1","已发货，待签收","1,234.50",1200,1,M1\n';
    const nobody = await failure(read(text));
    expect(nobody).toMatchObject({ code: "column_not_in_file", details: { column: "member_no" } });
    expect(nobody.hint).toContain("--map member_no=HEADER (and --member-by number where it holds member numbers)");
    const missing = await failure(read(text, { map: ["member_no=备注"] }));
    expect(missing.hint).toContain("name the merchant of all rows with --merchant CODE");
    const { profile, rows } = await read(text, { map: ["member_no=备注"], constants: { merchant_code: "S1" } });
    expect(profile).toBe("pinduoduo");
    expect(rows).toMatchObject([
      { order_no: "260102-1", source: "pinduoduo", amount_fen: 123_450n, paid_at: "2026-01-02 03:04:00 Asia/Shanghai" },
    ]);
  });

  it("Meituan: rows that are no 外卖订单 are none of this kind, and are counted", async () => {
    const { profile, rows } = await read(
      "交易类型,交易描述,订单号,门店名称,商家应收款,下单时间,会员号\n外卖订单,a,\t2502\t,店,17.5,2026-01-02 03:04:05,M1\n推广费,b,2503,店,-30,,\n,c,2504,店,1,,\n",
      { map: ["member_no=会员号"] },
    );
    expect(profile).toBe("meituan");
    expect(rows).toMatchObject([
      { order_no: "2502", merchant_code: "店", amount_fen: 1750n, status: "paid" },
      { other: "推广费" },
      "row_type_empty",
    ]);
  });

  it("Shopify: the first row says it all; buyers by e-mail; another currency is refused", async () => {
    const { profile, rows } = await read(
      "Name,Email,Financial Status,Paid at,Currency,Subtotal,Total,Lineitem name,Refunded Amount,Vendor\n" +
        "#1001,Wang@Example.com,paid,2026-01-02 11:13:25 -0500,CNY,30,30.00,tea,0.00,Shop\n#1001,wang@example.com,,,,,,cup,,Shop\n" +
        "#1002,x@example.com,paid,2026-01-02 11:13:25 -0500,USD,30,30.00,tea,0.00,Shop\n#1003,nobody,paid,2026-01-02,CNY,30,30.00,tea,0.00,Shop\n",
    );
    expect(profile).toBe("shopify");
    expect(rows).toEqual([
      {
        order_no: "#1001",
        source: "shopify",
        member_no: "wang@example.com",
        merchant_code: "Shop",
        amount_micros: 30_000_000n,
        refunded_fen: 0n,
        status: "paid",
        paid_at: "2026-01-02 11:13:25-05:00",
      },
      { order_no: "#1001", source: "shopify", member_no: "wang@example.com" },
      "currency_not_yuan",
      "member_no_not_an_email",
    ]);
  });

  it.each([
    ["names of now", "特约商户号", "订单金额", "申请退款金额"],
    ["names from before November 2018", "子商户号", "总金额", "退款金额"],
  ])("WeChat Pay, %s: backticks, refunds in rows of their own, totals behind", async (_, merchant, amount, refund) => {
    const { profile, rows, source } = await read(
      `交易时间,公众账号ID,商户号,${merchant},微信订单号,商户订单号,用户标识,交易状态,货币种类,${amount},微信退款单号,${refund},退款状态,手续费\r\n` +
        "`2026-01-02 03:04:05,`wx,`190001,`0,`420001,`A1,`openid1,`SUCCESS,`CNY,`28.16,`0,`0.00,`,`0.16896\r\n" +
        "`2026-01-02 03:04:05,`wx,`190001,`190002,`420001,`A1,`openid1,`REFUND,`CNY,`0.00,`500001,`8.16,`SUCCESS,`-0.04896\r\n" +
        "`2026-01-02 03:04:05,`wx,`190001,`190002,`420001,`A1,`openid1,`REFUND,`CNY,`0.00,`500002,`8.16,`FAIL,`0\r\n" +
        "`2026-01-02 03:04:05,`wx,`190001,`190002,`420001,`A1,`openid1,`REFUND,`CNY,`0.00,`500003,`8.16,`LATER,`0\r\n" +
        "总交易单数,订单总金额\r\n`4.0,`28.16\r\n",
    );
    expect(profile).toBe("wechat");
    expect(rows).toEqual([
      {
        order_no: "420001",
        source: "wechat",
        member_no: "openid1",
        merchant_code: "190001",
        amount_micros: 28_160_000n,
        status: "paid",
        paid_at: "2026-01-02 03:04:05 Asia/Shanghai",
      },
      { order_no: "420001", source: "wechat", refunded_fen: 816n, refund_no: "500001" },
      { other: "refund not made" },
      "unknown_refund_status",
    ]);
    expect(source.declaredTotals.map(({ of, text }) => [of, text])).toEqual([
      ["rows", "4.0"],
      ["amount", "28.16"],
    ]);
  });

  it("Alipay: a preamble, refunds below zero in rows of their own, a footer with totals of both", async () => {
    const { profile, rows, source } = await read(
      "#支付宝业务明细查询\n#账号：[20880000]\n#起始日期：[2026年01月02日 00:00:00]   终止日期：[2026年01月03日 00:00:00]\n#-----业务明细列表----\n" +
        "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店名称,对方账户,订单金额（元）,商家实收（元）,退款批次号/请求号,备注\n" +
        "2026010222001\t,A1\t,交易  ,茶,2026-01-02 03:04:05,2026-01-02 03:04:06,店 ,*明(138****0000),100.00,100.00,,\n" +
        "2026010222002\t,A2\t,交易  ,茶,2026-01-02 03:04:05,2026-01-02 03:04:06,店 ,a@b.cn,100.00,100.00,,\n" +
        "2026010222002\t,A2\t,退款  ,茶,2026-01-02 03:04:05,2026-01-02 05:00:00,店 ,a@b.cn,-40.00,-40.00,R1,\n" +
        "2026010222002\t,A2\t,退款  ,茶,2026-01-02 03:04:05,2026-01-02 05:00:00,店 ,a@b.cn,40.00,40.00,R2,\n" +
        "#-----业务明细列表结束----\n#交易合计：2笔，商家实收共200.00元，商家优惠共0.00元\n#退款合计：2笔，商家实收退款共-80.00元，商家优惠退款共0.00元\n",
    );
    expect(profile).toBe("alipay");
    expect(source.declaredTotals.map(({ rowType, of, text }) => [rowType, of, text])).toEqual([
      ["order", "rows", "2"],
      ["order", "received_amount", "200.00"],
      ["refund", "rows", "2"],
      ["refund", "received_amount", "-80.00"],
    ]);
    expect(rows).toEqual([
      "member_no_masked",
      {
        order_no: "2026010222002",
        source: "alipay",
        member_no: "a@b.cn",
        merchant_code: "店",
        amount_micros: 100_000_000n,
        status: "paid",
        paid_at: "2026-01-02 03:04:06 Asia/Shanghai",
      },
      { order_no: "2026010222002", source: "alipay", refunded_fen: 4000n, refund_no: "R1" },
      "refunded_amount_negative",
    ]);
  });

  it.each([
    ["order_no,refunded_amount,refund_no,refunded_at\nA1,1.50,R1,2026-01-02\n"],
    ["订单号,会员号,退款单号,退款金额,退款时间,退款状态\nA1,M1,R1,1.50,2026-01-02,退款成功\nA1,M1,R2,1,,退款关闭\n"],
  ])("refunds alone: %j", async (text) => {
    const { profile, rows } = await read(text);
    expect(profile).toBe("refunds");
    const row = { order_no: "A1", source: "default", refunded_fen: 150n, refund_no: "R1" };
    expect(rows[0]).toEqual({ ...row, refunded_at: "2026-01-02 00:00:00 Asia/Shanghai" });
    expect(rows.slice(1).every((other) => "other" in (other as object))).toBe(true);
  });

  it("rows say of which type they are, in words that need no profile", async () => {
    const columns = { row_type: "type", order_no: "no", refund_no: "refund", refunded_amount: "back" };
    const profile = join(directory, "typed.json");
    writeFileSync(profile, JSON.stringify({ profile: "typed", kind: "orders", columns }));
    const { rows } = await read("type,no,refund,back,member_no,merchant_code,amount\nrefund,A1,R1,1.50,,,\n", {
      profile,
      map: ["member_no=member_no", "merchant_code=merchant_code", "amount=amount"],
    });
    expect(rows).toEqual([{ order_no: "A1", source: "default", refunded_fen: 150n, refund_no: "R1" }]);
  });

  it("refunds alone have to be asked for where only two names say so", async () => {
    const text = "order_no,refunded_amount\nA1,1.50\n";
    expect(await failure(read(text))).toMatchObject({
      code: "csv_missing_column",
      hint: expect.stringContaining("--profile refunds reads such a header, if that is what the file is") as string,
    });
    expect(await read(text, { profile: "refunds" })).toMatchObject({ rows: [{ refunded_fen: 150n, refund_no: "" }] });
    expect(await failure(read("order_no\nA1\n", { profile: "refunds" }))).toMatchObject({ code: "csv_missing_column" });
  });

  it("no built-in profile says anything that an operator's file could not", () => {
    for (const text of orderProfiles)
      expect(readProfile(JSON.parse(JSON.stringify(text)), kind, text.profile).name).toBe(text.profile);
  });
});

describe("an operator's own profile", () => {
  it("what follows a cell is read with it, and what is taken off an amount is taken off exactly", async () => {
    const path = join(directory, "parts.json");
    const columns = {
      order_no: { names: ["No"], followed_by: ["Part"] },
      member_no: "Card",
      merchant_code: { constant: "S1" },
      amount: { names: ["Goods"], strip_start: ["$"], less: ["Coupon", "Gift"] },
      paid_at: { names: ["Day"], followed_by: ["Hour"] },
    };
    writeFileSync(path, JSON.stringify({ profile: "parts", kind: "orders", columns }));
    const header = "No,Part,Card,Goods,Coupon,Gift,Day,Hour\n";
    const { rows } = await read(
      `${header}A,1,M1,"$1,000.10",$0.10,,2026-01-02,03:04\nA,,M1,0.3,0.1,0.20,2026-01-02,\n` +
        "A,3,M1,1,2,,2026-01-02,\nA,4,M1,1,x,,2026-01-02,\nA,5,M1,,1,,,03:04\n",
      { profile: path },
    );
    const known = { source: "default", member_no: "M1", merchant_code: "S1", status: "paid" };
    expect(rows).toEqual([
      { order_no: "A 1", ...known, amount_fen: 100_000n, paid_at: "2026-01-02 03:04:00 Asia/Shanghai" },
      { order_no: "A", ...known, amount_fen: 0n, paid_at: "2026-01-02 00:00:00 Asia/Shanghai" },
      "amount_negative",
      "amount_not_an_amount",
      "amount_empty",
    ]);
    expect(await failure(read(header.replace("Gift", "Given"), { profile: path }))).toMatchObject({
      code: "csv_missing_column",
    });
    expect(await read(`${header}A,1,M1,9,1,,2026-01-02,\n`, { profile: path, map: ["amount=Coupon"] })).toMatchObject({
      rows: [{ amount_fen: 100n }],
    });
  });

  const lines = {
    profile: "shop",
    kind: "orders",
    zone: "Europe/London",
    date_order: "dmy",
    rounding: "half-up",
    columns: {
      order_no: { names: ["Invoice"], strip_start: ["INV-"] },
      member_no: { names: ["Customer"], strip_end: [".0"] },
      merchant_code: { names: ["Shop"], words: { "Old Town": "S1" } },
      quantity: "Qty",
      unit_price: "Price",
      paid_at: "Date",
      source: { constant: "till" },
    },
  };
  const written = (name: string, value: unknown): string => {
    const path = join(directory, name);
    writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
    return path;
  };
  const header = "Invoice,Customer,Shop,Qty,Price,Date\n";

  it("multiplies, rounds, strips, translates, and knows zone and order of dates", async () => {
    const { rows } = await read(`${header}INV-7,17850.0,Old Town,3,0.335,23/05/2016 22:02\n`, {
      profile: written("shop.json", lines),
    });
    expect(rows).toEqual([
      {
        order_no: "7",
        source: "till",
        member_no: "17850",
        merchant_code: "S1",
        amount_fen: 101n,
        status: "paid",
        paid_at: "2016-05-23 22:02:00 Europe/London",
      },
    ]);
  });

  it("refuses what is finer than a fen unless rounding is said; returns, prices and numbers that are none have reasons of their own", async () => {
    const profile = written("exact.json", { ...lines, rounding: "exact" });
    const row = (quantity: string, price: string) => `7,1,S1,${quantity},${price},2016-05-23\n`;
    const { rows } = await read(
      header +
        row("3", "0.335") +
        row("-1", "5") +
        row("1", "-5") +
        row("x", "5") +
        row("1", "") +
        row("0.000001", "0.1") +
        row("999999999", "999"),
      { profile },
    );
    expect(rows).toEqual([
      "unit_price_too_many_decimals",
      "quantity_negative",
      "unit_price_negative",
      "quantity_not_a_number",
      "unit_price_empty",
      "unit_price_too_many_decimals",
      "unit_price_too_large",
    ]);
  });

  it("reads amounts with a decimal comma, in fen, or finer than a fen, as it says, and no others", async () => {
    const shop = (amount: object, rounding = "exact") => ({
      ...lines,
      rounding,
      year_pivot: 70,
      columns: { ...lines.columns, quantity: undefined, unit_price: undefined, amount },
    });
    const amounts = async (name: string, profile: object, ...cells: string[]) => {
      const text = `Invoice,Customer,Shop,Sum,Date\n${cells.map((cell, at) => `${at},1,S1,"${cell}",23/05/16\n`).join("")}`;
      const { rows } = await read(text, { profile: written(name, JSON.stringify(profile)) });
      return rows.map((row) => (row as { amount_fen?: bigint }).amount_fen ?? row);
    };
    const bad = "amount_not_an_amount";
    expect(
      await amounts("comma.json", shop({ names: ["Sum"], decimal: "comma" }), "1.234,50", "12", "12.50", "1,234"),
    ).toEqual([123_450n, 1200n, bad, "amount_too_many_decimals"]);
    expect(await amounts("fen.json", shop({ names: ["Sum"], unit: "fen" }), "1,234", "5", "12.00", "12.5")).toEqual([
      1234n,
      5n,
      12n,
      bad,
    ]);
    expect(
      await amounts(
        "fine.json",
        shop({ names: ["Sum"] }, "half-up"),
        "1.005",
        "1.0049",
        "-1.005",
        "100000000.001",
        "x",
      ),
    ).toEqual([101n, 100n, "amount_negative", "amount_too_large", bad]);
    expect(await amounts("exact-amount.json", shop({ names: ["Sum"] }), "1.005")).toEqual(["amount_too_many_decimals"]);
    const { rows } = await read("Invoice,Customer,Shop,Sum,Date\n7,1,S1,1.005,23/05/16\n", {
      profile: written("fine-lines.json", { ...shop({ names: ["Sum"] }, "half-up"), rows_per_order: "sum" }),
    });
    expect(rows).toMatchObject([{ amount_micros: 1_005_000n, paid_at: "2016-05-23 00:00:00 Europe/London" }]);
  });

  it("is summed to the millionth before it is rounded where several rows make an order", async () => {
    const { rows } = await read(`${header}7,1,S1,3,0.335,2016-05-23\n`, {
      profile: written("lines.json", { ...lines, rows_per_order: "sum" }),
    });
    expect(rows).toMatchObject([{ order_no: "7", amount_micros: 1_005_000n }]);
  });

  it.each<[string, unknown, string]>([
    ["no object", [], "a profile must be an object: {…}"],
    ["no name", { ...lines, profile: "Shop 1" }, "profile must be a name of small letters, digits and hyphens"],
    ["another kind", { ...lines, kind: "members" }, 'kind must be "orders" here'],
    ["a zone that nobody knows", { ...lines, zone: "London" }, 'zone "London" is no time zone such as Asia/Shanghai'],
    [
      "a misspelt field",
      { ...lines, colums: {} },
      "colums is not known here; known: about, profile, kind, zone, columns",
    ],
    [
      "a misspelt column",
      { ...lines, columns: { ...lines.columns, order: "x" } },
      "columns.order is not known here; known: order_no, member_no",
    ],
    [
      "a misspelt rule",
      { ...lines, columns: { order_no: { names: ["x"], strip: ["y"] } } },
      "columns.order_no.strip is not known here",
    ],
    [
      "a column without names",
      { ...lines, columns: { order_no: {} } },
      "columns.order_no needs either names or a constant",
    ],
    [
      "a column with both",
      { ...lines, columns: { order_no: { names: ["x"], constant: "y" } } },
      "columns.order_no needs either names or a constant",
    ],
    [
      "words beside a constant",
      { ...lines, columns: { ...lines.columns, source: { constant: "till", words: { a: "b" } } } },
      "columns.source.words is not known here; known: constant, names",
    ],
    [
      "a constant type that rows cannot have",
      { ...lines, columns: { ...lines.columns, row_type: { constant: "refunds" } } },
      "columns.row_type.constant must be one of order, refund",
    ],
    ["a pivot that is no year", { ...lines, year_pivot: 1970 }, "year_pivot must be a whole number from 0 to 100"],
    [
      "a blank name",
      { ...lines, columns: { order_no: [" "] } },
      "columns.order_no.names must be a list of texts that are not blank",
    ],
    [
      "one mark for between",
      { ...lines, columns: { amount: { names: ["x"], between: ["("] } } },
      "columns.amount.between must be two marks",
    ],
    [
      "a flag that is none",
      { ...lines, columns: { amount: { names: ["x"], negate: "yes" } } },
      "columns.amount.negate must be true or false",
    ],
    [
      "a word without meaning",
      { ...lines, columns: { status: { names: ["x"], words: { 完成: "done" } } } },
      "columns.status.words.完成 must mean one of pending, paid, closed",
    ],
    [
      "a rule that is none",
      { ...lines, rows_per_order: "many" },
      "rows_per_order must be one of one, sum, same, first",
    ],
    [
      "a total of nothing",
      { ...lines, totals_header: { 总: "money" } },
      'totals_header.总 "money" is neither rows nor a column',
    ],
    [
      "a pattern that names nothing",
      { ...lines, totals_patterns: ["共(?<rows>\\d+)笔"] },
      "totals_patterns.0 must say in words what stands in front of each number, and name it: 共{rows}笔",
    ],
    [
      "a pattern that starts with a number",
      { ...lines, totals_patterns: [" {rows}笔"] },
      "totals_patterns.0 must say in words",
    ],
    [
      "a pattern of two numbers in a row",
      { ...lines, totals_patterns: ["共{rows} {amount}"] },
      "totals_patterns.0 must say in words",
    ],
    [
      "a pattern of rows of no type",
      { ...lines, totals_patterns_of: { fee: "共{rows}" } },
      "totals_patterns_of.fee is of no type that rows have here: order, refund",
    ],
    [
      "a pattern of a type that names nothing",
      { ...lines, totals_patterns_of: { order: "合计" } },
      "totals_patterns_of.order must say in words",
    ],
    [
      "a pattern of nothing",
      { ...lines, totals_patterns: ["共{money}"] },
      'totals_patterns.0 "money" is neither rows nor a column',
    ],
  ])("is refused with %s", async (name, value, message) => {
    const path = written(`${name.replaceAll(" ", "-")}.json`, value);
    const error = await failure(read(header, { profile: path }));
    expect(error).toMatchObject({ kind: "usage", code: "profile_invalid" });
    expect(error.message).toContain(`${path}: ${message}`);
  });

  it("is refused where it cannot be read, and where nobody wrote one", async () => {
    expect(await failure(read(header, { profile: written("broken.json", "{") }))).toMatchObject({
      code: "profile_unreadable",
    });
    const [none, folder] = [join(directory, "none.json"), `${directory}/`];
    expect(await failure(read(header, { profile: none }))).toMatchObject({
      code: "profile_unreadable",
      message: `${none}: it cannot be read: there is no such file`,
    });
    expect(await failure(read(header, { profile: folder }))).toMatchObject({
      code: "profile_unreadable",
      message: `${folder}: it cannot be read: it is a directory`,
    });
    expect(await failure(read(header, { profile: "toabao" }))).toMatchObject({
      code: "profile_unknown",
      message: 'there is no profile "toabao" for files of orders',
    });
  });

  it("is what the help shows", () => {
    const [, json = ""] =
      /```json\n([\s\S]*?)```/.exec(readFileSync(resolve("src/cli/help/profiles.md"), "utf8")) ?? [];
    expect(readProfile(JSON.parse(json), kind, "profiles.md")).toMatchObject({
      name: "till",
      rowsPerOrder: "sum",
      dateOrder: "dmy",
    });
  });

  it("of members knows nothing of orders", () => {
    const columns = [{ key: "member_no", names: ["member_no"], required: true }] as const;
    expect(() =>
      readProfile({ ...nativeProfile("members", columns), rows_per_order: "sum" }, { kind: "members", columns }, "x"),
    ).toThrow("rows_per_order is not known here");
  });
});

describe("--map", () => {
  const text = "order_no,member_no,merchant_code,amount,应付金额,币种,paid_at\nA,M,S,1,2,USD,01/02/2026\n";

  it("reads a column from another header, by its key or its Chinese name, and says which date comes first", async () => {
    const { rows } = await read(text, { map: ["金额 = 应付金额"], dateOrder: "mdy" });
    expect(rows).toMatchObject([{ amount_fen: 200n, paid_at: "2026-01-02 00:00:00 Asia/Shanghai" }]);
    expect((await read(text)).rows).toEqual(["paid_at_ambiguous_date"]);
  });

  it("adds a column, and takes one away", async () => {
    expect((await read(text, { map: ["currency=币种"] })).rows).toEqual(["currency_not_yuan"]);
    expect((await read(text, { map: ["paid_at="] })).rows).toMatchObject([{ status: "pending" }]);
  });

  it("is refused for a column or a header that is not there", async () => {
    expect(await failure(read(text, { map: ["amuont=应付金额"] }))).toMatchObject({
      code: "map_invalid",
      message: '--map amuont=应付金额: "amuont" is no column',
    });
    expect(await failure(read(text, { map: ["amount"] }))).toMatchObject({
      code: "map_invalid",
      message: "--map amount: there is no = in it",
    });
    expect(await failure(read(text, { map: ["amount=实付"] }))).toMatchObject({ code: "csv_missing_column" });
  });
});
