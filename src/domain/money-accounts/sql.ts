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

/**
 * Keeps other statements of an account waiting until the transaction ends, and gives the channel it is at; undefined
 * when there is none.
 */
export async function lockMoneyAccount(tx: Transaction, moneyAccount: string): Promise<string | undefined> {
  await tx`SELECT pg_advisory_xact_lock(hashtext('accrue statement'), hashtext(${moneyAccount}))`;
  const [row] = await tx<
    { channel: string }[]
  >`SELECT channel FROM money_accounts WHERE money_account = ${moneyAccount}`;
  return row?.channel;
}

/** Adds an account; false when there is one of that name. */
export async function insertMoneyAccount(
  tx: Transaction,
  { moneyAccount, channel, addedBy, addedAt }: MoneyAccount,
): Promise<boolean> {
  const { count } = await tx`
    INSERT INTO money_accounts (money_account, channel, added_by, added_at)
    VALUES (${moneyAccount}, ${channel}, ${addedBy}, ${addedAt})
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
    LEFT JOIN (SELECT money_account, sum(amount)::bigint AS booked_fen FROM journal_lines WHERE account = 'bank'
      GROUP BY money_account) l USING (money_account)
    ORDER BY a.money_account`;
}

/** One account with what its statements say; what no statement says is null. */
export interface MoneyAccountStory extends BookedMoneyAccount {
  readonly statements: bigint;
  /** The instant of the last line of the statement that ends last. */
  readonly lastAt: Date | null;
  /** What its statements say that moved, but for their lines: what stood there before the first, and gaps. */
  readonly openingFen: Fen | null;
  /** What opening collections say that came in before. */
  readonly openingCollectedFen: Fen;
  readonly openLines: bigint;
  /** What of those lines came in, and what left. */
  readonly openInFen: Fen;
  readonly openOutFen: Fen;
}

/** The account of a name with what its statements say, or undefined. */
export async function findMoneyAccountStory(sql: Sql, name: string): Promise<MoneyAccountStory | undefined> {
  const [row] = await sql<MoneyAccountStory[]>`
    SELECT a.*, coalesce((SELECT sum(amount) FROM journal_lines
      WHERE account = 'bank' AND money_account = a.money_account), 0)::bigint AS booked_fen,
      s.statements, s.last_at,
      (s.booked_fen - coalesce((SELECT sum(amount_fen) FROM statement_lines l WHERE l.money_account = a.money_account),
      0))::bigint AS opening_fen, coalesce((SELECT sum(amount_fen) FROM collections c
        WHERE c.money_account = a.money_account AND c.is_opening AND c.state = 'confirmed'), 0)::bigint
        AS opening_collected_fen,
      o.open_lines, o.open_in_fen, o.open_out_fen
    FROM money_accounts a
    CROSS JOIN LATERAL (
      SELECT count(*) AS statements, max(last_at) AS last_at, sum(booked_fen) AS booked_fen FROM statements s
      WHERE s.money_account = a.money_account) s
    CROSS JOIN LATERAL (
      SELECT count(*) AS open_lines, coalesce(sum(o.open_fen) FILTER (WHERE o.open_fen > 0), 0)::bigint AS open_in_fen,
        coalesce(sum(o.open_fen) FILTER (WHERE o.open_fen < 0), 0)::bigint AS open_out_fen
      FROM open_lines o JOIN statement_lines l ON l.line_id = o.line_id WHERE l.money_account = a.money_account) o
    WHERE a.money_account = ${name}`;
  return row;
}
