import { actionsOf, type RecordedAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { journalOfWithdrawal, type JournalRecord } from "../ledger/sql.ts";
import { decisionsRefused, withdrawalUnknown } from "./refusals.ts";
import { entriesOf, findWithdrawal, originOfRequest, type RequestOrigin, type WithdrawalEntry, type WithdrawalRow } from "./read-sql.ts";
import { accountOfWithdrawal, type ReviewedAccount } from "./review-sql.ts";

/** The whole story of one withdrawal. */
export interface WithdrawalStory {
  readonly withdrawal: WithdrawalRow;
  /** Undefined where no file brought it in. */
  readonly origin: RequestOrigin | undefined;
  /** Undefined where nobody said where to pay it to. */
  readonly account: ReviewedAccount | undefined;
  readonly entries: readonly WithdrawalEntry[];
  readonly journal: readonly JournalRecord[];
  readonly actions: readonly RecordedAction[];
}

/**
 * Tells the whole story of one withdrawal: its facts, where it came from and where it goes, its points entries, its journal lines, and who did what when.
 *
 * @throws refused when no withdrawal has that number
 */
export async function showWithdrawal(context: Context, withdrawalNo: string): Promise<WithdrawalStory> {
  const { sql } = context.db;
  return reading(async () => {
    const withdrawal = await findWithdrawal(sql, withdrawalNo);
    if (withdrawal === undefined) throw decisionsRefused([withdrawalUnknown(withdrawalNo)], "show", 1);
    return {
      withdrawal,
      origin: withdrawal.requestNo === null ? undefined : await originOfRequest(sql, withdrawal.requestNo),
      account: await accountOfWithdrawal(sql, withdrawal),
      entries: await entriesOf(sql, withdrawal.memberId, withdrawal.withdrawalId),
      journal: await journalOfWithdrawal(sql, withdrawalNo),
      actions: await actionsOf(context, "withdrawal", withdrawalNo),
    };
  });
}
