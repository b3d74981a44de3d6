import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Fragment } from "../../db/database.ts";
import { tuneBulk } from "../../db/planner.ts";
import { openBills, takeMatchingTurn } from "../billing/account-sql.ts";
import type { Thing } from "./model.ts";
import { gatherPayingMerchants } from "./bill-rules-sql.ts";
import { madeCollections, type MadeCollection } from "./collect-sql.ts";
import { beginReconciliation, postCollected, postMatches, reconciliationHead } from "./post.ts";
import { applyRule, gatherOpenLines, noteDifferences, ruleVersions } from "./rules-sql.ts";
import { carryOut, totalsOf, type FoundTotal } from "./sql.ts";

/** What a run came to. */
export interface Reconciled {
  /** Undefined where nothing could be matched. */
  readonly reconNo: string | undefined;
  /** How many lines were open before. */
  readonly openLines: number;
  readonly totals: readonly FoundTotal[];
  /** The first collections that it made of lines; each says how many there are. */
  readonly made: readonly MadeCollection[];
  /** How many lines say otherwise than before what differs. */
  readonly differ: number;
}

/** How many collections a run names. */
const namedCollections = 100;

/**
 * Matches open lines with what is expected, by the rules in their order, and posts what that moves. In a few
 * statements, whatever the number of lines. What cannot be matched stays open, and what differs is noted. Repeating it
 * changes nothing.
 */
export async function reconcile(context: Context): Promise<Reconciled> {
  return inTransaction(
    context.db,
    async (tx) => {
      await takeMatchingTurn(tx);
      await tuneBulk(tx);
      const openLines = await gatherOpenLines(tx);
      const bills = (await gatherPayingMerchants(tx)) ? (merchants: Fragment) => openBills(tx, merchants) : undefined;
      const head = reconciliationHead(context, "run", null);
      for (const rule of await ruleVersions(tx)) if (rule.isOn) await applyRule(tx, rule, head, bills);
      const differ = await noteDifferences(tx, bills);
      const totals = await totalsOf(tx, tx`found_matches`);
      if (totals.length === 0) return { reconNo: undefined, openLines, totals, made: [], differ };
      const recon = await beginReconciliation(tx, head);
      await carryOut(tx, recon.reconNo);
      await postCollected(tx, recon);
      await postMatches(tx, recon, totals, 1n);
      await recordAction(tx, context, {
        action: "recon.run",
        subjectKind: "reconciliation",
        subject: recon.reconNo,
        details: Object.fromEntries(sumsByThing(totals)),
      });
      const made = await madeCollections(tx, namedCollections);
      return { reconNo: recon.reconNo, openLines, totals, made, differ };
    },
    context.ending,
  );
}

/** How many matches there are of each thing. */
export const sumsByThing = (totals: readonly FoundTotal[]): readonly (readonly [Thing, number])[] =>
  (["payout", "collection", "fee"] as const).map(
    (thing) =>
      [
        thing,
        totals.filter((one) => one.thing === thing).reduce((sum, { matches }) => sum + Number(matches), 0),
      ] as const,
  );
