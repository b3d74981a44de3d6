import { readFile } from "node:fs/promises";
import { normalizeName } from "../csv/header.ts";
import { openProblem } from "../csv/input/errors.ts";
import type { CsvInput } from "../csv/input/raw-file.ts";
import { openCsv, type CsvOptions, type CsvSource } from "../csv/reader.ts";
import type { ColumnSpec } from "../csv/table-format.ts";
import type { DateOrder } from "../csv/timestamp.ts";
import { usageError, type AccrueError } from "../shared/errors.ts";
import type { ImportKind } from "./kind.ts";
import type { ColumnText, Profile, ProfileText } from "./profile.ts";
import { readProfile } from "./read-profile.ts";

/** What an operator says about how a file is to be read. */
export interface ProfileChoice {
  /** `auto`, the name of a built-in profile, or the path of a file with one. Auto when not given. */
  readonly profile?: string;
  /** In place of it, a profile as it is written down. */
  readonly written?: unknown;
  /** Columns by other headers than the profile's: `amount=应付金额`; nothing after the sign: the column is not read. */
  readonly map?: readonly string[];
  /** What every row says, by the key of the column. */
  readonly constants?: Readonly<Record<string, string>>;
  readonly dateOrder?: DateOrder;
  /** Fields of every profile that the operator decides. */
  readonly override?: Partial<ProfileText>;
}

/** What finding the profile of a file has to know of its kind. */
export type ProfiledKind<Key extends string> = Pick<ImportKind<Key>, "kind" | "columns" | "profiles" | "needs">;

/**
 * The profiles that a file may be read by: all of the kind's, or the one that is named, each as the operator's own
 * words change it.
 *
 * @throws AccrueError (usage) `profile_unknown`, `profile_unreadable`, `profile_invalid`, `map_invalid`
 */
export async function profilesFor<Key extends string>(
  kind: ProfiledKind<Key>,
  choice: ProfileChoice,
): Promise<readonly Profile<Key>[]> {
  const texts = await textsOf(kind, choice);
  // What is no profile at all cannot be changed as one; what it leaves to fill in, the operator may say.
  for (const { text, origin } of texts) if (!isProfileLike(text)) readProfile(text, kind, origin);
  const said = new Set((choice.map ?? []).map((entry) => readMapping(entry, kind).key));
  return texts.map(({ text, origin }) =>
    withSaid(readProfile(changed(text as ProfileText, kind, choice), kind, origin), said),
  );
}

/**
 * A profile in its own form, as the operator's own words change it.
 *
 * @param rename gives it what else it is to say
 * @throws AccrueError (usage) as `profilesFor`
 */
export async function effectiveProfile<Key extends string>(
  kind: ProfiledKind<Key>,
  choice: ProfileChoice,
  rename: (text: ProfileText) => ProfileText,
): Promise<ProfileText> {
  const [only] = await textsOf(kind, choice);
  return rename(changed(only!.text as ProfileText, kind, choice));
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isProfileLike = (text: unknown): boolean => isObject(text) && isObject((text as Partial<ProfileText>).columns);

/** The profile, with a note on the columns of which the operator says where they are. */
function withSaid<Key extends string>(profile: Profile<Key>, said: ReadonlySet<Key>): Profile<Key> {
  const columns: ColumnSpec<Key>[] = [];
  for (const column of profile.columns) columns.push(said.has(column.key) ? { ...column, isSaid: true } : column);
  return { ...profile, columns };
}

interface Origin {
  readonly text: unknown;
  readonly origin: string;
}

async function textsOf<Key extends string>(
  { kind, profiles }: ProfiledKind<Key>,
  { profile: name = "auto", written }: ProfileChoice,
): Promise<readonly Origin[]> {
  if (written !== undefined) return [{ text: written, origin: "the profile" }];
  const builtIn = profiles.map((text) => ({ text, origin: `profile ${text.profile}` }));
  if (name === "auto") return builtIn;
  const named = builtIn.filter(({ text }) => text.profile === name);
  if (named.length > 0) return named;
  if (/[./\\]/.test(name)) return [{ text: await readJson(name), origin: name }];
  throw unknownProfile({ kind, profiles }, name);
}

/** Nobody wrote a profile of that name. */
export const unknownProfile = ({ kind, profiles }: Pick<ImportKind, "kind" | "profiles">, name: string): AccrueError =>
  usageError("profile_unknown", `there is no profile "${name}" for files of ${kind}`, {
    hint: `known: ${profiles.map(({ profile }) => profile).join(", ")}; a file of your own is named by its path: ./${name}.json`,
    details: { profile: name },
  });

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    const reason =
      cause instanceof SyntaxError
        ? `it is not JSON: ${cause.message}`
        : `it cannot be read: ${openProblem(cause) ?? String(cause)}`;
    throw usageError("profile_unreadable", `${path}: ${reason}`, {
      hint: "a profile is a JSON file; `accrue order profiles taobao` prints one to start from",
      details: { file: path },
      cause,
    });
  }
}

function changed<Key extends string>(text: ProfileText, kind: ProfiledKind<Key>, choice: ProfileChoice): ProfileText {
  const columns: Record<string, ProfileText["columns"][string]> = { ...text.columns };
  for (const entry of choice.map ?? []) {
    const { key, header } = readMapping(entry, kind);
    if (header === "") delete columns[key];
    else columns[key] = { ...rulesOfCells(columns[key]), names: [header], required: true };
  }
  for (const [key, constant] of Object.entries(choice.constants ?? {})) columns[key] = { constant };
  return {
    ...text,
    ...choice.override,
    ...(choice.dateOrder === undefined ? {} : { date_order: choice.dateOrder }),
    columns,
  };
}

