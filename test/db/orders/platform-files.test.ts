import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { testDatabase } from "../../support/database.ts";
import { scratchDirectory } from "../../support/files.ts";
import { transcript } from "../../support/transcript.ts";
import { consumersBills, platformFiles } from "./platform-files.ts";
import { peopleIn } from "./scene.ts";

const folder = resolve("fixtures/nasty");
const database = await testDatabase();
await peopleIn(database);

const bytesOf = [
  ...Object.entries(platformFiles).map(([name, { bytes }]) => [name, bytes] as const),
  ...Object.entries(consumersBills),
];

/** `NASTY=write npx vitest run test/db/orders/platform-files.test.ts` writes the files anew. */
if (process.env["NASTY"] === "write") {
  for (const [name, bytes] of bytesOf) writeFileSync(join(folder, name), bytes);
}

const inbox = scratchDirectory();
for (const [name, bytes] of bytesOf) writeFileSync(join(inbox, name), bytes);
const play = (...lines: string[]) => transcript(lines, { database, cwd: inbox });
const importing = (name: string): string => `accrue order import ${name}${platformFiles[name]!.options}`;
const aliases: readonly (readonly [holder: string, known: string, source: string, alias: string])[] = [
  ["member", "M1", "taobao", "小明"],
  ["member", "M2", "taobao", "小红"],
  ["merchant", "S1", "taobao", "某某旗舰店"],
  ["member", "M1", "jd", "jd_ming"],
  ["member", "M2", "jd", "jd_hong"],
  ["merchant", "S1", "meituan", "某某茶饮"],
  ["merchant", "S1", "shopify", "TeaHouse"],
  ["member", "M1", "wechat", "openid-ming"],
  ["member", "M2", "wechat", "openid-hong"],
  ["merchant", "S1", "wechat", "1900001"],
  ["member", "M1", "alipay", "ming@example.com"],
  ["merchant", "S1", "alipay", "某某茶饮"],
  ["merchant", "S1", "square", "TeaHouse"],
  ["member", "M1", "square", "CUST1"],
  ["member", "M2", "square", "CUST2"],
  ["member", "M1", "etsy", "jane"],
  ["member", "M2", "etsy", "bob"],
  ["merchant", "S1", "shouqianba", "某某茶饮"],
  ["member", "M1", "shouqianba", "openid-ming"],
  ["member", "M2", "shouqianba", "openid-hong"],
];

test("the files are what the script makes", () => {
  for (const [name, bytes] of bytesOf)
    expect([name, readFileSync(join(folder, name)).equals(bytes)]).toEqual([name, true]);
});

