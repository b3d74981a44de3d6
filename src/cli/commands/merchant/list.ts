import { listMerchants } from "../../../domain/merchants/list.ts";
import { merchantStatuses } from "../../../domain/merchants/model.ts";
import { choice } from "../../flags.ts";
import { defineList } from "../../list.ts";
import { listedMerchant } from "./view.ts";

export const command = defineList({
  examples: [
    ["accrue merchant list --status pending", "who waits for approval"],
    ["accrue merchant list --name 茶 --json", "merchants with 茶 in their name, one JSON object a line"],
  ],
  thing: listedMerchant,
  nothing: "no merchants",
  keyName: "merchant code",
  configure: (command) =>
    command
      .addOption(choice("--status <status>", "only merchants of this status", merchantStatuses))
      .option("--name <part>", "with this in their name"),
  get:
    ({ status, name }) =>
    (context, page) =>
      listMerchants(context, { status, name }, page),
});
