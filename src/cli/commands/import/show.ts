import { relative } from "node:path";
import { Option } from "@commander-js/extra-typings";
import { stayingRows } from "../../../domain/corrections/undo-subject.ts";
import { commonestFirst } from "../../../csv/report.ts";
import { importRejects, revealRejects, showImport, type ImportStory } from "../../../imports/show.ts";
import type { KeptReject } from "../../../imports/query-sql.ts";
import { formatBytes } from "../../../shared/bytes.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { usageError } from "../../../shared/errors.ts";
import type { Page } from "../../../ui/page.ts";
import { defineCommand } from "../../command.ts";
import { addFieldsOption, chosenOf, tableOf, tellThing } from "../../fields.ts";
import { countFacts, countText, fileText, noteLines, saidText } from "../../import-view.ts";
import { tellAll } from "../../list.ts";
import type { Session } from "../../session.ts";
import { readImportId } from "./list.ts";
import { importStory, keptReject, stayingRow } from "./view.ts";

export const command = defineCommand({
  examples: [
    ["accrue import show 5", "what was imported, by whom, and where its rejects are"],
    ["accrue import show 5 --rejects", "which rows were rejected, and why"],
    ["accrue import show 5 --if-undone --csv > stays.csv", "which rows `accrue import undo` would leave, and why"],
    ["accrue import show 5 --csv --reveal > mend.csv", "the rejected rows themselves, to be mended and imported"],
  ],
  configure: (command) =>
    addFieldsOption(
      command
        .argument("<import-id>", "the import, as `accrue import list` shows it", readImportId)
        .option("--rejects", "list the rejected rows; the first 1,000 of each import are kept")
        .addOption(
          new Option("--if-undone", "list what would stay if it were undone, and why").conflicts(["rejects", "reveal"]),
        )
        .option("--csv", "print the rejected rows as a rejects file, which takes --reveal; or what would stay")
        .option("--reveal", "names and phone numbers may be seen; this is recorded"),
      importStory,
      keptReject,
      stayingRow,
    ),
  run: async (session, [importId], options) => {
    if (options.ifUndone === true) {
      const context = await session.open();
      const rows = await stayingRows(context, importId);
      return tellAll(session, stayingRow, "all that it brought would be taken back", rows, context.zone);
    }
    if (options.csv === true && options.reveal !== true) {
      throw usageError("reveal_needed", "rejected rows may hold names and phone numbers in full", {
        hint: "give --reveal too; it is recorded",
      });
    }
    const context = await session.openToRead(options);
    const story = await showImport(context, importId);
    if (options.csv === true) {
      const { text: file, rows } = await revealRejects(context, importId);
      await session.ui.data(file);
      return noteNotKept(session, story, rows);
    }
    if (options.rejects === true) {
      const rejects = await importRejects(context, importId);
      if (!session.ui.json)
        return void (await session.ui.page((page) => rejectsPage(page, story, rejects, chosenOf(session, keptReject))));
      await tellAll(session, keptReject, "", rejects, context.zone);
      return noteNotKept(session, story, rejects.length);
    }
    return tellThing(session, importStory, story, context.zone, (page) => importPage(page, story, context.zone));
  },
});

const notKeptText = ({ rejected }: ImportStory, rows: number): string | undefined =>
  rows < rejected ? `${countText(rejected - rows)} more are not kept here` : undefined;

/** What is printed for a program looks complete: that it is not has to be said beside it. */
function noteNotKept({ ui }: Session, story: ImportStory, rows: number): void {
  const notKept = notKeptText(story, rows);
  if (notKept !== undefined) ui.note(`${notKept}; all of them: ${rejectsFileText(story) ?? "in no file"}`);
}

function importPage(page: Page, story: ImportStory, zone: string): void {
  page
    .heading(`import ${story.importId}: ${story.kind} of ${story.file}`)
    .facts([
      ["imported by", `${story.operator} on ${story.host}`],
      ["started", formatInstant(story.startedAt, zone)],
      ["finished", formatInstant(story.finishedAt, zone)],
      ["undone", story.undoneBy === null ? undefined : `by proposal ${story.undoneBy}`],
      ...countFacts(story, story.notes),
      ["profile", story.profile],
      ["read with", saidText(story.notes)],
      ["member", story.notes.member],
      ["file", `${formatBytes(Number(story.byteSize))}, ${fileText(story, story.notes)}`],
      ["rejects file", rejectsFileText(story)],
    ]);
  for (const line of noteLines(story.notes)) page.line(line);
  for (const [code, rows] of Object.entries(story.reasons).sort(commonestFirst))
    page.line(`  ${countText(rows)} x ${code}`);
}

const stateTexts: Readonly<Record<NonNullable<ImportStory["rejectsFileState"]>, string>> = {
  unchanged: "as it was written",
  changed: "changed since",
  gone: "not there any more",
  elsewhere: "on another machine",
};

function rejectsFileText({ rejectsFile, rejectsFileState }: ImportStory): string | undefined {
  if (rejectsFile === null || rejectsFileState === undefined) return undefined;
  const fromHere = relative(process.cwd(), rejectsFile);
  return `${fromHere.startsWith("..") ? rejectsFile : fromHere} (${stateTexts[rejectsFileState]})`;
}

function rejectsPage(
  page: Page,
  story: ImportStory,
  rejects: readonly KeptReject[],
  names: readonly string[] | undefined,
): void {
  if (story.rejected === 0) return void page.line("nothing was rejected");
  tableOf(page, keptReject, rejects, "", { names, more: notKeptText(story, rejects.length) });
  const file = rejectsFileText(story);
  if (file !== undefined) page.line(`all of them: ${file}`);
}
