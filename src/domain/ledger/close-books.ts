import type { Transaction } from "../../db/database.ts";
import type { BusinessDate } from "../../shared/business-date.ts";
import { hasEvidence, isEvidenceKept } from "../evidence/verdict-sql.ts";
import { policyOn } from "../policies/sql.ts";
import { closeContributions } from "./contributions-sql.ts";
import { closeAccounts } from "./totals-sql.ts";

/**
 * Records what stands at the end of a date that has just been closed: the control accounts with what is beside them, and
 * what each merchant's orders contributed.
 */
export async function closeBooks(tx: Transaction, date: BusinessDate, runId: bigint): Promise<void> {
  await closeAccounts(tx, date, runId, (await policyOn(tx, date)).pointsBps);
  await closeContributions(tx, date, runId, (await isEvidenceKept(tx)) ? hasEvidence(tx) : undefined);
}
