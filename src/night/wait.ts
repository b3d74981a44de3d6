import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../db/context.ts";
import { AccrueError } from "../shared/errors.ts";

const pollMs = 500;

/** A refusal to wait for the end of. */
export interface Wait {
  /** Its code. */
  readonly code: string;
  /** How long at most; 0 makes one attempt. */
  readonly waitMs: number;
  /** Shown once, when the waiting begins. */
  readonly note: string;
}

/**
 * Repeats an attempt while it is refused because another session is at work, until the time is over.
 *
 * @throws what the attempt throws, the refusal when the time is over; the signal's reason while it waits
 */
export async function waitWhileBusy<T>(
  { signal, onNote }: Context,
  { code, waitMs, note }: Wait,
  attempt: () => Promise<T>,
): Promise<T> {
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
