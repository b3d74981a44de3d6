import { merchantKind } from "../../../domain/merchants/import.ts";
import { defineImportCommand } from "../../import-command.ts";

export const command = defineImportCommand({
  examples: [
    ["accrue merchant import merchants.csv", "import a file; new merchants are active at once"],
    ["accrue merchant import merchants.csv --pending", "new merchants wait for `accrue merchant approve`"],
  ],
  columns: merchantKind().columns,
  configure: (command) =>
    command.option("--pending", "new merchants wait for an approval; known ones keep their status"),
  kind: ({ pending = false }) => merchantKind(pending ? "pending" : "active"),
});
