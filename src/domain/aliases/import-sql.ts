import { send, type Transaction } from "../../db/database.ts";
import type { MergeFacts } from "../../imports/kind.ts";
import type { AliasHolder } from "./model.ts";
import { tablesOf } from "./sql.ts";

/** Judges the staged rows. The look-ups are LATERAL with an OFFSET: their cost follows the rows of the chunk. */
export async function judgeStaged(tx: Transaction, holder: AliasHolder): Promise<void> {
  const { aliases, holders, keys, holderId, holderNo } = tablesOf[holder];
  await tx`
    INSERT INTO judged_aliases
    SELECT s.record,
      CASE
        WHEN h.id IS NULL THEN ${`unknown_${holder}`}::text
        WHEN a.id IS NULL THEN 'new'
        WHEN a.id = h.id THEN 'duplicate'
        ELSE 'alias_taken'
      END,
      CASE WHEN a.id <> h.id THEN (SELECT t.${tx(holderNo)} FROM ${tx(holders)} t WHERE t.${tx(holderId)} = a.id) END,
      s.alias, s.source, h.id
    FROM staged_aliases s
    LEFT JOIN LATERAL (SELECT k.${tx(holderId)} AS id FROM ${tx(keys)} k
      WHERE k.${tx(holderNo)} = s.holder_no OFFSET 0) h ON true
    LEFT JOIN LATERAL (SELECT t.${tx(holderId)} AS id FROM ${tx(aliases)} t
      WHERE t.alias = s.alias AND t.source = s.source OFFSET 0) a ON true`;
}

/** Writes the new aliases. @returns how many were still free */
export async function insertNew(
  tx: Transaction,
  holder: AliasHolder,
  { importId, operator, now }: MergeFacts,
): Promise<number> {
  const { aliases, holderId } = tablesOf[holder];
  const { count } = await send(tx`
    INSERT INTO ${tx(aliases)} (alias, source, ${tx(holderId)}, import_id, added_by, added_at)
    SELECT alias, source, holder_id, ${importId}, ${operator}, ${now} FROM judged_aliases WHERE outcome = 'new'
    ON CONFLICT DO NOTHING`);
  return count;
}
