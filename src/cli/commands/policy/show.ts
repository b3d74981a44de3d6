import { policyHistory, showPolicy, type ShownPolicy } from "../../../domain/policies/show.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { usageError } from "../../../shared/errors.ts";
import type { Page } from "../../../ui/page.ts";
import { defineCommand } from "../../command.ts";
import { addFormOptions, factsOf, tellThing, type Field, type Thing } from "../../fields.ts";
import { date } from "../../flags.ts";
import { tellAll } from "../../list.ts";
import { policyTerms } from "../../../domain/policies/terms.ts";

const policy: Thing<ShownPolicy> = {
  fields: {
    effective_from: { of: ({ policy }) => policy.effectiveFrom, key: true },
    until: { of: ({ until }) => until ?? null, key: true },
    ...Object.fromEntries(
      policyTerms.map(({ key, label, json, text }): [string, Field<ShownPolicy>] => [
        key,
        { of: ({ policy }) => json(policy), text: ({ policy }) => text(policy), label },
      ]),
    ),
    set_by: {
      of: ({ policy }) => policy.setBy,
      fact: ({ policy }, zone) => `${policy.setBy}, ${formatInstant(policy.setAt, zone)}`,
    },
    set_at: { of: ({ policy }) => policy.setAt },
  },
  facts: [...policyTerms.map(({ key }) => key), "set_by"],
};

export const command = defineCommand({
  examples: [
    ["accrue policy show", "the rates and limits in force today"],
    ["accrue policy show --date 2026-02-01", "those of another date, past or to come"],
    ["accrue policy show --history", "every policy there was, is and is to come"],
  ],
  configure: (command) =>
    addFormOptions(
      command
        .addOption(date("--date <date>", "the business date that they are in force on (default: today)"))
        .option("--history", "every policy, the earliest first"),
      policy,
    ),
  run: async (session, _args, { date, history }) => {
    if (date !== undefined && history === true) {
      throw usageError("conflicting_options", "--date and --history exclude each other", {
        hint: "--history shows the policies of all dates",
      });
    }
    const context = await session.openToRead();
    if (history !== true) {
      const shown = await showPolicy(context, date);
      return tellThing(session, policy, shown, context.zone, (page) => policyPage(page, shown, context.zone));
    }
    const policies = await policyHistory(context);
    if (session.ui.json || session.isCsv || session.fieldNames !== undefined)
      return tellAll(session, policy, "", policies, context.zone);
    await session.ui.page((page) => {
      for (const [index, one] of policies.entries()) policyPage(index === 0 ? page : page.line(), one, context.zone);
    });
  },
});

function policyPage(page: Page, shown: ShownPolicy, zone: string): void {
  const {
    policy: { effectiveFrom },
    until,
  } = shown;
  page
    .heading(`Policy from ${effectiveFrom}${until === undefined ? "" : ` until ${until}`}`)
    .facts(factsOf(policy, shown, zone));
}
