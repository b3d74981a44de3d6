import { send, type Transaction } from "../../db/database.ts";
import { checkingKeysByOnePlan, joiningByIndex } from "../../db/planner.ts";
import type { MergeFacts } from "../../imports/kind.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import type { MerchantStatus } from "./model.ts";

/** What the merge decided for a staged row. */
export type MerchantOutcome = "new" | "updated" | "duplicate" | "name_missing" | "rate_in_closed_date";

export async function createStaging(tx: Transaction): Promise<void> {
  await tx`
    CREATE TEMP TABLE staged_merchants (
      record integer, line integer, pass integer, merchant_id bigint DEFAULT nextval('id_seq'),
      merchant_code text, name text, contact text, contribution_bps integer
    ) ON COMMIT DROP`;
  await tx`
    CREATE TEMP TABLE judged_merchants (
      record integer, outcome text, merchant_id bigint, merchant_code text, name text, contact text, contribution_bps integer,
      stored_name text, stored_contact text, stored_bps integer
    ) ON COMMIT DROP`;
}

/**
 * Judges the staged rows of one pass against what is stored; a rate against the merchant's own rate in force today.
 *
 * @param isClosed whether today takes no further entries: then no other rate can count from it
 */
export function judgeStaged(tx: Transaction, pass: number, today: BusinessDate, isClosed: boolean): Promise<unknown> {
  return send(tx`
    INSERT INTO judged_merchants
    SELECT s.record,
      CASE
        WHEN m.merchant_id IS NULL THEN CASE WHEN s.name IS NULL THEN 'name_missing' ELSE 'new' END
        WHEN coalesce(s.name = m.name, true) AND coalesce(s.contact = m.contact, s.contact IS NULL)
          AND coalesce(s.contribution_bps = r.contribution_bps, s.contribution_bps IS NULL) THEN 'duplicate'
        WHEN ${isClosed} AND s.contribution_bps IS NOT NULL AND s.contribution_bps IS DISTINCT FROM r.contribution_bps
          THEN 'rate_in_closed_date'
        ELSE 'updated'
      END,
      coalesce(m.merchant_id, s.merchant_id), s.merchant_code, coalesce(s.name, m.name), coalesce(s.contact, m.contact), s.contribution_bps,
      m.name, m.contact, r.contribution_bps
    FROM staged_merchants s
    LEFT JOIN LATERAL (SELECT t.* FROM merchants t WHERE t.merchant_code = s.merchant_code LIMIT 1) m ON true
    LEFT JOIN LATERAL (
      SELECT c.contribution_bps FROM contribution_rates c
      WHERE c.merchant_id = m.merchant_id AND c.effective_from <= (${today}::text)::date ORDER BY c.effective_from DESC, c.revision DESC LIMIT 1
    ) r ON true
    WHERE s.pass = ${pass}`);
}

/** Makes room for the next pass. */
export function clearJudged(tx: Transaction): Promise<unknown> {
  return send(tx`TRUNCATE judged_merchants`);
}

/**
 * Writes the new merchants, and their rates from the beginning of time. Rates look nothing up: each that goes in has its
 * merchant looked up by the foreign key already. Was a code taken meanwhile, none goes in, and the import is off.
 *
 * @returns how many codes were still free
 */
export async function insertNew(tx: Transaction, { importId, operator, now }: MergeFacts, status: MerchantStatus, from: BusinessDate): Promise<number> {
  const [row] = await checkingKeysByOnePlan(tx, () => send(tx<{ inserted: number }[]>`
    WITH inserted AS (
      INSERT INTO merchants (merchant_id, merchant_code, name, contact, status, import_id, registered_by, registered_at)
      SELECT merchant_id, merchant_code, name, contact, ${status}, ${importId}, ${operator}, ${now}
      FROM judged_merchants WHERE outcome = 'new'
      ON CONFLICT (merchant_code) DO NOTHING RETURNING 1
    ), rated AS (
      INSERT INTO contribution_rates (merchant_id, effective_from, contribution_bps, set_by, set_at)
      SELECT merchant_id, (${from}::text)::date, contribution_bps, ${operator}, ${now}
      FROM judged_merchants WHERE outcome = 'new' AND contribution_bps IS NOT NULL
        AND (SELECT count(*) FROM inserted) = (SELECT count(*) FROM judged_merchants WHERE outcome = 'new')
    )
    SELECT count(*)::integer AS inserted FROM inserted`));
  return row!.inserted;
}

/** Updates known merchants, each on the condition that it still is what it was judged by; a changed rate counts from today. */
export async function updateKnown(tx: Transaction, { operator, now }: MergeFacts, today: BusinessDate): Promise<number> {
  const [{ count }] = await Promise.all([
    joiningByIndex(tx, () => send(tx`
      UPDATE merchants m SET name = j.name, contact = j.contact
      FROM judged_merchants j
      WHERE j.outcome = 'updated' AND m.merchant_id = j.merchant_id AND m.name = j.stored_name AND m.contact IS NOT DISTINCT FROM j.stored_contact`)),
    checkingKeysByOnePlan(tx, () => send(tx`
      INSERT INTO contribution_rates (merchant_id, effective_from, contribution_bps, set_by, set_at, revision)
      SELECT merchant_id, (${today}::text)::date, contribution_bps, ${operator}, ${now},
        (SELECT coalesce(max(c.revision), 0) + 1 FROM contribution_rates c WHERE c.merchant_id = j.merchant_id AND c.effective_from = (${today}::text)::date)
      FROM judged_merchants j WHERE outcome = 'updated' AND contribution_bps IS DISTINCT FROM stored_bps AND contribution_bps IS NOT NULL`)),
  ]);
  return count;
}

/** What an import changed of a known merchant: the new values that differ, and the rate that was in force. */
export interface UpdatedMerchant {
  readonly merchantCode: string;
  readonly isNameChanged: boolean;
  readonly isContactChanged: boolean;
  readonly contributionBps: number | null;
  readonly storedBps: number | null;
}

export function updatedRows(tx: Transaction): Promise<readonly UpdatedMerchant[]> {
  return send(tx<UpdatedMerchant[]>`
    SELECT merchant_code, name <> stored_name AS is_name_changed, contact IS DISTINCT FROM stored_contact AS is_contact_changed,
           contribution_bps, stored_bps
    FROM judged_merchants WHERE outcome = 'updated' ORDER BY record`);
}

/** How many rows of the pass came to which outcome. */
export async function countOutcomes(tx: Transaction): Promise<ReadonlyMap<MerchantOutcome, number>> {
  const rows = await send(tx<{ outcome: MerchantOutcome; rows: number }[]>`
    SELECT outcome, count(*)::integer AS rows FROM judged_merchants GROUP BY outcome`);
  return new Map(rows.map(({ outcome, rows }) => [outcome, rows]));
}

/** Why a row is not taken. */
export type MerchantRefusal = Exclude<MerchantOutcome, "new" | "updated" | "duplicate">;

export interface RejectedMerchant {
  readonly record: number;
  readonly outcome: MerchantRefusal;
}

/** The rows that are not taken, and why. */
export function rejectedRows(tx: Transaction): Promise<readonly RejectedMerchant[]> {
  return send(tx<RejectedMerchant[]>`
    SELECT record, outcome FROM judged_merchants WHERE outcome NOT IN ('new', 'updated', 'duplicate') ORDER BY record`);
}
