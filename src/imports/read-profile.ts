import { cleanWord, narrowWidth, type NumberStyle } from "../csv/clean.ts";
import type { ColumnSpec, TailFormat, TotalOf } from "../csv/table-format.ts";
import { dateOrders } from "../csv/timestamp.ts";
import { readTotalsText } from "../csv/totals-text.ts";
import { isTimeZone } from "../shared/business-date.ts";
import { usageError } from "../shared/errors.ts";
import { importKinds } from "../shared/file-kinds.ts";
import type { ImportKind, KindColumn } from "./kind.ts";
import { memberIdentities, toFillIn, type CellRule, type Profile, type ProfileText } from "./profile.ts";

/** What reading a profile has to know of its kind. */
export type ColumnsOfKind<Key extends string> = Pick<ImportKind<Key>, "kind" | "columns">;

/**
 * Reads a profile as it is written down.
 *
 * @param text a `ProfileText`, or what an operator's file holds in place of one
 * @param origin the built-in profile or the file, for messages
 * @throws AccrueError `profile_invalid` (usage), naming the field
 */
export function readProfile<Key extends string>(text: unknown, kind: ColumnsOfKind<Key>, origin: string): Profile<Key> {
  const fail: FieldFailure = (at, message) =>
    usageError("profile_invalid", `${origin}: ${at === "" ? "a profile" : at} ${message}`, {
      hint: JSON.stringify(text)?.includes(JSON.stringify(toFillIn))
        ? 'write there what is meant, in place of "?"'
        : "`accrue order profiles taobao` prints a profile to start from",
      details: { profile: origin, at },
    });
  const fields = new TextFields(text, "", fail);
  fields.text("about");
  const name = fields.text("profile");
  if (name === undefined || !/^[a-z0-9][a-z0-9-]{0,39}$/.test(name))
    throw fail("profile", "must be a name of small letters, digits and hyphens");
  if (fields.oneOf("kind", importKinds) !== kind.kind) throw fail("kind", `must be "${kind.kind}" here`);
  const zone = fields.text("zone");
  if (zone !== undefined && !isTimeZone(zone)) throw fail("zone", `"${zone}" is no time zone such as Asia/Shanghai`);
  const columns = readColumns(fields, kind, fail);
  const profile: Profile<Key> = {
    name,
    ...columns,
    knownNames: fields.texts("other_headers"),
    mayExplainHeader: fields.flag("explained_header") === true,
    tail: readTail(fields, kind, fail),
    zone,
    dateOrder: fields.oneOf("date_order", dateOrders) ?? "ymd",
    yearPivot: fields.integer("year_pivot", 0, 100),
    hasUnixTimes: fields.flag("unix_times") === true,
    refused: fields.text("refused"),
    written: text as ProfileText,
    ...readOrderRules(kind.kind === "orders" ? fields : new TextFields({}, "", fail), fail),
  };
  fields.refuseOthers();
  return profile;
}

function readOrderRules(
  fields: TextFields,
  fail: FieldFailure,
): Pick<Profile, "memberBy" | "merchantBy" | "rowsPerOrder" | "rowsPaidAt" | "rounding"> {
  const rowsPerOrder = fields.oneOf("rows_per_order", ["one", "sum", "same", "first"]) ?? "one";
  const rowsPaidAt = fields.oneOf("rows_paid_at", ["same", "earliest", "latest"]);
  if (rowsPaidAt !== undefined && rowsPerOrder === "one")
    throw fail("rows_paid_at", "says nothing where each order has one row: say rows_per_order, too");
  return {
    memberBy: fields.oneOf("member_by", memberIdentities) ?? "number",
    merchantBy: fields.oneOf("merchant_by", ["code", "alias"]) ?? "code",
    rowsPerOrder,
    rowsPaidAt: rowsPaidAt ?? "same",
    rounding: fields.oneOf("rounding", ["exact", "half-up"]) ?? "exact",
  };
}

