import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { registerMember } from "../../../src/domain/members/register.ts";
import { contextFor, testDatabase } from "../../support/database.ts";
import { scratchDirectory, writeScratch } from "../../support/files.ts";
import { importMerchants } from "../../support/imports.ts";
import { peopleIn } from "../orders/scene.ts";
import { run, sketch } from "./sketching.ts";

const database = await testDatabase();
await peopleIn(database);
for (const [memberNo, email, phone] of [
  ["A1", "ann@example.com", "13800000001"],
  ["B1", "bob@example.com", "13800000002"],
] as const)
  await registerMember(contextFor(database.db), { memberNo, name: `名${memberNo}`, email, phone });
const shops = "merchant_code,name\nOT,Old Town\nHB,Harbour\n";
await importMerchants(database.context(), { input: { path: writeScratch("shops.csv", shops) } });

/** An export in the shape of a platform's, and what a guessed profile makes of it. */
interface Shape {
  readonly lines: readonly string[];
  readonly options?: readonly string[];
  /** What is asked, with what somebody writes there, or gives as an option. */
  readonly asked?: Readonly<Record<string, string>>;
  readonly more?: readonly string[];
  /** Order, member, merchant, fen, refunded fen, status, time of payment in UTC. */
  readonly orders: readonly string[];
  readonly reasons?: Readonly<Record<string, number>>;
}

