import { defaultSource } from "../../../domain/orders/model.ts";
import { listOrders, type OrderRow } from "../../../domain/orders/list.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import { defineCommand } from "../../command.ts";
import { amount, choice, date } from "../../flags.ts";
import { addPageOptions, defaultLimit, moreText } from "../../list-options.ts";

const statuses = ["pending", "paid", "closed"] as const;

export const command = defineCommand({
  examples: [
    ["accrue order list --member M00000001", "a member's orders"],
    ["accrue order list --from 2026-01-01 --to 2026-01-31 --status paid --json", "a month of paid orders, one object a line"],
    ["accrue order list --merchant S001 --min-amount 1000 --limit 20", "a merchant's large orders"],
  ],
  configure: (command) =>
    addPageOptions(command
      .addOption(choice("--status <status>", "of this status", statuses))
      .addOption(date("--from <date>", "paid on or after this business date"))
      .addOption(date("--to <date>", "paid on or before this business date"))
      .option("--member <member-no>", "of this member")
      .option("--merchant <merchant-code>", "at this merchant")
      .option("--source <source>", "of this source")
      .addOption(amount("--min-amount <yuan>", "of at least this amount"))
      .addOption(amount("--max-amount <yuan>", "of at most this amount")), "order, written order_no or order_no@source", parseOrderKey),
  run: async (session, _args, { status, from, to, source, after, limit = defaultLimit, ...options }) => {
    const context = await session.open();
    const { orders, hasMore } = await listOrders(context, {
      status, from, to, source, after, limit,
      memberNo: options.member,
      merchantCode: options.merchant,
      minAmountFen: options.minAmount,
      maxAmountFen: options.maxAmount,
    });
    await session.ui.list(orders.map(orderDocument), (page) => {
      if (orders.length === 0) return void page.line("no orders");
      page.table(
        [{ heading: "order", key: true }, { heading: "source", rank: 2 }, { heading: "member", key: true }, { heading: "merchant", key: true }, { heading: "amount", align: "right" },
          { heading: "refunded", align: "right" }, { heading: "status" }, { heading: "paid at", key: true }],
        orders.map((order) => [
          order.orderNo, order.source, order.memberNo, order.merchantCode, formatYuan(order.amountFen), formatYuan(order.refundedFen), order.status,
          order.paidAt === null ? "" : formatInstant(order.paidAt, context.zone),
        ]),
        moreText(hasMore, orders.length === 0 ? undefined : orderKeyText(orders.at(-1)!)),
      );
    });
  },
});

// A number that has an @ itself is only told from its source when that is written too.
const orderKeyText = ({ orderNo, source }: Pick<OrderRow, "orderNo" | "source">): string =>
  source === defaultSource && !orderNo.includes("@") ? orderNo : `${orderNo}@${source}`;

function parseOrderKey(text: string): { orderNo: string; source: string } {
  const at = text.lastIndexOf("@");
  return at === -1 ? { orderNo: text, source: defaultSource } : { orderNo: text.slice(0, at), source: text.slice(at + 1) };
}

const orderDocument = (order: OrderRow) => ({
  source: order.source,
  order_no: order.orderNo,
  member_no: order.memberNo,
  merchant_code: order.merchantCode,
  amount: formatYuan(order.amountFen),
  refunded_amount: formatYuan(order.refundedFen),
  status: order.status,
  paid_at: order.paidAt,
  business_date: order.businessDate,
  skus: order.skus ?? [],
});
