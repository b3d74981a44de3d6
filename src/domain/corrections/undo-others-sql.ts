import type { Fragment, Transaction } from "../../db/database.ts";

/** What of other kinds an import brought; each is a table of its own, named `undone_…`. */
export type OtherThing =
  "members" | "merchants" | "products" | "member_aliases" | "merchant_aliases" | "order_evidence";

/** Whether anybody but the import itself did something about a subject; seeing it in full does not count. */
const touched = (tx: Transaction, importId: bigint, kind: string, subject: Fragment) => tx`
  EXISTS (SELECT FROM operator_actions a WHERE a.subject_kind = ${kind} AND a.subject = ${subject}
    AND a.action NOT LIKE '%.reveal' AND a.details->'import_id' IS DISTINCT FROM to_jsonb(${importId}::bigint))`;

/**
 * A query for what an import brought of a thing: its key, the name that people call it by, and why it cannot be taken
 * back, which is null where it can. `undone_orders` says which orders go with it.
 */
function judgement(tx: Transaction, thing: OtherThing, importId: bigint): Fragment {
  const has = (table: string) => tx`EXISTS (SELECT FROM ${tx(table)} x WHERE x.member_id = m.member_id)`;
  const judgements: Readonly<Record<OtherThing, () => Fragment>> = {
    members: () => tx`
      SELECT m.member_id AS id, m.member_no AS name, CASE
          WHEN EXISTS (SELECT FROM orders o WHERE o.member_id = m.member_id AND NOT EXISTS (SELECT FROM undone_orders d
            WHERE d.order_id = o.order_id AND d.reason IS NULL AND d.is_brought AND NOT d.is_settled)) THEN 'has_orders'
          WHEN ${has("points_entries")} OR ${has("carried_points")} THEN 'has_points'
          WHEN ${has("payout_accounts")} THEN 'has_accounts'
          WHEN EXISTS (SELECT FROM member_aliases x
            WHERE x.member_id = m.member_id AND x.import_id IS DISTINCT FROM m.import_id) THEN 'has_aliases'
          WHEN ${touched(tx, importId, "member", tx`m.member_no`)} OR m.has_password THEN 'touched_later'
        END AS reason
      FROM masked_members m WHERE m.import_id = ${importId}`,
    merchants: () => tx`
      SELECT m.merchant_id AS id, m.merchant_code AS name, CASE
          WHEN m.merchant_id IN (SELECT merchant_id FROM orders UNION SELECT merchant_id FROM carried_entries)
          THEN 'has_orders'
          WHEN EXISTS (SELECT FROM products x WHERE x.merchant_id = m.merchant_id) THEN 'has_products'
          WHEN EXISTS (SELECT FROM merchant_aliases x WHERE x.merchant_id = m.merchant_id) THEN 'has_aliases'
          WHEN EXISTS (SELECT FROM collections x WHERE x.merchant_id = m.merchant_id) THEN 'has_collections'
          WHEN ${touched(tx, importId, "merchant", tx`m.merchant_code`)} THEN 'touched_later'
        END AS reason
      FROM merchants m WHERE m.import_id = ${importId}`,
    products: () => tx`
      SELECT p.merchant_id AS id, m.merchant_code || ' ' || p.sku AS name, NULL::text AS reason
      FROM products p JOIN merchants m ON m.merchant_id = p.merchant_id WHERE p.import_id = ${importId}`,
    member_aliases: () => tx`
      SELECT a.member_id AS id, a.alias || '@' || a.source AS name, NULL::text AS reason
      FROM member_aliases a WHERE a.import_id = ${importId}`,
    merchant_aliases: () => tx`
      SELECT a.merchant_id AS id, a.alias || '@' || a.source AS name, NULL::text AS reason
      FROM merchant_aliases a WHERE a.import_id = ${importId}`,
    order_evidence: () => tx`
      SELECT e.line::bigint AS id, e.payment_no || '@' || e.channel AS name, CASE WHEN EXISTS (
          SELECT FROM order_keys k WHERE k.order_no = e.order_no AND k.source = e.source
            AND (EXISTS (SELECT FROM points_entries g WHERE g.member_id = k.member_id AND g.ref_id = k.order_id)
              OR NOT EXISTS (SELECT FROM orders o WHERE o.member_id = k.member_id AND o.order_id = k.order_id)))
          AND EXISTS (SELECT FROM policies WHERE grant_evidence = 'required') THEN 'order_granted' END AS reason
      FROM order_evidence e WHERE e.import_id = ${importId}`,
  };
  return judgements[thing]();
}

/** The table of what was judged. */
export const judgedTable = (tx: Transaction, thing: OtherThing): Fragment => tx`${tx(`undone_${thing}`)}`;

/** Judges what an import brought of a thing. */
export async function judgeOthers(tx: Transaction, thing: OtherThing, importId: bigint): Promise<void> {
  await tx`
    CREATE TEMP TABLE ${judgedTable(tx, thing)} (id bigint, name text, reason text) ON COMMIT DROP`;
  await tx`INSERT INTO ${judgedTable(tx, thing)} ${judgement(tx, thing, importId)}`;
  await tx`ANALYZE ${judgedTable(tx, thing)}`;
}

/** Deletes what can be taken back of a thing. @returns how many */
export async function deleteOthers(tx: Transaction, thing: OtherThing, importId: bigint): Promise<number> {
  const taken = tx`(SELECT id FROM ${judgedTable(tx, thing)} WHERE reason IS NULL)`;
  const parts: Readonly<Record<OtherThing, () => readonly Fragment[]>> = {
    members: () => [
      tx`DELETE FROM member_aliases WHERE member_id IN ${taken}`,
      tx`DELETE FROM member_contacts WHERE member_id IN ${taken}`,
      tx`DELETE FROM members WHERE member_id IN ${taken}`,
      tx`DELETE FROM balances WHERE member_id IN ${taken}`,
      tx`DELETE FROM member_numbers WHERE member_id IN ${taken}`,
    ],
    merchants: () => [
      tx`DELETE FROM contribution_rates WHERE merchant_id IN ${taken}`,
      tx`DELETE FROM merchants WHERE merchant_id IN ${taken}`,
    ],
    products: () => [tx`DELETE FROM products WHERE import_id = ${importId}`],
    member_aliases: () => [tx`DELETE FROM member_aliases WHERE import_id = ${importId}`],
    merchant_aliases: () => [tx`DELETE FROM merchant_aliases WHERE import_id = ${importId}`],
    order_evidence: () => [tx`DELETE FROM order_evidence WHERE import_id = ${importId} AND line IN ${taken}`],
  };
  const counts: number[] = [];
  for (const part of parts[thing]()) counts.push((await part).count);
  return counts.at(-1)!;
}
