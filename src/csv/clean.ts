/**
 * Cleaning of what spreadsheets and platforms wrap around a value. The raw cell is kept by the caller for the rejects
 * file; these functions only ever make the value that is read.
 */

const backtick = 0x60;
const apostrophe = 0x27;
const equals = 0x3d;

/** Whether a cell that starts (or ends) with this character could need cleaning; false costs one comparison or two. */
function isSuspectEdge(code: number): boolean {
  if (code > 0x60 && code < 0x80) return false;
  if (code >= 0x3040 && code < 0xe000) return false;
  return code <= 0x20 || code === apostrophe || code === equals || code === backtick || code >= 0x80;
}

/** Whether what a cell starts with is the start of its value: no wrapping, and no other width. */
export const startsBare = (cell: string): boolean => !isSuspectEdge(cell.charCodeAt(0));

/**
 * Takes off what stands outside the value: blanks, `="…"`, one leading apostrophe, one leading backtick. An apostrophe
 * in front of `="…"` is the guard of a rejects file that lost the columns by which it is known.
 */
function unwrap(cell: string): string {
  let text = cell.trim();
  if (text.startsWith("'=\"")) text = text.slice(1);
  if (text.length >= 3 && text.startsWith('="') && text.endsWith('"')) text = text.slice(2, -1).trim();
  if (text.charCodeAt(0) === apostrophe) text = text.slice(1).trim();
  if (text.charCodeAt(0) === backtick) text = text.slice(1).trim();
  return text;
}

/**
 * The text of a cell without its wrapping: outer blanks and TABs, `="…"`, a leading `'`, a leading backtick. What is
 * inside stays as it is, full-width characters included, since names are written in them.
 */
export function cleanText(cell: string): string {
  if (cell.length === 0) return cell;
  if (!isSuspectEdge(cell.charCodeAt(0)) && !isSuspectEdge(cell.charCodeAt(cell.length - 1))) return cell;
  return unwrap(cell);
}

/** Whether a cell says nothing: empty, or blanks and wrapping only. */
export const isBlank = (cell: string): boolean => cell === "" || cleanText(cell) === "";

const fullWidthPattern = /[\uff01-\uff5e\u3000]/g;
const isWidePattern = /[\uff01-\uff5e\u3000]/;

/** Turns full-width letters, digits and signs (and the ideographic space) into their ASCII forms. */
export function narrowWidth(text: string): string {
  // Most texts have none, and looking is several times quicker than replacing nothing.
  if (!isWidePattern.test(text)) return text;
  return text.replace(fullWidthPattern, (wide) =>
    wide === "\u3000" ? " " : String.fromCharCode(wide.charCodeAt(0) - 0xfee0),
  );
}

/** An id: width first, then the wrapping, so `１２３` and `123` are one id. Inner characters are kept. */
export function cleanId(cell: string): string {
  return cleanText(narrowWidth(cell));
}

/** A word as it is compared: without wrapping, case and width. */
export const cleanWord = (cell: string): string => cleanId(cell).toLowerCase();

const thousandsPattern = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const leadingCurrencyPattern = /^([+-]?)\s*[¥￥]\s*/;

/** A number without what stands around it: width, wrapping, `￥`, `¥`, `元`. */
function bareNumber(cell: string): string {
  // ￥ is full-width itself but has no ASCII form, so narrowing leaves it to the currency pattern.
  const number = cleanId(cell).replace(leadingCurrencyPattern, "$1");
  return number.endsWith("元") ? number.slice(0, -1).trimEnd() : number;
}

/**
 * The text of a cell that holds a number: width, wrapping, then `￥`, `¥`, `元` and thousands separators. Separators
 * are taken off only where they stand between groups of three, so `1,23` stays what it is: not a number.
 */
export function cleanNumeric(cell: string): string {
  const bare = bareNumber(cell);
  return thousandsPattern.test(bare) ? bare.replaceAll(",", "") : bare;
}

/** How a file writes numbers, where it is not the usual way. */
export interface NumberStyle {
  /** A comma stands before the decimals; points, blanks or apostrophes may stand between thousands. */
  readonly hasDecimalComma: boolean;
  /** Amounts are whole numbers of fen. */
  readonly isInFen: boolean;
}

const decimalCommaPattern =
  /^[+-]?(?:\d{1,3}(?:\.\d{3})+|\d{1,3}(?:['’]\d{3})+|\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)(?:,\d+)?$/;
const wholePattern = /^([+-]?)(\d+)(?:\.0*)?$/;

/** What stands after a number that is not written in its file's style. */
const misfits = {
  " (no decimal comma)": "is no number with a decimal comma such as 1.234,50, which the profile says it is",
  " (no whole number of fen)": "is no whole number of fen, which the profile says it is a number of",
} as const;
type Misfit = keyof typeof misfits;
const misfit = (number: string, what: Misfit): string => `${number}${what}`;

/** What is wrong with a number that is not written in its file's style; undefined of any other text. */
export function styleProblem(text: string): { readonly number: string; readonly what: string } | undefined {
  const found = (Object.keys(misfits) as Misfit[]).find((one) => text.endsWith(one));
  return found && { number: text.slice(0, -found.length), what: misfits[found] };
}

/**
 * A number as it is usually written: `1234.50` for `1.234,50`, `12.34` for 1234 fen.
 *
 * @returns for what is not written in that style, a text that is no number and says so: `12.50` is then not 12 yuan 50
 */
export function usualNumber(cell: string, { hasDecimalComma, isInFen }: NumberStyle): string {
  const bare = hasDecimalComma ? bareNumber(cell) : cleanNumeric(cell);
  if (bare === "") return bare;
  if (hasDecimalComma && !decimalCommaPattern.test(bare)) return misfit(bare, " (no decimal comma)");
  const number = hasDecimalComma ? bare.replace(/[.'’ \u00a0\u202f]/g, "").replace(",", ".") : bare;
  if (!isInFen) return number;
  const [, sign = "", digits] = wholePattern.exec(number) ?? [];
  if (digits === undefined) return misfit(number, " (no whole number of fen)");
  const fen = digits.padStart(3, "0");
  return `${sign}${fen.slice(0, -2)}.${fen.slice(-2)}`;
}
