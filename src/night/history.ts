import type { Context } from "../db/context.ts";
import { reading } from "../db/database.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import { settledSpan } from "./dates-sql.ts";
import type { SummaryDocument } from "./documents.ts";
import type { SettlementStep } from "./events.ts";
import { lastCompleteAt, lastEventfulSummary, stepsDoneAt } from "./record-sql.ts";

/** What is recorded of the settlements so far. A run that was killed before it could tell of itself is told by the next one. */
export interface SettlementHistory {
  /** When a run last settled all that was to be settled. */
  readonly lastCompleteAt: Date | undefined;
  /** When each step last ended well. */
  readonly stepsDoneAt: ReadonlyMap<SettlementStep, Date>;
  /** The newest run that did something, or failed to. */
  readonly lastEventful: SummaryDocument | undefined;
  readonly lastClosed: BusinessDate | undefined;
}

export const settlementHistory = ({ db }: Context): Promise<SettlementHistory> => reading(async () => ({
  lastCompleteAt: await lastCompleteAt(db.sql),
  stepsDoneAt: await stepsDoneAt(db.sql),
  lastEventful: await lastEventfulSummary(db.sql),
  lastClosed: (await settledSpan(db.sql)).lastClosed,
}));
