import type { Context } from "../db/context.ts";
import { reading } from "../db/database.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import { settledSpan } from "./dates-sql.ts";
import type { SummaryDocument } from "./documents.ts";
import type { SettlementStep } from "./events.ts";
import { lastCompleteAt, lastEventfulSummary, stepsDoneAt } from "./record-sql.ts";

/** The recorded settlements. A killed run could not report itself, so the next one reports it. */
export interface SettlementHistory {
  /** The end of the last complete run. */
  readonly lastCompleteAt: Date | undefined;
  /** When each step last succeeded. */
  readonly stepsDoneAt: ReadonlyMap<SettlementStep, Date>;
  /** The newest run that did something or failed. */
  readonly lastEventful: SummaryDocument | undefined;
  readonly lastClosed: BusinessDate | undefined;
}

export const settlementHistory = ({ db }: Context): Promise<SettlementHistory> =>
  reading(async () => ({
    lastCompleteAt: await lastCompleteAt(db.sql),
    stepsDoneAt: await stepsDoneAt(db.sql),
    lastEventful: await lastEventfulSummary(db.sql),
    lastClosed: (await settledSpan(db.sql)).lastClosed,
  }));
