import type { SecretBox } from "../accounts/secret-box.ts";
import { recordAction } from "../db/audit.ts";
import type { Context } from "../db/context.ts";
import { dedicated, inTransaction, proving, type Database, type Transaction } from "../db/database.ts";
import { toAccrueError } from "../db/errors.ts";
import { freeSlot, nextRunId, runHoldsSlot, slotHolder, stillHoldsSlot, takeSlot } from "../db/run-slots.ts";
import { closeAccounts } from "../ledger/totals-sql.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import { AccrueError } from "../shared/errors.ts";
import { datesToSettle, warnOfClock } from "./dates.ts";
import { closeDate, markRunning, markStopped, summarizeDates } from "./dates-sql.ts";
import { countsDocument, summaryDocument } from "./documents.ts";
import type { SettledFile, SettlementEvent, SettlementFailure, SettlementStep, SettlementSummary, StepCounts, StepReport } from "./events.ts";
import { endSettlement, endStep, insertSettlement, insertStep, type StepPlace } from "./record-sql.ts";
import { settlementBusy, settlementBusyNow, settlementLost } from "./refusals.ts";
import { expireStep, grantStep, importStep, verifyStep } from "./steps.ts";
import { waitWhileBusy } from "./wait.ts";

export interface SettleInput {
  /** The directory whose files are taken in first; none where there is no inbox. */
  readonly inbox?: string | undefined;
  /** The last date to settle; yesterday when not given. */
  readonly until?: BusinessDate | undefined;
  /** How long to wait for the end of another settlement, or of a grant run that somebody started; not at all when not given. */
  readonly waitMs?: number;
  /** A file that was changed so shortly ago may still be being written. */
  readonly quietMs?: number;
  readonly secretBox: () => SecretBox;
  /** Told of all that happens, as it happens. It must not throw. */
  readonly onEvent?: (event: SettlementEvent) => void;
}

const defaultQuietMs = 10_000;

/**
 * The nightly settlement: takes in what lies in the inbox, then settles each business date from the oldest that is not closed up
 * to yesterday: grants and claws back points, lets stale requests expire, verifies the date's rows and closes it. One at a
 * time, on whatever machine; each step may be repeated, so what a killed run left is finished by the next.
 *
 * @returns what was done, when all of it was
 * @throws busy when another settlement is at work; `verification_failed` (findings); else what stopped it, which is recorded
 *   then, with the date it stopped at
 */
export async function settle(context: Context, input: SettleInput): Promise<SettlementSummary> {
  const session = dedicated(context.db);
  try {
    const begun = await begin(context, session.sql, input.waitMs ?? 0);
    return await new Settlement(context, input, session.sql, begun).perform();
  } finally {
    await session.close();
  }
}

interface Begun {
  readonly runId: bigint;
  readonly tookOver: bigint | undefined;
}

/** Becomes the one settlement, if none lives, or when the one that does has ended in time. */
function begin(context: Context, sql: Database["sql"], waitMs: number): Promise<Begun> {
  return waitWhileBusy(context, { code: "settlement_busy", waitMs, note: "another settlement is at work; waiting for it to end" }, async () => {
    const begun = await inTransaction(sql, (tx) => tryBegin(tx, context));
    if (begun !== undefined) return begun;
    const holder = await slotHolder(sql, "settle");
    throw holder === undefined ? settlementBusyNow() : settlementBusy(holder);
  });
}

async function tryBegin(tx: Transaction, { operator, clock }: Context): Promise<Begun | undefined> {
  const [runId, at] = [await nextRunId(tx), clock()];
  const taken = await takeSlot(tx, "settle", runId, operator, at);
  if (taken === undefined) return undefined;
  if (taken.deadRunId !== null) await endSettlement(tx, taken.deadRunId, "interrupted", at, {});
  await insertSettlement(tx, runId, operator, at);
  return { runId, tookOver: taken.deadRunId ?? undefined };
}

/** One settlement under way. */
class Settlement {
  readonly #context: Context;
  /** For the steps that write: each of their transactions, on connections of their own, proves that this run still is the settlement. */
  readonly #proving: Context;
  readonly #input: SettleInput;
  /** The one connection that holds the slot. What is noted of the run is noted on it, and proves that it still is the run. */
  readonly #sql: Database["sql"];
  readonly #begun: Begun;
  readonly #startedAt: Date;
  readonly #startedMs = performance.now();
  readonly #steps: StepReport[] = [];
  readonly #files: SettledFile[] = [];
  readonly #closed: BusinessDate[] = [];
  #present: { readonly place: StepPlace; readonly startedAt: Date; readonly startedMs: number } | undefined;

  constructor(context: Context, input: SettleInput, sql: Database["sql"], begun: Begun) {
    this.#context = context;
    const proof = async (tx: Transaction) => {
      if (!(await runHoldsSlot(tx, "settle", begun.runId))) throw settlementLost(begun.runId);
    };
    this.#proving = { ...context, db: proving(context.db, proof) };
    this.#input = input;
    this.#sql = sql;
    this.#begun = begun;
    this.#startedAt = context.clock();
  }

