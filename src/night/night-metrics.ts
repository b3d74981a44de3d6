import type { WaitingProposals } from "../domain/approvals/sql.ts";
import type { OpenTotal } from "../domain/reconciliation/read-sql.ts";
import type { FundReport } from "../reports/fund.ts";
import type { SettlementSummary } from "./events.ts";
import type { SettlementHistory } from "./history.ts";
import { formatYuan } from "../shared/money.ts";
import { subjectKinds } from "../shared/subject-kinds.ts";
import { metricsText, samplesOf, type Gauge, type Sample } from "./metrics-text.ts";
import type { NightOutcome } from "./night-document.ts";
import { nightFigures, type FiguresSource } from "./night-figures.ts";

/** A night, the fund after it, and the recorded nights; undefined where they could not be read. */
export interface MeasuredNight extends NightOutcome {
  readonly fund: FundReport | undefined;
  /** What statements and expectations leave open. */
  readonly open: readonly OpenTotal[] | undefined;
  /** Proposals that wait for a decision. */
  readonly waiting: readonly WaitingProposals[] | undefined;
  readonly history: SettlementHistory | undefined;
}

const lastSuccess = "accrue_settle_last_success_timestamp_seconds";
const stepLastSuccess = "accrue_settle_step_last_success_timestamp_seconds";

/**
 * The metrics of a night. A run that had nothing to do repeats the figures of the last one that had: that run may have
 * been killed before it wrote them, and a second run for the same night must not erase the figures of the first.
 *
 * @param previousText the file of the previous run, whose times of success are kept where the database cannot be read
 */
export function nightMetrics(night: MeasuredNight, previousText: string): string {
  const { endedAt, failure, fund, open, waiting } = night;
  const reported = reportedBy(night);
  return metricsText([
    gauge("accrue_settle_last_run_success", "Whether the last run settled all that was to be settled (1) or not (0).", [
      { value: failure === undefined ? 1 : 0 },
    ]),
    gauge("accrue_settle_last_run_timestamp_seconds", "When the last run ended.", [{ value: secondsOf(endedAt) }]),
    ...successGauges(night, samplesOf(previousText)),
    ...(reported === undefined ? [] : runGauges(reported)),
    ...(fund === undefined ? [] : fundGauges(fund)),
    ...(open === undefined ? [] : openGauges(open)),
    ...(waiting === undefined ? [] : waitingGauges(waiting)),
  ]);
}

/** The run whose figures are written. A successful run is recorded by now; a failed one may not be. */
const reportedBy = ({ summary, history }: MeasuredNight): (FiguresSource & { readonly seconds: number }) | undefined =>
  summary?.failure === undefined ? (history?.lastEventful ?? summary) : summary;

function successGauges(
  { endedAt, failure, summary, history }: MeasuredNight,
  previous: ReadonlyMap<string, string>,
): readonly Gauge[] {
  const kept = (name: string): readonly Sample[] =>
    [...previous].flatMap(([series, value]) => {
      const [, found, step] = /^([a-z_]+)(?:\{step="([a-z]+)"\})?$/.exec(series) ?? [];
      return found !== name ? [] : [{ ...(step === undefined ? {} : { labels: { step } }), value }];
    });
  const steps = new Map(kept(stepLastSuccess).map((sample) => [sample.labels?.["step"] ?? "", sample.value]));
  for (const [step, doneAt] of history?.stepsDoneAt ?? []) steps.set(step, secondsOf(doneAt));
  for (const step of summary?.steps ?? []) if (step.state === "done") steps.set(step.step, secondsOf(endOf(step)));
  const lastAt = failure === undefined ? endedAt : history?.lastCompleteAt;
  return [
    gauge(
      lastSuccess,
      "When a run last settled all that was to be settled.",
      lastAt === undefined ? kept(lastSuccess) : [{ value: secondsOf(lastAt) }],
    ),
    gauge(
      stepLastSuccess,
      "When a step last ended well.",
      [...steps].map(([step, value]) => ({ labels: { step }, value })),
    ),
  ];
}

const endOf = ({ startedAt, seconds }: SettlementSummary["steps"][number]): Date =>
  new Date(startedAt.getTime() + seconds * 1000);

