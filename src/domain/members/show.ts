import { actionsOf, recordAction, type RecordedAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, reading } from "../../db/database.ts";
import { memberUnknown } from "./member-errors.ts";
import { balanceOf, findShown, openWithdrawalsOf, type BalanceRow, type ShownMember } from "./sql.ts";
import { countOrders, selectEntries, type OrderCount, type StatementEntry } from "./statement-sql.ts";

/** Everything about one member. */
export interface MemberStory {
  readonly member: ShownMember;
  readonly balance: BalanceRow;
  readonly orders: readonly OrderCount[];
  readonly openWithdrawals: readonly { readonly withdrawalNo: string; readonly points: bigint }[];
  readonly entries: readonly StatementEntry[];
  readonly actions: readonly RecordedAction[];
}

const latestEntries = 10;

/**
 * Reads everything about one member: facts, balance, orders, open withdrawals, the latest points entries, and the
 * actions of operators. Personal data is masked unless revealed; revealing is recorded, and is the last of the actions
 * returned.
 *
 * @throws a refusal, `member_unknown`
 */
export async function showMember(context: Context, memberNo: string, reveal: boolean): Promise<MemberStory> {
  if (reveal) await recordReveal(context, memberNo);
  return reading(async () => {
    const { sql } = context.db;
    const member = await findShown(sql, memberNo, reveal);
    if (member === undefined) throw memberUnknown(memberNo);
    const [balance, orders, openWithdrawals, entries, actions] = await Promise.all([
      balanceOf(sql, member.memberId),
      countOrders(sql, member.memberId),
      openWithdrawalsOf(sql, member.memberId),
      selectEntries(sql, member.memberId, { limit: latestEntries }),
      actionsOf(context, "member", memberNo),
    ]);
    return { member, balance, orders, openWithdrawals, entries, actions };
  });
}

async function recordReveal(context: Context, memberNo: string): Promise<void> {
  await inTransaction(context.db, async (tx) => {
    if ((await findShown(tx, memberNo)) === undefined) throw memberUnknown(memberNo);
    await recordAction(tx, context, { action: "member.reveal", subjectKind: "member", subject: memberNo });
  });
}
