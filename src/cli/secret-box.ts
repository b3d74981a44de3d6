import { readSecretKey } from "../config/secret-key.ts";
import { SecretBox } from "../domain/accounts/secret-box.ts";
import { usageError } from "../shared/errors.ts";
import type { Session } from "./session.ts";

type SettingsOwner = Pick<Session, "settings">;

/** The secret keys that are set: the present one and, while keys are changed, the one before. */
export function secretKeysOf({ settings }: SettingsOwner): {
  readonly present: Buffer | undefined;
  readonly old: Buffer | undefined;
} {
  const uid = process.getuid?.();
  return { present: readSecretKey(settings.secretKey, uid), old: readSecretKey(settings.oldSecretKey, uid) };
}

/**
 * What seals and opens payout accounts.
 *
 * @throws a usage error, `secret_key_missing`, when no key is set; those of reading a key
 */
export function secretBoxOf(session: SettingsOwner): SecretBox {
  const { present, old } = secretKeysOf(session);
  if (present === undefined) {
    throw usageError("secret_key_missing", "payout accounts are sealed, and no secret key is set", {
      hint: "set ACCRUE_SECRET_KEY, or ACCRUE_SECRET_KEY_FILE to a file of mode 0600; `accrue db new-key` makes a key",
    });
  }
  return new SecretBox(present, old === undefined ? [] : [old]);
}
