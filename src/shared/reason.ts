import { usageError } from "./errors.ts";
import { reasonProblem } from "./text.ts";

/**
 * Reads the reason of a decision.
 *
 * @throws a usage error `invalid_reason` when it is empty, too long, or not printable
 */
export function readReason(text: string): string {
  const reason = text.trim();
  requireReason(reason, "say in a few words why");
  return reason;
}

/** @throws a usage error `invalid_reason` for a reason that is empty, too long or not printable */
export function requireReason(reason: string | undefined, hint = "correct --reason and run the command again"): void {
  const problem = reason === undefined ? undefined : reasonProblem(reason);
  if (problem !== undefined) throw usageError("invalid_reason", `--reason: ${problem}`, { hint });
}
