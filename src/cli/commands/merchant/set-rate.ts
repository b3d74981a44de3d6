import { setRate, type RateChange } from "../../../merchants/set-rate.ts";
import { usageError } from "../../../shared/errors.ts";
import { formatRate, parseRate } from "../../../shared/rates.ts";
import { defineCommand } from "../../command.ts";
import { dateOption } from "../../list-options.ts";

interface Options {
  readonly from?: string;
  readonly dryRun?: boolean;
}

export const command = defineCommand<Options>({
  examples: [
    ["accrue merchant set-rate S001 25%", "from today on"],
    ["accrue merchant set-rate S001 0.25 --from 2026-02-01 --dry-run", "what it would change from a date on"],
  ],
  configure: (command) => {
    command
      .argument("<merchant-code>", "the merchant's code")
      .argument("<rate>", "the contribution rate: 25% or 0.25")
      .option("--from <date>", "the first business date it counts for (default: today)")
      .option("--dry-run", "check and roll back");
  },
  run: async (session, [merchantCode, rate], { from, dryRun }) => {
    const contributionBps = parseRate(rate!);
    if (contributionBps === undefined) {
      throw usageError("invalid_rate", `"${rate}" is no rate from 0% to 100% in steps of 0.01%`, { hint: "write it like 25% or 0.25" });
    }
    const date = dateOption("--from", from);
    const context = await session.open();
    const change = await setRate(context, merchantCode!, contributionBps, date, dryRun === true ? "rollback" : "commit");
    const document = {
      merchant_code: change.merchantCode, contribution_rate: formatRate(contributionBps), effective_from: change.effectiveFrom,
      until: change.until ?? null, was: change.was === undefined ? null : formatRate(change.was), changed: change.isChanged, dry_run: dryRun === true,
    };
    await session.ui.show(document, (page) => page.line(`${dryRun === true ? "dry run: " : ""}${sentence(change)}`));
  },
});

function sentence({ merchantCode, contributionBps, effectiveFrom, was, until, isChanged }: RateChange): string {
  const rate = formatRate(contributionBps);
  if (!isChanged) return `merchant ${merchantCode} gives ${rate} on ${effectiveFrom} already; nothing to do`;
  const before = was === undefined ? "the platform's rate" : formatRate(was);
  return `merchant ${merchantCode} gives ${rate} from ${effectiveFrom}${until === undefined ? "" : ` until the rate set for ${until}`} (was ${before})`;
}
