import type { AccountRow } from "../../../domain/accounts/sql.ts";
import type { ShownAccount } from "../../../domain/accounts/show.ts";
import { usageError } from "../../../shared/errors.ts";
import { idOr } from "../../flags.ts";

/** Reads the number that an account is called by. */
export const readAccountId = idOr((text) =>
  usageError("invalid_account_id", `"${text}" is no account's number`, { hint: "`accrue account list` shows the numbers of a member's accounts" }));

/** An account as JSON has it; `number` and `holder` are masked unless they were revealed. */
export const accountDocument = (memberNo: string, account: AccountRow & Partial<Pick<ShownAccount, "number" | "holder">>) => ({
  member_no: memberNo,
  account_id: account.accountId,
  channel: account.channel,
  number: account.number ?? account.numberMasked,
  ...(account.holder === undefined ? {} : { holder: account.holder }),
  bank: account.bankName,
  branch: account.branchCode,
  default: account.isDefault,
  status: statusOf(account),
  added_by: account.addedBy,
  added_at: account.addedAt.toISOString(),
  closed_by: account.closedBy,
  closed_at: account.closedAt?.toISOString() ?? null,
});

export const statusOf = ({ closedAt }: Pick<AccountRow, "closedAt">): "open" | "closed" => (closedAt === null ? "open" : "closed");

/** An account in a sentence: `account 17 (bank, 6222 **** 1234)`. */
export const accountText = ({ accountId, channel, numberMasked }: AccountRow): string => `account ${accountId} (${channel}, ${numberMasked})`;