const shapes: Readonly<Record<string, Shape>> = {
  "PayPal's activity: payments, refunds that name the payment, and what else moves on an account": {
    lines: [
      "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,Transaction ID,Reference Txn ID,Invoice Number",
      "01/02/2026,09:15:00,PST,Ann,Express Checkout Payment,Completed,CNY,100.00,-3.20,96.80,ann@example.com,1AB,B-77,W1",
      '01/13/2026,10:00:00,PST,Bob,Website Payment,Completed,CNY,"1,233.65",-40.00,"1,193.65",bob@example.com,2AB,,W2',
      "01/13/2026,11:00:00,PST,,General Withdrawal,Completed,CNY,-500.00,0.00,-500.00,shop@example.com,3AB,,",
      "01/14/2026,09:00:00,PST,Bob,Payment Refund,Completed,CNY,-33.65,1.20,-32.45,shop@example.com,4AB,2AB,W2",
      "01/14/2026,09:30:00,PST,Bob,Payment Refund,Denied,CNY,-1.00,0.00,-1.00,shop@example.com,6AB,2AB,W2",
      "01/15/2026,09:00:00,PST,Ann,Express Checkout Payment,Pending,CNY,8.90,-0.30,8.60,ann@example.com,5AB,,W3",
    ],
    options: ["--merchant", "S1"],
    asked: { zone: "?" },
    more: ["--zone", "America/Los_Angeles"],
    orders: [
      "1AB A1 S1 10000 0 paid 2026-01-02 17:15",
      "2AB B1 S1 123365 3365 paid 2026-01-13 18:00",
      "5AB A1 S1 890 0 pending",
    ],
  },
  "微店: a refund that is under way, or was refused, is none": {
    lines: [
      "订单编号,订单状态,下单时间,付款时间,会员号,店铺,实付金额,退款状态,退款金额",
      "1,已完成,2026-01-02 10:15:00,2026-01-02 10:16:00,M1,S1,100.00,,",
      "2,已发货,2026-01-02 10:15:00,2026-01-02 10:17:00,M2,S1,1233.65,退款中,33.65",
      "3,已关闭,2026-01-02 10:15:00,2026-01-02 11:00:00,M3,S2,20.00,退款成功,20.00",
      "4,退款中,2026-01-02 10:15:00,2026-01-02 11:00:00,M3,S2,20.00,退款关闭,5.00",
    ],
    asked: { "columns.status.words.退款中": "paid" },
    orders: [
      "1 M1 S1 10000 0 paid 2026-01-02 02:16",
      "2 M2 S1 123365 0 paid 2026-01-02 02:17",
      "3 M3 S2 2000 2000 closed 2026-01-02 03:00",
      "4 M3 S2 2000 0 paid 2026-01-02 03:00",
    ],
  },
  "Magento's grid": {
    lines: [
      "ID,Purchase Date,Grand Total (Base),Grand Total (Purchased),Status,Customer Email,Customer Name,Total Refunded",
      '000000001,"Jan 2, 2026 9:15:00 AM",$100.00,$100.00,Complete,ann@example.com,Ann Lee,$0.00',
      '000000002,"Jan 13, 2026 9:15:00 AM","$1,233.65","$1,233.65",Closed,bob@example.com,Bob Ray,"$1,233.65"',
      '000000003,"Jan 14, 2026 9:15:00 PM",$8.90,$8.90,Suspected Fraud,ann@example.com,Ann Lee,',
      '000000004,"Jan 14, 2026 9:15:00 PM",$8.90,$8.90,Payment Review,ann@example.com,Ann Lee,',
    ],
    options: ["--merchant", "S1", "--zone", "America/New_York"],
    orders: [
      "000000001 A1 S1 10000 0 paid 2026-01-02 14:15",
      "000000002 B1 S1 123365 123365 closed 2026-01-13 14:15",
      "000000003 A1 S1 890 0 pending",
      "000000004 A1 S1 890 0 pending",
    ],
  },
  "Magento's items: a closed order of which only the time of the order is known, by its own number": {
    lines: [
      "entity_id,increment_id,status,grand_total,total_refunded,customer_email,created_at,order_id,sku,row_total",
      "1,100000001,complete,100.00,,ann@example.com,2026-01-02 09:15:00,1,TEA-1,60.00",
      "1,100000001,complete,100.00,,ann@example.com,2026-01-02 09:15:00,1,TEA-2,40.00",
      "2,100000002,closed,50.00,50.00,bob@example.com,2026-01-13 09:15:00,2,TEA-1,50.00",
      "3,100000003,holded,8.90,,bob@example.com,2026-01-13 09:15:00,3,TEA-1,8.90",
    ],
    options: ["--merchant", "S1", "--zone", "UTC"],
    orders: [
      "100000001 A1 S1 10000 0 paid 2026-01-02 09:15",
      "100000002 B1 S1 5000 5000 closed 2026-01-13 09:15",
      "100000003 B1 S1 890 0 pending",
    ],
  },
  "BigCommerce's states of orders, of which a dispute is asked about": {
    lines: [
      "Order ID,Order Date,Order Status,Order Total (inc tax),Order Total (ex tax),Customer ID,Customer Email",
      ...[
        "Completed",
        "Awaiting Fulfillment",
        "Awaiting Pickup",
        "Partially Shipped",
        "Awaiting Payment",
        "Incomplete",
        "Manual Verification Required",
        "Declined",
        "Disputed",
      ].map((status, index) => `${index},01/1${index}/2026,${status},8.90,8.00,7,ann@example.com`),
    ],
    options: ["--merchant", "S1", "--zone", "UTC"],
    asked: { "columns.status.words.Disputed": "paid" },
    orders: [
      ...[0, 1, 2, 3].map((day) => `${day} A1 S1 890 0 paid 2026-01-1${day} 00:00`),
      ...[4, 5, 6].map((day) => `${day} A1 S1 890 0 pending`),
      "7 A1 S1 890 0 closed",
      "8 A1 S1 890 0 paid 2026-01-18 00:00",
    ],
  },
  "快手小店: what was sold back of a closed order earns nothing, whatever it was": {
    lines: [
      "订单编号,订单创建时间,订单支付时间,订单状态,实付款,SKU编码,成交数量,会员号,店铺,售后状态",
      "1,2026-01-02 10:15:00,2026-01-02 10:16:00,交易成功,100.00,T1,1,M1,S1,",
      "2,2026-01-02 10:15:00,,待付款,8.90,T1,1,M1,S2,",
      "3,2026-01-02 10:15:00,2026-01-02 11:00:00,交易关闭,20.00,T1,1,M3,S2,售后成功",
      "4,2026-01-02 10:15:00,2026-01-02 11:00:00,待发货,20.00,T1,1,M3,S2,售后中",
    ],
    orders: [
      "1 M1 S1 10000 0 paid 2026-01-02 02:16",
      "2 M1 S2 890 0 pending",
      "3 M3 S2 2000 0 closed 2026-01-02 03:00",
      "4 M3 S2 2000 0 paid 2026-01-02 03:00",
    ],
  },
  "Shopee: - for nothing; the time of payment, and none of the others; a refund of which nobody says how much": {
    lines: [
      "Order ID,Order Status,Return / Refund Status,Order Creation Date,Order Paid Time,Total Amount,Username (Buyer),Order Complete Time",
      "A1,Completed,-,2026-01-02 10:15,2026-01-02 10:16,100.00,M1,2026-01-09 10:15",
      "A2,To ship,-,2026-01-02 11:15,2026-01-02 11:16,60.00,M2,-",
      "A3,Unpaid,-,2026-01-02 11:15,-,60.00,M2,-",
      "A4,Completed,Refund Approved,2026-01-02 11:15,2026-01-02 11:16,120.00,M3,2026-01-09 10:15",
    ],
    options: ["--merchant", "S1", "--zone", "Asia/Singapore"],
    asked: { "columns.refunded_amount": "?" },
    more: ["--map", "refunded_amount="],
    orders: [
      "A1 M1 S1 10000 0 paid 2026-01-02 02:16",
      "A2 M2 S1 6000 0 paid 2026-01-02 03:16",
      "A3 M2 S1 6000 0 pending",
      "A4 M3 S1 12000 0 paid 2026-01-02 03:16",
    ],
  },
  "饿了么: the time of delivery is none of payment, a shop's number goes before its name": {
    lines: [
      "订单编号,门店名称,门店ID,下单时间,送达时间,订单状态,用户实付,商家应收,退款金额,会员手机号",
      "1,店S1,S1,2026-01-02 10:15:00,2026-01-02 10:55:00,已完成,100.00,80.00,0.00,13800000001",
      "2,店S2,S2,2026-01-02 12:15:00,,无效订单,8.90,0.00,0.00,13800000002",
    ],
    orders: ["1 A1 S1 10000 0 paid 2026-01-02 02:15", "2 B1 S2 890 0 closed 2026-01-02 04:15"],
  },
  "Toast: Amount beside Total, and a column that says which orders were taken back": {
    lines: [
      "Location,Order Id,Opened,Amount,Tax,Total,Voided,Paid,Closed,Email",
      "Old Town,1,1/2/26 9:15 AM,90.00,10.00,100.00,false,1/2/26 9:45 AM,1/2/26 9:50 AM,ann@example.com",
      "Harbour,2,1/13/26 9:15 AM,8.90,0.00,8.90,true,,1/13/26 9:50 PM,bob@example.com",
    ],
    options: ["--zone", "America/New_York"],
    orders: ["1 A1 OT 10000 0 paid 2026-01-02 14:45", "2 B1 HB 890 0 closed"],
  },
  "Clover: the name of a zone behind a time": {
    lines: [
      "Payment Date,Result,Order ID,Customer ID,Amount,Refund Amount",
      "02-Jan-2026 09:15 AM EST,SUCCESS,1,M1,100.00,0.00",
      "13-Jul-2026 09:15 PM EDT,FAIL,2,M2,8.90,0.00",
    ],
    options: ["--merchant", "S1", "--zone", "America/New_York"],
    orders: ["1 M1 S1 10000 0 paid 2026-01-02 14:15", "2 M2 S1 890 0 closed 2026-07-14 01:15"],
  },
  "Ecwid: a time of day with its offset, in a column of its own": {
    lines: [
      "order_number,date,time,email,total,refunded_amount,payment_status",
      "1,2026-01-02,10:15:00 +0000,ann@example.com,100.00,0,PAID",
      "2,2026-01-13,10:15:00 +0000,bob@example.com,8.90,8.90,REFUNDED",
      "3,2026-01-13,10:15:00 +0000,bob@example.com,8.90,0,AWAITING_PAYMENT",
    ],
    options: ["--merchant", "S1"],
    orders: [
      "1 A1 S1 10000 0 paid 2026-01-02 10:15",
      "2 B1 S1 890 890 closed 2026-01-13 10:15",
      "3 B1 S1 890 0 pending",
    ],
  },
  "SumUp: refunds that no number ties to a payment": {
    lines: [
      "Date,Transaction ID,Transaction Type,Status,Total,Reference",
      "2026-01-02 10:15:00,T1,Sale,Paid Out,100.00,M1",
      "2026-01-02 11:17:00,T2,Refund,Successful,-33.65,M1",
    ],
    options: ["--merchant", "S1"],
    orders: ["T1 M1 S1 10000 0 paid 2026-01-02 02:15"],
    reasons: { refund_without_order: 1 },
  },
  "eBay: the time of the payment goes before that of the sale": {
    lines: [
      "Order Number,Buyer Email,Total Price,Sale Date,Paid On Date,Refund Amount",
      "1,ann@example.com,¥100.00,Jan-02-26,Jan-03-26,",
      "2,bob@example.com,¥8.90,Jan-13-26,,",
    ],
    options: ["--merchant", "S1", "--zone", "UTC"],
    orders: ["1 A1 S1 10000 0 paid 2026-01-03 00:00", "2 B1 S1 890 0 pending"],
  },
  "a till whose returns name the sale, and are numbered like it": {
    lines: [
      "单号,原单号,类型,门店编号,会员手机,收款时间,实收金额",
      "A1,,销售,S1,13800000001,2026-01-02 10:15:00,100.00",
      "A2,,销售,S1,13800000002,2026-01-02 11:15:00,80.00",
      "A3,A2,退货,S1,13800000002,2026-01-02 12:15:00,-30.00",
    ],
    orders: ["A1 A1 S1 10000 0 paid 2026-01-02 02:15", "A2 B1 S1 8000 3000 paid 2026-01-02 03:15"],
  },
  "Zettle: times are no numbers of receipts": {
    lines: [
      "Datum;Tid;Kvittonummer;Kundnummer;Totalt",
      "2026-01-02;10:15;1;M1;100,00",
      "2026-01-13;11:15;2;M2;1 233,65",
    ],
    options: ["--merchant", "S1", "--zone", "Europe/Stockholm"],
    orders: ["1 M1 S1 10000 0 paid 2026-01-02 09:15", "2 M2 S1 123365 0 paid 2026-01-13 10:15"],
  },
  "a French till: 10h15": {
    lines: [
      "Ticket;Date;Heure;Client;Magasin;Montant TTC;Statut",
      "1;02/01/2026;10h15;M1;S1;100,00;Payé",
      "2;13/01/2026;9h05;M2;S2;8,90;Annulé",
    ],
    options: ["--zone", "Europe/Paris"],
    orders: ["1 M1 S1 10000 0 paid 2026-01-02 09:15", "2 M2 S2 890 0 closed 2026-01-13 08:05"],
  },
  "Rakuten: states by their numbers": {
    lines: [
      "注文番号,注文ステータス,注文日時,請求金額,注文者メールアドレス,注文者姓",
      "r-1,700,2026-01-02 10:15:00,100,ann@example.com,李",
      "r-2,900,2026-01-13 10:15:00,1233,bob@example.com,王",
      "r-3,700,2026-01-13 10:15:00,1233,bob@example.com,王",
    ],
    options: ["--merchant", "S1", "--zone", "Asia/Tokyo"],
    asked: { "columns.status.words.700": "paid", "columns.status.words.900": "closed" },
    orders: [
      "r-1 A1 S1 10000 0 paid 2026-01-02 01:15",
      "r-2 B1 S1 123300 0 closed 2026-01-13 01:15",
      "r-3 B1 S1 123300 0 paid 2026-01-13 01:15",
    ],
  },
  "Lightspeed: a sale that is closed is one that is done, or is it": {
    lines: [
      "Sale ID,Sale Date,Customer Code,Total,Status",
      "1,2026-01-02 10:15:00,M1,100.00,CLOSED",
      "2,2026-01-13 11:15:00,M2,8.90,VOIDED",
    ],
    options: ["--merchant", "S1"],
    asked: { "columns.status.words.CLOSED": "paid" },
    orders: ["1 M1 S1 10000 0 paid 2026-01-02 02:15", "2 M2 S1 890 0 closed 2026-01-13 03:15"],
  },
  "Ozon: words in Cyrillic letters": {
    lines: [
      "Номер заказа;Принят в обработку;Статус;Сумма отправления;Артикул;Количество;Покупатель",
      "1;2026-01-02 10:15:00;Доставлен;100.00;T1;1;M1",
      "2;2026-01-13 10:15:00;Отменён;8.90;T1;1;M2",
    ],
    options: ["--merchant", "S1", "--zone", "Europe/Moscow"],
    orders: ["1 M1 S1 10000 0 paid 2026-01-02 07:15", "2 M2 S1 890 0 closed 2026-01-13 07:15"],
  },
};

