import { createHash } from "node:crypto";
import type { SecretBox } from "../accounts/secret-box.ts";
import { recordAction } from "../../db/audit.ts";
import { isDry, type Context } from "../../db/context.ts";
import { inTransaction, type Transaction } from "../../db/database.ts";
import { tuneBulk } from "../../db/planner.ts";
import { takeNumbers } from "../../db/numbers.ts";
import { coverageRefusal } from "../ledger/coverage.ts";
import { leastCoverage } from "../ledger/fund-sql.ts";
import { policyOn } from "../policies/sql.ts";
import { fundMoney } from "../ledger/totals-sql.ts";
import { businessDateOf } from "../../shared/business-date.ts";
import { AccrueError } from "../../shared/errors.ts";
import { formatYuan, type Fen } from "../../shared/money.ts";
import { takeDecisionSlot } from "../withdrawals/decision-sql.ts";
import { debtHint } from "../withdrawals/refusals.ts";
import { findNotHandedOver } from "./batch-sql.ts";
import {
  createNewDetails,
  insertBatch,
  insertDetails,
  payingGrossFen,
  selectPayable,
  selectWithoutAccount,
  takeExportSlot,
  type NewFile,
  type PayableRow,
  type WithoutAccount,
} from "./export-sql.ts";
import { batchNoOf, detailNoOf } from "./model.ts";
import { openPayee } from "./payee.ts";
import { batchNotHandedOver, changedMeanwhile, payoutsNotCovered } from "./payout-errors.ts";
import type { BatchHead, Payout, PayoutProblem, PayoutProvider } from "./provider.ts";

/** What to send. */
export interface ExportRequest {
  /** The most payouts of the batch; all that are approved when not given. */
  readonly limit?: number | undefined;
  /** The largest total of the batch; the oldest are taken until the next one would exceed it. */
  readonly maxTotalFen?: Fen | undefined;
  /** The appid that a WeChat template names. */
  readonly appid?: string;
}

/** An approved withdrawal that cannot be sent, and stays approved. */
export interface RefusedPayout extends PayoutProblem {
  readonly withdrawalNo: string;
  readonly memberNo: string;
}

/** A recorded batch, and what was left out of it. */
export interface RecordedBatch {
  /** Undefined when nothing could be sent, and for a dry run. */
  readonly batchNo: string | undefined;
  readonly details: number;
  readonly totalFen: Fen;
  readonly files: number;
  readonly refusedCount: number;
  /** The oldest of them. */
  readonly refused: readonly RefusedPayout[];
  readonly withoutAccount: WithoutAccount;
}

const namedRefused = 100;
const pageRows = 2000;

/**
 * Puts approved withdrawals into one batch: moves each to paying, and records the batch, its details and its files in
 * one transaction. Nothing is handed over here: `handOver` does that afterwards, so nothing is ever visible that is not
 * recorded.
 *
 * @throws what the provider's `check` throws; refused `payout_batch_not_handed_over` while another batch of the channel
 *   is not handed over, `fund_insufficient` when the fund does not cover all unanswered payouts; busy
 *   `payouts_changed_meanwhile`
 */
export async function recordBatch(
  context: Context,
  box: SecretBox,
  provider: PayoutProvider,
  request: ExportRequest,
): Promise<RecordedBatch> {
  await provider.requireReady([]);
  return inTransaction(
    context.db,
    async (tx) => {
      await takeExportSlot(tx);
      const waiting = await findNotHandedOver(tx, provider.channel);
      if (waiting !== undefined) throw batchNotHandedOver(waiting.batchNo, provider.channel, provider.payer !== null);
      // No withdrawal can be decided meanwhile: what is approved stays approved until it is paying.
      await takeDecisionSlot(tx);
      await tuneBulk(tx);
      await createNewDetails(tx);
      return new Recording(context, box, provider, request, tx).run();
    },
    context.ending,
  );
}

/** A payable withdrawal with its account opened. */
type Taken = readonly [row: PayableRow, payout: Omit<Payout, "detailNo">];

/** One batch while it is recorded. */
class Recording {
  readonly #context: Context;
  readonly #box: SecretBox;
  readonly #provider: PayoutProvider;
  readonly #request: ExportRequest;
  readonly #tx: Transaction;
  readonly #at: Date;
  readonly #digest = createHash("sha256");
  readonly #files: NewFile[] = [];
  readonly #refused: RefusedPayout[] = [];
  #refusedCount = 0;
  #parts = 0;
  #details = 0;
  #totalFen: Fen = 0n;
  #head: BatchHead | undefined;

  constructor(context: Context, box: SecretBox, provider: PayoutProvider, request: ExportRequest, tx: Transaction) {
    this.#context = context;
    this.#box = box;
    this.#provider = provider;
    this.#request = request;
    this.#tx = tx;
    this.#at = context.clock();
  }

