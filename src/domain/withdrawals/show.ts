import { actionsOf, type RecordedAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { journalOfWithdrawal, type JournalRecord } from "../ledger/sql.ts";
import { decisionsRefused, withdrawalUnknown } from "./refusals.ts";
import {
  entriesOf,
  findWithdrawal,
  originOfRequest,
  type RequestOrigin,
  type WithdrawalEntry,
  type WithdrawalRow,
} from "./read-sql.ts";
import { accountOfWithdrawal, type ReviewedAccount } from "./review-sql.ts";

/** Everything about one withdrawal. */
export interface WithdrawalStory {
  readonly withdrawal: WithdrawalRow;
  /** Undefined for one that came from no file. */
  readonly origin: RequestOrigin | undefined;
  /** Undefined for one without an account. */
  readonly account: ReviewedAccount | undefined;
  readonly entries: readonly WithdrawalEntry[];
  readonly journal: readonly JournalRecord[];
  readonly actions: readonly RecordedAction[];
}

/**
 * Reads everything about one withdrawal: facts, origin and account, points entries, journal lines, and the actions of
 * operators.
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
