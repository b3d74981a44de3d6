import type { SettlementSummary } from "./events.ts";
import { nightFigures } from "./night-figures.ts";

/** How a run of `accrue settle` ended, even if it failed before it began. */
export interface NightOutcome {
  readonly exitCode: number;
  readonly endedAt: Date;
  /** Undefined when it failed before it began. */
  readonly summary: SettlementSummary | undefined;
  /** The error that ended it. */
  readonly failure: { readonly code: string; readonly message: string } | undefined;
}

const maxFilesNamed = 100;

/** The summary of a night: the last line of the log, the body of a ping, the input of a hook. */
export function nightDocument({ exitCode, endedAt, summary, failure }: NightOutcome) {
  const at = summary?.failure;
  return {
    run_id: summary?.runId ?? null,
    state: summary?.state ?? "failed",
    exit_code: exitCode,
    started_at: summary?.startedAt ?? null,
    ended_at: endedAt,
    seconds: summary?.seconds ?? null,
    closed: summary?.closed ?? [],
    earlier_files: (summary?.earlier ?? []).slice(0, maxFilesNamed).map(({ folder, name }) => `${folder}/${name}`),
    ...(summary === undefined ? {} : figuresDocument(summary)),
    failure:
      failure === undefined ? null : { ...failure, business_date: at?.businessDate ?? null, step: at?.step ?? null },
  };
}

function figuresDocument(summary: SettlementSummary) {
  const figures = nightFigures(summary);
  return {
    files: figures.files,
    rows: figures.rows,
    reasons: Object.fromEntries(figures.reasons),
    orders: figures.orders,
    points_granted: figures.pointsGranted,
    points_clawed_back: figures.pointsClawedBack,
    requests_expired: figures.requestsExpired,
    proposals_expired: figures.proposalsExpired,
    step_seconds: Object.fromEntries(figures.stepSeconds),
  };
}

/** The night in one sentence. */
export function nightSentence({ summary, failure }: NightOutcome): string {
  if (failure !== undefined) {
    const at = summary?.failure;
    const place = [at?.step, at?.businessDate].filter((word) => word !== undefined).join(" of ");
    return `the night is not settled: ${place === "" ? "" : `${place}: `}${failure.message}`;
  }
  if (summary === undefined || summary.closed.length === 0) return "nothing to settle";
  const { orders, pointsGranted, pointsClawedBack, rows } = nightFigures(summary);
  const dates = summary.closed.length === 1 ? summary.closed[0]! : `${summary.closed[0]} to ${summary.closed.at(-1)}`;
  return `settled ${dates}: ${orders} orders, ${pointsGranted} points granted, ${pointsClawedBack} clawed back, ${rows.rejected} rows rejected`;
}

/** The environment variables of a hook, beside the document on its standard input. */
export function nightEnvironment({ exitCode, summary, failure }: NightOutcome): Readonly<Record<string, string>> {
  return {
    ACCRUE_NIGHT_STATE: summary?.state ?? "failed",
    ACCRUE_NIGHT_EXIT_CODE: String(exitCode),
    ACCRUE_NIGHT_RUN_ID: summary === undefined ? "" : String(summary.runId),
    ACCRUE_NIGHT_CLOSED: summary?.closed.join(" ") ?? "",
    ACCRUE_NIGHT_REJECTED: String(summary === undefined ? 0 : nightFigures(summary).rows.rejected),
    ACCRUE_NIGHT_FAILURE: failure?.code ?? "",
  };
}
