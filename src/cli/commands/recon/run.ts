import { reconcile } from "../../../domain/reconciliation/run.ts";
import { defineCommand } from "../../command.ts";
import { documentsOf, tableOf } from "../../fields.ts";
import { foundTotal, madeCollection } from "./view.ts";

/** How many collections people see. */
const shownCollections = 20;

export const command = defineCommand({
  examples: [
    ["accrue recon run", "match what statements say with what is expected, and post it"],
    ["accrue recon run --dry-run --json", "what the rules would match"],
  ],
  configure: (command) => command.option("--dry-run", "the same path and figures, with nothing kept"),
  run: async (session) => {
    const { isDry } = session;
    const context = await session.open();
    const { reconNo, openLines, totals, made, differ } = await reconcile(context);
    const document = {
      recon_no: isDry ? null : (reconNo ?? null),
      open_lines: openLines,
      matched: documentsOf(foundTotal, totals),
      collections_made: made[0]?.made ?? 0,
      collections: documentsOf(madeCollection, made),
      differ,
      dry_run: isDry,
    };
    await session.ui.show(document, (page) => {
      if (reconNo === undefined)
        page.line(
          openLines === 0
            ? "nothing to do: every line of every statement is matched"
            : `of ${openLines} open lines none can be matched`,
        );
      else {
        page.heading(isDry ? "dry run, nothing kept" : `reconciliation ${reconNo}`);
        tableOf(page, foundTotal, totals, context.zone);
        if (made.length > 0) {
          tableOf(
            page.line().heading("Collections made of lines"),
            madeCollection,
            made.slice(0, shownCollections),
            "",
          );
          const more = made[0]!.made - BigInt(shownCollections);
          if (more > 0n) page.line(`… and ${more} more: \`accrue collection list\``);
        }
      }
      if (differ > 0)
        page.line(
          `${differ} ${differ === 1 ? "line differs" : "lines differ"} from what ${differ === 1 ? "it names" : "they name"}: \`accrue recon list --state mismatched\``,
        );
    });
  },
});
