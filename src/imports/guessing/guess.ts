import type { FileKind } from "../../shared/file-kinds.ts";
import type { KindColumn } from "../kind-column.ts";
import { wordsOf, type Profile, type ProfileText } from "../profile.ts";
import { isMost, type ColumnFacts } from "./column-facts.ts";
import { foldName, likeness, type ColumnElsewhere, type Holds } from "./names.ts";

/** Cells that the database knows as somebody's, by the key of the column that would hold them. */
export interface KnownCells {
  readonly key: string;
  /** By what they are known: `number`, `email`, `code` … */
  readonly by: string;
  /** Where the name is one that a source has for somebody. */
  readonly source?: string;
  /** The cells, each with what it stands for: a merchant's code for its name. */
  readonly cells: ReadonlyMap<string, string>;
}

/** Why a column is taken for one of ours. */
export type Ground = "said" | "name" | "cells" | "name and cells" | "known";

/** One column of an unknown file. */
export interface SeenColumn {
  /** From 0. */
  readonly index: number;
  /** What it goes by in a profile: its name, or its number where it has none. */
  readonly header: string;
  readonly facts: ColumnFacts;
  /** Another column has the same name: neither can be read by it. */
  readonly isTwin: boolean;
}

/** A column that is taken for one of ours. */
export interface Guess<Key extends string = string> {
  readonly key: Key;
  readonly column: SeenColumn;
  readonly ground: Ground;
}

/** What guessing has to know of a kind of file. */
export interface GuessedKind<Key extends string> {
  readonly kind: FileKind;
  readonly columns: readonly KindColumn<Key>[];
  readonly profiles: readonly ProfileText[];
  /** What other systems call the columns, and their words. */
  readonly elsewhere: Readonly<Partial<Record<Key, ColumnElsewhere>>>;
}

const bonus = { known: 150, knownByName: 130, words: 30, contact: 30, onlyTime: 12, money: 10, unique: 12 };
const leastScore = 10;
const leastKnown = 0.3;
/** A part of a name alone is a hint; it takes as much as this to be one of a column that is not needed. */
const leastOfOptional = 20;
/** What a whole name comes to, and a part of one does not. */
const leastSure = 60;

/**
 * Guesses which column of an unknown file is which of ours: by what any system's files call it, in the languages that
 * were met, by what its cells can be read as, and by whom the database knows.
 *
 * @param profiles those that the file may be read by: the operator's own words are said in them, and are no guess
 */
export function guessKeys<Key extends string>(
  kind: GuessedKind<Key>,
  profiles: readonly Profile<Key>[],
  columns: readonly SeenColumn[],
  known: readonly KnownCells[],
): readonly Guess<Key>[] {
  const said = saidIn(profiles, columns);
  const settled = new Set<Key>([...said.map(({ key }) => key), ...constantsOf(profiles).keys()]);
  const wanted = wantedOf(kind, profiles).filter(({ key }) => !settled.has(key) && !isLeftOut(kind, profiles, key));
  const free = columns.filter((column) => !column.isTwin && !said.some((one) => one.column === column));
  const offers = wanted.flatMap(({ key, required, elsewhere }) =>
    free.map((column) => ({ key, column, required, fit: scoreOf(key, elsewhere, column, known, kind) })),
  );
  const taken: Guess<Key>[] = [...said];
  const enough = ({ fit, required }: (typeof offers)[number]) => fit.score >= (required ? leastScore : leastOfOptional);
  for (const { key, column, fit } of offers.filter(enough).toSorted((one, other) => other.fit.score - one.fit.score))
    if (!taken.some((one) => one.key === key || one.column === column)) taken.push({ key, column, ground: fit.ground });
  return taken;
}

/** What every row says by every profile: the operator's own words. */
export function constantsOf<Key extends string>(profiles: readonly Profile<Key>[]): ReadonlyMap<Key, string> {
  const [first, ...others] = profiles.map(({ constants }) => constants);
  return new Map([...(first ?? [])].filter(([key, constant]) => others.every((one) => one.get(key) === constant)));
}

/** Whether the operator says that a column is not to be read: no profile has it then, not even the native one. */
export const isLeftOut = <Key extends string>(
  { columns }: Pick<GuessedKind<Key>, "columns">,
  profiles: readonly Profile<Key>[],
  key: Key,
): boolean =>
  columns.some((one) => one.key === key && one.names.length > 0) &&
  !profiles.some((one) => one.constants.has(key) || one.columns.some((column) => column.key === key));

