import type { SecretBox } from "../accounts/secret-box.ts";
import { revealAccount } from "../accounts/secrets.ts";
import type { SealedPayee } from "./payee-sql.ts";
import type { Payout } from "./provider.ts";

/**
 * A payout with its account opened.
 *
 * @throws refused: `secret_key_wrong`, `account_unreadable`
 */
export function openPayee(box: SecretBox, row: SealedPayee): Omit<Payout, "detailNo"> {
  const { number, holder } = revealAccount(box, row);
  return {
    withdrawalNo: row.withdrawalNo,
    netFen: row.netFen,
    accountChannel: row.accountChannel,
    accountNumber: number,
    holder,
    bankName: row.bankName,
    branchCode: row.branchCode,
  };
}
