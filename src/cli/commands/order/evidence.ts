import { listEvidence } from "../../../domain/evidence/list.ts";
import { evidenceStates, evidenceTexts } from "../../../domain/evidence/model.ts";
import type { PaymentKey } from "../../../domain/evidence/read-sql.ts";
import { usageError } from "../../../shared/errors.ts";
import { choice, date } from "../../flags.ts";
import { defineList } from "../../list.ts";
import { listedPayment } from "./evidence-view.ts";

function readKey(text: string): PaymentKey {
  const at = text.lastIndexOf("@");
  if (at < 1)
    throw usageError("payment_key_invalid", `"${text}" names no payment`, {
      hint: "write payment_no@channel, as the list says where it ends",
    });
  return { paymentNo: text.slice(0, at), channel: text.slice(at + 1) };
}

export const command = defineList({
  examples: [
    ["accrue order evidence --state amount_differs", "payments of another amount than their orders"],
    ["accrue order evidence --state no_order --from 2026-01-01 --to 2026-01-31", "payments of orders that nobody sent"],
    ["accrue order evidence --merchant S001 --all --csv > evidence.csv", "a merchant's payments, for a spreadsheet"],
  ],
  thing: listedPayment,
  nothing: "no payments",
  keyName: "payment, written payment_no@channel",
  key: { read: readKey, write: ({ paymentNo, channel }) => `${paymentNo}@${channel}` },
  legend: { words: ({ state }) => [state], meanings: evidenceTexts },
  configure: (command) =>
    command
      .addOption(choice("--state <state>", "only what says this of its order", evidenceStates))
      .option("--channel <channel>", "of this channel: alipay, wechat, stripe, or as a file of your own calls it")
      .option("--merchant <merchant-code>", "of orders at this merchant")
      .addOption(date("--from <date>", "paid on or after this date"))
      .addOption(date("--to <date>", "paid on or before this date")),
  get:
    ({ state, channel, merchant: merchantCode, from, to }) =>
    (context, page) =>
      listEvidence(context, { state, channel, merchantCode, from, to }, page),
});
