import { recordActions } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, reading } from "../../db/database.ts";
import { businessDateOf } from "../../shared/business-date.ts";
import { formatYuan } from "../../shared/money.ts";
import { policyOn } from "../policies/sql.ts";
import { countOverdue, suspendOverdueMerchants, type OverdueMerchant } from "./overdue-sql.ts";

/** Whether the policy of today suspends merchants that are overdue, and any is. */
export const hasOverdue = ({ db, clock, zone }: Pick<Context, "db" | "clock" | "zone">): Promise<boolean> =>
  reading(async () => {
    const today = businessDateOf(clock(), zone);
    const { suspendOverdueDays } = await policyOn(db.sql, today);
    return suspendOverdueDays !== null && (await countOverdue(db.sql, today, suspendOverdueDays)) > 0;
  });

/**
 * Suspends every active merchant of which a bill is overdue for as long as the policy of today says, as of now, and
 * records why. Only an operator makes one active again, whatever it pays; one that is made active and is still overdue
 * is suspended again.
 *
 * @returns the merchants that were suspended, in the order of their codes
 */
export async function suspendOverdue(context: Context): Promise<readonly OverdueMerchant[]> {
  const at = context.clock();
  const today = businessDateOf(at, context.zone);
  return inTransaction(
    context.db,
    async (tx) => {
      const { suspendOverdueDays } = await policyOn(tx, today);
      if (suspendOverdueDays === null) return [];
      const suspended = await suspendOverdueMerchants(tx, today, suspendOverdueDays, at);
      await recordActions(
        tx,
        context,
        suspended.map(({ merchantCode, billNo, days, openFen }) => ({
          action: "merchant.suspend",
          subjectKind: "merchant",
          subject: merchantCode,
          details: {
            was: "active",
            suspended_at: at.toISOString(),
            reason: `bill ${billNo} is overdue for ${days} days`,
            overdue: formatYuan(openFen),
          },
        })),
      );
      return suspended;
    },
    context.ending,
  );
}
