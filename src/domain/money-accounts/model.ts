/** Where the platform's own money can lie. */
export const moneyChannels = ["alipay", "wechat", "bank", "stripe"] as const;

export type MoneyChannel = (typeof moneyChannels)[number];

/** Whether a text can be the name of a money account, as the database has it, too. */
export const isMoneyAccountName = (text: string): boolean => /^[a-z0-9][a-z0-9-]{0,39}$/.test(text);
