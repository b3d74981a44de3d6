import { statementColumns } from "../../../domain/statements/columns.ts";
import { statementKind } from "../../../domain/statements/import.ts";
import { statementProfiles } from "../../../domain/statements/profiles.ts";
import { balanceNotStated, moneyAccountNeeded } from "../../../domain/statements/refusals.ts";
import { signedAmount } from "../../flags.ts";
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
    [
      "accrue statement import --account stripe-main itemized.csv --opening 0.00 --closing 4800.00",
      "Stripe's itemized report, held to the balances of its summary",
    ],
  ],
  columns: statementColumns,
  note: "amount, or income and expense. Alipay's 账务明细, WeChat's 资金账单 and banks' files are read as they are: accrue help reconciliation",
  offers: { profile: { words: () => ["auto", ...statementProfiles.map(({ profile }) => profile)], paths: "files" } },
  configure: (command) =>
    command
      .option("--account <money-account>", "which of the platform's own accounts the files are statements of")
      .addOption(signedAmount("--opening <yuan>", "what stood before, where the file has no running balance"))
      .addOption(signedAmount("--closing <yuan>", "what stood after it")),
  kind: ({ account, opening: openingFen, closing: closingFen }) => {
    if (account === undefined) throw moneyAccountNeeded();
    if (openingFen === undefined && closingFen === undefined) return statementKind(account);
    if (openingFen === undefined || closingFen === undefined) throw balanceNotStated();
    return statementKind(account, { openingFen, closingFen });
  },
});
