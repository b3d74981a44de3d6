import { readStripeAccess } from "../../../config/stripe-access.ts";
import type { PayoutProvider } from "../../../domain/payouts/provider.ts";
import { stripeProvider } from "../../../domain/payouts/stripe-provider.ts";
import type { Session } from "../../session.ts";

/**
 * The provider whose calls pay through Stripe, as the settings say.
 *
 * @throws the usage errors of reading the settings; what the provider refuses
 */
export const openStripe = ({ settings, signal }: Pick<Session, "settings" | "signal">): Promise<PayoutProvider> =>
  stripeProvider(readStripeAccess(settings, process.getuid?.()), signal);
