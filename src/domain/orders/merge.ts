import type { Transaction } from "../../db/database.ts";
import type { MergeFacts } from "../../imports/kind.ts";
import { clearJudged, countOutcomes, insertNew, judgeStaged, updateKnown, writeFresh, type OrderOutcome } from "./import-sql.ts";
import { registerUnknownMembers } from "./unknown-members.ts";

/** What became of the staged orders of a pass; `looked` is what was read of the judged ones. */
export interface MergedPass<Looked> {
  readonly outcomes: ReadonlyMap<OrderOutcome, number>;
  /** Rows that say what is known, word for word: they are not among the outcomes. */
  readonly repeated: number;
  readonly membersCreated: number;
  readonly looked: Looked;
}

/** How many orders are buffered at most: enough that a page of a table of a hundred million takes several of them at once. */
const defaultMostBuffered = 1_000_000;

/** The merge of one file of orders, pass by pass. New orders are buffered, and written many at once; `finish` writes the last of them. */
export class OrderMerge {
  readonly #createsMembers: boolean;
  readonly #mostBuffered: number;
  #buffered = 0;

  /** @param createsMembers whether members that orders name and nobody knows are registered first */
  constructor(createsMembers: boolean, mostBuffered = defaultMostBuffered) {
    this.#createsMembers = createsMembers;
    this.#mostBuffered = mostBuffered;
  }

  /**
   * Judges the staged orders of a pass and merges them. The statements behind the judgement are sent at once, and the server
   * works through them while this process parses: waiting for each answer would leave the server idle whenever a row is being
   * read here.
   *
   * @param look sends the statements that read the judged orders, before they are cleared away
   */
  async mergePass<Looked>(tx: Transaction, pass: number, facts: MergeFacts, look: () => Promise<Looked>): Promise<MergedPass<Looked>> {
    const membersCreated = this.#createsMembers ? await registerUnknownMembers(tx, pass, facts) : 0;
    const repeated = await this.#judge(tx, pass, facts);
    const [[keys, inserted], [updated, rehashed], outcomes, looked] = await Promise.all([
      insertNew(tx, facts),
      updateKnown(tx, facts),
      countOutcomes(tx),
      look(),
      clearJudged(tx),
    ]);
    const [fresh = 0, changed = 0] = [outcomes.get("new"), outcomes.get("updated")];
    if (keys !== fresh || inserted !== fresh || updated !== changed || rehashed !== changed) {
      throw new Error(`orders changed under the merge: ${inserted} of ${fresh} buffered with ${keys} keys, ${updated} of ${changed} updated`);
    }
    this.#buffered += fresh;
    if (this.#buffered >= this.#mostBuffered) await this.finish(tx, facts);
    return { outcomes, repeated, membersCreated, looked };
  }

  /** How many orders are buffered now. */
  get buffered(): number {
    return this.#buffered;
  }

  /** Writes the orders that are still buffered. */
  async finish(tx: Transaction, { importId }: MergeFacts): Promise<void> {
    if (this.#buffered === 0) return;
    const written = await writeFresh(tx, importId);
    if (written !== this.#buffered) throw new Error(`orders changed under the merge: ${written} of ${this.#buffered} written`);
    this.#buffered = 0;
  }

  /** Judges the pass, against orders that were buffered as well; gives the number of rows that say what is known. */
  async #judge(tx: Transaction, pass: number, facts: MergeFacts): Promise<number> {
    const { repeated, revised } = await judgeStaged(tx, pass, facts);
    if (revised === 0 || this.#buffered === 0) return repeated;
    await this.finish(tx, facts);
    await clearJudged(tx);
    return (await judgeStaged(tx, pass, facts)).repeated;
  }
}
