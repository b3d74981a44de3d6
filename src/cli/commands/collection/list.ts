import { collectionStates } from "../../../domain/collections/model.ts";
import { listCollections } from "../../../domain/collections/read.ts";
import { defineCommand } from "../../command.ts";
import { choice, date } from "../../flags.ts";
import { addPageOptions, defaultLimit, moreText } from "../../list-options.ts";
import { collectionDocument, collectionsTable } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue collection list --status recorded", "what waits for another operator"],
    ["accrue collection list --merchant S001 --json", "what a merchant paid, one object a line"],
  ],
  configure: (command) =>
    addPageOptions(command, "collection number (collections are listed newest first)", String)
      .option("--merchant <merchant-code>", "of this merchant")
      .addOption(choice("--status <status>", "only those of this status", collectionStates))
      .addOption(date("--from <date>", "received on this date or later"))
      .addOption(date("--to <date>", "received on this date or before")),
  run: async (session, _args, { merchant, status, from, to, after, limit = defaultLimit }) => {
    const filter = { merchantCode: merchant, state: status, from, to };
    const { collections, nextAfter } = await listCollections(await session.open(), filter, { after, limit });
    await session.ui.list(collections.map(collectionDocument), (page) => {
      if (collections.length === 0) page.line("no collections");
      else collectionsTable(page, collections, moreText(nextAfter !== undefined, nextAfter));
    });
  },
});
