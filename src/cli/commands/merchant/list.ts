import { listMerchants } from "../../../domain/merchants/list.ts";
import { merchantStatuses } from "../../../domain/merchants/model.ts";
import { formatRate } from "../../../shared/rates.ts";
import { choice } from "../../flags.ts";
import { defineCommand } from "../../command.ts";
import { addPageOptions, defaultLimit, moreText } from "../../list-options.ts";
import { listedMerchantDocument } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue merchant list --status pending", "who waits for approval"],
    ["accrue merchant list --name 茶 --json", "merchants with 茶 in their name, one JSON object a line"],
  ],
  configure: (command) =>
    addPageOptions(command, "merchant code", String)
      .addOption(choice("--status <status>", "only merchants of this status", merchantStatuses))
      .option("--name <part>", "with this in their name"),
  run: async (session, _args, { status, name, after, limit = defaultLimit }) => {
    const context = await session.open();
    const { merchants, platformBps, next } = await listMerchants(context, { status, name }, { after, limit });
    const more = moreText(next !== undefined, next);
    await session.ui.list(merchants.map((one) => listedMerchantDocument(one, platformBps)), (page) => {
      if (merchants.length === 0) return void page.line("no merchants");
      page.table(
        [{ heading: "merchant", key: true }, { heading: "name" }, { heading: "contact", rank: 2 }, { heading: "status" }, { heading: "rate", align: "right" }, { heading: "of" }],
        merchants.map((one) => [
          one.merchantCode, one.name, one.contact ?? "", one.status, formatRate(one.ownBps ?? platformBps), one.ownBps === null ? "platform" : "own",
        ]),
        more,
      );
    });
    if (session.ui.json && more !== undefined) session.ui.note(more);
  },
});
