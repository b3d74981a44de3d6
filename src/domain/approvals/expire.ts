import { recordActions } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import type { Transaction } from "../../db/database.ts";
import { expireProposals } from "./sql.ts";

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
