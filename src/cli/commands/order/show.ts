import { showOrder } from "../../../domain/orders/show.ts";
import { defineShow } from "../../show.ts";
import { orderPage, orderStory } from "./view.ts";

export const command = defineShow({
  examples: [
    ["accrue order show 20260101-0001", "an order: its facts, where it came from, what it earned"],
    [
      "accrue order show 2026010100017 --source taobao --json",
      "for scripts; the source where several have that number",
    ],
  ],
  thing: orderStory,
  page: orderPage,
  configure: (command) =>
    command
      .argument("<order-no>", "the order's number")
      .option("--source <source>", "the channel that issued the number"),
  get:
    ({ source }, [orderNo]) =>
    (context) =>
      showOrder(context, orderNo, source),
});
