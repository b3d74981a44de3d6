import { beforeAll, describe, expect, test } from "vitest";
import { inTransaction } from "../../../src/db/database.ts";
import { listEvidence } from "../../../src/domain/evidence/list.ts";
import { showMerchant } from "../../../src/domain/merchants/show.ts";
import { verifyIdentity } from "../../../src/domain/members/verify-identity.ts";
import { requestWithdrawal } from "../../../src/domain/withdrawals/request.ts";
import { lookAt, type ReviewSubject } from "../../../src/domain/withdrawals/review.ts";
import { runGrant } from "../../../src/domain/grants/run.ts";
import { showOrder } from "../../../src/domain/orders/show.ts";
import { verify } from "../../../src/verification/verify.ts";
import { setPolicy } from "../../support/approved.ts";
import { cloneOf, testDatabase, type TestDatabase } from "../../support/database.ts";
import { importOrders } from "../../support/imports.ts";
import { balanceOf, tamper } from "../../support/money/people.ts";
import { at, day, endOfFebruary, sold } from "../billing/scene.ts";
import { orderFile } from "../orders/scene.ts";
import { importEvidence, showPayments, shown } from "./scene.ts";

const here = await testDatabase();
beforeAll(async () => {
  await endOfFebruary(here);
});

const march = "2026-03-02";
const failing = async (on: TestDatabase, date = march) =>
  (await verify(at(on, date))).checks.filter(({ ok }) => !ok).map(({ name, violations }) => [name, violations]);
const sale = async (on: TestDatabase, rows: readonly string[]) =>
  importOrders(at(on, march), { input: { path: orderFile(rows) }, force: true });
const statesOf = async (on: TestDatabase) =>
  (await listEvidence(at(on, march), {}, { after: undefined, limit: 100 })).rows.map(({ orderNo, state }) => [
    orderNo,
    state,
  ]);

