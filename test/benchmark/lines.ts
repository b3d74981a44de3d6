import type postgres from "postgres";
import type { ProfileText } from "../../src/imports/profile.ts";
import { orderKind } from "../../src/domain/orders/import.ts";
import { douyin } from "../../src/domain/orders/profiles/douyin.ts";
import { inOneMerge, sqlRules } from "./hand-written.ts";

const partsPerOrder = 3;

/** What each of the columns holds, by its heading; `g` is the number of the row, `o` of its order. */
const columns: Readonly<Record<string, string>> = {
  主订单编号: `E'\\t' || (6917000000000000000 + o)::text`,
  子订单编号: `E'\\t' || (6918000000000000000 + g)::text`,
  选购商品: `'春季新款纯棉长袖衬衫, 男女同款 ' || g % 313`,
  商品规格: `'白色;L'`,
  商品数量: `1`,
  商家编码: `'SKU' || g % 977`,
  订单应付金额: `round((1 + g * 31 % 99900)::numeric / 100, 2)`,
  运费: `'0.00'`,
  收件人: `'##aGVsbG8' || g || '##'`,
  收件人手机号: `'$$MTM4' || g || '$$'`,
  订单提交时间: `to_char(timestamp '2026-01-01' + o % 86400 * interval '1 second', 'YYYY-MM-DD HH24:MI:SS')`,
  商家备注: `'-'`,
  订单完成时间: `'-'`,
  订单状态: `'已发货'`,
  售后状态: `'-'`,
  取消原因: `'-'`,
  发货时间: `'2026-01-02 09:00:00'`,
  会员号: `'M' || lpad((o * 7919 % :members + 1)::text, 8, '0')`,
};

/** How accrue is to import such a file, which names neither buyer nor shop. */
export const linesOptions = ["--merchant", "S00001", "--map", "member_no=会员号", "--member-by", "number"];

/** Has the server write a Douyin export, a row for each part of an order; the parts of one stand together. */
export async function writeLines(sql: postgres.Sql, path: string, rows: number, members: number): Promise<void> {
  const cells = Object.entries(columns).map(
    ([heading, text]) => `${text.replaceAll(":members", String(members))} AS "${heading}"`,
  );
  await sql.unsafe(`
    COPY (SELECT ${cells.join(", ")} FROM generate_series(1::bigint, ${rows}) g CROSS JOIN LATERAL (SELECT (g - 1) / ${partsPerOrder} AS o) p)
    TO '${path}' (FORMAT csv, HEADER, ENCODING 'UTF8')`);
}

/**
 * The export into a table by the server itself, its parts held against the rules and summed by plain SQL, then accrue's
 * own merge, once for all orders.
 */
export async function importLinesBySameMerge(sql: postgres.Sql, path: string): Promise<void> {
  // Its orders are staged as if each had come as one row.
  const profile: ProfileText = { ...douyin, member_by: "number", merchant_by: "code", rows_per_order: "one" };
  await inOneMerge(
    sql,
    orderKind(),
    "(SELECT DISTINCT 主订单编号 FROM raw_lines) o",
    async (tx) => {
      await tx.unsafe(`
      CREATE TEMP TABLE raw_lines (record integer GENERATED ALWAYS AS IDENTITY, ${Object.keys(columns)
        .map((heading) => `"${heading}" text`)
        .join(", ")}) ON COMMIT DROP;
      COPY raw_lines (${Object.keys(columns)
        .map((heading) => `"${heading}"`)
        .join(", ")}) FROM '${path}' (FORMAT csv, HEADER, ENCODING 'UTF8');
      ANALYZE raw_lines;
      INSERT INTO staged_orders (record, line, order_no, source, member_no, merchant_code, amount_fen, status, paid_at, skus)
        SELECT min(record), min(record) + 1, order_no, 'douyin', min(member_no), 'S00001', (sum(amount::numeric) * 100)::bigint, min(status),
          (min(paid_at) || ' Asia/Shanghai')::timestamptz, array_agg(DISTINCT sku ORDER BY sku)
        FROM (
          SELECT record, trim(E'\\t ' from 主订单编号) AS order_no, trim(E'\\t ' from 子订单编号) AS part_no, trim(会员号) AS member_no, 订单应付金额 AS amount,
            CASE WHEN 订单状态 IN ('已支付', '备货中', '待发货', '已发货', '已完成') THEN 'paid' WHEN 订单状态 = '已关闭' THEN 'closed' ELSE 'pending' END AS status,
            订单提交时间 AS paid_at, trim(商家编码) AS sku
          FROM raw_lines
        ) l
        GROUP BY order_no
        HAVING bool_and(${["order_no", "part_no", "member_no", "sku"].map(sqlRules.code).join(" AND ")} AND ${sqlRules.amount("amount")} AND ${sqlRules.time("paid_at")})
          AND count(DISTINCT part_no) = count(*) AND min(member_no) = max(member_no) AND min(paid_at) = max(paid_at) AND min(status) = max(status);
      ANALYZE staged_orders`);
    },
    profile,
  );
}
