import { archiveHistory } from "../../../history/archive.ts";
import { defineCommand } from "../../command.ts";
import { documentsOf, tableOf } from "../../fields.ts";
import { date } from "../../flags.ts";
import { archivedPartition } from "./view.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue history archive --before 2025-01-01 --directory /archives --dry-run",
      "what would be archived, partition by partition",
    ],
    [
      "accrue history archive --before 2025-01-01 --directory /archives",
      "verifies the books, then moves what is over before that date into files",
    ],
  ],
  configure: (command) =>
    command
      .addOption(date("--before <date>", "what is of business dates before this one").makeOptionMandatory())
      .requiredOption("--directory <directory>", "where archives are kept; each is a new directory in it")
      .option("--yes", "do not ask")
      .option("--dry-run", "only say what would be archived"),
  run: async (session, _args, { before, directory, yes }) => {
    const { isDry } = session;
    const context = await session.open();
    if (
      !isDry &&
      yes !== true &&
      !(await session.ui.confirm(
        `Move what is over before ${before} into ${directory}? Those orders can be read and changed again only when they are attached.`,
      ))
    ) {
      session.ui.note("nothing was changed");
      return;
    }
    const partitions = await archiveHistory(context, { before, directory });
    const archived = partitions.filter(({ left }) => left === null);
    const orders = archived.reduce((sum, one) => sum + one.orders, 0n);
    const document = { before, orders, dry_run: isDry, partitions: documentsOf(archivedPartition, partitions) };
    await session.ui.show(document, (page) => {
      if (partitions.length === 0) page.line("no partition is closed: ids still go into the first one");
      else tableOf(page, archivedPartition, partitions, context.zone);
      page.line(
        `${isDry ? "dry run: would archive" : "archived"} ${orders} orders` +
          (archived.length === 0 || isDry ? "" : "; keep the files, and a copy of them elsewhere"),
      );
    });
  },
});
