import { send, type Transaction } from "../../db/database.ts";
import { checkingKeysByOnePlan, joiningByIndex } from "../../db/planner.ts";
import type { MergeFacts } from "../../imports/kind.ts";

/** Judges the staged rows against what is stored. */
export function judgeStaged(tx: Transaction): Promise<unknown> {
  return send(tx`
    INSERT INTO judged_products
    SELECT s.record,
      CASE
        WHEN m.merchant_id IS NULL THEN 'unknown_merchant'
        WHEN p.sku IS NOT NULL THEN
          CASE WHEN coalesce(s.name = p.name, true) AND coalesce(s.price_fen = p.price_fen, true) THEN 'duplicate'
            ELSE 'updated' END
        WHEN s.name IS NULL THEN 'name_missing'
        WHEN s.price_fen IS NULL THEN 'price_missing'
        ELSE 'new'
      END,
      NULL, m.merchant_id, s.sku, coalesce(s.name, p.name), coalesce(s.price_fen, p.price_fen)
    FROM staged_products s
    LEFT JOIN LATERAL (SELECT t.merchant_id FROM merchants t WHERE t.merchant_code = s.merchant_code LIMIT 1) m ON true
    LEFT JOIN LATERAL (SELECT t.* FROM products t WHERE t.merchant_id = m.merchant_id AND t.sku = s.sku LIMIT 1) p
      ON true`);
}

/** Writes the new products. Only imports write products, one at a time, so none can be there meanwhile. */
export async function insertNew(tx: Transaction, { importId }: MergeFacts): Promise<number> {
  const { count } = await checkingKeysByOnePlan(tx, () =>
    send(tx`
    INSERT INTO products (merchant_id, sku, name, price_fen, import_id)
    SELECT merchant_id, sku, name, price_fen, ${importId} FROM judged_products WHERE outcome = 'new'`),
  );
  return count;
}

/** Gives known products their new names and prices, and the import that brought them. */
export async function updateKnown(tx: Transaction, { importId }: MergeFacts): Promise<number> {
  const { count } = await joiningByIndex(tx, () =>
    send(tx`
      UPDATE products p SET name = j.name, price_fen = j.price_fen, import_id = ${importId}
      FROM judged_products j WHERE j.outcome = 'updated' AND p.merchant_id = j.merchant_id AND p.sku = j.sku`),
  );
  return count;
}
