import type { Actor } from "./context.ts";
import type { Sql, Transaction } from "./driver/client.ts";

/**
 * What only one session may do at a time for longer than a transaction takes: granting, settling, and paying through
 * each channel.
 */
export type RunSlotName = "grant" | "settle" | `payout_${string}`;

/** Who holds a slot now. */
export interface SlotHolder {
  readonly runId: bigint;
  readonly operator: string;
  readonly host: string;
  readonly takenAt: Date;
}

/**
 * The condition that the session which a slot `s` names still lives. Backend pid and start time tell it, so a pid that
 * the system gave out again does not count as alive, nor does the original's run in a copy of its database. A session
 * of another database user hides its start time: then its pid alone has to do, for a living run must never be taken for
 * dead.
 */
export const holderLives = (sql: Sql) => sql`
  EXISTS (SELECT FROM pg_stat_activity a
    WHERE a.pid = s.backend_pid AND a.datname = current_database()
      AND coalesce(a.backend_start = s.backend_started_at, true))`;

/** Makes a slot that no migration made, unless it is there. */
export async function ensureSlot(tx: Transaction, name: RunSlotName): Promise<void> {
  await tx`INSERT INTO run_slots (name) VALUES (${name}) ON CONFLICT DO NOTHING`;
}

/**
 * Takes a slot for this session, if it is free or its holder's session is gone.
 *
 * @returns the run that died holding it (null for a free slot), or undefined when a living session holds it
 */
export async function takeSlot(
  tx: Transaction,
  name: RunSlotName,
  runId: bigint,
  operator: Actor,
  now: Date,
): Promise<{ readonly deadRunId: bigint | null } | undefined> {
  // A run at work locks the row for as long as each of its transactions takes: skipping a locked row answers at once.
  const [before] = await tx<
    { runId: bigint | null }[]
  >`SELECT run_id FROM run_slots WHERE name = ${name} FOR UPDATE SKIP LOCKED`;
  if (before === undefined) return undefined;
  const taken = await tx`
    UPDATE run_slots s
    SET run_id = ${runId}, backend_pid = me.pid, backend_started_at = me.backend_start,
        operator = ${operator.name}, host = ${operator.host}, taken_at = ${now}
    FROM pg_stat_activity me
    WHERE s.name = ${name} AND me.pid = pg_backend_pid() AND (s.run_id IS NULL OR NOT ${holderLives(tx)})`;
  return taken.count === 1 ? { deadRunId: before.runId } : undefined;
}

/** Keeps a slot from being taken until the transaction ends; false when a living session holds it. */
export async function keepSlotFree(tx: Transaction, name: RunSlotName): Promise<boolean> {
  const kept = await tx`
    SELECT FROM (SELECT * FROM run_slots WHERE name = ${name} FOR UPDATE SKIP LOCKED) s
    WHERE s.run_id IS NULL OR NOT ${holderLives(tx)}`;
  return kept.count === 1;
}

/**
 * Whether this very session still holds the slot for this run; locks the row, so that it stays so until the transaction
 * ends.
 */
export async function stillHoldsSlot(tx: Transaction, name: RunSlotName, runId: bigint): Promise<boolean> {
  const held = await tx`
    SELECT FROM run_slots s JOIN pg_stat_activity me ON me.pid = pg_backend_pid()
    WHERE s.name = ${name} AND s.run_id = ${runId} AND s.backend_pid = me.pid
      AND s.backend_started_at = me.backend_start
    FOR UPDATE OF s`;
  return held.count === 1;
}

/**
 * Whether the run holds the slot and the session that took it lives, asked from any session; nobody takes it until the
 * transaction ends.
 */
export async function runHoldsSlot(tx: Transaction, name: RunSlotName, runId: bigint): Promise<boolean> {
  const held = await tx`SELECT FROM run_slots s
      WHERE s.name = ${name} AND s.run_id = ${runId} AND ${holderLives(tx)} FOR SHARE OF s`;
  return held.count === 1;
}

/** Frees a slot; false when it was not this run's any more. */
export async function freeSlot(tx: Transaction, name: RunSlotName, runId: bigint): Promise<boolean> {
  const freed = await tx`
    UPDATE run_slots SET run_id = NULL, backend_pid = NULL, backend_started_at = NULL, operator = NULL, host = NULL,
      taken_at = NULL
    WHERE name = ${name} AND run_id = ${runId}`;
  return freed.count === 1;
}

/**
 * Frees the slot of a run whose session is gone.
 *
 * @returns that run; undefined when the slot is free, or its holder lives
 */
export async function freeDeadSlot(tx: Transaction, name: RunSlotName): Promise<bigint | undefined> {
  const [dead] = await tx<{ runId: bigint }[]>`
    SELECT s.run_id FROM run_slots s
    WHERE s.name = ${name} AND s.run_id IS NOT NULL AND NOT ${holderLives(tx)}
    FOR UPDATE OF s SKIP LOCKED`;
  if (dead === undefined) return undefined;
  await freeSlot(tx, name, dead.runId);
  return dead.runId;
}

/** Who holds a slot, and whether that session still lives. */
export async function slotHolder(
  sql: Sql,
  name: RunSlotName,
): Promise<(SlotHolder & { readonly lives: boolean }) | undefined> {
  const [holder] = await sql<(SlotHolder & { lives: boolean })[]>`
    SELECT run_id, operator, host, taken_at, ${holderLives(sql)} AS lives FROM run_slots s
    WHERE name = ${name} AND run_id IS NOT NULL`;
  return holder;
}
