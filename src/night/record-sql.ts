import type { Actor } from "../db/context.ts";
import type { Sql, Transaction } from "../db/database.ts";
import type { Row } from "../db/rows.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import type { SummaryDocument } from "./documents.ts";
import { settlementSteps, type SettlementStep } from "./events.ts";

/** The record of a settlement run. The summary of a killed one has only the files that it set aside. */
export interface RecordedSettlement extends Row<
  "settlementRuns",
  "runId" | "state" | "operator" | "host" | "startedAt" | "endedAt"
> {
  readonly summary: Partial<SummaryDocument>;
}

export async function insertSettlement(tx: Transaction, runId: bigint, { name, host }: Actor, at: Date): Promise<void> {
  await tx`INSERT INTO settlement_runs (run_id, state, operator, host, started_at)
    VALUES (${runId}, 'running', ${name}, ${host}, ${at})`;
}

/** Ends a run and its present step. */
export async function endSettlement(
  tx: Transaction,
  runId: bigint,
  state: "complete" | "failed" | "interrupted",
  at: Date,
  summary: unknown,
): Promise<void> {
  await tx`
    UPDATE settlement_steps SET state = ${state === "failed" ? "failed" : "interrupted"}, ended_at = ${at}
    WHERE run_id = ${runId} AND state = 'running'`;
  await tx`
    UPDATE settlement_runs SET state = ${state}, ended_at = ${at},
      summary = summary || ${JSON.stringify(summary)}::text::jsonb
    WHERE run_id = ${runId} AND state = 'running'`;
}

/**
 * Records that a run sets a file aside: it may be killed before its summary is written, and no later run finds the
 * file.
 */
export async function noteFailedFile(tx: Transaction, runId: bigint, file: unknown): Promise<void> {
  await tx`
    UPDATE settlement_runs SET summary = jsonb_set(summary, '{files}',
      coalesce(summary->'files', '[]') || ${JSON.stringify(file)}::text::jsonb)
    WHERE run_id = ${runId} AND state = 'running'`;
}

/** Which step of a run it is. */
export interface StepPlace {
  readonly runId: bigint;
  readonly stepNo: number;
  readonly step: SettlementStep;
  readonly businessDate: BusinessDate | undefined;
}

export async function insertStep(
  tx: Transaction,
  { runId, stepNo, step, businessDate }: StepPlace,
  at: Date,
): Promise<void> {
  await tx`
    INSERT INTO settlement_steps (run_id, step_no, business_date, step, state, started_at)
    VALUES (${runId}, ${stepNo}, ${businessDate ?? null}, ${step}, 'running', ${at})`;
}

export async function endStep(tx: Transaction, { runId, stepNo }: StepPlace, at: Date, counts: unknown): Promise<void> {
  await tx`
    UPDATE settlement_steps SET state = 'done', ended_at = ${at}, counts = ${JSON.stringify(counts)}::text::jsonb
    WHERE run_id = ${runId} AND step_no = ${stepNo} AND state = 'running'`;
}

/** The newest settlement run, if there was one. */
export async function lastSettlement(sql: Sql): Promise<RecordedSettlement | undefined> {
  const [row] = await sql<RecordedSettlement[]>`SELECT * FROM settlement_runs ORDER BY run_id DESC LIMIT 1`;
  return row;
}

/** The end of the last complete run; undefined when there is none. */
export async function lastCompleteAt(sql: Sql): Promise<Date | undefined> {
  const [row] = await sql<
    { endedAt: Date }[]
  >`SELECT ended_at FROM settlement_runs WHERE state = 'complete' ORDER BY run_id DESC LIMIT 1`;
  return row?.endedAt;
}

/** When each step was last done, by any run. */
export async function stepsDoneAt(sql: Sql): Promise<ReadonlyMap<SettlementStep, Date>> {
  const rows = await sql<{ step: SettlementStep; endedAt: Date }[]>`
    SELECT s.step, s.ended_at FROM unnest(${[...settlementSteps]}::text[]) WITH ORDINALITY AS w (step, place)
    CROSS JOIN LATERAL (SELECT * FROM settlement_steps s WHERE s.step = w.step AND s.state = 'done' ORDER BY s.run_id DESC, s.step_no DESC LIMIT 1) s
    ORDER BY w.place`;
  return new Map(rows.map(({ step, endedAt }) => [step, endedAt]));
}

/** The summary of the newest run that closed a date, moved a file or failed; undefined when there was none. */
export async function lastEventfulSummary(sql: Sql): Promise<SummaryDocument | undefined> {
  const [row] = await sql<{ summary: SummaryDocument }[]>`
    SELECT summary FROM settlement_runs
    WHERE summary ? 'closed' AND (state <> 'complete' OR summary->'closed' <> '[]'
      OR summary @? '$.files[*] ? (@.outcome == "done" || @.outcome == "failed")')
    ORDER BY run_id DESC LIMIT 1`;
  return row?.summary;
}
