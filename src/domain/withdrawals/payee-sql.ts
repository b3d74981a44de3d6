import type { Fragment, Sql } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";

/** The payout account of a withdrawal, as lists show it; all null where it has none. */
export interface Payee extends Row<"withdrawals", "accountChannel"> {
  readonly accountNumber: string | null;
  readonly accountBank: string | null;
  readonly accountClosedAt: Date | null;
}

/** The columns of `Payee`, out of a withdrawal `w` and `payeeJoin`. */
export const payeeColumns = (sql: Sql): Fragment => sql`
  w.account_channel, a.number_masked AS account_number, a.bank_name AS account_bank, a.closed_at AS account_closed_at`;

/** Joins the account that a withdrawal `w` is paid to, as `a`. */
export const payeeJoin = (sql: Sql): Fragment =>
  sql`LEFT JOIN payout_accounts a ON a.member_id = w.member_id AND a.account_id = w.account_id`;
