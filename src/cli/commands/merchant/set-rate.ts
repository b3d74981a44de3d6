import { applyRatePlan, planRate, type RateChange } from "../../../domain/merchants/set-rate.ts";
import { usageError } from "../../../shared/errors.ts";
import { formatRate, parseRate, type Bps } from "../../../shared/rates.ts";
import { defineCommand } from "../../command.ts";
import { isConfirmed, type Question } from "../../confirm.ts";
import { date } from "../../flags.ts";
import { rateOrigin } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue merchant set-rate S001 25%", "from today on; shows the old rate and the new one, and asks"],
    ["accrue merchant set-rate S001 0.25 --from 2026-02-01 --dry-run", "what it would change from a date on"],
    ["accrue merchant set-rate S001 platform --yes", "back to the platform's rate, without a question"],
  ],
  configure: (command) =>
    command
      .argument("<merchant-code>", "the merchant's code")
      .argument("<rate>", "the contribution rate: 25% or 0.25; or platform, for no rate of its own", readRate)
      .addOption(date("--from <date>", "the first business date it counts for (default: today)"))
      .option("--yes", "do not ask")
      .option("--dry-run", "check and roll back"),
  run: async (session, [merchantCode, contributionBps], { from, yes }) => {
    const { isDry } = session;
    const context = await session.open();
    const plan = await planRate(context, { merchantCode, contributionBps, from });
    if (plan.isChanged && !isDry && !(await isConfirmed(session.ui, questionOf(plan), yes))) return;
    const change = await applyRatePlan(context, plan);
    await session.ui.show(changeDocument(change, isDry), (page) =>
      page.line(`${isDry ? "dry run: " : ""}${sentence(change)}`),
    );
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

const changeDocument = (change: RateChange, isDry: boolean) => ({
  merchant_code: change.merchantCode,
  contribution_rate: formatRate(change.contributionBps ?? change.platformBps),
  rate_from: rateOrigin(change.contributionBps),
  effective_from: change.effectiveFrom,
  until: change.until ?? null,
  was: change.was === null ? null : formatRate(change.was),
  changed: change.isChanged,
  dry_run: isDry,
});

const rateText = (bps: Bps | null, { platformBps }: RateChange): string =>
  bps === null ? `the platform's ${formatRate(platformBps)}` : formatRate(bps);

const spanText = ({ effectiveFrom, until }: RateChange): string =>
  `from ${effectiveFrom}${until === undefined ? "" : ` until the rate set for ${until}`}`;

const questionOf = (change: RateChange): Question => ({
  text: `Set the rate of merchant ${change.merchantCode} ${spanText(change)}?`,
  about: (page) =>
    page.facts([
      ["merchant", `${change.merchantCode} ${change.merchantName}`],
      ["rate", `${rateText(change.was, change)} → ${rateText(change.contributionBps, change)}`],
    ]),
});

function sentence(change: RateChange): string {
  const { merchantCode, contributionBps, effectiveFrom, was, isChanged } = change;
  const rate = rateText(contributionBps, change);
  if (!isChanged) return `merchant ${merchantCode} gives ${rate} from ${effectiveFrom} already; nothing to do`;
  return `merchant ${merchantCode} gives ${rate} ${spanText(change)} (was ${rateText(was, change)})`;
}
