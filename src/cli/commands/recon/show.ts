import { lineState } from "../../../domain/reconciliation/model.ts";
import { showLine, showThing, type Story } from "../../../domain/reconciliation/read.ts";
import { lineNoOf } from "../../../domain/statements/model.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatYuan } from "../../../shared/money.ts";
import { defineCommand } from "../../command.ts";
import type { Page } from "../../../ui/page.ts";
import { addFormOptions, documentsOf, id, tableOf, tellThing, yuan, type Field, type Thing } from "../../fields.ts";
import { readLineId } from "../statement/line-id.ts";
import { statementLine } from "../statement/view.ts";
import { match } from "./view.ts";

type Matches = Pick<Story, "matches">;

const matchesField: Field<Matches> = { of: ({ matches }) => documentsOf(match, matches) };

const lineStory: Thing<NonNullable<Story["line"]> & Matches> = {
  fields: {
    ...statementLine.fields,
    state: { of: (line) => lineState(line.amountFen, line.openFen, line.differs, line.matches) },
    open: yuan((line) => line.openFen ?? 0n),
    differs: { of: (line) => line.differs ?? [] },
    matches: matchesField,
  },
};

const thingStory: Thing<NonNullable<Story["thing"]> & Matches> = {
  fields: {
    no: id((one) => one.thingNo),
    what: { of: (one) => one.thing },
    amount: yuan((one) => one.amountFen),
    expected: { of: (one) => one.isExpected },
    matches: matchesField,
  },
};

export const command = defineCommand({
  examples: [
    ["accrue recon show L00000012", "a line of a statement, and what it was matched with"],
    ["accrue recon show D00000003", "with which line a payout was seen leaving"],
  ],
  configure: (command) =>
    addFormOptions(command.argument("<no>", "a line, a payout, a collection or a bill"), lineStory, thingStory),
  run: async (session, [no]) => {
    const { zone, ...context } = await session.openToRead();
    const story = /^L/i.test(no) ? await showLine(context, readLineId(no)) : await showThing(context, no);
    const { line, thing, matches } = story;
    const layOut = (page: Page): void => {
      page.heading(
        line === undefined ? `${thing!.thing} ${no}` : `line ${lineNoOf(line.lineId)} of ${line.moneyAccount}`,
      );
      page.facts(factsOf(story, zone));
      if (matches.length > 0) tableOf(page, match, matches, zone);
    };
    if (line !== undefined) await tellThing(session, lineStory, { ...line, matches }, zone, layOut);
    else await tellThing(session, thingStory, { ...thing!, matches }, zone, layOut);
  },
});

function factsOf({ line, thing, matches }: Story, zone: string): readonly (readonly [string, string | undefined])[] {
  if (line === undefined)
    return [
      ["amount", `${formatYuan(thing!.amountFen)} yuan`],
      ["expected", thing!.isExpected ? "yes" : "no"],
    ];
  return [
    ["state", lineState(line.amountFen, line.openFen, line.differs, matches)],
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
