/** A number that people read out to each other: its letter and at least eight digits, as M00000001. */
export const numberText = (letter: string, sequence: bigint): string =>
  `${letter}${sequence.toString().padStart(8, "0")}`;
