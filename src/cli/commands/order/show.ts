import { showOrder, type OrderStory } from "../../../domain/orders/show.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import { formatRate } from "../../../shared/rates.ts";
import type { Page } from "../../../ui/page.ts";
import { defineCommand } from "../../command.ts";

export const command = defineCommand({
  examples: [
    ["accrue order show 20260101-0001", "an order: its facts, where it came from, what it earned"],
    ["accrue order show 2026010100017 --source taobao --json", "for scripts; the source where several have that number"],
  ],
  configure: (command) =>
    command.argument("<order-no>", "the order's number").option("--source <source>", "the channel that issued the number"),
  run: async (session, [orderNo = ""], { source }) => {
    const context = await session.open();
    const story = await showOrder(context, orderNo, source);
    await session.ui.show(storyDocument(story), (page) => showStory(page, story, context.zone));
  },
});

const storyDocument = (story: OrderStory) => ({
  source: story.source,
  order_no: story.orderNo,
  member_no: story.memberNo,
  merchant_code: story.merchantCode,
  amount: formatYuan(story.amountFen),
  refunded_amount: formatYuan(story.refundedFen),
  status: story.status,
  paid_at: story.paidAt,
  business_date: story.businessDate,
  skus: story.skus ?? [],
  points_granted: story.pointsGranted,
  is_settled: !story.isInFeed,
  import_id: story.importId,
  import_line: story.line,
  import_file: story.importFile,
  imported_by: story.importedBy,
  imported_at: story.importedAt,
  entries: story.entries.map((entry) => ({
    entry_no: entry.entryNo,
    kind: entry.kind,
    points: entry.points,
    business_date: entry.businessDate,
    run_id: entry.runId,
    operator: entry.operator,
    net_amount: formatYuan(entry.netFen),
    contribution_rate: formatRate(entry.contributionBps),
    points_rate: formatRate(entry.pointsBps),
    contribution: formatYuan(entry.contributionFen),
    created_at: entry.createdAt,
  })),
  skipped: story.skips.map(({ runId, points, reason }) => ({ run_id: runId, points, reason })),
});

function showStory(page: Page, story: OrderStory, zone: string): void {
  page.heading(`order ${story.orderNo} (${story.source})`).facts([
    ["member", story.memberNo],
    ["merchant", `${story.merchantCode} ${story.merchantName}`],
    ["amount", formatYuan(story.amountFen)],
    ["refunded", formatYuan(story.refundedFen)],
    ["status", story.status],
    ["paid at", story.paidAt === null ? undefined : formatInstant(story.paidAt, zone)],
    ["products", story.skus?.join(", ")],
    ["points", `${story.pointsGranted}${story.isInFeed ? " (the next grant run looks at it)" : ""}`],
    ["came from", `import ${story.importId}, line ${story.line}${story.importFile === null ? "" : ` of ${story.importFile}`}`],
    ["taken in by", story.importedBy === null ? undefined : `${story.importedBy}, ${formatInstant(story.importedAt!, zone)}`],
  ]);
  if (story.entries.length > 0) {
    page.line().table(
      [{ heading: "entry" }, { heading: "kind" }, { heading: "points", align: "right" }, { heading: "net amount", align: "right" }, { heading: "rates" },
        { heading: "business date", key: true }, { heading: "run", align: "right" }, { heading: "by", rank: 2 }],
      story.entries.map((entry) => [
        String(entry.entryNo), entry.kind, String(entry.points), formatYuan(entry.netFen),
        `${formatRate(entry.contributionBps)} x ${formatRate(entry.pointsBps)}`, entry.businessDate, String(entry.runId), entry.operator,
      ]),
    );
  }
  for (const { runId, points, reason } of story.skips) page.line(`run ${runId} skipped ${points} points: ${reason}`);
}
