import { showCollection } from "../../../domain/collections/read.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import { defineCommand } from "../../command.ts";
import { actionDocuments, actionsSection } from "../../story-view.ts";
import { collectionDocument } from "./view.ts";

export const command = defineCommand({
  examples: [["accrue collection show C00000001", "what came in, what proves it, and who did what when"]],
  configure: (command) => command.argument("<collection-no>", "the collection's number"),
  run: async (session, [collectionNo]) => {
    const context = await session.open();
    const { collection, actions } = await showCollection(context, collectionNo);
    const by = (operator: string, at: Date) => `${operator}, ${formatInstant(at, context.zone)}`;
    await session.ui.show({ ...collectionDocument(collection), actions: actionDocuments(actions) }, (page) => {
      page.heading(`Collection ${collectionNo}`).facts([
        ["merchant", collection.merchantCode],
        ["amount", `${formatYuan(collection.amountFen)} yuan${collection.isOpening ? ", opening" : ""}`],
        ["received on", collection.receivedOn],
        ["into", collection.moneyAccount],
        ["reference", collection.reference],
        ["proof", collection.proof],
        ["status", collection.state],
        ["recorded by", by(collection.recordedBy, collection.recordedAt)],
        ["decided by", collection.decidedBy === null ? undefined : by(collection.decidedBy, collection.decidedAt!)],
        ["reason", collection.reason ?? undefined],
        ["booked on", collection.businessDate ?? undefined],
      ]);
      actionsSection(page, actions, context.zone);
    });
  },
});
