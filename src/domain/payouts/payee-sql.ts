import type { Sql } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import type { AccountChannel } from "./model.ts";

/** A withdrawal with the account that it is paid to; number and holder are sealed. */
export interface SealedPayee
  extends
    Row<"withdrawals", "memberId" | "withdrawalNo" | "netFen">,
    Row<"payoutAccounts", "accountId" | "bankName" | "branchCode" | "keyId" | "numberSealed" | "holderSealed"> {
  readonly accountChannel: AccountChannel;
}

/** The columns of `SealedPayee`, from withdrawals `w` and payout_accounts `a`. */
export const sealedAccount = (sql: Sql) => sql`
  w.member_id, w.withdrawal_no, w.net_fen, a.account_id, a.channel AS account_channel, a.bank_name, a.branch_code,
  a.key_id, a.number_sealed, a.holder_sealed`;