test("before it is imported, a file can be explained", async () => {
  expect(
    await play(
      "accrue order import taobao.csv --explain",
      "accrue order import wechat.csv --explain",
      "accrue order import jd.csv --explain --json",
      "accrue order import jd.csv --explain --json --merchant S1",
    ),
  ).toMatchInlineSnapshot(`
    "
    $ accrue order import taobao.csv --explain
    taobao.csv: how it would be read; nothing is kept
      encoding            gb18030
      separated by        commas
      header              line 1
      profile             read as taobao: 34 of the 34 names in line 1 are its own, more than of any other profile
      members by          alias
      merchants by        alias
      rows per order      one
      times               Asia/Shanghai
      nothing is said by  - null 无退款申请 没有退款申请
    columns
      order_no         订单编号
      member_no        买家会员名
      merchant_code    店铺名称; nothing is said by "0"
      amount           总金额
      status           订单状态; 等待买家付款 = pending; 买家已付款，等待卖家发货 = paid; 卖家部分发货 = paid; 卖家已发货，等待买家确认 = paid; 交易成功 = paid; 交易关闭 = closed; 付款以后用户退款成功，交易自动关闭 = closed; 付款以前，卖家或买家主动关闭交易 = closed
      paid_at          订单付款时间
      refunded_amount  退款金额
      source           always taobao
      member_name      收货人姓名
      not read: 买家支付宝账号, 买家应付货款, 买家应付邮费, 买家支付积分, 返点积分, 买家实际支付金额, 买家实际支付积分, 买家留言, 收货地址, 运送方式, 联系电话, 联系手机, 订单创建时间, 宝贝标题, 宝贝种类, 物流单号, 物流公司, 订单备注, 宝贝总数量, 店铺Id, 订单关闭原因, 卖家服务费, 买家服务费, 发票抬头, 是否手机订单, 分阶段订单信息
    all 9 rows
      line 2: order_no 2016052312345678901, source taobao, member_no 小明, merchant_code 某某旗舰店, amount 100.00, status paid, paid_at <time> Asia/Shanghai
      line 3: order_no 2016052312345678902, source taobao, member_no 小红, merchant_code 某某旗舰店, amount 80.50, refunded 30.00, status paid, paid_at <time> Asia/Shanghai
      line 5: order_no 2016052312345678903, source taobao, member_no 小红, merchant_code 某某旗舰店, amount 20.00, status pending
      line 6: order_no 2016052312345678904, source taobao, member_no 小红, merchant_code 某某旗舰店, amount 20.00, status closed
    what its import would come to
      read       9
      inserted   0
      updated    0
      duplicate  0
      rejected   9, 300.50 yuan
      4 x unknown_merchant_alias: 1 different cell, "某某旗舰店"
      1 x amount_too_many_decimals: 1 different cell, "20.005"
      1 x member_no_masked: 1 different cell, "t**1"
      1 x order_no_scientific_notation: 1 different cell, "2.01605E+18"
      1 x paid_at_ambiguous_date: 1 different cell, "23/05/2016 22:02"
      1 x unknown_status: 1 different cell, "交易中"
      line 2, 店铺名称: no merchant has this alias; say whose it is: \`accrue merchant alias\` or \`accrue merchant import-aliases\`, or name one for the whole file: --merchant CODE
      line 7, 订单编号: "2.01605E+18" is a number in scientific notation, so digits of the id are lost; format the column as text and export it again
      line 8, 买家会员名: "t**1" is masked by the platform: many people look like that; export the file unmasked
      line 9, 订单状态: "交易中" is no status of an order; known: 等待买家付款, 买家已付款，等待卖家发货, 卖家部分发货, 卖家已发货，等待买家确认, 交易成功, 交易关闭, 付款以后用户退款成功，交易自动关闭, 付款以前，卖家或买家主动关闭交易
      line 10, 订单付款时间: "23/05/2016 22:02" could put the month first or the day first; write the year first: 2026-01-02, or say which with --date-order
      line 11, 总金额: "20.005" is finer than one fen; write at most two decimals

    $ accrue order import wechat.csv --explain
    wechat.csv: how it would be read; nothing is kept
      encoding        utf-8-bom
      separated by    commas
      header          line 1
      profile         read as wechat: 27 of the 27 names in line 1 are its own, more than of any other profile
      members by      alias
      merchants by    alias
      rows per order  one
      times           Asia/Shanghai
    columns
      order_no         微信订单号
      member_no        用户标识
      merchant_code    特约商户号; nothing is said by "0"; where nothing is said, 商户号 is read
      amount           订单金额
      paid_at          交易时间
      refunded_amount  申请退款金额
      source           always wechat
      row_type         交易状态; SUCCESS = order; REFUND = refund; REVOKED = refund
      refund_no        微信退款单号; nothing is said by "0"
      refund_status    退款状态; SUCCESS = made; PROCESSING = under_way; CHANGE = made; FAIL = not_made
      currency         货币种类
      not read: 公众账号ID, 设备号, 商户订单号, 交易类型, 付款银行, 应结订单金额, 代金券金额, 商户退款单号, 退款金额, 充值券退款金额, 退款类型, 商品名称, 商户数据包, 手续费, 费率, 费率备注
    all 5 rows
      line 2: order_no 4200000001202602010000000001, source wechat, member_no openid-ming, merchant_code 1900001, amount 28.16, status paid, paid_at <time> Asia/Shanghai
      line 3: order_no 4200000001202602010000000002, source wechat, member_no openid-hong, merchant_code 1900001, amount 50.00, status paid, paid_at <time> Asia/Shanghai
      line 4: order_no 4200000001202602010000000002, source wechat, refunded 20.00, refund_no 5030000001202602010000000001
      1 x refund not made: none of this kind
    what its import would come to
      read       4
      inserted   0
      updated    0
      duplicate  0
      rejected   4, 78.16 yuan
      orders     3
      rows passed over: 2 after the data
      1 row of refund not made is none of this kind
      the file's own number of rows is right: 5
      the file's own sum of amount is 86.16, but 78.16 was read, without 1 that cannot be read
      the file's own sum of refunded_amount is right: 25.00
      2 x unknown_merchant_alias: 1 different cell, "0"
      1 x refund_without_order: 1 different cell, "4200000001202602010000000002"
      1 x too_many_cells
      line 2, 特约商户号: no merchant has this alias; say whose it is: \`accrue merchant alias\` or \`accrue merchant import-aliases\`, or name one for the whole file: --merchant CODE
      line 4, 微信订单号: no order has this number: import the file with its payment first, then this rejects file as it is
      line 6: the row has 28 cells, the header 27; put quotes around a cell that contains a comma

    $ accrue order import jd.csv --explain --json
    ! {"error":{"code":"column_not_in_file","message":"jd.csv, read as jd: no column of it has merchant_code","hint":"name the merchant of all rows with --merchant CODE, or say which column does: --map merchant_code=HEADER. Found: 订单号, 商品ID, 商品名称, 订购数量, 支付方式, 下单时间, 京东价, 订单金额, 结算金额, 余额支付, 应付金额, 订单状态, 订单类型, 下单帐号, 客户姓名, 客户地址, 联系电话, 订单备注, 发票类型, 发票抬头, 发票内容, 商家备注, 商家备注等级, 运费金额, 付款确认时间, 增值税发票, 货号, 订单完成时间, 订单来源, 订单渠道","details":{"file":"jd.csv","profile":"jd","column":"merchant_code","found":["订单号","商品ID","商品名称","订购数量","支付方式","下单时间","京东价","订单金额","结算金额","余额支付","应付金额","订单状态","订单类型","下单帐号","客户姓名","客户地址","联系电话","订单备注","发票类型","发票抬头","发票内容","商家备注","商家备注等级","运费金额","付款确认时间","增值税发票","货号","订单完成时间","订单来源","订单渠道"]}}}
    [exit 2]

    $ accrue order import jd.csv --explain --json --merchant S1
    {"file":"jd.csv","encoding":"gb18030","delimiter":",","header_line":1,"profile":"jd","profile_reason":"read as jd: 30 of the 30 names in line 1 are its own, more than of any other profile","zone":"Asia/Shanghai","member_by":"alias","merchant_by":"code","rows_per_order":"same","rows_paid_at":"same","rounding":"exact","nothing":["-"],"columns":[{"column":"order_no","header":"订单号","constant":null,"rules":[]},{"column":"member_no","header":"下单帐号","constant":null,"rules":[]},{"column":"merchant_code","header":null,"constant":"S1","rules":[]},{"column":"amount","header":"结算金额","constant":null,"rules":["up to \\"(已退款\\""]},{"column":"status","header":"订单状态","constant":null,"rules":["等待付款 = pending; 未付款 = pending; 等待付款确认 = pending; 等待发货 = paid; 等待出库 = paid; 等待确认收货 = paid; 已完成 = paid; 完成 = paid; 锁定 = paid; 取消 = closed; 已取消 = closed; (删除)等待付款 = closed; (删除)等待出库 = closed; (删除)取消 = closed"]},{"column":"paid_at","header":"付款确认时间","constant":null,"rules":[]},{"column":"refunded_amount","header":"结算金额","constant":null,"rules":["between \\"(已退款\\", \\")\\""]},{"column":"source","header":null,"constant":"jd","rules":[]},{"column":"skus","header":"商品ID","constant":null,"rules":[]},{"column":"member_name","header":"客户姓名","constant":null,"rules":[]}],"not_read":["商品名称","订购数量","支付方式","下单时间","京东价","订单金额","余额支付","应付金额","订单类型","客户地址","联系电话","订单备注","发票类型","发票抬头","发票内容","商家备注","商家备注等级","运费金额","增值税发票","货号","订单完成时间","订单来源","订单渠道"],"looked_at":5,"whole_file":true,"rows":[{"line":2,"order_no":"230523000001","source":"jd","member_no":"jd_ming","merchant_code":"S1","amount":"131.77","status":"paid","paid_at":"<time> Asia/Shanghai","skus":"{\\"7001\\"}","member_name":"张三"},{"line":3,"order_no":"230523000001","source":"jd","member_no":"jd_ming","merchant_code":"S1","amount":"131.77","status":"paid","paid_at":"<time> Asia/Shanghai","skus":"{\\"7002\\"}","member_name":"张三"},{"line":4,"order_no":"230523000002","source":"jd","member_no":"jd_hong","merchant_code":"S1","amount":"60.00","status":"pending","skus":"{\\"7001\\"}","member_name":"李四"},{"line":5,"order_no":"230523000003","source":"jd","member_no":"jd_hong","merchant_code":"S1","amount":"60.00","status":"paid","paid_at":"<time> Asia/Shanghai","skus":"{\\"7001\\"}","member_name":"李四"},{"line":6,"order_no":"230523000003","source":"jd","member_no":"jd_hong","merchant_code":"S1","amount":"96.00","status":"paid","paid_at":"<time> Asia/Shanghai","skus":"{\\"7002\\"}","member_name":"李四"}],"rejected":0,"reasons":{},"rejects":[],"other_rows":{},"forecast":{"report":{"import_id":null,"kind":"orders","file":"jd.csv","sha256":"<sha256>","encoding":"gb18030","profile":"jd","read":5,"inserted":0,"updated":0,"duplicate":0,"rejected":5,"reasons":{"unknown_member_alias":3,"order_rows_disagree":2},"rejects_file":null,"seconds":<seconds>,"dry_run":true,"earlier_import_id":null,"options":{"merchant_code":"S1"},"profile_reason":"read as jd: 30 of the 30 names in line 1 are its own, more than of any other profile","delimiter":",","header_line":1,"orders":3,"members_created":0,"other_rows":{},"passed_over":{"repeated_headers":0,"explanations":0,"blank_rows":0,"tail_rows":0},"declared":[],"rejected_amount":"479.54"},"refusal":null,"values":[{"code":"unknown_member_alias","rows":3,"different":2,"examples":["jd_ming","jd_hong"],"counted_all":true},{"code":"order_rows_disagree","rows":2,"different":2,"examples":["60","96"],"counted_all":true}]}}
    "
  `);
});

