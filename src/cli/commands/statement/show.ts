import { lineNoOf } from "../../../domain/statements/model.ts";
import { showStatement } from "../../../domain/statements/read.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import { defineCommand } from "../../command.ts";
import { addPageOptions, defaultLimit, moreText } from "../../list-options.ts";
import { readImportId } from "../import/list.ts";
import { readLineId } from "./line-id.ts";
import { lineDocument, statementDocument } from "./view.ts";

export const command = defineCommand({
  examples: [["accrue statement show 12", "a statement by the import that brought it, and the lines that were new in it"]],
  configure: (command) =>
    addPageOptions(command.argument("<import-id>", "the import that brought it", readImportId), "line (lines are listed by their numbers)", readLineId),
  run: async (session, [importId], { after, limit = defaultLimit }) => {
    const { zone, ...context } = await session.open();
    const { statement, lines, hasMore } = await showStatement(context, importId, { after, limit });
    const last = lines.at(-1);
    const next = hasMore && last !== undefined ? lineNoOf(last.lineId) : undefined;
    await session.ui.show({ ...statementDocument(statement), brought: lines.map(lineDocument), next: next ?? null }, (page) => {
      page.heading(`statement of ${statement.moneyAccount}, import ${importId}`);
      page.facts([
        ["file", statement.file ?? undefined],
        ["of account", statement.ownAccount ?? undefined],
        ["from", formatInstant(statement.firstAt, zone)],
        ["to", formatInstant(statement.lastAt, zone)],
        ["opening", `${formatYuan(statement.openingFen)} yuan`],
        ["closing", `${formatYuan(statement.closingFen)} yuan`],
        ["lines", `${statement.lines}, ${statement.newLines} of them new`],
        ["missing before", statement.gapFen === null ? undefined : `${formatYuan(statement.gapFen)} yuan moved since ${formatInstant(statement.gapAfter!, zone)}`],
        ["taken in by", `${statement.operator} at ${formatInstant(statement.takenAt, zone)}`],
      ]);
      if (lines.length === 0) return;
      page.table(
        [
          { heading: "line", key: true }, { heading: "time" }, { heading: "amount", align: "right" }, { heading: "balance", align: "right" },
          { heading: "kind" }, { heading: "counterparty" }, { heading: "reference", rank: 2 }, { heading: "remark", rank: 2 },
        ],
        lines.map((line) => [
          lineNoOf(line.lineId), formatInstant(line.occurredAt, zone), formatYuan(line.amountFen), formatYuan(line.balanceFen), line.kind ?? "",
          line.counterpartyName ?? line.counterparty ?? "", line.reference ?? "", line.remark ?? "",
        ]),
        moreText(hasMore, next),
      );
    });
  },
});
