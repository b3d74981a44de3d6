import { recordAction } from "../../db/audit.ts";
import { isDry, type Context } from "../../db/context.ts";
import {
  dedicated,
  inTransaction,
  onOneSnapshot,
  type Database,
  type Sql,
  type Transaction,
} from "../../db/database.ts";
import { tuneBulk } from "../../db/planner.ts";
import { nextNumber, takeNumbers } from "../../db/numbers.ts";
import { freeDeadSlot, freeSlot, runHoldsSlot, takeSlot } from "../../db/run-slots.ts";
import { clearedMerchants } from "../billing/account-sql.ts";
import { hasEvidence } from "../evidence/verdict-sql.ts";
import { grantLines } from "../ledger/model.ts";
import { postJournal } from "../ledger/sql.ts";
import { dateIsClosed } from "../ledger/closed-dates.ts";
import { isDateClosed } from "../ledger/closed-dates-sql.ts";
import { businessDateOf, isBusinessDate, type BusinessDate } from "../../shared/business-date.ts";
import { refusedError, usageError } from "../../shared/errors.ts";
import { formatYuan } from "../../shared/money.ts";
import {
  chunkEnds,
  chunkTotals,
  computeChangedDue,
  computeFirstDue,
  createRunTables,
  insertEntries,
  insertSkips,
  moveBalances,
  takeChanges,
} from "./chunk-sql.ts";
import { grantsOnCollection, hasCleared, keepBack, releaseCleared } from "./collection-sql.ts";
import { grantsOnEvidence, hasEvidenced, holdUnevidenced, releaseEvidenced } from "./evidence-sql.ts";
import { dueDates, hasChanges, ordersThatWait, type DueDates, type Waits } from "./feed-sql.ts";
import { fundFen } from "./model.ts";
import { alreadyRunning, lostSlot } from "./refusals.ts";
import { addToRun, endRun, insertRun, lastCompleteRun, type GrantRun, type RunTotals } from "./run-sql.ts";

export interface GrantInput {
  readonly businessDate: BusinessDate;
  /** Rows of the feed per chunk; each chunk is one commit. */
  readonly maxChunkChanges?: number;
}

/** What a run did, or would do; `runId` is undefined for a dry run and when there was nothing to do. */
export interface GrantReport extends RunTotals {
  readonly runId: bigint | undefined;
  readonly businessDate: BusinessDate;
  readonly dryRun: boolean;
  /** The dead run whose rest this one settled. */
  readonly tookOver: bigint | undefined;
  /** When there was nothing to do: the last complete run of that date, if any. */
  readonly earlier: GrantRun | undefined;
  /** When there was nothing to do: the orders that wait, and for what. */
  readonly waits: Waits | undefined;
}

/** The figures of a report as the command and the night print them: amounts in yuan. */
export const grantFigures = (report: GrantReport) => ({
  orders: report.orders,
  members: report.members,
  points_granted: report.pointsGranted,
  points_clawed_back: report.pointsClawedBack,
  contribution: formatYuan(report.contributionFen),
  fund: formatYuan(fundFen(report)),
  skipped_orders: report.skippedOrders,
  skipped_points: report.skippedPoints,
  waiting_orders: report.waitingOrders,
  unevidenced_orders: report.unevidencedOrders,
});

const defaultChunkChanges = 100_000;

/** Chunks that are settled at the same time, each on a connection of its own: one keeps a core of the server busy. */
const chunksAtOnce = 2;

const noSkips = { skippedOrders: 0n, skippedPoints: 0n };
const nothing: RunTotals = {
  orders: 0n,
  members: 0n,
  pointsGranted: 0n,
  pointsClawedBack: 0n,
  contributionFen: 0n,
  waitingOrders: 0n,
  unevidencedOrders: 0n,
  ...noSkips,
};

const plus = (one: RunTotals, other: RunTotals): RunTotals =>
  Object.fromEntries(
    Object.entries(one).map(([name, value]) => [name, value + other[name as keyof RunTotals]]),
  ) as unknown as RunTotals;

/**
 * The points-grant batch: settles every paid order up to and including a business date that is not yet settled at its
 * present net amount, and whose grant delay is over. Where the policy grants on collection, points wait for the
 * merchant's money; where it asks for evidence, orders wait until a channel shows their payment. It settles the feed of
 * changed orders in chunks of whole members with one commit each, two at a time, and verifies in each chunk that it
 * still holds the run slot. Its cost follows the feed, not the history.
 *
 * @throws refused for a date in the future and for a closed one; busy when another run is at work; the signal's reason
 * between two chunks
 */
