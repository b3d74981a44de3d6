import { send, type Transaction } from "../../db/database.ts";
import { checkingKeysByOnePlan, joiningByIndex } from "../../db/planner.ts";
import type { MergeFacts } from "../../imports/kind.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import { beginningOfTime, type MerchantStatus } from "./model.ts";

/**
 * Judges the staged rows against what is stored; a rate against the merchant's own rate in force today, and a new
 * merchant's against the bounds of today's policy.
 */
export function judgeStaged(tx: Transaction, today: BusinessDate): Promise<unknown> {
  return send(tx`
    INSERT INTO judged_merchants
    SELECT s.record,
      CASE
        WHEN m.merchant_id IS NULL THEN CASE WHEN s.name IS NULL THEN 'name_missing'
          WHEN s.contribution_bps NOT BETWEEN p.least AND p.most THEN 'rate_out_of_bounds' ELSE 'new' END
        WHEN coalesce(s.name = m.name, true) AND coalesce(s.contact = m.contact, s.contact IS NULL)
          AND coalesce(s.contribution_bps = r.contribution_bps, s.contribution_bps IS NULL) THEN 'duplicate'
        WHEN s.contribution_bps IS NOT NULL AND s.contribution_bps IS DISTINCT FROM r.contribution_bps
        THEN 'rate_needs_approval'
        ELSE 'updated'
      END,
      CASE WHEN m.merchant_id IS NULL THEN trim_scale(p.least / 100.0) || '% to ' || trim_scale(p.most / 100.0) || '%'
        ELSE s.merchant_code || ' ' || trim_scale(s.contribution_bps / 100.0) || '%' END,
      coalesce(m.merchant_id, s.merchant_id), s.merchant_code, coalesce(s.name, m.name), coalesce(s.contact, m.contact),
      s.contribution_bps, m.name, m.contact, r.contribution_bps
    FROM staged_merchants s
    LEFT JOIN LATERAL (SELECT t.* FROM merchants t WHERE t.merchant_code = s.merchant_code LIMIT 1) m ON true
    LEFT JOIN LATERAL (
      SELECT c.contribution_bps FROM contribution_rates c
      WHERE c.merchant_id = m.merchant_id AND c.effective_from <= (${today}::text)::date
      ORDER BY c.effective_from DESC, c.revision DESC LIMIT 1
    ) r ON true
    CROSS JOIN (
      SELECT coalesce(min_contribution_bps, 0) AS least, coalesce(max_contribution_bps, 10000) AS most FROM policies
      WHERE effective_from <= (${today}::text)::date ORDER BY effective_from DESC, revision DESC LIMIT 1
    ) p`);
}

/**
 * Writes the new merchants, and their rates from the beginning of time. Rates look nothing up: each that goes in has
 * its merchant looked up by the foreign key already. Was a code taken meanwhile, none goes in, and the import is off.
 *
 * @returns how many codes were still free
 */
export async function insertNew(
  tx: Transaction,
  { importId, operator, now }: MergeFacts,
  status: MerchantStatus,
): Promise<number> {
  const [row] = await checkingKeysByOnePlan(tx, () =>
    send(tx<{ inserted: number }[]>`
    WITH inserted AS (
      INSERT INTO merchants (merchant_id, merchant_code, name, contact, status, import_id, registered_by, registered_at)
      SELECT merchant_id, merchant_code, name, contact, ${status}, ${importId}, ${operator}, ${now}
      FROM judged_merchants WHERE outcome = 'new'
      ON CONFLICT (merchant_code) DO NOTHING RETURNING 1
    ), rated AS (
      INSERT INTO contribution_rates (merchant_id, effective_from, contribution_bps, set_by, set_at)
      SELECT merchant_id, (${beginningOfTime}::text)::date, contribution_bps, ${operator}, ${now}
      FROM judged_merchants WHERE outcome = 'new' AND contribution_bps IS NOT NULL
        AND (SELECT count(*) FROM inserted) = (SELECT count(*) FROM judged_merchants WHERE outcome = 'new')
    )
    SELECT count(*)::integer AS inserted FROM inserted`),
  );
  return row!.inserted;
}

/**
 * Updates known merchants, each on the condition that it still is what it was judged by. Records what changed of whom.
 */
export async function updateKnown(tx: Transaction, { importId, operator, host }: MergeFacts): Promise<number> {
  const [{ count }] = await Promise.all([
    joiningByIndex(tx, () =>
      send(tx`
      UPDATE merchants m SET name = j.name, contact = j.contact
      FROM judged_merchants j
      WHERE j.outcome = 'updated' AND m.merchant_id = j.merchant_id AND m.name = j.stored_name
        AND m.contact IS NOT DISTINCT FROM j.stored_contact`),
    ),
    send(tx`
      INSERT INTO operator_actions (action_id, operator, host, identity, action, subject_kind, subject, details)
      SELECT nextval('action_id_seq'), ${operator}, ${host}, (SELECT session_identity()), 'merchant.update', 'merchant',
        merchant_code, jsonb_build_object('import_id', ${importId}::bigint, 'changed', concat_ws(' ',
          CASE WHEN name <> stored_name THEN 'name' END,
          CASE WHEN contact IS DISTINCT FROM stored_contact THEN 'contact' END))
      FROM judged_merchants WHERE outcome = 'updated' ORDER BY record`),
  ]);
  return count;
}
