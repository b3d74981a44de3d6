import { lineNoOf } from "../../../domain/statements/model.ts";
import { showStatement, type ShownStatement } from "../../../domain/statements/read.ts";
import type { Page } from "../../../ui/page.ts";
import { defineCommand } from "../../command.ts";
import { addFormOptions, documentsOf, factsOf, tableOf, tellThing, type Thing } from "../../fields.ts";
import { addPageOptions, defaultLimit, moreText } from "../../list-options.ts";
import { readImportId } from "../import/list.ts";
import { readLineId } from "./line-id.ts";
import { statement, statementLine } from "./view.ts";

type Shown = ShownStatement & ShownStatement["statement"];

const nextOf = ({ page: { next } }: ShownStatement): string | undefined =>
  next === undefined ? undefined : lineNoOf(next);

const statementStory: Thing<Shown> = {
  ...statement,
  fields: {
    ...statement.fields,
    brought: { of: ({ page }) => documentsOf(statementLine, page.rows) },
    next: { of: (shown) => nextOf(shown) ?? null },
  },
};

export const command = defineCommand({
  examples: [
    ["accrue statement show 12", "a statement by the import that brought it, and the lines that were new in it"],
  ],
  configure: (command) =>
    addFormOptions(
      addPageOptions(
        command.argument("<import-id>", "the import that brought it", readImportId),
        "line (lines are listed by their numbers)",
        readLineId,
      ),
      statementStory,
    ),
  run: async (session, [importId], { after, limit = defaultLimit }) => {
    const context = await session.openToRead();
    const found = await showStatement(context, importId, { after, limit });
    const shown = { ...found.statement, ...found };
    await tellThing(session, statementStory, shown, context.zone, (page) => statementPage(page, shown, context.zone));
  },
});

function statementPage(page: Page, shown: Shown, zone: string): void {
  page.heading(`statement of ${shown.moneyAccount}, import ${shown.importId}`).facts(factsOf(statement, shown, zone));
  if (shown.page.rows.length > 0)
    tableOf(page, statementLine, shown.page.rows, zone, { more: moreText(nextOf(shown)) });
}
