import type { Option as TypedOption } from "@commander-js/extra-typings";
import { Option } from "commander";
import { isBusinessDate, isTimeZone, type BusinessDate } from "../shared/business-date.ts";
import { parseDuration } from "../shared/duration.ts";
import { usageError } from "../shared/errors.ts";
import { formatYuan, maxAmountFen, parseYuan, type Fen } from "../shared/money.ts";

/** An option whose value is read, and refused, when the command line is parsed. */
type ReadOption<Flags extends string, Value> = TypedOption<Flags, undefined, undefined, Value>;

type Read<Value> = (flag: string, text: string) => Value;

type Flag = `--${string}`;

const readBy =
  <Value>(read: Read<Value>) =>
  <Flags extends Flag>(flags: Flags, about: string): ReadOption<Flags, Value> => {
    const option = new Option(flags, about);
    option.argParser((text: string) => read(option.long!, text));
    return option as unknown as ReadOption<Flags, Value>;
  };

/** An option with a way of its own to read its value. */
export const parsed = <Flags extends Flag, Value>(
  flags: Flags,
  about: string,
  read: (text: string) => Value,
): ReadOption<Flags, Value> => readBy((_flag, text) => read(text))(flags, about);

/** A business date. @throws a usage error `invalid_business_date` for another value */
export const date = readBy((flag, text): BusinessDate => {
  if (isBusinessDate(text)) return text;
  throw usageError("invalid_business_date", `${flag} ${text}: no business date`, { hint: "write it like 2026-01-31" });
});

/** An amount of yuan that is not negative. @throws a usage error `invalid_amount` for another value */
export const amount = readBy((flag, text): Fen => {
  const fen = parseYuan(text);
  if (fen !== undefined && fen >= 0n) return fen;
  throw usageError("invalid_amount", `${flag} ${text}: no amount of yuan`, { hint: "write it like 100 or 99.50" });
});

/** An amount of yuan of either sign. @throws a usage error `invalid_amount` for another value */
export const signedAmount = readBy((flag, text): Fen => {
  const fen = parseYuan(text);
  if (fen !== undefined) return fen;
  throw usageError("invalid_amount", `${flag} ${text}: no amount of yuan`, { hint: "write it like 100 or -99.50" });
});

/** An amount of yuan other than zero, as an argument. @throws a usage error `invalid_amount` for another value */
export function readSignedYuan(text: string): Fen {
  const fen = parseYuan(text);
  if (fen !== undefined && fen !== 0n && fen <= maxAmountFen && fen >= -maxAmountFen) return fen;
  throw usageError("invalid_amount", `${text}: no amount of yuan`, {
    hint: `write it like 100 or -99.50, up to ${formatYuan(maxAmountFen)}`,
  });
}

/** An amount of yuan above zero, as an argument. @throws a usage error `invalid_amount` for another value */
export function readPositiveYuan(text: string): Fen {
  const fen = readSignedYuan(text);
  if (fen > 0n) return fen;
  throw usageError("invalid_amount", `${text}: an amount above zero is wanted`, { hint: "leave the sign out" });
}

/** A number of rows, 1 or more. @throws a usage error `invalid_count` for another value */
export const count = readBy((flag, text): number => {
  if (/^[1-9]\d{0,7}$/.test(text)) return Number(text);
  throw usageError("invalid_count", `${flag} ${text}: no number of rows`, { hint: "write it like 1000" });
});

/** The most rows that one page of a list may have. */
export const maxLimit = 10_000;

/** How many rows to show. @throws a usage error `invalid_limit` for what is not from 1 to `maxLimit` */
export const limit = readBy((flag, text): number => {
  const rows = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (rows >= 1 && rows <= maxLimit) return rows;
  throw usageError("invalid_limit", `${flag} ${text}: give a number from 1 to ${maxLimit}`);
});

/** A time zone. @throws a usage error `invalid_time_zone` for another value */
export const timeZone = readBy((flag, text) => {
  if (isTimeZone(text)) return text;
  throw usageError("invalid_time_zone", `${flag} ${text}: no time zone`, {
    hint: "write it like Europe/Berlin or UTC",
  });
});

/**
 * A length of time such as `30s`, `10m` or `2h`, in milliseconds.
 *
 * @param origin the option or variable that says it
 * @throws a usage error `invalid_duration` for another value
 */
export function readDuration(origin: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw usageError("invalid_duration", `${origin} ${text}: no length of time`, {
    hint: "write it like 30s, 10m or 2h",
  });
}

/** A length of time, in milliseconds: see `readDuration`. */
export const duration = readBy(readDuration);

/**
 * One of a few words: the help lists them and completion offers them.
 *
 * @throws a usage error `invalid_choice` for another value
 */
export function choice<Flags extends Flag, const Word extends string>(
  flags: Flags,
  about: string,
  words: readonly Word[],
): ReadOption<Flags, Word> {
  const option = readBy((flag, text) => {
    const word = words.find((one) => one === text);
    if (word !== undefined) return word;
    throw usageError("invalid_choice", `${flag} ${text}: not one of ${words.join(", ")}`);
  })(flags, about);
  option.argChoices = [...words];
  return option;
}

/** Reads the number of an import, a grant run, a payout account. @throws the error for another text */
export const idOr =
  (refusal: (text: string) => Error) =>
  (text: string): bigint => {
    if (/^\d{1,18}$/.test(text)) return BigInt(text);
    throw refusal(text);
  };

type Given<Options> = { [Name in keyof Options]?: Exclude<Options[Name], undefined> };

/** Those of some options that were given, for what takes no undefined. */
export const given = <Options extends object>(options: Options): Given<Options> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<Options>;
