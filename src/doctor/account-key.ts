import { keysInUse } from "../domain/accounts/key-sql.ts";
import type { Database } from "../db/database.ts";
import { AccrueError } from "../shared/errors.ts";
import { ok, readOrRefusal, wrong, type Check } from "./model.ts";

const name = "account key";
const why = "nobody can be paid out to an account that does not open";

/** Checks that the configured secret key opens all payout accounts. */
export async function checkAccountKey(db: Database, secretKeyId: () => string | undefined): Promise<Check> {
  const keys = await keysInUse(db.sql);
  const total = keys.reduce((sum, { accounts }) => sum + accounts, 0n);
  const present = readOrRefusal(secretKeyId);
  if (present instanceof AccrueError) return wrong(name, present.message, why, present.hint ?? "set another one");
  if (present === undefined) {
    if (total === 0n) return ok(name, "none is set, and there is no payout account that needs one");
    return wrong(
      name,
      `none is set, and ${counted(total)} sealed under ${keys.map(({ keyId }) => keyId).join(", ")}`,
      why,
      "set ACCRUE_SECRET_KEY or ACCRUE_SECRET_KEY_FILE",
    );
  }
  const others = keys.filter(({ keyId }) => keyId !== present);
  if (others.length === 0) return ok(name, `key ${present} opens all there is: ${counted(total)} sealed under it`);
  const sealed = others.map(({ keyId, accounts }) => `${counted(accounts)} sealed under key ${keyId}`).join(", ");
  const isNew = keys.some(({ keyId }) => keyId === present);
  return wrong(
    name,
    `${sealed}, and the one at hand is ${present}`,
    why,
    isNew
      ? "finish `accrue db rotate-key`: it goes on where it stopped"
      : "set the key that they are under; or, if this one is to replace it, run `accrue db rotate-key`",
  );
}

const counted = (accounts: bigint): string => (accounts === 1n ? "1 account is" : `${accounts} accounts are`);
