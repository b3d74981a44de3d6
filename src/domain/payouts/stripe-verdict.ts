import type { Stripe } from "stripe";
import { busyError, refusedError, type AccrueError } from "../../shared/errors.ts";
import type { Payout } from "./provider.ts";

/**
 * The meaning of a call's result for its payout. `absent`: Stripe does not know it. `again`: not known, and the same
 * key may be sent again. `failed`: no money moved. `conflict`: a person has to find out. `stop`: nothing can be sent
 * for now.
 */
export type Verdict =
  | { readonly kind: "paid"; readonly channelRef: string }
  | { readonly kind: "absent" }
  | { readonly kind: "again"; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string }
  | { readonly kind: "conflict"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: string; readonly stopped?: AccrueError }
  | { readonly kind: "stop"; readonly stopped: AccrueError };

/** Those that an error can mean. */
export type ErrorVerdict = Exclude<Verdict, { readonly kind: "paid" | "absent" }>;

/** Stripe's codes for certain failures, where no transfer was made. With any other code the payout is unknown. */
const definitiveCodes: ReadonlySet<string> = new Set([
  "account_closed",
  "account_invalid",
  "amount_too_large",
  "amount_too_small",
  "balance_insufficient",
  "country_unsupported",
  "insufficient_capabilities_for_transfer",
  "insufficient_funds",
  "resource_missing",
  "transfers_not_allowed",
]);
const emptyBalance: ReadonlySet<string> = new Set(["balance_insufficient", "insufficient_funds"]);

const reasonLength = 200;

// Recognized by its field, not by its class, which would load the client.
const isStripeError = (error: unknown): error is Stripe.errors.StripeError =>
  error instanceof Error && "rawType" in error && "type" in error;

/** Compares a transfer that Stripe has for a payout with the payout: the same, or a conflict. */
export function verdictOn(
  { id, amount, currency, destination, amount_reversed: reversed }: Stripe.Transfer,
  { netFen, accountNumber }: Payout,
  meantCurrency: string,
): Verdict {
  if (BigInt(amount) !== netFen || currency !== meantCurrency)
    return { kind: "conflict", reason: `Stripe has it as ${id}, over ${amount} of the smallest unit of ${currency}` };
  if ((typeof destination === "string" ? destination : destination?.id) !== accountNumber)
    return { kind: "conflict", reason: `Stripe has it as ${id}, to another account` };
  return reversed > 0
    ? { kind: "conflict", reason: `Stripe has it as ${id}, and has taken back ${reversed} of it` }
    : { kind: "paid", channelRef: id };
}

/**
 * Interprets an error of the Stripe client; rethrows any other. No reason contains the number of the account.
 *
 * @param accountNumber removed from Stripe's text
 */
export function verdictOf(error: unknown, accountNumber: string): ErrorVerdict {
  if (!isStripeError(error)) throw error;
  const { type, statusCode = 0, code, message } = error;
  const said = message.replaceAll(accountNumber, "the account").slice(0, reasonLength);
  if (type === "StripeConnectionError") return { kind: "again", reason: "Stripe did not answer" };
  if (statusCode === 401) return { kind: "stop", stopped: keyRefused() };
  // Another call with the same key is being processed, and ends soon.
  if (statusCode === 409) return { kind: "again", reason: `Stripe is still busy with this payout: ${said}` };
  if (type === "StripeIdempotencyError")
    return { kind: "conflict", reason: `Stripe has this payout's number for another payment: ${said}` };
  if (statusCode === 429 || statusCode >= 500) return { kind: "again", reason: `Stripe answered ${statusCode}` };
  const reason = `${code ?? type}: ${said}`;
  if (code === undefined || statusCode < 400 || !definitiveCodes.has(code)) return { kind: "unknown", reason };
  return emptyBalance.has(code) ? { kind: "failed", reason, stopped: balanceEmpty() } : { kind: "failed", reason };
}

const keyRefused = (): AccrueError =>
  refusedError("stripe_key_refused", "Stripe refused the key", {
    hint: "set ACCRUE_STRIPE_KEY, or its file, to a secret key in force, and run `accrue payout send --resume`",
  });

const balanceEmpty = (): AccrueError =>
  refusedError(
    "stripe_balance_insufficient",
    "the balance at Stripe does not cover the next payout; no further ones were sent",
    {
      hint: "top it up, then `accrue payout send --resume`; what failed for it is requested anew by `accrue payout retry`",
    },
  );

/** Stripe cannot be reached, or does not answer. */
export const stripeSilent = (): AccrueError =>
  busyError("stripe_silent", "Stripe does not answer; nothing more was sent", {
    hint: "what became of the payouts under way is not known: run `accrue payout send --resume` later, which asks and pays nobody twice",
  });