export async function runGrant(context: Context, input: GrantInput): Promise<GrantReport> {
  const { businessDate } = input;
  checkDate(context, businessDate);
  const session = dedicated(context.db);
  try {
    if (await isDateClosed(session.sql, businessDate)) throw dateIsClosed(businessDate);
    const due = await dueDates(session.sql, businessDate);
    if (!(await hasWork(session.sql, due))) {
      await inTransaction(session, (tx) => buryDeadRun(tx, context), context.ending);
      return await nothingToDo(context, due);
    }
    const run = new Run(context, input, due, session);
    return isDry(context) ? await run.rehearse() : await run.perform();
  } finally {
    await session.close();
  }
}

const hasWork = async (sql: Sql, due: DueDates): Promise<boolean> =>
  (await hasChanges(sql, due)) ||
  (await hasCleared(sql, clearedMerchants(sql))) ||
  (await hasEvidenced(sql, hasEvidence(sql)));

function checkDate({ clock, zone }: Context, businessDate: BusinessDate): void {
  if (!isBusinessDate(businessDate)) {
    throw usageError("invalid_business_date", `"${businessDate}" is no business date`, {
      hint: "write it like 2026-01-31",
    });
  }
  const today = businessDateOf(clock(), zone);
  if (businessDate > today) {
    throw refusedError("business_date_in_future", `${businessDate} has not come yet: it is ${today} in ${zone}`, {
      hint: "grant points for today or an earlier date",
    });
  }
}

/**
 * Ends the record of a run that died after its last chunk: nothing is left to settle, but it still counts as running.
 */
async function buryDeadRun(tx: Transaction, { clock }: Context): Promise<void> {
  const runId = await freeDeadSlot(tx, "grant");
  if (runId !== undefined) await endRun(tx, runId, "interrupted", clock());
}

async function nothingToDo(context: Context, due: DueDates): Promise<GrantReport> {
  const { sql } = context.db;
  const [earlier, waits] = [await lastCompleteRun(sql, due.upTo), await ordersThatWait(sql, due)];
  const none = { ...nothing, runId: undefined, tookOver: undefined };
  return { ...none, businessDate: due.upTo, dryRun: isDry(context), earlier, waits };
}

/** The members of a chunk: after the first id, up to and including the second (null: all the rest). */
type ChunkOfMembers = readonly [afterMemberId: bigint, lastMemberId: bigint | null];

/** One run under way. */
class Run {
  readonly #context: Context;
  readonly #businessDate: BusinessDate;
  readonly #due: DueDates;
  readonly #maxChunkChanges: number;
  readonly #session: Database;
  #runId = 0n;
  #tookOver: bigint | undefined;
  #totals = nothing;
  #grantsOnCollection = false;
  #grantsOnEvidence = false;
  #settledChanges = 0;
  #allChanges = 0;

  constructor(context: Context, input: GrantInput, due: DueDates, session: Database) {
    this.#context = context;
    this.#businessDate = input.businessDate;
    this.#due = due;
    this.#maxChunkChanges = input.maxChunkChanges ?? defaultChunkChanges;
    this.#session = session;
  }

  /** The same path in one transaction that is rolled back. */
  async rehearse(): Promise<GrantReport> {
    await inTransaction(
      this.#session,
      async (tx) => {
        // Reads the next run number without locking it: this transaction may take long, and is rolled back.
        await this.#begin(tx, await nextNumber(tx, "run"));
        await this.#settleTogether(tx, await this.#chunks(tx));
      },
      "rollback",
    );
    return this.#report();
  }

