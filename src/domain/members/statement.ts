import type { Context } from "../../db/context.ts";
import { reading } from "../../db/database.ts";
import { memberUnknown } from "./member-errors.ts";
import { balanceOf, findShown, type BalanceRow } from "./sql.ts";
import { selectEntries, type EntryRange, type StatementEntry } from "./statement-sql.ts";

/** A member's points entries in a range, with the balance before the first of them and now. */
export interface Statement {
  readonly memberNo: string;
  readonly balance: BalanceRow;
  readonly entries: readonly StatementEntry[];
  /** Whether older entries of the range were left out for the limit. */
  readonly isCut: boolean;
}

/**
 * A member's statement: every entry that moved points, with the balance after it, oldest first.
 *
 * @param range business dates, both included; of more than `limit` entries the newest are returned
 * @throws a refusal, `member_unknown`
 */
export async function memberStatement(context: Context, memberNo: string, range: EntryRange): Promise<Statement> {
  return reading(async () => {
    const { sql } = context.db;
    const member = await findShown(sql, memberNo);
    if (member === undefined) throw memberUnknown(memberNo);
    const entries = await selectEntries(sql, member.memberId, { ...range, limit: range.limit + 1 });
    const isCut = entries.length > range.limit;
    return {
      memberNo,
      balance: await balanceOf(sql, member.memberId),
      entries: isCut ? entries.slice(1) : entries,
      isCut,
    };
  });
}
