import { encode } from "../../unit/csv/encode.ts";

const lines = (...rows: readonly string[]): string => `${rows.join("\r\n")}\r\n`;
const marked = (text: string): Buffer => encode(`\ufeff${text}`, "utf-8");

const taobao = lines(
  "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,买家支付积分,总金额,返点积分,买家实际支付金额,买家实际支付积分,订单状态,买家留言,收货人姓名,收货地址,运送方式,联系电话,联系手机,订单创建时间,订单付款时间,宝贝标题,宝贝种类,物流单号,物流公司,订单备注,宝贝总数量,店铺Id,店铺名称,订单关闭原因,卖家服务费,买家服务费,发票抬头,是否手机订单,分阶段订单信息,退款金额",
  '="2016052312345678901",小明,a@example.com,100,0,0,100.00,0,100.00,0,交易成功,,张三,"浙江省 杭州市,西湖区",快递,\'057188880000,\'13800000001,2016/5/23 22:00,2016/5/23 22:02,连衣裙,1,="3985734",圆通,,1,0,某某旗舰店,订单未关闭,0元,0元,,手机订单,,无退款申请',
  '="2016052312345678902",小红,,80.5,0,0,80.50,0,80.50,0,卖家已发货，等待买家确认,"尽快,\n谢谢",李四,地址,快递,,\'13800000002,2016-05-23 21:00:00,2016-05-23 22:02:11,T恤,1,,,,1,0,某某旗舰店,订单未关闭,0元,0元,,,,30.00',
  '="2016052312345678903",小红,,20,0,0,20.00,0,0,0,等待买家付款,,李四,地址,快递,,,2016-05-23 21:00:00,,袜子,1,,,,1,0,某某旗舰店,,0元,0元,,,,',
  '="2016052312345678904",小红,,20,0,0,20.00,0,0,0,交易关闭,,李四,地址,快递,,,2016-05-23 21:00:00,,袜子,1,,,,1,0,某某旗舰店,买家不想买了,0元,0元,,,,',
  "2.01605E+18,小明,,20,0,0,20.00,0,20,0,交易成功,,张三,地址,快递,,,2016-05-23 21:00:00,2016-05-23 22:02:11,袜子,1,,,,1,0,某某旗舰店,,0元,0元,,,,",
  '="2016052312345678906",t**1,,20,0,0,20.00,0,20,0,交易成功,,王五,地址,快递,,,2016-05-23 21:00:00,2016-05-23 22:02:11,袜子,1,,,,1,0,某某旗舰店,,0元,0元,,,,',
  '="2016052312345678907",小明,,20,0,0,20.00,0,20,0,交易中,,张三,地址,快递,,,2016-05-23 21:00:00,2016-05-23 22:02:11,袜子,1,,,,1,0,某某旗舰店,,0元,0元,,,,',
  '="2016052312345678908",小明,,20,0,0,20.00,0,20,0,交易成功,,张三,地址,快递,,,23/05/2016,23/05/2016 22:02,袜子,1,,,,1,0,某某旗舰店,,0元,0元,,,,',
  '="2016052312345678909",小明,,20,0,0,20.005,0,20,0,交易成功,,张三,地址,快递,,,2016-05-23 21:00:00,2016-05-23 22:02:11,袜子,1,,,,1,0,别家店,,0元,0元,,,,',
);

const jd = lines(
  "订单号,商品ID,商品名称,订购数量,支付方式,下单时间,京东价,订单金额,结算金额,余额支付,应付金额,订单状态,订单类型,下单帐号,客户姓名,客户地址,联系电话,订单备注,发票类型,发票抬头,发票内容,商家备注,商家备注等级,运费金额,付款确认时间,增值税发票,货号,订单完成时间,订单来源,订单渠道",
  '="230523000001",7001,"茶, 绿",1,在线支付,2026-02-01 09:00:00,60,131.77,131.77,100,31.77,完成,SOP,jd_ming,张三,地址,,,,,,,,0,2026-02-01 09:05:00,,A-1,2026-02-03 10:00:00,京东,APP',
  '="230523000001",7002,杯,2,在线支付,2026-02-01 09:00:00,36,131.77,131.77,100,31.77,完成,SOP,jd_ming,张三,地址,,,,,,,,0,2026-02-01 09:05:00,,A-2,2026-02-03 10:00:00,京东,APP',
  '="230523000002",7001,"茶, 绿",1,在线支付,2026-02-01 09:00:00,60,60,60,0,60,等待付款,SOP,jd_hong,李四,地址,,,,,,,,0,,,A-1,,京东,APP',
  '="230523000003",7001,"茶, 绿",1,在线支付,2026-02-01 09:00:00,60,60,60,0,60,等待出库,SOP,jd_hong,李四,地址,,,,,,,,0,2026-02-01 10:00:00,,A-1,,京东,APP',
  '="230523000003",7002,杯,1,在线支付,2026-02-01 09:00:00,36,96,96,0,96,等待出库,SOP,jd_hong,李四,地址,,,,,,,,0,2026-02-01 10:00:00,,A-2,,京东,APP',
);

