/** An amount of money in fen, 1/100 yuan. Always a bigint: no amount is ever held in a float. */
export type Fen = bigint;

/**
 * The largest single amount that is accepted: 100 million yuan. It keeps every product of the grant rule within 64
 * bits.
 */
export const maxAmountFen: Fen = 10_000_000_000n;

/**
 * The value of a point when it is granted: one yuan of the member's share. Its value at withdrawal is the policy's
 * point value.
 */
export const fenPerPoint: Fen = 100n;

/**
 * The amount that a grant puts into the points fund, and a clawback (negative points) takes out: exactly one yuan a
 * point, so that the fund covers what was granted. Rounding differences fall to the platform's share.
 */
export const fundOfPoints = (points: bigint): Fen => points * fenPerPoint;

/**
 * Amounts finer than a fen are held in millionths of a yuan until they are summed: prices of order lines, totals of a
 * file.
 */
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
