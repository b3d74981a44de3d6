import type { Context } from "../../db/context.ts";
import type { Transaction } from "../../db/database.ts";
import { takeNumbers } from "../../db/numbers.ts";
import type { Row } from "../../db/rows.ts";
import { matchLines } from "../ledger/model.ts";
import { postJournal } from "../ledger/sql.ts";
import { businessDateOf } from "../../shared/business-date.ts";
import { reconNoOf } from "./model.ts";
import { insertReconciliation, type FoundTotal } from "./sql.ts";

/** Begins an act of matching: takes its number and writes it down. */
export async function beginReconciliation(
  tx: Transaction,
  { operator: { name: operator, host }, clock, zone }: Context,
  kind: Row<"reconciliations">["kind"],
  reason: string | null,
): Promise<Row<"reconciliations">> {
  const at = clock();
  const one = {
    reconNo: reconNoOf(await takeNumbers(tx, "reconciliation")),
    kind,
    operator,
    host,
    at,
    businessDate: businessDateOf(at, zone),
    reason,
  };
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