  async perform(): Promise<SettlementSummary> {
    this.#tell({ type: "run_started", tookOver: this.#begun.tookOver });
    try {
      const { inbox, until, secretBox, quietMs = defaultQuietMs } = this.#input;
      await warnOfClock(this.#context);
      // Asked for what it refuses, before anything is taken in: what is refused changes nothing. The files may bring older dates.
      await datesToSettle(this.#context, until);
      await this.#step("import", undefined, () => importStep(this.#proving, inbox === undefined ? undefined : { inbox, secretBox, quietMs }, (file) => this.#fileThrough(file)));
      for (const date of await datesToSettle(this.#context, until)) await this.#settleDate(date);
      return await this.#end("complete", undefined);
    } catch (error) {
      throw await this.#stop(error);
    }
  }

  async #settleDate(date: BusinessDate): Promise<void> {
    await this.#step("grant", date, () => grantStep(this.#proving, date, this.#input.waitMs ?? 0));
    await this.#step("expire", date, () => expireStep(this.#proving));
    await this.#step("verify", date, () => verifyStep(this.#context, date));
    await this.#step("close", date, async () => ({}), (tx) => this.#close(tx, date));
    this.#closed.push(date);
  }

  /**
   * One numbered step: noted when it begins and when it is done, each in a transaction that proves the run's hold.
   *
   * @param finish what has to be done together with the note that the step is done
   */
  async #step(step: SettlementStep, businessDate: BusinessDate | undefined, work: () => Promise<StepCounts>, finish = async (_tx: Transaction) => {}): Promise<void> {
    const { clock, signal, operator } = this.#context;
    signal.throwIfAborted();
    const place = { runId: this.#begun.runId, stepNo: this.#steps.length + 1, step, businessDate };
    const [startedAt, startedMs] = [clock(), performance.now()];
    await this.#holding(async (tx) => {
      await insertStep(tx, place, startedAt);
      if (businessDate !== undefined) await markRunning(tx, businessDate, step, { runId: place.runId, operator, at: startedAt });
    });
    this.#present = { place, startedAt, startedMs };
    this.#tell({ type: "step_started", stepNo: place.stepNo, step, businessDate });
    const counts = await work();
    await this.#holding(async (tx) => {
      await finish(tx);
      await endStep(tx, place, clock(), countsDocument(counts));
    });
    this.#endStep({ stepNo: place.stepNo, step, businessDate, state: "done", startedAt, seconds: secondsSince(startedMs), counts });
    this.#present = undefined;
  }

  async #close(tx: Transaction, date: BusinessDate): Promise<void> {
    await closeDate(tx, date, this.#context.clock());
    await closeAccounts(tx, date, this.#begun.runId);
    await summarizeDates(tx);
    await recordAction(tx, this.#context, { action: "settle.close", subjectKind: "business_date", subject: date, details: { run_id: Number(this.#begun.runId) } });
  }

  #endStep(report: StepReport): void {
    this.#steps.push(report);
    this.#tell({ type: "step_ended", ...report });
  }

  #fileThrough(file: SettledFile): void {
    this.#files.push(file);
    this.#tell({ type: "file", file });
  }

  /** A transaction on the connection that holds the slot, which proves first that it still does. */
  async #holding(work: (tx: Transaction) => Promise<void>): Promise<void> {
    await inTransaction(this.#sql, async (tx) => {
      if (!(await stillHoldsSlot(tx, "settle", this.#begun.runId))) throw settlementLost(this.#begun.runId);
      await work(tx);
    });
  }

  async #end(state: SettlementSummary["state"], failure: SettlementFailure | undefined): Promise<SettlementSummary> {
    const { operator, clock } = this.#context;
    const { runId, tookOver } = this.#begun;
    const endedAt = clock();
    const summary: SettlementSummary = {
      runId, state, operator: operator.name, host: operator.host, startedAt: this.#startedAt, endedAt, seconds: secondsSince(this.#startedMs), tookOver,
      closed: [...this.#closed], files: [...this.#files], steps: [...this.#steps], failure,
    };
    const note = this.#holding(async (tx) => {
      if (failure?.businessDate !== undefined) await markStopped(tx, failure.businessDate, state === "failed" ? "failed" : "open", `${failure.code}: ${failure.message}`, endedAt);
      await endSettlement(tx, runId, state, endedAt, summaryDocument(summary));
      await recordAction(tx, this.#context, { action: `settle.${state}`, subjectKind: "settlement_run", subject: String(runId), details: { closed: this.#closed.join(" "), failure: failure?.code ?? null } });
      await freeSlot(tx, "settle", runId);
    });
    // What went wrong first is what has to be known: a dead connection frees the slot by being dead.
    await (failure === undefined ? note : note.catch(() => {}));
    this.#tell({ type: "run_ended", summary });
    return summary;
  }

  /** Notes where the run stopped and why, and gives the error to throw. */
  async #stop(cause: unknown): Promise<unknown> {
    const { signal } = this.#context;
    const error = signal.aborted ? signal.reason as unknown : toAccrueError(cause);
    // Who has to wait for somebody else has not failed: the date is as open as before.
    const state = signal.aborted || (error instanceof AccrueError && error.kind === "busy") ? "interrupted" : "failed";
    const code = error instanceof AccrueError ? error.code : "unexpected";
    const message = error instanceof Error ? error.message : String(error);
    const place = this.#present?.place;
    if (this.#present !== undefined) {
      const { place: { stepNo, step, businessDate }, startedAt, startedMs } = this.#present;
      this.#endStep({ stepNo, step, businessDate, state, startedAt, seconds: secondsSince(startedMs), counts: {} });
    }
    await this.#end(state, { code, message, businessDate: place?.businessDate, step: place?.step });
    return error;
  }

  #tell(event: SettlementEventFacts): void {
    this.#input.onEvent?.({ ...event, runId: this.#begun.runId, at: this.#context.clock() } as SettlementEvent);
  }
}

/** An event without what every event has. */
type SettlementEventFacts = SettlementEvent extends infer Event ? (Event extends SettlementEvent ? Omit<Event, "runId" | "at"> : never) : never;

const secondsSince = (ms: number): number => Math.round(performance.now() - ms) / 1000;
