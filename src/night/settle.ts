import { basename } from "node:path";
import type { SecretBox } from "../domain/accounts/secret-box.ts";
import { recordAction } from "../db/audit.ts";
import type { Context } from "../db/context.ts";
import { dedicated, inTransaction, proving, reading, type Database, type Transaction } from "../db/database.ts";
import { toAccrueError } from "../db/errors.ts";
import { takeNumbers } from "../db/numbers.ts";
import { freeSlot, runHoldsSlot, slotHolder, stillHoldsSlot, takeSlot } from "../db/run-slots.ts";
import type { MaxRejects } from "../imports/max-rejects.ts";
import { dueDates, waitingChanges } from "../domain/grants/feed-sql.ts";
import { closeContributions } from "../domain/ledger/contributions-sql.ts";
import { closeAccounts } from "../domain/ledger/totals-sql.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import { AccrueError } from "../shared/errors.ts";
import { kindOfFolder } from "../shared/file-kinds.ts";
import { lookAhead, type NightInput } from "./ahead.ts";
import { warnOfClock } from "./dates.ts";
import { closeDate, markRunning, markStopped, summarizeDates } from "./dates-sql.ts";
import { countsDocument, fileDocument, summaryDocument } from "./documents.ts";
import type { SettledFile, SettlementEvent, SettlementFailure, SettlementStep, SettlementSummary, StepCounts, StepReport } from "./events.ts";
import { failedFiles } from "./files-sql.ts";
import { inboxFolders, type InboxFile } from "./inbox.ts";
import { takenByEarlierRuns, type TakenFile } from "./night-files-sql.ts";
import { CatchUp } from "./progress.ts";
import { endSettlement, endStep, insertSettlement, insertStep, noteFailedFile, type StepPlace } from "./record-sql.ts";
import { filesFailed, settlementBusy, settlementBusyNow, settlementLost } from "./refusals.ts";
import { expireStep, grantStep, importStep, verifyStep } from "./steps.ts";
import { waitWhileBusy } from "./wait.ts";

export interface SettleInput extends NightInput {
  /** The most rejected rows of a file; with more of them it is set aside as a whole. What is usual for its folder when not given. */
  readonly maxRejects?: MaxRejects | undefined;
  /** How long to wait for the end of another settlement, or of a grant run that somebody started; not at all when not given. */
  readonly waitMs?: number;
  readonly secretBox: () => SecretBox;
  /** Told of all that happens, as it happens. It must not throw. */
  readonly onEvent?: (event: SettlementEvent) => void;
}

/**
 * The nightly settlement: takes in what lies in the inbox, then settles each business date from the oldest that is not closed up
 * to yesterday: grants and claws back points, lets stale requests expire, verifies the date's rows and closes it. One at a
 * time, on whatever machine; each step may be repeated, so what a killed run left is finished by the next. No date is settled while
 * a file that has to come for it has not, or one that came was set aside, unless the input says that this is no matter.
 *
 * @returns what was done, when all of it was
 * @throws what `lookAhead` refuses, before anything was taken in; refused `files_failed`; busy when another settlement is at work;
 *   `verification_failed` (findings); else what stopped it, which is recorded
 *   then, with the date it stopped at
 */
export async function settle(context: Context, input: SettleInput): Promise<SettlementSummary> {
  const session = dedicated(context.db);
  try {
    const begun = await begin(context, session, input.waitMs ?? 0);
    return await new Settlement(context, input, session, begun).perform();
  } finally {
    await session.close();
  }
}

interface Begun {
  readonly runId: bigint;
  readonly tookOver: bigint | undefined;
}

/** Becomes the one settlement, if none lives, or when the one that does has ended in time. */
function begin(context: Context, session: Database, waitMs: number): Promise<Begun> {
  const busy = { code: "settlement_busy", waitMs, note: "another settlement is at work; waiting for it to end" };
  return waitWhileBusy(context, busy, () => inTransaction(session, (tx) => tryBegin(tx, context)));
}