function readColumns<Key extends string>(
  fields: TextFields,
  kind: ColumnsOfKind<Key>,
  fail: FieldFailure,
): Pick<Profile<Key>, "columns" | "rules" | "constants"> {
  const table = new TextFields(fields.value("columns"), "columns", fail);
  const columns: ColumnSpec<Key>[] = [];
  const rules = new Map<Key, CellRule<Key>>();
  const constants = new Map<Key, string>();
  const nothing = fields.texts("nothing");
  for (const column of kind.columns) {
    const { key } = column;
    const value = table.value(key);
    if (value === undefined) continue;
    const entry = new TextFields(
      typeof value === "string" ? { names: [value] } : Array.isArray(value) ? { names: value } : value,
      table.at(key),
      fail,
    );
    const constant = entry.text("constant");
    const names = entry.texts("names");
    if ((constant === undefined) === (names.length === 0))
      throw fail(table.at(key), "needs either names or a constant");
    if (constant !== undefined) {
      // What else it says would have no effect: every row says the constant.
      entry.refuseOthers();
      const { meanings, names } = column;
      // A file may say it in words of its own where ours do.
      if (meanings !== undefined && names.length === 0 && !meanings.includes(constant))
        throw fail(`${table.at(key)}.constant`, `must be one of ${meanings.join(", ")}`);
      constants.set(key, constant);
      continue;
    }
    if (names.includes(toFillIn)) throw fail(table.at(key), "is to be filled in: name its header, or take it out");
    columns.push({
      key,
      names,
      required: entry.flag("required") ?? column.required,
      areInOrder: entry.flag("synonyms") !== true,
    });
    const further = readFurtherColumns(entry, key);
    columns.push(...further.columns);
    const rule = { ...readRule(entry, column, nothing, fail), ...further.rule };
    entry.refuseOthers();
    if (doesAnything(rule)) rules.set(key, rule);
  }
  table.refuseOthers();
  return { columns, rules, constants };
}

/** The columns that are read beside the one of a key. No kind has such keys, so they can be named like any other. */
function readFurtherColumns<Key extends string>(
  entry: TextFields,
  key: Key,
): { readonly columns: readonly ColumnSpec<Key>[]; readonly rule: Pick<CellRule<Key>, FurtherColumn> } {
  const columns: ColumnSpec<Key>[] = [];
  const add = (purpose: string, names: readonly string[], required: boolean): Key => {
    const further = `${key} ${purpose}` as Key;
    columns.push({ key: further, names, required, areInOrder: true });
    return further;
  };
  const eachOf = (purpose: "followed_by" | "less"): readonly Key[] =>
    entry.texts(purpose).map((name, index) => add(`${purpose} ${index}`, [name], true));
  const otherwise = entry.texts("otherwise");
  const rule = {
    otherwise: otherwise.length === 0 ? undefined : add("otherwise", otherwise, false),
    followedBy: eachOf("followed_by"),
    less: eachOf("less"),
  };
  return { columns, rule };
}

type FurtherColumn = "otherwise" | "followedBy" | "less";

function readRule<Key extends string>(
  entry: TextFields,
  { meanings }: KindColumn<Key>,
  nothing: readonly string[],
  fail: FieldFailure,
): Omit<CellRule<Key>, FurtherColumn> {
  const words = new Map<string, string>();
  for (const [word, meaning] of entry.table("words")) {
    if (meaning === toFillIn && meanings === undefined)
      throw fail(`${entry.at("words")}.${word}`, "is to be filled in: what it means, or take it out");
    if (meanings !== undefined && !meanings.includes(meaning)) {
      throw fail(`${entry.at("words")}.${word}`, `must mean one of ${meanings.join(", ")}`);
    }
    words.set(word, meaning).set(cleanWord(word), meaning);
  }
  const between = entry.texts("between");
  if (between.length !== 0 && between.length !== 2) throw fail(entry.at("between"), "must be two marks");
  const before = entry.text("before");
  const nothingWords = [...nothing, ...entry.texts("nothing")].map(cleanWord);
  return {
    nothing: new Set(nothingWords),
    nothingStarts: new Set(nothingWords.flatMap((word) => [word.charCodeAt(0), word.toUpperCase().charCodeAt(0)])),
    before: before === undefined ? undefined : narrowWidth(before),
    between: between.length === 0 ? undefined : [narrowWidth(between[0]!), narrowWidth(between[1]!)],
    stripStart: entry.texts("strip_start"),
    stripEnd: entry.texts("strip_end"),
    numberStyle: readNumberStyle(entry),
    isNegated: entry.flag("negate") === true,
    words,
  };
}

function readNumberStyle(entry: TextFields): NumberStyle | undefined {
  const hasDecimalComma = entry.oneOf("decimal", ["point", "comma"]) === "comma";
  const isInFen = entry.oneOf("unit", ["yuan", "fen"]) === "fen";
  return hasDecimalComma || isInFen ? { hasDecimalComma, isInFen } : undefined;
}

