import { memberKind } from "../../../domain/members/import.ts";
import { defineImportCommand } from "../../import-command.ts";

export const command = defineImportCommand({
  examples: [
    ["accrue member import members.csv", "import a file; rejected rows go to members.rejects.csv"],
    ["accrue member import members.csv --dry-run", "see what it would do"],
  ],
  columns: memberKind.columns,
  kind: () => memberKind,
});
