import { setTimeout as sleep } from "node:timers/promises";
import { unreachableError } from "../../shared/errors.ts";
import type { Transaction } from "./client.ts";

const endingCodes = new Set([
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
  "ECONNRESET",
  "EPIPE",
  "57P01",
  "57P02",
  "57P03",
  "08P01",
  "08006",
  "database_silent",
  "interrupted",
]);
const patienceMs = 5_000;

/**
 * Keeps a transaction's callback away from the driver once its transaction is over.
 *
 * When a connection dies, postgres.js rejects the transaction at once, but the callback runs on
 * (porsager/postgres#1216): its next statements, and the driver's COMMIT or ROLLBACK after them, are written to a
 * socket that is gone, which throws where nobody can catch it, or to the connection that took its place, outside any
 * transaction or inside another one.
 *
 *     alive --- callback ends ---------------> over: the driver commits or rolls back
 *     alive --- `begin` rejects, end() ------> over: statements are refused, and the callback's outcome is kept
 *                                              from the driver for ever, so that it sends nothing more
 */
export class TransactionLife {
  #isOver = false;
  #wake: () => void = () => {};
  readonly #over = new Promise<void>((resolve) => (this.#wake = resolve));

  /** To be called when the driver's `begin` has ended: what still runs is refused its statements from now on. */
  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  /** @returns the same transaction, whose statements throw unreachable `transaction_over` when it is over */
  guard(tx: Transaction): Transaction {
    return new Proxy(tx, {
      apply: (target, self, args) => {
        this.#refuseWhenOver();
        return Reflect.apply(target as unknown as (...args: unknown[]) => unknown, self, args);
      },
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member === "function") this.#refuseWhenOver();
        return member;
      },
    });
  }

  /**
   * The callback's outcome, for the driver to commit or roll back. Never resolves when the connection is gone: the
   * driver has rejected the transaction already, and must send nothing more on that connection.
   */
  async outcomeOf<T>(work: Promise<T>): Promise<T> {
    try {
      const value = await work;
      if (this.#isOver) return await never<T>();
      return value;
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      // The socket closes right after such an error; if it does not, the error is passed on like any other.
      if (!this.#isOver && endingCodes.has(code)) await this.#overWithin(patienceMs);
      if (this.#isOver) return await never<T>();
      throw error;
    } finally {
      this.end();
    }
  }

  async #overWithin(ms: number): Promise<void> {
    const waiting = new AbortController();
    await Promise.race([this.#over, sleep(ms, undefined, { signal: waiting.signal }).catch(() => {})]);
    waiting.abort();
  }

  #refuseWhenOver(): void {
    if (!this.#isOver) return;
    throw unreachableError("transaction_over", "the transaction that this statement belongs to is over", {
      hint: "nothing of it was kept; run the same command again",
    });
  }
}

const never = <T>(): Promise<T> => new Promise<T>(() => {});
