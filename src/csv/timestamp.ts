import { withoutTrailing } from "../shared/text.ts";
import { cleanId } from "./clean.ts";
import { namedDayIn, type NamedDay } from "./month-names.ts";
import { CellProblem, showCell } from "./problem.ts";

const minYear = 2000;
const maxYear = 2100;
const maxTimeLength = 64;

// The one form that nearly every row has, but for 29 February: it needs neither cleaning nor a look at the calendar.
const plainPattern =
  /^20\d\d-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31) (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d$/;

const yearFirstDate =
  /^(\d{4})(?:-(\d{1,2})-(\d{1,2})|\/(\d{1,2})\/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日)/;
const yearLastDate = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})/;
/** A date of which no part has four digits: the order says which one is the year. */
const twoDigitDate = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)/;
/**
 * What may follow a date: nothing, or a time of day, with its half of the day before or after it, and its zone. French
 * writes `à 10h15`, German `10:15 Uhr`.
 */
const timeOfDay =
  /^(?:(?:\s+(?:à\s)?|T)(?:(上午|下午)\s*)?(\d{1,2})[:h](\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?(?:\sUhr)?(?:\s*([ap]\.?m\.?))?(?:\s*(Z|(?:UTC|GMT)?[+-]\d{2}(?::?\d{2})?|UTC|GMT))?)?$/i;
const compactPattern = /^(\d{4})(\d{2})(\d{2})(?:(?:\s*|T)(\d{2}):?(\d{2}):?(\d{2}))?$/i;
const yearLastPattern = /^\d{1,2}([-/.])\d{1,2}\1\d{4}(?:\D.*)?$/;
const twoDigitYearPattern = /^\d{1,2}([-/.])\d{1,2}\1\d{2}(?:\D.*)?$/;

/**
 * Which part of a date comes first, where that is not a year of four digits. `ymd` leaves dates unread that put the
 * year last, since they could be read two ways.
 */
export type DateOrder = "ymd" | "mdy" | "dmy";

export const dateOrders: readonly DateOrder[] = ["ymd", "mdy", "dmy"];

/** How a file writes times, where they do not say it themselves. */
export interface TimeStyle {
  /** How dates are read that put the year last; `ymd` where it is not given. */
  readonly dateOrder?: DateOrder;
  /** Years of two digits below it are of this century, others of the last; without it such years are refused. */
  readonly yearPivot?: number | undefined;
  /** Bare numbers are seconds or milliseconds since 1970; without it they are refused. */
  readonly hasUnixTimes?: boolean;
}

/** Seconds, and milliseconds, since 1970: of all years that are taken the two have numbers of their own. */
const unixPattern = /^(\d{9,10}|\d{12,13})(?:\.(\d{1,9}))?$/;
const anyPivot = 100;

interface Moment {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly fraction: string;
  /** `Z` or `+08:00` as written; undefined where the cell names none. */
  readonly offset: string | undefined;
}

/**
 * Reads a point in time: `2026-01-02`, `2026/1/2 3:04`, `2026-01-02 03:04:05`, `2026-01-02T03:04:05.25Z`, `… +08:00`,
 * `20260102`, `20260102030405`, `2026年1月2日 3:04`, `2026.1.2 3:04 PM`, `2026/1/2 下午3:04`, `Jan 2, 2026 3:04 PM`,
 * `02.01.2026 10h15`. A date alone is the start of that day.
 *
 * @param zone the name of the zone that a time without an offset is in, such as `Asia/Shanghai`
 * @param style how the file writes times
 * @returns text that PostgreSQL reads as one timestamptz whatever its session zone: `2026-01-02 03:04:05 Asia/Shanghai`
 *   or `2026-01-02 03:04:05+08:00`; or why it is no time
 */
export function readTimestamp(cell: string, zone: string, style: TimeStyle = {}): string | CellProblem {
  if (plainPattern.test(cell)) return `${cell} ${zone}`;
  if (cell.length > maxTimeLength) return notATime(cell);
  const text = cleanId(cell);
  if (text === "") return new CellProblem("empty", "the cell is empty");
  const unix = unixPattern.exec(text);
  if (unix !== null) return style.hasUnixTimes === true ? readUnix(cell, unix) : maybeUnix(cell);
  const moment = parseMoment(text, style);
  return moment === undefined
    ? unreadable(cell, text, style)
    : (checkMoment(cell, moment) ?? writeMoment(moment, zone));
}

/** Why a text is no time. */
function unreadable(cell: string, text: string, style: TimeStyle): CellProblem {
  if (twoDigitYearPattern.test(text) || parseMoment(text, { ...style, yearPivot: anyPivot }) !== undefined) {
    return new CellProblem(
      "two_digit_year",
      `${showCell(cell)} has a year of two digits; write all four, and the year first: 2026-01-02 (a profile may say year_pivot)`,
    );
  }
  if ((style.dateOrder ?? "ymd") !== "ymd" || !yearLastPattern.test(text)) return notATime(cell);
  return new CellProblem(
    "ambiguous_date",
    `${showCell(cell)} could put the month first or the day first; write the year first: 2026-01-02`,
  );
}

function readUnix(cell: string, [, digits, fraction = ""]: RegExpExecArray): string | CellProblem {
  const isMillis = digits!.length > 10;
  const at = new Date(Number(digits) * (isMillis ? 1 : 1000));
  const finer = isMillis ? digits!.slice(-3) + fraction : fraction;
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()];
  const parts = [year, month, day, at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(String);
  const moment = toMoment(parts, finer, "Z");
  return checkMoment(cell, moment) ?? writeMoment(moment, "UTC");
}

const maybeUnix = (cell: string): CellProblem =>
  new CellProblem(
    "not_a_time",
    `${showCell(cell)} is a bare number; where it counts seconds or milliseconds since 1970, a profile may say "unix_times": true`,
  );

function notATime(cell: string): CellProblem {
  return new CellProblem("not_a_time", `${showCell(cell)} is not a date or time such as 2026-01-02 03:04:05`);
}

function parseMoment(text: string, { dateOrder: order = "ymd", yearPivot: pivot }: TimeStyle): Moment | undefined {
  const yearFirst = yearFirstDate.exec(text);
  if (yearFirst !== null) {
    const [date, year, ...parts] = yearFirst;
    const rest = text.slice(date.length);
    // Behind 日 a blank may be left out; nowhere else.
    const time = date.endsWith("日") && rest !== "" ? ` ${rest}` : rest;
    return withTime([year, ...parts.filter((part) => part !== undefined)], time);
  }
  const yearLast = order === "ymd" ? null : yearLastDate.exec(text);
  if (yearLast !== null) {
    const [date, first, , second, year] = yearLast;
    return withTime(order === "mdy" ? [year, first, second] : [year, second, first], text.slice(date.length));
  }
  const short = pivot === undefined ? null : twoDigitDate.exec(text);
  if (short !== null) return shortDate(short, text, order, pivot!);
  const compact = compactPattern.exec(text);
  if (compact !== null) return toMoment(compact.slice(1, 7), undefined, undefined);
  const named = namedDayIn(text);
  return named === undefined ? undefined : namedMoment(named, pivot);
}

function namedMoment({ year, month, day, rest }: NamedDay, pivot: number | undefined): Moment | undefined {
  if (year.length === 4) return withTime([year, month, day], rest);
  return pivot === undefined ? undefined : withTime([fullYear(year, pivot), month, day], rest);
}

const fullYear = (year: string, pivot: number): string => `${Number(year) < pivot ? "20" : "19"}${year}`;

/** A date whose year has two digits; undefined where that part of it has only one. */
function shortDate(
  [date, first, , second, third]: RegExpExecArray,
  text: string,
  order: DateOrder,
  pivot: number,
): Moment | undefined {
  const [year, month, day] =
    order === "ymd" ? [first!, second, third] : order === "mdy" ? [third!, first, second] : [third!, second, first];
  if (year.length !== 2) return undefined;
  return withTime([fullYear(year, pivot), month, day], text.slice(date.length));
}

/** A day, and the time of day that follows it; undefined where something else does. */
function withTime(day: readonly (string | undefined)[], rest: string): Moment | undefined {
  const time = timeOfDay.exec(rest);
  if (time === null) return undefined;
  const [, before, hour, minute, second, fraction, behind, offset] = time;
  const half = before ?? behind;
  if (half === undefined) return toMoment([...day, hour, minute, second], fraction, offset);
  const hourOfDay = before !== undefined && behind !== undefined ? undefined : hourOf(half, Number(hour));
  return hourOfDay === undefined ? undefined : toMoment([...day, hourOfDay, minute, second], fraction, offset);
}

/** The hour of the day of an hour of one of its halves: 12 is where a half begins. */
function hourOf(half: string, hour: number): string | undefined {
  if (hour < 1 || hour > 12) return undefined;
  return String((hour % 12) + (/^(?:p|下)/i.test(half) ? 12 : 0));
}

function toMoment(
  parts: readonly (string | undefined)[],
  fraction: string | undefined,
  offset: string | undefined,
): Moment {
  const [year, month, day, hour, minute, second] = parts.map((part) => Number(part ?? "0"));
  return {
    year: year!,
    month: month!,
    day: day!,
    hour: hour!,
    minute: minute!,
    second: second!,
    // Microseconds are what the database keeps: cut, since rounding up could move a time into the next day.
    fraction: withoutTrailing((fraction ?? "").slice(0, 6), "0"),
    offset: offset
      ?.toUpperCase()
      .replace(/^(?:UTC|GMT)(?=.)/, "")
      .replace(/^(?:UTC|GMT)$/, "Z"),
  };
}

function checkMoment(cell: string, moment: Moment): CellProblem | undefined {
  if (!isDay(moment.year, moment.month, moment.day)) {
    return new CellProblem("impossible_date", `${showCell(cell)} is a day that the calendar does not have`);
  }
  if (moment.hour > 23 || moment.minute > 59 || moment.second > 59 || !isOffset(moment.offset)) return notATime(cell);
  if (moment.year < minYear || moment.year > maxYear) {
    return new CellProblem("year_out_of_range", `${showCell(cell)} lies outside the years ${minYear} to ${maxYear}`);
  }
  return undefined;
}

const monthLengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (month === 2 && isLeap ? 29 : monthLengths[month - 1]!);
}

/** Real offsets lie between -12:00 and +14:00. */
function isOffset(offset: string | undefined): boolean {
  if (offset === undefined || offset === "Z") return true;
  const hours = Number(offset.slice(1, 3));
  const minutes = offset.length === 3 ? 0 : Number(offset.slice(-2));
  return minutes < 60 && hours * 60 + minutes <= (offset.startsWith("-") ? 12 : 14) * 60;
}

function writeMoment(moment: Moment, zone: string): string {
  const date = `${moment.year}-${two(moment.month)}-${two(moment.day)}`;
  const fraction = moment.fraction === "" ? "" : `.${moment.fraction}`;
  const time = `${two(moment.hour)}:${two(moment.minute)}:${two(moment.second)}${fraction}`;
  if (moment.offset === undefined) return `${date} ${time} ${zone}`;
  return `${date} ${time}${writeOffset(moment.offset)}`;
}

function writeOffset(offset: string): string {
  if (offset === "Z") return "+00:00";
  return `${offset.slice(0, 3)}:${offset.length === 3 ? "00" : offset.slice(-2)}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
