/** Everything that one operator proposes and another approves: the kinds of proposals. */
export const subjectKinds = [
  "policy",
  "merchant_rate",
  "settle_reopen",
  "points_adjustment",
  "opening_balances",
  "order_void",
  "order_correction",
  "import_undo",
  "member_name",
  "operator_role",
  "forced_match",
  "recon_void",
  "merchant_write_off",
  "bill_correction",
  "payout_answer",
  "coverage_exception",
] as const;

export type SubjectKind = (typeof subjectKinds)[number];
