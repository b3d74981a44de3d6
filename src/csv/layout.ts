import { usageError, type AccrueError } from "../shared/errors.ts";
import {
  headerJudge,
  headerNames,
  matchHeader,
  namesOf,
  normalizeName,
  type HeaderFit,
  type HeaderMatch,
} from "./header.ts";
import type { RowProblem } from "./problem.ts";
import { delimiters, type Delimiter } from "./quoted-record.ts";
import { isRejectsHeader, originalCells } from "./reject-columns.ts";
import type { TableFormat } from "./table-format.ts";
import { Tokenizer } from "./tokenizer.ts";

/** How a file turned out to be laid out. */
export interface Layout<Key extends string = string> {
  readonly format: TableFormat<Key>;
  readonly delimiter: Delimiter;
  /** Header cells as they stand in the file; after those of its first header, columns that only later ones have. */
  readonly header: string[];
  readonly match: HeaderMatch<Key>;
  /** Physical line of the header, from 1. */
  readonly headerLine: number;
  /** How many of the header's cells are names of the format. */
  readonly knownNames: number;
}

/** A part of a file: its rows are read by the header above them. */
export interface Section<Key extends string = string> {
  /** Header cells as they stand in the file. */
  readonly header: readonly string[];
  readonly match: HeaderMatch<Key>;
}

/** A row that could be the header, and how well it does. */
interface Candidate<Key extends string> extends HeaderFit {
  readonly format: TableFormat<Key>;
  readonly delimiter: Delimiter;
  readonly cells: string[];
  readonly line: number;
  readonly problem: RowProblem | undefined;
}

/** A header is never longer; a quote left open in a preamble holds back no more than this. */
const maxHeaderBytes = 32 * 1024;

/**
 * Looks for the header in the first part of a file: each line, split in each of the ways that files are, is held
 * against each format. The first line that fits is the header, since below it there are rows; of the ways to read that
 * line the one with the most names. Where none fits, the line with the most names is what a refusal is about.
 *
 * @param head the text from the start of the file on
 * @param isWhole whether that is all there is, so that its last line is complete
 * @returns the best row, undefined where there is no row at all; and the formats that a row fits, and would have to be
 * asked for
 */
function bestCandidate<Key extends string>(
  head: string,
  isWhole: boolean,
  formats: readonly TableFormat<Key>[],
): { readonly best: Candidate<Key> | undefined; readonly asked: readonly string[] } {
  const judges = formats.map((format) => ({ format, judge: headerJudge(format, formats) }));
  const known = namesOf(formats);
  const nameless = new Set<boolean>();
  let best: Candidate<Key> | undefined;
  const asked = new Set<string>();
  for (const delimiter of delimiters) {
    const tokenizer = new Tokenizer(delimiter, 0, maxHeaderBytes, (written, line, _length, problem) => {
      const cells = isRejectsHeader(written) ? originalCells(written) : written;
      // Of rows without any known name the first does for all, of those that cannot be split as well.
      if (!cells.some((cell) => known.has(normalizeName(cell)))) {
        if (nameless.has(problem === undefined)) return;
        nameless.add(problem === undefined);
      }
      const names = headerNames(cells);
      for (const { format, judge } of judges) {
        const candidate = { format, delimiter, cells, line, problem, ...judge(names, cells.length) };
        if (formats.length > 1 && isAnyPlatforms(candidate)) {
          if (candidate.missing === 0) asked.add(format.name);
          continue;
        }
        if (best === undefined || isBetter(candidate, best)) best = candidate;
      }
    });
    tokenizer.feed(head);
    if (isWhole) tokenizer.end();
  }
  return { best, asked: [...asked] };
}

/** A platform's file is recognized by names that no other has: a header that has hardly any of them may be anybody's. */
const leastOwnNames = 2;
const isAnyPlatforms = ({ format, missing, own, known }: Candidate<string>): boolean =>
  format.name !== "native" && own < leastOwnNames && (missing === 0 || known < leastOwnNames);

const isFit = ({ missing, problem }: Candidate<string>): boolean => missing === 0 && problem === undefined;

function isBetter(one: Candidate<string>, other: Candidate<string>): boolean {
  if (isFit(one) !== isFit(other)) return isFit(one);
  if (isFit(one) && one.line !== other.line) return one.line < other.line;
  return one.known > other.known;
}

/**
 * Finds header, delimiter and format of a file.
 *
 * @param name the input, for messages
 * @returns undefined where a longer head might show a header yet
 * @throws AccrueError (usage) `csv_empty`, `csv_malformed_header`, `csv_missing_column`, `csv_duplicate_column`
 */
export function findLayout<Key extends string>(
  name: string,
  head: string,
  isWhole: boolean,
  formats: readonly TableFormat<Key>[],
): Layout<Key> | undefined {
  const { best, asked } = bestCandidate(head, isWhole, formats);
  if (!isWhole && (best === undefined || !isFit(best))) return undefined;
  if (best === undefined) throw emptyFile(name);
  const { format, delimiter, cells, line, known, problem } = best;
  if (problem !== undefined) throw malformedHeader(name, line, problem.message);
  const where = line === 1 || known === 0 ? name : `${name}, line ${line}`;
  const match = matchHeader(
    cells,
    format.columns,
    format.name === "native" ? where : `${where}, read as ${format.name}`,
    known > 0,
    asked,
  );
  return { format, delimiter, header: cells, match, headerLine: line, knownNames: known };
}

/** Index of the first character of a physical line. */
export function startOfLine(text: string, line: number): number {
  const lineEnd = /\r\n|\r|\n/g;
  for (let at = 1; at < line; at += 1) lineEnd.exec(text);
  return lineEnd.lastIndex;
}

function emptyFile(name: string): AccrueError {
  return usageError("csv_empty", `${name} is empty: it has not even a header line`, {
    hint: "a line above the rows must name the columns; a file without data has that line only",
    details: { file: name },
  });
}

function malformedHeader(name: string, line: number, reason: string): AccrueError {
  return usageError("csv_malformed_header", `${name}, line ${line}: the header cannot be read: ${reason}`, {
    hint: "a line above the rows must name the columns, separated by commas, tabs or semicolons",
    details: { file: name, line },
  });
}
