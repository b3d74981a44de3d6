import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];
type Stream = { readonly isTTY?: boolean | undefined };

/** Whether a stream is a terminal that understands cursor codes: what spinners and prompts need. */
export function takesCursorCodes(stream: Stream, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && env["TERM"] !== "dumb";
}

/**
 * Whether a stream takes colour: NO_COLOR, then FORCE_COLOR decide before the terminal does (no-color.org,
 * force-color.org).
 */
export function takesColour(stream: Stream, env: NodeJS.ProcessEnv): boolean {
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  return takesCursorCodes(stream, env);
}

/** Colours a text, or leaves it alone. */
export type Paint = (format: Format, text: string) => string;

export const painter = (enabled: boolean): Paint =>
  // The caller has already looked at the stream and the environment, so styleText must not look again (an option newer
  // Nodes have).
  enabled ? (format, text) => styleText(format, text, { validateStream: false } as never) : (_format, text) => text;
