import { showBatch, showDetail, type BatchStory, type DetailStory } from "../../../domain/payouts/show.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import type { Page } from "../../../ui/page.ts";
import { defineCommand } from "../../command.ts";
import { batchDocument, detailDocument, payoutsText } from "./view.ts";
import { actionDocuments, actionsSection } from "../../story-view.ts";

export const command = defineCommand({
  examples: [
    ["accrue payout show P00000001", "a batch: its files, its answers, what is not paid"],
    ["accrue payout show D00000001", "one payout"],
  ],
  configure: (command) =>
    command.argument("<batch-no|payout-no>", "the number of a batch (P…) or of a payout (D…)"),
  run: async (session, [no = ""]) => {
    const context = await session.open();
    if (no.startsWith("D")) {
      const story = await showDetail(context, no);
      await session.ui.show({ ...detailDocument(story.detail), actions: actionDocuments(story.actions) }, (page) => detailPage(page, story, context.zone));
      return;
    }
    const story = await showBatch(context, no);
    await session.ui.show(storyDocument(story), (page) => batchPage(page, story, context.zone));
  },
});

const storyDocument = ({ batch, parts, notPaid, actions }: BatchStory) => ({
  ...batchDocument(batch),
  files: parts.map(({ fileNo, name, rows, totalFen, sha256 }) => ({ file_no: fileNo, name, rows, total: formatYuan(totalFen), sha256 })),
  not_paid: notPaid.map(detailDocument),
  actions: actionDocuments(actions),
});

function batchPage(page: Page, { batch, parts, notPaid, actions }: BatchStory, zone: string): void {
  page.heading(`Payout batch ${batch.batchNo}`).facts([
    ["channel", `${batch.channel} (${batch.template})`],
    ...(batch.payer === null ? [] : [["payer", batch.payer] as const]),
    ["business date", batch.businessDate],
    ["sent", payoutsText(batch.details, batch.totalFen)],
    ["paid", payoutsText(batch.paid, batch.paidFen)],
    ["failed", payoutsText(batch.failed, batch.failedFen)],
    ["unanswered", payoutsText(batch.open, batch.openFen)],
    ["digest", batch.digest],
    ["recorded", `${batch.operator}, ${formatInstant(batch.createdAt, zone)}`],
    ["handed over", batch.handedOverAt === null ? `never, as far as is known: accrue payout ${batch.payer === null ? "export" : "send"} --batch ${batch.batchNo}` : formatInstant(batch.handedOverAt, zone)],
  ]);
  const files = parts.filter(({ name }) => name !== null);
  if (files.length > 0) {
    page.line().heading("Files").table(
      [{ heading: "file", keeps: "end", atLeast: 24 }, { heading: "rows", align: "right" }, { heading: "total", align: "right" }, { heading: "sha256", key: true }],
      files.map(({ name, rows, totalFen, sha256 }) => [name ?? "", `${rows}`, formatYuan(totalFen), sha256?.slice(0, 16) ?? ""]),
    );
  }
  if (notPaid.length > 0) {
    page.line().heading("Not paid").table(
      [{ heading: "payout", key: true }, { heading: "withdrawal", key: true }, { heading: "member", key: true }, { heading: "amount", align: "right" }, { heading: "state" }, { heading: "reason", atLeast: 20 }],
      notPaid.map((one) => [one.detailNo, one.withdrawalNo, one.memberNo, formatYuan(one.netFen), one.state, one.reason ?? ""]),
    );
  }
  actionsSection(page, actions, zone);
}

function detailPage(page: Page, { detail, actions }: DetailStory, zone: string): void {
  page.heading(`Payout ${detail.detailNo}`).facts([
    ["batch", `${detail.batchNo} (${detail.channel})`],
    ["withdrawal", `${detail.withdrawalNo} of member ${detail.memberNo}`],
    ["amount", `${formatYuan(detail.netFen)} yuan`],
    ["to", detail.account],
    ["state", detail.state],
    ["answered", detail.answeredAt === null ? undefined : `${detail.answeredBy!}, ${formatInstant(detail.answeredAt, zone)}`],
    ["reason", detail.reason ?? undefined],
    ["channel's number", detail.channelRef ?? undefined],
    ["in place of", detail.previousDetailNo ?? undefined],
    ["retried as", detail.retriedAs ?? undefined],
  ]);
  actionsSection(page, actions, zone);
}
