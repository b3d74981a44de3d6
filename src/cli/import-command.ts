import { encodingChoices, parseEncoding } from "../csv/input/encodings.ts";
import type { Context } from "../db/context.ts";
import type { ProfileChoice } from "../imports/choose-profiles.ts";
import type { Explanation } from "../imports/explain.ts";
import { expandFiles, rejectsPlace } from "../imports/input-files.ts";
import { parseMaxRejects } from "../imports/max-rejects.ts";
import type { ImportReport } from "../imports/report.ts";
import type { ImportInput } from "../imports/run-import.ts";
import { AccrueError } from "../shared/errors.ts";
import { errorDocument } from "../ui/error-text.ts";
import { defineCommand, type CommandDefinition } from "./command.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { explanationDocument, showExplanation } from "./explain-view.ts";
import { importDocument, needsAttention, showReport } from "./import-view.ts";
import { addLogOption } from "./log-option.ts";
import { addReadingOptions, readingChoice, type ReadingOptions } from "./reading-options.ts";
import type { Session } from "./session.ts";

export interface ImportOptions extends ReadingOptions {
  readonly rejects?: string;
  readonly maxRejects?: string;
  readonly encoding?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly explain?: boolean;
}

/** What differs between the commands that take in files: `order import`, `account import`, `payout result` and so on. */
export interface ImportCommand<Options> {
  readonly examples: CommandDefinition<Options>["examples"];
  readonly columnsText: string;
  readonly run: (context: Context, input: ImportInput, options: Options, session: Session) => Promise<ImportReport>;
  /** Explains how a file would be read. */
  readonly explain: (context: Context, input: ImportInput, options: Options, session: Session) => Promise<Explanation>;
  /** What the options of this kind say of reading. */
  readonly reading?: (options: Options) => ProfileChoice;
  readonly configure?: CommandDefinition<Options>["configure"];
}

/** The verb `import` of any noun: files one after the other, each its own transaction with its own report. */
export function defineImportCommand<Options extends ImportOptions>(kind: ImportCommand<Options>): CommandDefinition<Options> {
  return defineCommand<Options>({
    examples: kind.examples,
    configure: (command) => {
      command
        .argument("<file...>", "CSV files, as they are or in .gz or .zip; patterns such as 'in/*.csv'; - is standard input")
        .option("--encoding <name>", `${encodingChoices}; found from the bytes when not given`)
        .option("--rejects <path>", "where rejected rows go: a file or a directory (default: <file>.rejects.csv beside the file)")
        .option("--max-rejects <limit>", "refuse a whole file when more than N rows, or N% of them, are rejected")
        .option("--dry-run", "the same path and figures, with nothing kept")
        .option("--force", "read a file again that was taken in before")
        .option("--explain", "show how the file would be read, and write nothing")
        .addHelpText("after", `\nColumns (a Chinese name is as good, optional ones in brackets):\n  ${kind.columnsText}\n`);
      addReadingOptions(command);
      addLogOption(command);
      kind.configure?.(command);
    },
    run: async (session, names, options) => {
      const settings = {
        dryRun: options.dryRun === true,
        force: options.force === true,
        reading: { ...readingChoice(options), ...kind.reading?.(options) },
        ...(options.encoding === undefined ? {} : { encoding: parseEncoding(options.encoding) }),
        ...(options.maxRejects === undefined ? {} : { maxRejects: parseMaxRejects(options.maxRejects) }),
      };
      const files = await expandFiles(names);
      const place = await rejectsPlace(options.rejects, files);
      const context = await session.open();
      if (options.explain === true) return explainEach(session, files, (path) => kind.explain(context, { input: { path }, ...settings }, options, session));
      return importEach(session, files, (path) => kind.run(context, { input: { path }, ...settings, ...place }, options, session));
    },
  });
}

async function explainEach(session: Session, files: readonly string[], explainOne: (path: string) => Promise<Explanation>): Promise<number> {
  const found: Explanation[] = [];
  for (const path of files) found.push(await explainOne(path));
  const documents = found.map(explanationDocument);
  await session.ui.show(documents.length === 1 ? documents[0] : documents, (page) => {
    for (const one of found) showExplanation(page, one);
  });
  return exitCodes.done;
}

/**
 * Imports files one after the other. What is wrong with one of several stops none of the others: a night's files may not
 * wait for the one that nobody can read. What is wrong with the surroundings stops all of them.
 *
 * @returns the worst exit code; a file that was not taken in at all outweighs rejected rows
 */
async function importEach(session: Session, files: readonly string[], importOne: (path: string) => Promise<ImportReport>): Promise<number> {
  const { ui } = session;
  const documents: unknown[] = [];
  let worst: number = exitCodes.done;
  const isWorse = (code: number) => severities.indexOf(code) > severities.indexOf(worst);
  try {
    for (const path of files) {
      try {
        const report = await importOne(path);
        documents.push(importDocument(report));
        if (!ui.json) await ui.show(undefined, (page) => showReport(page, report));
        if (needsAttention(report) && isWorse(exitCodes.rowsRejected)) worst = exitCodes.rowsRejected;
      } catch (error) {
        if (files.length === 1 || !isOfOneFile(error)) throw error;
        ui.error(error);
        documents.push({ file: path, ...errorDocument(error) });
        if (isWorse(exitCodeOf(error))) worst = exitCodeOf(error);
      }
    }
  } finally {
    if (ui.json && documents.length > 0) await ui.show(files.length === 1 ? documents[0] : documents, () => {});
  }
  return worst;
}

const severities: readonly number[] = [exitCodes.done, exitCodes.rowsRejected, exitCodes.usage, exitCodes.refused];

const isOfOneFile = (error: unknown): boolean => error instanceof AccrueError && (error.kind === "usage" || error.kind === "refused");
