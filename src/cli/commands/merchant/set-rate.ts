import { rateDocument, rateSubject } from "../../../domain/merchants/rate-subject.ts";
import { planRate, type RateChange } from "../../../domain/merchants/set-rate.ts";
import { usageError } from "../../../shared/errors.ts";
import { formatRate, parseRate, type Bps } from "../../../shared/rates.ts";
import { defineCommand } from "../../command.ts";
import { isConfirmed, type Question } from "../../confirm.ts";
import { date } from "../../flags.ts";
import { addProposalOptions, proposeAndTell } from "../../proposing.ts";
import { rateOrigin } from "./view.ts";

export const command = defineCommand({
  examples: [
    [
      "accrue merchant set-rate S001 25% --reason 'new contract'",
      "from today on, once another operator approves it; shows the old rate and the new one, and asks",
    ],
    [
      "accrue merchant set-rate S001 0.25 --from 2026-02-01 --reason 'new contract' --dry-run",
      "what it would change from a date on",
    ],
    [
      "accrue merchant set-rate S001 platform --reason 'contract ended' --yes",
      "back to the platform's rate, without a question",
    ],
  ],
  configure: (command) =>
    addProposalOptions(
      command
        .argument("<merchant-code>", "the merchant's code")
        .argument("<rate>", "the contribution rate: 25% or 0.25; or platform, for no rate of its own", readRate)
        .addOption(date("--from <date>", "the first business date it counts for (default: today)"))
        .option("--yes", "do not ask"),
    ),
  run: async (session, [merchantCode, contributionBps], { from, yes, reason, expiresIn }) => {
    const { isDry } = session;
    const context = await session.open();
    const plan = await planRate(context, { merchantCode, contributionBps, from });
    const more = changeDocument(plan);
    if (!plan.isChanged) {
      return session.ui.show({ ...more, dry_run: isDry }, (page) =>
        page.line(
          `merchant ${merchantCode} gives ${rateText(contributionBps, plan)} from ${plan.effectiveFrom} already; nothing to do`,
        ),
      );
    }
    if (!isDry && !(await isConfirmed(session.ui, questionOf(plan), yes))) return;
    const document = rateDocument({ merchantCode, contributionBps, from: plan.effectiveFrom });
    await proposeAndTell(session, context, rateSubject, document, { reason, expiresIn, more });
  },
});

function readRate(text: string): Bps | null {
  if (text === "platform") return null;
  const bps = parseRate(text);
  if (bps !== undefined) return bps;
  throw usageError("invalid_rate", `"${text}" is no rate from 0% to 100% in steps of 0.01%`, {
    hint: "write it like 25% or 0.25; `platform` gives it the platform's",
  });
}

const changeDocument = (change: RateChange) => ({
  merchant_code: change.merchantCode,
  contribution_rate: formatRate(change.contributionBps ?? change.platformBps),
  rate_from: rateOrigin(change.contributionBps),
  effective_from: change.effectiveFrom,
  until: change.until ?? null,
  was: change.was === null ? null : formatRate(change.was),
  changed: change.isChanged,
});

const rateText = (bps: Bps | null, { platformBps }: RateChange): string =>
  bps === null ? `the platform's ${formatRate(platformBps)}` : formatRate(bps);

const spanText = ({ effectiveFrom, until }: RateChange): string =>
  `from ${effectiveFrom}${until === undefined ? "" : ` until the rate set for ${until}`}`;

const questionOf = (change: RateChange): Question => ({
  text: `Propose the rate of merchant ${change.merchantCode} ${spanText(change)}?`,
  about: (page) =>
    page.facts([
      ["merchant", `${change.merchantCode} ${change.merchantName}`],
      ["rate", `${rateText(change.was, change)} → ${rateText(change.contributionBps, change)}`],
    ]),
});
