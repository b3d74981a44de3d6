import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Whether a stream takes colour: FORCE_COLOR and NO_COLOR decide before the terminal does (no-color.org, force-color.org). */
export function takesColour(stream: { readonly isTTY?: boolean | undefined }, env: NodeJS.ProcessEnv): boolean {
  if (env["NO_COLOR"] !== undefined && env["NO_COLOR"] !== "") return false;
  if (env["FORCE_COLOR"] !== undefined && env["FORCE_COLOR"] !== "") return env["FORCE_COLOR"] !== "0";
  return stream.isTTY === true && env["TERM"] !== "dumb";
}

/** Colours a text, or leaves it alone. */
export type Paint = (format: Format, text: string) => string;

export const painter = (enabled: boolean): Paint =>
  // The caller has already looked at the stream and the environment, so styleText must not look again (an option newer Nodes have).
  enabled ? (format, text) => styleText(format, text, { validateStream: false } as never) : (_format, text) => text;
