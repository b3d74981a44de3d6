import type { Found, Lookup } from "../../platform/lookups.ts";

/** What a shell is offered for a value: any of these, or several. */
export interface Offer {
  readonly words?: () => readonly string[];
  /** The shell completes paths by itself. */
  readonly paths?: "files" | "directories";
  /** Numbers and codes of things that the database knows. */
  readonly live?: (lookup: Lookup) => Promise<readonly Found[]>;
}

const lookups = () => import("../../platform/lookups.ts");

/** Withdrawals of some states; of all where none is given. */
export const offeredWithdrawals = (statuses?: readonly string[]): Offer => ({
  live: async (lookup) => (await lookups()).withdrawals(lookup, statuses),
});

/**
 * What is offered for an argument, or the value of an option, by the placeholder that its help shows; for others
 * nothing. A command that knows better says so itself (`CommandDefinition.offers`).
 */
export const offers: Readonly<Record<string, Offer>> = {
  file: { paths: "files" },
  path: { paths: "files" },
  directory: { paths: "directories" },
  profile: { words: () => ["auto"], paths: "files" },
  zone: { words: () => Intl.supportedValuesOf("timeZone") },
  "member-no": { live: async (lookup) => (await lookups()).members(lookup) },
  "account-id": { live: async (lookup) => (await lookups()).accountsOfMember(lookup) },
  "merchant-code": { live: async (lookup) => (await lookups()).merchants(lookup) },
  "order-no": { live: async (lookup) => (await lookups()).orders(lookup) },
  "import-id": { live: async (lookup) => (await lookups()).imports(lookup) },
  "run-id": { live: async (lookup) => (await lookups()).grantRuns(lookup) },
  "withdrawal-no": offeredWithdrawals(),
  "batch-no": { live: async (lookup) => (await lookups()).payoutBatches(lookup) },
  "payout-no": { live: async (lookup) => (await lookups()).payouts(lookup) },
};