/** Columns that are called like one of ours, and hold something else. */
export const misnamed = <Key extends string>(
  { elsewhere }: GuessedKind<Key>,
  columns: readonly SeenColumn[],
  key: Key,
): readonly SeenColumn[] =>
  columns.filter(
    ({ header, facts }) =>
      likeness(foldName(header), elsewhere[key]!) >= leastSure &&
      facts.filled > 0 &&
      !canHold(elsewhere[key]!.holds, facts),
  );

/** The columns of which the operator says where they are. */
function saidIn<Key extends string>(
  profiles: readonly Profile<Key>[],
  columns: readonly SeenColumn[],
): readonly Guess<Key>[] {
  const said = profiles[0]?.columns.filter(({ isSaid }) => isSaid === true) ?? [];
  return said.flatMap(({ key, names }) => {
    const column = columns.find(({ header }) => names.some((name) => foldName(name) === foldName(header)));
    return column === undefined ? [] : [{ key, column, ground: "said" as const }];
  });
}

interface Wanted<Key extends string> {
  readonly key: Key;
  /** Whether a hint is enough. */
  readonly required: boolean;
  readonly elsewhere: ColumnElsewhere;
}

/** What to look for, and by which names: those elsewhere, and those of the profiles. */
function wantedOf<Key extends string>(
  { columns, elsewhere }: GuessedKind<Key>,
  profiles: readonly Profile<Key>[],
): readonly Wanted<Key>[] {
  return columns
    .filter(({ key }) => elsewhere[key] !== undefined)
    .map(({ key, names: native, required }) => {
      const its = elsewhere[key]!;
      // What a profile reads by a rule, such as a refund out of an amount, its header alone does not say.
      const plain = profiles.filter(({ rules }) => required || !rules.has(key));
      const further = plain.flatMap((one) =>
        one.columns.filter((spec) => spec.key === key).flatMap((spec) => spec.names),
      );
      const names = [...new Set([...its.names, ...native].map(foldName))];
      return {
        key,
        required: (required && native.length > 0) || its.isUsual === true,
        elsewhere: { ...its, names, further: further.map(foldName) },
      };
    });
}

/** What is known of the columns of a kind elsewhere, with what their own names tell of the others. */
export const allElsewhere = <Key extends string>(
  columns: readonly KindColumn<Key>[],
  elsewhere: GuessedKind<Key>["elsewhere"] | undefined,
): GuessedKind<Key>["elsewhere"] => {
  const all: Partial<Record<Key, ColumnElsewhere>> = { ...elsewhere };
  for (const column of columns)
    if (column.names.length > 0) all[column.key] ??= { holds: holdsByName(column), names: [] };
  return all;
};

const holdsByName = ({ key }: KindColumn): Holds =>
  key.endsWith("_at") ? "time" : /(?:amount|price|income|expense|balance)$/.test(key) ? "money" : "text";

function scoreOf<Key extends string>(
  key: Key,
  elsewhere: ColumnElsewhere,
  { header, facts }: SeenColumn,
  known: readonly KnownCells[],
  kind: GuessedKind<Key>,
): { readonly score: number; readonly ground: Ground } {
  const name = foldName(header);
  const asIs = likeness(name, elsewhere);
  // What is the whole name of another column is no part of this one's.
  const byName = asIs < leastSure && isNameOfAnother(name, key, kind) ? 0 : asIs;
  if (byName < leastSure && elsewhere.not?.some((part) => name.includes(part)) === true)
    return { score: 0, ground: "name" };
  // A state may be a number of some list: what each means, somebody has to say.
  const areCodes = elsewhere.holds === "words" && byName >= leastSure && facts.words !== undefined;
  if (!canHold(elsewhere.holds, facts) && !areCodes) {
    // A column of refunds that nobody has had yet: nothing but its name speaks.
    return { score: facts.filled === 0 && byName >= leastSure ? byName : 0, ground: "name" };
  }
  // A bare number is a time only where its name says so.
  if (byName === 0 && elsewhere.holds === "time" && facts.areUnixTimes) return { score: 0, ground: "name" };
  const recognised = known
    .filter((one) => one.key === key && shareKnown(facts, one) > leastKnown)
    .map((one) => shareKnown(facts, one) * (one.by === "name" ? bonus.knownByName : bonus.known));
  if (recognised.length > 0) return { score: byName + Math.max(...recognised), ground: "known" };
  const byCells = cellsScore(key, elsewhere, facts);
  return { score: byName + byCells, ground: byName === 0 ? "cells" : byCells === 0 ? "name" : "name and cells" };
}

