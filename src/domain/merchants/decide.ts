import { recordAction } from "../../db/audit.ts";
import type { Context } from "../../db/context.ts";
import { inTransaction } from "../../db/database.ts";
import { CellProblem } from "../../csv/problem.ts";
import { readTimestamp } from "../../csv/timestamp.ts";
import { refusedError, usageError } from "../../shared/errors.ts";
import { requireReason } from "../../shared/reason.ts";
import { merchantUnknown } from "./merchant-errors.ts";
import type { MerchantStatus } from "./model.ts";
import { activate, isSuspendedFrom, lockMerchant, suspend, type MerchantRow } from "./sql.ts";

/** A merchant whose status was to be changed. */
export interface DecidedMerchant {
  readonly merchant: MerchantRow;
  readonly was: MerchantStatus;
  /** False when the merchant had that status already, and nothing was written. */
  readonly isChanged: boolean;
}

/**
 * Makes a pending or suspended merchant active. Repeating it changes nothing.
 *
 * @throws a refusal: `merchant_unknown`
 */
export async function approveMerchant(
  context: Context,
  merchantCode: string,
  reason: string | undefined,
): Promise<DecidedMerchant> {
  requireReason(reason);
  return inTransaction(
    context.db,
    async (tx) => {
      const merchant = await lockMerchant(tx, merchantCode);
      if (merchant === undefined) throw merchantUnknown(merchantCode);
      if (!(await activate(tx, merchant.merchantId))) return { merchant, was: merchant.status, isChanged: false };
      await recordAction(tx, context, {
        action: "merchant.approve",
        subjectKind: "merchant",
        subject: merchantCode,
        details: {
          was: merchant.status,
          // The merchant's row loses the time of the suspension, so the record keeps it.
          ...(merchant.suspendedAt === null ? {} : { suspended_at: merchant.suspendedAt.toISOString() }),
          ...(reason === undefined ? {} : { reason }),
        },
      });
      return { merchant: { ...merchant, status: "active", suspendedAt: null }, was: merchant.status, isChanged: true };
    },
    context.ending,
  );
}

/**
 * Suspends a merchant: orders paid at or after `from` (now, when not given) are rejected at import. Repeating it
 * changes nothing.
 *
 * @param from a date (the start of that day) or a time; without an offset, in the platform's zone
 * @throws a usage error, `invalid_time`; a refusal: `merchant_unknown`, `merchant_already_suspended` (from another
 * time)
 */
export async function suspendMerchant(
  context: Context,
  merchantCode: string,
  { from, reason }: { readonly from?: string | undefined; readonly reason?: string | undefined },
): Promise<DecidedMerchant> {
  requireReason(reason);
  const instant = from === undefined ? context.clock().toISOString() : readInstant(from, context.zone);
  return inTransaction(
    context.db,
    async (tx) => {
      const merchant = await lockMerchant(tx, merchantCode);
      if (merchant === undefined) throw merchantUnknown(merchantCode);
      const suspendedAt = await suspend(tx, merchant.merchantId, instant);
      if (suspendedAt === undefined) {
        if (from === undefined || (await isSuspendedFrom(tx, merchant.merchantId, instant)))
          return { merchant, was: merchant.status, isChanged: false };
        throw refusedError(
          "merchant_already_suspended",
          `merchant ${merchantCode} is suspended already, from another time`,
          {
            hint: `to suspend it from another time, \`accrue merchant approve ${merchantCode}\` first`,
            details: { merchant_code: merchantCode, suspended_at: merchant.suspendedAt?.toISOString() ?? null },
          },
        );
      }
      await recordAction(tx, context, {
        action: "merchant.suspend",
        subjectKind: "merchant",
        subject: merchantCode,
        details: {
          was: merchant.status,
          suspended_at: suspendedAt.toISOString(),
          ...(reason === undefined ? {} : { reason }),
        },
      });
      return { merchant: { ...merchant, status: "suspended", suspendedAt }, was: merchant.status, isChanged: true };
    },
    context.ending,
  );
}

function readInstant(text: string, zone: string): string {
  const instant = readTimestamp(text, zone);
  if (!(instant instanceof CellProblem)) return instant;
  throw usageError("invalid_time", `--from ${instant.message}`, {
    hint: "write it like 2026-01-31 or '2026-01-31 18:00'",
  });
}