  async perform(): Promise<GrantReport> {
    await inTransaction(this.#session, async (tx) => this.#begin(tx, await takeNumbers(tx, "run")));
    try {
      const chunks = await this.#chunks(this.#session.sql);
      if (chunks.length > 1) await this.#settleApart(chunks);
      else await inTransaction(this.#session, (tx) => this.#settleTogether(tx, chunks));
    } catch (error) {
      // Best effort: if this connection is gone, the slot is free anyway, for its session no longer exists.
      await inTransaction(this.#session, (tx) => this.#end(tx, "interrupted")).catch(() => {});
      throw error;
    }
    await inTransaction(this.#session, (tx) => this.#end(tx, "complete"));
    return this.#report();
  }

  async #begin(tx: Transaction, runId: bigint): Promise<void> {
    const { operator, clock } = this.#context;
    this.#runId = runId;
    const taken = await takeSlot(tx, "grant", this.#runId, operator, clock());
    if (taken === undefined) throw await alreadyRunning(tx);
    if (taken.deadRunId !== null) {
      await endRun(tx, taken.deadRunId, "interrupted", clock());
      this.#tookOver = taken.deadRunId;
    }
    await insertRun(tx, this.#runId, this.#businessDate, operator, clock());
    this.#grantsOnCollection = await grantsOnCollection(tx);
    if (this.#grantsOnCollection) await releaseCleared(tx, clearedMerchants(tx));
    this.#grantsOnEvidence = await grantsOnEvidence(tx);
    if (this.#grantsOnEvidence) await releaseEvidenced(tx, hasEvidence(tx));
  }

  /** Settles chunks in one transaction. */
  async #settleTogether(tx: Transaction, chunks: readonly ChunkOfMembers[]): Promise<void> {
    await createRunTables(tx);
    for (const chunk of chunks) await this.#settleChunk(tx, chunk);
  }

  /** Settles each chunk in its own transaction. Each connection takes the next that is left, until one fails. */
  async #settleApart(chunks: readonly ChunkOfMembers[]): Promise<void> {
    const helpers = chunks.slice(1, chunksAtOnce).map(() => dedicated(this.#context.db));
    const sessions = [this.#session, ...helpers];
    const left = chunks.values();
    let hasFailed = false;
    const settleNext = async (session: Database) => {
      try {
        for (const chunk of left) {
          if (hasFailed) return;
          await inTransaction(session, (tx) => this.#settleChunk(tx, chunk));
        }
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    };
    try {
      await onOneSnapshot(sessions, createRunTables);
      const ended = await Promise.allSettled(sessions.map(settleNext));
      const failure = ended.find((one) => one.status === "rejected");
      if (failure !== undefined) throw failure.reason;
    } finally {
      await Promise.all(helpers.map((helper) => helper.close()));
    }
  }

  async #chunks(sql: Sql): Promise<readonly ChunkOfMembers[]> {
    const { changes, ends } = await chunkEnds(sql, this.#due, this.#maxChunkChanges);
    this.#allChanges = changes;
    this.#reportProgress();
    return [...ends, null].map((end, index) => [ends[index - 1] ?? 0n, end] as const);
  }

  /** Settles the members of one chunk, if the feed has changes of them. */
  async #settleChunk(tx: Transaction, [afterMemberId, lastMemberId]: ChunkOfMembers): Promise<void> {
    this.#context.signal.throwIfAborted();
    if (!(await runHoldsSlot(tx, "grant", this.#runId))) throw lostSlot(this.#runId);
    await tuneBulk(tx);
    const taken = await takeChanges(tx, afterMemberId, lastMemberId, this.#due);
    if (taken === 0) return;
    this.#settledChanges += taken;
    const unevidencedOrders = this.#grantsOnEvidence ? await holdUnevidenced(tx, hasEvidence(tx)) : 0n;
    await computeFirstDue(tx);
    await computeChangedDue(tx);
    const waitingOrders = this.#grantsOnCollection ? await keepBack(tx, this.#businessDate) : 0n;
    const now = this.#context.clock();
    const { moved: toMove, hasSkips, ...settled } = await chunkTotals(tx);
    const entries = await insertEntries(tx, this.#runId, this.#businessDate, now);
    const waits = { waitingOrders, unevidencedOrders };
    const totals = { ...settled, ...waits, ...(hasSkips ? await insertSkips(tx, this.#runId) : noSkips) };
    const moved = await moveBalances(tx);
    if (BigInt(entries) !== totals.orders || BigInt(moved) !== toMove) {
      throw new Error(
        `a chunk of run ${this.#runId} is short: ${entries} of ${totals.orders} entries, ${moved} of ${toMove} balances`,
      );
    }
    await this.#post(tx, totals, now);
    this.#totals = plus(this.#totals, totals);
    this.#reportProgress();
  }

  #reportProgress(): void {
    this.#context.onProgress({
      phase: `granting points for ${this.#businessDate}`,
      done: this.#settledChanges,
      total: this.#allChanges,
      unit: "orders",
    });
  }

  async #post(tx: Transaction, totals: RunTotals, postedAt: Date): Promise<void> {
    const points = totals.pointsGranted - totals.pointsClawedBack;
    const lines = grantLines({ contributionFen: totals.contributionFen, points });
    const head = {
      kind: "grant",
      runId: this.#runId,
      businessDate: this.#businessDate,
      operator: this.#context.operator.name,
      postedAt,
    } as const;
    await postJournal(tx, head, lines);
    if (!(await addToRun(tx, this.#runId, totals))) throw lostSlot(this.#runId);
  }

  async #end(tx: Transaction, status: "complete" | "interrupted"): Promise<void> {
    const { clock } = this.#context;
    if (!(await freeSlot(tx, "grant", this.#runId)) || !(await endRun(tx, this.#runId, status, clock())))
      throw lostSlot(this.#runId);
    await recordAction(tx, this.#context, {
      action: `grant.run.${status}`,
      subjectKind: "grant_run",
      subject: String(this.#runId),
      details: { business_date: this.#businessDate, orders: Number(this.#totals.orders) },
    });
  }

  #report(): GrantReport {
    const dryRun = isDry(this.#context);
    const runId = dryRun ? undefined : this.#runId;
    return {
      ...this.#totals,
      runId,
      businessDate: this.#businessDate,
      dryRun,
      tookOver: this.#tookOver,
      earlier: undefined,
      waits: undefined,
    };
  }
}
