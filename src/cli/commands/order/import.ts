import { memberIdentities } from "../../../imports/profile.ts";
import { orderColumns } from "../../../domain/orders/columns.ts";
import { orderKind } from "../../../domain/orders/import.ts";
import { sourceOf } from "../../../domain/aliases/change.ts";
import { orderProfiles } from "../../../domain/orders/profiles/index.ts";
import { usageError } from "../../../shared/errors.ts";
import { choice, given } from "../../flags.ts";
import { defineImportCommand } from "../../import-command.ts";

export const command = defineImportCommand({
  examples: [
    ["accrue order import orders.csv", "import a file; rejected rows go to orders.rejects.csv"],
    ["accrue order import orders.csv --dry-run", "see what it would do"],
    [
      "accrue order import ExportOrderList.csv --merchant S001",
      "a platform's file of one shop, recognized by its header",
    ],
    ["accrue order import refunds.csv --profile refunds --source pos", "refunds of orders that are known"],
    ["accrue order import ExportOrderList.csv --explain", "how it would be read: columns, words, first rows"],
    ["zcat orders.csv.gz | accrue order import - --json", "from a pipe, with a report for scripts"],
  ],
  columns: orderColumns,
  note: "Platforms' files are read as they are: accrue order profiles",
  offers: { profile: { words: () => ["auto", ...orderProfiles.map(({ profile }) => profile)], paths: "files" } },
  configure: (command) =>
    command
      .option("--create-members", "register members whom the file names and nobody knows, by name and alias only")
      .option("--merchant <merchant-code>", "every row is of this merchant, whatever the file says", readMerchant)
      .option("--source <source>", "every order is of this source, whatever the file says", sourceOf)
      .addOption(
        choice("--member-by <what>", "what the file names members by (default: as the profile says)", memberIdentities),
      ),
  kind: ({ createMembers = false }) => orderKind(createMembers),
  reading: ({ merchant, source, memberBy }) => ({
    constants: given({ merchant_code: merchant, source }),
    override: {
      ...(merchant === undefined ? {} : { merchant_by: "code" }),
      ...(memberBy === undefined ? {} : { member_by: memberBy }),
    },
  }),
});

function readMerchant(text: string): string {
  if (text.trim() !== "") return text;
  throw usageError("merchant_blank", "--merchant names no merchant", {
    hint: "write --merchant CODE, or leave it out where the file names them",
  });
}
