import { maxAmountFen, parseYuan, type Fen } from "../shared/money.ts";
import { parseRate, type Bps } from "../shared/rates.ts";
import { codePointOf, invisibleIn, invisibleInId, lookAlikeIn, normalId, withoutTrailing } from "../shared/text.ts";
import { cleanId, cleanNumeric, cleanText, styleProblem } from "./clean.ts";
import { CellProblem, showCell } from "./problem.ts";

/** The longest id imported, in characters. */
export const maxIdLength = 64;

/** The longest text (a name, a contact) imported, in characters. */
export const maxTextLength = 200;

// What Excel and programs make of a long number. `12E5` without point or sign may be a real code.
const scientificPattern = /^[+-]?\d+(?:\.\d+[eE][+-]?|[eE][+-])\d+$/;

const plainIdPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/;

/**
 * Reads an id: always text, never a number.
 *
 * @returns the id without wrapping and in its normal form, or why it is none: empty, scientific notation, invisible
 *   characters, characters that look like others, over-long
 */
export function readId(cell: string): string | CellProblem {
  const id = readSku(cell);
  if (typeof id !== "string" || plainIdPattern.test(id)) return id;
  const alike = lookAlikeIn(id);
  if (alike === undefined) return id;
  return new CellProblem(
    "look_alike",
    `${showCell(id)} contains ${showCell(alike)} (${codePointOf(alike)}), which cannot be told from another character by its looks`,
  );
}

/** Reads a product's number: an id in which any letter may stand, such as the α and φ that products are measured in. */
export function readSku(cell: string): string | CellProblem {
  // No point and no plus in the plain form; a minus is, so an exponent needs one more look.
  if (plainIdPattern.test(cell) && !scientificPattern.test(cell)) return cell;
  const id = normalId(cleanId(cell));
  if (id === "") return new CellProblem("empty", "the cell is empty");
  if (scientificPattern.test(id)) {
    return new CellProblem(
      "scientific_notation",
      `${showCell(id)} is a number in scientific notation, so digits of the id are lost; format the column as text and export it again`,
    );
  }
  return checkText(id, maxIdLength, invisibleInId) ?? id;
}

const longDigitsPattern = /^\d{18,}$/;
const zeroedTailPattern = /^\d{15}0+$/;

/** Whether a cell is a bare number of more than 17 digits: one that a spreadsheet could not hold. */
export const isLongNumber = (cell: string): boolean => cell.length > 17 && longDigitsPattern.test(cell.trim());

/**
 * Whether an id looks as if a spreadsheet kept 15 digits of it and put zeros in place of the rest. One such id may be
 * genuine; several in a file are not. A cell that is wrapped as a text (`="…"`, `'…`, a backtick, a TAB) is what
 * somebody wrote.
 */
export const zeroedTailOf = (cell: string): boolean =>
  isLongNumber(cell) && !cell.includes("\t") && zeroedTailPattern.test(cell.trim());

/**
 * Reads a text such as a name. Its characters stay as they are, full-width ones included.
 *
 * @returns the text without wrapping, or why it cannot be stored: empty, invisible characters, over-long
 */
export function readText(cell: string, maxLength: number = maxTextLength): string | CellProblem {
  const text = cleanText(cell);
  if (text === "") return new CellProblem("empty", "the cell is empty");
  return checkText(text, maxLength, invisibleIn) ?? text;
}

function checkText(
  text: string,
  maxLength: number,
  unseenIn: (text: string) => string | undefined,
): CellProblem | undefined {
  if (text.length > maxLength) {
    return new CellProblem(
      "too_long",
      `${showCell(text)} has ${text.length} characters; at most ${maxLength} are taken`,
    );
  }
  const unseen = unseenIn(text);
  if (unseen === undefined) return undefined;
  return new CellProblem(
    "control_character",
    `${showCell(text)} contains the invisible character ${codePointOf(unseen)} at position ${text.indexOf(unseen) + 1}`,
  );
}

/** The longest number imported, in characters with all that is wrapped around it: looked at before any pattern is. */
const maxNumberLength = 40;
const decimalPattern = /^[+-]?\d+\.\d+$/;

/**
 * Reads an amount of yuan that is zero or more.
 *
 * @returns fen, or why it is no amount: empty, not an amount, more than two decimals, negative, too large
 */