const douyin = lines(
  "主订单编号,子订单编号,选购商品,商品规格,商品数量,商家编码,订单应付金额,运费,收件人,收件人手机号,订单提交时间,商家备注,订单完成时间,订单状态,售后状态,取消原因,发货时间,备用会员号",
  ",,商品名,规格,件,编码,收入+支出,,,,,,,,,,,",
  '"\t6917000000000000001","\t6917000000000000001",茶,绿,1,SKU1,"1,000.50",0,##aGVsbG8=##,$$MTM4$$,2026-02-01 09:00:00,-,-,已发货,-,-,2026-02-02 09:00:00,M1',
  '"\t6917000000000000001","\t6917000000000000002",杯,白,1,SKU2,20.50,0,##aGVsbG8=##,$$MTM4$$,2026-02-01 09:00:00,-,-,已发货,-,-,2026-02-02 09:00:00,M1',
  '"\t6917000000000000003","\t6917000000000000003;6917000000000000004",套装,白,1,SKU3,30,0,##aGVsbG8=##,$$MTM4$$,2026-02-01 09:30:00,-,-,待支付,-,-,-,M2',
  '"\t6917000000000000005","\t6917000000000000005",杯,白,1,SKU2,20.50,0,##aGVsbG8=##,$$MTM4$$,2026-02-01 09:00:00,-,-,已完成,-,-,-,##aGVsbG8=##',
);

const pinduoduo = lines(
  "订单成交时间,商品,订单号,订单状态,商品总价(元),邮费(元),店铺优惠折扣(元),平台优惠折扣(元),多多支付立减金额(元),用户实付金额(元),商家实收金额(元),商品数量(件),发货时间,确认收货时间,商品id,商品规格,样式ID,商家编码-规格维度,商家编码-商品维度,商家备注,售后状态,快递单号,快递公司",
  '2026-02-01 09:00:00\t,茶,260201-000000000001\t,"已发货，待签收","1,234.50",0,0,0,0,"1,234.50",1200,1,2026-02-02,,1,绿,1,SKU1,P1,M1,无售后或售后取消,77\t,中通',
  '2026-02-01 09:00:00\t,茶,260201-000000000002\t,"已收货，退款成功",60,0,0,0,0,60.00,60,1,,,1,绿,1,SKU1,P1,M2,退款成功,,',
  "\t,茶,260201-000000000003\t,待付款,60,0,0,0,0,60.00,60,1,,,1,绿,1,SKU1,P1,M2,,,",
  "\t,茶,260201-000000000004\t,待发货,60,0,0,0,0,60.00,60,1,,,1,绿,1,SKU1,P1,M2,,,",
);

const meituan = lines(
  "【美团外卖商家账单】",
  "门店：某某茶饮",
  "",
  "账单日期,交易类型,交易描述,订单号,门店名称,下单时间,商品总价,商家应收款,会员号",
  '2026-02-01,外卖订单,#1,"2502010001\t",某某茶饮,2026-02-01 11:00:00,30.00,¥22.30,M1',
  '2026-02-01,外卖订单,#2,"2502010002\t",某某茶饮,2026-02-01 12:00:00,30.00,¥17.70,M2',
  "2026-02-01,推广费,点金推广,-,某某茶饮,,,-78.71,",
  "2026-02-01,保险,骑手意外险,-,某某茶饮,,,-0.50,",
  "合计,,,,,,60.00,40.00,",
);

const shopify = lines(
  "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Billing Phone,Refunded Amount,Vendor,Id,Tags",
  "#1001,One@Example.com,paid,2026-02-01 11:13:25 -0500,fulfilled,,yes,CNY,90.00,0.00,0.00,90.00,,0.00,Express,2026-02-01 11:13:20 -0500,1,Tea,60.00,T1,张三,'13800000001,0.00,TeaHouse,1,",
  "#1001,One@Example.com,,,,,,,,,,,,,,2026-02-01 11:13:20 -0500,1,Cup,30.00,T2,,,,TeaHouse,,",
  "#1002,two@example.com,partially_refunded,2026-02-01 12:00:00 +0800,fulfilled,,no,CNY,60.00,0.00,0.00,60.00,,0.00,Express,2026-02-01 11:59:00 +0800,1,Tea,60.00,T1,李四,,15.00,TeaHouse,2,",
  "#1003,two@example.com,paid,2026-02-01 12:00:00 +0800,fulfilled,,no,USD,60.00,0.00,0.00,60.00,,0.00,Express,2026-02-01 11:59:00 +0800,1,Tea,60.00,T1,李四,,0.00,TeaHouse,3,",
  "#1004,nobody,paid,2026-02-01 12:00:00 +0800,fulfilled,,no,CNY,60.00,0.00,0.00,60.00,,0.00,Express,2026-02-01 11:59:00 +0800,1,Tea,60.00,T1,李四,,0.00,TeaHouse,4,",
);

