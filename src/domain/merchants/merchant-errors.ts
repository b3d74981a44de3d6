import type { BusinessDate } from "../../shared/business-date.ts";
import { refusedError, type AccrueError } from "../../shared/errors.ts";
import { formatRate, type Bps } from "../../shared/rates.ts";

/** The refusal for a merchant code that nobody has. */
export const merchantUnknown = (merchantCode: string): AccrueError =>
  refusedError("merchant_unknown", `there is no merchant ${merchantCode}`, {
    hint: "`accrue merchant list` shows merchant codes",
    details: { merchant_code: merchantCode },
  });

/** The refusal of a rate from a closed date on: late orders of that date have to get the rates that the others got. */
export const rateInClosedDate = (date: BusinessDate): AccrueError =>
  refusedError("rate_in_closed_date", `a rate cannot count from ${date}: that business date is closed`, {
    hint: "set it from the next open date on (`accrue settle status` shows which dates are closed)",
    details: { effective_from: date },
  });

/** The refusal of a rate that is none of those that the policy lets merchants have. */
export const rateOutOfBounds = (rate: Bps, bounds: { readonly least: Bps; readonly most: Bps }): AccrueError => {
  const [least, most] = [formatRate(bounds.least), formatRate(bounds.most)];
  return refusedError(
    "rate_out_of_bounds",
    `a rate of ${formatRate(rate)} is out of the policy's bounds, ${least} to ${most}`,
    {
      hint: "give one within them; `accrue policy set --min-contribution-rate` and `--max-contribution-rate` propose others",
      details: { contribution_rate: formatRate(rate), min_contribution_rate: least, max_contribution_rate: most },
    },
  );
};