export function readAmountFen(cell: string): Fen | CellProblem {
  if (cell.length > maxNumberLength) {
    const tooLong = new CellProblem("not_an_amount", `${showCell(cell)} is too long to be an amount of yuan`);
    return misfit("not_an_amount", cell) ?? tooLong;
  }
  let fen = parseYuan(cell);
  if (fen === undefined) {
    const text = cleanNumeric(cell);
    fen = parseYuan(text);
    if (fen === undefined) return explainAmount(cell, text);
  }
  if (fen < 0n) return new CellProblem("negative", `${showCell(cell)} is negative; an amount is zero or more`);
  if (fen > maxAmountFen) {
    return new CellProblem("too_large", `${showCell(cell)} is more than the largest amount taken, 100 million yuan`);
  }
  return fen;
}

const signedDecimalPattern = /^([+-]?)(\d{1,15})(?:\.(\d*))?$/;

/**
 * Reads a number exactly, such as a quantity or a price that is finer than a fen.
 *
 * @param decimals how many are kept; zeros after them are nothing
 * @returns the number x 10^decimals, below zero too; or why it is no such number: empty, no number, finer than that
 */
export function readDecimal(cell: string, decimals: number): bigint | CellProblem {
  if (cell.length > maxNumberLength)
    return (
      misfit("not_a_number", cell) ?? new CellProblem("not_a_number", `${showCell(cell)} is too long to be a number`)
    );
  const text = cleanNumeric(cell);
  if (text === "") return new CellProblem("empty", "the cell is empty");
  const match = signedDecimalPattern.exec(text);
  if (match === null)
    return (
      misfit("not_a_number", cell) ??
      new CellProblem("not_a_number", `${showCell(cell)} is not a number such as 12 or 2.55`)
    );
  const fraction = withoutTrailing(match[3] ?? "", "0");
  if (fraction.length > decimals) {
    return new CellProblem("too_many_decimals", `${showCell(cell)} has more than ${decimals} decimals`);
  }
  const units = BigInt(match[2]! + fraction.padEnd(decimals, "0"));
  return match[1] === "-" ? -units : units;
}

function explainAmount(cell: string, text: string): CellProblem {
  if (text === "") return new CellProblem("empty", "the cell is empty");
  if (decimalPattern.test(text)) {
    return new CellProblem("too_many_decimals", `${showCell(cell)} is finer than one fen; write at most two decimals`);
  }
  return (
    misfit("not_an_amount", cell) ??
    new CellProblem("not_an_amount", `${showCell(cell)} is not an amount of yuan such as 1234.50`)
  );
}

/** Where a number is not written as its profile says. */
function misfit(code: "not_a_number" | "not_an_amount", cell: string): CellProblem | undefined {
  const problem = styleProblem(cell);
  return problem && new CellProblem(code, `${showCell(problem.number)} ${problem.what}`);
}

/**
 * Reads a rate written `30%` or `0.3`.
 *
 * @returns basis points from 0 to 10000, or why it is no rate
 */
export function readRate(cell: string): Bps | CellProblem {
  const text = cleanId(cell);
  if (text === "") return new CellProblem("empty", "the cell is empty");
  const bps =
    text.length > maxNumberLength
      ? undefined
      : parseRate(text.endsWith("%") ? `${text.slice(0, -1).trimEnd()}%` : text);
  if (bps !== undefined) return bps;
  return new CellProblem(
    "not_a_rate",
    `${showCell(cell)} is not a rate from 0% to 100% in steps of 0.01%; write 30% or 0.3`,
  );
}

const booleanWords: ReadonlyMap<string, boolean> = new Map([
  ["是", true],
  ["yes", true],
  ["y", true],
  ["true", true],
  ["t", true],
  ["1", true],
  ["已认证", true],
  ["否", false],
  ["no", false],
  ["n", false],
  ["false", false],
  ["f", false],
  ["0", false],
  ["未认证", false],
]);

/** Reads yes or no: 是/否, yes/no, y/n, true/false, t/f, 1/0, 已认证/未认证, whatever the case and width. */
export function readBoolean(cell: string): boolean | CellProblem {
  const word = cleanId(cell).toLowerCase();
  if (word === "") return new CellProblem("empty", "the cell is empty");
  return (
    booleanWords.get(word) ??
    new CellProblem("not_a_boolean", `${showCell(cell)} is not yes or no (是/否, true/false, 1/0)`)
  );
}
