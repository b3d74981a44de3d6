/** How a payout reaches a member. */
export const channels = ["alipay", "wechat", "bank", "stripe"] as const;
export type Channel = (typeof channels)[number];

/** What of an account is private: it is stored sealed, and shown masked. */
export interface AccountSecrets {
  readonly number: string;
  readonly holder: string;
}

/** The dots that people type into names of several parts: they all mean the same. */
const dots = /[·•‧∙・･.．]/gu;

/** The form in which names are compared: without differences in width, case, blanks and the kind of dot. */
const nameKey = (name: string): string =>
  name.normalize("NFKC").replaceAll(dots, "·").replaceAll(/\s/gu, "").toUpperCase();

/** Whether an account holder's name is the member's own. */
export const isSameName = (one: string, other: string): boolean => nameKey(one) === nameKey(other);

const hourMs = 3_600_000;

/**
 * Until when a member cannot withdraw after a payout account was added or made the default.
 *
 * @param changedAt when that was; null when the member never had an account
 * @returns undefined when nothing is to be waited for
 */
export function coolingOffEnd(changedAt: Date | null, coolingOffHours: number, now: Date): Date | undefined {
  if (changedAt === null) return undefined;
  const end = new Date(changedAt.getTime() + coolingOffHours * hourMs);
  return end > now ? end : undefined;
}
