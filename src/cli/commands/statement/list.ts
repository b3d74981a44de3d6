import { listStatements } from "../../../domain/statements/read.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import { defineCommand } from "../../command.ts";
import { addPageOptions, defaultLimit, moreText } from "../../list-options.ts";
import { readImportId } from "../import/list.ts";
import { statementDocument } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue statement list", "the statements taken in last, and where one is missing between"],
    ["accrue statement list --account icbc-8812 --json", "those of one account, one object a line"],
  ],
  configure: (command) =>
    addPageOptions(command.option("--account <money-account>", "of this account"), "import id (statements are listed newest first)", readImportId),
  run: async (session, _args, { account, after, limit = defaultLimit }) => {
    const context = await session.open();
    const { statements, hasMore } = await listStatements(context, account, { after, limit });
    await session.ui.list(statements.map(statementDocument), (page) => {
      if (statements.length === 0) return void page.line("no statements");
      page.table(
        [
          { heading: "import", key: true, align: "right" }, { heading: "account" }, { heading: "from" }, { heading: "to" }, { heading: "opening", align: "right" },
          { heading: "closing", align: "right" }, { heading: "lines", align: "right" }, { heading: "new", align: "right" }, { heading: "missing before", align: "right" },
        ],
        statements.map((one) => [
          String(one.importId), one.moneyAccount, formatInstant(one.firstAt, context.zone), formatInstant(one.lastAt, context.zone), formatYuan(one.openingFen),
          formatYuan(one.closingFen), String(one.lines), String(one.newLines), one.gapFen === null ? "" : formatYuan(one.gapFen),
        ]),
        moreText(hasMore, statements.at(-1)?.importId.toString()),
      );
    });
  },
});
