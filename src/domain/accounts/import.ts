import { recordActions } from "../../db/audit.ts";
import type { Transaction } from "../../db/database.ts";
import { Refusal, type ImportKind, type Merged, type MergeFacts, type Reject } from "../../imports/kind.ts";
import { stagedKind } from "../../imports/staged.ts";
import { AccrueError } from "../../shared/errors.ts";
import { addAccountSet, type WantedAccount } from "./add-set.ts";
import { addingOf } from "./add.ts";
import { accountImportColumns, accountRowReader, stagedAccountColumns, type AccountColumn } from "./import-row.ts";
import { stagedAccounts, type StagedAccount } from "./import-sql.ts";
import { openedPayee } from "./in-transit.ts";
import type { SecretBox } from "./secret-box.ts";

/**
 * A file of payout accounts, imported by the rule for one that is typed in. An open account that a member has already
 * is a duplicate. Numbers and holders are stored sealed only: on their way through the database, and of rejected rows,
 * too.
 */
export const accountKind = (box: SecretBox): ImportKind<AccountColumn> =>
  stagedKind({
    kind: "accounts",
    name: "accounts",
    columns: accountImportColumns,
    staged: stagedAccountColumns,
    // The rows of a chunk are opened, judged and sealed here: it is they that the memory of an import goes to.
    chunkRows: 2500,
    rowReader: () => accountRowReader(box),
    merge: (tx, facts) => mergeAccounts(tx, box, facts),
  });

type Wanted = WantedAccount & Pick<StagedAccount, "record">;

async function mergeAccounts(
  tx: Transaction,
  box: SecretBox,
  { operator, host, now }: MergeFacts,
): Promise<Merged<AccountColumn>> {
  const wanted = (await stagedAccounts(tx)).map((row) => wantedOf(box, row));
  const judged = await addAccountSet(tx, box, wanted, { operator, at: now });
  const added = judged.filter(({ outcome }) => outcome === "added");
  await recordActions(
    tx,
    { operator: { name: operator, host } },
    added.map(({ wanted: { memberNo }, account }) => addingOf(memberNo, account!)),
  );
  const rejects = judged.flatMap(({ wanted: { record }, outcome }): Reject<AccountColumn>[] =>
    outcome instanceof AccrueError
      ? [{ record, refusal: new Refusal(columnOf[outcome.code] ?? "member_no", outcome.code, outcome.message) }]
      : [],
  );
  return { inserted: added.length, updated: 0, duplicate: judged.length - added.length - rejects.length, rejects };
}

const wantedOf = (
  box: SecretBox,
  { record, memberNo, channel, numberMasked, payeeSealed, bankName, branchCode }: StagedAccount,
): Wanted => ({
  record,
  memberNo,
  channel,
  masked: numberMasked,
  bankName,
  branchCode,
  isDefault: false,
  ...openedPayee(box, payeeSealed),
});

/** Which cell a refusal points at, where it is not the member's number. */
const columnOf: Readonly<Record<string, AccountColumn>> = {
  account_holder_mismatch: "account_name",
  account_bank_differs: "bank",
};
