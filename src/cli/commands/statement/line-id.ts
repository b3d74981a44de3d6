import { lineIdOf } from "../../../domain/statements/model.ts";
import { usageError } from "../../../shared/errors.ts";

/** Reads the number of a statement's line as people have it: L00000012. */
export function readLineId(text: string): bigint {
  const lineId = lineIdOf(text);
  if (lineId !== undefined) return lineId;
  throw usageError("invalid_line", `"${text}" is no line of a statement`, {
    hint: "lines are called like L00000012; `accrue statement show` lists those of a statement",
  });
}
