/*
 * The life of withdrawals as it ought to be, from the request to the channel's answer: accounts, policies, two approvers, reviews,
 * expiry, batches, conflicts and retries, at one rate. test/model has the breadth of rates, statuses and dates before it.
 */

/** An order as the model keeps it. */
interface ModelOrder {
  readonly orderNo: string;
  readonly member: number;
  readonly amountFen: bigint;
  refundedFen: bigint;
  granted: bigint;
}

/**
 * A withdrawal as the model keeps it: `approvedBy` has the first of two approvers, `answer` what the channel said last.
 */
export interface ModelWithdrawal {
  withdrawalNo: string;
  readonly member: number;
  readonly points: bigint;
  readonly grossFen: bigint;
  readonly hasAccount: boolean;
  readonly needsTwo: boolean;
  status: "requested" | "approved" | "rejected" | "cancelled" | "expired" | "paying" | "paid" | "failed";
  firstApprovedBy?: string;
  answer?: "processing" | "unknown";
  isRetried?: boolean;
}

export type Decision = "approve" | "reject" | "cancel" | "expire";
export type Answer = "success" | "fail" | "processing" | "unknown";
export const decisionNames: readonly Decision[] = ["approve", "reject", "cancel"];

const endings = { reject: "rejected", cancel: "cancelled", expire: "expired" } as const;

/** What a policy says that the model knows of. */
export interface ModelPolicy {
  readonly minPoints: bigint;
  /** Above so much gross two operators have to approve. */
  readonly twoApproversAboveFen: bigint;
  readonly pointValueFen: bigint;
}

/** What a reviewer wants done about one withdrawal. */
export interface ModelVerdict {
  readonly withdrawal: ModelWithdrawal;
  readonly name: "approve" | "reject";
}

/** Everybody who requests. */
export const maker = "alice";

const holding = ["requested", "approved", "paying"] as const;
const isOf =
  (statuses: readonly string[]) =>
  ({ status }: ModelWithdrawal) =>
    statuses.includes(status);
const sumOf = (withdrawals: readonly ModelWithdrawal[]): bigint =>
  withdrawals.reduce((sum, { points }) => sum + points, 0n);
const grossOf = (withdrawals: readonly ModelWithdrawal[]): bigint =>
  withdrawals.reduce((sum, { grossFen }) => sum + grossFen, 0n);
const needsAnother = (one: ModelWithdrawal): boolean => one.needsTwo && one.firstApprovedBy === undefined;

/** The money as a child would keep it: one list of orders, one of withdrawals, and sums. */
export class MoneyModel {
  readonly orders: ModelOrder[] = [];
  readonly withdrawals: ModelWithdrawal[] = [];
  readonly hasAccount = new Set<number>();
  policy: ModelPolicy = { minPoints: 10n, twoApproversAboveFen: 2_500n, pointValueFen: 100n };

  available(member: number): bigint {
    const granted = this.orders.filter((one) => one.member === member).reduce((sum, one) => sum + one.granted, 0n);
    return granted - this.held(member) - sumOf(this.#of(member, ["paid"]));
  }

  held(member: number): bigint {
    return sumOf(this.#of(member, holding));
  }

  #of(member: number, statuses: readonly string[]): readonly ModelWithdrawal[] {
    return this.withdrawals.filter((one) => one.member === member && isOf(statuses)(one));
  }

  #grossFen(...statuses: string[]): bigint {
    return grossOf(this.withdrawals.filter(isOf(statuses)));
  }

  /** What each member has or, below zero, owes: added up one by one, for one member's debt pays nobody else. */
  standing(members: readonly number[]): { readonly owedFen: bigint; readonly debtsFen: bigint } {
    let [owedPoints, debtPoints] = [0n, 0n];
    for (const member of members) {
      const points = this.available(member) + this.held(member);
      if (points > 0n) owedPoints += points;
      else debtPoints -= points;
    }
    const heldPoints = members.reduce((sum, member) => sum + this.held(member), 0n);
    const { pointValueFen } = this.policy;
    return {
      owedFen: (owedPoints - heldPoints) * pointValueFen + this.#grossFen(...holding),
      debtsFen: debtPoints * pointValueFen,
    };
  }

  /** A yuan for each point that was granted, less what was paid out. */
  fundFen(): bigint {
    return this.orders.reduce((sum, { granted }) => sum + granted, 0n) * 100n - this.#grossFen("paid");
  }

  /** 30 % of 70 % of the net amount: a point for each yuan of it, halves up. */
  grant(): void {
    for (const order of this.orders) {
      const netFen = order.amountFen - order.refundedFen;
      order.granted = (netFen * 21n + 5_000n) / 10_000n;
    }
  }

  /** Adds the member's one account, and says how that ends. */
  addAccount(member: number): string {
    if (this.hasAccount.has(member)) return "account_known";
    this.hasAccount.add(member);
    return "done";
  }

