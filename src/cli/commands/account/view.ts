import type { AccountFacts } from "../../../domain/accounts/sql.ts";
import type { AccountStory, ShownAccount } from "../../../domain/accounts/show.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { usageError } from "../../../shared/errors.ts";
import { documentOf, figure, id, type Fields, type Thing } from "../../fields.ts";
import { idOr } from "../../flags.ts";

/** Reads the number that an account is called by. */
export const readAccountId = idOr((text) =>
  usageError("invalid_account_id", `"${text}" is no account's number`, {
    hint: "`accrue account list` shows the numbers of a member's accounts",
  }),
);

/** An account of a member; `number` and `holder` are masked unless they were revealed. */
export type MembersAccount = AccountFacts &
  Partial<Pick<ShownAccount, "number" | "holder">> & { readonly memberNo: string };

const statusOf = ({ closedAt }: Pick<AccountFacts, "closedAt">): "open" | "closed" =>
  closedAt === null ? "open" : "closed";

const by = (operator: string | null, at: Date | null, zone: string) =>
  at === null ? undefined : `${formatInstant(at, zone)} by ${operator}`;

const fields: Fields<MembersAccount> = {
  member_no: id((one) => one.memberNo),
  account_id: figure((one) => one.accountId, { heading: "account" }),
  channel: { of: (one) => one.channel },
  number: id((one) => one.number ?? one.numberMasked),
  holder: { of: (one) => one.holder },
  bank: { of: (one) => one.bankName, rank: 2 },
  branch: { of: (one) => one.branchCode, isId: true },
  default: {
    of: (one) => one.isDefault,
    label: "default since",
    fact: (one, zone) => (one.isDefault ? formatInstant(one.defaultAt!, zone) : undefined),
  },
  status: { of: statusOf, fact: (one) => (one.isDefault ? "open, the default" : statusOf(one)) },
  added_by: { of: (one) => one.addedBy },
  added_at: {
    of: (one) => one.addedAt,
    text: (one, zone) => `${formatInstant(one.addedAt, zone)} ${one.addedBy}`,
    heading: "added",
    atLeast: 19,
    label: "added",
    fact: (one, zone) => by(one.addedBy, one.addedAt, zone),
  },
  closed_by: { of: (one) => one.closedBy },
  closed_at: { of: (one) => one.closedAt, label: "closed", fact: (one, zone) => by(one.closedBy, one.closedAt, zone) },
};

/** One account of a list. */
export const listedAccount: Thing<MembersAccount> = {
  fields,
  columns: ["account_id", "channel", "number", "holder", "bank", "default", "status", "added_at"],
};

/** An account as JSON has it. */
export const accountDocument = (memberNo: string, account: Omit<MembersAccount, "memberNo">) =>
  documentOf(listedAccount, { ...account, memberNo });

/** An account, and who else has the same. */
export const accountStory: Thing<MembersAccount & Pick<AccountStory, "sharedWith">> = {
  fields: {
    ...fields,
    key_id: { of: (one) => one.keyId, label: "sealed under key" },
    shared_with: {
      of: (one) => one.sharedWith,
      label: "others with the same",
      fact: (one) => one.sharedWith.join(", ") || "none",
    },
  },
  facts: [
    "channel",
    "number",
    "holder",
    "bank",
    "branch",
    "status",
    "default",
    "added_at",
    "closed_at",
    "key_id",
    "shared_with",
  ],
};

/** An account in a sentence: `account 17 (bank, 6222 **** 1234)`. */
export const accountText = ({ accountId, channel, numberMasked }: AccountFacts): string =>
  `account ${accountId} (${channel}, ${numberMasked})`;
