import type { Transaction } from "../../db/database.ts";
import type { MergeFacts } from "../../imports/kind.ts";
import type { AliasHolder } from "./model.ts";
import { tablesOf } from "./sql.ts";

/** What the merge decided for a staged row. */
export type AliasOutcome = "new" | "duplicate" | "unknown_holder" | "alias_taken";

export async function createStaging(tx: Transaction): Promise<void> {
  await tx`
    CREATE TEMP TABLE staged_aliases (record integer, line integer, pass integer, alias text, source text, holder_no text) ON COMMIT DROP`;
  await tx`
    CREATE TEMP TABLE judged_aliases (record integer, outcome text, alias text, source text, holder_id bigint, taken_by text) ON COMMIT DROP`;
}

/** Judges the staged rows of one pass. The look-ups are LATERAL with an OFFSET: their cost follows the rows of the chunk. */
export async function judgeStaged(tx: Transaction, holder: AliasHolder, pass: number): Promise<void> {
  const { aliases, holders, keys, holderId, holderNo } = tablesOf[holder];
  await tx`TRUNCATE judged_aliases`;
  await tx`
    INSERT INTO judged_aliases
    SELECT s.record,
      CASE
        WHEN h.id IS NULL THEN 'unknown_holder'
        WHEN a.id IS NULL THEN 'new'
        WHEN a.id = h.id THEN 'duplicate'
        ELSE 'alias_taken'
      END,
      s.alias, s.source, h.id,
      CASE WHEN a.id <> h.id THEN (SELECT t.${tx(holderNo)} FROM ${tx(holders)} t WHERE t.${tx(holderId)} = a.id) END
    FROM staged_aliases s
    LEFT JOIN LATERAL (SELECT k.${tx(holderId)} AS id FROM ${tx(keys)} k WHERE k.${tx(holderNo)} = s.holder_no OFFSET 0) h ON true
    LEFT JOIN LATERAL (SELECT t.${tx(holderId)} AS id FROM ${tx(aliases)} t WHERE t.alias = s.alias AND t.source = s.source OFFSET 0) a ON true
    WHERE s.pass = ${pass}`;
}

/** Writes the new aliases. @returns how many were still free */
export async function insertNew(tx: Transaction, holder: AliasHolder, { importId, operator, now }: MergeFacts): Promise<number> {
  const { aliases, holderId } = tablesOf[holder];
  const { count } = await tx`
    INSERT INTO ${tx(aliases)} (alias, source, ${tx(holderId)}, import_id, added_by, added_at)
    SELECT alias, source, holder_id, ${importId}, ${operator}, ${now} FROM judged_aliases WHERE outcome = 'new' ON CONFLICT DO NOTHING`;
  return count;
}

/** How many rows of the pass came to which outcome. */
export async function countOutcomes(tx: Transaction): Promise<ReadonlyMap<AliasOutcome, number>> {
  const rows = await tx<{ outcome: AliasOutcome; rows: number }[]>`
    SELECT outcome, count(*)::integer AS rows FROM judged_aliases GROUP BY outcome`;
  return new Map(rows.map(({ outcome, rows }) => [outcome, rows]));
}

/** A row that is rejected; `takenBy` is the number or code of whoever has the alias. */
export interface JudgedReject {
  readonly record: number;
  readonly outcome: "unknown_holder" | "alias_taken";
  readonly takenBy: string | null;
}

export async function rejectedRows(tx: Transaction): Promise<readonly JudgedReject[]> {
  return tx<JudgedReject[]>`SELECT record, outcome, taken_by FROM judged_aliases WHERE outcome IN ('unknown_holder', 'alias_taken')`;
}