const wechat = lines(
  "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注",
  "`2026-02-01 10:00:00,`wx1,`1900001,`0,`,`4200000001202602010000000001,`A1,`openid-ming,`JSAPI,`SUCCESS,`CMB,`CNY,`28.16,`0.00,`0,`0,`0.00,`0.00,`,`,`茶,`,`0.16896,`0.60%,`28.16,`0.00,`",
  "`2026-02-01 10:05:00,`wx1,`1900001,`0,`,`4200000001202602010000000002,`A2,`openid-hong,`JSAPI,`SUCCESS,`CMB,`CNY,`50.00,`0.00,`0,`0,`0.00,`0.00,`,`,`茶,`,`0.30000,`0.60%,`50.00,`0.00,`",
  "`2026-02-01 11:00:00,`wx1,`1900001,`0,`,`4200000001202602010000000002,`A2,`openid-hong,`JSAPI,`REFUND,`CMB,`CNY,`0.00,`0.00,`5030000001202602010000000001,`R1,`20.00,`0.00,`ORIGINAL,`SUCCESS,`茶,`,`-0.12000,`0.60%,`0.00,`20.00,`",
  "`2026-02-01 11:30:00,`wx1,`1900001,`0,`,`4200000001202602010000000002,`A2,`openid-hong,`JSAPI,`REFUND,`CMB,`CNY,`0.00,`0.00,`5030000001202602010000000002,`R2,`5.00,`0.00,`ORIGINAL,`FAIL,`茶,`,`0.00000,`0.60%,`0.00,`5.00,`",
  "`2026-02-01 12:00:00,`wx1,`1900001,`0,`,`4200000001202602010000000003,`A3,`openid-hong,`JSAPI,`SUCCESS,`CMB,`CNY,`8.00,`0.00,`0,`0,`0.00,`0.00,`,`,`茶,绿,`,`0.05000,`0.60%,`8.00,`0.00,`",
  "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额",
  "`5.0,`86.16,`25.00,`0.00,`0.39896,`86.16,`25.00",
);

const alipayRows = lines(
  "#支付宝业务明细查询",
  "#账号：[20880000000000000156]",
  "#起始日期：[2026年02月01日 00:00:00]   终止日期：[2026年02月02日 00:00:00]",
  "#-----------------------------------------业务明细列表----------------------------------------",
  "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注",
  "2026020122001000000000000001\t,B1\t,交易  ,茶  ,2026-02-01 10:00:00,2026-02-01 10:00:01,S01 ,某某茶饮 ,  ,  ,ming@example.com  ,100.00,100.00,0.00,0.00,0.00,0.00,0.00,,0.00,0.00,  ,-0.60,0.00,",
  "2026020122001000000000000002\t,B2\t,交易  ,茶  ,2026-02-01 10:00:00,2026-02-01 10:00:01,S01 ,某某茶饮 ,  ,  ,hon***@example.com  ,50.00,50.00,0.00,0.00,0.00,0.00,0.00,,0.00,0.00,  ,-0.30,0.00,",
  "2026020122001000000000000001\t,B1\t,退款  ,茶  ,2026-02-01 10:00:00,2026-02-01 12:00:00,S01 ,某某茶饮 ,  ,  ,ming@example.com  ,-40.00,-40.00,0.00,0.00,0.00,0.00,0.00,,0.00,0.00,RB1 ,0.24,0.00,",
);
const alipayFooter = (...totals: readonly string[]): string =>
  lines(
    "#-----------------------------------------业务明细列表结束------------------------------------",
    ...totals,
    "#导出时间：[2026年02月02日 09:00:00]",
  );
const alipay =
  alipayRows +
  alipayFooter(
    "#交易合计：2笔，商家实收共150.00元，商家优惠共0.00元",
    "#退款合计：1笔，商家实收退款共-40.00元，商家优惠退款共0.00元",
  );
const tornRow =
  "2026020122001000000000000003\t,B3\t,交易  ,茶,绿  ,2026-02-01 10:00:00,2026-02-01 10:00:01,S01 ,某某茶饮 ,  ,  ,ming@example.com  ,8.00,8.00,0.00,0.00,0.00,0.00,0.00,,0.00,0.00,  ,-0.05,0.00,";