function runGauges(summary: FiguresSource & { readonly seconds: number }): readonly Gauge[] {
  const figures = nightFigures(summary);
  const byLabel = (label: string, counts: Iterable<readonly [string, number]>): readonly Sample[] =>
    [...counts].map(([name, value]) => ({ labels: { [label]: name }, value }));
  return [
    gauge(
      "accrue_settle_duration_seconds",
      "How long the last run took that had something to do; the figures below are its own, too.",
      [{ value: summary.seconds }],
    ),
    gauge(
      "accrue_settle_step_duration_seconds",
      "How long each step of the last run took, over all its dates.",
      byLabel("step", figures.stepSeconds),
    ),
    gauge("accrue_settle_dates_closed", "Business dates that the last run closed.", [{ value: figures.datesClosed }]),
    gauge(
      "accrue_settle_files",
      "Files of the inbox in the last run, by what became of them.",
      byLabel("outcome", Object.entries(figures.files)),
    ),
    gauge(
      "accrue_settle_rows",
      "Rows of the last run's files, by what became of them.",
      byLabel("outcome", Object.entries(figures.rows)),
    ),
    gauge(
      "accrue_settle_rejected_rows",
      "Rejected rows of the last run's files, by reason.",
      byLabel("reason", figures.reasons),
    ),
    gauge("accrue_settle_orders", "Orders that the last run settled.", [{ value: figures.orders }]),
    gauge("accrue_settle_points_granted", "Points that the last run granted.", [{ value: figures.pointsGranted }]),
    gauge("accrue_settle_points_clawed_back", "Points that the last run clawed back.", [
      { value: figures.pointsClawedBack },
    ]),
    gauge("accrue_settle_requests_expired", "Withdrawal requests that the last run let expire.", [
      { value: figures.requestsExpired },
    ]),
    gauge("accrue_settle_proposals_expired", "Proposals that the last run let expire.", [
      { value: figures.proposalsExpired },
    ]),
  ];
}

/**
 * What is open by state, direction and age: lines of statements that nothing was matched with, and what no statement
 * has shown.
 */
const openGauges = (open: readonly OpenTotal[]): readonly Gauge[] => {
  const labelled = (valueOf: (total: OpenTotal) => bigint | string) =>
    open.map((one) => ({ labels: { state: one.state, direction: one.direction, age: one.age }, value: valueOf(one) }));
  return [
    gauge(
      "accrue_unmatched",
      "Lines of statements, payouts and collections that are not matched.",
      labelled(({ count }) => count),
    ),
    gauge(
      "accrue_unmatched_yuan",
      "What is open of those.",
      labelled(({ openFen }) => formatYuan(openFen)),
    ),
  ];
};

/** Proposals that wait for another operator, of every kind; and since when the oldest of each does. */
const waitingGauges = (waiting: readonly WaitingProposals[]): readonly Gauge[] => [
  gauge(
    "accrue_open_proposals",
    "Proposals that wait for another operator, by kind.",
    subjectKinds.map((kind) => ({
      labels: { kind },
      value: waiting.find((one) => one.subjectKind === kind)?.proposals ?? 0n,
    })),
  ),
  gauge(
    "accrue_oldest_open_proposal_timestamp_seconds",
    "When the oldest of them was made.",
    waiting.map(({ subjectKind: kind, oldest }) => ({ labels: { kind }, value: secondsOf(oldest) })),
  ),
];

const fundGauges = (fund: FundReport): readonly Gauge[] => [
  gauge("accrue_fund_yuan", "Money in the points fund.", [{ value: formatYuan(fund.fundFen) }]),
  gauge("accrue_points_worth_yuan", "What is owed to members above zero.", [{ value: formatYuan(fund.worthFen) }]),
  gauge("accrue_member_debts_yuan", "What members below zero owe.", [{ value: formatYuan(fund.debtsFen) }]),
  gauge(
    "accrue_fund_coverage_ratio",
    "Fund over what is owed to members, rounded down; absent while nothing is.",
    fund.coverageBps === undefined ? [] : [{ value: ratioOf(fund.coverageBps) }],
  ),
  gauge(
    "accrue_cash_yuan",
    "Cash behind the points: what is on the platform's accounts, and no more than the fund's share of what merchants paid.",
    [{ value: formatYuan(fund.cashFen) }],
  ),
  gauge(
    "accrue_cash_coverage_ratio",
    "That cash over what is owed to members, rounded down; absent while nothing is.",
    fund.cashCoverageBps === undefined ? [] : [{ value: ratioOf(fund.cashCoverageBps) }],
  ),
  gauge(
    "accrue_open_bills_yuan",
    "What is open of merchants' bills, by the days that it is overdue.",
    fund.openBills.map(({ bucket, openFen }) => ({ labels: { overdue: bucket }, value: formatYuan(openFen) })),
  ),
  gauge("accrue_open_withdrawals", "Withdrawals that are requested, approved or being paid.", [
    { value: fund.openWithdrawals },
  ]),
  gauge("accrue_open_withdrawals_yuan", "What those are worth, gross.", [{ value: formatYuan(fund.openGrossFen) }]),
];

const gauge = (name: string, help: string, samples: readonly Sample[]): Gauge => ({ name, help, samples });

/** A Unix time in seconds with thousandths. */
const secondsOf = (instant: Date): string => (instant.getTime() / 1000).toString();

/** 9876 basis points are 0.9876. */
const ratioOf = (bps: number): string => `${Math.trunc(bps / 10_000)}.${(bps % 10_000).toString().padStart(4, "0")}`;