test("each platform's file goes in: what is taken, what is rejected and why", async () => {
  for (const [holder, known, source, alias] of aliases)
    await play(`accrue ${holder} alias ${known} ${alias} --source ${source}`);
  await database.db.sql.begin("read write", async (tx) => {
    await tx`INSERT INTO member_contacts (value, kind, member_id) SELECT 'one@example.com', 'email', member_id FROM member_numbers WHERE member_no = 'M1'`;
    await tx`INSERT INTO member_contacts (value, kind, member_id) SELECT 'two@example.com', 'email', member_id FROM member_numbers WHERE member_no = 'M2'`;
  });
  expect(await play(...Object.keys(platformFiles).map(importing))).toMatchInlineSnapshot(`
    "
    $ accrue order import taobao.csv
    ! taobao.csv: read as taobao: 34 of the 34 names in line 1 are its own, more than of any other profile
    taobao.csv: import 1
      read          9
      inserted      4
      updated       0
      duplicate     0
      rejected      5, 80.00 yuan
      profile       taobao
      file          gb18030, sha256 d660d6b026e9aa30…
      took          <seconds>, <rate>
      rejects file  taobao.rejects.csv
      1 x amount_too_many_decimals
      1 x member_no_masked
      1 x order_no_scientific_notation
      1 x paid_at_ambiguous_date
      1 x unknown_status
      line 7, 订单编号: "2.01605E+18" is a number in scientific notation, so digits of the id are lost; format the column as text and export it again
      line 8, 买家会员名: "t**1" is masked by the platform: many people look like that; export the file unmasked
      line 9, 订单状态: "交易中" is no status of an order; known: 等待买家付款, 买家已付款，等待卖家发货, 卖家部分发货, 卖家已发货，等待买家确认, 交易成功, 交易关闭, 付款以后用户退款成功，交易自动关闭, 付款以前，卖家或买家主动关闭交易
      line 10, 订单付款时间: "23/05/2016 22:02" could put the month first or the day first; write the year first: 2026-01-02, or say which with --date-order
      line 11, 总金额: "20.005" is finer than one fen; write at most two decimals
    [exit 3]

    $ accrue order import jd.csv --merchant S1
    ! jd.csv: read as jd: 30 of the 30 names in line 1 are its own, more than of any other profile
    jd.csv: import 2
      read          5
      inserted      3
      updated       0
      duplicate     0
      rejected      2, 156.00 yuan
      orders        3
      profile       jd
      read with     merchant_code S1
      file          gb18030, sha256 2612219530b032c8…
      took          <seconds>, <rate>
      rejects file  jd.rejects.csv
      2 x order_rows_disagree
      line 5, 结算金额: the rows of this order do not agree on the amount (lines 5 and 6); none of them is imported
      line 6, 结算金额: the rows of this order do not agree on the amount (lines 5 and 6); none of them is imported
    [exit 3]

    $ accrue order import douyin.csv --merchant S1 --map member_no=备用会员号 --member-by number
    ! douyin.csv: read as douyin: 17 of the 18 names in line 1 are its own, more than of any other profile
    douyin.csv: import 3
      read          4
      inserted      3
      updated       0
      duplicate     0
      rejected      1, 20.50 yuan
      orders        3
      profile       douyin
      read with     map member_no=备用会员号, merchant_code S1, member_by number
      file          utf-8-bom, sha256 ade1c4233d7f19d8…
      took          <seconds>, <rate>
      rejects file  douyin.rejects.csv
      rows passed over: 1 explaining the columns
      1 x member_no_encrypted
      line 6, 备用会员号: "##aGVsbG8=##" is encrypted by the platform; export the file with the buyers decrypted
    [exit 3]

    $ accrue order import pinduoduo.csv --merchant S1 --map member_no=商家备注 --member-by number
    ! pinduoduo.csv: read as pinduoduo: 23 of the 23 names in line 1 are its own, more than of any other profile
    pinduoduo.csv: import 4
      read          4
      inserted      3
      updated       0
      duplicate     0
      rejected      1, 60.00 yuan
      profile       pinduoduo
      read with     map member_no=商家备注, merchant_code S1, member_by number
      file          gb18030, sha256 69b26d4a52dd8e1d…
      took          <seconds>, <rate>
      rejects file  pinduoduo.rejects.csv
      1 x paid_at_missing
      line 5, 订单成交时间: a paid order needs the time of its payment: write it into 订单成交时间; no other cell of this row is a time
    [exit 3]

    $ accrue order import meituan.csv --map member_no=会员号 --member-by number
    ! meituan.csv: read as meituan: 8 of the 9 names in line 4 are its own, more than of any other profile
    meituan.csv: import 5
      read       2
      inserted   2
      updated    0
      duplicate  0
      rejected   0
      profile    meituan
      read with  map member_no=会员号, member_by number
      file       utf-8-bom, header on line 4, sha256 6c926613e063b28f…
      took       <seconds>, <rate>
      rows passed over: 1 after the data
      1 row of 保险 is none of this kind
      1 row of 推广费 is none of this kind
      the file's own sum of amount is right: 40.00

    $ accrue order import shopify.csv
    ! shopify.csv: read as shopify: 26 of the 26 names in line 1 are its own, more than of any other profile
    shopify.csv: import 6
      read          5
      inserted      3
      updated       0
      duplicate     0
      rejected      2, 120.00 yuan
      orders        4
      profile       shopify
      file          utf-8, sha256 6b30adb2cbb0504e…
      took          <seconds>, <rate>
      rejects file  shopify.rejects.csv
      1 x currency_not_yuan
      1 x member_no_not_an_email
      line 5, Currency: the amount is in "USD", and amounts are taken in yuan only; --map currency= says that they are yuan all the same
      line 6, Email: "nobody": an e-mail address looks like name@example.com
    [exit 3]

    $ accrue order import wechat.csv
    ! wechat.csv: read as wechat: 27 of the 27 names in line 1 are its own, more than of any other profile
    wechat.csv: import 7
      read          4
      inserted      2
      updated       1
      duplicate     0
      rejected      1
      orders        3
      profile       wechat
      file          utf-8-bom, sha256 dc384b79c8f616d3…
      took          <seconds>, <rate>
      rejects file  wechat.rejects.csv
      rows passed over: 2 after the data
      1 row of refund not made is none of this kind
      the file's own number of rows is right: 5
      the file's own sum of amount is 86.16, but 78.16 was read, without 1 that cannot be read
      the file's own sum of refunded_amount is right: 25.00
      1 x too_many_cells
      line 6: the row has 28 cells, the header 27; put quotes around a cell that contains a comma
    [exit 3]

    $ accrue order import alipay.csv
    ! alipay.csv: read as alipay: 25 of the 25 names in line 5 are its own, more than of any other profile
    alipay.csv: import 8
      read          3
      inserted      1
      updated       1
      duplicate     0
      rejected      1, 50.00 yuan
      orders        2
      profile       alipay
      file          gb18030, header on line 5, sha256 578fa65fac8f5ecf…
      took          <seconds>, <rate>
      rejects file  alipay.rejects.csv
      rows passed over: 4 after the data
      the file's own number of order rows is right: 2
      the file's own sum of received_amount of order rows is right: 150.00
      the file's own number of refund rows is right: 1
      the file's own sum of received_amount of refund rows is right: -40.00
      1 x member_no_masked
      line 7, 对方账户: "hon***@example.com" is masked by the platform: many people look like that; export the file unmasked
    [exit 3]

    $ accrue order import alipay-torn.csv
    ! alipay-torn.csv: read as alipay: 25 of the 25 names in line 5 are its own, more than of any other profile
    alipay-torn.csv: import 9
      read          4
      inserted      0
      updated       0
      duplicate     2
      rejected      2, 50.00 yuan
      orders        3
      profile       alipay
      file          gb18030, header on line 5, sha256 f0e255d52a8eaa0e…
      took          <seconds>, <rate>
      rejects file  alipay-torn.rejects.csv
      rows passed over: 4 after the data
      the file's own number of order rows is 3, but 2 were read, without 1 that cannot be read
      the file's own sum of received_amount of order rows is 1158.00, but 150.00 was read, without 1 that cannot be read
      the file's own number of refund rows is 2, but 1 were read, without 1 that cannot be read
      the file's own sum of received_amount of refund rows is right: -40.00
      1 x member_no_masked
      1 x too_many_cells
      line 7, 对方账户: "hon***@example.com" is masked by the platform: many people look like that; export the file unmasked
      line 9: the row has 26 cells, the header 25; put quotes around a cell that contains a comma
    [exit 3]

    $ accrue order import alipay-unread.csv
    ! alipay-unread.csv: read as alipay: 25 of the 25 names in line 5 are its own, more than of any other profile
    alipay-unread.csv: import 10
      read          3
      inserted      0
      updated       0
      duplicate     2
      rejected      1, 50.00 yuan
      orders        2
      profile       alipay
      file          gb18030, header on line 5, sha256 f857ff43a7717830…
      took          <seconds>, <rate>
      rejects file  alipay-unread.rejects.csv
      rows passed over: 6 after the data
      the file's own number of refund rows is right: 1
      1 x member_no_masked
      line 7, 对方账户: "hon***@example.com" is masked by the platform: many people look like that; export the file unmasked
    [exit 3]

    $ accrue order import woocommerce.csv --merchant S1
    ! woocommerce.csv: read as woocommerce: 29 of the 30 names in line 1 are its own, more than of any other profile
    woocommerce.csv: import 11
      read          4
      inserted      2
      updated       0
      duplicate     0
      rejected      2, 60.00 yuan
      profile       woocommerce
      read with     merchant_code S1
      file          utf-8, sha256 396e8d833f346efb…
      took          <seconds>, <rate>
      rejects file  woocommerce.rejects.csv
      1 x refunded_amount_not_an_amount
      1 x unknown_status
      line 4, refund_items: "amount:30|reason:broken" is not an amount of yuan such as 1234.50
      line 5, status: "shipped-by-hand" is no status of an order; known: pending, on-hold, checkout-draft, processing, completed, refunded, cancelled, failed
    [exit 3]

    $ accrue order import stripe.csv --merchant S1
    ! stripe.csv: read as stripe: 27 of the 27 names in line 1 are its own, more than of any other profile
    stripe.csv: import 12
      read          4
      inserted      3
      updated       0
      duplicate     0
      rejected      1, 50.00 yuan
      profile       stripe
      read with     merchant_code S1
      file          utf-8, sha256 b89e376790007bc8…
      took          <seconds>, <rate>
      rejects file  stripe.rejects.csv
      1 x currency_not_yuan
      line 5, Currency: the amount is in "usd", and amounts are taken in yuan only; --map currency= says that they are yuan all the same
    [exit 3]

    $ accrue order import stripe-balance.csv --merchant S1
    ! stripe-balance.csv: read as stripe-balance: 15 of the 15 names in line 1 are its own, more than of any other profile
    stripe-balance.csv: import 13
      read          4
      inserted      1
      updated       2
      duplicate     0
      rejected      1
      orders        1
      profile       stripe-balance
      read with     merchant_code S1
      file          utf-8, sha256 3843a5d9f3961fa5…
      took          <seconds>, <rate>
      rejects file  stripe-balance.rejects.csv
      1 row of payout is none of this kind
      1 x refund_without_order
      line 6, charge_id: no order has this number: import the file with its payment first, then this rejects file as it is
    [exit 3]

    $ accrue order import square.csv --map currency=
    ! square.csv: read as square: 37 of the 37 names in line 1 are its own, more than of any other profile
    square.csv: import 14
      read          4
      inserted      2
      updated       1
      duplicate     0
      rejected      1
      orders        3
      profile       square
      read with     map currency=
      file          utf-8, sha256 d10cbd244999a2f0…
      took          <seconds>, <rate>
      rejects file  square.rejects.csv
      1 x amount_not_an_amount
      line 5, Net Sales: "€5.00" is not an amount of yuan such as 1234.50
    [exit 3]

    $ accrue order import square-items.csv --map currency=
    ! square-items.csv: read as square-items: 29 of the 29 names in line 1 are its own, more than of any other profile
    square-items.csv: import 15
      read          3
      inserted      0
      updated       2
      duplicate     0
      rejected      1, 36.00 yuan
      orders        2
      profile       square-items
      read with     map currency=
      file          utf-8, sha256 36076fbf1ca33d32…
      took          <seconds>, <rate>
      rejects file  square-items.rejects.csv
      1 row of refund is none of this kind
      1 x member_no_empty
      line 5, Customer ID: no row of this order says who bought it
    [exit 3]

    $ accrue order import etsy.csv --merchant S1
    ! etsy.csv: read as etsy: 36 of the 36 names in line 1 are its own, more than of any other profile
    etsy.csv: import 16
      read          4
      inserted      2
      updated       0
      duplicate     0
      rejected      2, 20.00 yuan
      profile       etsy
      read with     merchant_code S1
      file          utf-8, sha256 b8cb25bcaee4e1c6…
      took          <seconds>, <rate>
      rejects file  etsy.rejects.csv
      1 x amount_not_an_amount
      1 x unknown_status
      line 4, Status: "Partially Refunded" is no status of an order; known: Paid, Completed, Canceled, Cancelled, Fully Refunded
      line 5, Order Value: "20.00 less half" is not an amount of yuan such as 1234.50
    [exit 3]

    $ accrue order import etsy-items.csv --merchant S1
    ! etsy-items.csv: read as etsy-items: 33 of the 33 names in line 1 are its own, more than of any other profile
    etsy-items.csv: import 17
      read          4
      inserted      1
      updated       0
      duplicate     2
      rejected      1
      orders        3
      profile       etsy-items
      read with     merchant_code S1
      file          utf-8, sha256 33fcb015fd08466c…
      took          <seconds>, <rate>
      rejects file  etsy-items.rejects.csv
      1 x amount_negative
      line 5, Item Total: "-1" is negative; an amount is zero or more
    [exit 3]

    $ accrue order import amazon.csv --merchant S1 --map member_no=card --member-by number
    ! amazon.csv: read as amazon: 29 of the 30 names in line 1 are its own, more than of any other profile
    amazon.csv: import 18
      read          3
      inserted      2
      updated       0
      duplicate     0
      rejected      1, 20.10 yuan
      orders        2
      profile       amazon
      read with     map member_no=card, merchant_code S1, member_by number
      file          utf-8, tabs, sha256 b72013039a3e3c13…
      took          <seconds>, <rate>
      rejects file  amazon.rejects.csv
      1 row of cancelled is none of this kind
      1 row of pending is none of this kind
      1 x currency_not_yuan
      line 6, currency: the amount is in "USD", and amounts are taken in yuan only; --map currency= says that they are yuan all the same
    [exit 3]

    $ accrue order import shouqianba.csv
    ! shouqianba.csv: read as shouqianba: 18 of the 18 names in line 1 are its own, more than of any other profile
    shouqianba.csv: import 19
      read          4
      inserted      2
      updated       1
      duplicate     0
      rejected      1, 1.00 yuan
      orders        3
      profile       shouqianba
      file          gb18030, sha256 54fd2c3752872e96…
      took          <seconds>, <rate>
      rejects file  shouqianba.rejects.csv
      rows passed over: 1 after the data
      1 row of 预授权 is none of this kind
      the file's own sum of amount is right: 59.00
      the file's own sum of refunded_amount is right: 8.00
      1 x unknown_merchant_alias
      line 6, 门店名称: no merchant has this alias; say whose it is: \`accrue merchant alias\` or \`accrue merchant import-aliases\`, or name one for the whole file: --merchant CODE
    [exit 3]

    $ accrue order import jd-settlement.csv --merchant S1 --map member_no=会员 --member-by number
    ! jd-settlement.csv: read as jd-settlement: 19 of the 22 names in line 1 are its own, more than of any other profile
    jd-settlement.csv: import 20
      read          4
      inserted      2
      updated       1
      duplicate     0
      rejected      1
      orders        2
      profile       jd-settlement
      read with     map member_no=会员, merchant_code S1, member_by number
      file          gb18030, sha256 830d871345f21a78…
      took          <seconds>, <rate>
      rejects file  jd-settlement.rejects.csv
      1 row of 佣金 订单 is none of this kind
      1 x amount_negative
      line 6, 金额: "-60.00" is negative; an amount is zero or more
    [exit 3]
    "
  `);
});

