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
] as const;

export type SubjectKind = (typeof subjectKinds)[number];
