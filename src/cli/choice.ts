import { Option } from "commander";
import { usageError } from "../shared/errors.ts";

/**
 * An option whose value is one of a few words: the help lists them and completion offers them.
 *
 * @throws a usage error `invalid_choice`, when a command line is parsed that gives it another value
 */
export function choice(flags: `--${string}`, about: string, words: readonly string[]): Option {
  const option = new Option(flags, about).choices(words);
  return option.argParser((text: string) => {
    if (words.includes(text)) return text;
    throw usageError("invalid_choice", `${option.long} ${text}: not one of ${words.join(", ")}`);
  });
}
