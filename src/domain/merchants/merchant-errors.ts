import type { BusinessDate } from "../../shared/business-date.ts";
import { refusedError, type AccrueError } from "../../shared/errors.ts";

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
