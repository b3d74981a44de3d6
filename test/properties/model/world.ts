/**
 * What the platform ought to be, kept in memory and written from the rules of the domain alone: exact integers, no code
 * of the program. Each method does one thing to it, or gives the code of the refusal that the program must give.
 *
 * It knows the breadth of them: rates by date and merchant, statuses of members, grants and clawbacks. What becomes of
 * a withdrawal once it is asked for, accounts, approvers, batches and answers included, is told by test/money, which
 * keeps rates fixed: stories of both at once would hardly ever come as far as a payout.
 */
export interface ModelMember {
  status: "active" | "frozen" | "closed";
  isVerified: boolean;
  available: bigint;
  held: bigint;
}

export interface ModelOrder {
  member: string;
  merchant: string;
  amountFen: bigint;
  refundedFen: bigint;
  status: "pending" | "paid" | "closed";
  date: string | undefined;
  /** Waits for a run: it was paid, or its money changed, since the last. */
  isWaiting: boolean;
  rates: readonly [contributionBps: bigint, pointsBps: bigint] | undefined;
  /** Its member was closed when it first came to a run: it earns nothing, and that is reported once. */
  isSkipped: boolean;
  points: bigint;
  contributionFen: bigint;
  /** The row that changed it last, where that said less than was known in one fact: it is a duplicate when it comes again. */
  lastBehind: ModelRow | undefined;
}

export interface ModelWithdrawal {
  member: string;
  points: bigint;
  status: "requested" | "approved" | "rejected" | "cancelled";
  by: string;
}

export interface ModelRow {
  readonly no: string;
  readonly member: string;
  readonly merchant: string;
  readonly amountFen: bigint;
  readonly refundedFen: bigint;
  readonly status: "pending" | "paid" | "closed";
  readonly date: string | undefined;
}

/** Nearest integer, halves up, by quotient and remainder. */
function nearest(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return 2n * (numerator - quotient * denominator) >= denominator ? quotient + 1n : quotient;
}

const ranks = { pending: 0, paid: 1, closed: 2 };
const zeroFigures = {
  orders: 0n,
  members: 0n,
  pointsGranted: 0n,
  pointsClawedBack: 0n,
  contributionFen: 0n,
  skippedOrders: 0n,
  skippedPoints: 0n,
};

/** What a known order and a row say together, fact by fact: the furthest status, the largest refund. */
function merged(known: ModelOrder, row: ModelRow) {
  const status = ranks[row.status] > ranks[known.status] ? row.status : known.status;
  const refundedFen = row.refundedFen > known.refundedFen ? row.refundedFen : known.refundedFen;
  return { status, refundedFen, isMoneyMoved: status !== known.status || refundedFen > known.refundedFen };
}

/** What becomes of a row of a known order: `updated`, `duplicate`, or why it is rejected. */
function judge(known: ModelOrder, row: ModelRow): string {
  if (known.member !== row.member) return "conflict_member";
  if (known.merchant !== row.merchant) return "conflict_merchant";
  if (known.amountFen !== row.amountFen) return "conflict_amount";
  if (known.date !== undefined && row.date !== undefined && known.date !== row.date) return "conflict_paid_at";
  const { status, refundedFen, isMoneyMoved } = merged(known, row);
  if (isMoneyMoved || (known.date === undefined && row.date !== undefined)) return "updated";
  const { lastBehind } = known;
  if (row.status === lastBehind?.status && row.refundedFen === lastBehind.refundedFen && row.date === lastBehind.date)
    return "duplicate";
  if (row.status !== status) return "conflict_status";
  return row.refundedFen < refundedFen ? "conflict_refund" : "duplicate";
}

const counted = (outcomes: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
};

export class World {
  readonly members = new Map<string, ModelMember>();
  readonly merchants = new Map<string, { from: string; bps: bigint | null }[]>();
  readonly orders = new Map<string, ModelOrder>();
  readonly withdrawals = new Map<string, ModelWithdrawal>();

  register(no: string): void {
    this.members.set(no, { status: "active", isVerified: false, available: 0n, held: 0n });
  }

