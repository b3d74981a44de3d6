import type { Context } from "../db/context.ts";
import { reading } from "../db/database.ts";
import type { BusinessDate } from "../shared/business-date.ts";
import { usageError } from "../shared/errors.ts";
import { kindOfFolder, type InboxFolder } from "../shared/file-kinds.ts";
import { importedSince } from "./files-sql.ts";
import { inboxFolders, type InboxFile } from "./inbox.ts";

/** A file that has to arrive before a date is closed, such as `orders/pos-{date}*.csv`. */
export interface ExpectedFile {
  readonly pattern: string;
  readonly folder: InboxFolder;
  /** Whether a file of that name is the one for a date. */
  readonly isOf: (name: string, date: BusinessDate) => boolean;
}

/**
 * Reads the pattern of files that have to arrive for every date: a folder of the inbox and a file's name, in which
 * `{date}` stands for the date (`2026-01-31` or `20260131`), `*` for any characters and `?` for one.
 *
 * @param origin the option or setting with the pattern
 * @throws a usage error `invalid_expected_file`
 */
export function parseExpectedFile(pattern: string, origin: string): ExpectedFile {
  const [, folderName, name = ""] = /^([^/]+)\/((?:[^/]+\/)?[^/]+)$/u.exec(pattern) ?? [];
  const folder = inboxFolders.find((one) => one === folderName);
  if (folder === undefined || !name.includes("{date}")) {
    const hint = `write a folder of the inbox (${inboxFolders.join(", ")}) and a name with {date}, like 'orders/pos-{date}*.csv'`;
    throw usageError(
      "invalid_expected_file",
      `${origin}: "${pattern}" does not say which file has to come for a date`,
      { hint },
    );
  }
  const isOf = (fileName: string, date: BusinessDate) =>
    [date, date.replaceAll("-", "")].some((written) => matches(fileName, name.replaceAll("{date}", written)));
  return { pattern, folder, isOf };
}

/** Whether a name matches a pattern with `*` for any characters and `?` for one. */
function matches(name: string, pattern: string): boolean {
  let [at, inPattern] = [0, 0];
  /** Where to retry: after the last `*`, with one more character for it. */
  let retry: { readonly at: number; readonly inPattern: number } | undefined;
  while (at < name.length) {
    if (pattern[inPattern] === "*") {
      inPattern += 1;
      retry = { at, inPattern };
    } else if (pattern[inPattern] === "?" || pattern[inPattern] === name[at]) {
      at += 1;
      inPattern += 1;
    } else if (retry === undefined) {
      return false;
    } else {
      retry = { at: retry.at + 1, inPattern: retry.inPattern };
      ({ at, inPattern } = retry);
    }
  }
  return /^\**$/.test(pattern.slice(inPattern));
}

/** As much of a path as a pattern says after the folder: the name, of a statement with its account before it. */
const nameIn = (pattern: string, path: string): string =>
  path
    .split("/")
    .slice(1 - pattern.split("/").length)
    .join("/");

/** An expected file that has not arrived for a date. */
export interface MissingFile {
  readonly businessDate: BusinessDate;
  readonly pattern: string;
  /** The matching file in the inbox that waits for the next run, and why. */
  readonly waits: string | undefined;
}

/**
 * The expected files that have not arrived for some dates: they are neither in the inbox, complete, nor were imported
 * since the first of those dates began, by a run or by hand.
 */
export async function missingFiles(
  { db, zone }: Context,
  expected: readonly ExpectedFile[],
  dates: readonly BusinessDate[],
  files: readonly InboxFile[],
): Promise<readonly MissingFile[]> {
  const [first] = dates;
  if (first === undefined || expected.length === 0) return [];
  const imported = await reading(() => importedSince(db.sql, first, zone));
  return dates.flatMap((businessDate) =>
    expected.flatMap(({ pattern, folder, isOf }): readonly MissingFile[] => {
      const lying = files.filter((file) => file.folder === folder && isOf(file.name, businessDate));
      const isThere =
        lying.some(({ waitsFor }) => waitsFor === undefined) ||
        imported.some(({ kind, file }) => kind === kindOfFolder[folder] && isOf(nameIn(pattern, file), businessDate));
      const [first] = lying;
      return isThere ? [] : [{ businessDate, pattern, waits: first && `${folder}/${first.name}: ${first.waitsFor}` }];
    }),
  );
}
