import { recordAction } from "../db/audit.ts";
import type { Context } from "../db/context.ts";
import { reading, type Sql } from "../db/database.ts";
import { lastArchivedDate } from "../db/archived.ts";
import type { Subject } from "../domain/approvals/subject.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import { isSameOperator } from "../shared/operator-names.ts";
import { findDate, reopenDate, settledSpan, type RecordedDate } from "./dates-sql.ts";
import { lastBilledPeriod } from "../domain/billing/issue-sql.ts";
import { dateArchived, dateBilled, dateNotClosed, laterDateClosed, reopenedByCloser } from "./refusals.ts";

/**
 * Finds a date that this operator may reopen: the newest closed one, which another operator closed.
 *
 * @throws refused `date_not_closed`, `later_date_closed`, `date_billed`, `date_archived`, `reopened_by_closer`
 */
export const reopenable = ({ db, operator }: Context, date: BusinessDate): Promise<RecordedDate> =>
  reading(() => find(db.sql, date, operator.name));

async function findClosed(sql: Sql, date: BusinessDate): Promise<RecordedDate> {
  const found = await findDate(sql, date);
  if (found?.state !== "closed") throw dateNotClosed(date, found?.state ?? "open");
  return found;
}

async function find(sql: Sql, date: BusinessDate, operator: string): Promise<RecordedDate> {
  const found = await findClosed(sql, date);
  const { lastClosed } = await settledSpan(sql);
  if (lastClosed !== undefined && lastClosed > date) throw laterDateClosed(date, lastClosed);
  const last = await lastBilledPeriod(sql);
  if (last !== undefined && last.periodTo >= date) throw dateBilled(date, last.periodTo);
  const archivedUntil = await lastArchivedDate(sql);
  if (archivedUntil !== null && archivedUntil >= date) throw dateArchived(date, archivedUntil);
  if (isSameOperator(found.operator, operator)) throw reopenedByCloser(date, found.operator);
  return found;
}

/** What is proposed when a date is to take entries again. */
export type ReopenDocument = { readonly business_date: BusinessDate };

/**
 * Reopens the newest closed date, so that it takes entries again; the next settlement settles and closes it. It rests on
 * the closing that it undoes, and nobody who closed the date proposes or approves it.
 */
export const reopenSubject: Subject<ReopenDocument> = {
  kind: "settle_reopen",
  proposers: ["finance", "admin"],
  approvers: ["finance", "admin"],
  title: ({ business_date: date }) => `reopen business date ${date}`,
  facts: (_document, { closed_by: closedBy, run_id: runId }) => [
    ["closed by", `${closedBy as string}, settlement run ${runId as string}`],
  ],
  basis: async (tx, { business_date: date }) => {
    const { operator: closedBy, runId } = await findClosed(tx, date);
    return { closed_by: closedBy, run_id: String(runId) };
  },
  apply: async (tx, context, { business_date: date }, { reason }) => {
    const { operator: closedBy } = await find(tx, date, context.operator.name);
    if (!(await reopenDate(tx, date, context.operator.name, context.clock(), reason)))
      throw dateNotClosed(date, "open");
    await recordAction(tx, context, {
      action: "settle.reopen",
      subjectKind: "business_date",
      subject: date,
      details: { reason, closed_by: closedBy },
    });
    return { business_date: date };
  },
};
