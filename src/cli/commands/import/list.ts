import { importKinds } from "../../../shared/file-kinds.ts";
import { listImports } from "../../../imports/list.ts";
import { usageError } from "../../../shared/errors.ts";
import { choice, date, idOr } from "../../flags.ts";
import { defineList } from "../../list.ts";
import { recordedImport } from "./view.ts";

/** Reads an import id. */
export const readImportId = idOr((text) =>
  usageError("invalid_import_id", `"${text}" is no import id`, { hint: "`accrue import list` shows them" }),
);

export const command = defineList({
  examples: [
    ["accrue import list", "the files imported last"],
    ["accrue import list --kind orders --since 2026-01-01 --with-rejects", "order files of this year that had rejects"],
    ["accrue import list --by li.wei --json", "what li.wei took in, one object a line"],
  ],
  thing: recordedImport,
  nothing: "no imports",
  keyName: "import id (imports are listed newest first)",
  key: { read: readImportId, write: String },
  configure: (command) =>
    command
      .addOption(choice("--kind <kind>", "of this kind", importKinds))
      .option("--by <operator>", "imported by this operator")
      .addOption(date("--since <date>", "imported on this date or later"))
      .option("--with-rejects", "only files of which rows were rejected"),
  get:
    ({ kind, by: operator, since, withRejects }) =>
    (context, page) =>
      listImports(context, { kind, operator, since, withRejects }, page),
});
