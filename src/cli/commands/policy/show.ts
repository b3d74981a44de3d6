import { policyHistory, showPolicy, type ShownPolicy } from "../../../domain/policies/show.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { usageError } from "../../../shared/errors.ts";
import type { Page } from "../../../ui/page.ts";
import { defineCommand } from "../../command.ts";
import { date } from "../../flags.ts";
import { policyTerms, termsDocument } from "./terms.ts";

export const command = defineCommand({
  examples: [
    ["accrue policy show", "the rates and limits in force today"],
    ["accrue policy show --date 2026-02-01", "those of another date, past or to come"],
    ["accrue policy show --history", "every policy there was, is and is to come"],
  ],
  configure: (command) =>
    command
      .addOption(date("--date <date>", "the business date that they are in force on (default: today)"))
      .option("--history", "every policy, the earliest first"),
  run: async (session, _args, { date, history }) => {
    if (date !== undefined && history === true) {
      throw usageError("conflicting_options", "--date and --history exclude each other", { hint: "--history shows the policies of all dates" });
    }
    const context = await session.open();
    if (history === true) {
      const policies = await policyHistory(context);
      return session.ui.list(policies.map(policyDocument), (page) => {
        for (const [index, one] of policies.entries()) policyPage(index === 0 ? page : page.line(), one, context.zone);
      });
    }
    const shown = await showPolicy(context, date);
    await session.ui.show(policyDocument(shown), (page) => policyPage(page, shown, context.zone));
  },
});

const policyDocument = ({ policy, until }: ShownPolicy) => ({
  effective_from: policy.effectiveFrom, until: until ?? null, ...termsDocument(policy), set_by: policy.setBy, set_at: policy.setAt.toISOString(),
});

function policyPage(page: Page, { policy, until }: ShownPolicy, zone: string): void {
  page.heading(`Policy from ${policy.effectiveFrom}${until === undefined ? "" : ` until ${until}`}`).facts([
    ...policyTerms.map((one) => [one.label, one.text(policy)] as const),
    ["set by", `${policy.setBy}, ${formatInstant(policy.setAt, zone)}`],
  ]);
}
