import type { Context } from "../db/context.ts";
import { parseMaxRejects } from "../imports/max-rejects.ts";
import type { ImportReport } from "../imports/report.ts";
import type { ImportInput } from "../imports/run-import.ts";
import { encodingChoices, parseEncoding } from "../csv/input/encodings.ts";
import { usageError } from "../shared/errors.ts";
import { defineCommand, type CommandDefinition } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import { importDocument, needsAttention, showReport } from "./import-view.ts";

export interface ImportOptions {
  readonly rejects?: string;
  readonly maxRejects?: string;
  readonly encoding?: string;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

/** What differs between `member import`, `merchant import`, `product import` and `order import`. */
export interface ImportCommand<Options> {
  readonly examples: CommandDefinition<Options>["examples"];
  readonly columnsText: string;
  readonly run: (context: Context, input: ImportInput, options: Options) => Promise<ImportReport>;
  readonly configure?: CommandDefinition<Options>["configure"];
}

/** The verb `import` of any noun: files one after the other, each its own transaction with its own report. */
export function defineImportCommand<Options extends ImportOptions>(kind: ImportCommand<Options>): CommandDefinition<Options> {
  return defineCommand<Options>({
    examples: kind.examples,
    configure: (command) => {
      command
        .argument("<file...>", "CSV files, as they are or in .gz or .zip; - is standard input")
        .option("--encoding <name>", `${encodingChoices}; found from the bytes when not given`)
        .option("--rejects <path>", "where rejected rows go (default: <file>.rejects.csv beside the file)")
        .option("--max-rejects <limit>", "refuse a whole file when more than N rows, or N% of them, are rejected")
        .option("--dry-run", "the same path and figures, with nothing kept")
        .option("--force", "read a file again that was taken in before")
        .addHelpText("after", `\nColumns (a Chinese name is as good, optional ones in brackets):\n  ${kind.columnsText}\n`);
      kind.configure?.(command);
    },
    run: async (session, files, options) => {
      if (files.length > 1 && options.rejects !== undefined) {
        throw usageError("rejects_path_ambiguous", "--rejects names one file, and there are several files to import", {
          hint: "import them one by one, or leave --rejects out: each gets its own file",
        });
      }
      const maxRejects = options.maxRejects === undefined ? undefined : parseMaxRejects(options.maxRejects);
      const encoding = options.encoding === undefined ? {} : { encoding: parseEncoding(options.encoding) };
      const context = await session.open();
      const reports: ImportReport[] = [];
      for (const path of files) {
        const input: ImportInput = {
          input: { path },
          dryRun: options.dryRun === true,
          force: options.force === true,
          ...encoding,
          ...(options.rejects === undefined ? {} : { rejectsPath: options.rejects }),
          ...(maxRejects === undefined ? {} : { maxRejects }),
        };
        reports.push(await kind.run(context, input, options));
      }
      const documents = reports.map(importDocument);
      await session.ui.show(documents.length === 1 ? documents[0] : documents, (page) => {
        for (const report of reports) showReport(page, report);
      });
      return reports.some(needsAttention) ? exitCodes.rowsRejected : exitCodes.done;
    },
  });
}
