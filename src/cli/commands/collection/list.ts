import { collectionStates } from "../../../domain/collections/model.ts";
import { listCollections } from "../../../domain/collections/read.ts";
import { choice, date } from "../../flags.ts";
import { defineList } from "../../list.ts";
import { collection } from "./view.ts";

export const command = defineList({
  examples: [
    ["accrue collection list --status recorded", "what waits for another operator"],
    ["accrue collection list --merchant S001 --json", "what a merchant paid, one object a line"],
  ],
  thing: collection,
  nothing: "no collections",
  keyName: "collection number (collections are listed newest first)",
  configure: (command) =>
    command
      .option("--merchant <merchant-code>", "of this merchant")
      .addOption(choice("--status <status>", "only those of this status", collectionStates))
      .addOption(date("--from <date>", "received on this date or later"))
      .addOption(date("--to <date>", "received on this date or before")),
  get:
    ({ merchant: merchantCode, status: state, from, to }) =>
    (context, page) =>
      listCollections(context, { merchantCode, state, from, to }, page),
});
