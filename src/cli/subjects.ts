import type { Subjects } from "../domain/approvals/subject.ts";
import { adjustmentSubject, openingSubject } from "../domain/adjustments/subject.ts";
import { policySubject } from "../domain/policies/subject.ts";

/** Everything that one operator proposes and another approves. */
export const subjects: Subjects = {
  policy: policySubject,
  points_adjustment: adjustmentSubject,
  opening_balances: openingSubject,
};
