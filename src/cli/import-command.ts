import type { Context } from "../db/context.ts";
import { parseMaxRejects } from "../imports/max-rejects.ts";
import type { ImportReport } from "../imports/report.ts";
import type { ImportInput } from "../imports/run-import.ts";
import type { Page } from "../ui/page.ts";
import { encodingChoices, parseEncoding } from "../csv/input/encodings.ts";
import { usageError } from "../shared/errors.ts";
import { defineCommand, type CommandDefinition } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";

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
      return reports.some(({ rejected }) => rejected > 0) ? exitCodes.rowsRejected : exitCodes.done;
    },
  });
}

function importDocument(report: ImportReport): Record<string, unknown> {
  return {
    import_id: report.importId ?? null,
    kind: report.kind,
    file: report.file,
    ...(report.member === undefined ? {} : { member: report.member }),
    sha256: report.sha256,
    encoding: report.encoding,
    profile: report.profile,
    read: report.read,
    inserted: report.inserted,
    updated: report.updated,
    duplicate: report.duplicate,
    rejected: report.rejected,
    other_rows: Object.fromEntries(report.otherRows),
    reasons: Object.fromEntries(report.reasons),
    rejects_file: report.rejectsFile ?? null,
    seconds: report.seconds,
    dry_run: report.dryRun,
    earlier_import_id: report.earlier?.importId ?? null,
  };
}

function showReport(page: Page, report: ImportReport): void {
  if (report.earlier !== undefined) {
    const { importId, operator, rejected } = report.earlier;
    page.line(`${report.file}: nothing to do, import ${importId} of ${operator} took in the same file before`);
    if (rejected > 0) page.line(`  it rejected ${rejected} rows; if their causes are mended, read it again with --force`);
    return;
  }
  const count = (rows: number) => rows.toLocaleString("en-US");
  const rate = report.seconds > 0 ? `, ${count(Math.round(report.read / report.seconds))} rows/s` : "";
  page.heading(report.dryRun ? `${report.file}: dry run, nothing kept` : `${report.file}: import ${report.importId}`);
  page.facts([
    ["read", count(report.read)],
    ["inserted", count(report.inserted)],
    ["updated", count(report.updated)],
    ["duplicate", count(report.duplicate)],
    ["rejected", count(report.rejected)],
    ["member", report.member],
    ["file", `${report.encoding}, sha256 ${report.sha256.slice(0, 16)}…`],
    ["took", `${report.seconds} s${rate}`],
    ["rejects file", report.rejectsFile],
  ]);
  for (const [word, rows] of report.otherRows) page.line(`  ${count(rows)} rows of ${word} are none of this kind`);
  for (const [code, rows] of report.reasons) page.line(`  ${count(rows)} x ${code}`);
  for (const { line, column, message } of report.examples) {
    page.line(`  line ${line}${column === undefined ? "" : `, ${column}`}: ${message}`);
  }
}
