import { voidSubject } from "../../../domain/corrections/order-subjects.ts";
import { oneOrder } from "../../../domain/orders/show.ts";
import { defineCommand } from "../../command.ts";
import { addProposalOptions, proposeAndTell } from "../../proposing.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue order void 20260101-0001 --reason 'a test of the till'",
      "an order that never was, once another operator approves it",
    ],
    [
      "accrue order void 2026010100017 --source taobao --reason 'sent twice' --dry-run",
      "what of it would be clawed back; the source where several have that number",
    ],
  ],
  configure: (command) =>
    addProposalOptions(
      command
        .argument("<order-no>", "the order's number")
        .option("--source <source>", "the channel that issued the number"),
    ),
  run: async (session, [orderNo], { source, ...options }) => {
    const context = await session.open();
    const order = await oneOrder(context, orderNo, source);
    await proposeAndTell(session, context, voidSubject, { order_no: orderNo, source: order.source }, options);
  },
});
