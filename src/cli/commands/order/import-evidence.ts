import { sourceOf } from "../../../domain/aliases/change.ts";
import { evidenceColumns } from "../../../domain/evidence/columns.ts";
import { evidenceKind } from "../../../domain/evidence/import.ts";
import { evidenceProfiles } from "../../../domain/evidence/profiles.ts";
import { given } from "../../flags.ts";
import { defineImportCommand } from "../../import-command.ts";

export const command = defineImportCommand({
  examples: [
    ["accrue order import-evidence wechat-20260104.csv", "WeChat's 交易账单, as it is downloaded"],
    [
      "accrue order import-evidence 20880000_20260104.zip --source shop",
      "Alipay's 业务明细, of orders that were imported as of that source",
    ],
    ["accrue order import-evidence payments.csv --dry-run", "what its payments would say of orders"],
  ],
  columns: evidenceColumns,
  note: "WeChat's 交易账单, Alipay's 业务明细 and Stripe's payments are read as they are: accrue help money",
  offers: { profile: { words: () => ["auto", ...evidenceProfiles.map(({ profile }) => profile)], paths: "files" } },
  configure: (command) =>
    command.option("--source <source>", "the orders are of this source, whatever the file says", sourceOf),
  kind: () => evidenceKind,
  reading: ({ source }) => ({ constants: given({ source }) }),
});