const alipayTorn =
  alipayRows +
  lines(tornRow) +
  alipayFooter(
    "#交易合计：3笔，商家实收共1,158.00元，商家优惠共0.00元",
    "#退款合计：2笔，商家实收退款共-40.00元，商家优惠退款共0.00元",
  );
const alipayUnread =
  alipayRows +
  alipayFooter(
    "#交易合计：若干笔，商家实收共约150元",
    "#交易合计",
    "#退款合计：1笔，交易退款金额共-40.00元",
    "#退款合计：-笔，商家实收退款共元",
  );

const woocommerce = lines(
  "order_id,order_number,order_date,paid_date,status,shipping_total,tax_total,discount_total,order_total,order_subtotal,order_currency,payment_method,payment_method_title,transaction_id,customer_id,customer_user,customer_email,billing_first_name,billing_last_name,billing_email,billing_phone,customer_note,shipping_items,fee_items,tax_items,coupon_items,refund_items,order_notes,download_permissions,line_item_1",
  "11,1011,02/01/2026 9:00:00,02/01/2026 9:05:00,completed,0,0,0,88.00,88.00,CNY,wechat,WeChat,t1,1,1,one@example.com,三,张,one@example.com,,,,,,,,,1,name:Tea|sku:T1",
  '12,1012,2026-02-01 09:00:00,,pending,0,0,0,20.00,20.00,CNY,wechat,WeChat,,2,2,,四,李,two@example.com,,"thanks, bye",,,,,,,1,name:Cup',
  "13,1013,02/01/2026 9:00:00,02/01/2026 9:06:00,refunded,0,0,0,30.00,30.00,CNY,wechat,WeChat,t3,2,2,two@example.com,四,李,two@example.com,,,,,,,amount:30|reason:broken,,1,name:Cup",
  "14,1014,02/01/2026 9:00:00,02/01/2026 9:07:00,shipped-by-hand,0,0,0,30.00,30.00,CNY,wechat,WeChat,t4,2,2,two@example.com,四,李,two@example.com,,,,,,,,,1,name:Cup",
);

const stripe = lines(
  "id,Description,Seller Message,Created date (UTC),Amount,Amount Refunded,Currency,Converted Amount,Converted Amount Refunded,Fee,Taxes On Fee,Converted Currency,Mode,Status,Statement Descriptor,Customer ID,Customer Description,Customer Email,Captured,Card ID,Card Last4,Card Brand,Card Funding,Disputed Amount,Dispute Status,Invoice ID,PaymentIntent ID",
  'ch_1,Order 1,Payment complete.,2026-02-01 17:30:00,"1,045.00",0.00,cny,0,0,1.2,0,cny,Live,Paid,SHOP,cus_1,,One@example.com,true,card_1,4242,Visa,credit,,,,pi_1',
  "ch_2,Order 2,Payment complete.,2026-02-01 01:30:00,50.00,50.00,cny,0,0,1.2,0,cny,Live,Refunded,SHOP,cus_2,,two@example.com,true,card_1,4242,Visa,credit,,,,pi_2",
  "ch_3,Order 3,The bank declined.,2026-02-01 01:30:00,50.00,0.00,cny,0,0,0,0,cny,Live,Failed,SHOP,cus_2,,two@example.com,false,card_1,4242,Visa,credit,,,,pi_3",
  "ch_4,Order 4,Payment complete.,2026-02-01 01:30:00,50.00,0.00,usd,0,0,0,0,usd,Live,Paid,SHOP,cus_2,,two@example.com,true,card_1,4242,Visa,credit,,,,pi_4",
);

const stripeBalance = lines(
  "balance_transaction_id,created_utc,created,available_on_utc,available_on,currency,gross,fee,net,reporting_category,source_id,description,charge_id,customer_email,payment_intent_id",
  "txn_1,2026-02-02 09:00:00,2026-02-02 17:00:00,2026-02-04 00:00:00,2026-02-04 08:00:00,cny,100.00,3.20,96.80,charge,ch_9,Order 9,ch_9,one@example.com,pi_9",
  "txn_2,2026-02-02 10:00:00,2026-02-02 18:00:00,2026-02-04 00:00:00,2026-02-04 08:00:00,cny,-30.00,0.00,-30.00,refund,re_9,Refund,ch_9,one@example.com,pi_9",
  "txn_3,2026-02-02 10:00:00,2026-02-02 18:00:00,2026-02-04 00:00:00,2026-02-04 08:00:00,cny,-20.00,0.00,-20.00,refund,re_8,Refund,ch_9,one@example.com,pi_9",
  "txn_4,2026-02-03 10:00:00,2026-02-03 18:00:00,2026-02-04 00:00:00,2026-02-04 08:00:00,cny,-46.80,0.00,-46.80,payout,po_1,STRIPE PAYOUT,,,",
  "txn_5,2026-02-03 10:00:00,2026-02-03 18:00:00,2026-02-04 00:00:00,2026-02-04 08:00:00,cny,-5.00,0.00,-5.00,refund,re_7,Refund,ch_7,one@example.com,pi_7",
);