describe("a channel's bill", () => {
  test("shows what orders were paid, and names what differs, whichever came first", async () => {
    const on = await cloneOf(here);
    await sale(on, [sold("C1", "S1", "2026-03-01"), sold("C2", "S1", "2026-03-01"), sold("C3", "S1", "2026-03-01")]);
    const report = await showPayments(at(on, march), [
      shown("C1", "2026-03-01"),
      shown("C2", "2026-03-01", "99.99"),
      shown("C3", "2026-03-01", "100.00", "11:00:01"),
      shown("C4", "2026-03-01", "1.00", "12:00:00"),
      shown("C5", "2026-03-01", "100.00", "11:00:00"),
    ]);
    expect(report).toMatchObject({ read: 5, inserted: 5, rejected: 0 });
    expect(report.notes?.evidence?.states).toEqual({ agrees: 1, amount_differs: 1, time_differs: 1, no_order: 2 });
    await sale(on, [sold("C4", "S1", "2026-03-01"), sold("C5", "S2", "2026-03-01"), "C6,M1,S1,100.00,pending,,,,"]);
    await showPayments(at(on, march), [shown("C6", "2026-03-01")]);
    expect(await statesOf(on)).toEqual([
      ["C1", "agrees"],
      ["C2", "amount_differs"],
      ["C3", "time_differs"],
      ["C4", "amount_and_time_differ"],
      ["C5", "agrees"], // an hour apart is still the same payment
      ["C6", "order_not_paid"],
    ]);
    expect((await showOrder(at(on, march), "C2", undefined)).payments).toMatchObject([
      { paymentNo: "P-C2", state: "amount_differs", amountFen: 9_999n, orderAmountFen: 10_000n, merchantCode: "S1" },
    ]);
    const ofS2 = await listEvidence(
      at(on, march),
      { merchantCode: "S2", state: "agrees", channel: "wechat", from: "2026-03-01", to: "2026-03-01" },
      { after: undefined, limit: 10 },
    );
    expect(ofS2.rows.map(({ orderNo }) => orderNo)).toEqual(["C5"]);
    expect(await failing(on)).toEqual([]);
  });

  test("says the same twice as once, and a payment that changed is refused", async () => {
    const on = await cloneOf(here);
    await showPayments(at(on, march), [shown("C1", "2026-03-01")]);
    const again = await showPayments(at(on, march), [shown("C1", "2026-03-01"), shown("C2", "2026-03-01")]);
    expect(again).toMatchObject({ read: 2, inserted: 1, duplicate: 1 });
    const changed = await showPayments(at(on, march), [shown("C1", "2026-03-01", "200.00")]);
    expect(changed).toMatchObject({ inserted: 0, rejected: 1, reasons: [["payment_conflict", 1]] });
    expect(changed.examples[0]?.message).toContain("import 3 brought this payment with another order, amount or time");
    await showPayments(at(on, march), [shown("C3", "2026-03-01")], {});
    const dry = await showPayments({ ...at(on, march), ending: "rollback" }, [shown("C4", "2026-03-01")]);
    expect(dry.notes?.evidence?.states).toEqual({ no_order: 1 });
    expect((await statesOf(on)).length).toBe(3);
    expect(await failing(on)).toEqual([]);
  });

  test("is one of the source that the operator says, for each shop numbers its orders as it likes", async () => {
    const on = await cloneOf(here);
    const ofShop = "C1,M1,S1,100.00,paid,2026-03-01 10:00:00,,shop,";
    await sale(on, [sold("C1", "S2", "2026-03-01", "50.00"), ofShop]);
    await showPayments(at(on, march), [shown("C1", "2026-03-01")], { reading: { constants: { source: "shop" } } });
    expect(await statesOf(on)).toEqual([["C1", "agrees"]]);
    expect((await showOrder(at(on, march), "C1", "default")).payments).toEqual([]);
  });

  test("refuses what it cannot read, row by row", async () => {
    const on = await cloneOf(here);
    const report = await showPayments(at(on, march), [
      ",P1,wechat,1.00,2026-03-01 10:00:00,",
      "C1,,wechat,1.00,2026-03-01 10:00:00,",
      "C1,P3,wechat,-1.00,2026-03-01 10:00:00,",
      "C1,P4,wechat,1.00,,",
    ]);
    expect(Object.fromEntries(report.reasons)).toEqual({
      order_no_empty: 1,
      payment_no_empty: 1,
      amount_negative: 1,
      paid_at_empty: 1,
    });
    const inDollars =
      "order_no,payment_no,channel,amount,paid_at,currency\nC1,P1,stripe,1.00,2026-03-01 10:00:00,USD\n";
    expect((await importEvidence(at(on, march), inDollars)).reasons).toEqual([["currency_not_yuan", 1]]);
  });

  test("is kept as it was imported: the database refuses to change a payment", async () => {
    const on = await cloneOf(here);
    await showPayments(at(on, march), [shown("C1", "2026-03-01")]);
    for (const statement of ["UPDATE order_evidence SET amount_fen = 1", "DELETE FROM order_evidence"])
      await expect(inTransaction(on.db, (tx) => tx.unsafe(statement))).rejects.toThrow();
  });
});

