import { dateOrders, type DateOrder } from "../../csv/timestamp.ts";
import { toFillIn } from "../profile.ts";
import { guessedPivot, isMost, type ColumnFacts } from "./column-facts.ts";
import { ProfileDraft, type DraftFacts, type Guessing } from "./draft.ts";
import type { Guess, SeenColumn } from "./guess.ts";
import { foldName, type Holds } from "./names.ts";

/** Signs that yuan are written with: amounts are read with them as they are. */
const ownBefore = new Set(["¥", "￥"]);
const ownAfter = new Set(["元"]);
const yuanSigns = new Set(["cny", "rmb", "¥", "￥", "元"]);
const minorName = /cent|minor|fen$|分|_c$/i;
const zoneName = /^(?:timezone|zeitzone|fuseauhoraire|zonahoraria|时区|タイムゾーン)$/;
const leastMinor = 100;
const leastToDoubt = 3;

/** Writes a profile from guesses. */
export async function draftProfile<Key extends string>(
  facts: DraftFacts<Key>,
  sayRules: Guessing<Key>["sayRules"],
): Promise<ProfileDraft<Key>> {
  const draft = new ProfileDraft(facts);
  const { kind, guesses } = facts;
  const holding = (holds: Holds): readonly Guess<Key>[] =>
    guesses.filter(({ key }) => kind.elsewhere[key]?.holds === holds);
  sayTimes(draft, holding("time"));
  sayNumbers(draft, [...holding("money"), ...holding("number")]);
  for (const { key, column } of holding("words"))
    if (kind.elsewhere[key]?.words !== undefined) draft.sayWords(key, column.facts);
  for (const { key } of [...holding("words"), ...holding("time"), ...holding("money")]) {
    const { required = false } = kind.columns.find((column) => column.key === key)!;
    // A file that lacks it some day is not to be read as if it said nothing.
    if (!required) draft.columns.get(key)!["required"] = true;
  }
  const nothings = new Set<string>();
  for (const { column } of guesses) for (const word of column.facts.nothings) nothings.add(word);
  if (nothings.size > 0) draft.fields["nothing"] = [...nothings];
  await sayRules?.(draft);
  for (const { key, names, required } of kind.columns) {
    if (!required || names.length === 0 || draft.columns.has(key) || isStoodIn(draft, key)) continue;
    draft.askForColumn(key, "which column it is");
  }
  return draft;
}

/** Whether other columns, or an option of the import, stand in for one. */
const isStoodIn = <Key extends string>(draft: ProfileDraft<Key>, key: Key): boolean =>
  draft.saidByOption.has(key) ||
  (draft.facts.kind.columns.find((column) => column.key === key)?.standIns?.every((one) => draft.columns.has(one)) ??
    false);

function sayTimes<Key extends string>(draft: ProfileDraft<Key>, times: readonly Guess<Key>[]): void {
  if (times.length === 0) return;
  const { zone, dateOrder, override } = draft.facts;
  const all = times.map(({ column }) => column.facts);
  if (all.some(({ yearsLast }) => yearsLast > 0)) sayDateOrder(draft, all, dateOrder);
  if (all.some(({ twoDigitYears }) => twoDigitYears > 0)) draft.fields["year_pivot"] = guessedPivot;
  if (all.some(({ areUnixTimes }) => areUnixTimes)) draft.fields["unix_times"] = true;
  const isUtc = times.some(({ column: { header } }) => /\butc\b|_utc|gmt/i.test(header));
  for (const { key, column } of times)
    if (column.facts.zoneNames.size > 0)
      draft.columns.get(key)!["strip_end"] = [...column.facts.zoneNames].map((name) => ` ${name}`);
  const saying = zoneSaid(draft, times);
  if (saying !== undefined && !isUtc && override.zone === undefined) {
    draft.fields["zone"] = toFillIn;
    draft.ask("zone", `where the times are, of which ${saying}`, "--zone ZONE");
    return;
  }
  draft.fields["zone"] = isUtc ? "UTC" : zone;
  if (
    !isUtc &&
    override.zone === undefined &&
    all.some(({ filled, offsets, unixTimes }) => offsets + unixTimes < filled)
  )
    draft.notes.push(
      `times without an offset are taken for times in ${zone}, the platform's zone: --zone says where the shop's clock is, if that is elsewhere`,
    );
}

/** What the file says of the zone of its times, in words that are no zone: `EST`. */
function zoneSaid<Key extends string>(draft: ProfileDraft<Key>, times: readonly Guess<Key>[]): string | undefined {
  const behind = times.find(({ column }) => column.facts.zoneNames.size > 0)?.column;
  if (behind !== undefined) return `${behind.header} says ${[...behind.facts.zoneNames].join(", ")}`;
  const beside = draft.facts.columns.find(({ header, facts }) => facts.filled > 0 && zoneName.test(foldName(header)));
  return beside && `${beside.header} says ${showSample(beside.facts)}`;
}