const isNameOfAnother = <Key extends string>(
  name: string,
  key: Key,
  { columns, elsewhere }: GuessedKind<Key>,
): boolean => columns.some((one) => one.key !== key && elsewhere[one.key]?.names.includes(name) === true);

/** Which part of the different cells of a column is known. */
export const shareKnown = ({ cells }: ColumnFacts, { cells: known }: KnownCells): number =>
  cells.length === 0 ? 0 : cells.filter((cell) => known.has(cell)).length / cells.length;

/** Whether the cells of a column may be numbers of something. */
export const canBeId = (facts: ColumnFacts): boolean => canHold("id", facts);

function canHold(holds: Holds, facts: ColumnFacts): boolean {
  const { filled, ids, numbers, wholes, words } = facts;
  if (filled === 0) return false;
  const isTime = facts.dateOrders.length > 0;
  switch (holds) {
    case "time":
      return (isTime && !isMost(facts.timesOfDay, filled)) || facts.areUnixTimes;
    case "money":
      return isMost(numbers, filled) && !(isTime && isMost(wholes, filled));
    case "number":
      return isMost(numbers, filled);
    case "id":
      return (
        isMost(ids, filled) &&
        !isTime &&
        !isMost(facts.timesOfDay, filled) &&
        facts.decimalPoints + facts.decimalCommas === 0
      );
    case "words":
      return words !== undefined && !isTime && !isMost(numbers, filled);
    case "party":
      return !isTime && facts.decimalPoints + facts.decimalCommas === 0 && facts.before.size + facts.after.size === 0;
    case "text":
      return true;
  }
}

/** Columns that e-mail addresses and phone numbers speak for. */
const namesPeople: ReadonlySet<string> = new Set(["member_no", "email", "phone"]);

/** What the cells alone say for a column. */
function cellsScore(key: string, { holds, words }: ColumnElsewhere, facts: ColumnFacts): number {
  if (words !== undefined) {
    const meanings = new Map(
      Object.entries(words).flatMap(([meaning, all]) => all.map((word) => [foldName(word), meaning])),
    );
    const met = (facts.words ?? []).map((word) => meanings.get(foldName(word)));
    const found = met.filter((meaning) => meaning !== undefined).length;
    return met.length === 0 ? 0 : Math.round((bonus.words * found) / met.length);
  }
  if (holds === "time") return facts.filled > 0 ? bonus.onlyTime : 0;
  if (holds === "money" && key === "amount")
    return facts.decimalPoints + facts.decimalCommas > 0 && isMost(facts.filled, facts.rows) ? bonus.money : 0;
  if (holds === "id" && key.endsWith("_no"))
    return isMost(facts.filled, facts.rows) && facts.isUnique ? bonus.unique : 0;
  if (holds !== "party") return 0;
  const areEmails = key !== "phone" && isMost(facts.emails, facts.filled);
  const arePhones = key !== "email" && isMost(facts.phones, facts.filled);
  return namesPeople.has(key) && (areEmails || arePhones) ? bonus.contact : 0;
}

/** What the words of a column mean, by all that is known of such columns; undefined of words that nobody knows. */
export function meaningsOf<Key extends string>(
  key: Key,
  { elsewhere }: GuessedKind<Key>,
  profiles: readonly Profile<Key>[],
  words: readonly string[],
): ReadonlyMap<string, string | undefined> {
  const meanings = new Map<string, string>();
  for (const { rules } of profiles)
    for (const [word, meaning] of wordsOf(rules.get(key))) meanings.set(foldName(word), meaning);
  for (const [meaning, all] of Object.entries(elsewhere[key]?.words ?? {}))
    for (const word of [meaning, ...all]) meanings.set(foldName(word), meaning);
  for (const word of elsewhere[key]?.asked ?? []) meanings.delete(foldName(word));
  return new Map(words.map((word) => [word, meanings.get(foldName(word))]));
}