const ordersOf = async (source: string) =>
  (
    await database.db.sql<{ said: string }[]>`
      SELECT concat_ws(' ', o.order_no, n.member_no, r.merchant_code, o.amount_fen, o.refunded_fen, o.status,
        to_char(o.paid_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')) AS said
      FROM orders o JOIN member_numbers n USING (member_id) JOIN merchants r USING (merchant_id)
      WHERE o.source = ${source} ORDER BY o.order_no`
  ).map(({ said }) => said);

/** Writes answers into a profile, each where it was asked. */
function fillIn(path: string, answers: Readonly<Record<string, string>>): void {
  const profile = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  for (const [at, answer] of Object.entries(answers)) {
    const fields = at.split(".");
    let inner = profile;
    for (const field of fields.slice(0, -1)) inner = inner[field] as Record<string, unknown>;
    inner[fields.at(-1)!] = answer;
  }
  writeFileSync(path, JSON.stringify(profile));
}

test.each(Object.entries(shapes).map(([title, shape], at) => [title, shape, `field${at}`] as const))(
  "%s",
  async (_title, { lines, options = [], asked = {}, more = [], orders, reasons = {} }, source) => {
    const file = writeScratch("field.csv", `${lines.join("\n")}\n`);
    const profile = join(scratchDirectory(), "field.json");
    const sketched = await sketch(database, file, profile, "--source", source, ...options);
    expect(sketched.to_fill_in.map(({ at }) => at).toSorted()).toEqual(Object.keys(asked).toSorted());
    fillIn(profile, asked);
    const command = `${sketched.next[0]!} ${more.join(" ")}`.trim();
    const { report } = await run(database, command.replace("--merchant CODE", "--merchant S1"));
    expect(report["reasons"]).toEqual(reasons);
    expect(await ordersOf(source)).toEqual(orders);
  },
);
