import { withoutTrailing } from "./text.ts";

/** A rate in basis points: 3000 is 30 %. Always an integer from 0 to 10000. */
export type Bps = number;

/** 100 % in basis points, the denominator of every rate. */
export const fullBps = 10_000n;

const percentPattern = /^(\d{1,3})(?:\.(\d{1,2})0*)?%$/;
// A bare `1` could mean 1 % or 100 %, so it is refused.
const fractionPattern = /^(0|1(?=\.))(?:\.(\d{1,4})0*)?$/;

/**
 * Reads a rate written as `30%`, `12.5%` or `0.3`. A bare `1` is none: 100 % is written `100%` or `1.0`.
 *
 * @returns the rate in basis points, or undefined when the text is no rate from 0 to 100 % in whole basis points
 */
export function parseRate(text: string): Bps | undefined {
  const percent = percentPattern.exec(text);
  const fraction = percent === null ? fractionPattern.exec(text) : null;
  const match = percent ?? fraction;
  if (match === null) return undefined;
  const decimals = percent === null ? 4 : 2;
  const bps = Number(match[1]! + (match[2] ?? "").padEnd(decimals, "0"));
  return bps <= Number(fullBps) ? bps : undefined;
}

/** Writes a rate as a percentage: `30%`, `12.5%`. */
export function formatRate(bps: Bps): string {
  const digits = bps.toString().padStart(3, "0");
  const decimals = withoutTrailing(digits.slice(-2), "0");
  return `${digits.slice(0, -2)}${decimals === "" ? "" : `.${decimals}`}%`;
}