  /** Closes the member's account, and says how that ends. */
  closeAccount(member: number): string {
    if (!this.hasAccount.has(member)) return "account_unknown";
    if (this.#of(member, holding).some(({ hasAccount }) => hasAccount)) return "account_in_use";
    this.hasAccount.delete(member);
    return "done";
  }

  /** Requests, and says how that ends. */
  request(withdrawalNo: string, member: number, points: bigint): string {
    if (points < this.policy.minPoints) return "withdrawal_below_minimum";
    if (this.available(member) < points) return "withdrawal_insufficient_points";
    const grossFen = points * this.policy.pointValueFen;
    if (this.fundFen() - this.#grossFen(...holding) < grossFen) return "fund_insufficient";
    const needsTwo = grossFen > this.policy.twoApproversAboveFen;
    this.withdrawals.push({
      withdrawalNo,
      member,
      points,
      grossFen,
      hasAccount: this.hasAccount.has(member),
      needsTwo,
      status: "requested",
    });
    return "done";
  }

  /** Decides about one that is named, and says how that ends. */
  decide(name: Decision, one: ModelWithdrawal, operator: string): string {
    const refusal = this.#refusal(name, one, operator);
    return refusal ?? this.#carryOut(name, [one], operator);
  }

  /** Decides about all that a filter fits and the operator can decide, and says how that ends. */
  decideAll(name: Decision, maxGrossFen: bigint, operator: string): string {
    const fits = this.withdrawals.filter(
      (one) => one.grossFen <= maxGrossFen && this.#refusal(name, one, operator) === undefined,
    );
    return this.#carryOut(name, fits, operator);
  }

  /** Writes what a reviewer decided, and says what was left as it is, and how that ends. */
  review(
    verdicts: readonly ModelVerdict[],
    operator: string,
  ): { readonly overtaken: readonly string[]; readonly outcome: string } {
    const overtaken: string[] = [];
    const ofThose = (wanted: ModelVerdict["name"]) =>
      verdicts
        .filter(({ name }) => name === wanted)
        .map(({ withdrawal }) => withdrawal)
        .filter((one) => {
          const refusal =
            one.status === "requested" ? this.#refusal(wanted, one, operator) : "withdrawal_already_decided";
          if (refusal !== undefined) overtaken.push(refusal);
          return refusal === undefined;
        });
    this.#carryOut("reject", ofThose("reject"), operator);
    const overtakenBefore = [...overtaken];
    const outcome = this.#carryOut("approve", ofThose("approve"), operator);
    return { overtaken: outcome === "done" ? overtaken : overtakenBefore, outcome };
  }

  #refusal(name: Decision, { status, member, firstApprovedBy }: ModelWithdrawal, operator: string): string | undefined {
    const isOpen = status === "requested" || (status === "approved" && (name === "reject" || name === "cancel"));
    if (!isOpen) return "withdrawal_already_decided";
    if (name !== "approve") return undefined;
    if (operator === maker) return "maker_is_checker";
    if (firstApprovedBy === operator) return "approved_by_you";
    return this.available(member) < 0n ? "member_in_debt" : undefined;
  }

  #carryOut(name: Decision, withdrawals: readonly ModelWithdrawal[], operator: string): string {
    if (name !== "approve") {
      for (const one of withdrawals) one.status = endings[name];
      return "done";
    }
    const isCommitted = ({ status, firstApprovedBy }: ModelWithdrawal) =>
      ["approved", "paying"].includes(status) || (status === "requested" && firstApprovedBy !== undefined);
    const committedFen = grossOf(this.withdrawals.filter((one) => isCommitted(one) || withdrawals.includes(one)));
    if (committedFen > this.fundFen()) return "fund_insufficient";
    for (const one of withdrawals) {
      if (needsAnother(one)) one.firstApprovedBy = operator;
      else one.status = "approved";
    }
    return "done";
  }

  /** Sends what is approved and has an account, but for debtors, and says how many that were, and how it ends. */
  send(): { readonly sent: number; readonly refused: number; readonly outcome: string } {
    const payable = this.withdrawals.filter(({ status, hasAccount }) => status === "approved" && hasAccount);
    const sent = payable.filter(({ member }) => this.available(member) >= 0n);
    if (sent.length > 0 && this.#grossFen("paying") + grossOf(sent) > this.fundFen())
      return { sent: 0, refused: 0, outcome: "fund_insufficient" };
    for (const one of sent) one.status = "paying";
    return { sent: sent.length, refused: payable.length - sent.length, outcome: "done" };
  }

  /** Takes in what the channel says of a payout, and says how that ends. */
  answer(one: ModelWithdrawal, answer: Answer, isOtherAmount: boolean): string {
    const said = answer === "success" ? "paid" : answer === "fail" ? "failed" : answer;
    if (isOtherAmount) return "conflict_amount";
    if (said === (one.answer ?? one.status)) return "duplicate";
    if (one.status === "paid") return "conflict_after_success";
    if (one.status === "failed") return "conflict_after_failure";
    delete one.answer;
    if (said === "paid" || said === "failed") one.status = said;
    else one.answer = said;
    return "updated";
  }

  /** Requests a failed one anew, and says how that ends. */
  retry(one: ModelWithdrawal): string {
    if (one.status !== "failed") return "payout_not_failed";
    if (one.isRetried === true) return "payout_retried_already";
    if (this.available(one.member) < 0n) return "member_in_debt";
    const outcome = this.request("", one.member, one.points);
    one.isRetried = outcome === "done";
    return outcome;
  }
}
