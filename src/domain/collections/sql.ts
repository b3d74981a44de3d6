import type { Fragment, Sql, Transaction } from "../../db/database.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { PageQuery } from "../../shared/page.ts";
import type { Row } from "../../db/rows.ts";
import { where } from "../../db/where.ts";
import type { CollectionState } from "./model.ts";

/** Money that came from a merchant. */
export interface Collection extends Omit<Row<"collections">, "merchantId"> {
  readonly merchantCode: string;
  /** The collection that takes it back. */
  readonly reversedBy: string | null;
}

const collectionsWhere = (sql: Sql, condition: Fragment) => sql`
  SELECT c.*, s.merchant_code, (SELECT r.collection_no FROM collections r
    WHERE r.reverses = c.collection_no) AS reversed_by
  FROM collections c JOIN merchants s ON s.merchant_id = c.merchant_id WHERE ${condition}`;

/** The collection of a number, or undefined. */
export async function findCollection(sql: Sql, collectionNo: string): Promise<Collection | undefined> {
  const [row] = await sql<Collection[]>`${collectionsWhere(sql, sql`c.collection_no = ${collectionNo}`)}`;
  return row;
}

/** The collection that a reference stands for; one that was rejected leaves it free. */
export async function findByReference(sql: Sql, reference: string): Promise<Collection | undefined> {
  const [row] = await sql<
    Collection[]
  >`${collectionsWhere(sql, sql`c.reference = ${reference} AND c.state <> 'rejected'`)}`;
  return row;
}

/** What is written of a collection when it is recorded. */
export type NewCollection = Omit<
  Collection,
  | "merchantCode"
  | "lineId"
  | "reverses"
  | "reversedBy"
  | "state"
  | "decidedBy"
  | "decidedAt"
  | "reason"
  | "businessDate"
> & { readonly merchantId: bigint };

export async function insertCollection(tx: Transaction, one: NewCollection): Promise<void> {
  await tx`
    INSERT INTO collections (collection_no, merchant_id, money_account, amount_fen, received_on, reference, proof,
      is_opening, state, recorded_by, recorded_at)
    VALUES (${one.collectionNo}, ${one.merchantId}, ${one.moneyAccount}, ${one.amountFen}, ${one.receivedOn},
            ${one.reference}, ${one.proof}, ${one.isOpening}, 'recorded', ${one.recordedBy}, ${one.recordedAt})`;
}

/**
 * The collections of some numbers in their order, locked until the transaction ends: whoever decides about one takes it
 * first.
 */
export async function lockCollections(
  tx: Transaction,
  collectionNos: readonly string[],
): Promise<readonly Collection[]> {
  const named = tx`collection_no = ANY(${[...collectionNos]}::text[])`;
  await tx`SELECT 1 FROM collections WHERE ${named} ORDER BY collection_no FOR UPDATE`;
  return tx<Collection[]>`${collectionsWhere(tx, tx`c.${named}`)} ORDER BY c.collection_no`;
}

/** Who decides about collections, when, and how. */
export interface CollectionDecision {
  readonly state: Exclude<CollectionState, "recorded">;
  readonly decidedBy: string;
  readonly decidedAt: Date;
  readonly businessDate: BusinessDate | null;
  readonly reason: string | null;
}

/** Decides about recorded collections. Gives how many it was; what was decided before stays. */
export async function decideCollections(
  tx: Transaction,
  collectionNos: readonly string[],
  decision: CollectionDecision,
): Promise<number> {
  const { count } = await tx`
    UPDATE collections SET state = ${decision.state}, decided_by = ${decision.decidedBy},
      decided_at = ${decision.decidedAt}, business_date = ${decision.businessDate}, reason = ${decision.reason}
    WHERE collection_no = ANY(${[...collectionNos]}::text[]) AND state = 'recorded'`;
  return count;
}

/** What a list can be narrowed to. */
export interface CollectionFilter {
  readonly merchantCode?: string | undefined;
  readonly state?: CollectionState | undefined;
  readonly from?: BusinessDate | undefined;
  readonly to?: BusinessDate | undefined;
}

/** One page of collections, the newest first; `from` and `to` are dates on which money was received. */
export async function selectCollections(
  sql: Sql,
  { merchantCode, state, from, to }: CollectionFilter,
  page: PageQuery,
): Promise<readonly Collection[]> {
  const wanted = where(sql, [
    merchantCode !== undefined && sql`s.merchant_code = ${merchantCode}`,
    state !== undefined && sql`c.state = ${state}`,
    from !== undefined && sql`c.received_on >= ${from}`,
    to !== undefined && sql`c.received_on <= ${to}`,
    page.after !== undefined && sql`c.collection_no < ${page.after}`,
  ]);
  return sql<Collection[]>`${collectionsWhere(sql, wanted)} ORDER BY c.collection_no DESC LIMIT ${page.limit}`;
}