test("once more, and nothing of it changes", async () => {
  const before = await play("accrue order list --json");
  for (const name of Object.keys(platformFiles))
    expect(await play(`${importing(name)} --force`)).toMatch(/inserted +0\n +updated +0\n/);
  expect(await play("accrue order list --json")).toBe(before);
  expect(before).toMatchInlineSnapshot(`
    "
    $ accrue order list --json
    {"source":"shopify","order_no":"#1001","member_no":"M1","merchant_code":"S1","amount":"90.00","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2026-02-02","skus":["T1","T2"]}
    {"source":"shopify","order_no":"#1002","member_no":"M2","merchant_code":"S1","amount":"60.00","refunded_amount":"15.00","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":["T1"]}
    {"source":"woocommerce","order_no":"1011","member_no":"M1","merchant_code":"S1","amount":"88.00","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":[]}
    {"source":"woocommerce","order_no":"1012","member_no":"M2","merchant_code":"S1","amount":"20.00","refunded_amount":"0.00","status":"pending","paid_at":null,"business_date":null,"skus":[]}
    {"source":"amazon","order_no":"113-1111111-1111111","member_no":"M1","merchant_code":"S1","amount":"100.00","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2026-02-02","skus":["T1","T2"]}
    {"source":"taobao","order_no":"2016052312345678901","member_no":"M1","merchant_code":"S1","amount":"100.00","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2016-05-23","skus":[]}
    {"source":"taobao","order_no":"2016052312345678902","member_no":"M2","merchant_code":"S1","amount":"80.50","refunded_amount":"30.00","status":"paid","paid_at":"<time>","business_date":"2016-05-23","skus":[]}
    {"source":"taobao","order_no":"2016052312345678903","member_no":"M2","merchant_code":"S1","amount":"20.00","refunded_amount":"0.00","status":"pending","paid_at":null,"business_date":null,"skus":[]}
    {"source":"taobao","order_no":"2016052312345678904","member_no":"M2","merchant_code":"S1","amount":"20.00","refunded_amount":"0.00","status":"closed","paid_at":null,"business_date":null,"skus":[]}
    {"source":"alipay","order_no":"2026020122001000000000000001","member_no":"M1","merchant_code":"S1","amount":"100.00","refunded_amount":"40.00","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":[]}
    {"source":"jd","order_no":"230523000001","member_no":"M1","merchant_code":"S1","amount":"131.77","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":["7001","7002"]}
    {"source":"jd","order_no":"230523000002","member_no":"M2","merchant_code":"S1","amount":"60.00","refunded_amount":"0.00","status":"pending","paid_at":null,"business_date":null,"skus":["7001"]}
    {"source":"jd","order_no":"230601000001","member_no":"M1","merchant_code":"S1","amount":"96.50","refunded_amount":"36.50","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":["7001","7002"]}
    {"source":"meituan","order_no":"2502010001","member_no":"M1","merchant_code":"S1","amount":"22.30","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":[]}
    {"source":"meituan","order_no":"2502010002","member_no":"M2","merchant_code":"S1","amount":"17.70","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":[]}
    {"source":"pinduoduo","order_no":"260201-000000000001","member_no":"M1","merchant_code":"S1","amount":"1234.50","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":["SKU1"]}
    {"source":"pinduoduo","order_no":"260201-000000000002","member_no":"M2","merchant_code":"S1","amount":"60.00","refunded_amount":"0.00","status":"closed","paid_at":"<time>","business_date":"2026-02-01","skus":["SKU1"]}
    {"source":"pinduoduo","order_no":"260201-000000000003","member_no":"M2","merchant_code":"S1","amount":"60.00","refunded_amount":"0.00","status":"pending","paid_at":null,"business_date":null,"skus":["SKU1"]}
    {"source":"etsy","order_no":"3001","member_no":"M1","merchant_code":"S1","amount":"74.04","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":["T1"]}
    {"source":"etsy","order_no":"3002","member_no":"M2","merchant_code":"S1","amount":"20.00","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2026-02-02","skus":[]}
    {"source":"etsy","order_no":"3005","member_no":"M2","merchant_code":"S1","amount":"27.00","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2026-02-06","skus":["T2"]}
    {"source":"wechat","order_no":"4200000001202602010000000001","member_no":"M1","merchant_code":"S1","amount":"28.16","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":[]}
    {"source":"wechat","order_no":"4200000001202602010000000002","member_no":"M2","merchant_code":"S1","amount":"50.00","refunded_amount":"20.00","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":[]}
    {"source":"douyin","order_no":"6917000000000000001","member_no":"M1","merchant_code":"S1","amount":"1021.00","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":["SKU1","SKU2"]}
    {"source":"douyin","order_no":"6917000000000000003","member_no":"M2","merchant_code":"S1","amount":"30.00","refunded_amount":"0.00","status":"pending","paid_at":null,"business_date":null,"skus":["SKU3"]}
    {"source":"shouqianba","order_no":"7892259488292001","member_no":"M1","merchant_code":"S1","amount":"38.00","refunded_amount":"8.00","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":[]}
    {"source":"shouqianba","order_no":"7892259488292002","member_no":"M2","merchant_code":"S1","amount":"20.00","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":[]}
    {"source":"square","order_no":"SQA1x","member_no":"M1","merchant_code":"S1","amount":"27.00","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":["MUG-1"]}
    {"source":"square","order_no":"SQB2y","member_no":"M2","merchant_code":"S1","amount":"1200.00","refunded_amount":"12.00","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":[]}
    {"source":"stripe","order_no":"ch_1","member_no":"M1","merchant_code":"S1","amount":"1045.00","refunded_amount":"0.00","status":"paid","paid_at":"<time>","business_date":"2026-02-02","skus":[]}
    {"source":"stripe","order_no":"ch_2","member_no":"M2","merchant_code":"S1","amount":"50.00","refunded_amount":"50.00","status":"paid","paid_at":"<time>","business_date":"2026-02-01","skus":[]}
    {"source":"stripe","order_no":"ch_3","member_no":"M2","merchant_code":"S1","amount":"50.00","refunded_amount":"0.00","status":"closed","paid_at":null,"business_date":null,"skus":[]}
    {"source":"stripe","order_no":"ch_9","member_no":"M1","merchant_code":"S1","amount":"100.00","refunded_amount":"50.00","status":"paid","paid_at":"<time>","business_date":"2026-02-02","skus":[]}
    "
  `);
  expect(await play("accrue verify --json")).toContain('"ok":true');
});