async function tryBegin(tx: Transaction, { operator, clock }: Context): Promise<Begun> {
  const [runId, at] = [await takeNumbers(tx, "run"), clock()];
  const taken = await takeSlot(tx, "settle", runId, operator, at);
  if (taken === undefined) {
    const holder = await slotHolder(tx, "settle");
    throw holder === undefined ? settlementBusyNow() : settlementBusy(holder);
  }
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
  readonly #session: Database;
  readonly #begun: Begun;
  readonly #startedAt: Date;
  readonly #startedMs = performance.now();
  readonly #steps: StepReport[] = [];
  readonly #files: SettledFile[] = [];
  readonly #closed: BusinessDate[] = [];
  #present: { readonly place: StepPlace; readonly startedAt: Date; readonly startedMs: number } | undefined;

  constructor(context: Context, input: SettleInput, session: Database, begun: Begun) {
    this.#context = context;
    const proof = async (tx: Transaction) => {
      if (!(await runHoldsSlot(tx, "settle", begun.runId))) throw settlementLost(begun.runId);
    };
    this.#proving = { ...context, db: proving(context.db, proof) };
    this.#input = input;
    this.#session = session;
    this.#begun = begun;
    this.#startedAt = context.clock();
  }

  async perform(): Promise<SettlementSummary> {
    this.#tell({ type: "run_started", tookOver: this.#begun.tookOver });
    try {
      await warnOfClock(this.#context);
      let dates: readonly BusinessDate[] = [];
      await this.#step("import", undefined, async () => {
        const ahead = await lookAhead(this.#context, this.#input);
        dates = ahead.dates;
        return this.#takeIn(ahead.files);
      });
      await this.#requireWholeFiles();
      await this.#settleDates(dates);
      return await this.#end("complete", undefined);
    } catch (error) {
      throw await this.#stop(error);
    }
  }

  async #takeIn(files: readonly InboxFile[]): Promise<StepCounts> {
    const { inbox, secretBox, maxRejects } = this.#input;
    const beforeSetAside = (file: SettledFile) => this.#holding((tx) => noteFailedFile(tx, this.#begun.runId, fileDocument(file)));
    const listener = { onFile: (file: SettledFile) => this.#fileThrough(file), beforeSetAside };
    return importStep(this.#proving, inbox === undefined ? undefined : { inbox, files, secretBox, maxRejects }, listener);
  }

  /** A file that failed may be all that a date has: no run closes anything after it before somebody has seen to it. */
  async #requireWholeFiles(): Promise<void> {
    if (this.#input.isIncomplete === true) return;
    const failed = await reading(() => failedFiles(this.#context.db.sql, kindOfFolder));
    if (failed.length > 0) throw filesFailed(failed);
  }

  async #settleDates(dates: readonly BusinessDate[]): Promise<void> {
    const { db, onProgress } = this.#context;
    if (dates.length < 2) {
      for (const date of dates) await this.#settleDate(date, onProgress);
      return;
    }
    const orders = await reading(async () => waitingChanges(db.sql, await dueDates(db.sql, dates.at(-1)!)));
    const catchUp = new CatchUp(dates, orders, onProgress);
    for (const date of dates) await this.#settleDate(date, catchUp.take, (step) => catchUp.at(date, step));
  }

  async #settleDate(
    date: BusinessDate, onProgress: Context["onProgress"], onStep: (step: SettlementStep) => void = () => {},
  ): Promise<void> {
    const [proving, context] = [{ ...this.#proving, onProgress }, { ...this.#context, onProgress }];
    const step = (name: SettlementStep, work: () => Promise<StepCounts>, finish?: (tx: Transaction) => Promise<void>) => {
      onStep(name);
      return this.#step(name, date, work, finish);
    };
    await step("grant", () => grantStep(proving, date, this.#input.waitMs ?? 0));
    await step("expire", () => expireStep(proving));
    await step("verify", () => verifyStep(context, date));
    await step("close", async () => ({}), (tx) => this.#close(tx, date));
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
    await closeContributions(tx, date, this.#begun.runId);
    await summarizeDates(tx);
    await recordAction(tx, this.#context, {
      action: "settle.close", subjectKind: "business_date", subject: date,
      details: { run_id: Number(this.#begun.runId), ...(this.#input.isIncomplete === true ? { incomplete: true } : {}) },
    });
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
    await inTransaction(this.#session, async (tx) => {
      if (!(await stillHoldsSlot(tx, "settle", this.#begun.runId))) throw settlementLost(this.#begun.runId);
      await work(tx);
    });
  }

  async #end(state: SettlementSummary["state"], failure: SettlementFailure | undefined): Promise<SettlementSummary> {
    const { operator, clock } = this.#context;
    const { runId, tookOver } = this.#begun;
    const endedAt = clock();
    const earlier = await this.#earlierFiles();
    const summary: SettlementSummary = {
      runId, state, operator: operator.name, host: operator.host, startedAt: this.#startedAt, endedAt, seconds: secondsSince(this.#startedMs), tookOver,
      closed: [...this.#closed], files: [...this.#files], earlier, steps: [...this.#steps], failure,
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

  /** What belongs to the dates that this run closed, but was taken in before it. What cannot be asked any more is not told. */
  async #earlierFiles(): Promise<readonly SettledFile[]> {
    const last = this.#closed.at(-1);
    if (last === undefined) return [];
    const { db, zone } = this.#context;
    const own = new Set(this.#files.map(({ importId }) => importId));
    const taken = await takenByEarlierRuns(db.sql, last, zone, this.#begun.runId).catch(() => []);
    return taken.filter(({ importId }) => !own.has(importId)).map(settledFileOf);
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

const settledFileOf = ({ kind, file, importId, rejectsFile, ...counts }: TakenFile): SettledFile => ({
  folder: inboxFolders.find((folder) => kindOfFolder[folder] === kind) ?? kind, name: basename(file), outcome: "done", path: file,
  importId, ...counts, ...(rejectsFile === null ? {} : { rejectsFile }),
});

/** An event without what every event has. */
type SettlementEventFacts = SettlementEvent extends infer Event ? (Event extends SettlementEvent ? Omit<Event, "runId" | "at"> : never) : never;

const secondsSince = (ms: number): number => Math.round(performance.now() - ms) / 1000;
