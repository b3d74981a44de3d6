import { rejectCollections } from "../../../domain/collections/decide.ts";
import { defineCommand } from "../../command.ts";
import { collectionDocument, collectionsTable } from "./view.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue collection reject C00000001 --reason 'of another merchant'",
      "it never counts, and its reference is free again",
    ],
  ],
  configure: (command) =>
    command
      .argument("<collection-no...>", "the numbers; all of them are rejected, or none")
      .requiredOption("--reason <text>", "why")
      .option("--dry-run", "check and roll back"),
  run: async (session, [collectionNos], { reason }) => {
    const { isDry } = session;
    const rejected = await rejectCollections(await session.open(), collectionNos, reason);
    await session.ui.list(
      rejected.map((one) => ({ ...collectionDocument(one), dry_run: isDry })),
      (page) => {
        page.line(
          `${isDry ? "dry run: " : ""}rejected: ${rejected.length} ${rejected.length === 1 ? "collection" : "collections"}`,
        );
        collectionsTable(page, rejected);
      },
    );
  },
});