const square = lines(
  "Date,Time,Time Zone,Gross Sales,Discounts,Service Charges,Net Sales,Gift Card Sales,Tax,Tip,Partial Refunds,Total Collected,Source,Card,Card Entry Methods,Cash,Square Gift Card,Other Tender,Other Tender Type,Tender Note,Fees,Net Total,Transaction ID,Payment ID,Card Brand,PAN Suffix,Device Name,Staff Name,Staff ID,Details,Description,Event Type,Location,Dining Option,Customer ID,Customer Name,Customer Reference ID",
  "02/01/2026,2:30:00 PM,China Standard Time,$30.00,-$3.00,$0.00,$27.00,$0.00,$2.16,$2.00,$0.00,$31.16,Point of Sale,$31.16,Tap,$0.00,$0.00,$0.00,,,-$0.93,$30.23,SQA1x,PA1,Visa,0000,Till,,,https://squareup.com/1,Mug,Payment,TeaHouse,,CUST1,Dee,",
  '2026-02-01,11:40:00,China Standard Time,"$1,200.00",$0.00,$0.00,"$1,200.00",$0.00,$0.00,$0.00,-$12.00,"$1,200.00",Point of Sale,"$1,200.00",Tap,$0.00,$0.00,$0.00,,,-$0.46,$12.50,SQB2y,PB2,Visa,0000,Till,,,https://squareup.com/2,Print,Payment,TeaHouse,,CUST2,,',
  "02/02/2026,9:00:00 AM,China Standard Time,-$12.00,$0.00,$0.00,-$12.00,$0.00,$0.00,$0.00,$0.00,-$12.00,Point of Sale,-$12.00,,$0.00,$0.00,$0.00,,,$0.00,-$12.00,SQB2y,PB2R,Visa,0000,Till,,,https://squareup.com/3,Print,Refund,TeaHouse,,CUST2,,",
  "02/02/2026,10:00:00 AM,China Standard Time,€5.00,$0.00,$0.00,€5.00,$0.00,$0.00,$0.00,$0.00,€5.00,Point of Sale,€5.00,,$0.00,$0.00,$0.00,,,$0.00,€5.00,SQC3z,PC3,Visa,0000,Till,,,https://squareup.com/4,Print,Payment,TeaHouse,,CUST2,,",
);

const squareItems = lines(
  "Date,Time,Time Zone,Category,Item,Qty,Price Point Name,SKU,Modifiers Applied,Gross Sales,Discounts,Net Sales,Tax,Transaction ID,Payment ID,Device Name,Notes,Details,Event Type,Location,Dining Option,Customer ID,Customer Name,Customer Reference ID,Unit,Count,Itemization Type,Commission,Employee",
  "02/01/2026,2:30:00 PM,China Standard Time,Cups,Mug,1,Regular,MUG-1,,$18.00,-$3.00,$15.00,$1.20,SQA1x,PA1,Till,,,Payment,TeaHouse,,CUST1,Dee,,ea,1,Physical,$0.00,",
  "02/01/2026,2:30:00 PM,China Standard Time,Prints,Fern,1,Regular,,,$12.00,$0.00,$12.00,$0.96,SQA1x,PA1,Till,,,Payment,TeaHouse,,CUST1,Dee,,ea,1,Physical,$0.00,",
  "02/02/2026,2:30:00 PM,China Standard Time,Cups,Mug,1,Regular,MUG-1,,-$18.00,$3.00,-$15.00,-$1.20,SQA1x,PA1R,Till,,,Refund,TeaHouse,,CUST1,Dee,,ea,1,Physical,$0.00,",
  "02/03/2026,2:30:00 PM,China Standard Time,Cups,Mug,2,Regular,MUG-1,,$36.00,$0.00,$36.00,$0.00,SQD4,PD4,Till,,,Payment,TeaHouse,,,,,ea,1,Physical,$0.00,",
);

