import { importKinds } from "../../../shared/file-kinds.ts";
import { listImports } from "../../../imports/list.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { usageError } from "../../../shared/errors.ts";
import { defineCommand } from "../../command.ts";
import { choice, date, idOr } from "../../flags.ts";
import { countText, recordedImportDocument } from "../../import-view.ts";
import { addPageOptions, defaultLimit, moreText } from "../../list-options.ts";

/** Reads an import id. */
export const readImportId = idOr((text) => usageError("invalid_import_id", `"${text}" is no import id`, { hint: "`accrue import list` shows them" }));

export const command = defineCommand({
  examples: [
    ["accrue import list", "the files taken in last"],
    ["accrue import list --kind orders --since 2026-01-01 --with-rejects", "order files of this year that had rejects"],
    ["accrue import list --by li.wei --json", "what li.wei took in, one object a line"],
  ],
  configure: (command) =>
    addPageOptions(command
      .addOption(choice("--kind <kind>", "of this kind", importKinds))
      .option("--by <operator>", "taken in by this operator")
      .addOption(date("--since <date>", "taken in on this date or later"))
      .option("--with-rejects", "only files of which rows were rejected"), "import id (imports are listed newest first)", readImportId),
  run: async (session, _args, { kind, by, since, withRejects = false, after, limit = defaultLimit }) => {
    const context = await session.open();
    const { imports, hasMore } = await listImports(context, { kind, operator: by, since, withRejects, after, limit });
    await session.ui.list(imports.map(recordedImportDocument), (page) => {
      if (imports.length === 0) return void page.line("no imports");
      page.table(
        [
          { heading: "import", align: "right" }, { heading: "taken in", key: true }, { heading: "by", rank: 2 }, { heading: "kind" },
          { heading: "file", keeps: "end", atLeast: 24 }, { heading: "read", align: "right" }, { heading: "inserted", align: "right" },
          { heading: "updated", align: "right" }, { heading: "rejected", align: "right" },
        ],
        imports.map((one) => [
          String(one.importId), formatInstant(one.finishedAt, context.zone), one.operator, one.kind, one.file,
          countText(one.read), countText(one.inserted), countText(one.updated), countText(one.rejected),
        ]),
        moreText(hasMore, imports.at(-1)?.importId.toString()),
      );
    });
  },
});
