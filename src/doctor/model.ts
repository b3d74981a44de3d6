import { AccrueError } from "../shared/errors.ts";

/**
 * The result of a check: ok, wrong, or not checked because an earlier one is wrong. A warning is about something that
 * works and should be changed; it fails nothing.
 */
export type CheckStatus = "ok" | "warning" | "wrong" | "unknown";

/**
 * One condition for accrue to work safely. Where it does not hold, `why` says what is at risk and `hint` what to do.
 */
export interface Check {
  readonly name: string;
  readonly status: CheckStatus;
  readonly found: string;
  readonly why?: string;
  readonly hint?: string;
}

export const ok = (name: string, found: string): Check => ({ name, status: "ok", found });

export const wrong = (name: string, found: string, why: string, hint: string): Check => ({
  name,
  status: "wrong",
  found,
  why,
  hint,
});

export const warning = (name: string, found: string, why: string, hint: string): Check => ({
  name,
  status: "warning",
  found,
  why,
  hint,
});

export const unknown = (name: string, found: string): Check => ({ name, status: "unknown", found });

/** Reads the configured keys. Each function throws for a key that cannot be used. */
export interface KeyLooks {
  /** The id of the secret key; undefined when none is set. */
  readonly secretKeyId: () => string | undefined;
  readonly isStripeKeySet: () => boolean;
}

/** The value of a setting, or the refusal that says why it cannot be used. */
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

/** With less free disk space, a night may not fit. */
export const freeSpaceLimitBytes = 1024 ** 3;

/** The server's settings for durable commits. */
export const durableSettings: Readonly<Record<string, readonly string[]>> = {
  fsync: ["on"],
  full_page_writes: ["on"],
  synchronous_commit: ["on", "remote_apply", "remote_write", "local"],
};
