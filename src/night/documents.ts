import type { SettledFile, SettlementSummary, StepCounts, StepReport } from "./events.ts";

/** The JSON form of a file of the inbox, in its report and in a run's summary. */
export const fileDocument = (file: SettledFile) => ({
  folder: file.folder,
  name: file.name,
  outcome: file.outcome,
  path: file.path,
  reason: file.reason ?? null,
  import_id: idOrNull(file.importId),
  earlier_import_id: idOrNull(file.earlierImportId),
  read: file.read,
  inserted: file.inserted,
  updated: file.updated,
  duplicate: file.duplicate,
  rejected: file.rejected,
  reasons: file.reasons,
  rejects_file: file.rejectsFile ?? null,
});

/** The JSON form of a step. */
export const stepDocument = (step: StepReport) => ({
  step_no: step.stepNo,
  step: step.step,
  business_date: step.businessDate ?? null,
  state: step.state,
  started_at: step.startedAt.toISOString(),
  seconds: step.seconds,
  counts: countsDocument(step.counts),
});

/** The JSON form of a run's summary. Counts stay far below 2^53. */
export const summaryDocument = (summary: SettlementSummary) => ({
  run_id: Number(summary.runId),
  state: summary.state,
  operator: summary.operator,
  host: summary.host,
  started_at: summary.startedAt.toISOString(),
  ended_at: summary.endedAt.toISOString(),
  seconds: summary.seconds,
  took_over_run_id: idOrNull(summary.tookOver),
  closed: summary.closed,
  files: summary.files.map(fileDocument),
  earlier: summary.earlier.map(fileDocument),
  steps: summary.steps.map(stepDocument),
  failure:
    summary.failure === undefined
      ? null
      : {
          code: summary.failure.code,
          message: summary.failure.message,
          business_date: summary.failure.businessDate ?? null,
          step: summary.failure.step ?? null,
        },
});

/** A run's summary as it is shown and recorded. */
export type SummaryDocument = ReturnType<typeof summaryDocument>;

/** The JSON form of a step's figures. */
export const countsDocument = (counts: StepCounts): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(counts).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]),
  );

const idOrNull = (id: bigint | undefined): number | null => (id === undefined ? null : Number(id));
