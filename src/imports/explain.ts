import { cellAt } from "../csv/header.ts";
import type { CsvRecord } from "../csv/row-checker.ts";
import type { CopyValue } from "../csv/copy-text.ts";
import type { CsvInput } from "../csv/input/raw-file.ts";
import { showCell } from "../csv/problem.ts";
import type { CsvOptions, CsvSource } from "../csv/reader.ts";
import { ReasonTally } from "../csv/report.ts";
import { surveyFile, type Survey } from "../csv/survey.ts";
import type { Context } from "../db/context.ts";
import { AccrueError, usageError } from "../shared/errors.ts";
import { formatYuan } from "../shared/money.ts";
import { formatRate } from "../shared/rates.ts";
import { Refusal, type CellOf, type ImportKind, type RowReader } from "./kind.ts";
import { openByProfile } from "./choose-profiles.ts";
import { guessColumns } from "./guess-columns.ts";
import { canSay, wordsOf, type CellRule, type Profile } from "./profile.ts";
import { rejectedRow, RejectExamples, type RejectExample } from "./rejected-rows.ts";
import { readingBy } from "./ruled-cells.ts";
import type { ImportInput } from "./run-import.ts";

/** What explaining a file has to know of its kind. */
export type ExplainedKind<Key extends string> = Pick<
  ImportKind<Key>,
  "kind" | "columns" | "profiles" | "needs" | "staging" | "rowReader"
>;

/** How one column of the kind is read from the file. */
export interface ExplainedColumn {
  readonly column: string;
  /** Its heading in the file; undefined where the profile says it, or nobody does. */
  readonly header: string | undefined;
  readonly constant: string | undefined;
  /** What is done beyond the usual cleaning, in words. */
  readonly rules: readonly string[];
}

/** How a file would be read, and what its first rows would come to. Nothing of it is written anywhere. */
export interface Explanation {
  readonly file: string;
  readonly member: string | undefined;
  readonly encoding: string;
  readonly delimiter: string;
  readonly headerLine: number;
  readonly profile: string;
  readonly profileReason: string;
  readonly zone: string;
  /** How rows make orders, and what names members and merchants in them; undefined for other kinds. */
  readonly orders: OrderRules | undefined;
  readonly columns: readonly ExplainedColumn[];
  /** Cells that say nothing, in any column. */
  readonly nothing: readonly string[];
  /** Headings whose cells are not read. */
  readonly notRead: readonly string[];
  /** How many rows were read, from the first on, and whether those are all. */
  readonly lookedAt: number;
  readonly isWhole: boolean;
  /** The first rows as they would be stored, where the database has nothing against them. */
  readonly rows: readonly { readonly line: number; readonly values: Readonly<Record<string, string>> }[];
  readonly rejected: number;
  readonly reasons: readonly (readonly [code: string, rows: number])[];
  readonly rejects: readonly RejectExample[];
  readonly otherRows: readonly (readonly [word: string, rows: number])[];
}

const maxRowsLookedAt = 1000;
const maxRowsShown = 5;

/**
 * Explains how a file would be read.
 *
 * @throws AccrueError (usage) where it cannot be read at all; where only no profile fits, it says what was seen, and
 * what to start from
 */
export async function explainFile<Key extends string>(
  context: Context,
  kind: ExplainedKind<Key>,
  input: ImportInput,
): Promise<Explanation> {
  const options = { encoding: input.encoding, signal: context.signal, maxBatchRows: maxRowsLookedAt };
  const { source, profile, reason } = await openByProfile(
    kind,
    input.input,
    input.reading,
    options,
    async (error, profiles) =>
      error instanceof AccrueError && error.kind === "usage"
        ? withSurvey(error, kind, profiles, input, options)
        : error,
  );
  try {
    const look = new Look(
      source,
      readingBy(profile, kind.rowReader(profile, context.zone)),
      kind.staging(profile).columns,
    );
    let isWhole = true;
    for await (const records of source.batches()) {
      for (const record of records.slice(0, maxRowsLookedAt - look.rows)) look.at(record);
      isWhole = look.rows === source.progress.recordsRead;
      if (look.rows >= maxRowsLookedAt) break;
    }
    return {
      file: source.name,
      member: source.entry,
      encoding: source.encoding,
      delimiter: source.layout.delimiter,
      headerLine: source.layout.headerLine,
      profile: profile.name,
      profileReason: reason,
      zone: profile.zone ?? context.zone,
      orders: kind.kind === "orders" ? orderRules(profile) : undefined,
      ...explainColumns(kind, profile, source),
      ...look.result(),
      lookedAt: look.rows,
      isWhole,
    };
  } finally {
    await source.close();
  }
}

