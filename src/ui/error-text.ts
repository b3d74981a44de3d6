import { AccrueError } from "../shared/errors.ts";
import type { Paint } from "./colour.ts";
import { toJson } from "./json.ts";
import { printable } from "./printable.ts";

const bugHint = "this is a bug in accrue: run it again with --debug and report what it prints";

/** The JSON form of an error: a stable code, a message, a hint and details; under --debug with its stack. */
export function errorDocument(error: unknown, isDebug = false): { error: Record<string, unknown> } {
  const stack = isDebug && error instanceof Error ? { stack: stackOf(error) } : {};
  if (error instanceof AccrueError) {
    return {
      error: { code: error.code, message: error.message, hint: error.hint ?? null, details: error.details, ...stack },
    };
  }
  const message = error instanceof Error && error.message !== "" ? error.message : String(error);
  return { error: { code: "bug", message, hint: bugHint, details: {}, ...stack } };
}

/** The text of an error: what happened and why, then what to do. The stack only for --debug. */
export function errorText(
  error: unknown,
  options: { readonly json: boolean; readonly debug: boolean; readonly paint: Paint },
): string {
  const document = errorDocument(error, options.debug);
  if (options.json) return `${toJson(document)}\n`;
  const { message, hint, stack } = document.error;
  const prefix = error instanceof AccrueError ? "error:" : "unexpected error:";
  const hintLine = typeof hint === "string" ? `${options.paint("bold", "hint:")} ${printable(hint, "\n")}\n` : "";
  const stackLines = typeof stack === "string" ? `${printable(stack, "\n")}\n` : "";
  return `${options.paint("red", prefix)} ${printable(String(message), "\n")}\n${hintLine}${stackLines}`;
}

/** The stack of an error and of everything that caused it. */
function stackOf(error: Error): string {
  const own = error.stack ?? String(error);
  return error.cause instanceof Error ? `${own}\ncaused by: ${stackOf(error.cause)}` : own;
}
