import { showCell } from "../csv/problem.ts";
import type { Explanation } from "../imports/explain.ts";
import type { Ground } from "../imports/guessing/guess.ts";
import type { Sketch } from "../imports/guessing/sketch.ts";
import { errorDocument } from "../ui/error-text.ts";
import type { Page } from "../ui/page.ts";
import { explanationDocument, showForecast, showReading } from "./explain-view.ts";
import { countText, delimiterName } from "./import-view.ts";

/** What an unknown file is, and how it would be read by what is guessed of it. */
export interface Sketched {
  readonly sketch: Sketch;
  /** Undefined where something has to be filled in or given first. */
  readonly reading: Explanation | undefined;
  readonly written: string | undefined;
  /** The commands to go on with. */
  readonly next: readonly string[];
}

/** The JSON form of what is seen in an unknown file. */
export const sketchDocument = ({ sketch, reading, written, next }: Sketched) => ({
  file: sketch.file,
  fits: false,
  ...errorDocument(sketch.problem),
  nearest: sketch.nearest ?? null,
  encoding: sketch.encoding,
  encoding_guessed: sketch.isEncodingGuessed,
  delimiter: sketch.delimiter,
  header_line: sketch.headerLine,
  first_lines: sketch.firstLines,
  columns: sketch.columns.map(({ number, header, samples, key, ground }) => ({
    number,
    header,
    samples,
    guess: key ?? null,
    by: ground ?? null,
  })),
  looked_at: sketch.lookedAt,
  whole_file: sketch.isWhole,
  profile: sketch.profile ?? null,
  to_fill_in: sketch.asks.map(({ at, what, option }) => ({ at, what, option: option ?? null })),
  notes: sketch.notes,
  options: sketch.options,
  reading: reading === undefined ? null : explanationDocument(reading),
  written: written ?? null,
  next,
});

const grounds: Readonly<Record<Ground, string>> = {
  said: "as you say",
  name: "by its name",
  cells: "by its cells",
  "name and cells": "by name and cells",
  known: "known in the database",
};

/** Shows what is seen in an unknown file, what is guessed of it, and how to go on. */
export function showSketch(page: Page, { sketch, reading, written, next }: Sketched): void {
  const { problem, nearest, isEncodingGuessed, firstLines, columns, asks, notes } = sketch;
  page.heading(`${sketch.file}: no profile fits; what is seen in it, and a guess`);
  page.facts([
    ["why", problem.code === "csv_missing_column" ? "no profile knows what such a header names" : problem.message],
    ["nearest", nearest],
    ["encoding", isEncodingGuessed ? `${sketch.encoding}, by its looks: --encoding has to say it` : sketch.encoding],
    ["separated by", delimiterName(sketch.delimiter)],
    [columns.length === 0 ? "first row" : "header", `line ${sketch.headerLine}`],
  ]);
  if (firstLines.length > 0) showLines(page, sketch);
  if (columns.length > 0) {
    const looked = `${countText(sketch.lookedAt)} ${sketch.lookedAt === 1 ? "row" : "rows"}`;
    page.heading(`columns, by ${sketch.isWhole ? `all ${looked}` : `the first ${looked}`}`);
    page.table(
      [
        { heading: "no.", align: "right" },
        { heading: "column" },
        { heading: "guess", key: true },
        { heading: "why" },
        { heading: "cells", rank: 2 },
      ],
      columns.map(({ number, header, samples, key, ground }) => [
        String(number),
        header,
        key ?? "",
        ground === undefined ? "" : grounds[ground],
        samples.map(showCell).join(", "),
      ]),
    );
  }
  if (asks.length > 0) page.heading('to fill in, where the profile says "?"');
  for (const { at, what, option } of asks)
    page.line(`  ${at}: ${what}${option === undefined ? "" : ` (or give ${option})`}`);
  if (notes.length > 0) page.heading("to look at");
  for (const note of notes) page.line(`  ${note}`);
  if (reading !== undefined) {
    page.heading("how it would be read by that");
    showReading(page, reading);
    showForecast(page, reading);
  }
  if (written !== undefined)
    page.line(`wrote ${written}: a guess, to be read before it is used${asks.length > 0 ? ", and filled in" : ""}`);
  for (const line of next) page.line(`next: ${line}`);
}

const maxColumnsShown = 12;

/** The first lines as a table, without those columns that are too far right. */
function showLines(page: Page, { firstLines }: Sketched["sketch"]): void {
  const lines: string[][] = firstLines.map(({ cells }) => cells.slice(0, maxColumnsShown));
  const [first, ...others] = lines;
  page.heading("its first lines");
  page.table(
    first!.map((heading) => ({ heading })),
    others,
  );
}
