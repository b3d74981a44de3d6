import { accountImportColumns } from "../../../domain/accounts/import-row.ts";
import { accountKind } from "../../../domain/accounts/import.ts";
import { defineImportCommand } from "../../import-command.ts";
import { secretBoxOf } from "../../secret-box.ts";

export const command = defineImportCommand({
  examples: [
    [
      "accrue account import accounts.csv",
      "import a file; rejected rows go to accounts.rejects.csv, which only you can read",
    ],
  ],
  columns: accountImportColumns,
  kind: (_options, session) => accountKind(secretBoxOf(session)),
});
