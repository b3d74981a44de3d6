import { recordActions } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import { settledOpeningLines } from "../ledger/model.ts";
import { postCollections } from "../ledger/sql.ts";
import { lockMoneyAccount } from "../money-accounts/sql.ts";
import { businessDateOf } from "../../shared/business-date.ts";
import { isSameOperator } from "../../shared/operator-names.ts";
import { requireReason } from "../../shared/reason.ts";
import { collectionDecided, collectionUnknown, makerIsChecker } from "./refusals.ts";
import { decideCollections, lockCollections, type Collection, type CollectionDecision } from "./sql.ts";

/**
 * Confirms recorded collections, all of them or none: from then on they count, booked on the present business date.
 * They pay the oldest bills of their merchants first.
 *
 * @throws refused, for the first that cannot be: `collection_unknown`, `collection_already_decided`, `maker_is_checker`
 */
export async function confirmCollections(
  context: Context,
  collectionNos: readonly string[],
): Promise<readonly Collection[]> {
  const [operator, postedAt] = [context.operator.name, context.clock()];
  const businessDate = businessDateOf(postedAt, context.zone);
  return inTransaction(
    context.db,
    async (tx) => {
      const waiting = await take(tx, context, collectionNos);
      // A first statement that comes meanwhile has to see what is confirmed, or the other way round.
      for (const account of new Set(
        waiting
          .filter(({ isOpening }) => isOpening)
          .map((one) => one.moneyAccount)
          .sort(),
      ))
        await lockMoneyAccount(tx, account);
      const own = waiting.find(({ recordedBy }) => isSameOperator(recordedBy, operator));
      if (own !== undefined) throw makerIsChecker(own);
      const decided = await decide(tx, context, collectionNos, {
        state: "confirmed",
        decidedBy: operator,
        decidedAt: postedAt,
        businessDate,
        reason: null,
      });
      const head = { businessDate, operator, postedAt };
      const these = tx`c.collection_no = ANY(${[...collectionNos]}::text[])`;
      await postCollections(tx, head, these);
      const isSettled = tx`c.is_opening AND EXISTS (SELECT FROM statements s WHERE s.money_account = c.money_account)`;
      await postCollections(tx, head, tx`${these} AND ${isSettled}`, settledOpeningLines);
      return decided;
    },
    context.ending,
  );
}

/**
 * Rejects recorded collections, all of them or none: they never count, and their references are free again. Whoever
 * recorded one may take it back so.
 *
 * @throws a usage error, `invalid_reason`; refused `collection_unknown`, `collection_already_decided`
 */
export async function rejectCollections(
  context: Context,
  collectionNos: readonly string[],
  reason: string,
): Promise<readonly Collection[]> {
  requireReason(reason);
  return inTransaction(
    context.db,
    async (tx) => {
      await take(tx, context, collectionNos);
      return decide(tx, context, collectionNos, {
        state: "rejected",
        decidedBy: context.operator.name,
        decidedAt: context.clock(),
        businessDate: null,
        reason,
      });
    },
    context.ending,
  );
}

/** Takes collections that wait for a decision, so that nobody else decides about them. */
async function take(
  tx: Transaction,
  { zone }: Context,
  collectionNos: readonly string[],
): Promise<readonly Collection[]> {
  const found = await lockCollections(tx, collectionNos);
  const numbers = new Set(found.map(({ collectionNo }) => collectionNo));
  const missing = collectionNos.find((collectionNo) => !numbers.has(collectionNo));
  if (missing !== undefined) throw collectionUnknown(missing);
  const past = found.find(({ state }) => state !== "recorded");
  if (past !== undefined) throw collectionDecided(past, zone);
  return found;
}

async function decide(
  tx: Transaction,
  context: Context,
  collectionNos: readonly string[],
  decision: CollectionDecision,
): Promise<readonly Collection[]> {
  const wanted = new Set(collectionNos);
  if ((await decideCollections(tx, [...wanted], decision)) !== wanted.size)
    throw new Error("a locked collection was decided by somebody else");
  const decided = await lockCollections(tx, [...wanted]);
  await recordActions(
    tx,
    context,
    decided.map(({ collectionNo, merchantCode }) => ({
      action: decision.state === "confirmed" ? "collection.confirm" : "collection.reject",
      subjectKind: "collection",
      subject: collectionNo,
      details: { merchant_code: merchantCode, ...(decision.reason === null ? {} : { reason: decision.reason }) },
    })),
  );
  return decided;
}
