import { importOrders } from "../../../orders/import.ts";
import { defineImportCommand } from "../../import-command.ts";

export const command = defineImportCommand({
  examples: [
    ["accrue order import orders.csv", "take in a file; rejected rows go to orders.rejects.csv"],
    ["accrue order import orders.csv --dry-run", "see what it would do"],
    ["zcat orders.csv.gz | accrue order import - --json", "from a pipe, with a report for scripts"],
  ],
  columnsText:
    "order_no 订单号, member_no 会员号, merchant_code 商家编号, amount 金额 (yuan),\n" +
    "  [status 状态: pending/paid/closed, paid_at 支付时间, refunded_amount 退款金额, source 来源, skus 商品编号]",
  run: importOrders,
});
