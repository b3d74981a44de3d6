import type { Subjects } from "../domain/approvals/subject.ts";
import { adjustmentSubject, openingSubject } from "../domain/adjustments/subject.ts";
import { correctionSubject, voidSubject } from "../domain/corrections/order-subjects.ts";
import { undoSubject } from "../domain/corrections/undo-subject.ts";
import { nameSubject } from "../domain/members/name-subject.ts";
import { rateSubject } from "../domain/merchants/rate-subject.ts";
import { roleSubject } from "../domain/roles/subject.ts";
import { billCorrectionSubject, writeOffSubject } from "../domain/billing/adjust-subjects.ts";
import { answerSubject } from "../domain/payouts/answer-subject.ts";
import { coverageSubject } from "../domain/payouts/coverage-subject.ts";
import { policySubject } from "../domain/policies/subject.ts";
import { forcedMatchSubject } from "../domain/reconciliation/force-subject.ts";
import { reconVoidSubject } from "../domain/reconciliation/void-subject.ts";
import { reopenSubject } from "../night/reopen.ts";

/** Everything that one operator proposes and another approves. */
export const subjects: Subjects = {
  policy: policySubject,
  merchant_rate: rateSubject,
  settle_reopen: reopenSubject,
  points_adjustment: adjustmentSubject,
  opening_balances: openingSubject,
  order_void: voidSubject,
  order_correction: correctionSubject,
  import_undo: undoSubject,
  member_name: nameSubject,
  operator_role: roleSubject,
  forced_match: forcedMatchSubject,
  recon_void: reconVoidSubject,
  merchant_write_off: writeOffSubject,
  bill_correction: billCorrectionSubject,
  payout_answer: answerSubject,
  coverage_exception: coverageSubject,
};
