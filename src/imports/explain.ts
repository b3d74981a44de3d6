import { cellAt } from "../csv/header.ts";
import type { CsvRecord } from "../csv/row-checker.ts";
import type { CopyValue } from "../csv/copy-text.ts";
import type { CsvSource } from "../csv/reader.ts";
import { ReasonTally } from "../csv/report.ts";
import type { Context } from "../db/context.ts";
import { formatYuan } from "../shared/money.ts";
import { formatRate } from "../shared/rates.ts";
import { Refusal, type CellOf, type ImportKind, type RowReader } from "./kind.ts";
import { openByProfile } from "./choose-profiles.ts";
import { foresee, type Forecast } from "./foresee.ts";
import { canSay, wordsOf, type CellRule, type Profile } from "./profile.ts";
import { rejectedRow, RejectExamples, type RejectExample } from "./rejected-rows.ts";
import { readingBy } from "./ruled-cells.ts";
import type { ImportInput } from "./run-import.ts";

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
  /** What the import of the whole file would come to. */
  readonly forecast: Forecast;
}

const maxRowsLookedAt = 1000;
const maxRowsShown = 5;

/**
 * Explains how a file would be read, and what its import would come to. Nothing of it is kept.
 *
 * @throws AccrueError (usage) where it cannot be read at all; `csv_missing_column` where only no profile fits
 */
export async function explainFile<Key extends string>(
  context: Context,
  kind: ImportKind<Key>,
  input: ImportInput,
): Promise<Explanation> {
  const options = { encoding: input.encoding, signal: context.signal, maxBatchRows: maxRowsLookedAt };
  const file = await openByProfile(kind, input.input, input.reading, options);
  const { source, profile, reason } = file;
  try {
    const look = new Look(
      source,
      readingBy(profile, kind.rowReader(profile, context.zone)),
      kind.staging(profile).columns,
    );
    let isWhole = true;
    for await (const records of source.batches(true)) {
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
      forecast: await foresee(context, kind, file, input),
    };
  } finally {
    await source.close();
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

type OrderRules = Pick<Profile, "memberBy" | "merchantBy" | "rowsPerOrder" | "rowsPaidAt" | "rounding">;

const orderRules = ({ memberBy, merchantBy, rowsPerOrder, rowsPaidAt, rounding }: OrderRules): OrderRules => ({
  memberBy,
  merchantBy,
  rowsPerOrder,
  rowsPaidAt,
  rounding,
});

function explainColumns<Key extends string>(
  { columns }: ImportKind<Key>,
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
