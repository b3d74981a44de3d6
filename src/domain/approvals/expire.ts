import { recordActions } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { reading, type Transaction } from "../../db/database.ts";
import { countExpired, expireProposals } from "./sql.ts";

/** The number of proposals that would expire now. */
export const countDue = ({ db, clock }: Pick<Context, "db" | "clock">): Promise<number> =>
  reading(() => countExpired(db.sql, clock()));

/** Lets proposals expire that nobody decided in time, each recorded. @returns how many */
export async function expireDue(tx: Transaction, context: Context): Promise<number> {
  const expired = await expireProposals(tx, context.clock());
  await recordActions(
    tx,
    context,
    expired.map((subject) => ({ action: "approval.expire", subjectKind: "proposal", subject })),
  );
  return expired.length;
}