function sayDateOrder<Key extends string>(
  draft: ProfileDraft<Key>,
  all: readonly ColumnFacts[],
  said: DateOrder | undefined,
): void {
  const areDotted = all.every(({ dotted, yearsLast }) => dotted === yearsLast);
  const ableIn = (some: readonly ColumnFacts[]) =>
    dateOrders
      .filter((order) => some.every((one) => one.dateOrders.includes(order)))
      .filter((order) => !areDotted || order === "dmy");
  // A file writes its times one way: those that nobody reads may tell.
  const others = draft.facts.columns.map(({ facts }) => facts);
  const every = ableIn(others.filter((one) => one.yearsLast > 0 && one.dateOrders.length > 0));
  const able = every.length > 0 ? every : ableIn(all);
  const order = said ?? (able.length === 1 ? able[0]! : toFillIn);
  draft.fields["date_order"] = order;
  if (order === toFillIn) {
    const choices = able.length === 0 ? dateOrders : able;
    const [sample] = all.find(({ yearsLast }) => yearsLast > 0)!.samples;
    draft.ask("date_order", `${choices.join(" or ")}: ${JSON.stringify(sample)} could be either`, "--date-order ORDER");
  }
}

function sayNumbers<Key extends string>(draft: ProfileDraft<Key>, numbers: readonly Guess<Key>[]): void {
  const all = numbers.map(({ column }) => column.facts);
  const points = all.some(({ decimalPoints }) => decimalPoints > 0);
  const commas = all.some(({ decimalCommas }) => decimalCommas > 0);
  const areFine = points || commas;
  for (const { key, column } of numbers) {
    const entry = draft.columns.get(key)!;
    const { facts } = column;
    if (facts.decimalCommas > 0 || (commas && !points && facts.filled > 0)) entry["decimal"] = "comma";
    if ((facts.decimalPoints > 0 && facts.decimalCommas > 0) || (facts.unclearMarks > 0 && !areFine)) {
      entry["decimal"] = toFillIn;
      draft.ask(`columns.${key}.decimal`, `point or comma: what stands before decimals, as in ${showSample(facts)}`);
    }
    const before = [...facts.before].filter((sign) => !ownBefore.has(sign));
    const after = [...facts.after].filter((sign) => !ownAfter.has(sign));
    if (before.length > 0) entry["strip_start"] = before;
    if (after.length > 0) entry["strip_end"] = after;
    if (draft.facts.kind.elsewhere[key]?.holds === "money") sayUnit(draft, key, column, areFine);
  }
  sayCurrency(draft, all);
}

const showSample = ({ samples }: ColumnFacts): string => samples.map((sample) => JSON.stringify(sample)).join(", ");

/** Whole numbers may be yuan or fen: where neither a name, a sign nor a small number says which, somebody has to. */
function sayUnit<Key extends string>(
  draft: ProfileDraft<Key>,
  key: Key,
  { header, facts }: SeenColumn,
  areFine: boolean,
): void {
  const { filled, wholes, leastWhole = 0, distinct } = facts;
  if (filled === 0 || wholes < filled) return;
  const entry = draft.columns.get(key)!;
  if (minorName.test(header)) entry["unit"] = "fen";
  else if (
    !areFine &&
    leastWhole >= leastMinor &&
    distinct >= leastToDoubt &&
    facts.before.size + facts.after.size === 0
  ) {
    entry["unit"] = toFillIn;
    draft.ask(`columns.${key}.unit`, `yuan or fen: its cells are whole numbers, such as ${showSample(facts)}`);
  }
}

/** Amounts in another currency are no yuan, whatever their number: somebody has to say that they are. */
function sayCurrency<Key extends string>(draft: ProfileDraft<Key>, all: readonly ColumnFacts[]): void {
  const currency = draft.facts.kind.columns.find(({ key }) => key === ("currency" as Key))?.key;
  if (currency === undefined) return;
  const seen = draft.columnOf(currency)?.facts.words ?? [];
  const signs = [...new Set([...seen, ...all.flatMap(({ before, after }) => [...before, ...after])])];
  const foreign = signs.filter((sign) => !yuanSigns.has(sign.toLowerCase()));
  if (foreign.length === 0) return;
  if (!draft.columns.has(currency)) draft.columns.set(currency, { constant: foreign[0]! });
  draft.options.push("--map currency=");
  draft.notes.push(
    `the amounts are in ${foreign.join(", ")}, and amounts are taken in yuan only: --map currency= says that they are yuan all the same`,
  );
}

/** Whether a column that is taken for a time has times of day in a column of their own, and which. */
export const timeOfDayBeside = (columns: readonly SeenColumn[], { facts }: SeenColumn): SeenColumn | undefined =>
  isMost(facts.daysOnly, facts.filled)
    ? columns.find((one) => !one.isTwin && isMost(one.facts.timesOfDay, one.facts.filled))
    : undefined;
