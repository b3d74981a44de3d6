import { cleanId, cleanWord, isBlank, narrowWidth } from "../../csv/clean.ts";
import { namedDayIn } from "../../csv/month-names.ts";
import { CellProblem } from "../../csv/problem.ts";
import { dateOrders, readTimestamp, type DateOrder } from "../../csv/timestamp.ts";
import { numberIn, type NumberSeen } from "./numbers.ts";

/** How many different words a column may have that is taken for a column of words. */
export const maxWords = 40;
const maxWordLength = 60;
const maxSamples = 3;
/** A longer cell is a text, whatever it says. */
const maxLooked = 100;
/**
 * How many different cells are kept to see whether any comes twice, of a longer one its beginning: of a column, and of
 * all columns of a file.
 */
const maxDistinct = 20_000;
const maxDistinctOfFile = 400_000;
/** Years of two digits: all are of this century, for no order is older. */
export const guessedPivot = 100;

/** Clocks and zones differ: no time is ahead that is less than a day ahead. */
const oneDay = 86_400_000;

const emailPattern = /^[^\s@,;<>"]+@[^\s@,;<>".]+(?:\.[^\s@,;<>".]+)+$/u;
const phonePattern = /^(?:\+?86[- ]?)?1[3-9]\d{9}$|^\+\d[\d ()-]{6,18}$/;
const timeOfDayPattern =
  /^\d{1,2}[:h]\d{2}(?::\d{2})?(?:\.\d{1,9})?(?:\s*[ap]\.?m\.?)?(?:\sUhr)?(?:\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?$/i;
/** What stands in cells of which there is nothing to say, in its compared form. */
const placeholders: ReadonlySet<string> = new Set([
  "-",
  "--",
  "---",
  "—",
  "/",
  "n/a",
  "#n/a",
  "null",
  "none",
  "无",
  "暂无",
]);
/** The name of a zone behind a time, such as `EST`: it says which only with the place. */
const zoneBehind = /\d(?::\d{2}|\s?[AaPp]\.?[Mm]\.?)\s(?!UTC$|GMT$)([A-Z]{3,5})$/;
const dayPattern = /^\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}日?$/u;
const mayBeTime = /^\d|^[a-z]{3,9}[-\s.,]/i;
const unixPattern = /^\d{9,13}(?:\.\d+)?$/;
/** Bare numbers of older times are something else: no file has orders of them. */
const leastUnixTime = Date.UTC(2010, 0, 1);
const yearLastPattern = /^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?!\d)/;
const dottedPattern = /^\d{1,2}\.\d{1,2}\.\d{4}/;
const idPattern = /^(?=.*\d)[^\s,;]{1,64}$/u;

/** What the cells of one column of an unknown file are like. It holds little, whatever the number of rows. */
export class ColumnFacts {
  /** Its first different cells that say something, as they stand in the file. */
  readonly samples: string[] = [];
  filled = 0;
  rows = 0;
  emails = 0;
  phones = 0;
  ids = 0;
  daysOnly = 0;
  timesOfDay = 0;
  /** Names of zones behind times, as they are written. */
  readonly zoneNames = new Set<string>();
  /** Cells that say nothing, as they are written: `-`, `N/A`. */
  readonly nothings = new Set<string>();
  twoDigitYears = 0;
  /** Dates such as `02.01.2026`: wherever points are written, the day stands before the month. */
  dotted = 0;
  yearsLast = 0;
  /** Times that name their offset from UTC. */
  offsets = 0;
  /** Bare numbers that are times of orders, if they count seconds or milliseconds since 1970. */
  unixTimes = 0;
  readonly times: Record<DateOrder, number> = { ymd: 0, mdy: 0, dmy: 0 };
  /** Times that would lie ahead of now. */
  readonly ahead: Record<DateOrder, number> = { ymd: 0, mdy: 0, dmy: 0 };
  numbers = 0;
  wholes = 0;
  belowZero = 0;
  decimalPoints = 0;
  decimalCommas = 0;
  /** Numbers of which nobody can tell whether a mark stands between thousands or before decimals: `1,234`. */
  unclearMarks = 0;
  /** The smallest whole number that is not zero; undefined where there is none. */
  leastWhole: number | undefined;
  /** What stands before and after numbers, such as `$`. */
  readonly before = new Set<string>();
  readonly after = new Set<string>();
  #words: Map<string, string> | undefined = new Map();
  readonly #seen = new Set<string>();
  #repeats = 0;
  readonly #now: number;
  readonly #maxDistinct: number;

  /** @param columns how many the file has */
  constructor(now: Date, columns: number) {
    this.#now = now.getTime() + oneDay;
    this.#maxDistinct = Math.min(maxDistinct, Math.ceil(maxDistinctOfFile / columns));
  }

  /** Takes the cell of one more row. */
  add(cell: string): void {
    this.rows += 1;
    if (isBlank(cell)) return;
    if (placeholders.has(cleanWord(cell))) {
      this.nothings.add(cell.trim());
      return;
    }
    this.filled += 1;
    const text = cleanId(cell);
    const start = text.slice(0, maxLooked);
    if (this.#seen.has(start)) this.#repeats += 1;
    else {
      if (this.#seen.size < this.#maxDistinct) this.#seen.add(start);
      if (this.samples.length < maxSamples) this.samples.push(cell);
    }
    this.#addWord(cell, text);
    if (text.length > maxLooked) return;
    if (emailPattern.test(text)) this.emails += 1;
    if (phonePattern.test(text)) this.phones += 1;
    if (idPattern.test(text)) this.ids += 1;
    if (mayBeTime.test(text)) this.#addTime(text);
    if (unixPattern.test(text)) this.#addUnixTime(text);
    const number = numberIn(text);
    if (number !== undefined) this.#addNumber(number);
  }

  #addWord(cell: string, text: string): void {
    if (this.#words === undefined) return;
    const word = cleanWord(text);
    if (!this.#words.has(word)) this.#words.set(word, narrowWidth(cell).trim());
    if (this.#words.size > maxWords || text.length > maxWordLength) this.#words = undefined;
  }

  #addTime(cell: string): void {
    if (timeOfDayPattern.test(cell)) this.timesOfDay += 1;
    const zone = zoneBehind.exec(cell)?.[1];
    if (zone !== undefined) this.zoneNames.add(zone);
    const text = zone === undefined ? cell : cell.slice(0, -zone.length).trim();
    let some: string | undefined;
    for (const dateOrder of dateOrders) {
      const time = readTimestamp(text, "UTC", { dateOrder, yearPivot: guessedPivot });
      if (time instanceof CellProblem) continue;
      some = time;
      this.times[dateOrder] += 1;
      if (instantOf(time) > this.#now) this.ahead[dateOrder] += 1;
    }
    if (some === undefined) return;
    if (dayPattern.test(text) || namedDayIn(text)?.rest === "") this.daysOnly += 1;
    if (yearLastPattern.test(text)) this.yearsLast += 1;
    if (dottedPattern.test(text)) this.dotted += 1;
    if (!some.endsWith(" UTC")) this.offsets += 1;
    if (hasShortYear(text)) this.twoDigitYears += 1;
  }

  #addUnixTime(text: string): void {
    const time = readTimestamp(text, "UTC", { hasUnixTimes: true });
    if (time instanceof CellProblem) return;
    const at = instantOf(time);
    if (at >= leastUnixTime && at <= this.#now) this.unixTimes += 1;
  }

  #addNumber({ before, after, whole, isBelowZero, mark }: NumberSeen): void {
    this.numbers += 1;
    if (before !== "") this.before.add(before);
    if (after !== "") this.after.add(after);
    if (isBelowZero) this.belowZero += 1;
    if (whole !== undefined) {
      this.wholes += 1;
      if (whole > 0) this.leastWhole = Math.min(this.leastWhole ?? whole, whole);
    }
    if (mark === "point") this.decimalPoints += 1;
    if (mark === "comma") this.decimalCommas += 1;
    if (mark === "unclear") this.unclearMarks += 1;
  }

  /** The different words of a column that has few, as they stand in the file; undefined of others. */
  get words(): readonly string[] | undefined {
    return this.#words === undefined ? undefined : [...this.#words.values()];
  }

  /** How many different cells it has, as far as they are counted. */
  get distinct(): number {
    return this.#seen.size;
  }

  /** Whether no cell comes twice. */
  get isUnique(): boolean {
    return this.#repeats === 0;
  }

  /** Different cells, for whoever knows some of them. */
  get cells(): readonly string[] {
    return [...this.#seen].slice(0, maxWords);
  }

  /** Whether its cells are times, if bare numbers count from 1970. */
  get areUnixTimes(): boolean {
    return isMost(this.unixTimes, this.filled);
  }

  /** The orders by which nearly all cells are times. Those by which some lie ahead of now count only where all do. */
  get dateOrders(): readonly DateOrder[] {
    const able = dateOrders.filter((order) => isMost(this.times[order], this.filled));
    const past = able.filter((order) => this.ahead[order] === 0);
    return past.length === 0 ? able : past;
  }
}

/** A time as it was read, of which a zone is UTC. */
const instantOf = (time: string): number => Date.parse(time.replace(" UTC", "Z").replace(" ", "T"));

/** Whether a time is read only where it is known of which century its year is. */
const hasShortYear = (text: string): boolean =>
  dateOrders.every((dateOrder) => readTimestamp(text, "UTC", { dateOrder }) instanceof CellProblem);

/** Whether so many of a column's cells are of a kind that the others are slips. */
export const isMost = (some: number, all: number): boolean => all > 0 && some * 10 >= all * 9;
