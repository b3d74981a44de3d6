import type { AccountSecrets } from "./model.ts";
import type { SecretBox } from "./secret-box.ts";
import type { AccountRow } from "./sql.ts";

type Place = Pick<AccountRow, "memberId" | "accountId">;

/** What is private in an account, sealed for its row. */
export const sealAccount = (
  box: SecretBox,
  { memberId, accountId }: Place,
  { number, holder }: AccountSecrets,
): Pick<AccountRow, "keyId" | "numberSealed" | "holderSealed"> => ({
  keyId: box.keyId,
  numberSealed: box.seal({ memberId, accountId, field: "number" }, number),
  holderSealed: box.seal({ memberId, accountId, field: "holder" }, holder),
});

/**
 * What is private in an account. Whoever shows it to a person records that first.
 *
 * @throws refused: `secret_key_wrong`, `account_unreadable`
 */
export const revealAccount = (
  box: SecretBox,
  {
    memberId,
    accountId,
    keyId,
    numberSealed,
    holderSealed,
  }: Place & Pick<AccountRow, "keyId" | "numberSealed" | "holderSealed">,
): AccountSecrets => ({
  number: box.open({ memberId, accountId, field: "number" }, keyId, numberSealed),
  holder: box.open({ memberId, accountId, field: "holder" }, keyId, holderSealed),
});
