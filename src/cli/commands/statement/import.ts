import { statementColumns } from "../../../domain/statements/columns.ts";
import { statementKind } from "../../../domain/statements/import.ts";
import { statementProfiles } from "../../../domain/statements/profiles.ts";
import { moneyAccountNeeded } from "../../../domain/statements/refusals.ts";
import { defineImportCommand } from "../../import-command.ts";

export const command = defineImportCommand({
  examples: [
    ["accrue statement import --account alipay-main 20880000_20260104.zip", "Alipay's 账务明细, as it is downloaded"],
    [
      "accrue statement import --account icbc-8812 january.csv --dry-run",
      "whether a bank's file adds up, and what of it is new",
    ],
    [
      "accrue statement import --account icbc-8812 january.csv --map balance=本次余额",
      "a bank that calls a column otherwise",
    ],
  ],
  columns: statementColumns,
  note: "amount, or income and expense. Alipay's 账务明细, WeChat's 资金账单 and banks' files are read as they are: accrue help reconciliation",
  offers: { profile: { words: () => ["auto", ...statementProfiles.map(({ profile }) => profile)], paths: "files" } },
  configure: (command) =>
    command.option("--account <money-account>", "which of the platform's own accounts the files are statements of"),
  kind: ({ account }) => {
    if (account === undefined) throw moneyAccountNeeded();
    return statementKind(account);
  },
});
