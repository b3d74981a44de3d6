import { AccrueError } from "../shared/errors.ts";
import type { Paint } from "./colour.ts";
import { toJson } from "./json.ts";
import { printable } from "./printable.ts";

const bugHint = "this is a bug in accrue: run it again with --debug and report what it prints";

/** The JSON form of an error: a stable code, a message, a hint and details. */
export function errorDocument(error: unknown): { error: Record<string, unknown> } {
  if (error instanceof AccrueError) {
    return { error: { code: error.code, message: error.message, hint: error.hint ?? null, details: error.details } };
  }
  const message = error instanceof Error && error.message !== "" ? error.message : String(error);
  return { error: { code: "bug", message, hint: bugHint, details: {} } };
}

/** The text of an error: what happened and why, then what to do. The stack only for --debug. */
export function errorText(error: unknown, options: { readonly json: boolean; readonly debug: boolean; readonly paint: Paint }): string {
  const stack = options.debug && error instanceof Error ? stackOf(error) : undefined;
  const document = errorDocument(error);
  if (options.json) {
    return `${toJson(stack === undefined ? document : { error: { ...document.error, stack } })}\n`;
  }
  const { message, hint } = document.error;
  const prefix = error instanceof AccrueError ? "error:" : "unexpected error:";
  const hintLine = typeof hint === "string" ? `${options.paint("bold", "hint:")} ${printable(hint, "\n")}\n` : "";
  const stackLines = stack === undefined ? "" : `${printable(stack, "\n")}\n`;
  return `${options.paint("red", prefix)} ${printable(String(message), "\n")}\n${hintLine}${stackLines}`;
}

/** The stack of an error and of everything that caused it. */
function stackOf(error: Error): string {
  const own = error.stack ?? String(error);
  return error.cause instanceof Error ? `${own}\ncaused by: ${stackOf(error.cause)}` : own;
}
