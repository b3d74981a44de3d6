import type { Transaction } from "../../db/database.ts";
import { refusedError, type AccrueError } from "../../shared/errors.ts";
import {
  insertAccounts,
  lockHolders,
  nextIds,
  openAccountsOf,
  selectHolders,
  takeDefaults,
  type Holder,
} from "./add-sql.ts";
import { holderMismatch, memberRefusal } from "./account-errors.ts";
import { holdKeys, otherKeyInUse } from "./key-sql.ts";
import { isSameName, type Channel } from "./model.ts";
import { secretKeyWrong, type SecretBox } from "./secret-box.ts";
import { sealAccount } from "./secrets.ts";
import type { AccountRow } from "./sql.ts";

/** An account that is asked for, its number read. */
export interface WantedAccount {
  readonly memberNo: string;
  readonly channel: Channel;
  readonly number: string;
  readonly masked: string;
  readonly holder: string;
  readonly bankName: string | null;
  readonly branchCode: string | null;
  /** Whether it becomes the default even where another one is. */
  readonly isDefault: boolean;
}

/** What became of a wanted account: added, there already with the same bank and branch, or refused. */
export interface AddedAccount<Wanted extends WantedAccount> {
  readonly wanted: Wanted;
  readonly outcome: "added" | "known" | AccrueError;
  /** The account, unless it was refused. */
  readonly account: AccountRow | undefined;
}

const maxOpenAccounts = 10;

/**
 * Adds a set of payout accounts in a few statements, however many there are: the one rule for an account typed in and
 * for a file of them. The first account of a member becomes the default.
 *
 * @throws refused, `secret_key_wrong`, when the accounts there are under another key than the box's
 */
export async function addAccountSet<Wanted extends WantedAccount>(
  tx: Transaction,
  box: SecretBox,
  wanted: readonly Wanted[],
  by: { readonly operator: string; readonly at: Date },
): Promise<readonly AddedAccount<Wanted>[]> {
  await holdKeys(tx);
  const other = await otherKeyInUse(tx, box.keyId);
  if (other !== undefined) throw secretKeyWrong(other, box.keyId);
  const memberNos = [...new Set(wanted.map(({ memberNo }) => memberNo))];
  await lockHolders(tx, memberNos);
  const holders = new Map((await selectHolders(tx, memberNos)).map((one) => [one.memberNo, one]));
  const members = new Members(await openAccountsOf(tx, memberNos));
  const ids = await nextIds(tx, wanted.length);
  const judged = wanted.map((one, index) =>
    judge(one, holders.get(one.memberNo), members, box, { ...by, accountId: ids[index]! }),
  );
  const added = judged.flatMap(({ outcome, account }) => (outcome === "added" ? members.present(account!) : []));
  await takeDefaults(tx, members.withNewDefault);
  await insertAccounts(tx, added);
  return judged.map((one) =>
    one.account === undefined ? one : Object.assign(one, { account: members.present(one.account) }),
  );
}

/** The open accounts of the members in a set, as they change while its rows are judged one after the other. */
class Members {
  readonly #open = new Map<bigint, AccountRow[]>();
  readonly #newDefault = new Set<bigint>();

  constructor(open: readonly AccountRow[]) {
    for (const account of open) this.of(account.memberId).push(account);
  }

  of(memberId: bigint): AccountRow[] {
    const known = this.#open.get(memberId);
    if (known !== undefined) return known;
    const none: AccountRow[] = [];
    this.#open.set(memberId, none);
    return none;
  }

  /** Takes an account in; the default goes over to it where it asks for that, or nobody has it. */
  add(account: AccountRow): void {
    const accounts = this.of(account.memberId);
    if (account.isDefault) {
      this.#newDefault.add(account.memberId);
      for (const [index, one] of accounts.entries()) accounts[index] = { ...one, isDefault: false };
    }
    accounts.push(account);
  }

  /** The account after the last row of the set. */
  present({ memberId, accountId }: AccountRow): AccountRow {
    return this.of(memberId).find((one) => one.accountId === accountId)!;
  }

  get withNewDefault(): readonly bigint[] {
    return [...this.#newDefault];
  }
}

function judge<Wanted extends WantedAccount>(
  wanted: Wanted,
  holder: Holder | undefined,
  members: Members,
  box: SecretBox,
  { operator, at, accountId }: { readonly operator: string; readonly at: Date; readonly accountId: bigint },
): AddedAccount<Wanted> {
  const refusal = holderRefusal(wanted, holder);
  if (refusal !== undefined) return { wanted, outcome: refusal, account: undefined };
  const { memberId } = holder!;
  const { channel, number, masked, bankName, branchCode } = wanted;
  const numberDigest = box.digest(channel, number);
  const others = members.of(memberId);
  const same = others.find((one) => one.numberDigest.equals(numberDigest));
  if (same !== undefined) return known(wanted, same);
  if (others.length >= maxOpenAccounts) return { wanted, outcome: tooMany(wanted, others.length), account: undefined };
  const isDefault = wanted.isDefault || others.every((one) => !one.isDefault);
  const account: AccountRow = {
    memberId,
    accountId,
    channel,
    numberMasked: masked,
    bankName,
    branchCode,
    ...sealAccount(box, { memberId, accountId }, wanted),
    numberDigest,
    isDefault,
    defaultAt: isDefault ? at : null,
    addedBy: operator,
    addedAt: at,
    closedBy: null,
    closedAt: null,
  };
  members.add(account);
  return { wanted, outcome: "added", account };
}

/** Why nobody can have the account in this name, or undefined. */
function holderRefusal({ memberNo, holder }: WantedAccount, member: Holder | undefined): AccrueError | undefined {
  const refusal = memberRefusal(memberNo, member);
  if (refusal !== undefined) return refusal;
  return isSameName(member!.name, holder) ? undefined : holderMismatch(memberNo);
}

function known<Wanted extends WantedAccount>(wanted: Wanted, account: AccountRow): AddedAccount<Wanted> {
  const isSame = wanted.bankName === account.bankName && wanted.branchCode === account.branchCode;
  if (isSame) return { wanted, outcome: "known", account };
  const refusal = refusedError(
    "account_bank_differs",
    `member ${wanted.memberNo} has this card already, as account ${account.accountId}, with another bank or branch`,
    {
      hint: "an account is never rewritten: close it and add it anew",
      details: { member_no: wanted.memberNo, account_id: account.accountId },
    },
  );
  return { wanted, outcome: refusal, account: undefined };
}

const tooMany = ({ memberNo }: WantedAccount, open: number): AccrueError =>
  refusedError("too_many_accounts", `member ${memberNo} has ${open} open payout accounts, as many as there may be`, {
    hint: "close one first: `accrue account close`",
    details: { member_no: memberNo },
  });
