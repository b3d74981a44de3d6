import type { BusinessDate } from "../shared/business-date.ts";

/**
 * The steps of a settlement, in their order. The import comes once, before the first date; billing and suspending once,
 * after the last, where a month is due and where a merchant is overdue for too long; the others for each date.
 */
export const settlementSteps = ["import", "grant", "expire", "verify", "close", "bill", "suspend"] as const;
export type SettlementStep = (typeof settlementSteps)[number];

/**
 * Figures of a step: rows, orders and points as numbers or bigints, yuan as decimal text. Keys are those of the JSON
 * form.
 */
export type StepCounts = Readonly<Record<string, number | bigint | string | null | Readonly<Record<string, number>>>>;

export const fileOutcomes = ["done", "failed", "waiting", "unread"] as const;
export type FileOutcome = (typeof fileOutcomes)[number];

/** The result of one file of the inbox. */
export interface SettledFile {
  /** Its folder: `orders`, `members`, …; `.` for the inbox itself. */
  readonly folder: string;
  /** Its name in that folder. */
  readonly name: string;
  /** `waiting`: it may still be written, and is left for the next run. `unread`: it lies where nothing is ever read. */
  readonly outcome: FileOutcome;
  /** Its path now. */
  readonly path: string;
  /** Why it failed, waits or is not read. */
  readonly reason?: string;
  readonly importId?: bigint;
  /** The earlier import of the same bytes, where nothing was read again. */
  readonly earlierImportId?: bigint;
  readonly read: number;
  readonly inserted: number;
  readonly updated: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly rejectsFile?: string;
}

/** A step of a run, in its summary and in its record. */
export interface StepReport {
  /** Counted through the whole run, from 1. */
  readonly stepNo: number;
  readonly step: SettlementStep;
  /** Undefined for the import, for billing and for suspending. */
  readonly businessDate: BusinessDate | undefined;
  readonly state: "done" | "failed" | "interrupted";
  readonly startedAt: Date;
  readonly seconds: number;
  readonly counts: StepCounts;
}

/** Why a run ended before its work was done. */
export interface SettlementFailure {
  readonly code: string;
  readonly message: string;
  readonly businessDate: BusinessDate | undefined;
  readonly step: SettlementStep | undefined;
}

/** The result of a run: its last event, what the command shows, and what is recorded. */
export interface SettlementSummary {
  readonly runId: bigint;
  readonly state: "complete" | "failed" | "interrupted";
  readonly operator: string;
  readonly host: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly seconds: number;
  /** The dead run whose work this one finished. */
  readonly tookOver: bigint | undefined;
  /** The dates that this run closed, in their order. */
  readonly closed: readonly BusinessDate[];
  readonly files: readonly SettledFile[];
  /** Files of the closed dates that earlier, killed or failed runs imported. */
  readonly earlier: readonly SettledFile[];
  readonly steps: readonly StepReport[];
  readonly failure: SettlementFailure | undefined;
}

/** What a settlement reports while it runs, in order. */
export type SettlementEvent =
  | { readonly type: "run_started"; readonly runId: bigint; readonly at: Date; readonly tookOver: bigint | undefined }
  | {
      readonly type: "step_started";
      readonly runId: bigint;
      readonly at: Date;
      readonly stepNo: number;
      readonly step: SettlementStep;
      readonly businessDate: BusinessDate | undefined;
    }
  | { readonly type: "file"; readonly runId: bigint; readonly at: Date; readonly file: SettledFile }
  | ({ readonly type: "step_ended"; readonly runId: bigint; readonly at: Date } & StepReport)
  | { readonly type: "run_ended"; readonly runId: bigint; readonly at: Date; readonly summary: SettlementSummary };
