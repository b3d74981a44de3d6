import { lineState } from "../../../domain/reconciliation/model.ts";
import { showLine, showThing, type Story } from "../../../domain/reconciliation/read.ts";
import { lineNoOf } from "../../../domain/statements/model.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import { defineCommand } from "../../command.ts";
import { documentsOf, tableOf } from "../../fields.ts";
import { readLineId } from "../statement/line-id.ts";
import { lineDocument } from "../statement/view.ts";
import { match } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue recon show L00000012", "a line of a statement, and what it was matched with"],
    ["accrue recon show D00000003", "with which line a payout was seen leaving"],
  ],
  configure: (command) => command.argument("<no>", "a line, a payout or a collection"),
  run: async (session, [no]) => {
    const { zone, ...context } = await session.open();
    const story = /^L/i.test(no) ? await showLine(context, readLineId(no)) : await showThing(context, no);
    await session.ui.show({ ...headOf(story), matches: documentsOf(match, story.matches) }, (page) => {
      page.heading(story.line === undefined ? `${story.thing!.thing} ${no}` : `line ${lineNoOf(story.line.lineId)} of ${story.line.moneyAccount}`);
      page.facts(factsOf(story, zone));
      if (story.matches.length > 0) tableOf(page, match, story.matches, zone);
    });
  },
});

function headOf({ line, thing }: Story) {
  if (line === undefined) return { no: thing!.thingNo, what: thing!.thing, amount: formatYuan(thing!.amountFen), expected: thing!.isExpected };
  return {
    ...lineDocument(line), state: lineState(line.amountFen, line.openFen, line.differs), open: formatYuan(line.openFen ?? 0n), differs: line.differs ?? [],
  };
}

function factsOf({ line, thing }: Story, zone: string): readonly (readonly [string, string | undefined])[] {
  if (line === undefined) return [["amount", `${formatYuan(thing!.amountFen)} yuan`], ["expected", thing!.isExpected ? "yes" : "no"]];
  return [
    ["state", lineState(line.amountFen, line.openFen, line.differs)],
    ["differs", line.differs?.join(", ")],
    ["time", formatInstant(line.occurredAt, zone)],
    ["amount", `${formatYuan(line.amountFen)} yuan`],
    ["open", line.openFen === null ? undefined : `${formatYuan(line.openFen)} yuan`],
    ["counterparty", line.counterpartyName ?? line.counterparty ?? undefined],
    ["kind", line.kind ?? undefined],
    ["reference", line.reference ?? undefined],
    ["remark", line.remark ?? undefined],
    ["statement", `import ${line.importId}`],
  ];
}
