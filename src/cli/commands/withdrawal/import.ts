import { withdrawalColumns } from "../../../domain/withdrawals/import-row.ts";
import { withdrawalKind } from "../../../domain/withdrawals/import.ts";
import { secretBoxOf } from "../../secret-box.ts";
import { defineImportCommand } from "../../import-command.ts";

export const command = defineImportCommand({
  examples: [
    [
      "accrue withdrawal import requests.csv",
      "hold the points of each request; rejected rows go to requests.rejects.csv",
    ],
    ["accrue withdrawal import requests.csv --dry-run", "see which would be refused, and why"],
  ],
  columns: withdrawalColumns,
  kind: (_options, session) => withdrawalKind(() => secretBoxOf(session)),
});
