import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { usageError } from "../shared/errors.ts";
import { maskUrl } from "./mask-url.ts";

const keys = [
  "database_url",
  "read_url",
  "operator",
  "timeout",
  "inbox",
  "expect",
  "ping_url",
  "secret_key_file",
  "stripe_key_file",
  "stripe_api_base",
  "stripe_currency",
] as const;

/** What may stand in the settings file. */
export type SettingsFile = { readonly [key in (typeof keys)[number]]?: string };

/** The settings of a file, and a warning about the file itself, if any. */
export interface ReadSettingsFile {
  readonly entries: SettingsFile;
  readonly warning: string | undefined;
}

/**
 * Reads the settings file; one that is not there says nothing.
 *
 * Who can write to it can send the program to a database of their own, so such a file is refused, whatever it holds.
 * Who can read a password in it is warned of only: a file of root's that a service reads by its group is common
 * practice.
 *
 * @param uid the user at work; undefined where the system knows none
 * @throws a usage error: `settings_unreadable`, `settings_exposed`, and `settings_invalid` when it is not JSON or holds
 *   an unknown key: a typo must not pass in silence
 */
export function readSettingsFile(path: string, uid: number | undefined): ReadSettingsFile {
  const found = readWithMode(path);
  if (found === undefined) return { entries: {}, warning: undefined };
  const { text, mode, owner } = found;
  const isForeign = uid !== undefined && owner !== uid && owner !== 0;
  if ((mode & 0o022) !== 0 || isForeign) {
    throw usageError(
      "settings_exposed",
      `others can write to the settings file ${path} (mode ${octal(mode)}, owner ${owner})`,
      {
        hint: `look at what it says, then \`chmod 600 ${path}\`${isForeign ? ", and chown it to yourself or root" : ""}`,
        details: { path },
      },
    );
  }
  const entries = parse(text, path);
  return { entries, warning: (mode & 0o044) !== 0 && holdsSecret(entries) ? exposed(path, mode) : undefined };
}

const exposed = (path: string, mode: number): string =>
  `warning: others can read the settings file ${path} (mode ${octal(mode)}), and it holds what is secret; \`chmod 600\` it, and change what they may have read`;

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, "0");

/** A password in the database's URL; and a check's URL, which is as good as one. */
const holdsSecret = ({ database_url: url, ping_url: ping }: SettingsFile): boolean =>
  (url !== undefined && maskUrl(url) !== url) || ping !== undefined;

/** The text with the mode and owner of the very file that it was read from. */
function readWithMode(
  path: string,
): { readonly text: string; readonly mode: number; readonly owner: number } | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    const { mode, uid: owner } = fstatSync(file);
    return { text: readFileSync(file, "utf8"), mode, owner };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT" || (error as NodeJS.ErrnoException).code === "ENOTDIR")
      return undefined;
    throw usageError("settings_unreadable", `cannot read the settings file ${path}: ${(error as Error).message}`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function parse(text: string, path: string): SettingsFile {
  const entries = parseJson(text, path);
  const unknown = Object.keys(entries).find(
    (key) => !keys.some((known) => known === key) || typeof entries[key] !== "string",
  );
  if (unknown !== undefined) {
    throw usageError("settings_invalid", `the settings file ${path} has a wrong entry "${unknown}"`, {
      hint: `known, all texts: ${keys.join(", ")}`,
    });
  }
  return entries as SettingsFile;
}

function parseJson(text: string, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // falls through to the one message below
  }
  throw usageError("settings_invalid", `the settings file ${path} is not a JSON object`, {
    hint: 'write it like {"operator": "li.wei"}',
  });
}
