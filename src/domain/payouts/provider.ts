import type { BusinessDate } from "../../shared/business-date.ts";
import type { AccrueError } from "../../shared/errors.ts";
import type { Fen } from "../../shared/money.ts";
import type { AccountChannel, AnswerStatus, PayoutChannel } from "./model.ts";

/** One payment to one member, with everything that whoever makes it has to know. */
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

/** As much of a batch as is handed over at once: one file, or one round of calls. */
export interface BatchPart extends BatchHead {
  /** Counted from 1. */
  readonly fileNo: number;
  readonly payouts: readonly Payout[];
}

/** The file that a part becomes. It is recorded before the file can be seen, and made again from the database at any time. */
export interface PartFile {
  readonly name: string;
  readonly sha256: string;
  readonly byteSize: number;
}

/** Why a payout cannot be made this way: it stays as it is, and a person is told. Never with the value in it. */
export interface PayoutProblem {
  readonly code: string;
  readonly reason: string;
}

/** What a provider says of one payout. */
export interface PayoutAnswer {
  readonly detailNo: string;
  readonly status: AnswerStatus;
  readonly amountFen: Fen;
  readonly reason: string | null;
  /** The provider's own number of the payment. */
  readonly channelRef: string | null;
}

/** What a provider says of a payout that contradicts what was sent: nothing is changed, and a person has to look. */
export interface PayoutConflict {
  readonly detailNo: string;
  readonly reason: string;
}

/** What a provider said of a part. What is in neither list it has said nothing of. */
export interface ProviderAnswers {
  readonly answers: readonly PayoutAnswer[];
  readonly conflicts: readonly PayoutConflict[];
  /** Why nothing more can be sent for now: the rest of the part, and all that comes behind it, was not. */
  readonly stopped?: AccrueError | undefined;
}

/**
 * A way to pay. A batch is recorded first, then submitted part by part, and after a crash again from the first part: so
 * submitting a part once more must pay nobody twice. A file has the same bytes then; a call has the same keys.
 */
export interface PayoutProvider {
  readonly channel: PayoutChannel;
  /** Who pays, where the provider is called: recorded with the batch, which nobody else can go on with. */
  readonly payer: string | null;
  /** What the parts are made in, with its version: recorded with the batch. */
  readonly template: string;
  /** How many payouts a part has at most. */
  readonly partRows: number;
  /**
   * Tries what can fail outside the database, before a batch is recorded and in dry runs, too.
   *
   * @param files what the batch will become; none when that is not known yet
   * @throws what handing over would throw; nothing was changed
   */
  requireReady(files: readonly PartFile[]): Promise<void>;
  problemWith(payout: Omit<Payout, "detailNo">): PayoutProblem | undefined;
  /** The file that a part becomes; undefined where it becomes none. */
  fileOf(part: BatchPart): PartFile | undefined;
  /** Hands a part over. What is not answered at once stays sent, to be asked for or told by a file. */
  submit(part: BatchPart): Promise<ProviderAnswers>;
  /** Asks what became of payouts. A time-out is answered as unknown; those that never reached it are left out, and may be submitted again. */
  ask(payouts: readonly Payout[]): Promise<ProviderAnswers>;
}
