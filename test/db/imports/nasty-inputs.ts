import { gzipSync } from "node:zlib";
import { charsets } from "../../../src/csv/input/encodings.ts";
import { encode, zip } from "../../unit/csv/encode.ts";

const header = "订单号,会员号,商家编号,金额,状态,支付时间,商品编号\r\n";
const orders = `${header}A1,M1,S1,100.00,已付款,2026-02-01 10:00:00,𠮷é€\r\nA2,M9,S1,8.00,已付款,2026-02-01 10:00:00,\r\nA3,M2,S1,50.00,待付款,,"连衣裙,""S"""\r\n`;
const gbk = encode(orders, "gb18030");
const summary = encode("类型,合计\r\n收入,158.00\r\n", "gb18030");
const packed = gzipSync(gbk);
/**
 * What moved on an account is no bill of orders: what came in is net of what was given up, and a refund has no number
 * of its own.
 */
const ledger = encode(
  [
    "#支付宝账务明细查询",
    "#账号：[20880000000000000156]",
    "#起始日期：[2026年02月01日 00:00:00]   终止日期：[2026年02月02日 00:00:00]",
    "#-----------------------------------------账务明细列表----------------------------------------",
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注",
    "54632446537371\t,2026020122001000000000000001\t,B1\t,茶\t,2026-02-01 10:00:01,张三 (ming@example.com)\t,100.00,0.00,100.00,支付宝,在线支付,",
    "#----------------------------------------账务明细列表结束-------------------------------------",
    "#支出合计：0笔，共0.00元",
    "#收入合计：1笔，共100.00元",
    "",
  ].join("\r\n"),
  "gb18030",
);

/** A copy with one byte set to another value. */
const damagedAt = (bytes: Buffer, at: number, value: number): Buffer =>
  Buffer.concat([bytes.subarray(0, at), Buffer.of(value), bytes.subarray(at + 1)]);

/**
 * The files under fixtures/nasty that are nasty as bytes: by their encoding, or as archives. The same three orders in
 * most.
 */
export const nastyInputs: Readonly<Record<string, Buffer>> = {
  "utf8-bom.csv": Buffer.concat([charsets["utf-8"].mark, encode(orders, "utf-8")]),
  "gbk.csv": gbk,
  "utf16le.csv": Buffer.concat([charsets["utf-16le"].mark, encode(orders, "utf-16le")]),
  "utf16be.csv": Buffer.concat([charsets["utf-16be"].mark, encode(orders, "utf-16be")]),
  "utf16le-no-mark.csv": encode(orders, "utf-16le"),
  "latin1.csv": Buffer.from("order_no,member_no,merchant_code,amount\nAndré,M1,S1,1\n", "latin1"),
  "utf8-then-gbk.csv": Buffer.concat([
    encode(orders, "utf-8"),
    encode("A4,M1,S1,1.00,已付款,2026-02-01 10:00:00,\r\n", "gb18030"),
  ]),
  "gbk-damaged.csv": damagedAt(gbk, gbk.indexOf("A3"), 0xff),
  "gbk-cut.csv": gbk.subarray(0, gbk.indexOf("A3") + "A3,M2,S1,50.00,".length + 1),
  "nul.csv": encode(orders.replace("S1,8.00", "S1,8\u0000.00"), "utf-8"),
  "members-of-one.csv.gz": Buffer.concat([
    gzipSync(encode(header, "gb18030")),
    gzipSync(gbk.subarray(encode(header, "gb18030").length)),
    Buffer.alloc(16),
  ]),
  "truncated.csv.gz": packed.subarray(0, packed.length - 20),
  "two-texts.csv.gz": Buffer.concat([packed, Buffer.from("and more")]),
  "alipay-like.zip": zip([
    { name: encode("20260201_账务明细(汇总).csv", "gb18030"), data: summary },
    { name: encode("20260201_账务明细.csv", "gb18030"), data: gbk },
    { name: encode("使用说明.pdf", "gb18030"), data: Buffer.from("%PDF-1.4") },
  ]),
  "alipay-ledger.csv": ledger,
  "two-that-fit.zip": zip([
    { name: "a.csv", data: gbk },
    { name: "b.csv", data: gbk },
  ]),
  "none-that-fits.zip": zip([
    { name: encode("汇总.csv", "gb18030"), data: summary },
    { name: "readme.txt", data: Buffer.from("André", "latin1") },
  ]),
  "password.zip": zip([{ name: "a.csv", data: gbk, flags: 1 }]),
  "empty.zip": zip([]),
  "truncated.zip": zip([{ name: "a.csv", data: gbk }]).subarray(0, 200),
  "workbook.csv": zip([
    { name: "[Content_Types].xml", data: Buffer.from("<Types/>") },
    { name: "xl/workbook.xml", data: Buffer.from("<workbook/>") },
  ]),
  "old-workbook.csv": Buffer.from("d0cf11e0a1b11ae10000000000000000", "hex"),
};
