import type { BusinessDate } from "../../shared/business-date.ts";
import type { AccrueError } from "../../shared/errors.ts";
import type { Fen } from "../../shared/money.ts";
import type { AccountChannel, AnswerStatus, PayoutChannel } from "./model.ts";

/** One payment to one member. */
export interface Payout {
  /** The key of the payment: the same number never pays twice. */
  readonly detailNo: string;
  readonly withdrawalNo: string;
  readonly netFen: Fen;
  /** The channel of the member's account. */
  readonly accountChannel: AccountChannel;
  readonly accountNumber: string;
  readonly holder: string;
  readonly bankName: string | null;
  readonly branchCode: string | null;
}

/** What a batch's parts have in common. */
export interface BatchHead {
  readonly batchNo: string;
  readonly businessDate: BusinessDate;
  /** The appid that a WeChat template names. */
  readonly appid: string | null;
}

/** The part of a batch that is handed over at once: one file, or one round of calls. */
export interface BatchPart extends BatchHead {
  /** Counted from 1. */
  readonly fileNo: number;
  readonly payouts: readonly Payout[];
}

/** The file of a part. It is recorded before it is published, and can be made again from the database at any time. */
export interface PartFile {
  readonly name: string;
  readonly sha256: string;
  readonly byteSize: number;
}

/** Why a payout cannot be made this way. It stays as it is, and is reported. Never contains the value. */
export interface PayoutProblem {
  readonly code: string;
  readonly reason: string;
}

/** A provider's answer about one payout. */
export interface PayoutAnswer {
  readonly detailNo: string;
  readonly status: AnswerStatus;
  readonly amountFen: Fen;
  readonly reason: string | null;
  /** The provider's own number of the payment. */
  readonly channelRef: string | null;
}

/** An answer that contradicts what was sent: nothing is changed, and a person has to find out why. */
export interface PayoutConflict {
  readonly detailNo: string;
  readonly reason: string;
}

/** A provider's answers about a part. Payouts in neither list have none. */
export interface ProviderAnswers {
  readonly answers: readonly PayoutAnswer[];
  readonly conflicts: readonly PayoutConflict[];
  /** Why nothing more can be sent for now; the rest of the part and all later parts were not. */
  readonly stopped?: AccrueError | undefined;
}

/**
 * A way to pay. A batch is recorded first, then submitted part by part, and after a crash again from the first part, so
 * submitting a part twice must not pay anybody twice: a file has the same bytes, a call the same keys.
 */
export interface PayoutProvider {
  readonly channel: PayoutChannel;
  /**
   * The paying account of a provider that is called. Recorded with the batch, which only the same payer can continue.
   */
  readonly payer: string | null;
  /** The template of the parts, with its version. Recorded with the batch. */
  readonly template: string;
  /** How many payouts a part has at most. */
  readonly partRows: number;
  /**
   * Tries what can fail outside the database, before a batch is recorded and in dry runs, too.
   *
   * @param files of the batch; none when they are not known yet
   * @throws what handing over would throw; nothing was changed
   */
  requireReady(files: readonly PartFile[]): Promise<void>;
  problemWith(payout: Omit<Payout, "detailNo">): PayoutProblem | undefined;
  /** The file of a part; undefined where it has none. */
  fileOf(part: BatchPart): PartFile | undefined;
  /** Hands a part over. Payouts that are not answered at once stay `sent`, and are answered later. */
  submit(part: BatchPart): Promise<ProviderAnswers>;
  /**
   * Asks for the state of payouts. A time-out gives `unknown`; payouts that the provider does not know are left out,
   * and may be submitted again.
   */
  ask(payouts: readonly Payout[]): Promise<ProviderAnswers>;
}