test("bills of consumers are recognised by their names, and refused with what to do", async () => {
  expect(await play(...Object.keys(consumersBills).map((name) => `accrue order import ${name}`)))
    .toMatchInlineSnapshot(`
      "
      $ accrue order import wechat-consumer.csv
      ! error: wechat-consumer.csv is no file of orders: read as wechat-consumer: 11 of the 11 names in line 17 are its own, more than of any other profile
      ! hint: it is a bill that a consumer downloads of what they paid themselves, and can edit: no order is taken from it. Ask the merchant for its order file, or for the bill of its own account with the channel
      [exit 2]

      $ accrue order import alipay-consumer.csv
      ! error: alipay-consumer.csv is no file of orders: read as alipay-consumer: 11 of the 13 names in line 24 are its own, more than of any other profile
      ! hint: it is a bill that a consumer downloads of what they paid themselves, and can edit: no order is taken from it. Ask the merchant for its order file, or for the bill of its own account with the channel
      [exit 2]

      $ accrue order import alipay-consumer-web.csv
      ! error: alipay-consumer-web.csv is no file of orders: read as alipay-consumer-web: 16 of the 17 names in line 5 are its own, more than of any other profile
      ! hint: it is a bill that a consumer downloads of what they paid themselves, and can edit: no order is taken from it. Ask the merchant for its order file, or for the bill of its own account with the channel
      [exit 2]

      $ accrue order import jd-consumer.csv
      ! error: jd-consumer.csv is no file of orders: read as jd-consumer: 10 of the 11 names in line 22 are its own, more than of any other profile
      ! hint: it is a bill that a consumer downloads of what they paid themselves, and can edit: no order is taken from it. Ask the merchant for its order file, or for the bill of its own account with the channel
      [exit 2]

      $ accrue order import meituan-consumer.csv
      ! error: meituan-consumer.csv is no file of orders: read as meituan-consumer: 11 of the 11 names in line 20 are its own, more than of any other profile
      ! hint: it is a bill that a consumer downloads of what they paid themselves, and can edit: no order is taken from it. Ask the merchant for its order file, or for the bill of its own account with the channel
      [exit 2]
      "
    `);
});