  changeStatus(no: string, change: "freeze" | "unfreeze" | "close"): string | undefined {
    const member = this.members.get(no)!;
    if (member.status === "closed") return change === "close" ? undefined : "member_closed";
    if (change === "close" && this.openOf(no).length > 0) return "member_has_open_withdrawals";
    if (change === "close" && member.available > 0n) return "member_has_points";
    member.status = change === "freeze" ? "frozen" : change === "unfreeze" ? "active" : "closed";
    return undefined;
  }

  setRate(merchant: string, from: string, bps: bigint | null): void {
    const rates = this.merchants.get(merchant)!;
    this.merchants.set(
      merchant,
      [...rates.filter((rate) => rate.from !== from), { from, bps }].toSorted((one, other) =>
        one.from < other.from ? -1 : 1,
      ),
    );
  }

  /**
   * What becomes of the rows of a file: how many are `inserted`, `updated`, `duplicate`, or rejected by what reason.
   *
   * @param rowOf makes each row when those before it are known
   */
  takeFile<Drawn>(drawn: readonly Drawn[], rowOf: (one: Drawn) => ModelRow): Readonly<Record<string, number>> {
    const rows: ModelRow[] = [];
    const before = new Map([...this.orders].map(([no, order]) => [no, { ...order }]));
    const touched = new Set<string>();
    const outcomes: string[] = [];
    for (const one of drawn) {
      const row = rowOf(one);
      rows.push(row);
      const outcome = this.#takeRow(row);
      outcomes.push(outcome);
      if (outcome === "inserted" || outcome === "updated") touched.add(row.no);
    }
    if (!rows.some(({ no }, at) => touched.has(no) && outcomes[at]!.startsWith("conflict"))) return counted(outcomes);
    this.orders.clear();
    for (const [no, order] of before) this.orders.set(no, order);
    const nos = [...new Set(rows.map(({ no }) => no))];
    return counted(nos.flatMap((no) => this.#takeTogether(rows.filter((row) => row.no === no))));
  }

  /** What becomes of rows of one order that come together: each is judged alone, and what is left must not disagree. */
  #takeTogether(rows: readonly ModelRow[]): readonly string[] {
    const known = this.orders.get(rows[0]!.no);
    const alone = rows.map((row) => (known === undefined ? "inserted" : judge(known, row)));
    const settled = alone.filter((outcome) => outcome !== "inserted" && outcome !== "updated");
    const open = rows.filter((_, at) => !settled.includes(alone[at]!));
    const split = (["member", "merchant", "amountFen", "date"] as const).some(
      (fact) => new Set(open.map((row) => row[fact]).filter((value) => value !== undefined)).size > 1,
    );
    if (split) return [...settled, ...open.map(() => "order_rows_disagree")];
    const taken = (["pending", "paid", "closed"] as const).flatMap((status) => {
      const said = open.filter((row) => ranks[row.status] <= ranks[status]);
      if (!said.some((row) => row.status === status)) return [];
      const refundedFen = said.reduce((most, row) => (row.refundedFen > most ? row.refundedFen : most), 0n);
      const date = said.find((row) => row.date !== undefined)?.date;
      return [this.#takeRow({ ...said[0]!, status, refundedFen, date })];
    });
    const changed = taken.filter((outcome) => outcome !== "duplicate");
    return [...settled, ...changed, ...open.slice(changed.length).map(() => "duplicate")];
  }

  #takeRow(row: ModelRow): string {
    const known = this.orders.get(row.no);
    if (known === undefined) {
      this.orders.set(row.no, {
        ...row,
        isWaiting: row.status === "paid",
        rates: undefined,
        points: 0n,
        contributionFen: 0n,
        isSkipped: false,
        lastBehind: undefined,
      });
      return "inserted";
    }
    const outcome = judge(known, row);
    if (outcome !== "updated") return outcome;
    const { status, refundedFen, isMoneyMoved } = merged(known, row);
    if (isMoneyMoved && (status === "paid" || known.status === "paid")) known.isWaiting = true;
    const isBehind = row.status !== status || row.refundedFen < refundedFen;
    Object.assign(known, { status, refundedFen, date: known.date ?? row.date, lastBehind: isBehind ? row : undefined });
    return "updated";
  }

  /** Settles what waits up to a date; undefined when nothing does. */
  grant(date: string): typeof zeroFigures | undefined {
    const waiting = [...this.orders.values()].filter((order) => order.isWaiting && order.date! <= date);
    if (waiting.length === 0) return undefined;
    const sums = { ...zeroFigures };
    const touched = new Set<string>();
    for (const order of waiting) {
      order.isWaiting = false;
      const member = this.members.get(order.member)!;
      const rates = order.rates ?? ([this.rateOn(order.merchant, order.date!) ?? 3000n, 7000n] as const);
      const netFen = order.status === "paid" ? order.amountFen - order.refundedFen : 0n;
      const product = netFen * rates[0] * rates[1];
      const points = nearest(product, 10_000_000_000n) - order.points;
      const contributionFen = nearest(netFen * rates[0], 10_000n) - order.contributionFen;
      if (order.isSkipped) continue;
      if (order.rates === undefined && netFen === 0n) continue;
      if (member.status === "closed" && order.rates === undefined) {
        order.isSkipped = true;
        if (points > 0n)
          Object.assign(sums, { skippedOrders: sums.skippedOrders + 1n, skippedPoints: sums.skippedPoints + points });
        continue;
      }
      // The first settlement freezes the rates and counts, whatever it gave.
      if (order.rates !== undefined && points === 0n && contributionFen === 0n) continue;
      Object.assign(order, {
        rates,
        points: order.points + points,
        contributionFen: order.contributionFen + contributionFen,
      });
      member.available += points;
      touched.add(order.member);
      sums.orders += 1n;
      if (points > 0n) sums.pointsGranted += points;
      else sums.pointsClawedBack -= points;
      sums.contributionFen += contributionFen;
    }
    sums.members = BigInt(touched.size);
    return sums;
  }

  request(no: string, points: bigint, by: string, withdrawalNo: () => string): string | undefined {
    const member = this.members.get(no)!;
    if (member.status !== "active") return `member_${member.status}`;
    if (!member.isVerified) return "identity_unverified";
    if (points < 10n) return "withdrawal_below_minimum";
    if (member.available < points) return "withdrawal_insufficient_points";
    if (this.fundFen - 100n * this.pointsOf("requested", "approved") < 100n * points) return "fund_insufficient";
    member.available -= points;
    member.held += points;
    this.withdrawals.set(withdrawalNo(), { member: no, points, status: "requested", by });
    return undefined;
  }

  decide(withdrawalNo: string, decision: "approve" | "reject" | "cancel", by: string): string | undefined {
    const withdrawal = this.withdrawals.get(withdrawalNo)!;
    const member = this.members.get(withdrawal.member)!;
    if (withdrawal.status !== "requested" && (decision === "approve" || withdrawal.status !== "approved"))
      return "withdrawal_already_decided";
    if (decision === "approve") {
      if (withdrawal.by.toLowerCase() === by.toLowerCase()) return "maker_is_checker";
      if (member.status !== "active") return `member_${member.status}`;
      if (!member.isVerified) return "identity_unverified";
      if (member.available < 0n) return "member_in_debt";
      if (100n * (this.pointsOf("approved") + withdrawal.points) > this.fundFen) return "fund_insufficient";
      withdrawal.status = "approved";
      return undefined;
    }
    withdrawal.status = decision === "reject" ? "rejected" : "cancelled";
    member.held -= withdrawal.points;
    member.available += withdrawal.points;
    return undefined;
  }

  get fundFen(): bigint {
    return [...this.orders.values()].reduce((sum, { points }) => sum + 100n * points, 0n);
  }

  private pointsOf(...statuses: readonly ModelWithdrawal["status"][]): bigint {
    return [...this.withdrawals.values()].reduce(
      (sum, { status, points }) => (statuses.includes(status) ? sum + points : sum),
      0n,
    );
  }

  private openOf(no: string): readonly ModelWithdrawal[] {
    return [...this.withdrawals.values()].filter(
      ({ member, status }) => member === no && (status === "requested" || status === "approved"),
    );
  }

  private rateOn(merchant: string, date: string): bigint | null | undefined {
    return this.merchants.get(merchant)!.findLast(({ from }) => from <= date)?.bps;
  }
}
