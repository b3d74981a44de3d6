import { showBatch, showDetail, type BatchStory, type DetailStory } from "../../../domain/payouts/show.ts";
import type { Page } from "../../../ui/page.ts";
import { defineCommand } from "../../command.ts";
import { addFormOptions, factsOf, tableOf, tellThing } from "../../fields.ts";
import { actionsSection } from "../../story-view.ts";
import { batchFile, batchStory, payout, payoutStory } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue payout show P00000001", "a batch: its files, its answers, what is not paid"],
    ["accrue payout show D00000001", "one payout"],
  ],
  configure: (command) =>
    addFormOptions(
      command.argument("<batch-no|payout-no>", "the number of a batch (P…) or of a payout (D…)"),
      batchStory,
      payoutStory,
    ),
  run: async (session, [no]) => {
    const context = await session.openToRead();
    const { zone } = context;
    if (no.startsWith("D")) {
      const story = await showDetail(context, no);
      return tellThing(session, payoutStory, { ...story.detail, ...story }, zone, (page) =>
        payoutPage(page, story, zone),
      );
    }
    const story = await showBatch(context, no);
    return tellThing(session, batchStory, { ...story.batch, ...story }, zone, (page) => batchPage(page, story, zone));
  },
});

function batchPage(page: Page, story: BatchStory, zone: string): void {
  const { batch, parts, notPaid, actions } = story;
  page.heading(`Payout batch ${batch.batchNo}`).facts(factsOf(batchStory, { ...batch, ...story }, zone));
  const files = parts.filter(({ name }) => name !== null);
  if (files.length > 0) tableOf(page.line().heading("Files"), batchFile, files, zone);
  if (notPaid.length > 0) tableOf(page.line().heading("Not paid"), payout, notPaid, zone);
  actionsSection(page, actions, zone);
}

function payoutPage(page: Page, story: DetailStory, zone: string): void {
  page.heading(`Payout ${story.detail.detailNo}`).facts(factsOf(payoutStory, { ...story.detail, ...story }, zone));
  actionsSection(page, story.actions, zone);
}