describe("channels' own files", () => {
  test("WeChat's 交易账单: payments are taken, refunds passed over, totals below left alone", async () => {
    const on = await cloneOf(here);
    await sale(on, [sold("C1", "S1", "2026-03-01"), sold("C2", "S1", "2026-03-01")]);
    const header =
      "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
    const row = (no: string, orderNo: string, state: string) =>
      `2026-03-01 10:00:05,wx1,1900,0,,${no},${orderNo},o1,JSAPI,${state},CMB,CNY,100.00,0.00,0,0,0.00,0.00,,,茶,,0.60000,0.60%,100.00,0.00,`
        .split(",")
        .map((cell) => `\`${cell}`)
        .join(",");
    const text = `\uFEFF${[
      header,
      row("4200001", "C1", "SUCCESS"),
      row("4200002", "C2", "REFUND"),
      "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额",
      "`2,`100.00,`100.00,`0.00,`0.00000,`100.00,`100.00",
    ].join("\r\n")}\r\n`;
    const report = await importEvidence(at(on, march), text);
    expect(report).toMatchObject({ profile: "wechat", read: 1, inserted: 1, rejected: 0 });
    expect(report.notes?.other_rows).toEqual({ refund: 1 });
    expect(await statesOf(on)).toEqual([["C1", "agrees"]]);
  });

  test("Alipay's 业务明细: the merchant's number finds the order, cells are padded, the summary ends it", async () => {
    const on = await cloneOf(here);
    await sale(on, [sold("C1", "S1", "2026-03-01")]);
    const header =
      "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注";
    const row = (no: string, orderNo: string, type: string, amount: string) =>
      `${no}\t,${orderNo}\t, ${type} ,茶,2026-03-01 09:59:40,2026-03-01 10:00:02,,,,,a***@b.com,${amount},${amount},0,0,0,0,0,,0,0,,0,0,`;
    const text = `${[
      "#支付宝业务明细查询",
      "#账号：[20880000]",
      "#起始日期：[2026年03月01日 00:00:00]   终止日期：[2026年03月02日 00:00:00]",
      "#-----------------------------------------业务明细列表----------------------------------------",
      header,
      row("20260301001", "C1", "交易", "100.00"),
      row("20260301001", "C1", "退款", "-10.00"),
      "#-----------------------------------------业务明细列表结束------------------------------------",
      "#交易合计：1笔，商家实收共100.00元",
    ].join("\r\n")}\r\n`;
    const report = await importEvidence(at(on, march), text);
    expect(report).toMatchObject({ profile: "alipay", read: 1, inserted: 1, rejected: 0 });
    expect(await statesOf(on)).toEqual([["C1", "agrees"]]);
  });

  test("Stripe's payments: the order's number is metadata, times are UTC, tries that failed are passed over", async () => {
    const on = await cloneOf(here);
    await sale(on, [sold("C1", "S1", "2026-03-01")]);
    const header = "id,Created date (UTC),Amount,Amount Refunded,Currency,Description,Status,order_id (metadata)";
    const text = `${header}\nch_1,2026-03-01 02:00:00,100.00,0.00,cny,tea,Paid,C1\nch_2,2026-03-01 02:00:00,100.00,0.00,cny,tea,Failed,C1\n`;
    const report = await importEvidence(at(on, march), text);
    expect(report).toMatchObject({ profile: "stripe", read: 1, inserted: 1 });
    expect(report.notes?.other_rows).toEqual({ failed: 1 });
    expect(await statesOf(on)).toEqual([["C1", "agrees"]]);
  });
});

/** What M1 earned in February. */
const ofFebruary = 336n;
const points = async (on: TestDatabase) => (await balanceOf(on.db, "M1")).availablePoints;
const waiting = async (on: TestDatabase) =>
  (
    await on.db.sql<{ orderNo: string }[]>`
  SELECT DISTINCT o.order_no FROM unevidenced_orders u JOIN orders o USING (member_id, order_id) ORDER BY 1`
  ).map(({ orderNo }) => orderNo);

test("how much has no evidence is told of each merchant, and is a risk, once evidence is kept at all", async () => {
  const on = await cloneOf(here);
  await verifyIdentity(at(on, march), "M1");
  const { withdrawalNo } = await requestWithdrawal(at(on, march, "amy"), { memberNo: "M1", points: 20n });
  const look = async () => {
    const subject = (await lookAt(at(on, march, "bob"), withdrawalNo)) as ReviewSubject;
    const { orders } = await showMerchant(at(on, march), "S1", true);
    return {
      risks: subject.risks,
      sources: subject.sources.map(({ merchantCode, orders, unevidencedOrders }) => [
        merchantCode,
        orders,
        unevidencedOrders,
      ]),
      ofS1: [orders!.paidOrders, orders!.unevidencedOrders],
    };
  };
  const bought = (ofS1: number, ofS2: number) => [
    ["S1", 2, ofS1],
    ["S2", 1, ofS2],
  ];
  const before = await look();
  expect(before).toMatchObject({ sources: bought(0, 0), ofS1: [2n, 0n] });
  expect(before.risks).not.toContain("without_evidence");
  // 200.00 of 1700.00 are shown.
  await showPayments(at(on, march), [shown("A2", "2026-02-27", "200.00")]);
  const some = await look();
  expect(some).toMatchObject({ sources: bought(2, 0), ofS1: [2n, 2n] });
  expect(some.risks).toContain("without_evidence");
  await showPayments(at(on, march), [shown("A1", "2026-02-27", "1000.00")]);
  const most = await look();
  expect(most).toMatchObject({ sources: bought(1, 0), ofS1: [2n, 1n] });
  expect(most.risks).not.toContain("without_evidence");
});

describe("where the policy asks for evidence", () => {
  const strict = { on: here };
  beforeAll(async () => {
    strict.on = await cloneOf(here);
    await setPolicy(at(strict.on, "2026-03-01", "boss"), {
      effectiveFrom: "2026-03-01",
      terms: { grantEvidence: "required" },
    });
  });

  test("an order earns nothing, and its merchant owes nothing for it, until a channel shows its payment", async () => {
    const on = await cloneOf(strict.on);
    await sale(on, [sold("C1", "S1", "2026-03-01"), sold("C2", "S2", "2026-03-01"), sold("C3", "S2", "2026-03-01")]);
    await showPayments(at(on, march), [shown("C1", "2026-03-01"), shown("C3", "2026-03-01", "1.00")]);
    expect(await runGrant(at(on, march), { businessDate: "2026-03-01" })).toMatchObject({
      orders: 1n,
      pointsGranted: 21n,
      contributionFen: 3_000n,
      unevidencedOrders: 2n,
    });
    expect([await points(on), await waiting(on)]).toEqual([ofFebruary + 21n, ["C2", "C3"]]);
    expect(await showOrder(at(on, march), "C2", undefined)).toMatchObject({ waitsForEvidence: true, isInFeed: false });
    await day(on, "2026-03-01", []);
    expect(await failing(on)).toEqual([]);
    expect((await runGrant(at(on, "2026-03-03"), { businessDate: march })).runId).toBeUndefined();
    await showPayments(at(on, "2026-03-03"), [shown("C2", "2026-03-01")]);
    expect(await runGrant({ ...at(on, "2026-03-03"), ending: "rollback" }, { businessDate: march })).toMatchObject({
      pointsGranted: 21n,
      unevidencedOrders: 0n,
    });
    await day(on, march, []);
    expect([await points(on), await waiting(on)]).toEqual([ofFebruary + 42n, ["C3"]]);
    expect(await showOrder(at(on, march), "C2", undefined)).toMatchObject({ waitsForEvidence: false });
    expect(await failing(on, "2026-03-03")).toEqual([]);
  });

  test("what is refunded meanwhile waits with the order, and it earns the rest, once", async () => {
    const on = await cloneOf(strict.on);
    await day(on, "2026-03-01", [sold("C1", "S1", "2026-03-01"), sold("C2", "S1", "2026-03-01")]);
    await day(on, march, [
      sold("C1", "S1", "2026-03-01", "100.00", "50.00"),
      sold("C2", "S1", "2026-03-01", "100.00", "100.00"),
    ]);
    expect([await points(on), await waiting(on)]).toEqual([ofFebruary, ["C1", "C2"]]);
    expect(await failing(on, "2026-03-03")).toEqual([]);
    await showPayments(at(on, "2026-03-04"), [shown("C1", "2026-03-01"), shown("C2", "2026-03-01")]);
    await day(on, "2026-03-03", [sold("C1", "S1", "2026-03-01", "100.00", "60.00")]);
    expect([await points(on), await waiting(on)]).toEqual([ofFebruary + 8n, []]);
    expect(await failing(on, "2026-03-05")).toEqual([]);
  });

  test("evidence that comes between the two files of an order finds all its changes together", async () => {
    const on = await cloneOf(strict.on);
    await day(on, "2026-03-01", [sold("C1", "S1", "2026-03-01")]);
    await sale(on, [sold("C1", "S1", "2026-03-01", "100.00", "10.00")]);
    await showPayments(at(on, march), [shown("C1", "2026-03-01")]);
    await day(on, march, []);
    expect([await points(on), await waiting(on)]).toEqual([ofFebruary + 19n, []]);
    expect(await failing(on, "2026-03-03")).toEqual([]);
  });

  test("an order keeps waiting when the policy goes back, for later orders earn as they are paid", async () => {
    const on = await cloneOf(strict.on);
    await day(on, "2026-03-01", [sold("C1", "S1", "2026-03-01")]);
    await setPolicy(at(on, march, "boss"), { effectiveFrom: march, terms: { grantEvidence: "none" } });
    await day(on, march, [sold("D1", "S1", march), sold("C1", "S1", "2026-03-01", "100.00", "1.00")]);
    expect([await points(on), await waiting(on)]).toEqual([ofFebruary + 21n, ["C1"]]);
    expect(await failing(on, "2026-03-03")).toEqual([]);
  });

  test("an order that earns on collection waits for its evidence first", async () => {
    const on = await cloneOf(strict.on);
    await setPolicy(at(on, "2026-03-01", "boss"), { effectiveFrom: march, terms: { grantOn: "collection" } });
    await day(on, march, [sold("D1", "S1", march)]);
    await showPayments(at(on, "2026-03-03"), [shown("D1", march)]);
    expect(await runGrant(at(on, "2026-03-04"), { businessDate: "2026-03-03" })).toMatchObject({
      pointsGranted: 0n,
      contributionFen: 3_000n,
      waitingOrders: 1n,
    });
    expect(await failing(on, "2026-03-04")).toEqual([]);
  });

  test("whoever lets an order go without evidence is found, or keeps one back, or changes a payment", async () => {
    const on = await cloneOf(strict.on);
    await sale(on, [sold("C1", "S1", "2026-03-01"), sold("C2", "S1", "2026-03-01")]);
    await showPayments(at(on, march), [shown("C1", "2026-03-01")]);
    await day(on, "2026-03-01", []);
    expect(await failing(on)).toEqual([]);
    const found = async (statement: string) => {
      const copy = await cloneOf(on);
      await tamper(copy, (sql) => sql.unsafe(statement));
      return (await failing(copy)).map(([name]) => name);
    };
    expect(await found("DELETE FROM order_evidence")).toEqual(
      expect.arrayContaining(["grants_have_evidence", "evidence_unchanged", "imports_match_rows"]),
    );
    expect(await found("UPDATE order_evidence SET amount_fen = 1")).toEqual(
      expect.arrayContaining(["grants_have_evidence", "evidence_unchanged"]),
    );
    expect(
      await found(
        "INSERT INTO order_evidence SELECT 'P-C2', channel, 'C2', source, amount_fen, paid_at, import_id, 9 FROM order_evidence",
      ),
    ).toEqual(expect.arrayContaining(["evidence_unchanged", "imports_match_rows"]));
    expect(await found("DELETE FROM unevidenced_orders")).toContain("no_order_forgotten");
    expect(await found("UPDATE unevidenced_orders SET net_fen = 1")).toContain("unevidenced_match_orders");
    expect(await found("UPDATE unevidenced_orders SET is_first = false")).toContain("unevidenced_match_orders");
    expect(await found("UPDATE unevidenced_orders SET order_id = 1")).toContain("no_orphans");
    expect(
      await found(`INSERT INTO unevidenced_orders SELECT member_id, order_id, (SELECT max(import_id) FROM unevidenced_orders), merchant_id, amount_fen, business_date, true
        FROM orders WHERE order_no = 'C1'`),
    ).toContain("unevidenced_match_orders");
  });
});
