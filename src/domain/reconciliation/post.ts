import type { Context } from "../../db/context.ts";
import type { Transaction } from "../../db/database.ts";
import { takeNumbers } from "../../db/numbers.ts";
import type { Row } from "../../db/rows.ts";
import { matchLines } from "../ledger/model.ts";
import { postCollections, postJournal } from "../ledger/sql.ts";
import { businessDateOf } from "../../shared/business-date.ts";
import { reconNoOf } from "./model.ts";
import { insertReconciliation, type FoundTotal } from "./sql.ts";

/** An act of matching before it has its number: what kind it is, who does it, when and why. */
export type ReconciliationHead = Omit<Row<"reconciliations">, "reconNo">;

export function reconciliationHead(
  { operator: { name: operator, host }, clock, zone }: Context,
  kind: ReconciliationHead["kind"],
  reason: string | null,
  proposalNo: string | null = null,
): ReconciliationHead {
  const at = clock();
  return { kind, operator, host, at, businessDate: businessDateOf(at, zone), reason, proposalNo };
}

/** Begins an act of matching: takes its number and writes it down. */
export async function beginReconciliation(tx: Transaction, head: ReconciliationHead): Promise<Row<"reconciliations">> {
  const one = { reconNo: reconNoOf(await takeNumbers(tx, "reconciliation")), ...head };
  await insertReconciliation(tx, one);
  return one;
}

/**
 * Posts what an act of matching moves out of suspense; with a sign of -1, back into it.
 *
 * @param totals what its matches come to, with the signs of their lines
 */
export async function postMatches(
  tx: Transaction,
  { reconNo, businessDate, operator, at }: Row<"reconciliations">,
  totals: readonly FoundTotal[],
  sign: 1n | -1n,
): Promise<void> {
  const lines = totals.flatMap(({ thing, moneyAccount, amountFen }) =>
    matchLines(thing, sign * amountFen, moneyAccount),
  );
  await postJournal(tx, { kind: "statement", documentNo: reconNo, businessDate, operator, postedAt: at }, lines);
}

/** Posts the collections that an act made of lines, and those that take others back. */
export const postCollected = (
  tx: Transaction,
  { reconNo, operator, at, businessDate }: Row<"reconciliations">,
): Promise<void> =>
  postCollections(
    tx,
    { businessDate, operator, postedAt: at },
    tx`
    c.line_id IS NOT NULL AND (c.collection_no IN (SELECT m.thing_no FROM line_matches m
      WHERE m.recon_no = ${reconNo} AND m.thing = 'collection')
      OR c.reverses IN (SELECT m.thing_no FROM line_matches m
        WHERE m.undone_by = ${reconNo} AND m.thing = 'collection'))`,
  );
