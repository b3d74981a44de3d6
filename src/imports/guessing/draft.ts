import type { DateOrder } from "../../csv/timestamp.ts";
import type { ReadRows } from "../../csv/survey.ts";
import type { Sql } from "../../db/database.ts";
import { toFillIn, type Profile, type ProfileText } from "../profile.ts";
import type { ColumnFacts } from "./column-facts.ts";
import {
  constantsOf,
  meaningsOf,
  misnamed,
  type Guess,
  type GuessedKind,
  type KnownCells,
  type SeenColumn,
} from "./guess.ts";

/** What a guess could not settle. */
export interface Ask {
  /** Where in the profile: `columns.status.words.open`. */
  readonly at: string;
  readonly what: string;
  /** The options that say it as well. */
  readonly option?: string;
}

/** What helps to guess which column of an unknown file is which, of one kind of file. */
export interface Guessing<Key extends string> {
  readonly elsewhere: GuessedKind<Key>["elsewhere"];
  /** Finds which texts are somebody's or something's name, number or address. */
  recognise?(sql: Sql, cells: readonly string[]): Promise<readonly KnownCells[]>;
  /** Drafts what of a profile is a matter of this kind alone. */
  sayRules?(draft: ProfileDraft<Key>): Promise<void>;
}

/** What a draft is made from. */
export interface DraftFacts<Key extends string> {
  readonly kind: GuessedKind<Key>;
  /** Those that the file may be read by, with what the operator says. */
  readonly profiles: readonly Profile<Key>[];
  readonly columns: readonly SeenColumn[];
  readonly guesses: readonly Guess<Key>[];
  readonly known: readonly KnownCells[];
  readonly zone: string;
  readonly dateOrder: DateOrder | undefined;
  /** Fields that the operator decides. */
  readonly override: Partial<ProfileText>;
  /** Reads the rows of the file once more. */
  readonly readRows: (each: (cells: readonly string[]) => void) => Promise<ReadRows>;
}

/** What a column of a profile says, as far as it is drafted. */
export type ColumnDraft = Record<string, unknown>;

/** A profile that is being written from guesses, with what is left to fill in, and what to look at. */
export class ProfileDraft<Key extends string> {
  readonly facts: DraftFacts<Key>;
  /** Fields of the profile beside its columns. */
  readonly fields: Record<string, unknown> = {};
  readonly columns = new Map<Key, ColumnDraft>();
  readonly asks: Ask[] = [];
  readonly notes: string[] = [];
  /** Options that importing by it needs, and the columns that those stand in for. */
  readonly options: string[] = [];
  readonly saidByOption = new Set<Key>();
  #guesses: readonly Guess<Key>[];

  constructor(facts: DraftFacts<Key>) {
    this.facts = facts;
    this.#guesses = facts.guesses;
    for (const { key, column } of facts.guesses) this.columns.set(key, { names: [column.header] });
    for (const [key, constant] of constantsOf(facts.profiles)) this.columns.set(key, { constant });
  }

  /** The column that is taken for one of ours. */
  columnOf(key: Key): SeenColumn | undefined {
    return this.columns.has(key) ? this.#guesses.find((one) => one.key === key)?.column : undefined;
  }

  /** Why a column is taken for one of ours; undefined where none is. */
  groundOf(key: Key): Guess<Key>["ground"] | undefined {
    return this.columns.has(key) ? this.#guesses.find((one) => one.key === key)?.ground : undefined;
  }

  /** What a column is taken for. */
  guessOf(column: SeenColumn): Guess<Key> | undefined {
    return this.#guesses.find((one) => one.column === column && this.columns.has(one.key));
  }

  /** Takes a column for another one of ours. */
  move(from: Key, to: Key): void {
    this.columns.set(to, this.columns.get(from)!);
    this.columns.delete(from);
    this.#guesses = this.#guesses.map((one) => (one.key === from ? { ...one, key: to } : one));
  }

  /** Leaves a column out, with what was asked of it: something else says it, or nothing does. */
  drop(key: Key): void {
    this.columns.delete(key);
    this.asks.splice(0, this.asks.length, ...this.asks.filter(({ at }) => !at.startsWith(`columns.${key}.`)));
  }

  /** Asks for a column that nothing was taken for; says of what is called like it why it is none. */
  askForColumn(key: Key, what: string): void {
    this.columns.set(key, { names: [toFillIn] });
    this.ask(`columns.${key}`, what, `--map ${key}=HEADER`);
    const { kind, columns } = this.facts;
    for (const { header, facts } of misnamed(kind, columns, key))
      this.notes.push(
        `${header} is called like ${key}, but ${JSON.stringify(facts.samples[0])} is nothing that is read as that: ` +
          (kind.elsewhere[key]!.holds === "time"
            ? "have its times exported like 2026-01-02 03:04:05"
            : "have it exported otherwise"),
      );
  }

  /** Notes what somebody has to fill in. */
  ask(at: string, what: string, option?: string): void {
    this.asks.push({ at, what, ...(option === undefined ? {} : { option }) });
  }

  /** Says what the words of a column mean, and asks for those that nobody knows. */
  sayWords(key: Key, { words = [] }: ColumnFacts): ReadonlyMap<string, string | undefined> {
    const { kind, profiles } = this.facts;
    const meanings = meaningsOf(key, kind, profiles, words);
    const allowed = kind.columns.find((column) => column.key === key)?.meanings ?? [];
    const said = [...meanings].filter(([, meaning]) => meaning === undefined || allowed.includes(meaning));
    this.columns.get(key)!["words"] = Object.fromEntries(said.map(([word, meaning]) => [word, meaning ?? toFillIn]));
    for (const [word, meaning] of meanings)
      if (meaning === undefined) this.ask(`columns.${key}.words.${word}`, `what it means: ${allowed.join(", ")}`);
    return meanings;
  }

  /** The profile as it is written down. */
  text(name: string, file: string): Record<string, unknown> {
    const about = `guessed from ${file}`;
    const { kind } = this.facts;
    const order = kind.columns.map(({ key }) => key).filter((key) => this.columns.has(key));
    return {
      profile: name,
      kind: kind.kind,
      about:
        this.asks.length === 0
          ? about
          : `${about}; to fill in where "?" stands: ${this.asks.map(({ at }) => at).join(", ")}`,
      ...this.fields,
      ...this.facts.override,
      columns: Object.fromEntries(order.map((key) => [key, shortened(this.columns.get(key)!)])),
    };
  }
}

/** A column of which nothing is said but its one name is written as that. */
function shortened(column: ColumnDraft): unknown {
  const { names } = column;
  return Array.isArray(names) && names.length === 1 && Object.keys(column).length === 1 ? names[0] : column;
}
