import { refusedError, type AccrueError } from "../../shared/errors.ts";

export const moneyAccountUnknown = (name: string): AccrueError =>
  refusedError("money_account_unknown", `there is no money account ${name}`, {
    hint: "`accrue money-account list` shows them; `accrue money-account add` adds one",
    details: { money_account: name },
  });
