import type { CsvInput } from "../csv/input/raw-file.ts";
import { openCsv, type CsvOptions, type CsvSource } from "../csv/reader.ts";
import { profilesFor, requireNeeded, type ProfileChoice, type ProfiledKind } from "./choose-profiles.ts";
import type { Profile } from "./profile.ts";

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
 * @throws AccrueError (usage) where no profile fits, or what is needed is not in the file
 */
export async function openByProfile<Key extends string>(
  kind: ProfiledKind<Key>,
  input: CsvInput,
  choice: ProfileChoice = {},
  options: CsvOptions = {},
): Promise<OpenFile<Key>> {
  const profiles = await profilesFor(kind, choice);
  const source = await openCsv(input, profiles, options);
  try {
    const profile = profiles.find((one) => one === source.layout.format)!;
    requireNeeded(kind, profile, source);
    return { source, profile, reason: reasonOf(source, profile.name, choice.profile ?? "auto", profiles.length) };
  } catch (error) {
    await source.close();
    throw error;
  }
}

function reasonOf({ header, layout: { headerLine, knownNames } }: CsvSource, name: string, asked: string, profiles: number): string {
  const fit = `${knownNames} of the ${header.length} names in line ${headerLine} are its own`;
  if (asked !== "auto") return `read as ${name}, as asked for: ${fit}`;
  return `read as ${name}: ${fit}${profiles === 1 ? "" : ", more than of any other profile"}`;
}