test("what a platform does not say is not guessed: Square's amounts are no yuan until somebody says so", async () => {
  expect(
    await play(
      "accrue order import square.csv --dry-run --force",
      "accrue order import square.csv --explain --map currency=",
    ),
  ).toMatchInlineSnapshot(`
    "
    $ accrue order import square.csv --dry-run --force
    ! square.csv: read as square: 37 of the 37 names in line 1 are its own, more than of any other profile
    square.csv: dry run, nothing kept
      read       4
      inserted   0
      updated    0
      duplicate  0
      rejected   4, 1227.00 yuan
      orders     3
      profile    square
      file       utf-8, sha256 d10cbd244999a2f0…
      took       <seconds>, <rate>
      3 x currency_not_yuan
      1 x order_row_rejected
      line 2, currency: the amount is in "$", and amounts are taken in yuan only; --map currency= says that they are yuan all the same
      line 3, currency: the amount is in "$", and amounts are taken in yuan only; --map currency= says that they are yuan all the same
      line 4, Transaction ID: the row of the same order in line 3 is rejected, and an order is taken whole or not at all
      line 5, currency: the amount is in "$", and amounts are taken in yuan only; --map currency= says that they are yuan all the same
    [exit 3]

    $ accrue order import square.csv --explain --map currency=
    square.csv: how it would be read; nothing is kept
      encoding        utf-8
      separated by    commas
      header          line 1
      profile         read as square: 37 of the 37 names in line 1 are its own, more than of any other profile
      members by      alias
      merchants by    alias
      rows per order  one
      times           Asia/Shanghai
    columns
      order_no         Transaction ID
      member_no        Customer ID
      merchant_code    Location
      amount           Net Sales; without "$" in front
      paid_at          Date; followed by Time
      refunded_amount  Net Sales; without "-$", "-", "$" in front
      source           always square
      member_name      Customer Name
      row_type         Event Type; Payment = order; Refund = refund
      refund_no        Payment ID
      not read: Time Zone, Gross Sales, Discounts, Service Charges, Gift Card Sales, Tax, Tip, Partial Refunds, Total Collected, Source, Card, Card Entry Methods, Cash, Square Gift Card, Other Tender, Other Tender Type, Tender Note, Fees, Net Total, Card Brand, PAN Suffix, Device Name, Staff Name, Staff ID, Details, Description, Dining Option, Customer Reference ID
    all 4 rows
      line 2: order_no SQA1x, source square, member_no CUST1, merchant_code TeaHouse, amount 27.00, status paid, paid_at <time> Asia/Shanghai, member_name Dee
      line 3: order_no SQB2y, source square, member_no CUST2, merchant_code TeaHouse, amount 1200.00, status paid, paid_at <time> Asia/Shanghai
      line 4: order_no SQB2y, source square, refunded 12.00, refund_no PB2R
    square.csv: nothing to do, import 34 of tester took in the same file before
      it rejected 1 row (\`accrue import show 34 --rejects\`); if their causes are mended, read it again with --force
      rejected by reading alone: 1
      1 x amount_not_an_amount
      line 5, Net Sales: "€5.00" is not an amount of yuan such as 1234.50
    "
  `);
});

