import type postgres from "postgres";
import { orderKind } from "../../src/domain/orders/import.ts";
import { taobao } from "../../src/domain/orders/profiles/taobao.ts";
import { inOneMerge, sqlRules } from "./hand-written.ts";

/** What each of the 30 columns holds, by its heading; `g` is the number of the row. */
const columns: Readonly<Record<string, string>> = {
  订单编号: `'="' || (260101000000000000 + g)::text || '"'`,
  买家会员名: `'买家' || (g * 7919 % :members + 1)`,
  买家支付宝账号: `'u' || g || '@example.com'`,
  买家应付货款: `(1 + g * 31 % 99900)::numeric / 100`,
  买家应付邮费: `'0.00'`,
  买家支付积分: `0`,
  总金额: `round((1 + g * 31 % 99900)::numeric / 100, 2)`,
  返点积分: `0`,
  买家实际支付金额: `(1 + g * 31 % 99900)::numeric / 100`,
  买家实际支付积分: `0`,
  订单状态: `'买家已付款，等待卖家发货'`,
  买家留言: `CASE WHEN g % 9 = 0 THEN '请尽快发货，谢谢' ELSE '' END`,
  收货人姓名: `'收货人' || g % 977`,
  收货地址: `'浙江省 杭州市 余杭区 文一西路' || g % 999 || '号'`,
  运送方式: `'快递'`,
  联系电话: `''`,
  联系手机: `'''139' || lpad(g::text, 8, '0')`,
  订单创建时间: `'2026-01-01 08:00:00'`,
  订单付款时间: `to_char(timestamp '2026-01-01' + g % 86400 * interval '1 second', 'YYYY-MM-DD HH24:MI:SS')`,
  宝贝标题: `'春季新款纯棉长袖衬衫, 男女同款 ' || g % 313`,
  宝贝种类: `1`,
  物流单号: `'No:' || g`,
  物流公司: `'中通快递'`,
  订单备注: `'null'`,
  宝贝总数量: `1`,
  店铺Id: `0`,
  店铺名称: `'店铺' || (g * 104729 % :merchants + 1)`,
  订单关闭原因: `'订单未关闭'`,
  卖家服务费: `0`,
  买家服务费: `'0元'`,
};

/** Has the server write a Taobao report in GB18030, and gives its buyers and shops their aliases. */
export async function writeTaobao(
  sql: postgres.Sql,
  path: string,
  rows: number,
  members: number,
  merchants: number,
): Promise<void> {
  const fill = (text: string) =>
    text.replaceAll(":members", String(members)).replaceAll(":merchants", String(merchants));
  const cells = Object.entries(columns).map(([heading, text]) => `${fill(text)} AS "${heading}"`);
  await sql.unsafe(`
    COPY (SELECT ${cells.join(", ")} FROM generate_series(1::bigint, ${rows}) g) TO '${path}' (FORMAT csv, HEADER, ENCODING 'GB18030');
    INSERT INTO member_aliases (alias, source, member_id, added_by, added_at)
      SELECT '买家' || substr(member_no, 2)::bigint, 'taobao', member_id, 'setup', now() FROM members;
    INSERT INTO merchant_aliases (alias, source, merchant_id, added_by, added_at)
      SELECT '店铺' || substr(merchant_code, 2)::bigint, 'taobao', merchant_id, 'setup', now() FROM merchants`);
  await sql.unsafe("VACUUM ANALYZE");
}

/**
 * The report into staging by the server itself, cleaned and held against the rules by plain SQL, then accrue's own
 * merge, once for all rows.
 */
export async function importTaobaoBySameMerge(sql: postgres.Sql, path: string): Promise<void> {
  await inOneMerge(
    sql,
    orderKind(),
    "raw_orders",
    async (tx) => {
      await tx.unsafe(`
      CREATE TEMP TABLE raw_orders (record integer GENERATED ALWAYS AS IDENTITY, ${Object.keys(columns)
        .map((heading) => `"${heading}" text`)
        .join(", ")}) ON COMMIT DROP;
      COPY raw_orders (${Object.keys(columns)
        .map((heading) => `"${heading}"`)
        .join(", ")}) FROM '${path}' (FORMAT csv, HEADER, ENCODING 'GB18030');
      INSERT INTO staged_orders (record, line, order_no, source, member_no, merchant_code, amount_fen, status, paid_at)
        SELECT record, record + 1, trim(both '="' from 订单编号), 'taobao', trim(买家会员名), trim(店铺名称), (总金额::numeric * 100)::bigint,
          CASE WHEN 订单状态 IN ('买家已付款，等待卖家发货', '卖家已发货，等待买家确认', '交易成功') THEN 'paid' WHEN 订单状态 = '交易关闭' THEN 'closed' ELSE 'pending' END,
          (订单付款时间 || ' Asia/Shanghai')::timestamptz
        FROM raw_orders
        WHERE ${sqlRules.code("trim(both '=\"' from 订单编号)")} AND ${sqlRules.text("trim(买家会员名)", 64)} AND ${sqlRules.text("trim(店铺名称)", 64)}
          AND ${sqlRules.amount("总金额")} AND ${sqlRules.time("订单付款时间")};
      ANALYZE staged_orders`);
    },
    taobao,
  );
}
