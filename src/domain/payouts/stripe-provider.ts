import { setTimeout as sleep } from "node:timers/promises";
import type { Stripe } from "stripe";
import { refusedError, type AccrueError } from "../../shared/errors.ts";
import { inParallel } from "../../shared/in-parallel.ts";
import type { Payout, PayoutAnswer, PayoutConflict, PayoutProvider, ProviderAnswers } from "./provider.ts";
import { stripeSilent, verdictOf, verdictOn, type Verdict } from "./stripe-verdict.ts";

/** Access to Stripe, and a currency with hundredths, as the yuan has. */
export interface StripeAccess {
  readonly key: string;
  readonly apiBase: URL;
  readonly currency: string;
}

/** Time limits of calls. */
export interface StripePatience {
  readonly timeoutMs: number;
  /** The wait before each further attempt at the same call; after the last one the payout is `unknown`. */
  readonly retryDelaysMs: readonly number[];
}

const usualPatience: StripePatience = { timeoutMs: 30_000, retryDelaysMs: [500, 2_000, 5_000] };
const partRows = 100;
const callsAtOnce = 8;
/** After this many payouts in a row without an answer nothing more is sent. */
const maxSilentInARow = 2 * callsAtOnce;

/**
 * Pays by transfers to connected Stripe accounts. The detail number is the idempotency key of each, and its transfer
 * group, by which it is found when Stripe has forgotten the key.
 *
 * @param signal stops between two calls; answers up to then are returned
 * @throws refused `stripe_key_refused`, `stripe_account_unreadable`; busy `stripe_silent`
 */
export async function stripeProvider(
  access: StripeAccess,
  signal: AbortSignal,
  patience: StripePatience = usualPatience,
): Promise<PayoutProvider> {
  const calls = new StripeCalls(await clientOf(access, patience.timeoutMs), access, signal, patience.retryDelaysMs);
  const payer = await calls.payer();
  return {
    channel: "stripe",
    payer,
    template: "stripe-transfers-1",
    partRows,
    // The paying account and the key were checked when this was opened.
    requireReady: async () => {},
    problemWith: () => undefined,
    fileOf: () => undefined,
    submit: ({ payouts }) => calls.forEach(payouts, (payout) => calls.create(payout)),
    ask: (payouts) => calls.forEach(payouts, (payout) => calls.find(payout)),
  };
}

async function clientOf(
  { key, apiBase: { protocol, hostname, port } }: StripeAccess,
  timeoutMs: number,
): Promise<Stripe> {
  // Loaded only here, for no other command needs it.
  const { default: Client } = await import("stripe");
  return new Client(key, {
    host: hostname,
    timeout: timeoutMs,
    maxNetworkRetries: 0,
    telemetry: false,
    ...(protocol === "http:" ? { protocol: "http", port: port || 80 } : { protocol: "https", port: port || 443 }),
  });
}

class StripeCalls {
  readonly #client: Stripe;
  readonly #access: StripeAccess;
  readonly #signal: AbortSignal;
  readonly #retryDelaysMs: readonly number[];

  constructor(client: Stripe, access: StripeAccess, signal: AbortSignal, retryDelaysMs: readonly number[]) {
    this.#client = client;
    this.#access = access;
    this.#signal = signal;
    this.#retryDelaysMs = retryDelaysMs;
  }

  /** The payer: account, live or test mode, and currency. */
  async payer(): Promise<string> {
    let id = "";
    const verdict = await this.#attempt("", async () => {
      ({ id } = await this.#client.accounts.retrieveCurrent());
      return { kind: "absent" };
    });
    if (verdict.kind === "stop") throw verdict.stopped;
    if (verdict.kind === "again") throw stripeSilent();
    if ("reason" in verdict) throw accountUnreadable(verdict.reason);
    return `${id} ${/^.k_test_/.test(this.#access.key) ? "test" : "live"} ${this.#access.currency}`;
  }

  /** Makes a transfer, with its idempotency key. */
  create(payout: Payout): Promise<Verdict> {
    const { detailNo, withdrawalNo, accountNumber, netFen } = payout;
    const { currency } = this.#access;
    const transfer = {
      amount: Number(netFen),
      currency,
      destination: accountNumber,
      transfer_group: detailNo,
      description: `withdrawal ${withdrawalNo}`,
      metadata: { detail_no: detailNo, withdrawal_no: withdrawalNo },
    };
    return this.#attempt(accountNumber, async () =>
      verdictOn(await this.#client.transfers.create(transfer, { idempotencyKey: detailNo }), payout, currency),
    );
  }

  /** Finds the transfer of a payout. An error of the search says nothing about the payout. */
  async find(payout: Payout): Promise<Verdict> {
    const verdict = await this.#attempt(payout.accountNumber, async () => {
      const { data } = await this.#client.transfers.list({ transfer_group: payout.detailNo, limit: 10 });
      const [transfer, ...more] = data;
      if (transfer === undefined) return { kind: "absent" };
      if (more.length > 0)
        return {
          kind: "conflict",
          reason: `Stripe has several transfers of it: ${data.map(({ id }) => id).join(", ")}`,
        };
      return verdictOn(transfer, payout, this.#access.currency);
    });
    return verdict.kind === "failed" ? { kind: "unknown", reason: verdict.reason } : verdict;
  }

  /** Makes one call for each payout, several at a time, until there is a reason to stop. */
  async forEach(payouts: readonly Payout[], call: (payout: Payout) => Promise<Verdict>): Promise<ProviderAnswers> {
    const answers: PayoutAnswer[] = [];
    const conflicts: PayoutConflict[] = [];
    let stopped: AccrueError | undefined;
    let silentInARow = 0;
    await inParallel(payouts, callsAtOnce, async (payout) => {
      if (stopped !== undefined || this.#signal.aborted) return;
      const verdict = await call(payout);
      if (verdict.kind === "conflict") conflicts.push({ detailNo: payout.detailNo, reason: verdict.reason });
      else if (verdict.kind !== "absent" && verdict.kind !== "stop") answers.push(answerOf(payout, verdict));
      silentInARow = verdict.kind === "again" ? silentInARow + 1 : 0;
      stopped ??= "stopped" in verdict ? verdict.stopped : silentInARow >= maxSilentInARow ? stripeSilent() : undefined;
    });
    return { answers, conflicts, stopped };
  }

  /** Calls, and repeats while the result is not known and attempts are left. */
  async #attempt(accountNumber: string, call: () => Promise<Verdict>): Promise<Verdict> {
    for (let attempt = 0; ; attempt += 1) {
      const verdict = await call().catch((error: unknown) => verdictOf(error, accountNumber));
      const delayMs = this.#retryDelaysMs[attempt];
      if (verdict.kind !== "again" || delayMs === undefined || this.#signal.aborted) return verdict;
      await sleep(delayMs, undefined, { signal: this.#signal }).catch(() => {}); // told to stop: one last attempt at once
    }
  }
}

const statuses = { paid: "success", failed: "failed", again: "unknown", unknown: "unknown" } as const;

const answerOf = (
  { detailNo, netFen }: Payout,
  verdict: Extract<Verdict, { readonly kind: keyof typeof statuses }>,
): PayoutAnswer => ({
  detailNo,
  amountFen: netFen,
  status: statuses[verdict.kind],
  reason: "reason" in verdict ? verdict.reason : null,
  channelRef: "channelRef" in verdict ? verdict.channelRef : null,
});

const accountUnreadable = (reason: string): AccrueError =>
  refusedError("stripe_account_unreadable", `Stripe does not tell whose key this is: ${reason}`, {
    hint: "give a key that may read its own account, and make transfers",
  });
