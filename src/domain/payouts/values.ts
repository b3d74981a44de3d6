import { lengthOf, startsLikeFormula } from "../../shared/text.ts";
import { notInGbk } from "./gbk.ts";
import type { PayoutProblem } from "./provider.ts";

/**
 * Characters that end a cell or a row for some reader, and their full-width forms, which some programs convert first.
 */
const separators = /[,;|"'`\\\uff0c\uff1b\uff5c\uff02\uff07\uff40\uff3c]/u;
/** Invisible characters, line breaks and tabs, and all blanks but the space. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|[^\S ]/u;

const maxLength = 64;

/**
 * Why a text cannot be a cell of a payout file, or undefined when it can. It is never altered, for another name or
 * number would be another person's.
 *
 * @param what its name in the reason, which never contains the private text
 */
export function valueProblem(what: string, text: string, isGbk: boolean): PayoutProblem | undefined {
  const breaks = (reason: string): PayoutProblem => ({ code: "value_breaks_file", reason: `${what} ${reason}` });
  if (text.trim() === "") return { code: "value_missing", reason: `${what} is empty` };
  if (separators.test(text)) return breaks("has a comma, quote or other separator");
  if (unseen.test(text)) return breaks("has a control character, a line break or an odd blank");
  if (text !== text.trim()) return breaks("starts or ends with a blank");
  if (startsLikeFormula(text)) return breaks("starts like a formula (= + - @)");
  if (lengthOf(text) > maxLength)
    return { code: "value_too_long", reason: `${what} has more than ${maxLength} characters` };
  if (!isGbk || notInGbk(text) === undefined) return undefined;
  return { code: "value_not_in_gbk", reason: `${what} has a character that the file's encoding, GBK, does not have` };
}
