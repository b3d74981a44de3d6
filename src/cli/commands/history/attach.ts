import { attachArchive } from "../../../history/attach.ts";
import { defineCommand } from "../../command.ts";
import { documentOf, factsOf } from "../../fields.ts";
import { archive } from "./view.ts";
import { readArchiveNo } from "./list.ts";

export const command = defineCommand({
  examples: [
    ["accrue history attach 3", "puts archive 3 back, from where it was written to"],
    ["accrue history attach 3 --from /mnt/old/accrue-history-0003-5f1c22ab", "from where its files are now"],
  ],
  configure: (command) =>
    command
      .argument("<archive-no>", "the archive, as `accrue history list` shows it", readArchiveNo)
      .option("--from <directory>", "the directory of the archive (default: where it was written to)")
      .option("--dry-run", "read and compare everything, and put nothing back"),
  run: async (session, [archiveNo], { from }) => {
    const context = await session.open();
    const attached = await attachArchive(context, archiveNo, from);
    await session.ui.show({ ...documentOf(archive, attached), dry_run: session.isDry }, (page) => {
      page.line(
        session.isDry
          ? `dry run: archive ${archiveNo} is whole, and can be attached`
          : `attached archive ${archiveNo} again; its files stay where they are`,
      );
      page.facts(factsOf(archive, attached, context.zone));
    });
  },
});
