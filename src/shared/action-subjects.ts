/** What operators act on, as the records of what they did name it. A command is what somebody was refused to run. */
export const actionSubjects = [
  "member",
  "merchant",
  "product",
  "order",
  "withdrawal",
  "grant_run",
  "import",
  "policy",
  "platform",
  "payout_batch",
  "settlement_run",
  "business_date",
  "money_account",
  "collection",
  "billing_period",
  "reconciliation",
  "recon_rule",
  "proposal",
  "operator",
  "history",
  "command",
] as const;

export type ActionSubject = (typeof actionSubjects)[number];