const etsy = lines(
  "Sale Date,Order ID,Buyer User ID,Full Name,First Name,Last Name,Number of Items,Payment Method,Date Shipped,Street 1,Street 2,Ship City,Ship State,Ship Zipcode,Ship Country,Currency,Order Value,Coupon Code,Coupon Details,Discount Amount,Shipping Discount,Shipping,Sales Tax,Order Total,Status,Card Processing Fees,Order Net,Adjusted Order Total,Adjusted Card Processing Fees,Adjusted Net Order Amount,Buyer,Order Type,Payment Type,InPerson Discount,InPerson Location,SKU",
  '02/01/26,3001,1,"Doe, Jane",Jane,Doe,2,Credit Card,02/03/26,1 St,,Boston,MA,02108,United States,CNY,82.27,TEA,10% off,8.23,0.00,0.00,6.81,80.85,Completed,3.53,70.51,0.00,0.00,0.00,jane,online,online_cc,,,T1',
  "02/02/26,3002,2,Bob,Bob,,1,Credit Card,,2 St,,Boston,MA,02108,United States,CNY,20.00,,,,0.00,0.00,0,20.00,,1.00,19.00,0.00,0.00,0.00,bob,online,online_cc,,,",
  "02/03/26,3003,2,Bob,Bob,,1,Credit Card,,2 St,,Boston,MA,02108,United States,CNY,20.00,,,0.00,0.00,0.00,0,20.00,Partially Refunded,1.00,19.00,10.00,0.00,9.00,bob,online,online_cc,,,",
  "02/03/26,3004,2,Bob,Bob,,1,Credit Card,,2 St,,Boston,MA,02108,United States,CNY,20.00,,,half,0.00,0.00,0,20.00,Completed,1.00,19.00,0.00,0.00,0.00,bob,online,online_cc,,,",
);

const etsyItems = lines(
  "Sale Date,Item Name,Buyer,Quantity,Price,Coupon Code,Coupon Details,Discount Amount,Shipping Discount,Order Shipping,Order Sales Tax,Item Total,Currency,Transaction ID,Listing ID,Date Paid,Date Shipped,Ship Name,Ship Address1,Ship Address2,Ship City,Ship State,Ship Zipcode,Ship Country,Order ID,Variations,Order Type,Listings Type,Payment Type,InPerson Discount,InPerson Location,VAT Paid by Buyer,SKU",
  '02/01/26,"Mug, speckled",jane,2,34.00,TEA,10% off,6.80,0,0,0,68.00,CNY,4001,1501,02/01/26,02/03/26,Jane Doe,1 St,,Boston,MA,02108,United States,3001,,online,listing,online_cc,,,,T1',
  "02/01/26,Soap,jane,1,14.27,TEA,10% off,1.43,0,0,0,14.27,CNY,4002,1502,02/01/26,02/03/26,Jane Doe,1 St,,Boston,MA,02108,United States,3001,,online,listing,online_cc,,,,",
  "02/05/26,Soap,bob,3,9.00,,,,0,0,0,27.00,CNY,4003,1502,02/06/26,,Bob,2 St,,Boston,MA,02108,United States,3005,,online,listing,online_cc,,,,T2",
  "02/05/26,Soap,bob,1,9.00,,,10.00,0,0,0,9.00,CNY,4004,1502,02/06/26,,Bob,2 St,,Boston,MA,02108,United States,3006,,online,listing,online_cc,,,,T2",
);

const amazon = lines(
  "amazon-order-id\tmerchant-order-id\tpurchase-date\tlast-updated-date\torder-status\tfulfillment-channel\tsales-channel\torder-channel\turl\tship-service-level\tproduct-name\tsku\tasin\titem-status\tquantity\tcurrency\titem-price\titem-tax\tshipping-price\tshipping-tax\tgift-wrap-price\tgift-wrap-tax\titem-promotion-discount\tship-promotion-discount\tship-city\tship-state\tship-postal-code\tship-country\tpromotion-ids\tcard",
  '113-1111111-1111111\t\t2026-02-01T18:53:56+00:00\t2026-02-02T08:00:00+00:00\tShipped\tAmazon\tAmazon.com\t\t\tStandard\tTea 6" tin\tT1\tB0001\tShipped\t2\tCNY\t89.90\t\t\t\t\t\t10.00\t\tGA\tGA\t30041\tUS\t\tM1',
  "113-1111111-1111111\t\t2026-02-01T18:53:56+00:00\t2026-02-02T08:00:00+00:00\tShipped\tAmazon\tAmazon.com\t\t\tStandard\tCup\tT2\tB0002\tShipped\t1\tCNY\t20.10\t\t\t\t\t\t\t\tGA\tGA\t30041\tUS\t\tM1",
  "113-2222222-2222222\t\t2026-02-01T19:53:56+00:00\t2026-02-02T08:00:00+00:00\tPending\tAmazon\tAmazon.com\t\t\tStandard\tCup\tT2\tB0002\tUnshipped\t1\t\t\t\t\t\t\t\t\t\tGA\tGA\t30041\tUS\t\tM2",
  "113-3333333-3333333\t\t2026-02-01T19:53:56+00:00\t2026-02-02T08:00:00+00:00\tCancelled\tAmazon\tAmazon.com\t\t\tStandard\tCup\tT2\tB0002\tCancelled\t0\t\t\t\t\t\t\t\t\t\tGA\tGA\t30041\tUS\t\tM2",
  "113-4444444-4444444\t\t2026-02-01T20:53:56+00:00\t2026-02-02T08:00:00+00:00\tShipped - Delivered to Buyer\tMerchant\tAmazon.com\t\t\tStandard\tCup\tT2\tB0002\tShipped\t1\tUSD\t20.10\t\t\t\t\t\t\t\tGA\tGA\t30041\tUS\t\tM2",
);

