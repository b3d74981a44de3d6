import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../db/context.ts";
import { AccrueError } from "../shared/errors.ts";

const pollMs = 500;

/** What to wait for: the end of whoever an attempt is refused for. */
export interface Wait {
  /** The code of that refusal. */
  readonly code: string;
  /** How long at most; 0 makes one attempt. */
  readonly waitMs: number;
  /** Told once, when the waiting begins. */
  readonly note: string;
}

/**
 * Does what only one may do at a time: while somebody else is at it, tries again until the time is over.
 *
 * @throws what the attempt throws, the refusal too when the time is over; the signal's reason while it waits
 */
export async function waitWhileBusy<T>({ signal, onNote }: Context, { code, waitMs, note }: Wait, attempt: () => Promise<T>): Promise<T> {
  const deadlineMs = performance.now() + waitMs;
  for (let waited = false; ; waited = true) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof AccrueError) || error.code !== code || performance.now() >= deadlineMs) throw error;
    }
    if (!waited) onNote(note);
    await sleep(pollMs, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}
