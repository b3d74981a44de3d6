import { inTransaction, type Database, type Sql, type Transaction } from "../db/database.ts";
import type { Findings, Violation } from "./model.ts";

/** What is only ever added to, and what is never deleted from: the guards of both are triggers, for a table's owner is not bound by privileges alone. */
const appendOnly = ["points_entries", "journal_transactions", "journal_lines", "account_closings", "operator_actions", "grant_skips", "imports", "import_rejects", "order_refunds", "payout_files", "payout_detail_keys", "payout_retries"] as const;
const neverDeleted = ["members", "member_numbers", "merchants", "orders", "order_keys", "balances", "withdrawals", "withdrawal_keys", "withdrawal_request_keys", "policies", "payout_accounts", "payout_batches", "payout_details", "business_dates", "settlement_runs", "settlement_steps"] as const;

// Bits of pg_trigger.tgtype, as the catalogue has them: a statement-level trigger that fires before these.
const before = 2;
const onDelete = 8;
const onUpdate = 16;
const onTruncate = 32;

/**
 * Invariant 6, as far as the catalogue shows it: every guard is there, switched on, and fires on what it must; nobody was
 * granted a change of an append-only table.
 */
export async function guardsAreInPlace(sql: Sql): Promise<Findings> {
  const partitions = await sql<{ whole: string; table: string }[]>`
    SELECT w.relname AS whole, p.relname AS table
    FROM pg_inherits i JOIN pg_class w ON w.oid = i.inhparent JOIN pg_class p ON p.oid = i.inhrelid
    WHERE w.relkind = 'p' AND w.relnamespace = current_schema()::regnamespace ORDER BY 2`;
  const andPartitions = (table: string) => [table, ...partitions.filter(({ whole }) => whole === table).map((one) => one.table)];
  const wanted = [
    ...appendOnly.map((table) => ({ table, trigger: `${table}_append_only`, bits: before | onDelete | onUpdate | onTruncate })),
    ...neverDeleted.map((table) => ({ table, trigger: `${table}_never_deleted`, bits: before | onDelete | onTruncate })),
    { table: "journal_lines", trigger: "journal_lines_balanced", bits: 4 },
    { table: "points_entries", trigger: "points_entries_open_date", bits: 4 },
    { table: "journal_transactions", trigger: "journal_transactions_open_date", bits: 4 },
    { table: "operator_actions", trigger: "operator_actions_timed", bits: 1 | before | 4 },
    { table: "business_dates", trigger: "business_dates_frozen", bits: 1 | before | onUpdate },
    { table: "withdrawals", trigger: "withdrawals_frozen", bits: 1 | before | onUpdate },
    { table: "payout_batches", trigger: "payout_batches_frozen", bits: 1 | before | onUpdate },
    { table: "payout_batches", trigger: "payout_batches_equal_details", bits: 4 },
    { table: "payout_details", trigger: "payout_details_frozen", bits: 1 | before | onUpdate },
    { table: "payout_details", trigger: "payout_details_in_time", bits: 4 },
    { table: "withdrawals", trigger: "withdrawals_payee_frozen", bits: 1 | before | onUpdate },
    { table: "payout_accounts", trigger: "payout_accounts_frozen", bits: 1 | before | onUpdate },
  ].flatMap(({ table, trigger, bits }) => andPartitions(table).map((one) => ({ table: one, trigger, bits })));
  const unchangeable = appendOnly.flatMap(andPartitions);
  const present = await sql<{ table: string; trigger: string; type: number; isOn: boolean }[]>`
    SELECT c.relname AS table, t.tgname AS trigger, t.tgtype AS type, t.tgenabled IN ('O', 'A') AS is_on
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace`;
  const broken = wanted.flatMap(({ table, trigger, bits }): Violation[] => {
    const found = present.find((one) => one.table === table && one.trigger === trigger);
    if (found === undefined) return [{ table, guard: trigger, state: "missing" }];
    if (!found.isOn) return [{ table, guard: trigger, state: "switched off" }];
    return found.type === bits ? [] : [{ table, guard: trigger, state: "changed" }];
  });
  const granted = await sql<{ table: string; grantee: string; privilege: string }[]>`
    SELECT c.relname AS table, coalesce(r.rolname, 'PUBLIC') AS grantee, a.privilege_type AS privilege
    FROM pg_class c CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
    LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(${unchangeable}::text[])
      AND a.privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')
    ORDER BY 1, 2, 3`;
  const violations = [...broken, ...granted.map(({ table, grantee, privilege }) => ({ table, grantee, privilege, state: "granted" }))];
  return { checked: BigInt(wanted.length + unchangeable.length), found: BigInt(violations.length), violations };
}

/**
 * Invariant 6, proved by trying: a change of no row at all must be refused, whoever asks. Nothing is ever changed: the
 * attempts match no row, and the transaction is rolled back. TRUNCATE is not tried, for it would lock out every writer.
 */
export async function changesAreRefused({ sql }: Pick<Database, "sql">): Promise<Findings> {
  const attempts = appendOnly.flatMap((table) => [`UPDATE ${table} SET ${keyColumn[table]} = ${keyColumn[table]} WHERE false`, `DELETE FROM ${table} WHERE false`]);
  const violations = await inTransaction(
    sql,
    async (tx) => {
      const taken: Violation[] = [];
      for (const attempt of attempts) {
        if (await isTaken(tx, attempt)) taken.push({ statement: attempt, state: "not refused" });
      }
      return taken;
    },
    "rollback",
  );
  return { checked: BigInt(attempts.length), found: BigInt(violations.length), violations };
}

const keyColumn: Readonly<Record<(typeof appendOnly)[number], string>> = {
  points_entries: "entry_no", journal_transactions: "kind", journal_lines: "account", account_closings: "account", operator_actions: "action", grant_skips: "reason", imports: "file", order_refunds: "refund_no",
  import_rejects: "code",
  payout_files: "name", payout_detail_keys: "member_id", payout_retries: "failed_detail_no",
};

const refusals = new Set(["23000", "42501"]); // by the trigger, or for want of the privilege

async function isTaken(tx: Transaction, statement: string): Promise<boolean> {
  try {
    await tx.savepoint(async (inner) => inner.unsafe(statement));
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && refusals.has(String(error.code))) return false;
    throw error;
  }
}
