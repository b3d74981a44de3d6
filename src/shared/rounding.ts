/**
 * The one rounding rule: half up. Every amount and every number of points that is not exact goes through here
 * (and, inside the database, through the SQL function `round_half_up`, which is tested against this one).
 *
 * @param numerator a non-negative integer
 * @param denominator a positive integer
 * @returns the integer nearest to numerator / denominator, halves rounded up
 * @throws RangeError outside that domain: a negative amount never needs rounding here
 */
export function divideRoundHalfUp(numerator: bigint, denominator: bigint): bigint {
  if (numerator < 0n) throw new RangeError(`cannot round a negative quantity: ${numerator}`);
  if (denominator <= 0n) throw new RangeError(`cannot divide by ${denominator}`);
  return (2n * numerator + denominator) / (2n * denominator);
}