/**
 * Why a file fits no profile, with what is in it and a guess of what that is. The error itself where there is no table
 * to look at.
 */
async function withSurvey<Key extends string>(
  error: AccrueError,
  kind: ExplainedKind<Key>,
  profiles: readonly Profile<Key>[],
  { input }: ImportInput,
  options: CsvOptions,
): Promise<AccrueError> {
  const survey = await surveyOf(input, options);
  if (survey === undefined) return error;
  const { columns, lacking, dateOrders } = guessColumns(kind, profiles, survey);
  const isPrivate = kind.columns.some((column) => column.isPrivate === true);
  const lines = columns.map(({ header, samples, key }, index) => {
    const cells = isPrivate || samples.length === 0 ? "" : `: ${samples.map(showCell).join(", ")}`;
    return `  column ${index + 1}, ${header}${cells}${key === undefined ? "" : ` -> ${key}`}`;
  });
  const maps = columns.flatMap(({ header, key }) =>
    key === undefined ? [] : [`--map ${JSON.stringify(`${key}=${header}`)}`],
  );
  const start = [...maps, ...(dateOrders.length === 1 ? [`--date-order ${dateOrders[0]}`] : [])].join(" ");
  const next = [
    start === "" ? undefined : `to start from, if the guesses are right: ${start}`,
    dateOrders.length > 1
      ? `its times could be read in more than one order: give --date-order ${dateOrders.join(" or ")}`
      : undefined,
    lacking.length === 0
      ? undefined
      : `no column looks like ${lacking.join(", ")}: --map COLUMN=HEADER says which one it is`,
  ];
  const seen = `seen: ${survey.encoding}, separated by ${JSON.stringify(survey.delimiter)}, header on line ${survey.headerLine}`;
  return usageError(error.code, [error.message, seen, ...lines].join("\n"), {
    hint: [...next, error.hint].filter((part) => part !== undefined).join("; "),
    details: {
      ...error.details,
      seen: { ...survey, rows: undefined, columns: columns.map(({ header, key }) => ({ header, key })), map: maps },
    },
    cause: error,
  });
}

/** Undefined for what came through a pipe, which is gone, and for what is no text: why, is said already. */
async function surveyOf(input: CsvInput, options: CsvOptions): Promise<Survey | undefined> {
  if (input.path === "-") return undefined;
  try {
    return await surveyFile(input, options);
  } catch (error) {
    if (error instanceof AccrueError) return undefined;
    throw error;
  }
}

/** Reads rows and keeps what there is to show of them. */
class Look<Key extends string> {
  rows = 0;
  readonly #source: CsvSource<Key>;
  readonly #readRow: RowReader<Key>;
  readonly #names: readonly string[];
  readonly #reasons = new ReasonTally();
  readonly #others = new ReasonTally();
  readonly #rejects = new RejectExamples();
  readonly #shown: Explanation["rows"][number][] = [];
  readonly #cellOf: CellOf<Key>;
  #cells: readonly string[] = [];

  constructor(source: CsvSource<Key>, readRow: RowReader<Key>, names: readonly string[]) {
    this.#source = source;
    this.#readRow = readRow;
    this.#names = names;
    this.#cellOf = (key) => cellAt(this.#cells, source.match.columnIndex[key]);
  }

