import type { Context } from "../db/context.ts";
import { effectiveProfile } from "../imports/choose-profiles.ts";
import { explainFile, type Explanation } from "../imports/explain.ts";
import { sketchFile, type Sketch } from "../imports/guessing/sketch.ts";
import type { ImportKind } from "../imports/kind.ts";
import type { ImportInput } from "../imports/run-import.ts";
import { profileNameFor, refuseExisting, writeProfileFile } from "../imports/write-profile.ts";
import { AccrueError, usageError } from "../shared/errors.ts";
import { shellWord } from "../shared/shell-word.ts";
import type { Page } from "../ui/page.ts";
import { exitCodes } from "./exit-codes.ts";
import { explanationDocument, showExplanation } from "./explain-view.ts";
import { showSketch, sketchDocument } from "./sketch-view.ts";

/** What one file came to: for a program, for a person, and as an exit code. */
export interface Told {
  readonly document: unknown;
  readonly show: (page: Page) => void;
  readonly exitCode: number;
}

/** What `--explain` is asked. */
export interface ExplainRequest {
  readonly input: ImportInput;
  /** Where a profile is to be written. */
  readonly writeProfile: string | undefined;
  /** The words of the import, such as `accrue order import`. */
  readonly command: string;
}

/**
 * Explains a file: how it would be read, or, where no profile fits, what is seen in it and a profile to start from.
 *
 * @throws AccrueError (usage) where there is nothing to see; `profile_exists`, `profile_unwritable`
 */
export async function explain(context: Context, kind: ImportKind, request: ExplainRequest): Promise<Told> {
  const { input, writeProfile } = request;
  if (writeProfile !== undefined) await refuseExisting(writeProfile);
  try {
    const found = await explainFile(context, kind, input);
    if (writeProfile !== undefined) await writeProfileFile(writeProfile, await effectiveOf(kind, request, found));
    return {
      document: { ...explanationDocument(found), ...(writeProfile === undefined ? {} : { written: writeProfile }) },
      show: (page) => showExplanation(page, found, writeProfile),
      exitCode: exitCodes.done,
    };
  } catch (error) {
    if (!(error instanceof AccrueError) || !unfit.has(error.code)) throw error;
    return explainUnknown(context, kind, request, error);
  }
}

/** Errors of files that are tables, as far as anybody can see, and fit no profile. */
const unfit = new Set(["csv_missing_column", "csv_encoding_unknown"]);

const effectiveOf = (kind: ImportKind, { input, writeProfile }: ExplainRequest, { profile, file }: Explanation) =>
  effectiveProfile(kind, { ...input.reading, profile: input.reading?.profile ?? profile }, (text) => ({
    ...text,
    profile: profileNameFor(writeProfile!),
    about: `as ${profile} reads ${file}`,
  }));

async function explainUnknown(
  context: Context,
  kind: ImportKind,
  { input, writeProfile, command }: ExplainRequest,
  problem: AccrueError,
): Promise<Told> {
  const name = profileNameFor(writeProfile ?? input.input.path);
  const sketch = await sketchFile(context, kind, input, problem, name);
  if (sketch === undefined) throw problem;
  if (writeProfile !== undefined && sketch.profile === undefined)
    throw usageError(
      "no_profile_guessed",
      `${sketch.file}: no line names the columns, so there is nothing to guess from`,
      { hint: "put a line above the rows that names the columns", details: { file: sketch.file }, cause: problem },
    );
  const reading = await readBySketch(context, kind, input, sketch);
  if (writeProfile !== undefined) await writeProfileFile(writeProfile, sketch.profile);
  const sketched = { sketch, reading, written: writeProfile, next: nextCommands(command, input, sketch, writeProfile) };
  return {
    document: sketchDocument(sketched),
    show: (page) => showSketch(page, sketched),
    exitCode:
      writeProfile === undefined ? exitCodes.usage : sketch.asks.length > 0 ? exitCodes.rowsRejected : exitCodes.done,
  };
}

/** How a file would be read by what was guessed; undefined where that does not suffice yet. */
async function readBySketch(
  context: Context,
  kind: ImportKind,
  input: ImportInput,
  { profile, asks, options, encoding, isEncodingGuessed }: Sketch,
): Promise<Explanation | undefined> {
  if (profile === undefined || asks.length > 0) return undefined;
  const map = options.includes("--map currency=") ? { map: ["currency="] } : {};
  try {
    return await explainFile(context, kind, {
      ...input,
      ...(isEncodingGuessed && encoding === "windows-1252" ? { encoding } : {}),
      reading: { written: profile, ...map },
    });
  } catch (error) {
    if (error instanceof AccrueError && error.code === "column_not_in_file") return undefined;
    throw error;
  }
}

function nextCommands(
  command: string,
  { input, encoding }: ImportInput,
  { options, asks }: Sketch,
  writeProfile: string | undefined,
): readonly string[] {
  const file = shellWord(input.path);
  const known = encoding === undefined ? [] : [`--encoding ${encoding}`];
  if (writeProfile === undefined) {
    const answers = asks.flatMap(({ option }) => (option === undefined ? [] : [option]));
    const path = `${profileNameFor(input.path)}.json`;
    return [[command, file, "--explain --write-profile", path, ...known, ...answers].join(" ")];
  }
  const profile = /[./\\]/.test(writeProfile) ? writeProfile : `./${writeProfile}`;
  return [[command, file, "--profile", shellWord(profile), ...known, ...options].join(" ")];
}
