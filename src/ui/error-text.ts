import { AccrueError } from "../shared/errors.ts";
import type { Paint } from "./colour.ts";
import { toJson } from "./json.ts";

/** The JSON form of an error: a stable code, a message, a hint and details. */
export function errorDocument(error: unknown): { error: Record<string, unknown> } {
  if (error instanceof AccrueError) {
    return { error: { code: error.code, message: error.message, hint: error.hint ?? null, details: error.details } };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { error: { code: "bug", message, hint: bugHint, details: {} } };
}

const bugHint = "this is a bug in accrue: run it again with --debug and report what it prints";

/** The text of an error: what happened and why, then what to do. The stack only for --debug. */
export function errorText(error: unknown, options: { readonly json: boolean; readonly debug: boolean; readonly paint: Paint }): string {
  const stack = options.debug && error instanceof Error ? `${error.stack ?? ""}\n${causeText(error.cause)}` : "";
  const document = errorDocument(error);
  if (options.json) return `${toJson(document)}\n${stack}`;
  const { message, hint } = document.error;
  const prefix = error instanceof AccrueError ? "error:" : "unexpected error:";
  const hintLine = typeof hint === "string" ? `${options.paint("bold", "hint:")} ${hint}\n` : "";
  return `${options.paint("red", prefix)} ${String(message)}\n${hintLine}${stack}`;
}

const causeText = (cause: unknown): string => (cause instanceof Error ? `caused by: ${cause.stack ?? cause.message}\n` : "");
