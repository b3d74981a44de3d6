import { explainMerchants, importMerchants } from "../../../domain/merchants/import.ts";
import { defineImportCommand } from "../../import-command.ts";

export const command = defineImportCommand({
  examples: [
    ["accrue merchant import merchants.csv", "take in a file; new merchants are active at once"],
    ["accrue merchant import merchants.csv --pending", "new merchants wait for `accrue merchant approve`"],
  ],
  columnsText: "merchant_code 商家编号, name 商家名称, [contact 联系方式, contribution_rate 让利比例: 30% or 0.3]",
  configure: (command) => command.option("--pending", "new merchants wait for an approval; known ones keep their status"),
  run: (context, input, { pending = false }) => importMerchants(context, { ...input, isPending: pending }),
  explain: explainMerchants,
});
