import { AccrueError } from "../shared/errors.ts";

/**
 * How a check came out: as it should be, wrong, or not to be told because something before it is wrong. A warning is of what works and
 * had better be otherwise: it makes nothing wrong.
 */
export type CheckStatus = "ok" | "warning" | "wrong" | "unknown";

/** One thing that must hold for accrue to work safely. `why` and `hint` say what is at stake and what to do when it does not, or not well. */
export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  readonly found: string;
  readonly why?: string;
  readonly hint?: string;
}

export const ok = (name: string, found: string): Check => ({ name, status: "ok", found });

export const wrong = (name: string, found: string, why: string, hint: string): Check => ({ name, status: "wrong", found, why, hint });

export const warning = (name: string, found: string, why: string, hint: string): Check => ({ name, status: "warning", found, why, hint });

export const unknown = (name: string, found: string): Check => ({ name, status: "unknown", found });

/** Looks at the keys that are at hand. Each throws when one is set that cannot be used. */
export interface KeyLooks {
  /** Which secret key it is, by its id; undefined when none is set. */
  readonly secretKeyId: () => string | undefined;
  readonly isStripeKeySet: () => boolean;
}

/** What a setting holds, or the refusal that says why it cannot be used. */
export function readOrRefusal<Value>(read: () => Value): Value | AccrueError {
  try {
    return read();
  } catch (error) {
    if (error instanceof AccrueError) return error;
    throw error;
  }
}

/** The lowest Node that accrue is tested with. */
export const lowestNode = [20, 17] as const;

/** Whether a version such as `v20.17.0` is `lowest` or newer. */
export function isNodeNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return major > lowestNode[0] || (major === lowestNode[0] && minor >= lowestNode[1]);
}

/** The room on disk below which a night's work may not fit any more. */
export const freeSpaceLimitBytes = 1024 ** 3;

/** The server's settings that keep what was committed. */
export const durableSettings: Readonly<Record<string, readonly string[]>> = {
  fsync: ["on"],
  full_page_writes: ["on"],
  synchronous_commit: ["on", "remote_apply", "remote_write", "local"],
};
