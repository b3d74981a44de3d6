import type { BusinessDate } from "../../shared/business-date.ts";
import { refusedError, type AccrueError } from "../../shared/errors.ts";

/** The refusal of an entry for a closed date. */
export const dateIsClosed = (date: BusinessDate): AccrueError =>
  refusedError("business_date_closed", `business date ${date} is closed: it takes no further entries`, {
    hint: "what arrives late is settled in the next open date (`accrue settle status`); reopening one is for another operator: `accrue settle reopen`",
  });
