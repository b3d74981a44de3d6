import { usageError } from "../../../shared/errors.ts";

/** Reads the number of a statement's line as people have it: L00000012. */
export function readLineId(text: string): bigint {
  const digits = /^L(\d{1,18})$/i.exec(text.trim())?.[1];
  if (digits !== undefined) return BigInt(digits);
  throw usageError("invalid_line", `"${text}" is no line of a statement`, {
    hint: "lines are called like L00000012; `accrue statement show` lists those of a statement",
  });
}
