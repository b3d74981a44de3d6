import { recordActions } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import type { Transaction } from "../../db/database.ts";
import { explainFile, type Explanation } from "../../imports/explain.ts";
import type { ImportKind, MergeFacts, MergeOutcome, MergeReject } from "../../imports/kind.ts";
import { nativeProfile } from "../../imports/profile-text.ts";
import type { ImportReport } from "../../imports/report.ts";
import { runImport, type ImportInput } from "../../imports/run-import.ts";
import { AccrueError } from "../../shared/errors.ts";
import { addAccountSet, type WantedAccount } from "./add-set.ts";
import { addingOf } from "./add.ts";
import { accountImportColumns, accountRowReader, stagedAccountColumns, type AccountColumn } from "./import-row.ts";
import { createStaging, stagedAccounts, type StagedAccount } from "./import-sql.ts";
import { openedPayee } from "./in-transit.ts";
import type { SecretBox } from "./secret-box.ts";

/**
 * Takes in a file of payout accounts, by the rule for one that is typed in. An open account that a member has already is a
 * duplicate. Numbers and holders are stored sealed only: on their way through the database, and of rejected rows, too.
 */
export const importAccounts = (context: Context, box: SecretBox, input: ImportInput): Promise<ImportReport> => runImport(context, accountKind(context, box), input);

/** Explains how a file of payout accounts would be read; nothing is written, and no number or holder shown. */
export const explainAccounts = (context: Context, box: SecretBox, input: ImportInput): Promise<Explanation> => explainFile(context, accountKind(context, box), input);

const accountKind = (context: Context, box: SecretBox): ImportKind<AccountColumn> => ({
  kind: "accounts",
  columns: accountImportColumns,
  privateColumns: ["account", "account_name"],
  profiles: [nativeProfile("accounts", accountImportColumns)],
  stagingTable: "staged_accounts",
  stagedColumns: stagedAccountColumns,
  prepare: createStaging,
  // The rows of a chunk are opened, judged and sealed here: it is they that the memory of an import goes to.
  chunkLimits: { rows: 2500 },
  rowReader: () => accountRowReader(box),
  merge: (tx, pass, facts) => mergeAccounts(tx, context, box, pass, facts),
});

type Wanted = WantedAccount & Pick<StagedAccount, "record">;

async function mergeAccounts(tx: Transaction, context: Context, box: SecretBox, pass: number, { operator, now }: MergeFacts): Promise<MergeOutcome<AccountColumn>> {
  const wanted = (await stagedAccounts(tx, pass)).map((row) => wantedOf(box, row));
  const judged = await addAccountSet(tx, box, wanted, { operator, at: now });
  const added = judged.filter(({ outcome }) => outcome === "added");
  await recordActions(tx, context, added.map(({ wanted: { memberNo }, account }) => addingOf(memberNo, account!)));
  const rejects = judged.flatMap(({ wanted: { record }, outcome }): MergeReject<AccountColumn>[] =>
    outcome instanceof AccrueError ? [{ record, code: outcome.code, column: columnOf[outcome.code] ?? "member_no", message: outcome.message }] : []);
  return { inserted: added.length, updated: 0, duplicate: judged.length - added.length - rejects.length, rejects };
}

const wantedOf = (box: SecretBox, { record, memberNo, channel, numberMasked, payeeSealed, bankName, branchCode }: StagedAccount): Wanted => ({
  record, memberNo, channel, masked: numberMasked, bankName, branchCode, isDefault: false, ...openedPayee(box, payeeSealed),
});

/** Which cell a refusal points at, where it is not the member's number. */
const columnOf: Readonly<Record<string, AccountColumn>> = { account_holder_mismatch: "account_name", account_bank_differs: "bank" };
