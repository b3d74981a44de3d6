import type { Subjects } from "../domain/approvals/subject.ts";
import { policySubject } from "../domain/policies/subject.ts";

/** Everything that one operator proposes and another approves. */
export const subjects: Subjects = { policy: policySubject };
