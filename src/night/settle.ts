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
import { hasOverdue } from "../domain/billing/suspend-overdue.ts";
import { duePeriods } from "../domain/billing/due.ts";
import { closeBooks } from "../domain/ledger/close-books.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import { AccrueError } from "../shared/errors.ts";
import { kindOfFolder } from "../shared/file-kinds.ts";
import { lookAhead, type NightInput } from "./ahead.ts";
import { warnOfClock } from "./dates.ts";
import { closeDate, makePartitions, markRunning, markStopped, summarizeDates } from "./dates-sql.ts";
import { countsDocument, fileDocument, summaryDocument } from "./documents.ts";
import type {
  SettledFile,
  SettlementEvent,
  SettlementFailure,
  SettlementStep,
  SettlementSummary,
  StepCounts,
  StepReport,
} from "./events.ts";
import { failedFiles } from "./files-sql.ts";
import { inboxFolders, type InboxFile } from "./inbox.ts";
import { takenByEarlierRuns, type TakenFile } from "./night-files-sql.ts";
import { CatchUp } from "./progress.ts";
import { endSettlement, endStep, insertSettlement, insertStep, noteFailedFile, type StepPlace } from "./record-sql.ts";
import { filesFailed, settlementBusy, settlementBusyNow, settlementLost } from "./refusals.ts";
import { billStep, expireStep, grantStep, importStep, suspendStep, verifyStep } from "./steps.ts";
import { waitWhileBusy } from "./wait.ts";

export interface SettleInput extends NightInput {
  /** The most rejected rows of a file; a file with more is set aside as a whole. The default depends on the folder. */
  readonly maxRejects?: MaxRejects | undefined;
  /** How long to wait for the end of another settlement or of a grant run; 0 when not given. */
  readonly waitMs?: number;
  readonly secretBox: () => SecretBox;
  /** Called with each event as it happens. Must not throw. */
  readonly onEvent?: (event: SettlementEvent) => void;
}

/**
 * The nightly settlement: imports the files of the inbox, then settles each business date from the oldest that is not
 * closed to yesterday: grants and claws back points, expires requests, verifies the date's rows and closes it. Only one
 * runs at a time, on any machine. Each step can be repeated, so the next run finishes what a killed one left. No date
 * is settled while an expected file has not arrived, or a file was set aside, unless `isIncomplete`.
 *
 * @returns the summary of a complete run
 * @throws what `lookAhead` throws, before the import; refused `files_failed`; busy when another settlement runs;
 *   findings `verification_failed`; otherwise what stopped it, which is recorded with the date it stopped at
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

/** Takes the run slot of the settlement, if need be after waiting for the end of another one. */
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

