import { listOrders } from "../../../domain/orders/list.ts";
import { orderStates } from "../../../domain/orders/model.ts";
import type { OrderKey } from "../../../domain/orders/list-sql.ts";
import { defaultSource } from "../../../shared/default-source.ts";
import { amount, choice, date } from "../../flags.ts";
import { defineList } from "../../list.ts";
import { listedOrder } from "./view.ts";

// A number that has an @ itself can only be split from its source when that is written too.
const keyText = ({ orderNo, source }: OrderKey): string =>
  source === defaultSource && !orderNo.includes("@") ? orderNo : `${orderNo}@${source}`;

function readKey(text: string): OrderKey {
  const at = text.lastIndexOf("@");
  return at === -1
    ? { orderNo: text, source: defaultSource }
    : { orderNo: text.slice(0, at), source: text.slice(at + 1) };
}

export const command = defineList({
  examples: [
    ["accrue order list --member M00000001", "a member's orders"],
    [
      "accrue order list --from 2026-01-01 --to 2026-01-31 --status paid --json",
      "a month of paid orders, one object a line",
    ],
    ["accrue order list --merchant S001 --min-amount 1000 --limit 20", "a merchant's large orders"],
    [
      "accrue order list --from 2026-01-01 --to 2026-01-31 --all --csv > january.csv",
      "all orders of a month, for a spreadsheet",
    ],
  ],
  thing: listedOrder,
  nothing: "no orders",
  keyName: "order, written order_no or order_no@source",
  key: { read: readKey, write: keyText },
  configure: (command) =>
    command
      .addOption(choice("--status <status>", "of this status", orderStates))
      .addOption(date("--from <date>", "paid on or after this business date"))
      .addOption(date("--to <date>", "paid on or before this business date"))
      .option("--member <member-no>", "of this member")
      .option("--merchant <merchant-code>", "at this merchant")
      .option("--source <source>", "of this source")
      .addOption(amount("--min-amount <yuan>", "of at least this amount"))
      .addOption(amount("--max-amount <yuan>", "of at most this amount")),
  get:
    ({
      status,
      from,
      to,
      source,
      member: memberNo,
      merchant: merchantCode,
      minAmount: minAmountFen,
      maxAmount: maxAmountFen,
    }) =>
    (context, page) =>
      listOrders(context, { status, from, to, source, memberNo, merchantCode, minAmountFen, maxAmountFen }, page),
});
