import { isBlank } from "../../csv/clean.ts";
import { normalizeName } from "../../csv/header.ts";
import { western } from "../../csv/input/look.ts";
import { openSurvey, type Survey, type SurveyedRow } from "../../csv/survey.ts";
import type { Context } from "../../db/context.ts";
import { AccrueError } from "../../shared/errors.ts";
import { profilesFor } from "../choose-profiles.ts";
import type { ImportKind } from "../kind.ts";
import type { ImportInput } from "../run-import.ts";
import { ColumnFacts } from "./column-facts.ts";
import type { Ask } from "./draft.ts";
import { allElsewhere, guessKeys, type Ground, type Guess, type SeenColumn } from "./guess.ts";
import { nearestProfile } from "./nearest.ts";
import { draftProfile } from "./write.ts";

/** A column of an unknown file, and what it is taken for. */
export interface SketchedColumn {
  /** From 1. */
  readonly number: number;
  readonly header: string;
  /** Its first different cells; none of a kind whose cells are nobody's business. */
  readonly samples: readonly string[];
  readonly key: string | undefined;
  readonly ground: Ground | undefined;
}

/** What is seen in a file that fits no profile, and a profile to start from. */
export interface Sketch {
  readonly file: string;
  /** Why nothing fits. */
  readonly problem: AccrueError;
  /** The profile that the header is likest to, and what it lacks of it. */
  readonly nearest: string | undefined;
  readonly encoding: string;
  /** The encoding is a guess: `--encoding` has to say it. */
  readonly isEncodingGuessed: boolean;
  readonly delimiter: string;
  readonly headerLine: number;
  /** The header and the first rows; none of a kind whose cells are nobody's business, or without a header. */
  readonly firstLines: readonly SurveyedRow[];
  readonly columns: readonly SketchedColumn[];
  /** How many rows were looked at, and whether those are all. */
  readonly lookedAt: number;
  readonly isWhole: boolean;
  /** A profile in its own form, with `?` where something is to be filled in; undefined without a header. */
  readonly profile: Readonly<Record<string, unknown>> | undefined;
  readonly asks: readonly Ask[];
  readonly notes: readonly string[];
  /** What the import needs beside the profile. */
  readonly options: readonly string[];
}

/** Rows that are looked at for guesses. */
const maxRows = 20_000;

/**
 * Sketches a file that fits no profile.
 *
 * @param problem why it fits none
 * @param name what the profile is to be called
 * @returns undefined where there is no table to look at, or the file came through a pipe, which is gone
 */
export async function sketchFile<Key extends string>(
  context: Context,
  kind: ImportKind<Key>,
  input: ImportInput,
  problem: AccrueError,
  name: string,
): Promise<Sketch | undefined> {
  const found = await openUnknown(context, input, problem);
  if (found === undefined) return undefined;
  const { survey, isEncodingGuessed } = found;
  try {
    const profiles = await profilesFor(kind, input.reading ?? {});
    const isPrivate = kind.columns.some((column) => column.isPrivate === true);
    const { encoding, delimiter, headerLine, header, firstLines } = survey;
    const seen = {
      file: input.input.path,
      problem,
      encoding,
      isEncodingGuessed,
      delimiter,
      headerLine,
      firstLines: isPrivate ? [] : firstLines,
    };
    if (header === undefined) return { ...seen, ...nothingNamed };
    const columns = header.map((cell, index) => columnAt(header, cell, index, context.clock()));
    const looked = await survey.readRows(maxRows, (cells) => {
      for (const { index, facts } of columns) facts.add(cells[index]!);
    });
    const guessing = await kind.guessing?.();
    const known = (await guessing?.recognise?.(context.db.sql, cellsOf(columns))) ?? [];
    const guessed = { ...kind, elsewhere: allElsewhere(kind.columns, guessing?.elsewhere) };
    const guesses = guessKeys(guessed, profiles, columns, known);
    const facts = {
      kind: guessed,
      profiles,
      columns,
      guesses,
      known,
      zone: context.zone,
      dateOrder: input.reading?.dateOrder,
      override: input.reading?.override ?? {},
      readRows: (each: (cells: readonly string[]) => void) => survey.readRows(maxRows, each),
    };
    const draft = await draftProfile(facts, guessing?.sayRules);
    return {
      ...seen,
      nearest: nearestProfile(profiles, header),
      columns: columns.map((column) => sketchColumn(column, draft.guessOf(column), isPrivate)),
      lookedAt: looked.rows,
      isWhole: looked.isWhole,
      profile: draft.text(name, seen.file),
      asks: draft.asks,
      notes: [...twinNotes(columns), ...draft.notes],
      options: [...(isEncodingGuessed ? [`--encoding ${encoding}`] : []), ...draft.options],
    };
  } finally {
    await survey.close();
  }
}

/** What there is to say of a file without a header. */
const nothingNamed = {
  nearest: undefined,
  columns: [],
  lookedAt: 0,
  isWhole: false,
  profile: undefined,
  asks: [],
  notes: ["no line looks like names of columns: put a line above the rows that names them"],
  options: [],
};

/** Opens a file that nothing is known of; one in no encoding that is found by itself as what it looks like. */
async function openUnknown(
  { signal }: Context,
  { input, encoding }: ImportInput,
  problem: AccrueError,
): Promise<{ readonly survey: Survey; readonly isEncodingGuessed: boolean } | undefined> {
  if (input.path === "-") return undefined;
  const looksLike = problem.details["looks_like"];
  const isEncodingGuessed = Array.isArray(looksLike) && looksLike.length === 1 && looksLike[0] === western;
  try {
    const survey = await openSurvey(input, { encoding: isEncodingGuessed ? "windows-1252" : encoding, signal });
    return survey && { survey, isEncodingGuessed };
  } catch (error) {
    // Of what is no text, it is said already why.
    if (error instanceof AccrueError && error.kind === "usage") return undefined;
    throw error;
  }
}

function columnAt(header: readonly string[], cell: string, index: number, now: Date): SeenColumn {
  const name = normalizeName(cell);
  return {
    index,
    header: isBlank(cell) ? `#${index + 1}` : cell.trim(),
    facts: new ColumnFacts(now, header.length),
    isTwin: name !== "" && header.some((other, at) => at !== index && normalizeName(other) === name),
  };
}

/** Different cells of all columns, as ids are compared; none that the database has no character for. */
const cellsOf = (columns: readonly SeenColumn[]): readonly string[] => [
  ...new Set(columns.flatMap(({ facts }) => facts.cells.filter((cell) => !cell.includes("\0")))),
];

function sketchColumn(
  { index, header, facts }: SeenColumn,
  guess: Guess | undefined,
  isPrivate: boolean,
): SketchedColumn {
  return { number: index + 1, header, samples: isPrivate ? [] : facts.samples, key: guess?.key, ground: guess?.ground };
}

const twinNotes = (columns: readonly SeenColumn[]): readonly string[] =>
  columns
    .filter(({ isTwin, header }, index) => isTwin && columns.findIndex((one) => one.header === header) === index)
    .map(({ header }) => {
      const numbers = columns.filter((one) => one.header === header).map(({ index }) => `#${index + 1}`);
      return `${numbers.length} columns are called ${header}: none of them is guessed; ${numbers.join(", ")} name them`;
    });