test("members, merchants and products are read by a profile of one's own as well", async () => {
  const profile = {
    profile: "sellers",
    kind: "merchants",
    columns: { merchant_code: "seller_id", name: "seller_id", contact: { names: ["city"], nothing: ["?"] } },
  };
  writeFileSync(join(inbox, "sellers.json"), JSON.stringify(profile));
  writeFileSync(join(inbox, "sellers.csv"), "seller_id,city\na1,campinas\nb2,?\n");
  writeFileSync(join(inbox, "people.csv"), "number,name\nP1,赵一\n");
  expect(
    await play(
      "accrue merchant import sellers.csv --profile sellers.json --explain",
      "accrue merchant import sellers.csv --profile sellers.json --json",
      "accrue member import people.csv --map member_no=number",
      "accrue product import people.csv --explain",
    ),
  ).toMatchInlineSnapshot(`
    "
    $ accrue merchant import sellers.csv --profile sellers.json --explain
    sellers.csv: how it would be read; nothing is kept
      encoding      utf-8
      separated by  commas
      header        line 1
      profile       read as sellers, as asked for: 2 of the 2 names in line 1 are its own
      times         Asia/Shanghai
    columns
      merchant_code  seller_id
      name           seller_id
      contact        city; nothing is said by "?"
    all 2 rows
      line 2: merchant_code a1, name a1, contact campinas
      line 3: merchant_code b2, name b2
    what its import would come to
      read       2
      inserted   2
      updated    0
      duplicate  0
      rejected   0

    $ accrue merchant import sellers.csv --profile sellers.json --json
    ! {"note":"sellers.csv: read as sellers, as asked for: 2 of the 2 names in line 1 are its own"}
    {"import_id":41,"kind":"merchants","file":"sellers.csv","sha256":"<sha256>","encoding":"utf-8","profile":"sellers","read":2,"inserted":2,"updated":0,"duplicate":0,"rejected":0,"reasons":{},"rejects_file":null,"seconds":<seconds>,"dry_run":false,"earlier_import_id":null,"options":{"profile":"sellers.json"},"profile_reason":"read as sellers, as asked for: 2 of the 2 names in line 1 are its own","delimiter":",","header_line":1,"members_created":0,"other_rows":{},"passed_over":{"repeated_headers":0,"explanations":0,"blank_rows":0,"tail_rows":0},"declared":[]}

    $ accrue member import people.csv --map member_no=number
    people.csv: import 42
      read       1
      inserted   1
      updated    0
      duplicate  0
      rejected   0
      read with  map member_no=number
      file       utf-8, sha256 ee4cb3f3cd885b25…
      took       <seconds>, <rate>

    $ accrue product import people.csv --explain
    people.csv: no profile fits; what is seen in it, and a guess
      why           no profile knows what such a header names
      nearest       native, which knows 1 of the 2 names; it lacks merchant_code, sku, price
      encoding      utf-8
      separated by  commas
      header        line 1
    its first lines
    number  name
    P1      赵一
    columns, by all 1 row
    no.  column  guess  why          cells
      1  number                      "P1"
      2  name    name   by its name  "赵一"
    to fill in, where the profile says "?"
      columns.merchant_code: which column it is (or give --map merchant_code=HEADER)
      columns.sku: which column it is (or give --map sku=HEADER)
      columns.price: which column it is (or give --map price=HEADER)
    next: accrue product import people.csv --explain --write-profile people.json --map merchant_code=HEADER --map sku=HEADER --map price=HEADER
    [exit 2]
    "
  `);
});
