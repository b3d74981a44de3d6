/*
 * What merchants owe and which orders earn, as a child would keep it: a list of orders, and one of what was booked. Everything else is
 * added up from them, by the rules of the domain alone. Two merchants at 30 %, of which 70 % are points.
 */

export const merchants = ["S1", "S2"] as const;
export type Merchant = (typeof merchants)[number];
export type GrantOn = "paid_order" | "collection";

/** Something that changes what a merchant owes, with its sign; a correction names its bill. */
interface Move {
  readonly merchant: Merchant;
  readonly date: string;
  readonly what: "contributed" | "clawedBack" | "collected" | "adjusted";
  readonly fen: bigint;
  readonly bill?: string;
}

export interface ModelBill {
  readonly billNo: string;
  readonly merchant: Merchant;
  readonly from: string;
  readonly openingFen: bigint;
  readonly contributedFen: bigint;
  readonly clawedBackFen: bigint;
  readonly collectedFen: bigint;
  readonly adjustedFen: bigint;
  readonly closingFen: bigint;
}

interface ModelOrder {
  readonly orderNo: string;
  readonly merchant: Merchant;
  readonly date: string;
  readonly amountFen: bigint;
  refundedFen: bigint;
  /** No run has come to it since it was sold or refunded. */
  isChanged: boolean;
  contributedFen: bigint;
  points: bigint;
  /** When what it contributes was booked, while its points wait for the merchant's money. */
  waitsSince?: string | undefined;
  isKnown: boolean;
}

export const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, one) => total + one, 0n);
const share = (netFen: bigint, bps: bigint, unitFen: bigint): bigint =>
  (2n * netFen * bps + 10_000n * unitFen) / (20_000n * unitFen);
export const dayAfter = (date: string, days = 1): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
export class Receivables {
  today = "2026-03-01";
  readonly bills: ModelBill[] = [];
  readonly orders: ModelOrder[] = [];
  readonly #grantOn: (date: string) => GrantOn;
  readonly #moves: Move[];
  #billedTo = "2026-01-31";

  /** @param moves what was booked before */
  constructor(grantOn: (date: string) => GrantOn, moves: readonly Move[]) {
    this.#grantOn = grantOn;
    this.#moves = [...moves];
  }

  #sum(merchant: Merchant, isOf: (move: Move) => boolean): bigint {
    return sum(this.#moves.filter((move) => move.merchant === merchant && isOf(move)).map(({ fen }) => fen));
  }

  /** What is left of what was billed; below zero a prepayment. */
  owed(merchant: Merchant): bigint {
    const isOrders = ({ what }: Move) => what === "contributed" || what === "clawedBack";
    return this.#sum(merchant, (move) => !isOrders(move) || move.date <= this.#billedTo);
  }

  /** The same with what is not billed yet. */
  balance(merchant: Merchant): bigint {
    return this.#sum(merchant, () => true);
  }

  protected billsOf(merchant: Merchant): readonly ModelBill[] {
    return this.bills.filter((bill) => bill.merchant === merchant);
  }

