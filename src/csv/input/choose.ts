import { AccrueError, usageError } from "../../shared/errors.ts";
import type { Input, InputText } from "./input.ts";

/** A text that was opened and turned out to be what was looked for. */
export interface Fit {
  close(): Promise<void>;
}

/**
 * Takes the one text of an input that fits: of a file its only one, of an archive the one entry whose header is known.
 *
 * @param open opens a text, or throws why it does not fit
 * @throws what `open` throws, where there is one text only; AccrueError (usage) `zip_no_fitting_member`,
 *   `zip_several_fitting_members`
 */
export async function chooseText<Fitting extends Fit>(
  input: Input,
  open: (text: InputText) => Promise<Fitting>,
): Promise<Fitting> {
  const [only, ...others] = input.texts;
  if (only !== undefined && others.length === 0) return open(only);
  const fits: { readonly entry: string; readonly fit: Fitting }[] = [];
  const reasons = [...input.passedOver];
  for (const text of input.texts) {
    try {
      fits.push({ entry: text.entry!, fit: await open(text) });
    } catch (error) {
      if (!(error instanceof AccrueError) || error.kind !== "usage") throw error;
      reasons.push(error.message);
    }
  }
  const [first, second] = fits;
  if (first !== undefined && second === undefined) return first.fit;
  for (const { fit } of fits) await fit.close();
  throw first === undefined
    ? noneFits(input.name, reasons)
    : severalFit(
        input.name,
        fits.map(({ entry }) => entry),
      );
}

function noneFits(name: string, reasons: readonly string[]): AccrueError {
  const why = reasons.length === 0 ? "it is empty" : reasons.join("; ");
  return usageError("zip_no_fitting_member", `${name} has no member that can be imported: ${why}`, {
    hint: "check that it is the archive you meant, or unpack it and import the CSV file within",
    details: { file: name, reasons },
  });
}

function severalFit(name: string, entries: readonly string[]): AccrueError {
  return usageError("zip_several_fitting_members", `${name} has several members that fit: ${entries.join(", ")}`, {
    hint: "unpack it and import them one by one",
    details: { file: name, members: entries },
  });
}
