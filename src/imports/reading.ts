import { isDeepStrictEqual } from "node:util";
import type { TimeStyle } from "../csv/timestamp.ts";
import { refusedError } from "../shared/errors.ts";
import type { OpenFile, ProfileChoice } from "./choose-profiles.ts";
import type { ImportKind } from "./kind.ts";
import type { ColumnText, Reading, SaidOptions } from "./profile.ts";
import type { EarlierImport } from "./report.ts";

/** How an open file is read. */
export function readingOf<Key extends string>(
  kind: Pick<ImportKind<Key>, "options" | "columns" | "knownBy">,
  { source, profile }: OpenFile<Key>,
  platformZone: string,
): Reading {
  const { profile: _name, kind: _kind, about: _about, ...written } = profile.written;
  const zone = profile.zone ?? platformZone;
  const indexOf = (key: Key): number => source.match.columnIndex[key] ?? -1;
  const isRead = (key: Key) => profile.constants.has(key) || indexOf(key) >= 0;
  const readingOfColumn = (key: Key) =>
    profile.constants.get(key) ?? {
      ...rulesOf(written.columns[key]),
      header: source.header[indexOf(key)],
      column: indexOf(key) + 1,
    };
  const keys = kind.columns.filter(({ isKey }) => isKey === true).map(({ key }) => key);
  const { columns, hasTimes } = kind.knownBy?.(isRead) ?? { columns: keys, hasTimes: false };
  return {
    encoding: source.encoding,
    zone,
    options: kind.options ?? {},
    profile: written,
    known_by: {
      ...Object.fromEntries(columns.filter(isRead).map((key) => [key, readingOfColumn(key)])),
      ...(hasTimes ? { times: timesOf(zone, profile) } : {}),
    },
  };
}

/** How times are read. What an older version could not say is only there where it is said. */
const timesOf = (zone: string, { dateOrder, yearPivot, hasUnixTimes }: TimeStyle): readonly unknown[] => [
  zone,
  dateOrder,
  yearPivot ?? null,
  ...(hasUnixTimes === true ? ["unix"] : []),
];

function rulesOf(column: string | readonly string[] | ColumnText | undefined): ColumnText {
  if (typeof column !== "object" || Array.isArray(column)) return {};
  const { names: _names, required: _required, synonyms: _synonyms, ...rules } = column as ColumnText;
  return rules;
}

/** What the operator said of how the file is read, as reports show it. */
export function saidOptions(
  { options = {} }: Pick<ImportKind, "options">,
  { reading = {}, encoding }: { readonly reading?: ProfileChoice; readonly encoding?: string },
): SaidOptions {
  const { profile, map = [], constants = {}, dateOrder, override = {} } = reading;
  const others = Object.entries(override).filter(([field]) => field !== "merchant_by") as [string, string][];
  return {
    ...(profile === undefined || profile === "auto" ? {} : { profile }),
    ...(map.length === 0 ? {} : { map }),
    ...constants,
    ...(dateOrder === undefined ? {} : { date_order: dateOrder }),
    ...Object.fromEntries(others),
    ...(encoding === undefined ? {} : { encoding }),
    ...options,
  };
}

/**
 * Refuses to read a file in such a way that the rows that an import of it took would not be found again, and come in
 * once more under other names: as orders of another source, as requests of other numbers.
 *
 * @throws refused `rows_known_otherwise`
 */
export function refuseOtherRows(file: string, reading: Reading, earlier: EarlierImport): void {
  if (earlier.isKnownAlike || earlier.rejected === earlier.read) return;
  const { importId, operator } = earlier;
  const before = earlier.reading!.known_by;
  const changed = [...new Set([...Object.keys(before), ...Object.keys(reading.known_by)])].filter(
    (key) => !isDeepStrictEqual(before[key], reading.known_by[key]),
  );
  throw refusedError(
    "rows_known_otherwise",
    `${file}: import ${importId} of ${operator} took rows of this file, known by another ${changed.join(", ")}: they would come in twice`,
    {
      hint: `read it with the same ${changed.join(", ")} (\`accrue import show ${importId}\` says how it was read); if they really are other rows, give --force`,
      details: { file, earlier_import_id: importId, before, now: reading.known_by },
    },
  );
}