const shouqianba = lines(
  "收钱吧订单号,商户订单号,商户名称,门店号,门店名称,终端号,终端名称,付款时间,交易类型,支付方式,付款人ID,交易金额,退款金额,实收金额,手续费,退款序列号,收银员,备注",
  "7892259488292001,N1,某某集团,1,某某茶饮,100,前台,2026-02-01 10:00:00,收款,微信,openid-ming,38.00,,38.00,0.14,,小王,",
  "7892259488292002,N2,某某集团,1,某某茶饮,100,前台,2026-02-01 10:05:00,付款,支付宝,openid-hong,￥20.00,,20.00,0.08,-,小王,",
  "7892259488292001,N1,某某集团,1,某某茶饮,100,前台,2026-02-01 12:00:00,退款,微信,openid-ming,,￥8.00,-8.00,-0.03,7892259488292909,小王,",
  "7892259488292003,N3,某某集团,1,某某茶饮,100,前台,2026-02-01 12:10:00,预授权,微信,openid-ming,100.00,,100.00,0,,小王,",
  "7892259488292004,N4,某某集团,1,别家店,100,前台,2026-02-01 12:10:00,收款,微信,openid-ming,1.00,,1.00,0,,小王,",
  "合计,,,,,,,,,,,59.00,8.00,,,,,",
);

const jdSettlement = lines(
  "订单编号,单据编号,单据类型,商品编号,商户订单号,商品名称,费用发生时间,费用计费时间,费用结算时间,费用项,金额,币种,商家应收/应付,钱包结算备注,店铺号,京东门店编号,品牌门店编号,门店名称,备注,收支方向,账单日期,会员",
  '="230601000001",="230601000001",订单,7001,,茶,2026-02-01 09:05:00,2026-02-03 10:00:00,2026-02-03 10:00:00,货款,60.00,CNY,应收,,88001,,,,,收入,20260203,M1',
  '="230601000001",="230601000001",订单,7002,,杯,2026-02-01 09:05:00,2026-02-03 10:00:00,2026-02-03 10:00:00,货款,36.50,CNY,应收,,88001,,,,,收入,20260203,M1',
  '="230601000001",="230601000001",订单,7001,,茶,2026-02-01 09:05:00,2026-02-03 10:00:00,2026-02-03 10:00:00,佣金,-3.00,CNY,应付,,88001,,,,,支出,20260203,M1',
  '="230601000001",="778800000001",售后服务单,7002,,杯,2026-02-05 09:05:00,2026-02-05 10:00:00,2026-02-05 10:00:00,货款,-36.50,CNY,应付,退货金额,88001,,,,,支出,20260205,M1',
  '="230601000002",="230601000002",订单,7001,,茶,2026-02-01 09:05:00,2026-02-03 10:00:00,2026-02-03 10:00:00,货款,-60.00,CNY,应付,,88001,,,,,支出,20260203,M2',
);

const preamble = (count: number, ...said: readonly string[]): string =>
  lines(...said, ...Array.from({ length: count - said.length }, () => "提示：,,,"));
const wechatConsumer =
  preamble(16, "微信支付账单明细,,,,,,,,,,", "微信昵称：[小明],,,,,,,,,,") +
  lines(
    "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注",
    '2026-02-01 12:30:00,商户消费,某某茶饮,"茶",支出,¥28.16,零钱,支付成功,"4200000001202602010000000001"\t,"A1"\t,"/"',
  );
const alipayConsumer =
  preamble(23, "导出信息：", "姓名：小明") +
  lines(
    "交易时间,交易分类,交易对方,对方账号,商品说明,收/支,金额,收/付款方式,交易状态,交易订单号,商家订单号,备注,",
    "2026-02-01 12:30:00,餐饮美食,某某茶饮,tea***@example.com,茶,支出,28.16,余额宝,交易成功,2026020122001\t,B1\t,,",
  );
