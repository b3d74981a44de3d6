import type { Command, OptionValues } from "@commander-js/extra-typings";
import { encodingChoices, parseEncoding } from "../csv/input/encodings.ts";
import { dateOrders } from "../csv/timestamp.ts";
import type { Context } from "../db/context.ts";
import type { ProfileChoice } from "../imports/choose-profiles.ts";
import type { Explanation } from "../imports/explain.ts";
import { expandFiles, rejectsPlace } from "../imports/input-files.ts";
import { parseMaxRejects } from "../imports/max-rejects.ts";
import type { ImportReport } from "../imports/report.ts";
import type { ImportInput } from "../imports/run-import.ts";
import { AccrueError } from "../shared/errors.ts";
import { errorDocument } from "../ui/error-text.ts";
import type { Page } from "../ui/page.ts";
import { defineCommand, type CommandDefinition, type Examples, type OptionsOf } from "./command.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { choice, given } from "./flags.ts";
import { explanationDocument, showExplanation } from "./explain-view.ts";
import { importDocument, needsAttention, showReport } from "./import-view.ts";
import { addLogOption } from "./log-option.ts";
import type { Session } from "./session.ts";
import { repeated } from "./shared-options.ts";

/** Declares what every import takes. */
const addImportOptions = (command: Command) =>
  addLogOption(command
    .argument("<file...>", "CSV files, as they are or in .gz or .zip; patterns such as 'in/*.csv'; - is standard input")
    .option("--encoding <name>", `${encodingChoices}; found from the bytes when not given`, parseEncoding)
    .option("--rejects <path>", "where rejected rows go: a file or a directory (default: <file>.rejects.csv beside the file)")
    .option("--max-rejects <limit>", "refuse a whole file when more than N rows, or N% of them, are rejected", parseMaxRejects)
    .option("--dry-run", "the same path and figures, with nothing kept")
    .option("--force", "read a file again that was taken in before")
    .option("--explain", "show how the file would be read, and write nothing")
    .option("--profile <profile>", "how the file is written: auto, a profile's name, or a JSON file of your own (default: auto)")
    .option("--map <column=header>", "read a column from another header than the profile says; repeatable", repeated)
    .addOption(choice("--date-order <order>", "how dates are read that do not begin with the year", dateOrders)));

type ImportOptions = OptionsOf<typeof addImportOptions>;

/** What differs between the commands that take in files: `order import`, `account import`, `payout result` and so on. */
export interface ImportCommand<Options extends OptionValues> {
  readonly examples: Examples;
  readonly columnsText: string;
  /** Declares options of this kind alone. */
  readonly configure?: (command: ReturnType<typeof addImportOptions>) => Command<[string[]], Options>;
  readonly run: (context: Context, input: ImportInput, options: Options, session: Session) => Promise<ImportReport>;
  /** Explains how a file would be read. */
  readonly explain: (context: Context, input: ImportInput, options: Options, session: Session) => Promise<Explanation>;
  /** What the options of this kind say of reading. */
  readonly reading?: (options: Options) => ProfileChoice;
  readonly offers?: CommandDefinition<never, never>["offers"];
}

/** The verb `import` of any noun: files one after the other, each its own transaction with its own report. */
export function defineImportCommand<Options extends OptionValues = ImportOptions>(kind: ImportCommand<Options>): CommandDefinition<[string[]], Options> {
  return defineCommand({
    examples: kind.examples,
    ...(kind.offers === undefined ? {} : { offers: kind.offers }),
    configure: (command) => {
      const declared = addImportOptions(command)
        .addHelpText("after", `\nColumns (a Chinese name is as good, optional ones in brackets):\n  ${kind.columnsText}\n`);
      return kind.configure?.(declared) ?? (declared as unknown as Command<[string[]], Options>);
    },
    run: async (session, [names], options) => {
      const { force, explain, rejects, profile, map, dateOrder, encoding, maxRejects } = options as ImportOptions;
      const settings = {
        dryRun: session.isDry, force: force === true,
        reading: { ...given({ profile, map, dateOrder }), ...kind.reading?.(options) },
        ...given({ encoding, maxRejects }),
      };
      const files = await expandFiles(names);
      const place = await rejectsPlace(rejects, files);
      const context = await session.open();
      return tellEach(session, files, async (path) => {
        const input = { input: { path }, ...settings };
        return explain === true
          ? explanationTold(await kind.explain(context, input, options, session))
          : reportTold(await kind.run(context, { ...input, ...place }, options, session));
      });
    },
  });
}

/** What one file came to: for a program, for a person, and as an exit code. */
interface Told {
  readonly document: unknown;
  readonly show: (page: Page) => void;
  readonly exitCode: number;
}

const explanationTold = (found: Explanation): Told => ({
  document: explanationDocument(found), show: (page) => showExplanation(page, found), exitCode: exitCodes.done,
});

const reportTold = (report: ImportReport): Told => ({
  document: importDocument(report), show: (page) => showReport(page, report), exitCode: needsAttention(report) ? exitCodes.rowsRejected : exitCodes.done,
});

/**
 * Imports or explains files one after the other. What is wrong with one of several stops none of the others: a night's files
 * may not wait for the one that nobody can read. What is wrong with the surroundings stops all of them.
 *
 * @returns the worst exit code; a file that was not taken in at all outweighs rejected rows
 */
async function tellEach(session: Session, files: readonly string[], oneFile: (path: string) => Promise<Told>): Promise<number> {
  const { ui } = session;
  const documents: unknown[] = [];
  let worst: number = exitCodes.done;
  const weigh = (code: number) => void (worst = severities.indexOf(code) > severities.indexOf(worst) ? code : worst);
  try {
    for (const path of files) {
      try {
        const { document, show, exitCode } = await oneFile(path);
        documents.push(document);
        if (!ui.json) await ui.show(undefined, show);
        weigh(exitCode);
      } catch (error) {
        if (files.length === 1 || !isOfOneFile(error)) throw error;
        ui.error(error);
        documents.push({ file: path, ...errorDocument(error) });
        weigh(exitCodeOf(error));
      }
    }
  } finally {
    if (ui.json && documents.length > 0) await ui.show(files.length === 1 ? documents[0] : documents, () => {});
  }
  return worst;
}

const severities: readonly number[] = [exitCodes.done, exitCodes.rowsRejected, exitCodes.usage, exitCodes.refused];

const isOfOneFile = (error: unknown): boolean => error instanceof AccrueError && (error.kind === "usage" || error.kind === "refused");
