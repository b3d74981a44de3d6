import { usageError } from "../shared/errors.ts";
import { readPrivateFile } from "./private-file.ts";
import type { Settings } from "./settings.ts";

const advice = { make: "keys are made in Stripe's dashboard", change: "roll it in Stripe's dashboard" };

/** How Stripe is called. */
export interface StripeAccess {
  readonly key: string;
  readonly apiBase: URL;
  /** Three lower-case letters. */
  readonly currency: string;
}

/**
 * Reads how Stripe is called.
 *
 * @param uid the user at work; undefined where the system knows none
 * @throws a usage error: `stripe_key_missing`, `stripe_key_invalid`, `stripe_api_base_invalid`,
 *   `stripe_currency_invalid`; those of reading a key file. No message contains anything of the key
 */
export function readStripeAccess(
  { stripeKey, stripeApiBase, stripeCurrency }: Pick<Settings, "stripeKey" | "stripeApiBase" | "stripeCurrency">,
  uid: number | undefined,
): StripeAccess {
  const { value: source, origin } = stripeKey;
  if (source === undefined) {
    throw usageError("stripe_key_missing", "no key for Stripe is set", {
      hint: "set ACCRUE_STRIPE_KEY, or ACCRUE_STRIPE_KEY_FILE to a file of mode 0600",
    });
  }
  const key = (source.kind === "text" ? source.text : readPrivateFile(source.path, uid, advice)).trim();
  if (!/^[rs]k_(test|live)_[A-Za-z0-9]{8,247}$/.test(key)) {
    throw usageError(
      "stripe_key_invalid",
      `what ${source.kind === "text" ? origin : source.path} holds is no secret key of Stripe`,
      { hint: "one begins with sk_live_, rk_live_, sk_test_ or rk_test_" },
    );
  }
  return { key, apiBase: readApiBase(stripeApiBase.value), currency: readCurrency(stripeCurrency.value) };
}

/** The key goes there: so it is either encrypted on its way, or never leaves the machine. */
function readApiBase(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url !== undefined && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (
    url !== undefined &&
    url.href === `${url.origin}/` &&
    (url.protocol === "https:" || (url.protocol === "http:" && isLocal))
  )
    return url;
  throw usageError("stripe_api_base_invalid", `"${text}" is not where Stripe can be called`, {
    hint: "give https:// and a host; http:// only for this machine",
  });
}

/** Amounts are sent in hundredths, as fen are: another kind of currency would pay a hundred times as much. */
function readCurrency(text: string): string {
  const currency = text.toLowerCase();
  if (
    /^[a-z]{3}$/.test(currency) &&
    new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits === 2
  )
    return currency;
  throw usageError("stripe_currency_invalid", `"${text}" is no currency that has hundredths`, {
    hint: "write it like cny",
  });
}
