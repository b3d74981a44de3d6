import type { Context } from "../../src/db/context.ts";
import type { Proposal } from "../../src/domain/approvals/subject.ts";
import { rateDocument, rateSubject } from "../../src/domain/merchants/rate-subject.ts";
import { approved } from "./approved.ts";

/** Sets a merchant's rate from a date on: proposed by another operator, and approved; null is the platform's. */
export const setRate = (
  context: Context,
  merchantCode: string,
  contributionBps: number | null,
  from: string,
): Promise<Proposal> => approved(context, rateSubject, rateDocument({ merchantCode, contributionBps, from }));
