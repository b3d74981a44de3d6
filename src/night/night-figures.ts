import { fileOutcomes, settlementSteps, type FileOutcome, type SettledFile, type SettlementStep } from "./events.ts";

type FigureFile = Pick<
  SettledFile,
  "folder" | "name" | "outcome" | "inserted" | "updated" | "duplicate" | "rejected" | "reasons"
>;

/** The summary that figures are computed from, of this run or of a recorded one. */
export interface FiguresSource {
  readonly files: readonly FigureFile[];
  /** Files that earlier runs imported for the same dates. */
  readonly earlier: readonly FigureFile[];
  readonly steps: readonly {
    readonly step: SettlementStep;
    readonly seconds: number;
    readonly counts: Readonly<Record<string, unknown>>;
  }[];
  readonly closed: readonly string[];
}

/** The figures of a settlement run, over all its dates and files. */
export interface NightFigures {
  readonly files: Readonly<Record<FileOutcome, number>>;
  readonly rows: Readonly<Record<"inserted" | "updated" | "duplicate" | "rejected", number>>;
  /** Rejected rows by their reason, the most frequent first. */
  readonly reasons: readonly (readonly [reason: string, rows: number])[];
  readonly orders: bigint;
  readonly pointsGranted: bigint;
  readonly pointsClawedBack: bigint;
  readonly requestsExpired: bigint;
  readonly proposalsExpired: bigint;
  readonly datesClosed: number;
  /** Seconds of each step, over all its dates. */
  readonly stepSeconds: ReadonlyMap<SettlementStep, number>;
}

export function nightFigures({ files: own, earlier, steps, closed }: FiguresSource): NightFigures {
  const files = [...earlier, ...own];
  // By name: a file that a killed run imported and did not move is moved by the next one.
  const filesThat = (outcome: FileOutcome) =>
    new Set(files.filter((file) => file.outcome === outcome).map(({ folder, name }) => `${folder}/${name}`)).size;
  const rows = (column: "inserted" | "updated" | "duplicate" | "rejected") =>
    files.reduce((sum, file) => sum + file[column], 0);
  const total = (step: SettlementStep, count: string) =>
    steps.filter((one) => one.step === step).reduce((sum, { counts }) => sum + wholeOf(counts[count]), 0n);
  return {
    files: Object.fromEntries(fileOutcomes.map((outcome) => [outcome, filesThat(outcome)])) as Record<
      FileOutcome,
      number
    >,
    rows: {
      inserted: rows("inserted"),
      updated: rows("updated"),
      duplicate: rows("duplicate"),
      rejected: rows("rejected"),
    },
    reasons: reasonsOf(files),
    orders: total("grant", "orders"),
    pointsGranted: total("grant", "points_granted"),
    pointsClawedBack: total("grant", "points_clawed_back"),
    requestsExpired: total("expire", "requests"),
    proposalsExpired: total("expire", "proposals"),
    datesClosed: closed.length,
    stepSeconds: new Map(
      settlementSteps.flatMap((step) => {
        const reached = steps.filter((one) => one.step === step);
        return reached.length === 0
          ? []
          : [[step, Math.round(reached.reduce((sum, { seconds }) => sum + seconds * 1000, 0)) / 1000] as const];
      }),
    ),
  };
}

const wholeOf = (count: unknown): bigint =>
  typeof count === "bigint" || typeof count === "number" ? BigInt(count) : 0n;

function reasonsOf(files: readonly FigureFile[]): NightFigures["reasons"] {
  const rows = new Map<string, number>();
  for (const { reasons } of files)
    for (const [reason, count] of Object.entries(reasons)) rows.set(reason, (rows.get(reason) ?? 0) + count);
  return [...rows].sort(([, one], [, other]) => other - one);
}
