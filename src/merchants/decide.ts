import { recordAction } from "../db/audit.ts";
import type { Context } from "../db/context.ts";
import { inTransaction, type Ending } from "../db/database.ts";
import { CellProblem } from "../csv/problem.ts";
import { readTimestamp } from "../csv/timestamp.ts";
import { refusedError, usageError } from "../shared/errors.ts";
import { merchantUnknown, requireReason } from "./merchant-errors.ts";
import type { MerchantStatus } from "./model.ts";
import { activate, lockMerchant, suspend, type MerchantRow } from "./sql.ts";

/** A merchant whose status was changed. */
export interface DecidedMerchant {
  readonly merchant: MerchantRow;
  readonly was: MerchantStatus;
}

/**
 * Makes a pending or suspended merchant active.
 *
 * @throws a refusal: `merchant_unknown`, `merchant_already_active`
 */
export async function approveMerchant(context: Context, merchantCode: string, reason: string | undefined, ending: Ending): Promise<DecidedMerchant> {
  requireReason(reason);
  return inTransaction(context.db.sql, async (tx) => {
    const merchant = await lockMerchant(tx, merchantCode);
    if (merchant === undefined) throw merchantUnknown(merchantCode);
    if (!(await activate(tx, merchant.merchantId))) {
      throw refusedError("merchant_already_active", `merchant ${merchantCode} is active already`, {
        hint: `\`accrue merchant show ${merchantCode}\` says who approved it and when`,
        details: { merchant_code: merchantCode },
      });
    }
    await recordAction(tx, context, {
      action: "merchant.approve", subjectKind: "merchant", subject: merchantCode,
      details: {
        was: merchant.status,
        // The suspension leaves the merchant's row here: the record keeps since when it was.
        ...(merchant.suspendedAt === null ? {} : { suspended_at: merchant.suspendedAt.toISOString() }),
        ...(reason === undefined ? {} : { reason }),
      },
    });
    return { merchant: { ...merchant, status: "active", suspendedAt: null }, was: merchant.status };
  }, ending);
}

/**
 * Suspends a merchant: orders paid at or after `from` (now, when not given) are rejected at import.
 *
 * @param from a date (the start of that day) or a time; without an offset, in the platform's zone
 * @throws a usage error, `invalid_time`; a refusal: `merchant_unknown`, `merchant_already_suspended`
 */
export async function suspendMerchant(
  context: Context,
  merchantCode: string,
  { from, reason }: { readonly from?: string | undefined; readonly reason?: string | undefined },
  ending: Ending,
): Promise<DecidedMerchant> {
  requireReason(reason);
  const instant = from === undefined ? context.clock().toISOString() : readInstant(from, context.zone);
  return inTransaction(context.db.sql, async (tx) => {
    const merchant = await lockMerchant(tx, merchantCode);
    if (merchant === undefined) throw merchantUnknown(merchantCode);
    const suspendedAt = await suspend(tx, merchant.merchantId, instant);
    if (suspendedAt === undefined) {
      throw refusedError("merchant_already_suspended", `merchant ${merchantCode} is suspended already`, {
        hint: `to suspend it from another time, \`accrue merchant approve ${merchantCode}\` first`,
        details: { merchant_code: merchantCode, suspended_at: merchant.suspendedAt?.toISOString() ?? null },
      });
    }
    await recordAction(tx, context, {
      action: "merchant.suspend", subjectKind: "merchant", subject: merchantCode,
      details: { was: merchant.status, suspended_at: suspendedAt.toISOString(), ...(reason === undefined ? {} : { reason }) },
    });
    return { merchant: { ...merchant, status: "suspended", suspendedAt }, was: merchant.status };
  }, ending);
}

function readInstant(text: string, zone: string): string {
  const instant = readTimestamp(text, zone);
  if (!(instant instanceof CellProblem)) return instant;
  throw usageError("invalid_time", `--from ${instant.message}`, { hint: "write it like 2026-01-31 or '2026-01-31 18:00'" });
}