const doesAnything = ({
  nothing,
  otherwise,
  followedBy,
  before,
  between,
  stripStart,
  stripEnd,
  numberStyle,
  isNegated,
  less,
  words,
}: CellRule): boolean =>
  nothing.size + followedBy.length + stripStart.length + stripEnd.length + less.length + words.size > 0 ||
  isNegated ||
  (otherwise ?? before ?? between ?? numberStyle) !== undefined;

function readTail<Key extends string>(
  fields: TextFields,
  { columns }: ColumnsOfKind<Key>,
  fail: FieldFailure,
): TailFormat<Key> {
  const totals: TailFormat<Key>["totals"][number][] = [];
  const totalOf = (at: string, name: string): TotalOf<Key> => {
    if (name !== "rows" && !columns.some(({ key }) => key === name))
      throw fail(at, `"${name}" is neither rows nor a column`);
    return name as TotalOf<Key>;
  };
  const header = [...fields.table("totals_header")].map(
    ([name, of]) => [name, totalOf(`totals_header.${name}`, of)] as const,
  );
  if (header.length > 0) totals.push({ header: Object.fromEntries(header) });
  const readPattern = (at: string, written: string) => {
    const text = readTotalsText(written);
    if (text === undefined)
      throw fail(at, "must say in words what stands in front of each number, and name it: 共{rows}笔,合计{amount}元");
    return { text, of: text.names.map((name) => totalOf(at, name)) };
  };
  for (const [index, written] of fields.texts("totals_patterns").entries())
    totals.push(readPattern(`totals_patterns.${index}`, written));
  const rowTypes = columns.find(({ key }) => (key as string) === "row_type")?.meanings ?? [];
  for (const [rowType, written] of fields.table("totals_patterns_of")) {
    const at = `totals_patterns_of.${rowType}`;
    if (!rowTypes.includes(rowType))
      throw fail(at, `is of no type that rows have here: ${rowTypes.join(", ") || "none"}`);
    totals.push({ ...readPattern(at, written), rowType });
  }
  return { marks: fields.texts("tail_marks"), totals };
}

/** Says what is wrong, and where: `columns.amount.names`. */
export type FieldFailure = (at: string, message: string) => Error;

const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";

/**
 * One object of a parsed JSON text, read field by field; each must be what it is asked for as, and none may be left
 * over.
 */
export class TextFields {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #at: string;
  readonly #fail: FieldFailure;
  readonly #asked = new Set<string>();

  /** @param at where the object stands; empty for the whole text */
  constructor(value: unknown, at: string, fail: FieldFailure) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw fail(at, "must be an object: {…}");
    this.#fields = new Map(Object.entries(value));
    this.#at = at;
    this.#fail = fail;
  }

  /** The names of all fields. */
  get names(): readonly string[] {
    return [...this.#fields.keys()];
  }

  /** A field as it is; undefined where there is none. */
  value(name: string): unknown {
    this.#asked.add(name);
    return this.#fields.get(name);
  }

  text(name: string): string | undefined {
    return this.#as(name, isText, "must be a text that is not blank");
  }

  flag(name: string): boolean | undefined {
    return this.#as(name, (value): value is boolean => typeof value === "boolean", "must be true or false");
  }

  integer(name: string, least: number, most: number): number | undefined {
    const isInRange = (value: unknown): value is number =>
      Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
    return this.#as(name, isInRange, `must be a whole number from ${least} to ${most}`);
  }

  texts(name: string): readonly string[] {
    const areTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
    return this.#as(name, areTexts, "must be a list of texts that are not blank") ?? [];
  }

  /** Texts by name. */
  table(name: string): ReadonlyMap<string, string> {
    const value = this.value(name);
    if (value === undefined) return new Map();
    const inner = new TextFields(value, this.at(name), this.#fail);
    return new Map(inner.names.map((key) => [key, inner.text(key)!]));
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const isChoice = (value: unknown): value is Choice => choices.some((choice) => choice === value);
    return this.#as(name, isChoice, `must be one of ${choices.join(", ")}`);
  }

  /** Refuses fields that nobody asked for: a misspelt rule would be one that is silently not followed. */
  refuseOthers(): void {
    const other = this.names.find((name) => !this.#asked.has(name));
    if (other !== undefined)
      throw this.#fail(this.at(other), `is not known here; known: ${[...this.#asked].join(", ")}`);
  }

  /** Where a field stands. */
  at(name: string): string {
    return this.#at === "" ? name : `${this.#at}.${name}`;
  }

  #as<Value>(name: string, isValid: (value: unknown) => value is Value, message: string): Value | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (!isValid(value)) throw this.#fail(this.at(name), message);
    return value;
  }
}
