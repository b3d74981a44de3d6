import type { Transaction } from "../db/database.ts";
import type { MergeFacts } from "../imports/kind.ts";
import { clearJudged, countOutcomes, insertNew, judgeStaged, updateKnown, type OrderOutcome } from "./import-sql.ts";
import { registerUnknownMembers } from "./unknown-members.ts";

/** What became of the staged orders of a pass; `looked` is what was read of the judged ones. */
export interface MergedPass<Looked> {
  readonly outcomes: ReadonlyMap<OrderOutcome, number>;
  /** Rows that say what is known, word for word: they are not among the outcomes. */
  readonly repeated: number;
  readonly membersCreated: number;
  readonly looked: Looked;
}

/**
 * Judges the staged orders of a pass and merges them. All statements are sent at once, and the server works through them
 * while this process parses: waiting for each answer would leave the server idle whenever a row is being read here.
 *
 * @param createsMembers whether members that orders name and nobody knows are registered first
 * @param look sends the statements that read the judged orders, before they are cleared away
 */
export async function mergeStaged<Looked>(
  tx: Transaction,
  pass: number,
  facts: MergeFacts,
  createsMembers: boolean,
  look: () => Promise<Looked>,
): Promise<MergedPass<Looked>> {
  const membersCreated = createsMembers ? await registerUnknownMembers(tx, pass, facts) : 0;
  const [repeated, [keys, inserted], [updated, rehashed], outcomes, looked] = await Promise.all([
    judgeStaged(tx, pass, facts),
    insertNew(tx, facts),
    updateKnown(tx, facts),
    countOutcomes(tx),
    look(),
    clearJudged(tx),
  ]);
  const [fresh = 0, changed = 0] = [outcomes.get("new"), outcomes.get("updated")];
  if (keys !== fresh || inserted !== fresh || updated !== changed || rehashed !== changed) {
    throw new Error(`orders changed under the merge: ${inserted} of ${fresh} inserted with ${keys} keys, ${updated} of ${changed} updated`);
  }
  return { outcomes, repeated, membersCreated, looked };
}
