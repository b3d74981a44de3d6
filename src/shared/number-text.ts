/** Points with the sign of what they do to a balance: `+50`, `-50`, `0`. */
export const signedPoints = (points: bigint): string => (points > 0n ? `+${points}` : String(points));

/** A number that people read out to each other: its letter and at least eight digits, as M00000001. */
export const numberText = (letter: string, sequence: bigint): string =>
  `${letter}${sequence.toString().padStart(8, "0")}`;
