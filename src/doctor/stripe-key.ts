import type { Database } from "../db/database.ts";
import { AccrueError } from "../shared/errors.ts";
import { ok, readOrRefusal, wrong, type Check } from "./model.ts";
import { openStripeWithdrawals } from "./sql.ts";

const name = "stripe key";
const why = "nobody is paid through Stripe, and what became of payouts under way cannot be asked";

/**
 * Checks that a Stripe key is set where one is needed. Stripe is not called; `payout send` reports a key that it
 * refuses.
 */
export async function checkStripeKey(db: Database, isStripeKeySet: () => boolean): Promise<Check> {
  const isSet = readOrRefusal(isStripeKeySet);
  if (isSet instanceof AccrueError) return wrong(name, isSet.message, why, isSet.hint ?? "set another one");
  if (isSet) return ok(name, "one is set, and can be read");
  const waiting = await openStripeWithdrawals(db);
  if (waiting === 0n) return ok(name, "none is set, and nothing waits to be paid through Stripe");
  return wrong(
    name,
    `none is set, and ${waiting} ${waiting === 1n ? "withdrawal waits" : "withdrawals wait"} for Stripe`,
    why,
    "set ACCRUE_STRIPE_KEY or ACCRUE_STRIPE_KEY_FILE",
  );
}
