/** An amount of money in fen, 1/100 yuan. Always a bigint: no amount is ever held in a float. */
export type Fen = bigint;

/** The largest single amount taken in: 100 million yuan. It keeps every product of the grant rule inside 64 bits. */
export const maxAmountFen: Fen = 10_000_000_000n;

/** What a point is when it is granted: a yuan of the member's share. What it is worth when it is withdrawn, the policy says. */
export const fenPerPoint: Fen = 100n;

/**
 * What a grant of points puts into the points fund, and a clawback (points below zero) takes out: exactly those points at a yuan
 * each, so that the fund covers what was granted. The platform's share carries what the points were rounded by.
 */
export const fundOfPoints = (points: bigint): Fen => points * fenPerPoint;

/** What is finer than a fen is held in millionths of a yuan until it is summed: a price of a part of an order, a total of a file. */
export const microsPerFen = 10_000n;

const yuanPattern = /^([+-]?)(\d+)(?:\.(\d{1,2})0*)?$/;

/**
 * Reads a decimal amount of yuan such as `12`, `12.5` or `1234.50`.
 *
 * @returns the amount in fen, or undefined when the text is not an amount in whole fen
 */
export function parseYuan(text: string): Fen | undefined {
  const match = yuanPattern.exec(text);
  if (match === null) return undefined;
  const fen = BigInt(match[2]! + (match[3] ?? "").padEnd(2, "0"));
  return match[1] === "-" ? -fen : fen;
}

/** Writes an amount of fen as yuan with two decimals, without separators: `-1234.50`. */
export function formatYuan(fen: Fen): string {
  const sign = fen < 0n ? "-" : "";
  const digits = (fen < 0n ? -fen : fen).toString().padStart(3, "0");
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
