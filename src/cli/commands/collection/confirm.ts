import { confirmCollections } from "../../../domain/collections/decide.ts";
import { defineCommand } from "../../command.ts";
import { collectionDocument, collectionsTable } from "./view.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue collection confirm C00000001 --operator zhang.min",
      "another operator than who recorded it says that the money is there",
    ],
    ["accrue collection confirm C00000001 C00000002 --dry-run", "whether both can be confirmed"],
  ],
  configure: (command) =>
    command
      .argument("<collection-no...>", "the numbers; all of them are confirmed, or none")
      .option("--dry-run", "check and roll back"),
  run: async (session, [collectionNos]) => {
    const { isDry } = session;
    const confirmed = await confirmCollections(await session.open(), collectionNos);
    await session.ui.list(
      confirmed.map((one) => ({ ...collectionDocument(one), dry_run: isDry })),
      (page) => {
        page.line(
          `${isDry ? "dry run: " : ""}confirmed: ${confirmed.length} ${confirmed.length === 1 ? "collection" : "collections"}`,
        );
        collectionsTable(page, confirmed);
      },
    );
  },
});
