import { listStatements } from "../../../domain/statements/read.ts";
import { defineList } from "../../list.ts";
import { readImportId } from "../import/list.ts";
import { statement } from "./view.ts";

export const command = defineList({
  examples: [
    ["accrue statement list", "the statements imported last, and where one is missing between"],
    ["accrue statement list --account icbc-8812 --json", "those of one account, one object a line"],
  ],
  thing: statement,
  nothing: "no statements",
  keyName: "import id (statements are listed newest first)",
  key: { read: readImportId, write: String },
  configure: (command) => command.option("--account <money-account>", "of this account"),
  get:
    ({ account }) =>
    (context, page) =>
      listStatements(context, account, page),
});