  async run(): Promise<RecordedBatch> {
    let part: Taken[] = [];
    for await (const taken of this.#takeable()) {
      part.push(taken);
      if (part.length < this.#provider.partRows) continue;
      await this.#writePart(part);
      part = [];
    }
    if (part.length > 0) await this.#writePart(part);
    if (this.#head !== undefined) {
      await this.#requireCover();
      await this.#close(this.#head);
    }
    return {
      batchNo: isDry(this.#context) ? undefined : this.#head?.batchNo,
      details: this.#details,
      totalFen: this.#totalFen,
      files: this.#files.length,
      refusedCount: this.#refusedCount,
      refused: this.#refused,
      withoutAccount: await selectWithoutAccount(this.#tx),
    };
  }

  /** The payouts that can be sent, oldest first, until a limit is reached. */
  async *#takeable(): AsyncGenerator<Taken> {
    const { limit = Infinity, maxTotalFen } = this.#request;
    let [after, taken, totalFen] = ["", 0, 0n];
    for (;;) {
      this.#context.signal.throwIfAborted();
      const page = await selectPayable(this.#tx, this.#provider.channel, after, pageRows);
      for (const row of page) {
        const payout = memberProblem(row) ?? this.#opened(row);
        if ("code" in payout) {
          this.#refuse(row, payout);
          continue;
        }
        if (taken >= limit || (maxTotalFen !== undefined && totalFen + row.netFen > maxTotalFen)) return;
        taken += 1;
        totalFen += row.netFen;
        yield [row, payout];
      }
      if (page.length < pageRows) return;
      after = page.at(-1)!.withdrawalNo;
    }
  }

  /** The payout, or why it cannot be made: an unreadable account does not keep others from being paid. */
  #opened(row: PayableRow): Omit<Payout, "detailNo"> | PayoutProblem {
    try {
      const payout = openPayee(this.#box, row);
      return this.#provider.problemWith(payout) ?? payout;
    } catch (error) {
      if (error instanceof AccrueError && error.code === "account_unreadable")
        return { code: error.code, reason: error.message };
      throw error;
    }
  }

  #refuse({ withdrawalNo, memberNo }: PayableRow, problem: PayoutProblem): void {
    this.#refusedCount += 1;
    if (this.#refused.length < namedRefused) this.#refused.push({ withdrawalNo, memberNo, ...problem });
  }

  async #writePart(taken: readonly Taken[]): Promise<void> {
    const head = (this.#head ??= await this.#newHead());
    const fileNo = (this.#parts += 1);
    const first = await takeNumbers(this.#tx, "payout_detail", taken.length);
    const numbers = taken.map((_, index) => detailNoOf(first + BigInt(index)));
    const details = taken.map(([row], index) => ({
      ...row,
      detailNo: numbers[index]!,
      rowNo: this.#details + index + 1,
    }));
    const { name: operator, host } = this.#context.operator;
    const moved = await insertDetails(this.#tx, details, {
      batchNo: head.batchNo,
      fileNo,
      operator,
      host,
      at: this.#at,
    });
    if (moved !== details.length) throw changedMeanwhile();
    const file = this.#provider.fileOf({
      ...head,
      fileNo,
      payouts: taken.map(([, payout], index) => ({ ...payout, detailNo: numbers[index]! })),
    });
    const totalFen = details.reduce((total, { netFen }) => total + netFen, 0n);
    if (file !== undefined) this.#files.push({ ...file, fileNo, rows: details.length, totalFen });
    for (const one of details)
      this.#digest.update(`${one.detailNo} ${one.withdrawalNo} ${one.accountId} ${one.netFen}\n`);
    this.#details += details.length;
    this.#totalFen += totalFen;
    this.#context.onProgress({
      phase: `recording ${head.batchNo}`,
      done: this.#details,
      unit: "rows",
      rejected: this.#refusedCount,
    });
  }

  async #newHead(): Promise<BatchHead> {
    const sequence = await takeNumbers(this.#tx, "payout_batch");
    return {
      batchNo: batchNoOf(sequence),
      businessDate: businessDateOf(this.#at, this.#context.zone),
      appid: this.#request.appid ?? null,
    };
  }

  /** The fund has to cover all unanswered payouts, this batch included. Exports run one after the other. */
  async #requireCover(): Promise<void> {
    const [fundFen, payingFen] = [await fundMoney(this.#tx), await payingGrossFen(this.#tx)];
    if (payingFen > fundFen) throw payoutsNotCovered(fundFen, payingFen);
    const today = businessDateOf(this.#at, this.#context.zone);
    const least = await leastCoverage(this.#tx, await policyOn(this.#tx, today), today);
    const refusal = coverageRefusal(least, payingFen);
    if (refusal !== undefined) throw refusal;
  }

  async #close(head: BatchHead): Promise<void> {
    const { channel, template, payer } = this.#provider;
    const { name: operator, host } = this.#context.operator;
    const [details, totalFen, digest] = [this.#details, this.#totalFen, this.#digest.digest("hex")];
    await this.#provider.requireReady(this.#files);
    await insertBatch(
      this.#tx,
      { ...head, channel, template, payer, details, totalFen, digest, operator, host, createdAt: this.#at },
      this.#files,
    );
    await recordAction(this.#tx, this.#context, {
      action: "payout.export",
      subjectKind: "payout_batch",
      subject: head.batchNo,
      details: { channel, details, total: formatYuan(totalFen), digest, refused: this.#refusedCount },
    });
  }
}

function memberProblem({ memberStatus, debtPoints }: PayableRow): PayoutProblem | undefined {
  if (memberStatus !== "active") return { code: `member_${memberStatus}`, reason: `the member is ${memberStatus}` };
  if (debtPoints === 0n) return undefined;
  return { code: "member_in_debt", reason: `the member is ${debtPoints} points below zero: ${debtHint}` };
}