const alipayConsumerWeb =
  preamble(4, "支付宝交易记录明细查询", "账号:[ming@example.com]") +
  lines(
    "交易号                  ,商家订单号               ,交易创建时间              ,付款时间                ,最近修改时间              ,交易来源地     ,类型              ,交易对方            ,商品名称                ,金额（元）   ,收/支     ,交易状态    ,服务费（元）   ,成功退款（元）  ,备注                  ,资金状态     ,",
    "2026020122001\t,B1\t,2026-02-01 12:30:00 ,2026-02-01 12:30:01 ,2026-02-01 12:30:01 ,其他 ,即时到账交易 ,某某茶饮 ,茶 ,28.16 ,支出 ,交易成功 ,0.00 ,0.00 ,,已支出 ,",
  );
const jdConsumer =
  preamble(21, "导出信息：", "京东账号名：jd_ming") +
  lines(
    "交易时间,商户名称,交易说明,金额,收/付款方式,交易状态,收/支,交易分类,交易订单号,商家订单号,备注",
    "2026-02-01 12:30:00\t,京东平台商户,茶,131.77(已退款89.84),微信支付,交易成功,支出,食品酒饮,230523000001\t,77\t,,",
  );
const meituanConsumer =
  preamble(18, "美团交易账单明细", "美团用户名：[小明]") +
  lines(
    "【美团交易账单明细列表】",
    "交易创建时间,交易成功时间,交易类型,订单标题,收/支,支付方式,订单金额,实付金额,交易单号,商家单号,备注",
    '2026-02-01 11:00:00,2026-02-01 11:00:01,支付,某某茶饮,支出,美团月付,¥30.00,¥22.30,"2502010001\t","1M7\t",/',
  );

/** Files as the platforms write them, in their encodings and with their quirks; and how an operator takes each in. */
export const platformFiles: Readonly<Record<string, { readonly bytes: Buffer; readonly options: string }>> = {
  "taobao.csv": { bytes: encode(taobao, "gb18030"), options: "" },
  "jd.csv": { bytes: encode(jd, "gb18030"), options: " --merchant S1" },
  "douyin.csv": { bytes: marked(douyin), options: " --merchant S1 --map member_no=备用会员号 --member-by number" },
  "pinduoduo.csv": {
    bytes: encode(pinduoduo, "gb18030"),
    options: " --merchant S1 --map member_no=商家备注 --member-by number",
  },
  "meituan.csv": { bytes: marked(meituan), options: " --map member_no=会员号 --member-by number" },
  "shopify.csv": { bytes: encode(shopify, "utf-8"), options: "" },
  "wechat.csv": { bytes: marked(wechat), options: "" },
  "alipay.csv": { bytes: encode(alipay, "gb18030"), options: "" },
  "alipay-torn.csv": { bytes: encode(alipayTorn, "gb18030"), options: "" },
  "alipay-unread.csv": { bytes: encode(alipayUnread, "gb18030"), options: "" },
  "woocommerce.csv": { bytes: encode(woocommerce, "utf-8"), options: " --merchant S1" },
  "stripe.csv": { bytes: encode(stripe, "utf-8"), options: " --merchant S1" },
  "stripe-balance.csv": { bytes: encode(stripeBalance, "utf-8"), options: " --merchant S1" },
  "square.csv": { bytes: encode(square, "utf-8"), options: " --map currency=" },
  "square-items.csv": { bytes: encode(squareItems, "utf-8"), options: " --map currency=" },
  "etsy.csv": { bytes: encode(etsy, "utf-8"), options: " --merchant S1" },
  "etsy-items.csv": { bytes: encode(etsyItems, "utf-8"), options: " --merchant S1" },
  "amazon.csv": { bytes: encode(amazon, "utf-8"), options: " --merchant S1 --map member_no=card --member-by number" },
  "shouqianba.csv": { bytes: encode(shouqianba, "gb18030"), options: "" },
  "jd-settlement.csv": {
    bytes: encode(jdSettlement, "gb18030"),
    options: " --merchant S1 --map member_no=会员 --member-by number",
  },
};

/** Bills of consumers, which are no files of orders. */
export const consumersBills: Readonly<Record<string, Buffer>> = {
  "wechat-consumer.csv": marked(wechatConsumer),
  "alipay-consumer.csv": encode(alipayConsumer, "gb18030"),
  "alipay-consumer-web.csv": encode(alipayConsumerWeb, "gb18030"),
  "jd-consumer.csv": marked(jdConsumer),
  "meituan-consumer.csv": marked(meituanConsumer),
};