/** One running settlement. */
class Settlement {
  readonly #context: Context;
  /** The context of writing steps, whose transactions first check that this run still holds the slot. */
  readonly #proving: Context;
  readonly #input: SettleInput;
  /** The connection that holds the slot. The run is recorded on it, after checking that it still holds the slot. */
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
    this.#emit({ type: "run_started", tookOver: this.#begun.tookOver });
    try {
      await warnOfClock(this.#context);
      let dates: readonly BusinessDate[] = [];
      await this.#step("import", undefined, async () => {
        const ahead = await lookAhead(this.#context, this.#input);
        dates = ahead.dates;
        return this.#importFiles(ahead.files);
      });
      await this.#requireWholeFiles();
      await this.#settleDates(dates);
      await this.#bill();
      if (await hasOverdue(this.#context)) await this.#step("suspend", undefined, () => suspendStep(this.#proving));
      return await this.#end("complete", undefined);
    } catch (error) {
      throw await this.#stop(error);
    }
  }

  async #importFiles(files: readonly InboxFile[]): Promise<StepCounts> {
    const { inbox, secretBox, maxRejects } = this.#input;
    const beforeSetAside = (file: SettledFile) =>
      this.#holding((tx) => noteFailedFile(tx, this.#begun.runId, fileDocument(file)));
    const listener = { onFile: (file: SettledFile) => this.#reportFile(file), beforeSetAside };
    return importStep(
      this.#proving,
      inbox === undefined ? undefined : { inbox, files, secretBox, maxRejects },
      listener,
    );
  }

  /** A failed file may have all orders of a date, so no date is closed before it is mended or imported again. */
  async #requireWholeFiles(): Promise<void> {
    if (this.#input.isIncomplete === true) return;
    const failed = await reading(() => failedFiles(this.#context.db.sql, kindOfFolder));
    if (failed.length > 0) throw filesFailed(failed);
  }

  /** Months that are closed to their end by now; one that a killed run left unbilled is billed by the next. */
  async #bill(): Promise<void> {
    const periods = await duePeriods(this.#context);
    if (periods.length > 0) await this.#step("bill", undefined, () => billStep(this.#proving, periods));
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
    date: BusinessDate,
    onProgress: Context["onProgress"],
    onStep: (step: SettlementStep) => void = () => {},
  ): Promise<void> {
    const [proving, context] = [
      { ...this.#proving, onProgress },
      { ...this.#context, onProgress },
    ];
    const step = (
      name: SettlementStep,
      work: () => Promise<StepCounts>,
      finish?: (tx: Transaction) => Promise<void>,
    ) => {
      onStep(name);
      return this.#step(name, date, work, finish);
    };
    await step("grant", () => grantStep(proving, date, this.#input.waitMs ?? 0));
    await step("expire", () => expireStep(proving));
    await step("verify", () => verifyStep(context, date));
    await step(
      "close",
      async () => ({}),
      (tx) => this.#close(tx, date),
    );
    this.#closed.push(date);
  }

  /**
   * One numbered step, recorded at its beginning and end, each in a transaction that checks that the run still holds
   * the slot.
   *
   * @param finish runs in the transaction that records the end
   */
  async #step(
    step: SettlementStep,
    businessDate: BusinessDate | undefined,
    work: () => Promise<StepCounts>,
    finish = async (_tx: Transaction) => {},
  ): Promise<void> {
    const { clock, signal, operator } = this.#context;
    signal.throwIfAborted();
    const place = { runId: this.#begun.runId, stepNo: this.#steps.length + 1, step, businessDate };
    const [startedAt, startedMs] = [clock(), performance.now()];
    await this.#holding(async (tx) => {
      await insertStep(tx, place, startedAt);
      if (businessDate !== undefined)
        await markRunning(tx, businessDate, step, { runId: place.runId, operator, at: startedAt });
    });
    this.#present = { place, startedAt, startedMs };
    this.#emit({ type: "step_started", stepNo: place.stepNo, step, businessDate });
    const counts = await work();
    await this.#holding(async (tx) => {
      await finish(tx);
      await endStep(tx, place, clock(), countsDocument(counts));
    });
    this.#endStep({
      stepNo: place.stepNo,
      step,
      businessDate,
      state: "done",
      startedAt,
      seconds: secondsSince(startedMs),
      counts,
    });
    this.#present = undefined;
  }

  async #close(tx: Transaction, date: BusinessDate): Promise<void> {
    await closeDate(tx, date, this.#context.clock());
    await closeBooks(tx, date, this.#begun.runId);
    await summarizeDates(tx);
    await recordAction(tx, this.#context, {
      action: "settle.close",
      subjectKind: "business_date",
      subject: date,
      details: {
        run_id: Number(this.#begun.runId),
        ...(this.#input.isIncomplete === true ? { incomplete: true } : {}),
      },
    });
  }

  #endStep(report: StepReport): void {
    this.#steps.push(report);
    this.#emit({ type: "step_ended", ...report });
  }

  #reportFile(file: SettledFile): void {
    this.#files.push(file);
    this.#emit({ type: "file", file });
  }

  /** A transaction on the connection that holds the slot, which first checks that it still does. */
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
      runId,
      state,
      operator: operator.name,
      host: operator.host,
      startedAt: this.#startedAt,
      endedAt,
      seconds: secondsSince(this.#startedMs),
      tookOver,
      closed: [...this.#closed],
      files: [...this.#files],
      earlier,
      steps: [...this.#steps],
      failure,
    };
    let room: readonly string[] = [];
    const note = this.#holding(async (tx) => {
      if (failure === undefined) room = await makePartitions(tx);
      if (failure?.businessDate !== undefined)
        await markStopped(
          tx,
          failure.businessDate,
          state === "failed" ? "failed" : "open",
          `${failure.code}: ${failure.message}`,
          endedAt,
        );
      await endSettlement(tx, runId, state, endedAt, summaryDocument(summary));
      await recordAction(tx, this.#context, {
        action: `settle.${state}`,
        subjectKind: "settlement_run",
        subject: String(runId),
        details: { closed: this.#closed.join(" "), failure: failure?.code ?? null },
      });
      await freeSlot(tx, "settle", runId);
    });
    // After a failure the record is best effort: a lost connection has freed the slot already.
    await (failure === undefined ? note : note.catch(() => {}));
    if (room.length > 0) this.#context.onNote(`room for the nights to come: made ${room.join(" and ")}`);
    this.#emit({ type: "run_ended", summary });
    return summary;
  }

  /**
   * Files of the dates that this run closed which earlier runs imported; none when the database cannot be read any
   * more.
   */
  async #earlierFiles(): Promise<readonly SettledFile[]> {
    const last = this.#closed.at(-1);
    if (last === undefined) return [];
    const { db, zone } = this.#context;
    const own = new Set(this.#files.map(({ importId }) => importId));
    const taken = await takenByEarlierRuns(db.sql, last, zone, this.#begun.runId).catch(() => []);
    return taken.filter(({ importId }) => !own.has(importId)).map(settledFileOf);
  }

  /** Records where the run stopped and why. @returns the error to throw */
  async #stop(cause: unknown): Promise<unknown> {
    const { signal } = this.#context;
    const error = signal.aborted ? (signal.reason as unknown) : toAccrueError(cause);
    // A run that is kept waiting has not failed: the date stays open.
    const state = signal.aborted || (error instanceof AccrueError && error.kind === "busy") ? "interrupted" : "failed";
    const code = error instanceof AccrueError ? error.code : "unexpected";
    const message = error instanceof Error ? error.message : String(error);
    const place = this.#present?.place;
    if (this.#present !== undefined) {
      const {
        place: { stepNo, step, businessDate },
        startedAt,
        startedMs,
      } = this.#present;
      this.#endStep({ stepNo, step, businessDate, state, startedAt, seconds: secondsSince(startedMs), counts: {} });
    }
    await this.#end(state, { code, message, businessDate: place?.businessDate, step: place?.step });
    return error;
  }

  #emit(event: SettlementEventFacts): void {
    this.#input.onEvent?.({ ...event, runId: this.#begun.runId, at: this.#context.clock() } as SettlementEvent);
  }
}

const settledFileOf = ({ kind, file, importId, rejectsFile, ...counts }: TakenFile): SettledFile => ({
  folder: inboxFolders.find((folder) => kindOfFolder[folder] === kind) ?? kind,
  name: basename(file),
  outcome: "done",
  path: file,
  importId,
  ...counts,
  ...(rejectsFile === null ? {} : { rejectsFile }),
});

/** An event without the fields that all events have. */
type SettlementEventFacts = SettlementEvent extends infer Event
  ? Event extends SettlementEvent
    ? Omit<Event, "runId" | "at">
    : never
  : never;

const secondsSince = (ms: number): number => Math.round(performance.now() - ms) / 1000;
