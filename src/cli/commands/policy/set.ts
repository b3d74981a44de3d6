import { applyPolicyPlan, planPolicy, type PolicyPlan } from "../../../policies/set.ts";
import { businessDateOf } from "../../../shared/business-date.ts";
import { usageError } from "../../../shared/errors.ts";
import type { PolicyTerms } from "../../../shared/policy.ts";
import { defineCommand } from "../../command.ts";
import { dateOption } from "../../list-options.ts";
import { policyTerms, termsDocument } from "../../policy-terms.ts";

type Options = Readonly<Record<string, unknown>> & {
  readonly effectiveFrom?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
};

export const command = defineCommand<Options>({
  examples: [
    ["accrue policy set --effective-from 2026-02-01 --fee 4%", "a lower fee for what is requested from then on"],
    ["accrue policy set --effective-from 2026-02-01 --two-approvers-above 5000 --dry-run", "what would change"],
    ["accrue policy set --effective-from 2026-02-01 --max-platform-daily none --yes", "no limit for all members together, without a question"],
  ],
  configure: (command) => {
    command.option("--effective-from <date>", "the first business date it counts for (default: today)");
    for (const { option, label } of policyTerms) command.option(option, label);
    command.option("--yes", "do not ask").option("--dry-run", "check and roll back");
  },
  run: async (session, _args, options) => {
    const from = dateOption("--effective-from", options.effectiveFrom);
    const terms = termsOf(options);
    const isDry = options.dryRun === true;
    const context = await session.open();
    const change = { effectiveFrom: from ?? businessDateOf(context.clock(), context.zone), terms };
    const plan = await planPolicy(context, change);
    if (plan.changed.length > 0 && !isDry && options.yes !== true) {
      if (session.ui.interactive) session.ui.note(changeLines(plan).join("\n"));
      if (!(await session.ui.confirm(`Set this policy from ${change.effectiveFrom}?`))) {
        session.ui.note("nothing was changed");
        return;
      }
    }
    const done = await applyPolicyPlan(context, plan, isDry ? "rollback" : "commit");
    await session.ui.show(planDocument(done, isDry), (page) => {
      if (done.changed.length === 0) return void page.line(`the policy on ${change.effectiveFrom} says that already; nothing to do`);
      for (const line of changeLines(done)) page.line(`${isDry ? "dry run: " : ""}${line}`);
    });
  },
});

/** The terms that were given as flags. */
function termsOf(options: Options): Partial<PolicyTerms> {
  const given = policyTerms.flatMap((one) => {
    const value = options[camelCase(one.flag)];
    return typeof value === "string" ? [one.read(value)] : [];
  });
  if (given.length === 0) {
    throw usageError("no_policy_term", "no rate and no limit is given, so there is nothing to set", { hint: "see `accrue policy set --help`" });
  }
  return Object.assign({}, ...given) as Partial<PolicyTerms>;
}

/** A flag's name as commander keeps it: `--max-daily` is `maxDaily`. */
const camelCase = (flag: string): string => flag.slice(2).replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const changedTermsOf = ({ changed }: PolicyPlan) => policyTerms.filter(({ name }) => changed.includes(name));

function changeLines(plan: PolicyPlan): readonly string[] {
  const { change, was, now, until } = plan;
  const span = `from ${change.effectiveFrom}${until === undefined ? "" : ` until the policy set for ${until}`}`;
  return changedTermsOf(plan).map((one) => `${one.label}: ${one.text(was)} → ${one.text(now)}, ${span}`);
}

const planDocument = (plan: PolicyPlan, isDry: boolean) => ({
  effective_from: plan.change.effectiveFrom,
  until: plan.until ?? null,
  changed: changedTermsOf(plan).map(({ key }) => key),
  was: termsDocument(plan.was),
  now: termsDocument(plan.now),
  dry_run: isDry,
});