  #charge({ billNo, merchant, contributedFen, clawedBackFen }: ModelBill): bigint {
    const fen = contributedFen + clawedBackFen + this.#sum(merchant, ({ bill }) => bill === billNo);
    return fen > 0n ? fen : 0n;
  }

  /** What is paid goes to the oldest bills: what is open is the newest part. */
  open({ merchant, billNo }: Pick<ModelBill, "merchant" | "billNo">): bigint {
    let left = this.owed(merchant);
    for (const one of this.billsOf(merchant).toReversed()) {
      const charge = this.#charge(one);
      const open = left < 0n ? 0n : left < charge ? left : charge;
      if (one.billNo === billNo) return open;
      left -= charge;
    }
    throw new Error(billNo);
  }

  /** The same of a bill and all older ones. */
  openUpTo({ merchant, from }: ModelBill): bigint {
    return sum(
      this.billsOf(merchant)
        .filter((bill) => bill.from <= from)
        .map((bill) => this.open(bill)),
    );
  }

  protected openOfAll(merchant: Merchant): bigint {
    return sum(this.billsOf(merchant).map((bill) => this.open(bill)));
  }

  /** Up to which day the merchant has paid: the last closed one at whose end it owed nothing that it still owes. */
  #clearedTo(merchant: Merchant, closedTo: string): string {
    const oldest = this.billsOf(merchant).find((bill) => this.open(bill) > 0n);
    if (oldest !== undefined) return dayAfter(oldest.from, -1);
    const owedAt = (date: string) =>
      this.#sum(merchant, (move) => move.what === "collected" || move.what === "adjusted" || move.date <= date);
    let day = closedTo;
    while (day > this.#billedTo && owedAt(day) > 0n) day = dayAfter(day, -1);
    return day;
  }

  sell(merchant: Merchant, amountFen: bigint): void {
    const orderNo = `O${this.orders.length + 1}`;
    const nothing = { refundedFen: 0n, contributedFen: 0n, points: 0n };
    this.orders.push({ orderNo, merchant, date: this.today, amountFen, ...nothing, isChanged: true, isKnown: false });
  }

  /** So much of an order is refunded by now; less than was before is nothing. */
  refund(which: number, percent: bigint): void {
    const order = this.orders[which];
    const refundedFen = ((order?.amountFen ?? 0n) * percent) / 100n;
    if (order === undefined || refundedFen <= order.refundedFen) return;
    Object.assign(order, { refundedFen, isChanged: true });
  }

  /**
   * A day ends: the night, which is the next day already, settles what was sold and refunded, and closes it.
   *
   * @param before what the night does first
   */
  protected endDayAfter(before: () => void): void {
    const date = this.today;
    this.today = dayAfter(date);
    before();
    // The day itself is not closed yet when its orders are settled.
    const cleared = new Map(merchants.map((merchant) => [merchant, this.#clearedTo(merchant, dayAfter(date, -1))]));
    for (const order of this.orders) this.#settle(order, date, cleared.get(order.merchant)!);
  }

  #settle(order: ModelOrder, date: string, clearedTo: string): void {
    const isReleased = order.waitsSince !== undefined && order.waitsSince <= clearedTo;
    if (!order.isChanged && !isReleased) return;
    const netFen = order.amountFen - order.refundedFen;
    const [contributedFen, points] = [share(netFen, 3_000n, 1n), share(netFen, 2_100n, 100n)];
    const fen = contributedFen - order.contributedFen;
    const { merchant } = order;
    if (fen !== 0n) this.#moves.push({ merchant, date, what: fen > 0n ? "contributed" : "clawedBack", fen });
    if (isReleased) order.waitsSince = undefined;
    if (!order.isKnown && this.#grantOn(order.date) === "collection" && points > 0n) order.waitsSince = date;
    if (order.waitsSince === undefined) order.points = points;
    Object.assign(order, { contributedFen, isKnown: true, isChanged: false });
  }

  /** The days that are closed and not billed, if there are any. */
  get unbilled(): { readonly from: string; readonly to: string } | undefined {
    const [from, to] = [dayAfter(this.#billedTo), dayAfter(this.today, -1)];
    return from > to ? undefined : { from, to };
  }

  /** Bills all merchants for some days. */
  bill({ from, to }: { readonly from: string; readonly to: string }): void {
    for (const merchant of merchants) {
      const within = (what: Move["what"]) =>
        this.#sum(merchant, (move) => move.what === what && move.date >= from && move.date <= to);
      const amounts = {
        openingFen: this.#sum(merchant, ({ date }) => date < from),
        contributedFen: within("contributed"),
        clawedBackFen: within("clawedBack"),
        collectedFen: -within("collected"),
        adjustedFen: within("adjusted"),
      };
      if (Object.values(amounts).every((fen) => fen === 0n)) continue;
      const billNo = `B${String(this.bills.length + 1).padStart(8, "0")}`;
      const closingFen = this.#sum(merchant, ({ date }) => date <= to);
      this.bills.push({ billNo, merchant, from, ...amounts, closingFen });
    }
    this.#billedTo = to;
  }

  /** Money came from a merchant, or, below zero, did not come after all. */
  protected collect(merchant: Merchant, fen: bigint): void {
    this.#moves.push({ merchant, date: this.today, what: "collected", fen: -fen });
  }

  writeOff(merchant: Merchant, fen: bigint): string {
    const owed = this.owed(merchant);
    if (fen > (owed > 0n ? owed : 0n)) return "write_off_too_large";
    this.#moves.push({ merchant, date: this.today, what: "adjusted", fen: -fen });
    return "done";
  }

  correct(bill: ModelBill, fen: bigint): string {
    if (this.#charge(bill) + fen < 0n) return "correction_too_large";
    const { merchant, billNo } = bill;
    this.#moves.push({ merchant, date: this.today, what: "adjusted", fen, bill: billNo });
    return "done";
  }

  get points(): bigint {
    return sum(this.orders.map(({ points }) => points));
  }

  /** What stands on the accounts of the journal that no money moves, in fen; and what was written off. */
  protected get booked() {
    const ofAll = (what: Move["what"], isOf: (move: Move) => boolean = () => true) =>
      sum(merchants.map((merchant) => this.#sum(merchant, (move) => move.what === what && isOf(move))));
    const corrected = ofAll("adjusted", ({ bill }) => bill !== undefined);
    return {
      receivableFen: sum(merchants.map((merchant) => this.balance(merchant))),
      contributedFen: ofAll("contributed") + ofAll("clawedBack") + corrected,
      writtenOffFen: corrected - ofAll("adjusted"),
    };
  }
}
