import { memberStatement } from "../../../domain/members/statement.ts";
import { defineCommand } from "../../command.ts";
import { addFormOptions } from "../../fields.ts";
import { tellWithin } from "../../list.ts";
import { entriesTable, entryDocuments, statementEntry } from "./view.ts";
import { date, limit } from "../../flags.ts";

export const command = defineCommand({
  examples: [
    ["accrue member statement M00000001", "every entry that moved points, with the balance after it"],
    ["accrue member statement M00000001 --from 2026-01-01 --to 2026-01-31", "those of one month"],
  ],
  configure: (command) =>
    addFormOptions(
      command
        .argument("<member-no>", "the member's number")
        .addOption(date("--from <date>", "from this business date on"))
        .addOption(date("--to <date>", "up to this business date"))
        .addOption(limit("--limit <rows>", "the newest entries, at most 10000 (default: 1000)")),
      statementEntry,
    ),
  run: async (session, [memberNo], { from, to, limit = 1000 }) => {
    const context = await session.openToRead();
    const { balance, entries, isCut } = await memberStatement(context, memberNo, { from, to, limit });
    const document = {
      member_no: memberNo,
      available: balance.availablePoints,
      held: balance.heldPoints,
      cut: isCut,
      entries: entryDocuments(entries),
    };
    const rows = { nothing: "no entries", of: entries, zone: context.zone };
    await tellWithin(session, statementEntry, rows, () =>
      session.ui.show(document, (page) => {
        page.heading(`Statement of member ${memberNo}`);
        if (entries.length === 0) page.line("no entries");
        else
          entriesTable(
            page,
            entries,
            isCut ? "older entries are left out: take more with --limit, or earlier ones with --to" : undefined,
          );
        page.line().line(`now: ${balance.availablePoints} points available, ${balance.heldPoints} held`);
      }),
    );
  },
});
