import type { Command, OptionValues } from "@commander-js/extra-typings";
import { encodingChoices, parseEncoding } from "../csv/input/encodings.ts";
import { dateOrders } from "../csv/timestamp.ts";
import type { Context } from "../db/context.ts";
import type { ProfileChoice } from "../imports/choose-profiles.ts";
import { columnsText } from "../imports/columns.ts";
import { expandFiles, rejectsPlace } from "../imports/input-files.ts";
import type { ImportKind, KindColumn } from "../imports/kind.ts";
import { parseMaxRejects } from "../imports/max-rejects.ts";
import type { ImportReport } from "../imports/report.ts";
import { runImport } from "../imports/run-import.ts";
import { usageError } from "../shared/errors.ts";
import { errorDocument } from "../ui/error-text.ts";
import { defineCommand, type CommandDefinition, type Examples, type OptionsOf } from "./command.ts";
import type { Told } from "./explain-command.ts";
import { exitCodeOf, exitCodes } from "./exit-codes.ts";
import { choice, given, parsed, timeZone } from "./flags.ts";
import { importDocument, needsAttention, showReport } from "./import-view.ts";
import { addLogOption } from "./log-option.ts";
import type { Session } from "./session.ts";
import { repeated } from "./shared-options.ts";

/** Declares what every import takes. */
const addImportOptions = (command: Command) =>
  addLogOption(
    command
      .argument(
        "<file...>",
        "CSV files, as they are or in .gz or .zip; patterns such as 'in/*.csv'; - is standard input",
      )
      .option("--encoding <name>", `${encodingChoices}; found from the bytes when not given`, parseEncoding)
      .option(
        "--rejects <path>",
        "where rejected rows go: a file or a directory (default: <file>.rejects.csv beside the file)",
      )
      .option(
        "--max-rejects <limit>",
        "refuse a whole file when more than N rows, or N% of them, are rejected",
        parseMaxRejects,
      )
      .option("--dry-run", "the same path and figures, with nothing kept")
      .option("--force", "read a file again that was imported before")
      .option("--explain", "show how the file would be read and what its import would come to, and keep nothing")
      .addOption(
        parsed(
          "--write-profile <path>",
          "explain, and write how the file is read, or what is guessed of an unknown one, as a profile",
          (path) => path,
        ).implies({ explain: true }),
      )
      .option(
        "--profile <profile>",
        "how the file is written: auto, a profile's name, or a JSON file of your own (default: auto)",
      )
      .option("--map <column=header>", "read a column from another header than the profile says; repeatable", repeated)
      .addOption(choice("--date-order <order>", "how dates are read that do not begin with the year", dateOrders))
      .addOption(timeZone("--zone <zone>", "where times without an offset are read (default: as the profile says)")),
  );

type ImportOptions = OptionsOf<typeof addImportOptions>;

/**
 * What differs between the commands that import files: `order import`, `account import`, `payout result` and so on.
 */
export interface ImportCommand<Options extends OptionValues> {
  readonly examples: Examples;
  readonly columns: readonly KindColumn[];
  /** What else the help says of columns. */
  readonly note?: string;
  /** Declares options of this kind alone. */
  readonly configure?: (command: ReturnType<typeof addImportOptions>) => Command<[string[]], Options>;
  /** What the files are read as. */
  readonly kind: (options: Options, session: Session) => ImportKind;
  /** What the options of this kind say of reading. */
  readonly reading?: (options: Options) => ProfileChoice;
  readonly offers?: CommandDefinition<never, never>["offers"];
}

/** The verb `import` of any noun: files one after the other, each its own transaction with its own report. */
export function defineImportCommand<Options extends OptionValues = ImportOptions>(
  its: ImportCommand<Options>,
): CommandDefinition<[string[]], Options> {
  return defineCommand({
    examples: its.examples,
    ...(its.offers === undefined ? {} : { offers: its.offers }),
    configure: (command) => {
      const declared = addImportOptions(command).addHelpText(
        "after",
        `\nColumns (a Chinese name is as good, optional ones in brackets):\n  ${columnsText(its.columns)}${its.note === undefined ? "" : `\n${its.note}`}\n`,
      );
      return its.configure?.(declared) ?? (declared as unknown as Command<[string[]], Options>);
    },
    run: async (session, [names], options) => {
      const { force, explain, writeProfile, rejects, profile, map, dateOrder, zone, encoding, maxRejects } =
        options as ImportOptions;
      const special = its.reading?.(options) ?? {};
      const settings = {
        force: force === true,
        reading: {
          ...given({ profile, map, dateOrder }),
          ...special,
          override: { ...given({ zone }), ...special.override },
        },
        ...given({ encoding, maxRejects }),
      };
      const files = await expandFiles(names);
      if (writeProfile !== undefined && files.length > 1) throw oneFileOnly(files.length);
      const place = await rejectsPlace(rejects, files);
      const kind = its.kind(options, session);
      // Every example is of the command itself.
      const words = its.examples[0]![0].split(" ", 3).join(" ");
      const context = await session.open();
      return tellEach(session, context, files, async (path) => {
        const input = { input: { path }, ...settings };
        return explain === true
          ? (await import("./explain-command.ts")).explain(context, kind, { input, writeProfile, command: words })
          : reportTold(await runImport(context, kind, { ...input, ...place }));
      });
    },
  });
}

const oneFileOnly = (files: number) =>
  usageError("write_profile_several", `--write-profile is of one file, and there are ${files}`, {
    hint: "name one file: its profile reads the others, if they are written alike",
  });

const reportTold = (report: ImportReport): Told => ({
  document: importDocument(report),
  show: (page) => showReport(page, report),
  exitCode: needsAttention(report) ? exitCodes.rowsRejected : exitCodes.done,
});

/**
 * Imports or explains files one after the other. What is wrong with one of several stops none of the others: a night's
 * files may not wait for the one that nobody can read. Only a signal, or a connection that is lost, stops all of them.
 *
 * @returns the worst exit code; a file that was not imported at all outweighs rejected rows
 */
async function tellEach(
  session: Session,
  { db, signal }: Context,
  files: readonly string[],
  oneFile: (path: string) => Promise<Told>,
): Promise<number> {
  const { ui } = session;
  const documents: unknown[] = [];
  let worst: number = exitCodes.done;
  const weigh = (code: number) => void (worst = severities.indexOf(code) > severities.indexOf(worst) ? code : worst);
  try {
    for (const path of files) {
      const client = db.sql;
      try {
        const { document, show, exitCode } = await oneFile(path);
        documents.push(document);
        if (!ui.json) await ui.show(undefined, show);
        weigh(exitCode);
      } catch (error) {
        // The client is another one after a connection was lost.
        if (files.length === 1 || signal.aborted || db.sql !== client) throw error;
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

/** Exit codes of files, the worst last. */
const { done, rowsRejected, usage, refused, busy, schema, unreachable, bug } = exitCodes;
const severities: readonly number[] = [done, rowsRejected, usage, refused, busy, schema, unreachable, bug];
