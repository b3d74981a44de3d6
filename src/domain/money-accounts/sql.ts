import type { Sql, Transaction } from "../../db/database.ts";
import type { Row } from "../../db/rows.ts";
import type { Fen } from "../../shared/money.ts";

/** One of the platform's own accounts at a bank or a channel. */
export type MoneyAccount = Row<"moneyAccounts">;

/** The account of a name, or undefined. */
export async function findMoneyAccount(sql: Sql, name: string): Promise<MoneyAccount | undefined> {
  const [row] = await sql<MoneyAccount[]>`SELECT * FROM money_accounts WHERE money_account = ${name}`;
  return row;
}

/** Adds an account; false when there is one of that name. */
export async function insertMoneyAccount(
  tx: Transaction,
  { moneyAccount, channel, addedBy, addedAt }: MoneyAccount,
): Promise<boolean> {
  const { count } = await tx`
    INSERT INTO money_accounts (money_account, channel, added_by, added_at) VALUES (${moneyAccount}, ${channel}, ${addedBy}, ${addedAt})
    ON CONFLICT DO NOTHING`;
  return count === 1;
}

/** An account, and what is booked on it. */
export interface BookedMoneyAccount extends MoneyAccount {
  readonly bookedFen: Fen;
}

/** Every account by name, with what the journal has on it. */
export async function selectMoneyAccounts(sql: Sql): Promise<readonly BookedMoneyAccount[]> {
  return sql<BookedMoneyAccount[]>`
    SELECT a.*, coalesce(l.booked_fen, 0) AS booked_fen
    FROM money_accounts a
    LEFT JOIN (SELECT money_account, sum(amount)::bigint AS booked_fen FROM journal_lines WHERE account = 'bank' GROUP BY money_account) l USING (money_account)
    ORDER BY a.money_account`;
}