/** What a profile says of the cells of a column, wherever in the file they stand. */
function rulesOfCells(column: ProfileText["columns"][string] | undefined): ColumnText {
  if (column === undefined || typeof column === "string" || Array.isArray(column)) return {};
  const where = new Set(["names", "constant", "otherwise", "synonyms", "followed_by", "less"]);
  return Object.fromEntries(Object.entries(column).filter(([field]) => !where.has(field)));
}

function readMapping<Key extends string>(
  entry: string,
  { columns }: ProfiledKind<Key>,
): { readonly key: Key; readonly header: string } {
  const at = entry.indexOf("=");
  const name = normalizeName(entry.slice(0, Math.max(at, 0)));
  const column = columns.find(({ key, names }) => [key, ...names].some((one) => normalizeName(one) === name));
  if (at === -1 || column === undefined) {
    throw usageError(
      "map_invalid",
      at === -1 ? `--map ${entry}: there is no = in it` : `--map ${entry}: "${entry.slice(0, at)}" is no column`,
      {
        hint: `write COLUMN=HEADER of the file; columns: ${columns.map(({ key }) => key).join(", ")}`,
        details: { map: entry },
      },
    );
  }
  return { key: column.key, header: entry.slice(at + 1).trim() };
}

/**
 * Holds a file to what its kind needs: some platforms' files do not name the buyer, or the shop.
 *
 * @throws AccrueError `column_not_in_file` (usage), with the option that helps
 */
export function requireNeeded<Key extends string>(
  kind: ProfiledKind<Key>,
  profile: Profile<Key>,
  source: CsvSource<Key>,
): void {
  const isSaid = (key: Key): boolean =>
    profile.constants.has(key) ||
    [key, profile.rules.get(key)?.otherwise].some(
      (one) => one !== undefined && (source.match.columnIndex[one] ?? -1) >= 0,
    );
  const needed = kind.needs?.(profile);
  const lacking = kind.columns.find(
    ({ key, names, required, standIns }) =>
      (needed?.includes(key) ?? (required && names.length > 0)) && !isSaid(key) && !(standIns?.every(isSaid) ?? false),
  );
  if (lacking !== undefined) throw notInFile(lacking.key, profile, source);
}

function notInFile(key: string, { name: profile, memberBy }: Profile, source: CsvSource): AccrueError {
  const merchant = key === "merchant_code" ? "name the merchant of all rows with --merchant CODE, or " : "";
  const by =
    key === "member_no" && memberBy !== "number" ? " (and --member-by number where it holds member numbers)" : "";
  return usageError("column_not_in_file", `${source.name}, read as ${profile}: no column of it has ${key}`, {
    hint: `${merchant}say which column does: --map ${key}=HEADER${by}. Found: ${source.header.join(", ")}`,
    details: { file: source.name, profile, column: key, found: [...source.header] },
  });
}

/** A file that is open, and the profile that it is read by. */
export interface OpenFile<Key extends string> {
  readonly source: CsvSource<Key>;
  readonly profile: Profile<Key>;
  /** Why this profile, in a sentence. */
  readonly reason: string;
}

/**
 * Opens a file by the profile that fits it best, or the one that the operator names.
 *
 * @param explain gives what is thrown in place of why no profile fits
 * @throws AccrueError (usage) where no profile fits, or what is needed is not in the file
 */
export async function openByProfile<Key extends string>(
  kind: ProfiledKind<Key>,
  input: CsvInput,
  choice: ProfileChoice = {},
  options: CsvOptions = {},
  explain: (error: unknown, profiles: readonly Profile<Key>[]) => unknown = (error) => error,
): Promise<OpenFile<Key>> {
  const profiles = await profilesFor(kind, choice);
  const source = await openCsv(input, profiles, options).catch(async (error: unknown) => {
    throw await explain(error, profiles);
  });
  try {
    const profile = profiles.find((one) => one === source.layout.format)!;
    const reason = reasonOf(source, profile.name, choice.profile ?? "auto", profiles.length);
    if (profile.refused !== undefined) throw fileNotOfKind(kind, source, reason, profile.refused);
    requireNeeded(kind, profile, source);
    return { source, profile, reason };
  } catch (error) {
    await source.close();
    throw error;
  }
}

function fileNotOfKind(
  { kind }: Pick<ImportKind, "kind">,
  { name: file, layout }: CsvSource,
  reason: string,
  hint: string,
): AccrueError {
  return usageError("file_not_of_kind", `${file} is no file of ${kind}: ${reason}`, {
    hint,
    details: { file, kind, profile: layout.format.name },
  });
}

function reasonOf(
  { header, layout: { headerLine, knownNames } }: CsvSource,
  name: string,
  asked: string,
  profiles: number,
): string {
  const fit = `${knownNames} of the ${header.length} names in line ${headerLine} are its own`;
  if (asked !== "auto") return `read as ${name}, as asked for: ${fit}`;
  return `read as ${name}: ${fit}${profiles === 1 ? "" : ", more than of any other profile"}`;
}
