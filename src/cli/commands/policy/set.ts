import { planPolicy, type PolicyPlan } from "../../../domain/policies/set.ts";
import { policyDocument, policySubject } from "../../../domain/policies/subject.ts";
import { businessDateOf } from "../../../shared/business-date.ts";
import { usageError } from "../../../shared/errors.ts";
import type { PolicyTerms } from "../../../shared/policy.ts";
import type { Page } from "../../../ui/page.ts";
import type { Ui } from "../../../ui/ui.ts";
import { defineCommand } from "../../command.ts";
import { addConfirmOption, isConfirmed, isTyped, type TypedWord } from "../../confirm.ts";
import { date } from "../../flags.ts";
import { addProposalOptions, proposeAndTell } from "../../proposing.ts";
import { policyTerms, termsDocument } from "../../../domain/policies/terms.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue policy set --effective-from 2026-02-01 --fee 4% --reason 'spring campaign'",
      "a lower fee for what is requested from then on, once another operator approves it",
    ],
    [
      "accrue policy set --two-approvers-above 5000 --reason 'audit of May' --dry-run",
      "what would change, from today on",
    ],
    [
      "accrue policy set --effective-from 2026-02-01 --max-platform-daily none --reason 'as agreed' --yes",
      "no limit for all members together, without a question",
    ],
    [
      "accrue policy set --effective-from 2026-02-01 --point-value 2 --reason 'as agreed' --confirm 2",
      "a severe change, without a question: its figure is given twice",
    ],
  ],
  configure: (command) => {
    const declared = command.addOption(
      date("--effective-from <date>", "the first business date it counts for (default: today)"),
    );
    for (const { option, label, read } of policyTerms) declared.option(option, label, read);
    return addProposalOptions(
      addConfirmOption(
        declared.option("--yes", "do not ask; severe changes take --confirm"),
        "the new value of a severe change once more; repeatable",
      ),
    );
  },
  run: async (session, _args, { effectiveFrom, yes, confirm, reason, expiresIn, ...options }) => {
    const { isDry } = session;
    const terms = termsOf(options as Given);
    const context = await session.open();
    const change = { effectiveFrom: effectiveFrom ?? businessDateOf(context.clock(), context.zone), terms };
    const plan = await planPolicy(context, change);
    const more = planDocument(plan);
    if (!plan.isNew) {
      return session.ui.show({ ...more, dry_run: isDry }, (page) => {
        page.line(`the policy from ${change.effectiveFrom} says that already; nothing to do`);
      });
    }
    if (!isDry && !(await isAgreed(session.ui, plan, yes, confirm))) return;
    await proposeAndTell(session, context, policySubject, policyDocument(change), { reason, expiresIn, more });
  },
});

/** Whether the operator wants it: a yes, or for severe changes each new value typed. */
async function isAgreed(
  ui: Ui,
  plan: PolicyPlan,
  yes: boolean | undefined,
  confirm: readonly string[] | undefined,
): Promise<boolean> {
  const about = (page: Page) => {
    for (const line of changeLines(plan)) page.line(line);
  };
  const question = { text: `Propose this policy from ${plan.change.effectiveFrom}?`, about };
  if (plan.severe.length === 0) return isConfirmed(ui, question, yes);
  const reasons = plan.severe.map(({ why }) => why).join(", ");
  return isTyped(
    ui,
    { text: `${question.text} From then on ${reasons}.`, about },
    plan.severe.map(({ name }) => valueToType(plan, name)),
    confirm,
  );
}

function valueToType({ now }: PolicyPlan, name: keyof PolicyTerms): TypedWord {
  const term = policyTerms.find((one) => one.name === name)!;
  return { label: `the new value of "${term.label}"`, text: term.typed(now), fits: (answer) => term.says(answer, now) };
}

/** The flags of the terms, as they were read. */
type Given = Readonly<Record<string, Partial<PolicyTerms> | undefined>>;

/** The terms that were given as flags. */
function termsOf(options: Given): Partial<PolicyTerms> {
  const given = policyTerms.flatMap((one) => options[camelCase(one.flag)] ?? []);
  if (given.length === 0) {
    throw usageError("no_policy_term", "no rate and no limit is given, so there is nothing to set", {
      hint: "see `accrue policy set --help`",
    });
  }
  return Object.assign({}, ...given) as Partial<PolicyTerms>;
}

/** A flag's name as commander keeps it: `--max-daily` is `maxDaily`. */
const camelCase = (flag: string): string =>
  flag.slice(2).replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const changedTermsOf = ({ changed }: PolicyPlan) => policyTerms.filter(({ name }) => changed.includes(name));

function changeLines(plan: PolicyPlan): readonly string[] {
  const { change, was, now, until } = plan;
  const span = `from ${change.effectiveFrom}${until === undefined ? "" : ` until the policy set for ${until}`}`;
  if (plan.changed.length === 0) return [`the terms stay as they are, ${span}`];
  return changedTermsOf(plan).map((one) => `${one.label}: ${one.text(was)} → ${one.text(now)}, ${span}`);
}

const planDocument = (plan: PolicyPlan) => ({
  effective_from: plan.change.effectiveFrom,
  until: plan.until ?? null,
  changed: changedTermsOf(plan).map(({ key }) => key),
  severe: policyTerms.filter(({ name }) => plan.severe.some((one) => one.name === name)).map(({ key }) => key),
  was: termsDocument(plan.was),
  now: termsDocument(plan.now),
});
