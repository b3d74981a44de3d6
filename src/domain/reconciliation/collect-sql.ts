import { send, type Transaction } from "../../db/database.ts";
import { numberTextOf, takeNumbers } from "../../db/numbers.ts";
import { checkingKeysByOnePlan } from "../../db/planner.ts";
import type { Row } from "../../db/rows.ts";

/** Who makes collections of lines, and when. */
export type Collecting = Pick<Row<"reconciliations">, "operator" | "at" | "businessDate">;

/**
 * Makes a collection of each claim in `claimed_money`, confirmed by the line that shows its money, and puts its match
 * into `found_matches`.
 *
 * @param rule by which the lines were claimed; null by hand
 */
export async function collectClaimed(
  tx: Transaction,
  { operator, at, businessDate }: Collecting,
  rule: string | null,
): Promise<number> {
  const [row] = await tx<{ claims: number }[]>`SELECT count(*)::integer AS claims FROM claimed_money`;
  const { claims } = row!;
  if (claims === 0) return 0;
  const numberBefore = (await takeNumbers(tx, "collection", claims)) - 1n;
  await checkingKeysByOnePlan(tx, () =>
    send(tx`
    WITH numbered AS MATERIALIZED (
      SELECT c.*, ${numberTextOf(
        tx,
        "C",
        tx`${numberBefore}::bigint + row_number() OVER (ORDER BY c.line_id,
        c.merchant_id)`,
      )} AS collection_no
      FROM claimed_money c
    ), made AS (
      INSERT INTO collections (collection_no, merchant_id, money_account, amount_fen, received_on, reference, proof,
        is_opening, line_id, state, recorded_by, recorded_at, decided_by, decided_at, business_date)
      SELECT n.collection_no, n.merchant_id, l.money_account, n.amount_fen, l.business_date,
        ${numberTextOf(tx, "L", tx`l.line_id`)}, 'import ' || l.import_id, false, l.line_id, 'confirmed',
          ${operator}::text, ${at}::timestamptz, ${operator}::text, ${at}::timestamptz, ${businessDate}::date
      FROM numbered n JOIN statement_lines l ON l.line_id = n.line_id
    )
    INSERT INTO found_matches (line_id, thing, thing_no, amount_fen, rule)
    SELECT line_id, 'collection', collection_no, amount_fen, ${rule}::text FROM numbered`),
  );
  await tx`TRUNCATE claimed_money`;
  return claims;
}

/** Takes back the collections that were made of lines whose matches an act took back: each by another below zero. */
export async function insertReversals(
  tx: Transaction,
  { reconNo, operator, at, businessDate }: Collecting & Pick<Row<"reconciliations">, "reconNo">,
): Promise<void> {
  const undone = tx`SELECT c.* FROM line_matches m JOIN collections c ON c.collection_no = m.thing_no
    WHERE m.undone_by = ${reconNo} AND m.thing = 'collection' AND c.line_id IS NOT NULL`;
  const [row] = await tx<{ collections: number }[]>`SELECT count(*)::integer AS collections FROM (${undone}) c`;
  const { collections } = row!;
  if (collections === 0) return;
  const numberBefore = (await takeNumbers(tx, "collection", collections)) - 1n;
  await tx`
    INSERT INTO collections (collection_no, merchant_id, money_account, amount_fen, received_on, reference, proof,
      is_opening, line_id, reverses, state, recorded_by, recorded_at, decided_by, decided_at, business_date)
    SELECT ${numberTextOf(tx, "C", tx`${numberBefore}::bigint + row_number() OVER (ORDER BY c.collection_no)`)},
      c.merchant_id, c.money_account, -c.amount_fen, c.received_on, c.reference, ${reconNo}::text, false, c.line_id,
      c.collection_no, 'confirmed', ${operator}, ${at}, ${operator}, ${at}, ${businessDate}::date
    FROM (${undone}) c`;
}

/**
 * Takes a collection back that was recorded by hand and that no statement will show: by another one below zero.
 *
 * @param maker who proposed it; whoever acts agreed
 * @returns the number of the other one
 */
export async function insertVoidReversal(
  tx: Transaction,
  { reconNo, operator, at, businessDate }: Collecting & Pick<Row<"reconciliations">, "reconNo">,
  collectionNo: string,
  maker: string,
): Promise<string> {
  const number = await takeNumbers(tx, "collection");
  const [row] = await tx<{ collectionNo: string }[]>`
    INSERT INTO collections (collection_no, merchant_id, money_account, amount_fen, received_on, reference, proof,
      is_opening, reverses, state, recorded_by, recorded_at, decided_by, decided_at, business_date)
    SELECT ${numberTextOf(tx, "C", tx`${number}::bigint`)}, merchant_id, money_account, -amount_fen, received_on, reference, ${reconNo}::text, false,
      collection_no, 'confirmed', ${maker}, ${at}::timestamptz, ${operator}, ${at}::timestamptz, ${businessDate}::date
    FROM collections WHERE collection_no = ${collectionNo}
    RETURNING collection_no`;
  return row!.collectionNo;
}

/** A collection that a run made of a line. */
export interface MadeCollection extends Row<"collections", "collectionNo" | "amountFen"> {
  readonly lineId: bigint;
  readonly merchantCode: string;
  readonly rule: string;
  /** How many the run made. */
  readonly made: bigint;
}

/** The first collections that were made of lines for `found_matches`. */
export const madeCollections = (tx: Transaction, limit: number): Promise<readonly MadeCollection[]> => tx<
  MadeCollection[]
>`
  SELECT c.collection_no, c.line_id, s.merchant_code, c.amount_fen, f.rule, count(*) OVER () AS made
  FROM found_matches f JOIN collections c ON c.collection_no = f.thing_no
  JOIN merchants s ON s.merchant_id = c.merchant_id
  WHERE f.thing = 'collection' AND c.line_id IS NOT NULL ORDER BY c.collection_no LIMIT ${limit}`;
