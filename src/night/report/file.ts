import { replaceFile } from "../../files/replace-file.ts";
import { usageError } from "../../shared/errors.ts";
import { writeProblem } from "../../shared/write-problem.ts";
import { nightCsv } from "./csv.ts";
import { nightHtml } from "./html.ts";
import type { NightReport } from "./night.ts";

const formats: Readonly<Record<string, (report: NightReport) => string>> = { ".html": nightHtml, ".csv": nightCsv };

/**
 * The writer of a report by the extension of the file's name.
 *
 * @throws a usage error `report_format_unknown`
 */
export function requireReportFormat(path: string): (report: NightReport) => string {
  const format = Object.entries(formats).find(([ending]) => path.toLowerCase().endsWith(ending));
  if (format !== undefined) return format[1];
  throw usageError("report_format_unknown", `${path}: the name does not say what to write`, {
    hint: "end it in .html or .csv",
  });
}

/**
 * Writes a night's report in the format of the file's extension. It contains names of merchants, but none of members.
 *
 * @throws usage errors `report_format_unknown`, `report_unwritable`
 */
export async function writeNightReport(path: string, report: NightReport): Promise<void> {
  const format = requireReportFormat(path);
  try {
    await replaceFile(path, format(report), 0o644);
  } catch (error) {
    throw usageError("report_unwritable", `cannot write ${path}: ${writeProblem(error)}`, {
      hint: "name a file in a directory that can be written to",
      cause: error,
    });
  }
}