  at(record: CsvRecord): void {
    this.rows += 1;
    this.#cells = record.cells;
    const row = record.problem === undefined ? this.#readRow(this.#cellOf) : undefined;
    if (row === undefined || row instanceof Refusal) {
      const { line, code, message, column } = rejectedRow(this.#source, record, row);
      this.#reasons.add(code);
      this.#rejects.add(code, { line, column, message });
    } else if ("other" in row) this.#others.add(row.other);
    else if (this.#shown.length < maxRowsShown)
      this.#shown.push({ line: record.line, values: showValues(this.#names, row.values) });
  }

  result(): Pick<Explanation, "rows" | "rejected" | "reasons" | "rejects" | "otherRows"> {
    return {
      rows: this.#shown,
      rejected: this.#reasons.total,
      reasons: this.#reasons.entries(),
      rejects: this.#rejects.list,
      otherRows: this.#others.entries(),
    };
  }
}

/**
 * Staged values by name, money in yuan and rates in per cent, and of what is sealed only that it is there. How to show
 * it is the last word of a staged column's name.
 */
function showValues(names: readonly string[], values: readonly CopyValue[]): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const value = values[index];
    if (value === null || value === undefined || value === "") continue;
    const unit = /_(?:fen|micros|bps|sealed|digest)$/.exec(name)?.[0];
    shown[unit === undefined ? name : name.slice(0, -unit.length)] = showValue(value, unit);
  }
  return shown;
}

function showValue(value: NonNullable<CopyValue>, unit: string | undefined): string {
  if (unit === "_fen") return formatYuan(value as bigint);
  if (unit === "_bps") return formatRate(Number(value));
  if (unit === "_sealed" || unit === "_digest") return "(not shown)";
  if (unit !== "_micros") return String(value);
  const digits = String(value).padStart(7, "0");
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/0{1,4}$/, "");
}

type OrderRules = Pick<Profile, "memberBy" | "merchantBy" | "rowsPerOrder" | "rounding">;

const orderRules = ({ memberBy, merchantBy, rowsPerOrder, rounding }: OrderRules): OrderRules => ({
  memberBy,
  merchantBy,
  rowsPerOrder,
  rounding,
});

function explainColumns<Key extends string>(
  { columns }: ExplainedKind<Key>,
  profile: Profile<Key>,
  { header, match }: CsvSource<Key>,
): Pick<Explanation, "columns" | "nothing" | "notRead"> {
  const rules = columns
    .filter(({ key }) => canSay(profile, key) && !profile.constants.has(key))
    .map(({ key }) => profile.rules.get(key));
  const nothing = new Set(
    [...(rules[0]?.nothing ?? [])].filter((word) => rules.every((rule) => rule?.nothing.has(word) === true)),
  );
  const headerOf = (key: Key): string | undefined => header[match.columnIndex[key]];
  return {
    columns: columns
      .filter(({ key }) => canSay(profile, key))
      .map(({ key }) => ({
        column: key,
        header: headerOf(key),
        constant: profile.constants.get(key),
        rules: describeRule(profile.rules.get(key), nothing, headerOf),
      })),
    nothing: [...nothing],
    notRead: match.unknownColumns,
  };
}

function describeRule<Key extends string>(
  rule: CellRule<Key> | undefined,
  anywhere: ReadonlySet<string>,
  headerOf: (key: Key) => string | undefined,
): readonly string[] {
  if (rule === undefined) return [];
  const otherwise = rule.otherwise === undefined ? undefined : headerOf(rule.otherwise);
  const headersOf = (keys: readonly Key[]): string => keys.map(headerOf).join(", ");
  const quoted = (texts: Iterable<string>): string => [...texts].map((text) => JSON.stringify(text)).join(", ");
  const nothing = [...rule.nothing].filter((word) => !anywhere.has(word));
  const words = [...wordsOf(rule)].map(([word, meaning]) => `${word} = ${meaning}`);
  return [
    nothing.length === 0 ? undefined : `nothing is said by ${quoted(nothing)}`,
    otherwise === undefined ? undefined : `where nothing is said, ${otherwise} is read`,
    rule.followedBy.length === 0 ? undefined : `followed by ${headersOf(rule.followedBy)}`,
    rule.before === undefined ? undefined : `up to ${quoted([rule.before])}`,
    rule.between === undefined ? undefined : `between ${quoted(rule.between)}`,
    rule.stripStart.length === 0 ? undefined : `without ${quoted(rule.stripStart)} in front`,
    rule.stripEnd.length === 0 ? undefined : `without ${quoted(rule.stripEnd)} at the end`,
    rule.numberStyle?.hasDecimalComma === true ? "with a decimal comma" : undefined,
    rule.numberStyle?.isInFen === true ? "in fen" : undefined,
    rule.isNegated ? "with its sign turned" : undefined,
    rule.less.length === 0 ? undefined : `less ${headersOf(rule.less)}`,
    words.length === 0 ? undefined : words.join("; "),
  ].filter((part) => part !== undefined);
}
