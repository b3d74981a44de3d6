import { listBatches, listUnanswered } from "../../../domain/payouts/list.ts";
import { payoutChannels, type PayoutChannel } from "../../../domain/payouts/model.ts";
import { formatYuan } from "../../../shared/money.ts";
import { choice } from "../../flags.ts";
import { defineCommand } from "../../command.ts";
import { addPageOptions, defaultLimit, moreText } from "../../list-options.ts";
import { batchDocument } from "./view.ts";
import type { Session } from "../../session.ts";

export const command = defineCommand({
  examples: [
    ["accrue payout list", "the newest batches, and how much of each is answered"],
    ["accrue payout list --unanswered", "what still waits for an answer, by age"],
    ["accrue payout list --channel bank --json", "a channel's batches, one object a line"],
  ],
  configure: (command) =>
    addPageOptions(command
      .addOption(choice("--channel <channel>", "of this channel", payoutChannels))
      .option("--unanswered", "count what waits for an answer, by channel and age, instead"), "batch number (batches are listed newest first)", String),
  run: async (session, _args, { channel, unanswered, after, limit = defaultLimit }) =>
    unanswered === true ? showUnanswered(session, channel) : showBatches(session, channel, { after, limit }),
});

async function showBatches(session: Session, channel: PayoutChannel | undefined, page: { readonly after: string | undefined; readonly limit: number }): Promise<void> {
  const { batches, nextAfter } = await listBatches(await session.open(), channel, page);
  await session.ui.list(batches.map(batchDocument), (page) => {
    if (batches.length === 0) return void page.line("no payout batches");
    page.table(
      [{ heading: "batch", key: true }, { heading: "channel" }, { heading: "date", key: true }, { heading: "payouts", align: "right" }, { heading: "total", align: "right" },
        { heading: "paid", align: "right" }, { heading: "failed", align: "right" }, { heading: "unanswered", align: "right" }, { heading: "by", rank: 2 }],
      batches.map((one) => [
        one.batchNo, one.channel, one.businessDate, `${one.details}`, formatYuan(one.totalFen), `${one.paid}`, `${one.failed}`, `${one.open}`,
        one.handedOverAt === null ? `${one.operator}, files not in place` : one.operator,
      ]),
      moreText(nextAfter !== undefined, nextAfter),
    );
  });
}

async function showUnanswered(session: Session, channel: PayoutChannel | undefined): Promise<void> {
  const unanswered = await listUnanswered(await session.open(), channel);
  const documents = unanswered.map(({ channel, age, count, totalFen }) => ({ channel, age, payouts: count, total: formatYuan(totalFen) }));
  await session.ui.list(documents, (page) => {
    if (unanswered.length === 0) return void page.line("every payout is answered");
    page.table(
      [{ heading: "channel" }, { heading: "sent", key: true }, { heading: "payouts", align: "right" }, { heading: "total", align: "right" }],
      unanswered.map(({ channel, age, count, totalFen }) => [channel, age === "today" ? age : `${age} ago`, `${count}`, formatYuan(totalFen)]),
    );
  });
}
